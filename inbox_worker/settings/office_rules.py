"""What the other files of rules/ may say: deadlines, limits, prices, meters, penalties, days off, delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from inbox_worker.core.identifiers import valid_bin
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.shapes import Misplaced, Strict, one_of

DEADLINES = ("forms",)  # the deadlines that the program asks for
DOCUMENT_KINDS = (
    "act", "turnover", "distribution", "debtors", "bill_rows", "bills", "payments", "directory", "close_protocol",
)  # fmt: skip


def _in_every_month(day: int) -> int:
    if not 1 <= day <= 28:
        raise ValueError(f"{day} is not in every month; write a day from 1 to 28")
    return day


_Text = Annotated[str, Field(min_length=1)]
_Day = Annotated[int, AfterValidator(_in_every_month)]
_Months = Annotated[int, Field(ge=0, le=1200)]
_Size = Annotated[int, Field(ge=1)]
_Count = Annotated[int, Field(ge=0)]
_Seconds = Annotated[float, Field(gt=0)]
_Percent = Annotated[Decimal, Field(ge=0, le=100)]


def _customer_or_default(name: str) -> str:
    if name != "default" and not valid_bin(name):
        raise ValueError(f"{name!r} is neither `default` nor a БИН: 12 digits, of which the last proves the others")
    return name


class Deadline(Strict):
    day: _Day
    rolling: Literal["none", "next working day", "previous working day"]
    clause: _Text


class Deadlines(Strict):
    deadlines: Mapping[Annotated[str, one_of(DEADLINES, "deadline")], Deadline]
    time_zone: Literal["Asia/Almaty"]
    months_ahead: _Months
    recalculation_months: _Months

    @field_validator("deadlines")
    @classmethod
    def _all_there(cls, deadlines: Mapping[str, Deadline]) -> Mapping[str, Deadline]:
        missing = [name for name in DEADLINES if name not in deadlines]
        if missing:
            raise ValueError(f"{missing[0]} is missing; write it")
        return deadlines


class Limits(Strict):
    """What a stranger's file may cost us; bytes and seconds."""

    attachments_total: _Size
    unpacked_total: _Size
    unpacked_ratio: _Size
    zip_members: _Size
    rows: _Size
    columns: _Size
    cells: _Size
    header_search_rows: _Size
    file_seconds: _Seconds
    read_memory: _Size
    rest_memory: _Size
    files_per_reader: _Size
    findings_listed: _Size
    document_pixels: _Count = 100
    answer_seconds: Annotated[float, Field(ge=0)]
    answer_unpacked: _Count
    answer_findings: _Count
    answer_letter: _Count
    answers_per_sender_a_day: _Count
    answers_to_strangers_a_day: _Count

    @property
    def reading_seconds(self) -> float:
        """What opening, reading and marking may take together: the rest is kept for the list of findings."""
        return self.file_seconds - self.answer_seconds

    @model_validator(mode="after")
    def _list_fits(self) -> Self:
        if self.answer_seconds >= self.file_seconds:
            raise Misplaced(("answer_seconds",), "is a part of file_seconds: it must be the smaller of the two")
        return self


class Price(Strict):
    """The operator's fee in percent of a payment, from a date (5.1)."""

    start: date = Field(alias="from")
    kind: _Text
    service: _Text
    percent: _Percent
    clause: _Text


class Vat(Strict):
    start: date = Field(alias="from")
    percent: _Percent


class PricesFile(Strict):
    """prices.yaml."""

    prices: Annotated[tuple[Price, ...], Field(min_length=1)]
    vat: Annotated[tuple[Vat, ...], Field(min_length=1)]


class Estimation(Strict):
    """What a meter without a reading is charged by: the average of so many months, else a norm by residents."""

    average: bool
    months: int = Field(ge=1, le=36)
    norms: Mapping[str, Annotated[Decimal, Field(ge=0)]]


class MetersFile(Strict):
    """meters.yaml."""

    estimation: Estimation


class PenaltyAlgorithm(Strict):
    """Whose rate, the day of the next month after which a charge is overdue, and the days of a year."""

    rate: Literal["notice", "base"]
    due_day: int = Field(ge=1, le=28)
    year_days: int = Field(ge=360, le=366)


class BaseRate(Strict):
    start: date = Field(alias="from")
    percent: Annotated[Decimal, Field(ge=0)]


class Penalties(Strict):
    """How penalties are counted where a notice is in force (4.1.6)."""

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
        """The base rate of a day; zero before the table begins."""
        known = [rate for rate in self.base_rates if rate.start <= day]
        return max(known, key=lambda rate: rate.start).percent if known else Decimal(0)


class TaskTerm(Strict):
    """By when a person looks at something: so many days after it came."""

    clause: str
    days: int = Field(ge=0, le=366)
    count: Literal["working", "calendar"]


class TaskRule(TaskTerm):
    """A kind of task. `of`: other terms by a value of the form's row; `after`: what a confirmation leaves to do."""

    todo: Bilingual
    after: Bilingual | None = None
    of: Mapping[str, TaskTerm] = {}


class TaskRules(Strict):
    """The kinds of tasks (rules/tasks.yaml)."""

    requisites: TaskRule
    representative: TaskRule
    act_response: TaskRule
    request: TaskRule
    letter: TaskRule
    confirmation: TaskRule

    def kind(self, form: str) -> str:
        """The kind of task that a form makes: its own, or the confirmation of any other."""
        return form if form in TaskRules.model_fields else "confirmation"

    def rule(self, kind: str) -> TaskRule:
        """Raises KeyError for a kind that is not there."""
        if kind not in TaskRules.model_fields:
            raise KeyError(kind)
        rule: TaskRule = getattr(self, kind)
        return rule


class Override(Strict):
    date: date
    day: Literal["off", "working"]
    why: _Text


class CalendarFile(Strict):
    """calendar.yaml."""

    overrides: tuple[Override, ...]


class Due(Strict):
    """The day by which documents must be with their readers: of the document's month, or of the next."""

    day: _Day
    month: Literal["same", "next"]
    clause: _Text


class KindDelivery(Strict):
    """How documents of a kind leave: after review or not, to whom, by when."""

    review: bool = True
    to: Literal["customer", "consumers", "nobody"] = "customer"
    due: Due | None = None


def _every_kind(kinds: Mapping[str, KindDelivery]) -> Mapping[str, KindDelivery]:
    missing = [name for name in DOCUMENT_KINDS if name not in kinds]
    if missing:
        raise ValueError(f"{missing[0]} is missing; write how these documents leave")
    for name, kind in kinds.items():
        if kind.to == "consumers" and name != "bills":
            raise Misplaced((name, "to"), "only bills go to consumers; choose customer or nobody")
    return kinds


class Outliers(Strict):
    """Which houses a draft points out: how far their charge a unit may move, and how many are shown."""

    own_percent: Decimal = Field(gt=0)
    others_percent: Decimal = Field(gt=0)
    least_houses: int = Field(ge=2)
    least_lines: int = Field(ge=1)
    least_sum: Decimal = Field(ge=0)
    listed: int = Field(ge=1)


Way = Literal["mail", "folder"]
PasswordPart = Literal["account", "account_last_4", "account_last_6", "flat"]


class DeliveryRule(Strict):
    """How approved documents reach Customers and consumers (4.1.2, 4.1.8, 10.12)."""

    kinds: Annotated[
        Mapping[Annotated[str, one_of(DOCUMENT_KINDS, "kind of document")], KindDelivery], AfterValidator(_every_kind)
    ]
    ways: Mapping[Annotated[str, AfterValidator(_customer_or_default)], Annotated[tuple[Way, ...], Field(min_length=1)]]
    letter_bytes: _Size
    bill_password: Literal["none"] | Annotated[tuple[PasswordPart, ...], Field(min_length=1)] = "none"

    @field_validator("bill_password", mode="before")
    @classmethod
    def _of_known_parts(cls, value: object) -> object:
        known = get_args(PasswordPart)
        parts = value if isinstance(value, list | tuple) else [value]
        wrong = [part for part in parts if part not in known]
        if value != "none" and (wrong or parts is not value or not parts):
            said = f"{wrong[0]!r} is not known; " if wrong else ""
            raise ValueError(f"{said}write none, or a list such as [account, flat] of {', '.join(known)}")
        return value

    @field_validator("ways")
    @classmethod
    def _has_default(cls, ways: Mapping[str, tuple[Way, ...]]) -> Mapping[str, tuple[Way, ...]]:
        if "default" not in ways:
            raise ValueError("default is missing; write how documents go, [mail] or [folder] or both")
        return ways

    def kind(self, name: str) -> KindDelivery:
        """A kind the rules do not name goes to the Customer, after review."""
        return self.kinds.get(name, KindDelivery())

    def ways_to(self, bin: str) -> tuple[Way, ...]:
        """How a Customer gets documents."""
        return self.ways.get(bin, self.ways["default"])
