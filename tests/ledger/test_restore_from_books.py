"""`ledger restore`: the home is destroyed, its workbooks and its archive are left, and every balance comes back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.exact_cells import as_exact_cell
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.documents.whole_book import NAME
from inbox_worker.month.clock import confirm_clock
from inbox_worker.month.frozen import CloseWriter
from inbox_worker.month.months import list_closed_months
from inbox_worker.outbox.destruction import destroy, propose
from inbox_worker.workbooks.cells import CellReader
from tests.faults.killer import Ran
from tests.month.test_oracle import live_in
from tests.support.here import Runner
from tests.support.office import TownOffice, bin_of, customer, line, make_bare_home, moment
from tests.support.once import build_once
from tests.support.towns import build_story

SEED = 16
FACTS = {"tariffs", "recalculations", "meter_readings", "meter_change", "undelivered", "penalty_notice", "allocations"}


def live(folder: Path, reader: CellReader, months: int, accounts: int) -> Path:
    """A town that lives: tariffs by steps, corrections, meters, payments, a notice of penalty; a month closed twice; a
    letter that is refused; one that comes after the last close. All months have their workbooks."""
    with TownOffice(folder / "home", reader) as office:
        story = build_story(Random(SEED), months, accounts)
        story.by_residents = frozenset()  # which rules in memory alone would say
        live_in(office, story)
        closed = list_closed_months(office.office)
        last = str(closed[-1])
        office.reopen(last)
        account = next(iter(office.drafted(last)))[0]
        row = {
            "account": account,
            "service": "maintenance",
            "past_month": "07.2026",
            "amount": "-12.34",
            "basis": "акт",
        }
        received = f"{closed[-1].plus(-1)}-21"
        assert office.ingest("recalculations", [{**row, "amount": "ten"}], received=received).outcome == "rejected"
        assert office.ingest("recalculations", [row], received=received).outcome == "accepted"
        office.close(last)
        later = office.ingest("recalculations", [{**row, "amount": "-5"}], received=f"{last}-20")
        assert later.outcome == "accepted", later.report
        for month in closed:
            render_books(office.office, month)
    return folder / "home"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Path:
    """The home of two months; not to be changed."""
    return build_once(tmp_path_factory, "lived", lambda folder: live(folder, reader, months=2, accounts=4))


@pytest.fixture
def left(lived: Path, tmp_path: Path) -> Path:
    """What is left of the home: workbooks and archive."""
    shutil.copytree(lived / "ledger" / "books", tmp_path / "left" / "books")
    shutil.copytree(lived / "archive", tmp_path / "left" / "archive")
    return tmp_path / "left"


def restored(runner: Runner, left: Path, home: Path, *options: str, last: int | None = None) -> Ran:
    make_bare_home(home)
    return runner.run(
        "ledger", "restore", left / "books", left / "archive", *options, "--home", home, last=last, seconds=300
    )


def parquets(home: Path) -> dict[str, Any]:
    """Every file of facts and closes by its path, but those of closes that were reopened."""
    files = [*(home / "ledger" / "facts").rglob("*.parquet"), *(home / "ledger" / "closes").glob("????-??/*.parquet")]
    return {path.relative_to(home).as_posix(): pq.read_table(path) for path in files}


def assert_same(home: Path, lived: Path) -> None:
    """Facts and closes are equal row by row, but for the fact that came after the last close."""
    there, here = parquets(lived), parquets(home)
    later = there.keys() - here.keys()
    assert len(later) == 1 and here.keys() < there.keys(), later
    assert all(table.equals(there[name]) for name, table in here.items())
    kinds = {Path(name).stem.partition("-")[0] for name in here}
    assert kinds >= FACTS, FACTS - kinds


def test_workbooks_and_archive_alone_bring_every_balance_back(
    lived: Path, left: Path, tmp_path: Path, runner: Runner
) -> None:
    home = tmp_path / "new"
    ran = restored(runner, left, home, "--json")
    assert ran.code == 0, ran
    done = json.loads(ran.out)
    assert done["problems"] == [] and len(done["undecided"]) == 1 and len(done["later"]) == 1, done
    assert_same(home, lived)
    verified = runner.run("ledger", "verify", "--json", "--home", home)
    assert verified.code == 0 and json.loads(verified.out)["problems"] == [], verified
    spoken = runner.run("contract", bin_of("A"), "--json", "--home", home)
    before = runner.run("contract", bin_of("A"), "--json", "--home", lived)
    assert json.loads(spoken.out)["customer"] == json.loads(before.out)["customer"], spoken
    again = runner.run("retry", done["undecided"][0], "--home", home)
    assert again.code == 0 and "отклонено" in again.out, again
    handed = runner.run("ingest", done["later"][0], "--mailbox", "korrektirovki", "--home", home)
    assert handed.code == 0, handed
    refused = restored(runner, left, home)
    assert refused.code == 2 and "has a ledger already" in refused.err, refused


@pytest.mark.slow
def test_the_restored_ledger_goes_on(left: Path, tmp_path: Path, runner: Runner) -> None:
    """The next month is closed on the balances of the last, and books of it are written."""
    home = tmp_path / "new"
    ran = restored(runner, left, home)
    assert ran.code == 0 and "IW-" in ran.out, ran
    month = str(Period.parse(max(path.name for path in (left / "books").iterdir())).plus(1))
    assert runner.run("close", month, "--home", home).code == 0
    assert runner.run("ledger", "books", month, "--home", home).code == 0


@pytest.mark.slow
def test_a_place_without_a_home_gets_one(left: Path, tmp_path: Path, runner: Runner) -> None:
    home = tmp_path / "new"
    shutil.copytree(left / "archive", home / "archive")
    shutil.copytree(left / "books", home / "ledger" / "books")
    ran = runner.run("ledger", "restore", "--home", home)
    assert ran.code == 0 and str(home) in ran.out, ran
    assert (home / "ledger" / "journal.db").is_file()


@pytest.mark.slow
def test_a_home_that_was_only_looked_at_is_empty(left: Path, tmp_path: Path, runner: Runner) -> None:
    home = make_bare_home(tmp_path / "new")
    assert runner.run("tasks", "list", "--home", home).code == 0
    assert (home / "ledger" / "journal.db").is_file()
    ran = restored(runner, left, home)
    assert ran.code == 0, ran
    assert (home / "ledger" / "leftover" / "journal.db").is_file(), "what was there is kept"
    assert runner.run("ledger", "verify", "--home", home).code == 0


def change_cell(path: Path, sheet: str) -> None:
    """A number of a sheet one tenge more, as a hand would write it."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    columns = {str(cell.value).partition(":")[0]: cell.column for row in page.iter_rows(1, 8) for cell in row}
    column = columns.get("closing") or columns["amount"]
    cell = next(
        row[0] for row in page.iter_rows(3, min_col=column, max_col=column) if isinstance(row[0].value, float | int)
    )
    cell.value += 1
    book.save(path)


def change_whole(left: Path) -> str:
    change_cell(min(left.glob(f"books/*/{NAME}")), "close lines")
    return "'close lines': row 3"


def change_fact(left: Path) -> str:
    change_cell(min(left.glob(f"books/*/{NAME}")), "facts allocations")
    return "'facts allocations': row 3"


def change_customers(left: Path) -> str:
    path = min(path for path in left.glob("books/*/*.xlsx") if path.name != NAME)
    change_cell(path, openpyxl.load_workbook(path).sheetnames[1])
    return f"{path.name}: "


def change_proof(left: Path) -> str:
    path = min(left.glob(f"books/*/{NAME}"))
    book = openpyxl.load_workbook(path)
    book["proofs"]["C4"].value = "2026-08"
    book.save(path)
    return "differs from its seal"


def take_month(left: Path) -> str:
    month = min((left / "books").iterdir())
    shutil.rmtree(month)
    return f"the workbook of {month.name} is missing"


def take_whole(left: Path) -> str:
    path = max(left.glob(f"books/*/{NAME}"))
    path.unlink()
    return f"{path.parent} lacks its {NAME}"


def take_letter(left: Path) -> str:
    path = min((left / "archive").glob("2???/*/*"))
    path.unlink()
    return f"{path}, the letter IW-0000"


def damage_letter(left: Path) -> str:
    path = max(p for p in (left / "archive").glob("2???/08/*"))
    path.write_bytes(path.read_bytes() + b" ")
    return f"{path}, the letter IW-0000"


def empty_whole(left: Path) -> str:
    path = max(left.glob(f"books/*/{NAME}"))
    path.write_bytes(b"")
    return f"{path} cannot be read as a workbook"


def tear_whole(left: Path) -> str:
    path = min(left.glob(f"books/*/{NAME}"))
    path.write_bytes(path.read_bytes()[:5_000])
    return f"{path} cannot be read as a workbook"


def other_whole(left: Path) -> str:
    """A workbook that is none of ours, and has a sheet of that name."""
    path = min(left.glob(f"books/*/{NAME}"))
    book = openpyxl.Workbook()
    book.active.title = "proofs"
    book.active.append(["x"])
    book.save(path)
    return f"{path}, sheet 'proofs'"


def swap_months(left: Path) -> str:
    first, last = sorted(left.glob(f"books/*/{NAME}"))[:2]
    first.write_bytes(last.read_bytes())
    return f"{first} is the workbook of {last.parent.name}"


def books_of_customers(left: Path) -> list[Path]:
    return sorted(path for path in left.glob("books/*/*.xlsx") if path.name != NAME)


def other_customers(left: Path) -> str:
    path = books_of_customers(left)[0]
    other = next(one for one in books_of_customers(left) if one.parent == path.parent and one != path)
    path.write_bytes(other.read_bytes())
    return f"{path}: "


def other_months(left: Path) -> str:
    path = books_of_customers(left)[0]
    other = next(one for one in books_of_customers(left) if one.parent != path.parent and one.name == path.name)
    path.write_bytes(other.read_bytes())
    return f"{path}: "


def strangers_book(left: Path) -> str:
    path = books_of_customers(left)[0]
    shutil.copyfile(path, path.with_name("990140000019.xlsx"))
    return f"{path.with_name('990140000019.xlsx')}: is no workbook of this month"


@pytest.mark.quick("change_whole-change_fact", "take_letter-damage_letter", "empty_whole-tear_whole", "take_month")
@pytest.mark.parametrize(
    "harms", [(change_whole, change_fact), (other_customers, strangers_book), (take_letter, damage_letter),
              (empty_whole, tear_whole), (other_whole, take_whole), (change_customers,), (change_proof,),
              (other_months,), (take_month,), (swap_months,)],
    ids=lambda harms: "-".join(harm.__name__ for harm in harms),
)  # fmt: skip
def test_what_was_changed_or_is_missing_is_named_and_nothing_is_put_into_the_home(
    left: Path, tmp_path: Path, runner: Runner, harms: Sequence[Callable[[Path], str]]
) -> None:
    named = [harm(left) for harm in harms]
    ran = restored(runner, left, tmp_path / "new")
    assert ran.code == 1 and not ran.err and [one for one in named if one not in ran.out] == [], (named, ran)
    there = {path.name for path in (tmp_path / "new").rglob("*") if "rules" not in path.parts}
    assert there <= {"config.yaml", "rules", "ledger", ".lock"}, there


@pytest.mark.slow
def test_a_customers_workbook_that_is_gone_is_named_and_written_again(
    left: Path, tmp_path: Path, runner: Runner
) -> None:
    """The workbook of the whole month has all that it had."""
    path = books_of_customers(left)[0]
    path.unlink()
    home = tmp_path / "new"
    ran = restored(runner, left, home)
    assert ran.code == 1 and f"{path} is not there" in ran.out and not ran.err, ran
    assert f"ledger books {path.parent.name}" in ran.out
    verified = runner.run("ledger", "verify", "--home", home)
    assert verified.code == 1 and path.name in verified.out, verified
    assert runner.run("ledger", "books", path.parent.name, "--home", home).code == 0
    assert runner.run("ledger", "verify", "--home", home).code == 0


def destroy_letters(lived: Path, tmp_path: Path, runner: Runner, reader: CellReader) -> tuple[Path, set[str]]:
    """A copy of the home whose first letters two people destroyed; and the numbers of those."""
    home = shutil.copytree(lived, tmp_path / "destroyed")
    with TownOffice(home, reader) as office, pytest.MonkeyPatch.context() as patch:
        now = moment("2029-09-05")
        patch.setenv("INBOX_WORKER_USER", "anna")
        confirm_clock(office.office.journal, now, "радио", 31)
        certificate, items = propose(office.office, now)
        patch.setenv("INBOX_WORKER_USER", "boris")
        destroy(office.office, certificate.number, now)
    return home, {file.item for file in items.files if file.item.startswith("IW-")}


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["archive", pytest.param("ledger", marks=pytest.mark.slow)])
def test_letters_destroyed_by_certificate_are_no_loss(
    lived: Path, tmp_path: Path, runner: Runner, reader: CellReader, kept: str
) -> None:
    """4.1.12: the certificate in the archive, or `destroyed.jsonl` of older homes, says what is lawfully gone."""
    was, gone = destroy_letters(lived, tmp_path, runner, reader)
    left = tmp_path / "left"
    shutil.copytree(was / "ledger" / "books", left / "books")
    shutil.copytree(was / "archive", left / "archive")
    if kept == "ledger":
        shutil.copyfile(was / "ledger" / "destroyed.jsonl", left / "destroyed.jsonl")
        for path in (left / "archive" / "certificates").glob("*.jsonl"):
            path.unlink()
    home = tmp_path / "new"
    ran = restored(runner, left, home, "--json")
    assert ran.code == 0, ran
    done = json.loads(ran.out)
    assert gone and done["destroyed"] == dict.fromkeys(gone, "1 2029-09-05"), done
    assert not gone & set(done["undecided"])
    verified = runner.run("ledger", "verify", "--json", "--home", home)
    assert verified.code == 0 and json.loads(verified.out)["problems"] == [], verified
    assert (home / "archive" / "certificates" / "000001.html").is_file()
    shown = runner.run("retention", "list", "--json", "--home", home)
    [certificate] = json.loads(shown.out)["certificates"]
    assert (certificate["proposed_by"], certificate["destroyed_by"]) == ("anna", "boris")
    if kept == "ledger":
        again = restored(runner, left, tmp_path / "spoken")
        assert "№ 1" in again.out and "05.09.2029" in again.out, again


@pytest.mark.slow
def test_a_letter_that_no_certificate_names_is_lost_all_the_same(
    lived: Path, tmp_path: Path, runner: Runner, reader: CellReader
) -> None:
    was, gone = destroy_letters(lived, tmp_path, runner, reader)
    left = shutil.copytree(was / "archive", tmp_path / "left" / "archive").parent
    shutil.copytree(was / "ledger" / "books", left / "books")
    named = take_letter(left)
    ran = restored(runner, left, tmp_path / "new")
    assert ran.code == 1 and named in ran.out and not ran.err, (named, ran)
    line = left / "archive" / "certificates" / "000001.jsonl"
    line.write_text(line.read_text("utf-8").replace('"letters"', '"ignored"', 1), "utf-8")
    ran = restored(runner, left, tmp_path / "forged")
    assert ran.code == 1 and f"{line} is not what was written" in ran.out and not ran.err, ran


@pytest.mark.slow
def test_a_kill_in_the_middle_is_told_and_the_next_run_begins_from_empty(
    lived: Path, left: Path, tmp_path: Path, runner: Runner
) -> None:
    steps = restored(runner, left, tmp_path / "trial", last=0).steps
    named = ("os.rename facts", "os.rename journal.db")
    for last in [len(steps) // 2, *(steps.index(name) + 1 for name in named)]:
        home = tmp_path / f"torn-{last}"
        assert restored(runner, left, home, last=last).killed
        asked = runner.run("report", "2026-09", "--home", home)
        assert asked.code == 1 and "ledger restore" in asked.err, (steps[last - 1], asked)
        ran = restored(runner, left, home)
        assert ran.code == 0 and "прерван" in ran.out, (steps[last - 1], ran)
        assert_same(home, lived)


def test_texts_that_a_cell_cannot_hold_are_kept_all_the_same() -> None:
    from inbox_worker.documents.exact_cells import reader_of, type_named

    read = reader_of(type_named("string"))
    odd = ("", '"', " a ", "a\x01b", "_x0041_", "~", "<r>b</r>", "a\r\nb", "я" * 40_000, "=1+1", "'01", "007")
    assert [read(as_exact_cell(text)) for text in odd] == list(odd)
    assert read(as_exact_cell(None)) is None


@pytest.mark.slow
def test_twelve_months_come_back(tmp_path: Path, reader: CellReader, runner: Runner) -> None:
    lived = live(tmp_path / "lived", reader, months=12, accounts=8)
    left = lived / "ledger"
    shutil.copytree(lived / "archive", left / "archive")
    home = tmp_path / "new"
    ran = restored(runner, left, home)
    assert ran.code == 0, ran
    assert_same(home, lived)
    assert len(list((home / "ledger" / "closes").glob("????-??"))) == 12


@pytest.mark.slow
def test_a_close_that_an_earlier_program_packed_comes_back_byte_for_byte(
    tmp_path: Path, reader: CellReader, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash stands in documents and in the act of then (4.1.17): packed as today, it would be another close."""
    month = Period.parse("2026-09")
    with TownOffice(tmp_path / "earlier", reader) as office:
        office.load_customers(customer("A"))
        office.load_directory(line("A", "1001", "maintenance", area="40.5", tariff="12.5"))
        monkeypatch.setattr("inbox_worker.month.months.CloseWriter", partial(CloseWriter, earlier=True))
        office.close(str(month))
        office.close(str(month.plus(1)))
        monkeypatch.undo()
        office.close(str(month.plus(2)))
        for closed in list_closed_months(office.office):
            render_books(office.office, closed)
    (tmp_path / "left").mkdir()
    shutil.copytree(tmp_path / "earlier" / "ledger" / "books", tmp_path / "left" / "books")
    shutil.copytree(tmp_path / "earlier" / "archive", tmp_path / "left" / "archive")
    ran = restored(runner, tmp_path / "left", tmp_path / "new")
    assert ran.code == 0, ran
    then, now = (
        {path.relative_to(home): path.read_bytes() for path in (home / "ledger" / "closes").rglob("*.parquet")}
        for home in (tmp_path / "earlier", tmp_path / "new")
    )
    assert now == then and len({path.parent for path in then}) == 3
    packed = [
        pq.read_metadata(tmp_path / "new" / path).row_group(0).column(5).physical_type
        for path in sorted(then)
        if path.name == "lines.parquet"
    ]
    assert packed == ["FIXED_LEN_BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY", "INT64"]
