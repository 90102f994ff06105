"""A small centre behind its commands, with its journal in SQLite or PostgreSQL."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from inbox_worker.settings.rules import load_rules
from tests.faults.killer import Killer, Ran
from tests.support.journals import in_config
from tests.support.office import ROOT, bin_of, customer, email_of, line, make_bare_home
from tests.support.papers import File, letter, workbook


@dataclass
class Centre:
    """A home whose every call runs the real command line."""

    folder: Path
    home: Path
    journal: str
    runner: Killer
    letters: int = 0

    def copy(self, folder: Path) -> Centre:
        """The same centre elsewhere; its journal is in its home."""
        home = shutil.copytree(self.home, folder / "home")
        return replace(self, folder=folder, home=home, journal=_journal_in(home))

    def run(self, *arguments: str | Path, code: int = 0) -> Ran:
        environment = {"INBOX_WORKER_USER": "akhmetova"}
        ran = self.runner.run(*arguments, "--home", self.home, environment=environment)
        assert ran.code == code, (arguments, ran.out, ran.err)
        return ran

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.run(*arguments, "--json").out)

    def book(self, form: str, rows: Sequence[Mapping[str, object]], by: str = "", **head: object) -> File:
        pairs = {"БИН заказчика": bin_of(by), **head} if by else head
        self.letters += 1
        raw = workbook(load_rules(ROOT / "rules").forms[form], rows, pairs, f"{form} {self.letters}")
        return File(f"{form}.xlsx", raw)

    def load(self, form: str, *rows: Mapping[str, object]) -> None:
        path = self.folder / f"{form}.xlsx"
        path.write_bytes(self.book(form, rows).data)
        self.run("load", path)

    def mail(
        self, by: str, *files: File, received: str = "2026-08-20T10:00:00", text: str = "", references: str = ""
    ) -> Mapping[str, Any]:
        """A letter of a customer through `ingest`: its report."""
        self.letters += 1
        path = self.folder / f"{self.letters}.eml"
        path.write_bytes(letter(email_of(by), files, f"<{self.letters}@{by}>", text, references, {}))
        told = self.json("ingest", path, "--mailbox", "korrektirovki", "--received-at", received)
        [arrival] = told["arrivals"]
        return dict(arrival)

    def form(self, form: str, row: Mapping[str, object], by: str = "A", **more: Any) -> Mapping[str, Any]:
        """A letter with one form."""
        return self.mail(by, self.book(form, [row], by), **more)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        engine = create_engine(self.journal)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found


def _journal_in(home: Path) -> str:
    return f"sqlite:///{home / 'ledger' / 'journal.db'}"


def centre_in(folder: Path, runner: Killer) -> Centre:
    """The centre whose home lies in the folder, its journal in it."""
    home = folder / "home"
    return Centre(folder, home, _journal_in(home), runner)


def make_centre(folder: Path, runner: Killer, url: str = "") -> Centre:
    home = make_bare_home(folder / "home")
    if url:
        in_config(home, url)
    made = replace(centre_in(folder, runner), journal=url or _journal_in(home))
    made.load("customers", customer("A"), customer("B", utilities=True))
    lines = [line("A", "1001", "maintenance", tariff="31.4155", area="65.30")]
    water = line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10")
    made.load("directory", *lines, water)
    return made
