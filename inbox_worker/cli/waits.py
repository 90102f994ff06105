"""Tells a person what a command waits for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from inbox_worker.cli.support import in_staffs_words
from inbox_worker.core.waits import Wait, hear_waits


def tell_waits(command: Sequence[str]) -> AbstractContextManager[None]:
    """Tell on stderr what a command waits for, each once. The service waits unseen: nobody sits there."""
    printed = set[str]()

    def tell(wait: Wait | None) -> None:
        if wait and wait.what not in printed:
            printed.add(wait.what)
            print(f"inbox-worker: {in_staffs_words(wait.line)}", file=sys.stderr, flush=True)  # noqa: T201

    return nullcontext() if command[:1] == ["run"] else hear_waits(tell)
