"""Knowledge of our mail server between two sendings: the largest letter it takes, and until when all letters wait.

A limit of our provider, or trouble with our own account, stops every letter and is no letter's fault. The file is a
hint: without it the server is asked again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from inbox_worker.core.files import read_small_file, write_atomic
from inbox_worker.ledger.letters import stamp
from inbox_worker.outbox.trouble import trouble_of
from inbox_worker.settings.home import Home

_FILE = "mail-server.json"


@dataclass(frozen=True)
class ServerState:
    """`size`: bytes, 0 = the server does not say, -1 = it was never asked. `stops`: pauses in a row; `until`: no letter
    goes before (ISO 8601), '' = at once; `why`: the server's words; `letter`: the one that got them."""

    server: str = ""
    size: int = -1
    stops: int = 0
    until: str = ""
    why: str = ""
    letter: int = 0

    def waits(self, now: datetime, longest: timedelta) -> bool:
        """Tell whether letters wait now. A moment further off than any wait was set by a clock that went wrong."""
        return bool(self.until) and stamp(now) < self.until <= stamp(now + longest)

    def after_pause(self, why: str, letter: int, waits: tuple[int, ...], now: datetime) -> ServerState:
        """Return the state after one more pause, by the schedule of `waits` (minutes); the last of them repeats."""
        until = now + timedelta(minutes=waits[min(self.stops, len(waits) - 1)])
        return replace(self, stops=self.stops + 1, until=stamp(until), why=why, letter=letter)

    def after_resume(self) -> ServerState:
        """Return the state after a letter was taken, or when staff say so."""
        return replace(self, stops=0, until="", why="", letter=0)


def read_state(home: Home) -> ServerState:
    """Read what is known of the server that config.yaml names; nothing where the file is absent, torn or of another."""
    nothing = ServerState(server=_server(home))
    try:
        read = ServerState(**json.loads(read_small_file(_path(home))))
        datetime.fromisoformat(read.until or "2026-01-01T00:00:00+05:00")
    except (OSError, ValueError, TypeError):
        return nothing
    return read if read.server == nothing.server else nothing


def write_state(home: Home, state: ServerState) -> None:
    """Keeps it, if anything in it is new."""
    if state != read_state(home) or not _path(home).exists():
        write_atomic(_path(home), json.dumps(asdict(state), ensure_ascii=False, indent=1).encode() + b"\n")


def pause_of(home: Home) -> str:
    """Return why all letters wait now, as one word for a log: `limit` or `ours`; '' when they leave."""
    state = read_state(home)
    return trouble_of(state.why).value if state.stops else ""


def _server(home: Home) -> str:
    smtp = home.config.smtp
    return f"{smtp.tls} {smtp.user}@{smtp.host}:{smtp.actual_port} {smtp.sender}" if smtp else ""


def _path(home: Home) -> Path:
    return home.ledger / _FILE
