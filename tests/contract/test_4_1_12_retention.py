"""4.1.12, 4.1.14, 4.2.4, 8.10: three years, a month after the end; nothing that is open goes, two people do it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from inbox_worker.contract.incidents import open_incident
from inbox_worker.contract.retention import KeptItem, find_items
from inbox_worker.core.hashes import DESTROYED
from inbox_worker.core.model import Period
from inbox_worker.core.translated import Translator
from inbox_worker.deciding.past_office import open_past_office
from inbox_worker.explain.explain import explain_anything
from inbox_worker.explain.proof_check import check_proof
from inbox_worker.explain.proof_files import Lack, say_lack
from inbox_worker.explain.proof_pack import write_proof
from inbox_worker.explain.since import explain_since
from inbox_worker.explain.tree import Explanation
from inbox_worker.ledger.acts import find_acts, record_act
from inbox_worker.ledger.certificate_tables import CertificateState, certificates
from inbox_worker.ledger.destroyed import Certificate, CertifiedItems
from inbox_worker.ledger.destroyed_check import destroyed_problems
from inbox_worker.month.audit import audit_problems
from inbox_worker.month.clock import confirm_clock, find_turned_back
from inbox_worker.month.verify import notes, verify
from inbox_worker.outbox import destruction
from inbox_worker.outbox.destroyed_again import RetentionError
from inbox_worker.outbox.destruction import destroy, foresee, propose
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import find_misplaced
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.verify import verify_ledger
from tests.support.fixtures import copies_of
from tests.support.journals import unguarded
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment
from tests.support.papers import File

LATER = "2029-09-01T12:00"
MINUS = {"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "-10", "basis": "акт"}


def town(office: TownOffice) -> None:
    """A's contract ended on 30.09.2026, with a debt; B's goes on. Letters of August 2026, and one of a stranger."""
    office.load_customers(customer("A", valid_until="30.09.2026"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", start="08.2026"),
        line("B", "1001", "cleaning", base="кв.", tariff="200", start="08.2026"),
    )
    assert office.ingest("recalculations", [MINUS], received="2026-08-20", month="09.2026").outcome == "accepted"
    files = [File("form.xlsx", office.form("recalculations", []))]
    assert office.mail(files, sender="thief@evil.example", received="2026-08-21").outcome == "quarantined"
    office.close("2026-08")
    office.close("2026-09")


office = copies_of(town)


def items(office: TownOffice, on: str) -> Mapping[str, KeptItem]:
    return {item.item: item for item in find_items(office.office, date.fromisoformat(on))}


def free(office: TownOffice, on: str) -> set[str]:
    return {name for name, item in items(office, on).items() if item.may_go(date.fromisoformat(on))}


def as_person(name: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("INBOX_WORKER_USER", name)


def proposed(office: TownOffice, now: str = LATER) -> Certificate:
    """Three years passed without an act: somebody looked at the clock first."""
    confirm_clock(office.office.journal, moment(now), "радио", 31)
    return propose(office.office, moment(now))[0]


def destroyed(office: TownOffice, patch: pytest.MonkeyPatch, now: str = LATER) -> int:
    as_person("anna", patch)
    number = proposed(office, now).number
    as_person("boris", patch)
    destroy(office.office, number, moment(now))
    return number


def test_a_letter_was_there_as_of_a_moment_before_it_was_destroyed(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate was made of whole files, so the letter was whole then; its destruction is what came since."""
    destroyed(office, monkeypatch)
    for day, there in (("2029-08-31", True), ("2029-09-02", False)):
        with open_past_office(office.office, moment(day)) as past:
            told = explain_since(
                office.office, past, moment(day), lambda one: Explanation(explain_anything(one, "IW-000003", "", TODAY))
            ).lines
        then, since = [
            [line for line in told if "archive/" in line and line.lstrip()[0] in begins] for begins in ("и", "−+")
        ]
        assert [("(цел)" in line) for line in then] == [there] and len(since) == 2 * there, told
        assert all("уничтожен по акту № 1" in line for line in (since[1:] if there else then)), told


def test_copies_of_a_letter_go_with_it(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """In quarantine, with what its note says of the sender, and the file that staff dropped; a copy that is put back is
    named, and goes by the same command."""
    [letter], [note] = (list((office.folder / "outbox" / "quarantine").rglob(f"*{kind}")) for kind in (".eml", ".txt"))
    data, dropped = letter.read_bytes(), office.folder / "inbox" / "korrektirovki" / "taken" / "1.eml"
    [first] = [one for one in office.office.journal.arrivals.all() if one.id == "IW-000003"]
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes((office.folder / "archive" / first.raw).read_bytes())
    own = office.folder.parent / "own.xlsx"  # staff named it to `load`
    [loaded] = [one for one in office.office.journal.arrivals.all() if one.id == "IW-000001"]
    own.write_bytes((office.folder / "archive" / loaded.raw).read_bytes())
    office.office.journal.arrivals.note_place(first.number, dropped.relative_to(office.folder).as_posix())
    office.office.journal.arrivals.note_place(loaded.number, str(own))
    number = destroyed(office, monkeypatch)
    assert not letter.exists() and not note.exists() and not dropped.exists()
    assert own.exists() and not (office.folder / "archive" / loaded.raw).exists(), "a file outside of the home"
    assert not [path for path in office.folder.rglob("*") if path.is_file() and b"thief@" in path.read_bytes()
                and "journal" not in path.name]  # fmt: skip
    letter.write_bytes(data)
    [told] = [one for one in verify_ledger(office.office.home) if "quarantine" in one.file]
    assert told.what == "is a copy of a letter that was destroyed" and f"destroy {number}" in told.remedy
    destroy(office.office, number, moment(LATER))
    assert not letter.exists()


def test_who_destroys_is_told_first_what_would_go(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    as_person("anna", monkeypatch)
    number, acts = proposed(office).number, len(find_acts(office.office.journal.database))
    with pytest.raises(RetentionError, match="another person"):
        foresee(office.office, number, moment(LATER))
    as_person("boris", monkeypatch)
    certificate, items, copies = foresee(office.office, number, moment(LATER))
    assert certificate.state is CertificateState.PROPOSED and {file.item for file in items.files} == free(
        office, LATER[:10]
    )
    assert all((office.folder / file.path).is_file() for file in items.files)
    assert copies == list((office.folder / "outbox" / "quarantine").rglob("*.eml")) != []
    assert len(find_acts(office.office.journal.database)) == acts, "nothing is written"
    destroy(office.office, number, moment(LATER))
    for none in (number, number + 1):
        with pytest.raises(RetentionError, match="there is no proposal"):
            foresee(office.office, none, moment(LATER))


def test_what_came_is_kept_for_three_whole_years(office: TownOffice) -> None:
    office.ingest("recalculations", [{**MINUS, "service": "cleaning"}], by="B", received="2026-08-20", month="09.2026")
    letter = items(office, "2026-11-01")["IW-000005"]
    assert (letter.until, letter.clause, letter.customer) == (date(2029, 8, 21), "4.1.12, 8.10", bin_of("B"))
    assert letter.item not in free(office, "2029-08-20") and letter.item in free(office, "2029-08-21")
    stranger = items(office, "2026-11-01")["IW-000004"]
    assert (stranger.kind, stranger.decided, stranger.until) == ("quarantined", "quarantined", date(2029, 8, 22))


def test_a_month_after_the_end_only_what_owes_nothing_goes(office: TownOffice) -> None:
    """A's consumers owe 990: a claim that stands. Paid, duties that nobody met keep it; then 31.10 is the first day."""
    letter = items(office, "2026-10-31")["IW-000003"]
    assert letter.clause == "4.1.14, 4.2.4" and letter.until == date(2026, 10, 31)
    assert "claim" in letter.kept and free(office, "2026-10-31") == set()
    assert items(office, "2029-09-01")["IW-000003"].kept == (), "its three years are over"


def test_nothing_goes_that_is_open(office: TownOffice) -> None:
    held = office.ingest("request", [{"kind": "Удалённый доступ"}], by="B", received="2026-08-22")
    assert held.outcome == "held"
    unclosed = office.ingest("recalculations", [MINUS], received="2026-08-23", month="11.2026")
    assert unclosed.outcome == "accepted", unclosed.report
    open_incident(office.office, "чужое письмо", ["IW-000004"], [], moment("2026-08-22"), moment("2026-08-22"))
    kept = {name: item.kept for name, item in items(office, LATER[:10]).items()}
    assert kept["IW-000004"] == ("incident",)
    assert set(kept[held.id[:9]]) == {"held", "task"} and kept[unclosed.id[:9]] == ("unclosed",)
    assert free(office, LATER[:10]) == {"IW-000001", "IW-000002", "IW-000003"}


def test_who_proposes_does_not_destroy_and_what_changed_since_is_proposed_anew(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_person("anna", monkeypatch)
    first = proposed(office)
    with pytest.raises(RetentionError, match="another person"):
        destroy(office.office, first.number, moment(LATER))
    second = proposed(office)
    as_person("boris", monkeypatch)
    with pytest.raises(RetentionError, match="no proposal 1"):
        destroy(office.office, first.number, moment(LATER))
    open_incident(office.office, "чужое письмо", ["IW-000004"], [], moment(LATER), moment(LATER))
    with pytest.raises(RetentionError, match="IW-000004.*incident.*propose anew"):
        destroy(office.office, second.number, moment(LATER))
    assert verify(office.office.home, deep=True) == []


def test_what_is_destroyed_leaves_its_proof_and_is_missing_nowhere(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = items(office, LATER[:10])
    paths = [path for item in before.values() for path, _ in item.files]
    number = destroyed(office, monkeypatch)
    home = office.office.home
    assert not any((home.path / path).exists() for path in paths)
    page = (home.path / f"archive/certificates/{number:06d}.html").read_text("utf-8")
    for word in (
        "anna",
        "boris",
        "01.09.2029",
        "жою туралы",
        "карантин",
        "қабылданды",
        *(digest for i in before.values() for _, digest in i.files),
    ):
        assert word in page
    assert "thief@evil.example" not in page, "no content"
    assert "<td>20.08.2026</td>" in page and '<td class="long">archive/' in page, "paper breaks a path, and no day"
    assert not any(f"<td>{code}" in page for code in ("quarantined", "accepted", "letters")), "words, no codes"
    assert verify(home, deep=True) == [] and verify_ledger(home) == []
    assert items(office, LATER[:10]) == {}
    acts = [act for act in find_acts(office.office.journal.database) if act.act.startswith("retention")]
    assert [(act.act, act.who) for act in acts] == [
        ("retention propose", "anna"), ("retention destroy", "boris"), ("retention destroyed", "boris"),
    ]  # fmt: skip
    assert audit_problems(office.office.journal) == []
    told = "\n".join(explain_anything(office.office, "IW-000003", "", date(2029, 9, 2)))
    assert f"уничтожен по акту № {number} от 01.09.2029" in told and "ПОВРЕЖДЁН" not in told
    pack = home.path.parent / "proof.zip"
    forms, lacking, _ = write_proof(office.office, "IW-000003", "", pack, moment("2029-09-02"))
    letters = [one for one in lacking if one.file.startswith("letters/")]
    assert {one.form for one in letters} == set(forms) and {one.certificate for one in lacking} == {number}
    assert f"уничтожен по акту № {number} от 01.09.2029" in say_lack(office.office.say, letters[0])
    problems, proof = check_proof(pack)
    assert problems == [] and [Lack(**one) for one in proof["lacking"]] == lacking


def test_documents_that_were_destroyed_are_no_loss_of_the_outbox(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = office.office.home.outbox
    [first, *_] = render_documents(office.office, Period(2026, 9), ["payments"], bin_of("B"), moment("2026-10-05"))
    rejected = outbox / "rejected" / first.relative_to(outbox / "pending")
    rejected.parent.mkdir(parents=True)
    shutil.move(first, rejected)
    pass_outbox(office.office, moment("2026-10-06T10:00"))
    assert {name for name in free(office, LATER[:10]) if name.startswith("document")} == set()
    day = "2029-10-07"
    [document] = [name for name in free(office, day) if name.startswith("document")]
    before = pass_outbox(office.office, moment(f"{day}T09:00"))
    destroyed(office, monkeypatch, f"{day}T10:00")
    assert not rejected.exists() and document not in items(office, day)
    assert pass_outbox(office.office, moment(f"{day}T11:00")) == before
    assert verify(office.office.home, deep=True) == []


@pytest.mark.parametrize("place", ["rejected", "pending", "sent", "month", "name"])
def test_a_destroyed_document_that_is_put_into_the_outbox_is_deleted_and_never_put_back(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Wherever it lies, it is not taken for a document that waits: it would go out again."""
    outbox = office.office.home.outbox
    [first, *_] = render_documents(office.office, Period(2026, 9), ["payments"], bin_of("B"), moment("2026-10-05"))
    below, data = first.relative_to(outbox / "pending"), first.read_bytes()
    rejected = outbox / "rejected" / below
    rejected.parent.mkdir(parents=True)
    shutil.move(first, rejected)
    pass_outbox(office.office, moment("2026-10-06T10:00"))
    destroyed(office, monkeypatch, "2029-10-07T10:00")
    month = outbox / "pending" / "2026-08" / below.relative_to("2026-09")
    there = {"month": month, "name": first.with_name("копия.xlsx")}.get(place, outbox / place / below)
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(data)
    before = office.office.journal.documents.versions()
    pass_outbox(office.office, moment("2029-10-07T11:00"))
    told = find_misplaced(office.office, moment("2029-10-07T11:00"))
    shown = there.relative_to(outbox).as_posix()
    assert [one.code for one in told if one.path == shown] == ["outbox.destroyed"], told
    assert office.office.journal.documents.versions() == before


def test_what_is_there_again_is_told_and_goes_again(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.office.home
    [(path, _)] = items(office, LATER[:10])["IW-000004"].files
    data = (home.path / path).read_bytes()
    number = destroyed(office, monkeypatch)
    (home.path / path).write_bytes(data)
    [problem] = verify(home, deep=False)
    assert path in str(problem) and f"retention destroy {number}" in problem.remedy
    destroy(office.office, number, moment("2029-09-02"))
    assert not (home.path / path).exists() and verify(home, deep=True) == []
    with pytest.raises(RetentionError, match="already"):
        destroy(office.office, number, moment("2029-09-02"))


def test_a_page_of_an_earlier_look_stays_what_was_written(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Destroying again what came back writes no certificate anew that the journal's hash does not prove."""
    home = office.office.home
    [(path, _)] = items(office, LATER[:10])["IW-000004"].files
    data = (home.path / path).read_bytes()
    with monkeypatch.context() as earlier:
        earlier.setattr(destruction, "render_certificate", lambda *_: b"<p>as version 1 wrote it</p>")
        number = destroyed(office, monkeypatch)
    page = next((home.path / "archive" / "certificates").glob("*.html"))
    (home.path / path).write_bytes(data)
    destroy(office.office, number, moment("2029-09-02"))
    assert page.read_bytes() == b"<p>as version 1 wrote it</p>" and verify(home, deep=True) == []
    page.unlink()
    with pytest.raises(RetentionError, match=f"all that {number} names is destroyed, but .* restore it"):
        destroy(office.office, number, moment("2029-09-02"))
    assert not page.exists()


@pytest.mark.parametrize("name", ["ANNA", "anna", "\u0430nn\u0430", "anna\u200b", "ａｎｎａ", "an na", "ánna"])
def test_one_person_does_not_destroy_alone_whatever_the_table_says(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nor under another spelling of the name: who proposed is said by the chain of acts."""
    as_person("anna", monkeypatch)
    number = proposed(office).number
    as_person(name, monkeypatch)
    with pytest.raises(RetentionError, match="another person"):
        destroy(office.office, number, moment(LATER))
    with office.office.journal.transaction() as connection, unguarded(connection):
        office.office.journal.destroyed.change(connection, number, proposed_by="boris")
    with pytest.raises(RetentionError, match="names another person than the acts"):
        destroy(office.office, number, moment(LATER))
    told = [str(problem) for problem in destroyed_problems(office.office.journal, office.office.home.path)]
    assert any("names other people than its acts do" in line for line in told)


@pytest.mark.parametrize("change", ["row", "line", "torn"])
def test_a_forged_certificate_is_found(office: TownOffice, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Who wants a letter to be lawfully gone must change the proposal, or what stands outside of the journal."""
    destroyed(office, monkeypatch)
    home = office.office.home
    if change == "row":
        with office.office.journal.database.engine.begin() as connection, unguarded(connection):
            first = "select min(path) from destroyed_files"
            connection.exec_driver_sql(f"update destroyed_files set sha256 = 'x' where path = ({first})")  # noqa: S608
    elif change == "torn":
        (home.path / DESTROYED).write_text('["x"\n', "utf-8")
        with pytest.raises(RetentionError, match="is not what was written"):
            destroy(office.office, 2, moment(LATER))
    else:
        file = home.path / DESTROYED
        file.write_text(file.read_text("utf-8").replace('"anna"', '"vera"'), "utf-8")
    found = [str(one) for one in verify(home, deep=False)]
    assert any("certificate" in one or str(DESTROYED) in one for one in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update certificates set proposed_by = 'vera'", "names other people than its acts do"),
        ("update certificates set destroyed_by = 'anna'", "was proposed and destroyed by one person"),
        ("delete from certificates", "is not there any more, and acts name it"),
        ("update certificates set state = 'withdrawn'", "is withdrawn, and act"),
        ("update certificates set items = 'x'", "is another than act"),
        ("delete from destroyed_files", "names other files than were proposed"),
    ],
)
def test_certificates_are_guarded_and_what_an_owner_changes_all_the_same_is_found(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, change: str, told: str
) -> None:
    destroyed(office, monkeypatch)
    engine = office.office.journal.database.engine
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert verify(office.office.home, deep=False) == []
    with engine.begin() as connection, unguarded(connection):
        connection.exec_driver_sql(change)
    found = [str(one) for one in verify(office.office.home, deep=False)]
    assert any(told in one for one in found), found


def test_a_certificate_that_no_act_made_is_found(office: TownOffice) -> None:
    """Who adds rows alone needs no change: nothing refuses it but the chain."""
    with office.office.journal.transaction() as connection:
        values = dict.fromkeys(("proposed_by", "destroyed_by"), "x") | {"items": CertifiedItems().hash, "sha256": ""}
        moments = dict.fromkeys(("proposed_at", "destroyed_at", "finished_at"), "2026-09-01")
        connection.execute(
            certificates.insert().values(number=1, state=CertificateState.DESTROYED, **values, **moments)
        )
    found = [str(one) for one in destroyed_problems(office.office.journal, office.office.home.path)]
    assert any("no act says 'retention propose'" in one for one in found), found
    assert any("no act says 'retention destroy'" in one for one in found), found


def test_a_clock_that_is_ahead_destroys_nothing(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither at once, nor after acts of that clock: staff look at it first, and their word does not reach further."""
    with pytest.raises(RetentionError, match=r"2029-09-01.*retention clock"):
        propose(office.office, moment(LATER))
    with office.office.journal.transaction() as connection:
        record_act(connection, "close", "2029-08", moment(LATER))
    with pytest.raises(RetentionError, match=r"act \d+ \(close\) is of 2029-09-01"):
        propose(office.office, moment(LATER))
    number = proposed(office).number
    as_person("boris", monkeypatch)
    with pytest.raises(RetentionError, match="the newest"):
        destroy(office.office, number, moment("2030-01-01"))
    with pytest.raises(RetentionError, match="already"):
        destroy(office.office, number, moment("2029-08-01"))
    assert notes(office.office.home) == []
    destroy(office.office, number, moment(LATER))


def test_letters_speak_for_the_time_when_acts_are_many_and_the_clock_creeps(office: TownOffice) -> None:
    """A clock put on by thirty days a time leaves no step that is too long; the servers' own moments tell it."""
    for day in ("2028-01-20", "2028-02-15", "2028-03-10"):
        with office.office.journal.transaction() as connection:
            record_act(connection, "look", "x", moment(day))
    with pytest.raises(RetentionError, match="the letter IW-0000.*, the newest, is of 2026-08-21"):
        propose(office.office, moment("2028-03-20"))


def test_a_clock_that_was_turned_back_is_named_with_both_acts(office: TownOffice) -> None:
    journal, home = office.office.journal, office.office.home
    assert not [line for line in notes(home) if "turned back" in line]
    for at in (LATER, "2026-10-03T10:00", "2026-10-03T09:45"):
        with journal.transaction() as connection:
            record_act(connection, "look", at, moment(at))
    [back] = find_turned_back(find_acts(journal.database))
    assert (back.before.subject, back.after.subject) == (LATER, "2026-10-03T10:00")
    [line] = [line for line in notes(home) if LATER in line and "2026-10-03T10:00" in line]
    assert Translator("ru")(line).endswith("— от 03.10.2026 10:00:00") and "+05:00" not in Translator("ru")(line)
    assert audit_problems(journal) == [], "the acts themselves are whole"
    with pytest.raises(RetentionError, match="turned back"):
        propose(office.office, moment("2026-10-03T11:00"))
    confirm_clock(journal, moment("2026-10-03T11:00"), "радио", 31)
    assert not [line for line in notes(home) if "turned back" in line]
    assert all(one.confirmed for one in find_turned_back(find_acts(journal.database)))
