"""The shapes of rules/forms, services.yaml and findings.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inbox_worker.core.model import Customer, Finding, Severity
from inbox_worker.settings.form_headers import Compared, Headed, Limiting, Span, Uncounted
from inbox_worker.settings.mistakes import suggest
from inbox_worker.settings.shapes import Strict, must_be, one_of
from inbox_worker.settings.vocabulary import Phrases, numbered_phrases

_Text = Annotated[str, Field(min_length=1)]
METERED = "счётчик"  # the base of what is counted by meters


class Bilingual(Strict):
    """A text in both languages of the contract."""

    ru: _Text
    kk: _Text

    def facts(self, name: str) -> dict[str, str]:
        """Return the text as facts of a finding: `name` and `name_kk`."""
        return {name: self.ru, f"{name}_kk": self.kk}


_Code = Annotated[
    str,
    must_be(re.compile("[a-z_]+").fullmatch, "{!r} is no code; write it in small Latin letters and _, like cold_water"),
]


class Service(Strict):
    """A kind of line in a consumer's bill (2.1.7). Its code also names files and columns.

    `steps`: what a threshold of consumption (`Сверх` of a tariff) is told for, an account or each of its residents.
    `unit`: what its meters count; None = not written, documents name the base then.
    """

    code: _Code
    ru: _Text
    kk: _Text
    base: _Text
    utility: bool
    of: str | None = None
    steps: Literal["account", "resident"] = "account"
    unit: Bilingual | None = None
    names: tuple[str, ...] = ()

    @property
    def words(self) -> Bilingual:
        """Its name in both languages."""
        return Bilingual(ru=self.ru, kk=self.kk)


class Base(Strict):
    """A measure that a charge is counted by; the close knows these five."""

    code: Annotated[str, one_of(("м²", "чел.", "кв.", "счётчик", "schedule"), "base")]
    kk: _Text
    names: tuple[str, ...] = ()


class ServicesFile(Strict):
    """services.yaml."""

    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    bases: Annotated[tuple[Base, ...], Field(min_length=1)]


class Category(Strict):
    """A kind of consumer that a tariff can be for (4.3.2.1)."""

    code: _Code
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


class ColumnRule(Headed):
    """One column of a form: its header in both languages, its type, whether it must be filled.

    `spellings`: a value -> other ways it is written (Kazakh, short); of a choice, or of a number said in words.
    `kazakh`: a choice -> its word in Kazakh, shown in blanks and read. `empty_counts`: an empty cell is an answer
    (every house, no end), so it must be empty in truth. `zero_is_empty`: a zero says the same (a tariff's first step).
    `nothing`: further words that say that there is nothing (`бессрочно`).
    `begins`: a month from which something counts; written as a day, it must be its 1st (4.3.2)."""

    name: _Text
    type: ColumnType
    required: bool = False
    begins: bool = False
    empty_counts: bool = False
    zero_is_empty: bool = False
    example: str = ""
    choices: tuple[str, ...] = ()
    open: bool = False
    spellings: Mapping[str, tuple[str, ...]] = {}
    kazakh: Mapping[str, str] = {}
    nothing: tuple[str, ...] = ()

    @property
    def listed(self) -> Bilingual:
        """The choices as a text names them, each in its language."""
        return Bilingual(
            ru="; ".join(self.choices), kk="; ".join(self.kazakh.get(choice, choice) for choice in self.choices)
        )


class PartRule(Strict):
    """The type of a column's cells where other columns decide it: `Стало` is an area where `Показатель` is `Площадь`.

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


class Titled(Strict):
    """Words over a table that say something of all its rows: headings with a day (`Показания на 20.08.2026`) are of the
    column `previous` and of `current`, the later one; the day of the later one is that of `day`; a title that names one
    metered service is of `service`."""

    previous: _Text
    current: _Text
    day: _Text
    service: _Text


class Beyond(Strict):
    """Words by which somebody asks for more than a form does: `instead` says what it does and what does the rest.
    Phrases are as those of `around` in vocabulary.yaml."""

    words: Annotated[tuple[_Text, ...], Field(min_length=1)]
    instead: Bilingual

    @cached_property
    def phrases(self) -> Phrases:
        """The words, compiled for reading."""
        return Phrases(self.words, numbered=True)


class Opposite(Beyond):
    """Words by which somebody asks for the reverse of what a form does. `done_by`: the column in which a row of a known
    key does take back, by 0 or by a last day; `instead`: how to take back what was accepted."""

    done_by: str = ""


class FormRule(Strict):
    """A form: columns, checks, needed documents, what one bad row does.

    `held`: what it waits for whatever is in it: a person's confirmation, or a person's work (`task`). `held_unless`:
    it waits for nobody where every row has one of these values, and for no work only if nothing is warned of.
    `prove_sender`: where a letter's From is no proof (no `authserv_id`), it waits for confirmation.
    `in_register`: fields of the register of Customers -> the column or part that says them; a confirmed row changes
    them from its `changed_on`, not before the day it was confirmed (4.3.3). A row that fills none is a person's work.
    `happens_once`: the same row in two months is one event, though the month is in the key.
    `uncounted`: columns that have no effect yet: a filled one refuses the form, an operator's register is warned of;
    one that says what is not `known` (another currency) refuses either.
    `compared`: columns that have no effect, but contradict the row where they say another thing than is known.
    `span`: a column that says both days of its rows; `titled`: columns that headings with a day, or a title, may say.
    `opposite`: words that ask for the reverse; the sender is asked, or a person where a person looks anyway; `beyond`:
    those that ask for more than it does; the sender is told; `for_some`: those that name some consumers.
    `corrections`: what a row does to an earlier one of its key; `none`: each form stands for itself, a copy too.
    `narrowing`, `limiting`: words by which its rows are of less than they say: they are told, or it waits for a person;
    `zones`: of headers of one scale of a meter.
    `signed`: a column whose sums below zero are part of the key: each part taken back on a day is a row of its own.
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
    held_unless: Mapping[str, tuple[str, ...]] = {}
    prove_sender: bool = False
    in_register: Mapping[Annotated[str, one_of([field.name for field in fields(Customer)], "field")], str] = {}
    per_month: bool = False
    happens_once: bool = False
    corrections: Literal["replace", "refuse", "none"] = "replace"
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    compares: tuple[str, ...]
    signed: str = ""
    columns: Annotated[tuple[ColumnRule, ...], Field(min_length=1)]
    uncounted: tuple[Uncounted, ...] = ()
    compared: tuple[Compared, ...] = ()
    opposite: Opposite | None = None
    beyond: Beyond | None = None
    narrowing: tuple[_Text, ...] = ()
    limiting: Limiting | None = None
    for_some: tuple[_Text, ...] = ()
    zones: tuple[_Text, ...] = ()
    span: Span | None = None
    titled: Titled | None = None
    parts: tuple[PartRule, ...] = ()
    checks: tuple[Check, ...] = ()

    def names_zone(self, header: str) -> bool:
        """Return whether a header names one scale of a meter."""
        return numbered_phrases(self.zones).stand_in(header)

    @property
    def facts(self) -> dict[str, str]:
        """The form's title in both languages, as findings name it."""
        return self.title.facts("title")

    def doubt_opposite(self, sheet: str, cell: str, text: str, row: int = 0) -> Finding:
        """Return the finding of words that ask for the reverse of what the form does: an error, or a warning that
        waits for a person where a person looks at such forms anyway."""
        code = "words.opposite_read" if self.held else "words.opposite"
        instead = self.opposite.instead.facts("instead") if self.opposite else {}
        return Finding(code, sheet, cell, text, {**self.facts, **instead}, row)

    def tell_beyond(self, sheet: str, cell: str, text: str) -> Finding:
        """Return the warning of words that ask for more than the form does."""
        instead = self.beyond.instead.facts("instead") if self.beyond else {}
        return Finding("words.beyond", sheet, cell, text, {**self.facts, **instead})

    def place_of(self, name: str) -> str:
        """Return the column that a name is in: a part's own column, else the name itself."""
        return next((part.column for part in self.parts if part.name == name), name)

    def column(self, name: str) -> ColumnRule:
        """Return the column of that name, or the one a part of that name is in (with the part's type).

        Raises KeyError when the form has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        for part in self.parts:
            if part.name == name:
                return self.column(part.column).model_copy(update={"name": name, "type": part.type, "required": False})
        raise KeyError(name)


class FindingRule(Strict):
    """Words, weight and clause of a finding code. Texts may use {value} and the finding's facts. `holds`: such a form
    waits until staff confirm it. `effect`: says what the row did, which is true, and told, only when the row posts.
    `staff_ru`, `staff_kk`: what staff do about it, which no answer tells; they may use {number}, the letter's."""

    severity: Severity
    holds: bool = False
    effect: bool = False
    clause: str = ""
    ru: _Text
    kk: _Text
    remedy_ru: _Text
    remedy_kk: _Text
    staff_ru: str = ""
    staff_kk: str = ""
