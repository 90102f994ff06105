"""Homes to copy, their journal in SQLite or PostgreSQL; commands are run by one runner."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.settings.rules import load_rules
from tests.faults.killer import Ran
from tests.support.here import Runner
from tests.support.journals import in_config
from tests.support.office import ROOT, Row, bin_of, customer, line, make_bare_home
from tests.support.papers import File, letter, workbook
from tests.support.postgres import Postgres

BOTH = pytest.mark.parametrize("base", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True)
RULES = load_rules(ROOT / "rules")
BEFORE, LATER = "2026-08-20T10:00:00", "2026-08-21T10:00:00"


def recalculation(amount: str, account: str = "1001", month: str = "06.2026") -> Row:
    return {"account": account, "service": "maintenance", "past_month": month, "amount": amount}


TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}


@dataclass(frozen=True)
class Base:
    """A home as it stands before a test: registers loaded, a form of A's and one of B's posted."""

    folder: Path
    database: str  # '' = SQLite


class House:
    """A test's own home, asked through the command line alone."""

    def __init__(self, folder: Path, killer: Runner) -> None:
        self.folder = folder
        self._killer = killer
        self._letters = 0

    def run(self, *arguments: str | Path, last: int | None = None) -> Ran:
        return self._killer.run(*arguments, "--home", self.folder, last=last)

    def told(self, *arguments: str | Path, code: int = 0) -> list[Mapping[str, Any]]:
        """The arrivals that a command prints with --json, which ends with `code`."""
        ran = self.run(*arguments, "--json")
        assert ran.code == code, (ran.out, ran.err)
        assert ran.err.count("\n") == (code != 0), ran.err
        assert ran.out, ran.err
        return list(json.loads(ran.out)["arrivals"])

    def ingest(self, *files: Path, at: str = BEFORE, code: int = 0) -> list[Mapping[str, Any]]:
        return self.told("ingest", *files, "--mailbox", "korrektirovki", "--received-at", at, code=code)

    def mail(
        self, *files: File, by: str = "A", sender: str = "", references: str = "", text: str = "", name: str = ""
    ) -> Path:
        """A letter as a file; `name` begins its Message-ID."""
        self._letters += 1
        path = self.folder / f"{name or self._letters}.eml"
        identity = f"<{name or self._letters}@{by.lower()}.example>"
        path.write_bytes(letter(sender or f"office@{by.lower()}.example", files, identity, text, references, {}))
        return path

    def form(self, form: str, *rows: Row, by: str = "A") -> File:
        self._letters += 1
        head = {"БИН заказчика": bin_of(by)}
        return File(f"{form}.xlsx", workbook(RULES.forms[form], rows, head, f"{form} {self._letters}"))

    def book(self, form: str, rows: Sequence[Row], **head: object) -> Path:
        """A register of the operator's as a file."""
        self._letters += 1
        path = self.folder / f"{form}-{self._letters}.xlsx"
        path.write_bytes(workbook(RULES.forms[form], rows, head, str(self._letters)))
        return path

    def damage(self, kind: str = "recalculations", by: str = "A") -> Damage:
        """Half of a fact file of the Customer's: whatever needs it cannot be decided."""
        return Damage(self.folder, next(self.folder.glob(f"ledger/facts/{bin_of(by)}/*/{kind}-*.parquet")))


class Damage:
    """A file of a home that lost its second half, until it is mended."""

    def __init__(self, home: Path, path: Path) -> None:
        self._home, self._path, self._whole = home, path.relative_to(home), path.read_bytes()
        path.write_bytes(self._whole[: len(self._whole) // 2])

    def mend(self, home: Path | None = None) -> None:
        """Makes the file whole, in its home or in a copy of it."""
        ((home or self._home) / self._path).write_bytes(self._whole)


def make_base(folder: Path, killer: Runner, server: Postgres | None) -> Base:
    """Registers loaded and a recalculation of each Customer posted."""
    make_bare_home(folder)
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("\nreply: review\n")
    url = server.fresh() if server else ""
    if url:
        in_config(folder, url)
    house = House(folder, killer)
    customers = house.book("customers", [customer("A"), customer("B")])
    names = [line(by, account, "maintenance", tariff="30", area="10") for by, account in (("A", "1001"), ("B", "2001"))]
    assert house.run("load", customers, house.book("directory", names)).code == 0
    posted = [house.mail(house.form("recalculations", recalculation("-5")))]
    posted.append(house.mail(house.form("recalculations", recalculation("-5", "2001"), by="B"), by="B"))
    assert [told["outcome"] for told in house.ingest(*posted)] == ["accepted", "accepted"]
    return Base(folder, url.rpartition("/")[2])


def house_like(base: Base, folder: Path, killer: Runner, server: Postgres | None) -> House:
    """A copy of a home with a copy of its journal."""
    shutil.copytree(base.folder, folder)
    if server and base.database:
        in_config(folder, server.fresh(like=base.database))
    return House(folder, killer)
