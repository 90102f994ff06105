"""The shapes of the other files of rules/: deadlines, limits, prices, meters, penalties, days off, delivery."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from inbox_worker.settings.shapes import Misplaced, Strict, must_be

EVERY_FORM = "forms"  # the deadline of each form that has none of its own
_EARLIER_KEY = "recalculation_months"


Text = Annotated[str, Field(min_length=1)]
Day = Annotated[int, must_be(range(1, 29).__contains__, "{} is not in every month; write a day from 1 to 28")]
_Months = Annotated[int, Field(ge=0, le=1200)]
Size = Annotated[int, Field(ge=1)]
_Count = Annotated[int, Field(ge=0)]
_Seconds = Annotated[float, Field(gt=0)]
_Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Deadline(Strict):
    day: Day
    rolling: Literal["none", "next working day", "previous working day"]
    clause: Text


class Deadlines(Strict):
    """`deadlines`: that of every form by the name `forms`, and those of single forms by the names of the forms."""

    deadlines: Mapping[str, Deadline]
    time_zone: Literal["Asia/Almaty"]
    months_ahead: _Months

    @model_validator(mode="before")
    @classmethod
    def _drop_earlier_key(cls, values: Any) -> Any:
        """Read a copy that an earlier version shipped: `recalculation_months` stood there and acted on nothing."""
        if not isinstance(values, dict) or (months := values.get(_EARLIER_KEY)) is None:
            return values
        if months != 36:
            text = "acts on nothing; write `months` of past_month_within in rules/forms/recalculations.yaml"
            raise Misplaced((_EARLIER_KEY,), text)
        return {name: value for name, value in values.items() if name != _EARLIER_KEY}

    @field_validator("deadlines")
    @classmethod
    def _all_there(cls, deadlines: Mapping[str, Deadline]) -> Mapping[str, Deadline]:
        if EVERY_FORM not in deadlines:
            there = ", ".join(map(str, deadlines)) or "nothing"
            raise ValueError(f"{EVERY_FORM} is missing, the term of every form; there is {there}")
        return deadlines

    def of(self, form: str) -> Deadline:
        """Return the deadline of a form: its own, or that of every form (4.3.2)."""
        return self.deadlines.get(form, self.deadlines[EVERY_FORM])


class Limits(Strict):
    """The limits on a stranger's file; bytes and seconds."""

    attachments_total: Size
    unpacked_total: Size
    unpacked_ratio: Size
    zip_members: Size
    rows: Size
    columns: Size
    cells: Size
    header_search_rows: Size
    file_seconds: _Seconds
    read_memory: Size
    rest_memory: Size
    files_per_reader: Size
    findings_listed: Size
    document_pixels: _Count = 100
    answer_seconds: Annotated[float, Field(ge=0)]
    answer_unpacked: _Count
    answer_findings: _Count
    answer_letter: _Count
    answers_per_sender_a_day: _Count
    answers_to_strangers_a_day: _Count

    @property
    def reading_seconds(self) -> float:
        """Seconds that opening, reading and marking may take together: the rest is kept for the list of findings."""
        return self.file_seconds - self.answer_seconds

    @model_validator(mode="after")
    def _list_fits(self) -> Self:
        if self.answer_seconds >= self.file_seconds:
            raise Misplaced(("answer_seconds",), "is a part of file_seconds: it must be the smaller of the two")
        return self


class OfService(Strict):
    """A rule that holds from a date for a kind of Customers and a service; `any` = every one."""

    start: date = Field(alias="from")
    kind: Text
    service: Text


ANY = "any"  # every kind of Customer, or every service
_Held = TypeVar("_Held", bound=OfService)


def find_latest(rows: Sequence[_Held], kind: str, service: str, day: date) -> _Held | None:
    """Return what holds on a day: the latest date counts, then the entry that names more; None where nothing does."""
    fitting = [r for r in rows if r.start <= day and r.kind in (kind, ANY) and r.service in (service, ANY)]
    return max(fitting, key=lambda r: (r.start, (r.kind != ANY) + (r.service != ANY)), default=None)


class Price(OfService):
    """The operator's fee in percent of a payment, from a date (5.1)."""

    percent: _Percent
    clause: Text


class Vat(Strict):
    start: date = Field(alias="from")
    percent: _Percent


class PricesFile(Strict):
    """prices.yaml."""

    prices: Annotated[tuple[Price, ...], Field(min_length=1)]
    vat: Annotated[tuple[Vat, ...], Field(min_length=1)]


class PurposeCode(OfService):
    """The КНП of orders, from a date (4.1.7)."""

    code: Annotated[
        str, must_be(re.compile("[0-9]{3}").fullmatch, "{!r} is no code of a purpose; write three digits in quotes")
    ]


_BankCode = Annotated[str, must_be(re.compile("[0-9]{3}").fullmatch, "{!r} is no code of a bank; write three digits")]


class Mt102(Strict):
    """A bank's МТ102. `head`: blocks 1 and 2 as it gives them; `payments`: at most so many a message."""

    head: Text = "{1:F01K05000000000000000000}{2:I102SCLEAR000000U3003}"
    encoding: Literal["cp866", "cp1251"] = "cp866"
    payments: int = Field(default=500, ge=1)


class OrdersFile(Strict):
    """orders.yaml."""

    knp: Annotated[tuple[PurposeCode, ...], Field(min_length=1)]
    pain_codes: Literal["regulatory", "purpose", "remittance"]
    letters: Mapping[Annotated[str, Field(min_length=1, max_length=1)], str]
    fee_knp: tuple[PurposeCode, ...] = ()
    bank_codes: Mapping[_BankCode, Text] = {}
    mt102: Mt102 = Mt102()
    came_back: tuple[Text, ...] = ()
    own_fee: tuple[Text, ...] = ()

    def find_bic(self, iban: str, beside: tuple[str, str]) -> str:
        """Return the БИК of an account by the code of its bank, '' where nothing tells it; `beside`: an account and
        its БИК that are known."""
        code = iban[4:7]
        return beside[1] if beside[0][4:7] == code else self.bank_codes.get(code, "")

    def fee_code(self, day: date) -> str:
        """Return the КНП of an order that passes the withheld fee on to the operator (4.2.5); '' where none is
        named."""
        held = find_latest(self.fee_knp, "any", "any", day)
        return held.code if held else ""


class Estimation(Strict):
    """The charge of a meter without a reading: the average of so many months, else a norm by residents."""

    average: bool
    months: int = Field(ge=1, le=36)
    norms: Mapping[str, Annotated[Decimal, Field(ge=0)]]


class MetersFile(Strict):
    """meters.yaml."""

    estimation: Estimation


class PenaltyAlgorithm(Strict):
    """The rate to use, the day of the next month after which a charge is overdue, and the days of a year."""

    rate: Literal["notice", "base"]
    due_day: int = Field(ge=1, le=28)
    year_days: int = Field(ge=360, le=366)


class BaseRate(Strict):
    start: date = Field(alias="from")
    percent: Annotated[Decimal, Field(ge=0)]


class Penalties(Strict):
    """Calculation of penalties where a notice is in force (4.1.6)."""

    use: str
    algorithms: Mapping[str, PenaltyAlgorithm]
    base_rates: tuple[BaseRate, ...]

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.use not in self.algorithms:
            raise Misplaced(("use",), f"{self.use!r} is none of {', '.join(self.algorithms)}")
        if self.algorithm.rate == "base" and not self.base_rates:
            raise Misplaced(
                ("use",), f"{self.use!r} asks for base rates, and base_rates is empty; write the rates in force"
            )
        return self

    @property
    def algorithm(self) -> PenaltyAlgorithm:
        return self.algorithms[self.use]

    def base_rate(self, day: date) -> Decimal:
        """Return the base rate of a day; zero before the table begins."""
        known = [rate for rate in self.base_rates if rate.start <= day]
        return max(known, key=lambda rate: rate.start).percent if known else Decimal(0)


class Override(Strict):
    date: date
    day: Literal["off", "working", "banking", "no banking"]
    why: Text


class CalendarFile(Strict):
    """calendar.yaml."""

    overrides: tuple[Override, ...]


class Outliers(Strict):
    """The houses that a draft points out: how far their charge a unit may move, and how many are shown."""

    own_percent: Decimal = Field(gt=0)
    others_percent: Decimal = Field(gt=0)
    least_houses: int = Field(ge=2)
    least_lines: int = Field(ge=1)
    least_sum: Decimal = Field(ge=0)
    listed: int = Field(ge=1)
