"""4.1.4, 4.1.8, 4.1.17, 4.3.2: the service keeps the calendar: each job on its day, once, whatever ended the program.

The days in the tables were counted by hand on a calendar with the days off of Kazakhstan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from sqlalchemy import Connection

from inbox_worker.contract.schedule import find_due_jobs
from inbox_worker.core.errors import JobError
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.tasks import Task
from inbox_worker.month.backup import make_backup
from inbox_worker.month.office import Office
from inbox_worker.outbox import proposals
from inbox_worker.service import calendar
from inbox_worker.service.calendar import BEGUN, CALENDAR, ServiceCalendar
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.schedule_rules import When
from inbox_worker.workbooks.cells import CellReader
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, moment, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="1000"))
    office.load_payments(payment("1001", "500", day="03.09.2026", to="A", service="lift"))


office = copies_of(town)


def keep(office: TownOffice, *moments: str, kept: ServiceCalendar | None = None) -> list[str]:
    """Let a service that was just started look at its calendar at each of the moments; what it did then."""
    before = done(office)
    for at in moments:
        (kept or ServiceCalendar()).keep(office.office, moment(at))
    return [key for key in done(office)[len(before) :] if key != BEGUN]


def done(office: TownOffice) -> list[str]:
    return [act.subject for act in find_acts_named(office.office.journal.database, CALENDAR)]


def pending(office: TownOffice) -> dict[str, int]:
    files = [path for path in (office.office.home.outbox / "pending").rglob("*.*") if path.name != "manifest.json"]
    return {path.relative_to(office.office.home.outbox).as_posix(): path.stat().st_mtime_ns for path in files}


def due(rules: Rules, name: str, at: str) -> str:
    """The day or month that a job was last due for at a moment, and since when."""
    [found] = [one for one in find_due_jobs(rules, moment(at)) if one.name == name]
    return f"{found.about} since {found.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("draft", "2026-09-26T00:59", "2026-09 since 2026-08-26 01:00"),
        ("draft", "2026-09-26T01:00", "2026-10 since 2026-09-26 01:00"),
        ("draft", "2027-12-31T12:00", "2028-01 since 2027-12-26 01:00"),
        ("bills", "2026-09-16T12:00", "2026-08 since 2026-08-19 02:00"),  # Saturday 22.08: 19, 20, 21 before it
        ("bills", "2026-09-17T02:00", "2026-09 since 2026-09-17 02:00"),  # Tuesday 22.09: 21, 18, 17
        ("bills", "2026-03-18T12:00", "2026-03 since 2026-03-18 02:00"),  # Sunday 22.03: 20, 19, 18; Nauryz comes after
        ("reports", "2026-01-07T12:00", "2025-12 since 2026-01-06 02:00"),  # Monday 12.01: 9, 8, and the 7th is off
        ("reports", "2026-10-07T02:00", "2026-09 since 2026-10-07 02:00"),  # Monday 12.10: 9, 8, 7
        ("close", "2026-10-01T07:00", "2026-09 since 2026-10-01 07:00"),
        ("audit", "2026-01-14T12:00", "2025 since 2025-01-15 07:00"),
        ("audit", "2026-01-15T12:00", "2026 since 2026-01-15 07:00"),
        ("terms", "2026-08-31T12:00", "2026-08-28 since 2026-08-28 07:00"),  # Monday 31.08 is off for the 30th
        ("terms", "2026-03-25T12:00", "2026-03-20 since 2026-03-20 07:00"),  # Nauryz: 21 to 25
    ],
)
def test_each_job_has_its_day(office: TownOffice, name: str, at: str, expected: str) -> None:
    assert due(office.office.rules, name, at) == expected


@pytest.mark.parametrize(("year", "last"), [(2027, 28), (2028, 29)])
def test_a_day_that_february_does_not_have_is_its_last(office: TownOffice, year: int, last: int) -> None:
    rules = _with_when(office.office, "draft", When.model_validate({"day": 31})).rules
    assert due(rules, "draft", f"{year}-02-{last}T12:00") == f"{year}-03 since {year}-02-{last} 01:00"


def test_a_saturday_that_is_worked_is_a_working_morning(office: TownOffice) -> None:
    folder = office.folder / "rules"
    path = folder / "calendar.yaml"
    path.write_text(path.read_text("utf-8") + "  - {date: 2026-09-12, day: working, why: moved}\n", "utf-8")
    from inbox_worker.settings.rules import load_rules

    assert due(load_rules(folder), "digest", "2026-09-12T08:00").startswith("2026-09-12")
    assert due(office.office.rules, "digest", "2026-09-12T08:00").startswith("2026-09-11")


def _with_when(office: Office, name: str, when: When) -> Office:
    schedule = dict(office.rules.schedule)
    schedule[name] = schedule[name].model_copy(update={"when": when})
    return replace(office, rules=replace(office.rules, schedule=schedule))


def test_4_3_2_the_draft_is_made_after_the_25th_and_once(office: TownOffice) -> None:
    assert keep(office, "2026-09-25T23:59") == ["terms 2026-09-25", "digest 2026-09-25"], "it begins with that day"
    assert keep(office, "2026-09-26T01:00") == ["draft 2026-10"]
    assert keep(office, "2026-09-26T01:01", "2026-09-27T12:00") == [], "a service that was started anew knows it"
    [*_, act] = find_acts_named(office.office.journal.database, CALENDAR)
    assert (act.who, act.subject, act.details) == ("service", "draft 2026-10", "2026-10")


def test_after_days_of_standstill_one_is_made_up_for_not_each(office: TownOffice) -> None:
    keep(office, "2026-09-08T09:00")
    assert keep(office, "2026-09-16T09:00") == ["terms 2026-09-16", "digest 2026-09-16"]
    found = keep(office, "2026-11-28T09:00")  # Saturday, after eleven weeks
    assert sorted(found) == ["digest 2026-11-27", "restore 2026-11", "terms 2026-11-27"], (
        "months that cannot be drafted yet wait"
    )
    assert [one.submission for one in office.office.journal.tasks.open()] == ["2026-09"]


def test_4_1_1_bills_are_ready_for_review_before_the_22nd(office: TownOffice) -> None:
    keep(office, "2026-09-17T01:59")
    assert pending(office) == {}
    assert keep(office, "2026-09-17T02:00")[:1] == ["bills 2026-09"]
    made = pending(office)
    assert {Path(name).suffix for name in made} >= {".pdf", ".xlsx"} and all("/2026-09/" in name for name in made)
    keep(office, "2026-09-18T02:00")
    assert pending(office) == made
    assert office.office.journal.documents.proofs() == [], "nothing leaves of itself"


def test_4_1_8_reports_are_ready_as_soon_as_the_month_is_closed(office: TownOffice) -> None:
    service = ServiceCalendar()
    keep(office, "2026-10-07T02:00", kept=service)
    assert not any(key.startswith("reports") for key in done(office)), "September is not closed"
    office.close("2026-09", now="2026-10-08T10:00")
    assert "reports 2026-09" in keep(office, "2026-10-08T10:20", kept=service)
    kinds = {Path(name).name.partition("-")[0] for name in pending(office)}
    assert {"turnover", "distribution", "debtors", "act"} <= kinds


def test_4_1_4_the_close_is_proposed_when_the_last_register_is_in(office: TownOffice) -> None:
    keep(office, "2026-10-01T08:00")
    assert office.office.journal.tasks.open() == [], "the 30th of September has not been told"
    office.load_payments(payment("1001", "7", number="2", day="30.09.2026", to="A"), now="2026-10-01")
    assert keep(office, "2026-10-01T10:00")[:1] == ["close 2026-09"]
    [task] = office.office.journal.tasks.open()
    assert (task.kind, task.submission, task.due.isoformat(), task.clause) == (
        "close",
        "2026-09",
        "2026-10-06",
        "4.1.4",
    )
    assert task.source == "" and task.about == "2026-09"
    office.close("2026-09", now="2026-10-02")
    keep(office, "2026-10-02T10:00")
    assert office.office.journal.tasks.open() == [], "closed, so it is done"


def test_4_1_4_without_the_last_register_the_close_is_proposed_when_patience_ends(office: TownOffice) -> None:
    """Three working days: Thursday 1st, Friday 2nd, Monday 5th of October."""
    keep(office, "2026-10-01T07:00", "2026-10-05T23:00")
    assert office.office.journal.tasks.open() == []
    keep(office, "2026-10-06T07:00")
    [task] = office.office.journal.tasks.open()
    assert "CASPKZKA" in task.what
    keep(office, "2026-11-10T07:00")
    assert len(office.office.journal.tasks.open()) == 1, "October has its turn when September is closed"
    office.close("2026-09", now="2026-11-10")
    keep(office, "2026-11-10T12:00")
    assert [one.submission for one in office.office.journal.tasks.open()] == ["2026-10"]


def test_4_1_17_the_yearly_audit_is_a_task(office: TownOffice) -> None:
    keep(office, "2026-09-08T09:00")
    assert office.office.journal.tasks.open() == [], "a home of September missed no audit of January"
    keep(office, "2027-01-15T07:00", "2027-01-16T07:00")
    [task] = [one for one in office.office.journal.tasks.open() if one.kind == "audit"]
    assert (task.submission, task.clause, task.due.isoformat()) == ("2027", "4.1.17", "2027-02-14")


class Killed(BaseException):
    """As a power cut does."""


def test_a_kill_between_the_job_and_its_record_repeats_the_job_and_makes_nothing_twice(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.load_payments(payment("1001", "7", number="2", day="30.09.2026", to="A"), now="2026-10-01")
    with monkeypatch.context() as patched:

        def killed(connection: Connection, act: str, subject: str, *rest: Any, **more: Any) -> None:
            record_act(connection, act, subject, *rest, **more)
            if subject.startswith("close"):
                raise Killed

        patched.setattr(calendar, "record_act", killed)
        with pytest.raises(Killed):
            keep(office, "2026-10-01T10:00")
    assert office.office.journal.tasks.all() == [] and done(office) == [BEGUN]
    keep(office, "2026-10-01T10:01")
    assert [task.kind for task in office.office.journal.tasks.all()] == ["close"]
    assert len(done(office)) == len(set(done(office)))


def test_a_job_that_fails_is_told_and_tried_again_and_stops_no_other(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ServiceCalendar()
    with monkeypatch.context() as patched:

        def fails(*_: object, **__: object) -> None:
            raise JobError("the disk is full")

        patched.setattr(proposals, "find_duties", fails)
        told = service.keep(office.office, moment("2026-09-08T09:00"))
    assert told == ["schedule.yaml, terms 2026-09-08: JobError: the disk is full; it is tried again"]
    assert "digest 2026-09-08" in done(office)
    assert service.keep(office.office, moment("2026-09-08T09:05")) == told, "it stands until it is tried again"
    assert service.keep(office.office, moment("2026-09-08T09:10")) == []
    assert "terms 2026-09-08" in done(office)


def test_a_job_that_is_not_active_is_left_to_people(office: TownOffice) -> None:
    schedule = {name: job.model_copy(update={"active": False}) for name, job in office.office.rules.schedule.items()}
    office.office = replace(office.office, rules=replace(office.office.rules, schedule=schedule))
    assert keep(office, "2026-09-28T09:00") == []


def test_once_keeps_the_calendar(office: TownOffice) -> None:
    from inbox_worker.service.worker import Worker

    at = datetime.fromisoformat("2026-09-26T09:00:00+05:00")
    with Worker(office.office.home) as worker:
        worker.once(at)
    assert "draft 2026-10" in done(office)


def backed_up(office: TownOffice, place: Path, now: str) -> None:
    """The home names its place of backups, and one is there."""
    home = office.office.home
    with (home.path / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"\nbackups: {{folder: {place}}}\n")
    make_backup(home, place, moment(now))


def tried(office: TownOffice, reader: CellReader) -> tuple[str, list[Task]]:
    """What the act of the month says, and the open tasks about it, once the service has read config.yaml."""
    office.__exit__()
    with TownOffice.stored(office.folder, reader) as opened:
        assert "restore 2026-10" in keep(opened, "2026-10-05T03:00")
        acts = find_acts_named(opened.office.journal.database, CALENDAR)
        [act] = [one for one in acts if one.subject == "restore 2026-10"]
        assert "restore 2026-10" not in keep(opened, "2026-10-06T03:00"), "once a month"
        return act.details, [task for task in opened.office.journal.tasks.open() if task.kind == "backup"]


def test_the_newest_backup_is_restored_for_trial_once_a_month(
    office: TownOffice, reader: CellReader, tmp_path: Path
) -> None:
    """4.1.13: it becomes a home that is proven and removed again; the act says which it was, and no task is made."""
    backed_up(office, tmp_path / "place", "2026-10-04T20:00")
    before = set(Path(gettempdir()).glob("inbox-worker-trial-*"))
    details, tasks = tried(office, reader)
    assert details.startswith("№ 1, 2026-10-04T20:00:00+05:00, restored in") and details.endswith("whole")
    assert tasks == [] and set(Path(gettempdir()).glob("inbox-worker-trial-*")) <= before


@pytest.mark.parametrize(
    ("harm", "why"), [("object", "differs from what was written"), ("gone", "there is no backup in"),
                      ("old", "older than 3 days")],
)  # fmt: skip
def test_a_backup_that_does_not_come_back_is_a_task(
    office: TownOffice, reader: CellReader, tmp_path: Path, harm: str, why: str
) -> None:
    place = tmp_path / "place"
    backed_up(office, place, "2026-10-01T20:00" if harm == "old" else "2026-10-04T20:00")
    if harm == "object":
        path = max((place / "objects").glob("??/*"), key=lambda one: one.stat().st_size)
        path.chmod(0o640)
        path.write_bytes(b"torn")
    elif harm == "gone":
        place.rename(tmp_path / "elsewhere")
    details, [task] = tried(office, reader)
    assert why in task.what and task.id in details, (task, details)


def test_a_home_without_a_place_of_backups_says_so(office: TownOffice, reader: CellReader) -> None:
    assert tried(office, reader) == ("config.yaml names no backups", [])
