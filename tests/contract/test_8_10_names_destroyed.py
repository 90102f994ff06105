"""4.1.12, 4.2.4, 8.10: names of consumers who left are taken out of facts and closes by two people; money stays."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inbox_worker.cli.past_screens import show_past_books
from inbox_worker.contract.incidents import open_incident
from inbox_worker.core.hashes import DESTROYED, hash_of
from inbox_worker.core.model import FactFile, Period
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.explain.explain import explain_anything
from inbox_worker.ledger import tables
from inbox_worker.ledger.certificate_tables import certificates, cleared_accounts, destroyed_files, rewritten_files
from inbox_worker.ledger.destroyed import CertifiedItems
from inbox_worker.ledger.past import open_past
from inbox_worker.ledger.personal_data import write_cleared
from inbox_worker.ledger.rewritten import RewrittenFile
from inbox_worker.month.rewriting import RewritingError, list_personal_files
from inbox_worker.month.verify import notes, verify
from inbox_worker.outbox.destroyed_again import RetentionError
from inbox_worker.outbox.destruction import destroy, propose
from inbox_worker.outbox.export import make_export, put_up_export
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.verify import verify_ledger
from tests.contract.left_house import EXIT, GONE, LATER, as_person, holding, kept_of, proposed
from tests.support.fixtures import copies_of
from tests.support.journals import unguarded
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

OWING, STAYS = "Должник Пётр", "Жилец Анна"


def town(office: TownOffice) -> None:
    """House H-1 leaves on 30.09.2026: account 1001, whose consumer paid ahead, and 1002, who owes; 2001 stays."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", balance="-500", name=GONE),
        line("A", "1002", "maintenance", base="кв.", tariff="500", name=OWING),
        line("A", "2001", "maintenance", base="кв.", tariff="500", house="H-2", name=STAYS),
    )
    assert office.ingest("house_exit", [EXIT], received="2026-08-20").outcome == "accepted"
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    for month in (9, 11):
        render_books(office.office, Period(2026, month))


office = copies_of(town)


def destroyed(office: TownOffice, patch: pytest.MonkeyPatch, now: str = LATER) -> int:
    number, _ = proposed(office, patch, now)
    destroy(office.office, number, moment(now))
    return number


def figures(office: TownOffice) -> dict[str, Any]:
    """All rows of closes but who the people are."""
    tables = {}
    for folder in sorted((office.office.home.ledger / "closes").iterdir()):
        for path in sorted(folder.glob("*.parquet")):
            rows = pq.read_table(path)
            tables[f"{folder.name}/{path.name}"] = rows.drop_columns(
                [one for one in ("name", "address", "flat") if one in rows.column_names]
            ).to_pylist()
    return tables


def test_the_name_is_in_no_file_of_the_home_and_every_figure_stands(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, before = office.office.home, figures(office)
    assert any("facts" in path for path in holding(home.path, GONE))
    number, items = proposed(office, monkeypatch)
    assert [one.account for one in items.accounts] == ["1001"], "1002 owes"
    assert {Path(one.path).parts[1] for one in items.rewritten} == {"facts", "closes"}
    made = destroy(office.office, number, moment(LATER))
    assert holding(home.path, GONE) == set()
    assert figures(office) == before
    assert {row["name"] for row in office.facts("directory")} == {None, OWING, STAYS}
    places = office.table("2026-09", "places")
    assert [(row["account"], row["name"], row["address"]) for row in places][0] == ("1001", None, None)
    page = made.document.read_text("utf-8")
    for file in items.rewritten:
        assert file.path in page and file.old_sha256 in page and file.new_sha256 in page
    assert verify(home, deep=True) == [] and verify_ledger(home) == []


def test_who_proposes_does_not_destroy_and_who_owes_is_kept(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = proposed(office, monkeypatch)
    as_person("ANNA", monkeypatch)
    with pytest.raises(RetentionError, match="another person"):
        destroy(office.office, number, moment(LATER))
    assert holding(office.office.home.path, GONE) and verify(office.office.home, deep=True) == []
    assert kept_of(office, "1002") == ("claim",)
    as_person("boris", monkeypatch)
    destroy(office.office, number, moment(LATER))
    assert holding(office.office.home.path, OWING)
    with pytest.raises(RetentionError, match="already"):
        destroy(office.office, number, moment(LATER))
    with pytest.raises(RetentionError, match="nothing may be destroyed"):
        propose(office.office, moment(LATER))


@pytest.mark.slow
def test_what_came_between_proposal_and_destruction_is_proposed_anew(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment of the account is money that moved: it is no consumer of long ago any more."""
    number, _ = proposed(office, monkeypatch)
    office.load_payments(payment("1001", "70", day="02.12.2026", number="9"), now="2026-12-05")
    with pytest.raises(RetentionError, match="account 1001 of proposal"):
        destroy(office.office, number, moment(LATER))
    assert holding(office.office.home.path, GONE) and verify(office.office.home, deep=True) == []


@pytest.mark.slow
def test_a_letter_that_is_still_kept_keeps_the_name(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half gone is not called gone: a letter of before that stays, here for an incident, may hold the name."""
    open_incident(office.office, "утечка", ["IW-000001"], [], moment("2026-12-01"), moment("2026-12-01"))
    assert kept_of(office) == ("letter",)
    number, items = proposed(office, monkeypatch)
    assert items.files and not items.accounts and not items.rewritten
    destroy(office.office, number, moment(LATER))
    assert holding(office.office.home.path, GONE) and verify(office.office.home, deep=True) == []


@pytest.mark.slow
def test_a_name_in_words_of_another_row_keeps_it(office: TownOffice) -> None:
    basis = f"по заявлению {GONE.upper()}"
    row = {"account": "2001", "service": "maintenance", "past_month": "11.2026", "amount": "-1", "basis": basis}
    assert office.ingest("recalculations", [row], received="2026-11-20", month="12.2026").outcome == "accepted"
    office.close("2026-12")
    assert kept_of(office) == ("words",)


def test_a_name_in_the_journal_keeps_it(office: TownOffice) -> None:
    row = {"account": GONE, "service": "maintenance", "past_month": "11.2026", "amount": "-1", "basis": "акт"}
    assert office.ingest("recalculations", [row], received="2026-12-01", month="12.2026").outcome == "rejected"
    assert "journal" in kept_of(office)


@pytest.mark.slow
def test_a_document_of_its_months_keeps_the_name_until_it_goes(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for approval, is rejected, and has its own three years since then; workbooks, bills and lists of it go
    with the name."""
    outbox = office.office.home.outbox
    made = render_documents(office.office, Period(2026, 9), ["bills", "payments"], "", moment("2026-10-05"))
    assert len(made) > 2 and kept_of(office) == ("document",)
    for path in made:
        rejected = outbox / "rejected" / path.relative_to(outbox / "pending")
        rejected.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, rejected)
    pass_outbox(office.office, moment("2029-10-06T10:00"))
    assert kept_of(office) == ("document",) and kept_of(office, on="2032-10-07") == ()
    number = destroyed(office, monkeypatch, "2032-10-08T10:00")
    assert holding(office.office.home.path, GONE) == set() and verify(office.office.home, deep=True) == []
    left = {path.name for path in (outbox / "rejected").rglob("*") if path.is_file()}
    assert number and left == set()


@pytest.mark.slow
@pytest.mark.quick("True")
@pytest.mark.parametrize("is_seen", [True, False])
def test_an_export_that_waits_keeps_the_names_of_all_its_months(office: TownOffice, is_seen: bool) -> None:
    """4.1.14: it is put up long after the account's last month, and tells of three years."""
    made = make_export(office.office, bin_of("A"), date(2028, 5, 1))
    put_up_export(office.office, made, moment("2028-05-01T10:00"))
    if is_seen:
        pass_outbox(office.office, moment("2028-05-01T11:00"))
    assert "document" in kept_of(office)


@pytest.mark.slow
def test_workbooks_as_of_a_moment_go_with_the_name(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    show_past_books(office.office, Period(2026, 9), moment("2028-01-02"))
    home = office.office.home.path
    assert any("books-as-of" in path for path in holding(home, GONE))
    destroyed(office, monkeypatch)
    assert holding(home, GONE) == set()


@pytest.mark.slow
def test_documents_of_its_months_are_made_without_the_name(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    destroyed(office, monkeypatch)
    made = render_documents(office.office, Period(2026, 9), [], "", moment("2029-12-02"))
    assert len(made) > 5
    assert holding(office.office.home.path, GONE) == set() and holding(office.office.home.path, OWING)
    [line_of] = [row for key, row in office.lines("2026-09").items() if key[0] == "1001"]
    assert line_of["charged"] == 500


@pytest.mark.slow
def test_what_stands_is_explained_as_before_and_says_by_which_certificate(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = destroyed(office, monkeypatch)
    told = "\n".join(explain_anything(office.office, "IW-000002", "", date(2029, 12, 2)))
    assert "ПОВРЕЖДЁН" not in told and f"персональные данные убраны по акту № {number} от 01.12.2029" in told


@pytest.mark.slow
def test_a_reopened_close_goes_too_and_the_month_closes_again(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reopened close is proof of what was published; it is known by its hash of now when it makes room."""
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    render_books(office.office, Period(2026, 9))
    before = figures(office)
    number, items = proposed(office, monkeypatch)
    assert {one.path for one in items.rewritten if "closes" in one.path} == {
        "ledger/closes/2026-09/places.parquet", "ledger/closes/2026-09.1/places.parquet",
    }  # fmt: skip
    destroy(office.office, number, moment(LATER))
    assert holding(office.office.home.path, GONE) == set() and figures(office) == before
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    render_books(office.office, Period(2026, 9))
    render_books(office.office, Period(2026, 11))
    assert verify_ledger(office.office.home) == []
    assert figures(office)["2026-09/lines.parquet"] == before["2026-09/lines.parquet"]


@pytest.mark.slow
def test_a_second_certificate_takes_another_name_out_of_the_same_file(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has a third hash then, and what is put back of either is taken out again."""
    home = office.office.home
    row = {"account": "1002", "service": "maintenance", "past_month": "09.2026", "amount": "-500", "basis": "акт"}
    assert office.ingest("recalculations", [row], received="2026-11-20", month="12.2026").outcome == "accepted"
    office.close("2026-12")
    office.close("2027-01")
    before, hashes, bytes_then = figures(office), [_directory(office).sha256], [_path(office).read_bytes()]
    for now, stays in ((LATER, {OWING}), ("2030-02-01T12:00", set())):
        destroyed(office, monkeypatch, now)
        assert {name for name in (GONE, OWING) if holding(home.path, name)} == stays
        assert figures(office) == before and verify(home, deep=True) == [] and verify_ledger(home) == []
        hashes.append(_directory(office).sha256)
        bytes_then.append(_path(office).read_bytes())
    assert len(set(hashes)) == 3
    for number, data in ((1, bytes_then[0]), (2, bytes_then[1])):
        _path(office).write_bytes(data)
        assert any(f"retention destroy {number}" in one.remedy for one in verify(home, deep=True))
        destroy(office.office, number, moment("2030-02-02"))
        assert _path(office).read_bytes() == bytes_then[2] and verify(home, deep=True) == []


def _directory(office: TownOffice) -> FactFile:
    [file] = office.office.journal.facts.files("directory")
    return file


def _path(office: TownOffice) -> Path:
    return office.office.home.ledger / _directory(office).path


@pytest.mark.slow
def test_the_name_that_is_put_back_is_told_and_goes_again(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.office.home
    kept = {path: (home.path / path).read_bytes() for path in holding(home.path, GONE) if path.endswith("parquet")}
    number = destroyed(office, monkeypatch)
    for path, data in kept.items():
        (home.path / path).write_bytes(data)
    [problem] = verify(home, deep=True)
    assert f"retention destroy {number}" in problem.remedy and all(path in problem.what for path in kept)
    with pytest.raises(RewritingError, match=f"retention destroy {number}"):
        propose(office.office, moment("2029-12-02"))
    destroy(office.office, number, moment("2029-12-02"))
    assert holding(home.path, GONE) == set() and verify(home, deep=True) == [] and verify_ledger(home) == []


@pytest.mark.slow
@pytest.mark.quick("archive/certificates/000001.jsonl-None", "ledger/destroyed.jsonl-None")
@pytest.mark.parametrize("data", [None, b"{}\n"])
@pytest.mark.parametrize("name", ["archive/certificates/000001.jsonl", "ledger/destroyed.jsonl"])
def test_what_certificates_say_outside_of_the_journal_is_watched_and_mended(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes | None
) -> None:
    """`ledger restore` has nothing else by which it knows what is lawfully gone."""
    number, home = destroyed(office, monkeypatch), office.office.home
    was = (home.path / name).read_bytes()
    if data is None:
        (home.path / name).unlink()
    else:
        (home.path / name).write_bytes(data)
    assert any(name in str(problem) for problem in verify(home, deep=False))
    if data is None or name.startswith("archive"):
        destroy(office.office, number, moment("2029-12-02"))
        assert (home.path / name).read_bytes() == was and verify(home, deep=True) == []


@pytest.mark.quick("file")
@pytest.mark.parametrize("change", ["file", "row", "added", "account", "alone"])
def test_a_change_without_a_certificate_is_found(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Who wants other facts to count must change the list that two people's acts name."""
    home, journal = office.office.home, office.office.journal
    fact = next(file for file in journal.facts.since(0) if file.kind == "customers")
    number = destroyed(office, monkeypatch)
    assert verify(home, deep=True) == []
    forged = {"certificate": number, "path": "x", "old_sha256": fact.sha256, "new_sha256": "0" * 64}
    with journal.database.engine.begin() as connection, unguarded(connection):
        if change == "row":
            connection.execute(rewritten_files.update().values(new_sha256="0" * 64))
        elif change == "added":
            connection.execute(rewritten_files.insert().values(forged))
        elif change == "account":
            connection.execute(cleared_accounts.update().values(account="2001"))
        elif change == "alone":
            connection.execute(rewritten_files.insert().values({**forged, "certificate": 77}))
    journal.database.kept.clear()
    if change == "file":
        path = home.ledger / next(file.path for file in journal.facts.since(0) if file.kind == "directory")
        table = pq.read_table(path)
        place = table.column_names.index("tariff")
        pq.write_table(table.set_column(place, table.schema.field(place), table["tariff"].combine_chunks()[::-1]), path)
    found = [str(one) for one in verify(home, deep=True)]
    assert found, change
    expected = "differs" if change == "file" else "certificates" if change == "alone" else "certificate 1"
    assert any(expected in line for line in found), found


@pytest.mark.slow
@pytest.mark.quick("row")
@pytest.mark.parametrize("change", ["row", "added", "proofs"])
def test_a_forged_row_hides_no_file_behind_it(office: TownOffice, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Who changes facts and the row that says what they came to is told with the file; a whole one is told as whole."""
    number, home, journal = destroyed(office, monkeypatch), office.office.home, office.office.journal
    rows = journal.destroyed.items(number).rewritten
    file = next(one for one in rows if "/directory-" in one.path or "directory" in one.path)
    other = next(one for one in journal.facts.since(0) if one.kind == "customers")
    path = home.path / (f"ledger/{other.path}" if change == "added" else file.path)
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    values = {"new_sha256": hash_of(path)}
    with journal.database.engine.begin() as connection, unguarded(connection):
        if change == "added":
            row = {"certificate": number, "path": "x", "old_sha256": other.sha256, **values}
            connection.execute(rewritten_files.insert().values(row))
        else:
            connection.execute(rewritten_files.update().where(rewritten_files.c.path == file.path).values(values))
    if change == "proofs":
        (home.path / DESTROYED).unlink()
        (home.path / f"archive/certificates/{number:06d}.jsonl").unlink()
    journal.database.kept.clear()
    told = {one.file: one.what for one in verify(home, deep=True)}
    shown = path.relative_to(home.path).as_posix()
    expected = "nothing says any more what it came to" if change == "proofs" else "is not what its certificate says"
    assert expected in told[shown], told
    assert not any("is what its certificate says" in what for what in told.values()), told


@pytest.mark.slow
@pytest.mark.parametrize("proposed_first", [True, False])
def test_a_certificate_that_nobody_destroyed_by_hides_no_file(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, proposed_first: bool
) -> None:
    """A whole certificate made by hand, or a proposal turned into one, speaks for no file."""
    if proposed_first:
        destroyed(office, monkeypatch)
    home, journal = office.office.home, office.office.journal
    file = next(one for one in journal.facts.since(0) if one.kind == "customers")
    path = home.ledger / file.path
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    item = RewrittenFile(f"ledger/{file.path}", file.sha256, hash_of(path))
    people = {"proposed_by": "anna", "destroyed_by": "boris"}
    days = dict.fromkeys(("proposed_at", "destroyed_at", "finished_at"), "2029-12-01T10:00:00+05:00")
    row = {"number": 9, "state": "destroyed", "items": CertifiedItems(rewritten=[item]).hash, "sha256": ""}
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(certificates.insert().values({**row, **people, **days}))
        connection.execute(rewritten_files.insert().values({"certificate": 9, **vars(item)}))
    journal.database.kept.clear()
    told = {one.file: one.what for one in verify(home, deep=True)}
    assert "no act says 'retention destroy" in told["certificate 9"], told
    assert "is not what its certificate says" in told[item.path], told


@pytest.mark.slow
@pytest.mark.quick("same")
@pytest.mark.parametrize("how", ["same", "other", "unreadable"])
def test_what_was_moved_aside_and_holds_the_name_is_told(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """No certificate reaches a copy that a repair moved away: people delete it."""
    home = office.office.home
    fact = next(one for one in office.office.journal.facts.since(0) if one.kind == "directory")
    was = (home.ledger / fact.path).read_bytes()
    destroyed(office, monkeypatch)
    aside = home.ledger / "leftover" / "damaged" / "ledger" / fact.path
    aside.parent.mkdir(parents=True)
    aside.write_bytes(was[:-9] if how == "unreadable" else was)
    if how == "other":
        pq.write_table(pq.read_table(aside), aside, compression="gzip")
    assert any("ledger/leftover that were moved aside and are read by nothing: 1;" in note for note in notes(home))
    [problem] = verify(home, deep=True)
    assert problem.file == aside.relative_to(home.path).as_posix() and "certificate 1" in problem.what
    aside.unlink()
    assert verify(home, deep=True) == [] and not any("leftover" in note for note in notes(home))


@pytest.mark.slow
def test_a_forged_row_of_a_whole_file_is_told_of_the_journal(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, home, journal = destroyed(office, monkeypatch), office.office.home, office.office.journal
    file = journal.destroyed.items(number).rewritten[0]
    with journal.database.engine.begin() as connection, unguarded(connection):
        forged = rewritten_files.update().where(rewritten_files.c.path == file.path)
        connection.execute(forged.values(new_sha256="0" * 64))
    journal.database.kept.clear()
    told = {one.file: one for one in verify(home, deep=True)}
    assert "is what its certificate says, and a row" in told[file.path].what
    assert "restore the journal" in told[file.path].remedy


def test_a_letter_that_a_forged_row_calls_destroyed_is_named(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, home, journal = destroyed(office, monkeypatch), office.office.home, office.office.journal
    first = journal.destroyed.files(number)[0]
    row = {"certificate": number, **vars(first), "path": "archive/facts-of-theft.eml"}
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(destroyed_files.insert().values(row))
        connection.execute(destroyed_files.delete().where(destroyed_files.c.path == first.path))
    told = {one.file: one.what for one in verify(home, deep=False)}
    assert "is said to be destroyed by certificate 1" in told["archive/facts-of-theft.eml"]
    assert "and its row was removed" in told[first.path]


def test_writing_anew_without_anybody_changes_no_byte(office: TownOffice, tmp_path: Path) -> None:
    """Groups of rows, formats and notes are those of the file, so what differs is what was taken out."""
    for file in list_personal_files(office.office.journal, office.office.home.path):
        assert write_cleared(file.path, file.kind, pa.array([], pa.string()), tmp_path) == file.sha256


@pytest.mark.slow
def test_a_past_day_is_read_out_of_the_files_of_now(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was known then stays known, but who the people were: no state of before is kept anywhere."""
    destroyed(office, monkeypatch)
    then = open_past(office.office.journal.database, moment("2028-01-01"), tmp_path / "past.db")
    assert [file.sha256 for file in then.facts.files("directory")] == [_directory(office).sha256]
    september = Period(2026, 9)
    files = then.closes.files_of(september)[september, 1]
    assert files == office.office.journal.closes.files_of(september)[september, 1]
    assert files.now != files.then
    then.database.dispose()


def test_a_letter_to_the_consumers_address_in_the_journal_keeps_it(office: TownOffice) -> None:
    """An account is not gone while the journal says to whom its bills were sent."""
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", name=GONE, start="09.2026", email="g@mail.example"),
        now="2026-08-02",
    )
    with office.office.journal.transaction() as connection:
        row = dict.fromkeys(("customer", "what", "submission", "clause", "note"), "")
        days = {"due": date(2026, 8, 9), "made_at": moment("2026-08-03"), "done_at": moment("2026-08-04")}
        asked = {"number": 1, "kind": "request", "sender": "g@mail.example", "arrival": 1, "done_by": "x"}
        connection.execute(tables.tasks.insert().values({**row, **days, **asked}))
    assert "journal" in kept_of(office)
