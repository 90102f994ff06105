"""Ports for servers of tests, some of which go away and come back under the same one."""

from __future__ import annotations

import random
import socket

_DICE = random.SystemRandom()  # another generator is put back to its seed by hypothesis, in each process to the same


def free_port() -> int:
    """Below the ports that the kernel gives to those who call: while the server is down nobody else gets its port."""
    while True:
        port = _DICE.randrange(15_000, 32_000)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", port))
            found.listen()
        except OSError:
            return False
    return True
