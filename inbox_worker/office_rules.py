"""What the other files of rules/ may say: deadlines, limits, prices, meters, penalties, days off, delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from inbox_worker.form_rules import Strict, Words


class Deadline(Strict):
    day: int
    rolling: Literal["none", "next working day", "previous working day"]
    clause: str


class Deadlines(Strict):
    deadlines: Mapping[str, Deadline]
    time_zone: str
    months_ahead: int
    recalculation_months: int


class Limits(Strict):
    """What a stranger's file may cost us; bytes and seconds."""

    attachments_total: int
    unpacked_total: int
    unpacked_ratio: int
    zip_members: int
    rows: int
    columns: int
    cells: int
    header_search_rows: int
    file_seconds: float
    read_memory: int
    rest_memory: int
    files_per_reader: int
    findings_listed: int
    answer_seconds: float
    answer_unpacked: int
    answer_findings: int
    answer_letter: int
    answers_per_sender_a_day: int
    answers_to_strangers_a_day: int

    @property
    def reading_seconds(self) -> float:
        """What opening, reading and marking may take together: the rest is kept for the list of findings."""
        return self.file_seconds - self.answer_seconds

    @model_validator(mode="after")
    def _list_fits(self) -> Self:
        if self.answer_seconds >= self.file_seconds:
            raise ValueError("answer_seconds is a part of file_seconds: it must be the smaller of the two")
        return self


class Price(Strict):
    """The operator's fee in percent of a payment, from a date (5.1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    start: date
    kind: str
    service: str
    percent: Decimal
    clause: str


class Vat(Strict):
    start: date
    percent: Decimal


class Estimation(Strict):
    """What a meter without a reading is charged by: the average of so many months, else a norm by residents."""

    average: bool
    months: int = Field(ge=1, le=36)
    norms: Mapping[str, Decimal]


class PenaltyAlgorithm(Strict):
    """Whose rate, the day of the next month after which a charge is overdue, and the days of a year."""

    rate: Literal["notice", "base"]
    due_day: int = Field(ge=1, le=28)
    year_days: int = Field(ge=360, le=366)


class BaseRate(Strict):
    start: date
    percent: Decimal


class Penalties(Strict):
    """How penalties are counted where a notice is in force (4.1.6)."""

    use: str
    algorithms: Mapping[str, PenaltyAlgorithm]
    base_rates: tuple[BaseRate, ...]

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.use not in self.algorithms:
            raise ValueError(f"use: {self.use!r} is none of {', '.join(self.algorithms)}")
        if self.algorithm.rate == "base" and not self.base_rates:
            raise ValueError(
                f"use: {self.use!r} asks for base rates, and base_rates is empty; write the rates in force"
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

    todo: Words
    after: Words | None = None
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
    why: str


class Due(Strict):
    """The day by which documents must be with their readers: of the document's month, or of the next."""

    day: int
    month: Literal["same", "next"]
    clause: str


class KindDelivery(Strict):
    """How documents of a kind leave: after review or not, to whom, by when."""

    review: bool = True
    to: Literal["customer", "consumers", "nobody"] = "customer"
    due: Due | None = None


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


class Delivery(Strict):
    """How approved documents reach Customers and consumers (4.1.2, 4.1.8, 10.12)."""

    kinds: Mapping[str, KindDelivery]
    ways: Mapping[str, tuple[Way, ...]]
    letter_bytes: int
    bill_password: Literal["none"] | Annotated[tuple[PasswordPart, ...], Field(min_length=1)] = "none"

    def kind(self, name: str) -> KindDelivery:
        """A kind the rules do not name goes to the Customer, after review."""
        return self.kinds.get(name, KindDelivery())

    def ways_to(self, bin: str) -> tuple[Way, ...]:
        """How a Customer gets documents."""
        return self.ways.get(bin, self.ways["default"])
