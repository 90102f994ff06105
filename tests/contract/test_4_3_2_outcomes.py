"""4.3.2, 6.2.7: exactly one outcome: sender, size of attachments, duplicates, mailbox, several forms in a letter."""

from __future__ import annotations

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File

LIMIT = 26_214_400


def minus(amount: str = "-10", past: str = "06.2026") -> Row:
    return {"account": "1001", "service": "maintenance", "past_month": past, "amount": amount}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"), line("B", "2001", "lift", base="чел.", residents=1)
    )


office = copies_of(town)


def posted(office: TownOffice, month: str = "2026-09") -> str:
    return str(office.drafted(month)[("1001", bin_of("A"), "maintenance")]["recalculated"])


def test_a_stranger_is_quarantined(office: TownOffice) -> None:
    """An address that is nobody's: nothing is read, nothing posts."""
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    answer = office.mail([book], received="2026-08-20", sender="someone@elsewhere.example")
    assert answer.outcome == "quarantined" and answer.finding("sender.unknown")["value"] == "someone@elsewhere.example"
    assert posted(office) == "0.00"


def test_several_from_addresses_are_quarantined(office: TownOffice) -> None:
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    answer = office.mail([book], received="2026-08-20", sender="office@a.example, office@b.example")
    assert answer.outcome == "quarantined" and posted(office) == "0.00"


def test_known_sender_but_another_customers_bin_is_rejected(office: TownOffice) -> None:
    book = File("f.xlsx", office.form("recalculations", [minus()], by="A"))
    answer = office.mail([book], received="2026-08-20", by="B")
    assert answer.outcome == "rejected" and "sender.other_customer" in answer.codes
    assert posted(office) == "0.00"


def test_the_senders_address_is_compared_without_case(office: TownOffice) -> None:
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    assert office.mail([book], received="2026-08-20", sender="Контора <OFFICE@A.Example>").outcome == "accepted"


def test_automatic_replies_are_ignored(office: TownOffice) -> None:
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    answer = office.mail([book], received="2026-08-20", headers={"Auto-Submitted": "auto-replied"})
    assert answer.outcome == "ignored" and posted(office) == "0.00"


def test_a_letter_that_only_thanks_is_ignored_and_says_why(office: TownOffice) -> None:
    answer = office.mail([], received="2026-08-20", text="Спасибо!")
    assert answer.outcome == "ignored" and answer.codes == ["message.without_form"] and not answer.report["task"]
    forgotten = office.mail([], received="2026-08-20", text="Здравствуйте! Форма во вложении.")
    assert (forgotten.outcome, forgotten.report["task"]) == ("held", "T-000001")


def test_a_known_customers_letter_with_files_and_no_form_waits_for_a_person(office: TownOffice) -> None:
    answer = office.mail([SCAN], received="2026-08-20")
    assert (answer.outcome, answer.report["task"]) == ("held", "T-000001")
    assert answer.codes == ["workbook.pdf", "message.without_form", "task.letter"]
    assert "25.08.2026" in answer.finding("task.letter")["message"]  # three working days
    stranger = office.mail([SCAN], received="2026-08-20", sender="x@stranger.example")
    assert (stranger.outcome, stranger.report["task"]) == ("quarantined", "")


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize(("over", "outcome"), [(0, "accepted"), (1, "rejected")])
def test_4_3_2_all_attachments_together_at_most_25_mb(office: TownOffice, over: int, outcome: str) -> None:
    """26 214 400 decoded bytes, form included, are let in; one byte more over several attachments is not."""
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    rest = LIMIT - len(book.data) + over
    scans = [File(f"{n}.pdf", SCAN.data.ljust(size, b"\0")) for n, size in enumerate((rest // 2, rest - rest // 2))]
    answer = office.mail([book, *scans], received="2026-08-20")
    assert answer.outcome == outcome
    assert posted(office) == ("-10.00" if outcome == "accepted" else "0.00")


def test_a_form_in_the_wrong_mailbox_is_taken_with_a_warning(office: TownOffice) -> None:
    answer = office.ingest("recalculations", [minus()], received="2026-08-20", mailbox="bigoperators")
    told = answer.finding("mailbox.wrong")
    assert answer.outcome == "accepted" and told["severity"] == "warning"
    assert "Перерасчёты за прошлый период" in told["message"]
    assert "Өткен кезең үшін қайта есептеу" in told["message_kk"]
    assert posted(office) == "-10.00"


def test_the_same_bytes_of_a_posted_form_are_a_duplicate(office: TownOffice) -> None:
    """Nothing posts, the first answer is repeated; also from staff's hand and in a later month."""
    book = File("f.xlsx", office.form("recalculations", [minus()], month="08.2026"))
    first = office.mail([book], received="2026-08-20")
    assert first.outcome == "deferred"  # it says a month that is gone
    again = office.mail([book], received="2026-09-20")
    assert (again.outcome, again.month) == ("duplicate", first.month)
    assert again.submissions[0]["duplicate_of"] == first.id and "deadline.missed" in again.codes
    assert (again.submissions[0]["rows_posted"], posted(office), posted(office, "2026-10")) == (0, "-10.00", "0.00")


def test_the_bytes_of_a_rejected_form_are_decided_anew(office: TownOffice) -> None:
    """The account comes into the directory later: the same bytes are then accepted."""
    row = {**minus(), "account": "1002"}
    book = File("f.xlsx", office.form("recalculations", [row]))
    assert office.mail([book], received="2026-08-20").outcome == "rejected"
    office.load_directory(line("A", "1002", "maintenance", tariff="30", area="10"))
    assert office.mail([book], received="2026-08-21").outcome == "accepted"


def test_the_bytes_of_a_held_form_are_decided_anew(office: TownOffice) -> None:
    """The same plus again, now with its documents: accepted."""
    book = File("f.xlsx", office.form("recalculations", [minus("10")]))
    assert office.mail([book], received="2026-08-20").outcome == "held"
    assert office.mail([book, SCAN], received="2026-08-21").outcome == "accepted"
    assert posted(office) == "10.00"


def test_another_customers_copy_of_a_form_is_no_duplicate(office: TownOffice) -> None:
    """What was answered to one customer is not told to another."""
    book = File("f.xlsx", office.form("recalculations", [minus()]))
    office.mail([book], received="2026-08-20")
    assert office.mail([book], received="2026-08-21", by="B").outcome == "rejected"


def test_the_worst_of_several_forms_wins_for_the_letter(office: TownOffice) -> None:
    """rejected > held > deferred > accepted > duplicate; each form is decided by itself."""
    good = File("good.xlsx", office.form("recalculations", [minus()]))
    bad = File("bad.xlsx", office.form("recalculations", [minus("x", "05.2026")]))
    late = File("late.xlsx", office.form("recalculations", [minus("-3", "04.2026")], month="08.2026"))
    plus = File("plus.xlsx", office.form("recalculations", [minus("5", "03.2026")]))
    assert office.mail([good], received="2026-08-20").outcome == "accepted"
    other = File("other.xlsx", office.form("recalculations", [minus("-1", "02.2026")]))
    assert office.mail([good, other], received="2026-08-20").outcome == "accepted"  # with a duplicate
    assert office.mail([good, late], received="2026-08-20").outcome == "deferred"
    assert office.mail([late, plus], received="2026-08-20").outcome == "held"
    answer = office.mail([plus, bad], received="2026-08-20")
    assert answer.outcome == "rejected"
    assert [s["outcome"] for s in answer.submissions] == ["held", "rejected"]
    assert posted(office) == "-14.00"


def test_the_header_date_of_a_letter_decides_nothing(office: TownOffice) -> None:
    """Letters of these tests bear a Date of 2015; only the receipt counts."""
    assert office.ingest("recalculations", [minus()], received="2026-08-20").month == "2026-09"
