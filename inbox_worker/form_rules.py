"""What rules/forms, services.yaml and findings.yaml may say: the shapes of forms, services and findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from inbox_worker.model import Severity


class Strict(BaseModel):
    """A shape of a rule file: unknown keys are refused, nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """A text in both languages of the contract."""

    ru: str
    kk: str


class Service(Strict):
    """A kind of line in a consumer's bill (2.1.7)."""

    code: str
    ru: str
    kk: str
    base: str
    utility: bool
    of: str | None = None
    names: tuple[str, ...] = ()


class Base(Strict):
    """What a charge is counted by."""

    code: str
    kk: str
    names: tuple[str, ...] = ()


ColumnType = Literal[
    "account", "text", "code", "service", "services", "base", "money", "tariff", "quantity", "percent", "number",
    "integer", "date", "month", "first_day", "bin", "iin", "bic", "iban", "kbe", "emails", "yes_no", "choice",
]  # fmt: skip


class Column(Strict):
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


class Part(Strict):
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


class FormRule(Strict):
    """A form: columns, checks, needed documents, what one bad row does.

    `held`: what it waits for whatever is in it: a person's confirmation, or a person's work (`task`). `prove_sender`:
    where a letter's From is no proof (no `authserv_id`), it waits for confirmation.
    `signed`: a column whose sign is part of the key: a payment and its taking back on the same day are two rows.
    """

    form: str
    version: str
    title: Words
    mailbox: Literal["korrektirovki", "bigoperators", "load"]
    operator: bool = False
    clause: str
    policy: Literal["whole", "rows"] = "whole"
    documents: Literal["never", "always", "plus"] = "never"
    utilities_only: bool = False
    held: Literal["", "confirmation", "task"] = ""
    prove_sender: bool = False
    per_month: bool = False
    corrections: Literal["replace", "refuse"] = "replace"
    key: tuple[str, ...]
    compares: tuple[str, ...]
    signed: str = ""
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


class FindingRule(Strict):
    """Words, weight and clause of a finding code. Texts may use {value} and the finding's facts.

    `holds`: a form with such a finding waits until staff confirm it.
    """

    severity: Severity
    holds: bool = False
    clause: str = ""
    ru: str
    kk: str
    remedy_ru: str
    remedy_kk: str
