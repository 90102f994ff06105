"""To decide writes nothing, whatever the form and its outcome: no statement that changes the journal, no file of the
home; what is committed afterwards is seen by the same watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from inbox_worker.core.files import sha256
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.receiving.store import Incoming, keep
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, email_of, line, moment, payment
from tests.support.papers import SCAN, File, letter, workbook

BROKEN = (".db-shm",)  # SQLite's shared memory: who reads the journal is noted there
OTHER = File("note.xlsx", b"no workbook at all")


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("A", "1001", "cold_water", base="счётчик", tariff="50", meter="M-1", reading="100"),
    )


office = copies_of(town)


@dataclass
class Written:
    """What a block wrote."""

    statements: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@contextmanager
def watched(office: TownOffice) -> Iterator[Written]:
    """Record statements other than questions, and files and folders of the home that are not what they were."""
    found, engine, before = Written(), office.office.journal.database.engine, look(office.folder)

    def asked(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0].lower() != "select":
            found.statements.append(statement)

    event.listen(engine, "before_cursor_execute", asked)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", asked)
        after = look(office.folder)
        found.files += sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def look(folder: Path) -> dict[str, tuple[object, ...]]:
    """Every file by its bytes, place and time, every folder by the time of its last change: a file that was written
    and taken away again shows, too."""
    seen: dict[str, tuple[object, ...]] = {}
    for path in (folder, *folder.rglob("*")):
        if not path.name.endswith(BROKEN):
            state = path.stat()
            bytes_ = sha256(path.read_bytes()) if path.is_file() else ""
            seen[str(path.relative_to(folder))] = (state.st_ino, state.st_mtime_ns, bytes_)
    return seen


def past_sum(amount: str, account: str = "1001") -> Row:
    return {"account": account, "service": "maintenance", "past_month": "06.2026", "amount": amount}


READING = {"account": "1001", "service": "cold_water", "meter": "M-1", "current": "112", "taken_on": "20.08.2026"}
REQUEST = {"kind": "Справка", "since": "01.08.2026"}


def form(name: str, *rows: Row, more: tuple[File, ...] = ()) -> Callable[[TownOffice], tuple[bytes, str]]:
    """A letter of the Customer with that form, and the mailbox that it comes to."""

    def made(office: TownOffice) -> tuple[bytes, str]:
        files = [File(f"{name}.xlsx", office.form(name, rows)), *more]
        return letter(email_of("A"), files, "<new@a.example>", "", "", {}), office.office.rules.forms[name].mailbox

    return made


def register(name: str, *rows: Row, **head: object) -> Callable[[TownOffice], tuple[bytes, str]]:
    """A register that staff load."""
    return lambda office: (workbook(office.office.rules.forms[name], rows, head, "new"), "load")


def twice(office: TownOffice) -> tuple[bytes, str]:
    """A form that was posted before."""
    first, mailbox = form("recalculations", past_sum("-7"))(office)
    assert office._pipeline.ingest(Incoming(first, "first.eml", mailbox, moment("2026-08-19"))).outcome == "accepted"
    return first, mailbox


def stranger(_: TownOffice) -> tuple[bytes, str]:
    """A letter with a file that is no form."""
    return letter(email_of("A"), [OTHER], "<new@a.example>", "", "", {}), "korrektirovki"


CASES = {
    "accepted": (form("recalculations", past_sum("-1")), "2026-08-20", "accepted"),
    "proved": (form("recalculations", past_sum("1"), more=(SCAN,)), "2026-08-20", "accepted"),
    "late": (form("recalculations", past_sum("-1")), "2026-08-26", "deferred"),
    "held": (form("recalculations", past_sum("1")), "2026-08-20", "held"),
    "rejected": (form("recalculations", past_sum("-1", "77")), "2026-08-20", "rejected"),
    "repeated": (twice, "2026-08-20", "duplicate"),
    "readings": (form("meter_readings", READING), "2026-08-20", "accepted"),
    "task": (form("request", REQUEST), "2026-08-20", "held"),
    "no form": (stranger, "2026-08-20", "rejected"),
    "directory": (
        register("directory", line("A", "1002", "maintenance", tariff="30", area="5")), "2026-08-20", "accepted",
    ),
    "bank": (
        register("bank_register", payment("1001", "5"), Количество=1, Сумма="5"), "2026-09-06", "accepted",
    ),
}  # fmt: skip


@pytest.mark.quick(0, 1, 2, 3)
@pytest.mark.parametrize(("make", "received", "outcome"), CASES.values(), ids=CASES)
def test_nothing_is_written_before_the_commit(
    make: Callable[[TownOffice], tuple[bytes, str]], received: str, outcome: str, office: TownOffice
) -> None:
    raw, mailbox = make(office)
    journal, archive = office.office.journal, office.office.home.archive
    forms = FormDecider(office.office, office.reader)
    name = "new.xlsx" if mailbox == "load" else "new.eml"
    arrival = keep(journal, archive, Incoming(raw, name, mailbox, moment(received)))
    with watched(office) as deciding:
        opened = forms.open(arrival)
        (case,), _ = forms.read(arrival, opened)
        decision = forms.decide(case)
    assert (deciding.statements, deciding.files) == ([], [])
    assert decision.submission.outcome == outcome
    with watched(office) as committing:
        forms.commit(decision)
    assert any(statement.startswith("INSERT INTO submissions") for statement in committing.statements)
    assert committing.files, "the watch sees files that change"
