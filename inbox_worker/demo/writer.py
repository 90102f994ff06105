"""Common parts of letter writers: moments of the reception month, two languages, forms of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from inbox_worker.core.model import Period
from inbox_worker.demo.customers import Member
from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.sheets import Filled, Style, Value, workbook
from inbox_worker.demo.town import LinePlace, Town
from inbox_worker.settings.rules import Rules

ALMATY = ZoneInfo("Asia/Almaty")
Rows = Sequence[Mapping[str, Value]]

HABITS = (
    Style(),
    Style(sheet="Sheet1", numbered=True, signed="yes"),
    Style(sheet="Данные", starred=True, text_numbers=True, text_dates=True),
    Style(sheet="Деректер", kazakh=True, signed="yes"),
    Style(shuffled=True),
    Style(sheet="Форма", counted=True, text_dates=True, signed="yes"),
    Style(numbered=True, text_numbers=True),
    Style(sheet="Бет1", kazakh=True, starred=True, text_numbers=True),
    Style(sheet="Sheet1", bare_accounts=True),
    Style(coded=False, signed="yes"),
)


@dataclass(frozen=True)
class TownWriter:
    """A letter writer's means: the town, the rules, the dice, the month of the forms."""

    town: Town
    rules: Rules
    rng: Random

    @property
    def month(self) -> Period:
        return self.town.month

    @property
    def reception(self) -> Period:
        """The month in which forms for `month` are received (4.3.2)."""
        return self.town.month.plus(-1)

    def at(self, day: int, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
        """Return a moment of the reception month, Almaty time."""
        return datetime(self.reception.year, self.reception.month, day, hour, minute, second, tzinfo=ALMATY)

    def day(self, day: int) -> date:
        """Return a day of the reception month."""
        return date(self.reception.year, self.reception.month, day)

    def moment(self, first: int = 3, last: int = 20) -> datetime:
        """Return some working moment between two days of the reception month."""
        rng = self.rng
        return self.at(rng.randint(first, last), rng.randint(8, 18), rng.randint(0, 59), rng.randint(0, 59))

    def service(self, code: str) -> str:
        """Return the service as forms write it."""
        return self.rules.service(code).ru

    def form(
        self,
        member: Member,
        code: str,
        rows: Rows,
        style: Style,
        *,
        month: str | None = None,
        total: Mapping[str, Value] | None = None,
    ) -> bytes:
        """Return a customer's workbook; `month` = `Месяц учёта` (its own by default, '' = left empty)."""
        signed = replace(style, signed=member.record.head) if style.signed else style
        chosen = self.month.form_text if month is None else month
        filled = Filled(rows, member.bin, member.record.name, chosen, total or {})
        return workbook(self.rules.forms[code], filled, signed)

    def letter(
        self,
        member: Member,
        slug: str,
        code: str,
        at: datetime,
        files: tuple[File, ...],
        expect: str,
        note_ru: str,
    ) -> TownLetter:
        """Return a letter of a customer with a form of that code, from its first address to the form's mailbox."""
        rule = self.rules.forms[code]
        record = member.record
        kazakh = sum(slug.encode()) % 2 == 0
        title = rule.title.kk if kazakh else rule.title.ru
        text = (
            f"Здравствуйте!\nНаправляем форму «{rule.title.ru}», {record.name}, БИН {record.bin}.\n\n"
            f"Сәлеметсіз бе!\n«{rule.title.kk}» нысанын жолдаймыз, {record.name}, БСН {record.bin}.\n\n"
            f"С уважением / Құрметпен,\n{record.head}\n"
        )
        subject = f"{title} — {record.name}"
        sender = record.emails[0], record.head
        return TownLetter(slug, *sender, rule.mailbox, at, subject, text, expect, note_ru, files)


def tariff_rows(writer: TownWriter, member: Member, percent: int = 5, per_house: bool = True) -> list[dict[str, Value]]:
    """Return new tariffs of a customer's first service, a row a house (or one for all), that many percent up."""
    service = writer.town.services(member)[0]
    found: dict[str, LinePlace] = {}
    for place in writer.town.places(member, service):
        found.setdefault(place.house.code, place)
    rows: list[dict[str, Value]] = []
    for code, place in found.items():
        rows.append(
            {
                "service": writer.service(service),
                "house": code if per_house else None,
                "base": place.line.base,
                "tariff": (place.line.tariff * (100 + percent) / 100).quantize(Decimal("0.0001")),
                "from_month": writer.month.form_text,
                "basis": f"Протокол собрания № {len(code) + percent} от 15.07.{writer.reception.year}",
            }
        )
    return rows if per_house else rows[:1]


def recalculation_rows(
    writer: TownWriter, member: Member, count: int, months_back: int, *, plus: bool = False
) -> list[dict[str, Value]]:
    """Return recalculations of a customer's first service for some accounts, all minus, or the last one plus."""
    service = writer.town.services(member)[0]
    places = writer.town.places(member, service)
    chosen = writer.rng.sample(places, min(count, len(places)))
    last = chosen[-1] if plus else None
    return [
        {
            "account": place.account.number,
            "service": writer.service(service),
            "past_month": writer.month.plus(-months_back).form_text,
            "amount": Decimal(writer.rng.randint(20_000, 450_000)).scaleb(-2) * (1 if place is last else -1),
            "basis": f"Акт обследования от 12.07.{writer.reception.year}",
        }
        for place in chosen
    ]


def reading_rows(writer: TownWriter, places: Sequence[LinePlace], day: int = 20) -> list[dict[str, Value]]:
    """Return readings of every meter on these lines: the last counted value plus the month's consumption."""
    return [
        {
            "account": place.account.number,
            "service": writer.service(place.line.service),
            "meter": meter.number,
            "previous": meter.reading,
            "current": meter.reading + meter.used,
            "taken_on": writer.day(day),
        }
        for place in places
        for meter in place.line.meters
    ]


def sum_of(rows: Rows) -> dict[str, Value]:
    """Return the `Итого` row of recalculations."""
    amounts = [row["amount"] for row in rows]
    return {"amount": sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))}
