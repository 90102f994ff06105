"""Text columns of the journal: whatever a stranger writes is kept, alike by SQLite and by PostgreSQL, and what a text
stands for (a month, a moment, nothing) is what Python reads and writes.

PostgreSQL takes no NUL character, no text that is not UTF-8, holds lengths to the letter, sorts by its own locale and
refuses long texts in an index. SQLite minds none of it but lone surrogates. What an answer or an order depends on must
not hang on the database, so the columns themselves see to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from inbox_worker.core.errors import JournalError
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty

_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_IN_PLACE = "\N{REPLACEMENT CHARACTER}"
_LONGEST_KEY = 1000  # bytes; a page of PostgreSQL's index holds 2704, a line of a letter 998
_KEPT_OF_KEY = 200  # characters
_SHOWN = 80  # characters of a value that cannot be read


def as_kept(text: str) -> str:
    """Return a text as the journal keeps it: `�` for what cannot be kept."""
    return _NOT_KEPT.sub(_IN_PLACE, text)


class LongText(TypeDecorator[str]):
    """A text of any length, in the order of its code points. `length` is what we expect, for readers of the tables."""

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return Text(collation="C")
        return String(self.length) if self.length else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Put `�` for what cannot be kept, in what is written and in what is asked for."""
        return None if value is None else as_kept(str(value))


class Identifier(LongText):
    """A stranger's identifier, looked up by an index: of one too long for that, its beginning and a hash are kept."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        text = super().process_bind_param(value, dialect)
        if text is None or len(data := text.encode("utf-8")) <= _LONGEST_KEY:
            return text
        return f"{text[:_KEPT_OF_KEY]}…{sha256(data).hexdigest()}"


class Typed(LongText):
    """A value that is kept as a text; None is kept as `nothing`. A text that a condition compares with is taken as it
    is: `c.done_at == ""`."""

    cache_ok = True

    def __init__(
        self,
        length: int | None = None,
        read: Callable[[str], Any] = str,
        write: Callable[[Any], str] = str,
        nothing: str | None = "",
    ) -> None:
        super().__init__(length)
        self.read, self.write, self.nothing = read, write, nothing

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return self.nothing
        return super().process_bind_param(value if isinstance(value, str) else self.write(value), dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return what the text stands for. Raises JournalError for a text that stands for nothing: the disk or a person
        changed it."""
        if value == self.nothing:
            return None
        try:
            return self.read(value or "")
        except (ValueError, TypeError, AttributeError) as error:
            raise JournalError(
                f"the journal holds {str(value)[:_SHOWN]!r}, which is no value of its column; "
                "`inbox-worker ledger verify` names its row. Restore the journal from a backup"
            ) from error


def month_text() -> Typed:
    """Return the type of a month: `2026-09`."""
    return Typed(7, Period.parse)


def day_text() -> Typed:
    """Return the type of a day: `2026-09-01`."""
    return Typed(10, date.fromisoformat, date.isoformat)


def moment_text() -> Typed:
    """Return the type of a moment: ISO 8601 with its zone."""
    return Typed(40, datetime.fromisoformat, datetime.isoformat)


def second_text() -> Typed:
    """Return the type of a moment to the second, on the clock of Almaty: its texts sort as the moments do."""
    return Typed(40, datetime.fromisoformat, lambda moment: to_almaty(moment).isoformat(timespec="seconds"))


def entry_text() -> Typed:
    """Return the type of what a document was made of: an object that names its close, if it is of one."""
    return Typed(None, _read_entry, lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True))


def _read_entry(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    made_of = value.get("made_of", {})
    if int(made_of.get("close_number", 0)) and "close" not in made_of:
        raise ValueError("it is of a close, and does not say of which")
    return value


class Words(LongText):
    """Words parted by a sign that is in none of them; no words are kept as ''."""

    cache_ok = True

    def __init__(self, sign: str) -> None:
        super().__init__()
        self.sign = sign

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return super().process_bind_param(value if isinstance(value, str) else self.sign.join(value), dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return tuple(value.split(self.sign)) if value else ()


class NumberOrNone(TypeDecorator[int]):
    """A number from 1; None is kept as 0."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int:
        return value or 0

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        return value or None
