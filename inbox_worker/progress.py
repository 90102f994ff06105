"""Long work tells how far it is: a bar on a terminal, nothing elsewhere.

Work that takes long goes through its pieces by `follow`; a command that people wait for shows them by `showing`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
_SHOWN: ContextVar[Progress | None] = ContextVar("shown", default=None)


def follow(pieces: Iterable[T], words: str, total: int | None = None) -> Iterator[T]:
    """The pieces one by one; each counts as done when the next is asked for. `total`, when they cannot be counted."""
    bar = _SHOWN.get()
    if bar is None:
        yield from pieces
        return
    task = bar.add_task(words, total=len(pieces) if isinstance(pieces, Sized) else total)
    try:
        for piece in pieces:
            yield piece
            bar.advance(task)
    finally:
        bar.remove_task(task)


@contextmanager
def showing(quiet: bool = False) -> Iterator[None]:
    """Shows on stderr what is being done, if that is a terminal; what was shown is wiped off at the end.

    `quiet`: the command prints for a program (`--json`).
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        before = _SHOWN.set(bar)
        try:
            yield
        finally:
            _SHOWN.reset(before)
