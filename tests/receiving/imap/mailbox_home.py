"""A billing centre's home whose letters come by IMAP, and what its journal and its mailboxes say."""

from __future__ import annotations

import queue
import re
import select
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from mailbox_server import PATIENCE, Dovecot

from inbox_worker.core.time import ALMATY
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from tests.support.lent import lent
from tests.support.office import ROOT, bin_of, email_of
from tests.support.papers import File, letter, workbook
from tests.support.warm import Started

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=ALMATY)
SECRET = "IW_TEST_PASSWORD"
_RULES = load_rules(ROOT / "rules")


def account_of(customer: str) -> str:
    """The account that a customer 'A' ... 'E' has in the directory."""
    return str(1001 + ord(customer) - ord("A"))


def recalculation(number: int, by: str = "A") -> bytes:
    """A workbook that is accepted without documents; every number has bytes of its own."""
    row = {"account": account_of(by), "service": "maintenance", "past_month": "06.2026", "amount": f"-{number}.25"}
    return workbook(_RULES.forms["recalculations"], [row], {"БИН заказчика": bin_of(by)}, str(number))


def mail(number: int, *files: File, sender: str = "", by: str = "A") -> bytes:
    """A letter of a customer with a form of its own, or with the files given."""
    files = files or (File("Перерасчёт.xlsx", recalculation(number, by)),)
    text = "Спасибо!" if files[0].name == "card.vcf" else ""  # needs nobody
    return letter(sender or email_of(by), files, f"<{number}@a.example>", text, "", {})


@dataclass(frozen=True)
class MailHome:
    """A home and the server where its two mailboxes are."""

    path: Path
    server: Dovecot
    users: Mapping[str, str]  # mailbox -> user on the server

    def settings(self, **changes: Any) -> None:
        """Changes keys of `imap:` in both mailboxes."""
        file = self.path / "config.yaml"
        config = yaml.load(file.read_bytes(), yaml.CSafeLoader)
        for box in config["mailboxes"].values():
            box["imap"] |= changes
        file.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")

    def deliver(self, *letters: bytes, to: str = "korrektirovki", at: datetime | None = NOW) -> None:
        self.server.deliver(self.users[to], *letters, at=at)

    def answers_by(self, port: int) -> None:
        """Lets the home answer through a mail server on that port."""
        file = self.path / "config.yaml"
        config = yaml.load(file.read_bytes(), yaml.CSafeLoader)
        config["smtp"] = {"host": "127.0.0.1", "port": port, "tls": "none", "timeout": 5}
        file.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")

    def once(self, now: datetime = NOW) -> None:
        with lent(), Worker(load_home(self.path)) as worker:
            worker.once(now)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the journal holds."""
        connection = sqlite3.connect(self.path / "ledger" / "journal.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def write(self, statement: str, *values: Any) -> None:
        """Makes the journal say something else."""
        with sqlite3.connect(self.path / "ledger" / "journal.db") as connection:
            connection.execute(statement, values)
        connection.close()

    def outcomes(self, mailbox: str = "korrektirovki") -> list[str]:
        """Outcome of each arrival of a mailbox, in order of number."""
        found = self.rows("select outcome, mailbox from arrivals order by number")
        return [outcome for outcome, box in found if box == mailbox]

    def folders(self, mailbox: str = "korrektirovki") -> dict[str, int]:
        return self.server.folders(self.users[mailbox])

    def wait_for_folders(self, wanted: dict[str, int]) -> None:
        """Until letters lie so: a server that dies in the middle of a MOVE may keep a letter in both folders."""
        until = time.monotonic() + PATIENCE
        while self.folders() != wanted:
            assert time.monotonic() < until, self.folders()
            select.select([], [], [], 0.05)

    def places(self) -> list[tuple[int, int, str]]:
        """(UID, arrival, where to) of every letter that was taken; the UID is 0 once it was moved."""
        found = []
        for number, place in self.rows("select number, place from arrivals where place like 'imap:%' order by number"):
            uid = re.search(r"UID=(\d+)", place)
            found.append((int(uid[1]) if uid else 0, number, place.partition(" -> ")[2]))
        return found

    def lying(self) -> list[tuple[Any, ...]]:
        """Letters that were taken and not moved."""
        return self.rows("select place from arrivals where place like '%;UID=%'")


def make_mail_home(loaded: Path, path: Path, server: Dovecot, users: Mapping[str, str]) -> MailHome:
    """A copy of a loaded home with `imap:` in both mailboxes."""
    shutil.copytree(loaded, path)
    file = path / "config.yaml"
    config = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    config["folders"] |= {"quiet_seconds": 0.2, "scan_seconds": 0.5}
    config["logs"] = "plain"  # the tests read lines from a pipe
    for name, box in config["mailboxes"].items():
        box["imap"] = {
            "host": "127.0.0.1", "port": server.tls, "ca_file": str(server.ca), "user": users[name],
            "password_env": SECRET, "timeout_seconds": 5, "connect_seconds": 5, "retry_seconds": 0.5,
            "since": "2026-01-01",
        }  # fmt: skip
    file.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    return MailHome(path, server, users)


class Service:
    """A running `run`, its lines read as they come."""

    def __init__(self, home: MailHome) -> None:
        self.process = Started(["run", "--home", str(home.path)])
        self.out: queue.Queue[str] = queue.Queue()
        self.err: queue.Queue[str] = queue.Queue()
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=_pump, args=(stream, lines), daemon=True).start()

    def line(self, seconds: float = PATIENCE) -> str:
        """The next line on stdout; an error when none comes in time."""
        return self.out.get(timeout=seconds)

    def problem(self, seconds: float = PATIENCE) -> str:
        """The next line on stderr."""
        return self.err.get(timeout=seconds)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def _pump(stream: Any, lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line)


@contextmanager
def service(home: MailHome) -> Iterator[Service]:
    running = Service(home)
    try:
        assert running.line().startswith("watching ")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
