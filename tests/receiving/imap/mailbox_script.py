"""A server that says exactly what a test wants: for words in one packet and log-ins that Dovecot does not offer."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Self


class ScriptedServer:
    """Speaks just enough IMAP, for `links` connections one after another. `idle` is sent at once as the answer to
    IDLE, b"" hangs up there. `told`: by command, what is said before its OK, in turn, the last for ever;
    `refused`: commands that are answered NO.
    """

    def __init__(
        self,
        capability: str = "IMAP4rev1 IDLE MOVE",
        idle: bytes = b"+ idling\r\n",
        login: str = "OK",
        links: int = 1,
        told: Mapping[str, Sequence[str]] | None = None,
        refused: Collection[str] = (),
    ) -> None:
        self._capability, self._idle, self._login, self._links = capability, idle, login, links
        self._said = {command: list(words) for command, words in (told or {}).items()}
        self._refused = refused
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.heard: list[str] = []
        self.secret = ""
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            for _ in range(self._links):
                self._talk(self._listening.accept()[0])

    def _talk(self, link: socket.socket) -> None:
        with link, link.makefile("rb") as lines:
            link.sendall(b"* OK ready\r\n")
            idle_tag = ""
            for raw in lines:
                words = raw.decode().split()
                if words == ["DONE"]:
                    link.sendall(f"{idle_tag} OK done\r\n".encode())
                    continue
                tag, command = words[0], words[2 if words[1].upper() == "UID" else 1].upper()
                self.heard.append(command)
                if command == "IDLE" and not self._idle:
                    return
                if command == "IDLE":
                    idle_tag = tag
                    link.sendall(self._idle)
                elif command == "AUTHENTICATE":
                    link.sendall(b"+ \r\n")
                    self.secret = base64.b64decode(lines.readline()).decode()
                    link.sendall(f"{tag} {self._login} said of {self.secret!r}\r\n".encode())
                else:
                    end = "NO not here" if command in self._refused else "OK done"
                    link.sendall(f"{self._told(command)}{tag} {end}\r\n".encode())

    def _told(self, command: str) -> str:
        if said := self._said.get(command):
            return said.pop(0) if len(said) > 1 else said[0]
        return {
            "CAPABILITY": f"* CAPABILITY {self._capability}\r\n",
            "SELECT": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n",
            "LOGOUT": "* BYE\r\n",
        }.get(command, "")
