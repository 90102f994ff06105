"""What is different in a bill since last month, in plain words for the consumer: new tariffs, another quantity,
recalculations with their reason, days without service, lines that came or went (4.1.4, 4.1.5, 4.1.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inbox_worker.documents.view import clean, month_kk, month_ru, show_date, show_quantity, show_sum, show_tariff
from inbox_worker.form_rules import Service
from inbox_worker.model import Period


@dataclass(frozen=True)
class Words:
    """One sentence in both languages."""

    ru: str
    kk: str


@dataclass(frozen=True)
class Recalculation:
    """Recalculations of a line with one reason: `first` and `last` are the past months they are for."""

    service: str
    by_tariff: bool
    first: date
    last: date
    amount: Decimal
    basis: str


@dataclass(frozen=True)
class LostDays:
    """Days without a service told in this month; the sum taken off stands in the line's `undelivered`."""

    service: str
    days: int
    first: date
    last: date
    reason: str


def tariff_changed(service: Service, before: Decimal, now: Decimal) -> Words:
    was, is_now = show_tariff(before), show_tariff(now)
    return Words(
        f"{service.ru}: тариф изменился с {was} на {is_now} тенге.",
        f"{service.kk}: тариф өзгерді, бұрын {was} теңге болса, енді {is_now} теңге.",
    )


def quantity_changed(service: Service, unit: tuple[str, str], before: Decimal, now: Decimal) -> Words:
    was, is_now = show_quantity(before), show_quantity(now)
    return Words(
        f"{service.ru}: количество изменилось с {was} на {is_now} {unit[0]}",
        f"{service.kk}: саны өзгерді, бұрын {was}, енді {is_now} {unit[1]}",
    )


def recalculated(service: Service, found: Recalculation) -> Words:
    first, last = Period.of(found.first), Period.of(found.last)
    ru = month_ru(first) if first == last else f"{month_ru(first)} – {month_ru(last)}"
    kk = month_kk(first) if first == last else f"{month_kk(first)} – {month_kk(last)}"
    amount = f"{'+' if found.amount > 0 else ''}{show_sum(found.amount)}"
    if found.by_tariff:
        return Words(
            f"{service.ru}: перерасчёт по новому тарифу за {ru}: {amount} тенге.",
            f"{service.kk}: {kk} үшін жаңа тариф бойынша қайта есептеу: {amount} теңге.",
        )
    why = clean(found.basis)
    return Words(
        f"{service.ru}: перерасчёт за {ru}: {amount} тенге." + (f" Основание: {why}" if why else ""),
        f"{service.kk}: {kk} үшін қайта есептеу: {amount} теңге." + (f" Негіздеме: {why}" if why else ""),
    )


def undelivered(service: Service, found: LostDays, amount: Decimal) -> Words:
    when, why = f"{show_date(found.first)}–{show_date(found.last)}", clean(found.reason)
    reason = f", {why}" if why else ""
    return Words(
        f"{service.ru}: без услуги {found.days} дн. ({when}{reason}), начисление уменьшено на {show_sum(-amount)} "
        "тенге.",
        f"{service.kk}: {found.days} күн қызмет көрсетілмеді ({when}{reason}), есептеу {show_sum(-amount)} "
        "теңгеге азайтылды.",
    )


def came(service: Service) -> Words:
    return Words(f"{service.ru}: новая строка в счёте.", f"{service.kk}: шоттағы жаңа жол.")


def went(services: Sequence[Service]) -> Words:
    return Words(
        f"Больше не начисляется: {', '.join(service.ru for service in services)}.",
        f"Бұдан былай есептелмейді: {', '.join(service.kk for service in services)}.",
    )


def penalised(service: Service, amount: Decimal) -> Words:
    return Words(
        f"{service.ru}: начислена пеня за просрочку, {show_sum(amount)} тенге.",
        f"{service.kk}: мерзімі өткені үшін өсімпұл есептелді, {show_sum(amount)} теңге.",
    )


def moved(service: Service, amount: Decimal) -> Words:
    return Words(
        f"{service.ru}: перенесено между строками {show_sum(amount)} тенге.",
        f"{service.kk}: жолдар арасында {show_sum(amount)} теңге ауыстырылды.",
    )
