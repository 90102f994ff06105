"""rules/*.yaml -> `Rules`. Unknown and duplicate keys are refused; the version is the hash of all rule files.

An analyst changes these files without a programmer; a mistake is told with the file and the key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inbox_worker.config import shipped
from inbox_worker.model import Severity

M = TypeVar("M", bound=BaseModel)


class RulesError(Exception):
    """A rule file cannot be used; the text says which file and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """A text in both languages of the contract."""

    ru: str
    kk: str


class Service(_Strict):
    """A kind of line in a consumer's bill (2.1.7)."""

    code: str
    ru: str
    kk: str
    base: str
    utility: bool
    of: str | None = None
    names: tuple[str, ...] = ()


class Base(_Strict):
    """What a charge is counted by."""

    code: str
    kk: str
    names: tuple[str, ...] = ()


ColumnType = Literal[
    "account", "text", "code", "service", "services", "base", "money", "tariff", "quantity", "percent", "number",
    "integer", "date", "month", "first_day", "bin", "iin", "bic", "iban", "kbe", "emails", "yes_no", "choice",
]  # fmt: skip


class Column(_Strict):
    """One column of a form: its header in both languages, its type, whether it must be filled.

    `spellings`: a value -> other ways it is written (Kazakh, short); of a choice, or of a number said in words.
    `begins`: a month from which something counts; written as a day, it must be its 1st (4.3.2).
    """

    name: str
    ru: str
    kk: str
    type: ColumnType
    required: bool = False
    begins: bool = False
    example: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    open: bool = False
    spellings: Mapping[str, tuple[str, ...]] = {}


class Part(_Strict):
    """What a column's cells are where other columns say so: `Стало` is an area where `Показатель` is `Площадь`.

    The facts keep each part as a column of its own, typed; it is empty in all other rows.
    """

    name: str
    column: str
    when: Mapping[str, tuple[str, ...]]
    type: ColumnType


class Check(BaseModel):
    """A named check (decision/checks.py) and its parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)
    check: str

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class FormRule(_Strict):
    """A form: columns, checks, needed documents, what one bad row does."""

    form: str
    version: str
    title: Words
    mailbox: Literal["korrektirovki", "bigoperators", "load"]
    operator: bool = False
    clause: str
    policy: Literal["whole", "rows"] = "whole"
    documents: Literal["never", "always", "plus"] = "never"
    utilities_only: bool = False
    per_month: bool = False
    corrections: Literal["replace", "refuse"] = "replace"
    key: tuple[str, ...]
    compares: tuple[str, ...]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...] = ()
    checks: tuple[Check, ...] = ()

    def place_of(self, name: str) -> str:
        """The column that a name stands in: a part's own column, else the name itself."""
        return next((part.column for part in self.parts if part.name == name), name)

    def column(self, name: str) -> Column:
        """The column of that name, or the one a part of that name stands in (with the part's type).

        Raises KeyError when the form has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        for part in self.parts:
            if part.name == name:
                changes = {"name": name, "type": part.type, "required": False}
                return self.column(part.column).model_copy(update=changes)
        raise KeyError(name)


class FindingRule(_Strict):
    """Words, weight and clause of a finding code. Texts may use {value} and the finding's facts."""

    severity: Severity
    clause: str = ""
    ru: str
    kk: str
    remedy_ru: str
    remedy_kk: str


class Deadline(_Strict):
    day: int
    rolling: Literal["none", "next working day", "previous working day"]
    clause: str


class Deadlines(_Strict):
    deadlines: Mapping[str, Deadline]
    time_zone: str
    months_ahead: int
    recalculation_months: int


class Limits(_Strict):
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


class Price(_Strict):
    """The operator's fee in percent of a payment, from a date (5.1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    start: date
    kind: str
    service: str
    percent: Decimal
    clause: str


class Vat(_Strict):
    start: date
    percent: Decimal


class Estimation(_Strict):
    """What a meter without a reading is charged by: the average of so many months, else a norm by residents."""

    average: bool
    months: int = Field(ge=1, le=36)
    norms: Mapping[str, Decimal]


class PenaltyAlgorithm(_Strict):
    """Whose rate, the day of the next month after which a charge is overdue, and the days of a year."""

    rate: Literal["notice", "base"]
    due_day: int = Field(ge=1, le=28)
    year_days: int = Field(ge=360, le=366)


class BaseRate(_Strict):
    start: date
    percent: Decimal


class Penalties(_Strict):
    """How penalties are counted where a notice is in force (4.1.6)."""

    use: str
    algorithms: Mapping[str, PenaltyAlgorithm]
    base_rates: tuple[BaseRate, ...]

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.use not in self.algorithms:
            raise ValueError(f"use: {self.use!r} is none of {', '.join(self.algorithms)}")
        return self

    @property
    def algorithm(self) -> PenaltyAlgorithm:
        return self.algorithms[self.use]

    def base_rate(self, day: date) -> Decimal:
        """The base rate of a day; zero before the table begins."""
        known = [rate for rate in self.base_rates if rate.start <= day]
        return max(known, key=lambda rate: rate.start).percent if known else Decimal(0)


class Override(_Strict):
    date: date
    day: Literal["off", "working"]
    why: str


class Due(_Strict):
    """The day by which documents must be with their readers: of the document's month, or of the next."""

    day: int
    month: Literal["same", "next"]
    clause: str


class KindDelivery(_Strict):
    """How documents of a kind leave: after review or not, to whom, by when."""

    review: bool = True
    to: Literal["customer", "consumers", "nobody"] = "customer"
    due: Due | None = None


Way = Literal["mail", "folder"]


class Delivery(_Strict):
    """How approved documents reach Customers and consumers (4.1.2, 4.1.8, 10.12)."""

    kinds: Mapping[str, KindDelivery]
    ways: Mapping[str, tuple[Way, ...]]
    letter_bytes: int
    bill_password: Literal["none", "account"] = "none"

    def kind(self, name: str) -> KindDelivery:
        """A kind the rules do not name goes to the Customer, after review."""
        return self.kinds.get(name, KindDelivery())

    def ways_to(self, bin: str) -> tuple[Way, ...]:
        """How a Customer gets documents."""
        return self.ways.get(bin, self.ways["default"])


@dataclass(frozen=True)
class Rules:
    """Everything under rules/, read and checked."""

    version: str
    services: tuple[Service, ...]
    bases: tuple[Base, ...]
    forms: Mapping[str, FormRule]
    findings: Mapping[str, FindingRule]
    deadlines: Deadlines
    limits: Limits
    prices: tuple[Price, ...]
    vat: tuple[Vat, ...]
    estimation: Estimation
    penalties: Penalties
    calendar: tuple[Override, ...]
    delivery: Delivery

    @cached_property
    def service_order(self) -> dict[str, int]:
        """Place of each service in a bill: breaks ties when money is split (money.md)."""
        return {service.code: index for index, service in enumerate(self.services)}

    def service(self, code: str) -> Service:
        return self.services[self.service_order[code]]

    @cached_property
    def service_names(self) -> dict[str, str]:
        """Folded spelling -> service code."""
        return {
            fold(name): service.code
            for service in self.services
            for name in (service.code, service.ru, service.kk, *service.names)
        }

    @cached_property
    def base_names(self) -> dict[str, str]:
        """Folded spelling -> base code."""
        return {fold(name): base.code for base in self.bases for name in (base.code, base.kk, *base.names)}

    def vat_percent(self, month_start: date) -> Decimal:
        """The VAT rate of a month of service."""
        return max((v for v in self.vat if v.start <= month_start), key=lambda v: v.start).percent

    def fee_percent(self, kind: str, service: str, paid_on: date) -> Decimal:
        """The fee rate for a payment: the later date applies, then the entry that names more (5.1)."""
        fitting = [
            p for p in self.prices if p.start <= paid_on and p.kind in (kind, "any") and p.service in (service, "any")
        ]
        if not fitting:
            raise RulesError(f"rules/prices.yaml has no price for {kind!r}, {service!r} on {paid_on}; add one")
        return max(fitting, key=lambda p: (p.start, (p.kind != "any") + (p.service != "any"))).percent


def fold(text: str) -> str:
    """How headers and names are compared: no case, blanks or punctuation, ё = е, ² = 2.

    >>> fold(' Лицевой  счёт * ') == fold('лицевой счет')
    True
    """
    return _folded(text) if len(text) <= _HEADER_LENGTH else _folded.__wrapped__(text)


_HEADER_LENGTH = 200  # longer texts are no headers: they are not kept


@lru_cache(maxsize=10_000)
def _folded(text: str) -> str:
    lowered = text.casefold().replace("ё", "е").replace("²", "2")
    return _PUNCTUATION.sub("", lowered)


_PUNCTUATION = re.compile(r"[^\w№+%-]|_")


# Latin letters that look Cyrillic, lower case; typed by mistake inside Cyrillic words
LOOKALIKES = str.maketrans("aceopxykmthbi", "асеорхукмтнві")


def skeleton(text: str) -> str:
    """`fold`, and letters that only look alike made the same.

    >>> skeleton('Cyммa') == skeleton('Сумма')
    True
    """
    return fold(text).translate(LOOKALIKES)


class _UniqueKeys(yaml.CSafeLoader):
    """YAML that refuses a key written twice (the second would silently win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise RulesError(f"{key_node.start_mark}: the key {key!r} stands twice; remove one")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """A YAML file with duplicate keys refused. Raises RulesError that names the file."""
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_UniqueKeys)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: cannot be read: {error}") from error


def _build(path: Path, kind: type[M], data: Any) -> M:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RulesError(f"{path}: {problems}") from error


def _each(path: Path, kind: type[M], key: str) -> tuple[M, ...]:
    return tuple(_build(path, kind, entry) for entry in _starts(read_yaml(path), key)[key])


def _starts(data: dict[str, Any], key: str) -> dict[str, Any]:
    """`from` is no name in Python: a dated entry has `start`."""
    renamed = [{("start" if k == "from" else k): v for k, v in entry.items()} for entry in data[key]]
    return {**data, key: renamed}


def rules_version(folder: Path) -> str:
    """Hash over the names and bytes of every rule file: stored with every decision."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def load_rules(folder: Path) -> Rules:
    """Reads every rule file of a folder. Raises RulesError that names file, key and problem.

    Nothing is read anew while the files say the same: the service asks before every pass.
    """
    return _loaded(folder, rules_version(folder))


@lru_cache(maxsize=4)
def _loaded(folder: Path, version: str) -> Rules:
    forms = [_build(path, FormRule, read_yaml(path)) for path in sorted((folder / "forms").glob("*.yaml"))]
    findings = folder / "findings.yaml"
    return Rules(
        version=version,
        services=_each(folder / "services.yaml", Service, "services"),
        bases=_each(folder / "services.yaml", Base, "bases"),
        forms={form.form: form for form in forms},
        findings={code: _build(findings, FindingRule, data) for code, data in read_yaml(findings).items()},
        deadlines=_build(folder / "deadlines.yaml", Deadlines, read_yaml(folder / "deadlines.yaml")),
        limits=_build(folder / "limits.yaml", Limits, read_yaml(folder / "limits.yaml")),
        prices=_each(folder / "prices.yaml", Price, "prices"),
        vat=_each(folder / "prices.yaml", Vat, "vat"),
        estimation=_build(folder / "meters.yaml", Estimation, read_yaml(folder / "meters.yaml")["estimation"]),
        penalties=_build(
            folder / "penalties.yaml", Penalties, _starts(read_yaml(folder / "penalties.yaml"), "base_rates")
        ),
        calendar=_each(folder / "calendar.yaml", Override, "overrides"),
        delivery=_delivery(folder),
    )


def _delivery(folder: Path) -> Delivery:
    """A home made before there was such a rule sends by the rules that travel with the program."""
    own = folder / "delivery.yaml"
    path = own if own.exists() else shipped("rules") / "delivery.yaml"
    delivery = _build(path, Delivery, read_yaml(path))
    if "default" not in delivery.ways:
        raise RulesError(f"{path}: ways.default is missing; write how documents go, [mail] or [folder] or both")
    return delivery
