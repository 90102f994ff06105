"""What rules/forms, services.yaml and findings.yaml may say: the shapes of forms, services and findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inbox_worker.core.model import Severity
from inbox_worker.settings.mistakes import suggest
from inbox_worker.settings.shapes import Strict, one_of

_Text = Annotated[str, Field(min_length=1)]
METERED = "счётчик"  # the base of what is counted by meters


class Bilingual(Strict):
    """A text in both languages of the contract."""

    ru: _Text
    kk: _Text


def _plain_word(code: str) -> str:
    if not re.fullmatch("[a-z_]+", code):
        raise ValueError(f"{code!r} is no code; write it in small Latin letters and _, like cold_water")
    return code


class Service(Strict):
    """A kind of line in a consumer's bill (2.1.7). Its code also names files and columns.

    `steps`: what a threshold of consumption (`Сверх` of a tariff) is told for, an account or each of its residents.
    """

    code: Annotated[str, AfterValidator(_plain_word)]
    ru: _Text
    kk: _Text
    base: _Text
    utility: bool
    of: str | None = None
    steps: Literal["account", "resident"] = "account"
    names: tuple[str, ...] = ()


class Base(Strict):
    """What a charge is counted by; the close knows these five."""

    code: Annotated[str, one_of(("м²", "чел.", "кв.", "счётчик", "schedule"), "base")]
    kk: _Text
    names: tuple[str, ...] = ()


class ServicesFile(Strict):
    """services.yaml."""

    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    bases: Annotated[tuple[Base, ...], Field(min_length=1)]


class Category(Strict):
    """A kind of consumer that a tariff can be for (4.3.2.1)."""

    code: Annotated[str, AfterValidator(_plain_word)]
    ru: _Text
    kk: _Text
    names: tuple[str, ...] = ()


class CategoriesFile(Strict):
    """categories.yaml."""

    categories: tuple[Category, ...]


ColumnType = Literal[
    "account", "text", "code", "service", "services", "base", "category", "money", "tariff", "quantity", "percent",
    "number", "integer", "date", "month", "first_day", "bin", "iin", "bic", "iban", "kbe", "emails", "yes_no", "choice",
]  # fmt: skip


class ColumnRule(Strict):
    """One column of a form: its header in both languages, its type, whether it must be filled.

    `spellings`: a value -> other ways it is written (Kazakh, short); of a choice, or of a number said in words.
    `empty_counts`: an empty cell is an answer (every house, no end, no debt), so it must be empty in truth.
    `zero_is_empty`: a zero says the same as an empty cell (the first step of a tariff is over nothing).
    `begins`: a month from which something counts; written as a day, it must be its 1st (4.3.2).
    """

    name: _Text
    ru: _Text
    kk: _Text
    type: ColumnType
    required: bool = False
    begins: bool = False
    empty_counts: bool = False
    zero_is_empty: bool = False
    example: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    open: bool = False
    spellings: Mapping[str, tuple[str, ...]] = {}


class Uncounted(Strict):
    """A column that may stand beside a form's own and that the ledger does not count by yet."""

    ru: _Text
    kk: _Text
    aliases: tuple[str, ...] = ()


class PartRule(Strict):
    """What a column's cells are where other columns say so: `Стало` is an area where `Показатель` is `Площадь`.

    The facts keep each part as a column of its own, typed; it is empty in all other rows.
    """

    name: _Text
    column: _Text
    when: Mapping[str, tuple[str, ...]]
    type: ColumnType


class Check(BaseModel):
    """A named check (deciding/checks.py) and its parameters; deciding/check_rules.py knows which it has."""

    model_config = ConfigDict(extra="allow", frozen=True)
    check: str

    @model_validator(mode="before")
    @classmethod
    def _is_named(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "check" not in data:
            near = next((str(key) for key in data if suggest(key, ["check"]).startswith("did")), "")
            raise ValueError(f"there is no such key as {near!r}; did you mean 'check'?" if near else "check is missing")
        return data

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class FormRule(Strict):
    """A form: columns, checks, needed documents, what one bad row does.

    `held`: what it waits for whatever is in it: a person's confirmation, or a person's work (`task`). `prove_sender`:
    where a letter's From is no proof (no `authserv_id`), it waits for confirmation.
    `happens_once`: the same row told for two months is one event, though the month is in the key.
    `uncounted`: columns that have no effect yet: a filled one refuses the form, an operator's register is warned of.
    `signed`: a column whose sign is part of the key: a payment and its taking back on the same day are two rows.
    """

    form: _Text
    version: _Text
    title: Bilingual
    mailbox: Literal["korrektirovki", "bigoperators", "load"]
    operator: bool = False
    clause: _Text
    policy: Literal["whole", "rows"] = "whole"
    documents: Literal["never", "always", "plus"] = "never"
    utilities_only: bool = False
    held: Literal["", "confirmation", "task"] = ""
    prove_sender: bool = False
    per_month: bool = False
    happens_once: bool = False
    corrections: Literal["replace", "refuse"] = "replace"
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    compares: tuple[str, ...]
    signed: str = ""
    columns: Annotated[tuple[ColumnRule, ...], Field(min_length=1)]
    uncounted: tuple[Uncounted, ...] = ()
    parts: tuple[PartRule, ...] = ()
    checks: tuple[Check, ...] = ()

    def place_of(self, name: str) -> str:
        """The column that a name stands in: a part's own column, else the name itself."""
        return next((part.column for part in self.parts if part.name == name), name)

    def column(self, name: str) -> ColumnRule:
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
    ru: _Text
    kk: _Text
    remedy_ru: _Text
    remedy_kk: _Text
