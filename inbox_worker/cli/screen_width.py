"""Tells whether a command's lines go to a screen."""

from __future__ import annotations

import os
import sys


def has_width() -> bool:
    """Return whether what is printed goes to a screen of a known width."""
    return sys.stdout.isatty() or "COLUMNS" in os.environ
