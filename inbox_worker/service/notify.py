"""Word to the service manager (sd_notify): ready, alive, stopping. Without `NOTIFY_SOCKET` nothing is said."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Sends one state such as `READY=1` or `WATCHDOG=1` to the manager that started us.

    A manager that is gone or does not listen is no fault of ours: nothing waits for its answer.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket has a zero byte where a path begins
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.setblocking(False)
        try:
            line.sendto(state.encode(), address)
        except OSError:
            return
