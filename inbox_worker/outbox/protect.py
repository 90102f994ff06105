"""A PDF that opens with a password only (4.1.1: bill lines are protected from unauthorised access)."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Protector = Callable[[bytes, str], bytes]


def find_protector() -> Protector | None:
    """What can lock a PDF here: pikepdf where it is installed, else None."""
    return _by_pikepdf if find_spec("pikepdf") else None


def _by_pikepdf(pdf: bytes, password: str) -> bytes:
    """AES-256; the owner's password is the same: there is nothing in a bill to forbid its reader."""
    pikepdf: Any = import_module("pikepdf")
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(sink, encryption=pikepdf.Encryption(user=password, owner=password, R=6))
    return sink.getvalue()
