"""Columns of forms by their headers in both languages, and those that may stand beside a form's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inbox_worker.settings.shapes import Strict

_Text = Annotated[str, Field(min_length=1)]


class Headed(Strict):
    """A column that is known by its header in both languages."""

    ru: _Text
    kk: _Text
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every header that names the column."""
        return (self.ru, self.kk, *self.aliases)

    @property
    def facts(self) -> dict[str, str]:
        """The column's header in both languages, as findings name it."""
        return {"column": self.ru, "column_kk": self.kk}


class Uncounted(Headed):
    """A column that may stand beside a form's own and is not counted by yet. `known`: all that it may say; `unless`:
    words of headers that are about something else (`Количество квартир`); `whole`: short headers that name it alone."""

    known: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


class Compared(Headed):
    """A column beside a form's own that says again what is known. `name`: by which a check asks for it; `beside`: of
    another, without which it says nothing to compare; `instead_of`: of the form's column for which somebody may mean
    it, where the table lacks that."""

    name: _Text
    beside: str = ""
    instead_of: str = ""


class Limiting(Strict):
    """Words by which rows are only for a part, or for a time, that the form has no column for. `about`: beginnings of
    words, of which a sentence of the letter has one where it speaks of the form's rows; () = no letter is asked.
    `timed`: rows stand until another one, so words of a time (`around.for_a_time` of the vocabulary) are among them."""

    words: Annotated[tuple[_Text, ...], Field(min_length=1)]
    about: tuple[_Text, ...] = ()
    timed: bool = False


class Span(Headed):
    """A column that says two days of a row in one cell (`01.07-05.07.2026`), where the table has neither of these."""

    first: _Text
    last: _Text
