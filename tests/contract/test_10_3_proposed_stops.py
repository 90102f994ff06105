"""4.3.5, 4.3.10, 4.3.11, 10.2, 10.3: a stop is proposed; staff accept it, and it acts from the next month and is told,
or turn it down, and the lines go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.expiry import ask_about_ended
from inbox_worker.deciding.written_form import WrittenFormRefused
from inbox_worker.ledger.tasks import Task
from inbox_worker.outbox import stops
from inbox_worker.outbox.publish_notices import make_notice
from inbox_worker.outbox.review import Selection
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.stops import StopError, StopPlace, accept_stop, decline_stop, find_proposed
from inbox_worker.outbox.use_cases import approve_documents
from inbox_worker.service.calendar import ServiceCalendar
from tests.documents.golden import word_text
from tests.faults.killer import Killer
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment

A, C = bin_of("A"), bin_of("C")
GAS = "обслуживание газового оборудования"


def town(office: TownOffice) -> None:
    """The contract of A's house H-1 ended on 31.08, C's attestation on 05.09; documents go into a folder."""
    config = office.folder / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\nexchange: {folder: exchange}\n", "utf-8")
    delivery = office.folder / "rules/delivery.yaml"
    delivery.write_text(delivery.read_text("utf-8").replace("default: [mail]", "default: [folder]"), "utf-8")
    office.load_customers(customer("A"), customer("C", kind=GAS, attested_until="05.09.2026"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500"),
        line("A", "1001", "lift", base="кв.", tariff="90"),
        line("A", "2001", "maintenance", base="кв.", tariff="300", house="H-2"),
        line("C", "1001", "gas_maintenance", base="кв.", tariff="100"),
    )
    contract = {"bin": A, "house": "H-1", "since": "01.09.2025", "until": "31.08.2026", "document": "№ 4"}
    office.load("house_contracts", [contract], now="2026-08-10")
    ask_about_ended(office.office, moment("2026-09-10T09:00"))


office = copies_of(town)


def proposed(office: TownOffice) -> dict[str, tuple[Task, tuple[StopPlace, ...]]]:
    """Proposals by БИН."""
    return {task.customer: (task, places) for task, places in find_proposed(office.office)}


def charged(office: TownOffice, month: str) -> dict[tuple[str, str], D]:
    return {(account, service): row["charged"] for (account, _, service), row in office.drafted(month).items()}


def accept(office: TownOffice, task: Task, *places: StopPlace, now: str = "2026-09-12T10:00") -> str:
    done = accept_stop(Pipeline(office.office, office.reader), task.id, "договор дома не продлён", places, moment(now))
    assert done.begins == date(2026, 10, 1)
    return word_text(done.notice.read_bytes())


def test_what_is_proposed_names_its_lines(office: TownOffice) -> None:
    found = proposed(office)
    assert {bin_: (task.clause, places) for bin_, (task, places) in found.items()} == {
        A: ("4.3.11", (StopPlace(house="H-1"),)), C: ("4.3.10", (StopPlace(house="H-1"),)),
    }  # fmt: skip
    assert charged(office, "2026-10")["1001", "maintenance"] == 500, "nothing stops by itself"


def test_4_3_11_an_accepted_stop_acts_from_the_next_month_and_is_told(office: TownOffice) -> None:
    task, _ = proposed(office)[A]
    text = accept(office, task)
    assert "С 01.10.2026" in text and "договор дома не продлён (H-1)" in text and "01.10.2026 күнінен" in text
    assert charged(office, "2026-09")["1001", "maintenance"] == 500
    assert charged(office, "2026-10") == {
        ("1001", "maintenance"): 0, ("1001", "lift"): 0, ("2001", "maintenance"): 300, ("1001", "gas_maintenance"): 100,
    }  # fmt: skip
    assert set(proposed(office)) == {C}
    [row] = office.facts("stops")
    assert (row["customer"], row["house"], row["clause"], row["to_date"]) == (A, "H-1", "4.3.11", None)
    done = office.office.journal.tasks.find(task.id)
    assert done is not None and row["submission"] in done.note
    ask_about_ended(office.office, moment("2026-10-10T09:00"))
    assert set(proposed(office)) == {C}, "it is asked once"


def test_a_kill_before_the_notice_or_before_the_task_s_end_leaves_it_repeatable(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, _ = proposed(office)[A]
    for step in ("make_notice", "_finish"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(stops, step, interrupted)
            accept(office, task)
    accept(office, task)
    [row] = office.facts("stops")
    done = office.office.journal.tasks.find(task.id)
    assert done is not None and done.done_at and row["submission"] in done.note
    assert len(list((office.folder / "outbox").rglob("notice-stop-*.docx"))) == 1


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_4_3_10_a_maintainer_s_lines_stop_in_every_house(office: TownOffice) -> None:
    accept(office, proposed(office)[C][0])
    assert charged(office, "2026-10")["1001", "gas_maintenance"] == 0
    assert charged(office, "2026-10")["1001", "maintenance"] == 500, "no other Customer's"


def test_one_service_of_the_house_only(office: TownOffice) -> None:
    accept(office, proposed(office)[A][0], StopPlace(house="H-1", service="lift"))
    found = charged(office, "2026-10")
    assert (found["1001", "lift"], found["1001", "maintenance"]) == (0, 500)


def test_a_stop_that_is_turned_down_does_not_come_again(office: TownOffice) -> None:
    task, _ = proposed(office)[A]
    decline_stop(office.office, task.id, "продление показано", moment("2026-09-12"))
    ask_about_ended(office.office, moment("2026-09-13T09:00"))
    assert set(proposed(office)) == {C} and office.facts("stops") == []
    assert charged(office, "2026-10")["1001", "maintenance"] == 500
    with pytest.raises(StopError, match="decided already"):
        accept(office, task)


def test_10_3_a_complaint_without_proof_needs_the_account_named(office: TownOffice) -> None:
    """Asked for on Thursday 03.09, two working days: the 7th; on the 8th a stop is proposed."""
    make_notice(office.office, "proofs", A, "протокол по жалобе 1001", None, moment("2026-09-03T10:00"))
    approve_documents(office.office, Selection(everything=True), "command:aliya", moment("2026-09-03T11:00"))
    for minute in (1, 2):
        pass_outbox(office.office, moment(f"2026-09-03T11:{minute:02d}"))
    ServiceCalendar().keep(office.office, moment("2026-09-08T09:00"))
    [task] = [task for task, _ in find_proposed(office.office) if task.clause == "4.3.5"]
    with pytest.raises(StopError, match="--account"):
        accept(office, task)
    with pytest.raises(WrittenFormRefused, match="would be rejected, so nothing was kept"):
        accept(office, task, StopPlace(account="7777"))
    accept(office, task, StopPlace(account="1001"))
    found = charged(office, "2026-10")
    assert (found["1001", "maintenance"], found["2001", "maintenance"]) == (0, 300)


@pytest.fixture
def closed(office: TownOffice) -> Iterator[TownOffice]:
    """The office, its home free for commands."""
    office._open.close()
    yield office
    office._enter()


def test_the_commands(closed: TownOffice, runner: Killer) -> None:
    def run(*words: str) -> tuple[int, str]:
        ran = runner.run(*words, "--home", closed.folder)
        return ran.code, ran.out + ran.err

    code, listed = run("stops", "list")
    assert code == 0 and "T-000001" in listed and "4.3.11" in listed and "H-1" in listed
    code, said = run("tasks", "done", "T-000001")
    assert code == 2 and "stops accept T-000001" in said
    accept_it = ("stops", "accept", "T-000001", "--by", "договор не продлён", "--lang", "en")
    code, said = run(*accept_it, "--dry-run")
    assert code == 0 and "H-1: lines would not be charged from" in said and "IW-" not in said
    assert run(*accept_it, "--account", "7777", "--dry-run")[0] == 2, "as without --dry-run: no such account"
    assert "T-000001" in run("stops", "list")[1] and not list(closed.folder.rglob("notice-stop-*"))
    code, said = run(*accept_it)
    assert code == 0 and "IW-" in said and "notice-stop-N-" in said
    code, said = run("stops", "decline", "T-000002", "--note", "аттестация продлена")
    assert code == 0 and "T-000002" in said
    assert "T-00000" not in run("stops", "list")[1]


@pytest.mark.parametrize(("since", "stopped"), [("2026-09-01", ["2026-09", "2026-10"]), ("2026-11-01", ["2026-11"])])
def test_staff_may_name_another_first_day(office: TownOffice, since: str, stopped: list[str]) -> None:
    """One of a month that is open yet, or of a later one; the Customer is told that day."""
    task, _ = proposed(office)[A]
    first = date.fromisoformat(since)
    done = accept_stop(Pipeline(office.office, office.reader), task.id, "спор", (), moment("2026-09-12T10:00"), first)
    assert done.begins == first and f"С {first:%d.%m.%Y}" in word_text(done.notice.read_bytes())
    months = ("2026-09", "2026-10", "2026-11")
    without = [month for month in months if not charged(office, month).get(("1001", "maintenance"))]
    expected = [month for month in months if month >= stopped[0]]
    assert without == expected


@pytest.mark.parametrize(
    ("since", "says"),
    [
        ("2026-08-01", "closed"), ("2026-09-01", "closed"), ("2026-10-02", "--from 2026-11-01"),
        ("2027-12-01", "12 months"),
    ],
)  # fmt: skip
def test_a_first_day_in_a_closed_month_or_within_one_is_refused(office: TownOffice, since: str, says: str) -> None:
    """Nothing of it is left: the task stays, no form, no notice."""
    office.close("2026-09", "2026-10-02")
    task, _ = proposed(office)[A]
    with pytest.raises(StopError, match=says):
        accept_stop(
            Pipeline(office.office, office.reader), task.id, "спор", (), moment("2026-10-03T10:00"),
            date.fromisoformat(since),
        )  # fmt: skip
    assert proposed(office)[A][0] == task and office.facts("stops") == []
    assert not list(office.folder.glob("outbox/pending/**/notice-stop*"))
