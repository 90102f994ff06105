"""Text columns of the journal: whatever a stranger writes is kept, alike by SQLite and by PostgreSQL.

PostgreSQL takes no NUL character, no text that is not UTF-8, holds lengths to the letter, sorts by its own locale and
refuses long texts in an index. SQLite minds none of it but lone surrogates. What an answer or an order depends on must
not hang on the database, so the columns themselves see to it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from sqlalchemy import Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_IN_PLACE = "\N{REPLACEMENT CHARACTER}"
_LONGEST_KEY = 1000  # bytes; a page of PostgreSQL's index holds 2704, a line of a letter 998
_KEPT_OF_KEY = 200  # characters


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
        """What cannot be kept becomes `�`, in what is written and in what is asked for."""
        return None if value is None else _NOT_KEPT.sub(_IN_PLACE, str(value))


class Identifier(LongText):
    """A stranger's identifier, looked up by an index: of one too long for that, its beginning and a hash are kept."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        text = super().process_bind_param(value, dialect)
        if text is None or len(data := text.encode("utf-8")) <= _LONGEST_KEY:
            return text
        return f"{text[:_KEPT_OF_KEY]}…{sha256(data).hexdigest()}"
