"""`python -m tests.month.stored_town`: makes the stored town anew, a ledger with every rare step of a month at work.

Closes in it are those of the program that made it: later programs must read them, and compute the same rows of the same
facts. Make it anew only when money.md changes, and look at what differs.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from inbox_worker.core.model import Period
from inbox_worker.month.months import compute_month
from inbox_worker.month.steps import STEPS
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.month.test_oracle import form_month, live_in, send, text
from tests.support.office import ROOT, TownOffice, line, make_bare_home
from tests.support.oracle_facts import TownLine
from tests.support.towns import FIRST, build_story

STORED = ROOT / "tests/month/town.zip"
SEED, ACCOUNTS, LIVED = 16, 30, 5
LAST = FIRST + LIVED  # the month of forms that stories do not know
MONTHS = tuple(Period.parse(text(month)) for month in range(FIRST, LAST + 1))


def main() -> None:
    """Makes the town, closes its months twice, and writes its ledger."""
    with tempfile.TemporaryDirectory() as folder, CellReader(load_rules(ROOT / "rules").limits) as reader:
        home = Path(folder) / "home"
        with TownOffice(home, reader) as office:
            story = build_story(Random(SEED), LIVED, ACCOUNTS)
            live_in(office, story)
            add_rare_forms(office, [known for known in story.lines if known.told is None])
            close_anew(office)
            sys.stdout.write(f"{dict(rows_of_steps(office))}\n")
        pack(home)


def add_rare_forms(office: TownOffice, lines: list[TownLine]) -> None:
    """A month with a service added to an account, a new name, and a line whose base changed before a tariff that counts
    from before the change."""
    month, received = form_month(LAST), f"{text(LAST - 1)}-20"
    standing = office.lines(text(LAST - 1))
    first = next(known for known in lines if known.key[2] == "maintenance" and known.key[0] not in added_to(standing))
    account = first.key[0]
    from_date = f"01.{month}"
    rows = [
        {"account": account, "indicator": "Добавить услугу", "becomes": "Домофон", "from_date": from_date},
        {"account": account, "indicator": "ФИО", "becomes": "Ахметова Айгуль", "from_date": from_date},
    ]
    send(office, "directory_corrections", rows, "A", month, received, False)
    water = [known for known in lines if known.key[2] == "cold_water"][:3]
    office.load_directory(
        *(line("B", w.key[0], "cold_water", base="чел.", start=month, house=w.house, residents=3) for w in water),
        now=received,
    )
    past = {"service": "cold_water", "base": "счётчик", "tariff": "55.5", "from_month": form_month(LAST - 3)}
    now = {"service": "cold_water", "base": "чел.", "tariff": "410.25", "from_month": month}
    send(office, "tariffs", [past, now], "B", month, received, False)
    office.close(text(LAST))


def added_to(standing: Collection[tuple[str, str, str]]) -> set[str]:
    """Accounts that have the service already."""
    return {account for account, _, service in standing if service == "intercom"}


def close_anew(office: TownOffice) -> None:
    """Opens every month and closes it again: each out of the facts as they stand now."""
    for month in reversed(MONTHS):
        office.reopen(str(month))
    for month in MONTHS:
        office.close(str(month))


def rows_of_steps(office: TownOffice) -> Counter[str]:
    """How many rows each step gives in all months together."""
    found: Counter[str] = Counter()
    for month in MONTHS:
        with compute_month(office.office, month).connection as connection:
            for step in STEPS:
                name = step.stem[3:]
                found[name] += connection.execute(f"select count(*) from {name}").fetchall()[0][0]  # noqa: S608
    return found


def pack(home: Path) -> None:
    """Writes the ledger of a home into the stored file; the same files give the same bytes."""
    with ZipFile(STORED, "w", ZIP_DEFLATED, compresslevel=9) as stored:
        for path in sorted(path for path in (home / "ledger").rglob("*") if path.is_file()):
            stored.writestr(ZipInfo(path.relative_to(home).as_posix()), path.read_bytes(), ZIP_DEFLATED, 9)


def unpack(home: Path) -> None:
    """Makes a home of the shipped settings and rules with the stored ledger."""
    make_bare_home(home)
    with ZipFile(STORED) as stored:
        stored.extractall(home)


if __name__ == "__main__":
    main()
