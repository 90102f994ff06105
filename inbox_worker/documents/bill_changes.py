"""Changes of a bill since last month, in plain words for the consumer: new tariffs, another quantity, recalculations
with their reason, days without service, lines that came or went (4.1.4, 4.1.5, 4.1.6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inbox_worker.core.model import Period
from inbox_worker.documents.view import clean, month_kk, month_ru, show_date, show_quantity, show_sum, show_tariff
from inbox_worker.settings.form_rules import Bilingual, Service
from inbox_worker.settings.texts import Texts


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
    """Days without a service reported in this month; the line's `undelivered` has the sum taken off."""

    service: str
    days: int
    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class BillChanges:
    """Words each change (rules/texts/documents.yaml, `change.`)."""

    texts: Texts

    def word_tariff(self, service: Service, before: Decimal, now: Decimal) -> Bilingual:
        return self._words("change.tariff", service, was=show_tariff(before), now=show_tariff(now))

    def word_steps(self, service: Service, steps: Sequence[tuple[Decimal, Decimal]], amount: Decimal) -> Bilingual:
        """Return the charge step by step (4.3.2.1)."""
        parts = " + ".join(f"{show_quantity(quantity)} × {show_tariff(tariff)}" for quantity, tariff in steps)
        return self._words("change.stepped", service, parts=parts, amount=show_sum(amount))

    def word_quantity(self, service: Service, unit: tuple[str, str], before: Decimal, now: Decimal) -> Bilingual:
        was, is_now = show_quantity(before), show_quantity(now)
        return self._words("change.quantity", service, was=was, now=is_now, unit=Bilingual(ru=unit[0], kk=unit[1]))

    def word_recalculation(self, service: Service, found: Recalculation) -> Bilingual:
        first, last, why = Period.of(found.first), Period.of(found.last), clean(found.basis)
        months = Bilingual(ru=_months(first, last, month_ru), kk=_months(first, last, month_kk))
        amount = f"{'+' if found.amount > 0 else ''}{show_sum(found.amount)}"
        if found.by_tariff:
            return self._words("change.recalculated_by_tariff", service, months=months, amount=amount)
        if why:
            return self._words("change.recalculated_why", service, months=months, amount=amount, why=why)
        return self._words("change.recalculated", service, months=months, amount=amount)

    def word_undelivered(self, service: Service, found: LostDays, amount: Decimal) -> Bilingual:
        when, why = f"{show_date(found.first)}–{show_date(found.last)}", clean(found.reason)
        when = f"{when}, {why}" if why else when
        return self._words("change.undelivered", service, days=str(found.days), when=when, amount=show_sum(-amount))

    def word_new_line(self, service: Service) -> Bilingual:
        return self._words("change.came", service)

    def word_gone(self, services: Sequence[Service]) -> Bilingual:
        ru, kk = (", ".join(names) for names in zip(*((one.ru, one.kk) for one in services), strict=True))
        texts = self.texts
        return Bilingual(ru=texts.say("ru", "change.went", services=ru), kk=texts.say("kk", "change.went", services=kk))

    def word_penalty(self, service: Service, amount: Decimal) -> Bilingual:
        return self._words("change.penalty", service, amount=show_sum(amount))

    def word_move(self, service: Service, amount: Decimal) -> Bilingual:
        return self._words("change.moved", service, amount=show_sum(amount))

    def _words(self, code: str, service: Service, **facts: str | Bilingual) -> Bilingual:
        """Return a text about a service; a fact may have words of its own in each language."""
        ru = {name: fact if isinstance(fact, str) else fact.ru for name, fact in facts.items()}
        kk = {name: fact if isinstance(fact, str) else fact.kk for name, fact in facts.items()}
        return Bilingual(
            ru=self.texts.say("ru", code, service=service.ru, **ru),
            kk=self.texts.say("kk", code, service=service.kk, **kk),
        )


def _months(first: Period, last: Period, name: Callable[[Period], str]) -> str:
    return name(first) if first == last else f"{name(first)} – {name(last)}"
