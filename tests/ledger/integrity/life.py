"""A small home with a file of every kind that a journal names; its journal is in it, or where the test says."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from inbox_worker.settings.rules import load_rules
from tests.faults.killer import Ran
from tests.support.here import Runner
from tests.support.office import ROOT, bin_of, customer, email_of, line, payment
from tests.support.papers import File, letter, workbook
from tests.support.postgres import Postgres

AT = "2026-08-20T10:00:00"
MONTH = "2026-09"


@dataclass(frozen=True)
class Life:
    """A home and its journal. `forms`: letters and registers beside it. `url`: '' for a journal in the home."""

    home: Path
    forms: Path
    runner: Runner
    url: str = ""
    server: Postgres | None = None

    @property
    def journal(self) -> str:
        """The journal's URL."""
        return self.url or f"sqlite:///{self.home / 'ledger' / 'journal.db'}"

    def run(self, *arguments: str | Path, rights: bool = True, last: int | None = None) -> Ran:
        """Runs a command, with `last` and `rights` as `Runner` does."""
        named = {"INBOX_WORKER_JOURNAL": self.url} if self.url else {}
        where = ("--home", self.home)
        return self.runner.run(*arguments, *where, environment=named, seconds=300, rights=rights, last=last)

    def elsewhere(self, name: str) -> Life:
        """The place of another home beside this one, and of its journal: nothing is there yet."""
        return replace(self, home=self.home.parent / name, url=self.server.fresh() if self.server else "")

    def ingest(self, name: str, last: int | None = None) -> Ran:
        at = ("--mailbox", "korrektirovki", "--received-at", AT)
        return self.run("ingest", self.forms / name, *at, "--json", last=last)

    def ingested(self, name: str) -> dict[str, Any]:
        ran = self.ingest(name)
        assert ran.code == 0, ran.err
        (arrival,) = json.loads(ran.out)["arrivals"]
        return dict(arrival)

    def copy(self, folder: Path, *, journal_of: Life | None = None) -> Life:
        """The home again elsewhere, with a journal of its own: as it is, or as another copy's is."""
        shutil.copytree(self.home, folder)
        source = journal_of or self
        if self.server is None:
            source.put_journal(folder)
            return replace(self, home=folder)
        return replace(self, home=folder, url=self.server.fresh(make_url(source.url).database or ""))

    def put_journal(self, home: Path) -> None:
        """This home's journal in the place of another home's (SQLite)."""
        for old in (home / "ledger").glob("journal.db*"):
            old.unlink()
        for path in (self.home / "ledger").glob("journal.db*"):
            shutil.copy(path, home / "ledger" / path.name)

    def one(self, pattern: str) -> Path:
        """The first file of the home that fits."""
        return min(self.home.glob(pattern))


def damage(path: Path, place: int = -1) -> bytes:
    """Turns one byte of a file; gives what it was."""
    data = path.read_bytes()
    place = len(data) // 2 if place < 0 else place
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    return data


def begin(folder: Path, runner: Runner, url: str = "", server: Postgres | None = None) -> Life:
    """Registers, letters of every outcome, a payment, a close, documents of which one is approved."""
    home, forms = folder / "home", folder / "forms"
    forms.mkdir(parents=True)
    life = Life(home, forms, runner, url, server)
    _write_forms(forms)
    assert runner.run("init", home).code == 0
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\nreply: review\nexchange: {folder: exchange}\n", "utf-8")
    delivery = home / "rules" / "delivery.yaml"
    delivery.write_text(delivery.read_text("utf-8").replace("default: [mail]", "default: [folder]"), "utf-8")
    steps: list[tuple[str | Path, ...]] = [("load", forms / "customers.xlsx"), ("load", forms / "directory.xlsx")]
    letters = ("minus.eml", "broken.eml", "plus.eml")
    steps.append(("ingest", *(forms / one for one in letters), "--mailbox", "korrektirovki", "--received-at", AT))
    steps += [("load", forms / "bank.xlsx"), ("close", MONTH), ("documents", MONTH, "--kind", "turnover"), ("once",)]
    for step in steps:
        ran = life.run(*step)
        assert ran.code == 0, (step, ran.err)
    approved = life.run("outbox", "approve", life.one("outbox/pending/2026-09/*/turnover-*.xlsx"))
    assert approved.code == 0, approved.err
    return life


def _write_forms(forms: Path) -> None:
    rules = load_rules(ROOT / "rules").forms
    registers: dict[str, tuple[str, list[Any], dict[str, object]]] = {
        "customers.xlsx": ("customers", [customer("A"), customer("B")], {}),
        "directory.xlsx": ("directory", [line("A", "1", "maintenance", tariff="30", area="10", balance="100"),
                                         line("B", "2", "lift", base="чел.", residents="2", tariff="5")], {}),
        "bank.xlsx": ("bank_register", [payment("1", "50")], {"Количество": 1, "Сумма": 50}),
    }  # fmt: skip
    for name, (form, rows, head) in registers.items():
        (forms / name).write_bytes(workbook(rules[form], rows, head, name))
    amounts = {"minus": "-10", "broken": "ten", "spoilt": "two", "plus": "10", "later": "-7", "latest": "-3"}
    for name, amount in amounts.items():
        row = {"account": "1", "service": "maintenance", "past_month": "06.2026", "amount": amount}
        book = workbook(rules["recalculations"], [row], {"БИН заказчика": bin_of("A")}, name)
        raw = letter(email_of("A"), [File(f"{name}.xlsx", book)], f"<{name}@a.example>", "", "", {})
        (forms / f"{name}.eml").write_bytes(raw)
