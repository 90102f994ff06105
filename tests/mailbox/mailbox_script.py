"""A server that says exactly what a test wants: for words in one packet and log-ins that Dovecot does not offer."""

from __future__ import annotations

import base64
import socket
import threading
from typing import Self


class ScriptedServer:
    """Speaks just enough IMAP for one connection. `idle` is sent at once as the answer to IDLE."""

    def __init__(
        self, capability: str = "IMAP4rev1 IDLE MOVE", idle: bytes = b"+ idling\r\n", login: str = "OK"
    ) -> None:
        self._capability, self._idle, self._login = capability, idle, login
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.heard: list[str] = []
        self.secret = ""
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        link = self._listening.accept()[0]
        with link, link.makefile("rb") as lines:
            link.sendall(b"* OK ready\r\n")
            idle_tag = ""
            for raw in lines:
                words = raw.decode().split()
                if words == ["DONE"]:
                    link.sendall(f"{idle_tag} OK done\r\n".encode())
                    continue
                tag, command = words[0], words[1].upper()
                self.heard.append(command)
                if command == "IDLE":
                    idle_tag = tag
                    link.sendall(self._idle)
                elif command == "AUTHENTICATE":
                    link.sendall(b"+ \r\n")
                    self.secret = base64.b64decode(lines.readline()).decode()
                    link.sendall(f"{tag} {self._login} said of {self.secret!r}\r\n".encode())
                else:
                    link.sendall(f"{self._told(command)}{tag} OK done\r\n".encode())

    def _told(self, command: str) -> str:
        return {
            "CAPABILITY": f"* CAPABILITY {self._capability}\r\n",
            "SELECT": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n",
            "LOGOUT": "* BYE\r\n",
        }.get(command, "")
