"""Progress of long work: a bar on a terminal, nothing elsewhere.

Work that takes long goes through its pieces by `follow`; a command that people wait for shows them by `show_progress`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
Words = Callable[[str], str]
_SHOWN: ContextVar[tuple[Progress, Words] | None] = ContextVar("shown", default=None)


def follow(pieces: Iterable[T], work: str, total: int | None = None) -> Iterator[T]:
    """Yield the pieces one by one; each counts as done when the next is asked for. `work`: the text beside the bar, as
    in `work.closing` (rules/texts/screens.yaml); `total`, when they cannot be counted."""
    shown = _SHOWN.get()
    if shown is None:
        yield from pieces
        return
    bar, words = shown
    task = bar.add_task(words(f"work.{work}"), total=len(pieces) if isinstance(pieces, Sized) else total)
    try:
        for piece in pieces:
            yield piece
            bar.advance(task)
    finally:
        bar.remove_task(task)


@contextmanager
def show_progress(words: Words, quiet: bool = False) -> Iterator[None]:
    """Shows on stderr what is being done, if that is a terminal; what was shown is wiped off at the end.

    `words` gives the text of a code; `quiet`: the command prints for a program (`--json`).
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        before = _SHOWN.set((bar, words))
        try:
            yield
        finally:
            _SHOWN.reset(before)
