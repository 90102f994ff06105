"""Errors in the words of the code where a test names no language: what it proves is which error there is, not how it is
said (tests/texts/test_translated.py)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from inbox_worker.core import translated
from inbox_worker.core.translated import Translator


@contextmanager
def errors_in_code(arguments: Sequence[str]) -> Iterator[None]:
    """Leave errors of a command as they are raised, unless its arguments or the environment name a language."""
    named = "INBOX_WORKER_LANG" in os.environ or any(one.partition("=")[0] == "--lang" for one in arguments)
    said = translated.translator
    if not named:
        translated.translator = lambda _: Translator("en")  # type: ignore[assignment]
    try:
        yield
    finally:
        translated.translator = said
