"""Tells who runs the program, from where, and by which command."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

_COMMAND: list[str] = []


def find_user() -> str:
    """Return who runs the program: INBOX_WORKER_USER, else the log-in name, or the user's number where there is no
    name."""
    user = os.environ.get("INBOX_WORKER_USER", "").strip()
    if user:
        return user
    try:
        import getpass

        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def origin() -> str:
    """Return from where the program is run: the machine's name and, over SSH, the address of who sits there."""
    client = os.environ.get("SSH_CLIENT", "").split(" ")[0]
    return f"{socket.gethostname()} from {client}" if client else socket.gethostname()


def name_command(words: Sequence[str]) -> None:
    """Name the command that this process runs."""
    _COMMAND[:] = words


def command_named() -> str:
    """Return the command that this process runs, '' where none was named."""
    return " ".join(_COMMAND)
