"""Words by which forms are read, as an analyst extends them (rules/vocabulary.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field

from inbox_worker.core.text import fold
from inbox_worker.settings.shapes import Strict

_Word = Annotated[str, Field(min_length=1)]
_Words = Annotated[tuple[_Word, ...], Field(min_length=1)]


class HeaderWords:
    """Compiled for reading: `whole` leads from a folded short spelling to a column's own name; `unit` finds a unit
    behind a header."""

    def __init__(self, shortened: Mapping[str, tuple[str, ...]], units: tuple[str, ...]) -> None:
        self.whole = {fold(short): name for name, every in shortened.items() for short in every}
        unit = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
        self.unit = re.compile(rf"(?:\s*[,;(\[/]\s*|\s+(?:в\s+)?)(?:в\s+)?(?:{unit})\.?\s*[)\]]?\s*$", re.IGNORECASE)


class Vocabulary(Strict):
    """vocabulary.yaml."""

    headers: Mapping[str, _Words]
    units: _Words
    meant: Mapping[str, _Words]
    general: _Words
    foreign: _Words

    @cached_property
    def spelled(self) -> HeaderWords:
        """Headers as people shorten them."""
        return HeaderWords(self.headers, self.units)

    @cached_property
    def common(self) -> frozenset[str]:
        """Words that many headers have in common."""
        return frozenset(self.general)

    @cached_property
    def strangers(self) -> frozenset[str]:
        """Words of headers that speak of somebody or something else."""
        return frozenset(word.casefold() for word in self.foreign)
