"""A desk with documents to review: real files in a real home, moved as people move them."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.ledger.sent_documents import Move, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.place import folder_name, place
from inbox_worker.outbox.reconcile import Reconciled
from inbox_worker.outbox.review import look_through
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment

MONTH, NOW = "2026-09", moment("2026-10-05")
ACT, TURNOVER = "act-2026-09.docx", "turnover-2026-09.xlsx"


def load_registers(office: TownOffice) -> None:
    """Two Customers on three accounts, of which two have an e-mail."""
    office.load_customers(customer("A", emails="first@a.example;second@a.example"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.3", email="flat1@home.example"),
        line("A", "1002", "maintenance", tariff="31.4155", area="40", email="flat2@home.example"),
        line("B", "1001", "lift", base="чел.", residents=2, tariff="300"),
        line("B", "1003", "lift", base="чел.", residents=2, tariff="300"),
    )


def docx(words: str) -> bytes:
    """The least that opens as a Word document."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", f"<w>{words}</w>")
    return made.getvalue()


def write_at(path: Path, data: bytes, at: datetime = NOW - timedelta(minutes=1)) -> Path:
    """Writes a file as it stands since a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


class Desk:
    """What staff see of the outbox, and the program's look at it."""

    def __init__(self, town: TownOffice) -> None:
        self.town = town
        self.office: Office = town.office
        self.root = self.office.home.outbox
        self.out = self.office.journal.documents

    def customer(self, who: str) -> Customer:
        return self.office.journal.customers.on(TODAY)[bin_of(who)]

    def render(
        self, who: str = "A", names: Sequence[str] = (ACT, TURNOVER), text: str = "first", close: int = 1,
        month: str = MONTH, owner: Customer | None = None, now: datetime = NOW,
    ) -> None:  # fmt: skip
        """Puts documents up for review, as `documents` does."""
        made = [Rendered(_kind(name), name, f"{name} {who} {text}".encode(), "t@1") for name in names]
        real = self.office.journal.closes.in_force(Period.parse(month))
        sha256 = real.sha256 if real and real.number == close else f"close {close}"
        made_of = {"close": sha256, "close_number": str(close), "rules": "r"}
        place(self.root, Period.parse(month), owner or self.customer(who), made, made_of, now)

    def folder(self, state: str, who: str = "A", month: str = MONTH) -> Path:
        return self.root / state / month / folder_name(self.customer(who))

    def file(self, state: str, name: str = ACT, who: str = "A") -> Path:
        return self.folder(state, who) / name

    def move(self, name: str, was: str, to: str, who: str = "A") -> Path:
        """As a file manager does."""
        target = self.file(to, name, who)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.file(was, name, who), target)
        return target

    def look(self, now: datetime = NOW) -> Reconciled:
        return look_through(self.office, now, everything=True)

    def codes(self) -> list[str]:
        return sorted(problem.code for problem in self.look().problems)

    def version(self, name: str = ACT, who: str = "A", state: str = "") -> Version:
        """The newest version of a file, or the one in a state."""
        found = [v for v in self.out.versions() if v.name == name and v.bin == bin_of(who)]
        return [v for v in found if not state or v.state == state][-1]

    def state(self, name: str = ACT, who: str = "A") -> str:
        return self.version(name, who).state.value

    def moves(self, name: str = ACT, who: str = "A") -> list[Move]:
        return self.out.moves(self.version(name, who).id)

    def proofs(self, name: str = ACT, who: str = "A") -> list[Proof]:
        return self.out.proofs(self.version(name, who).id)

    def manifest(self, state: str, who: str = "A") -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.folder(state, who) / "manifest.json").read_text("utf-8"))["files"]
        return read

    def lying(self) -> list[str]:
        """Every file of the outbox without the manifests."""
        files = (path for path in self.root.rglob("*") if path.is_file() and path.name != "manifest.json")
        return sorted(path.relative_to(self.root).as_posix() for path in files)


def _kind(name: str) -> str:
    return "bills" if name.startswith("bill") else name.partition("-")[0]
