"""4.1.7: a bank's statement of distribution is put up for review, goes to the bank, and proves the duty."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl

from inbox_worker.contract.duties import find_duties
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.publish_statements import PutUp, put_up_statements
from inbox_worker.outbox.review import Selection, chosen, move
from inbox_worker.outbox.round import deliver_all
from tests.outbox.desk import Desk
from tests.outbox.post import Counter, Post, files_of
from tests.support.office import bin_of, customer, moment, payment

LOADED, MADE = "2026-09-08", moment("2026-09-09T11:00:00")
IBAN = "KZ28722S000001013958"


def take_in(desk: Desk, *banks: str) -> list[PutUp]:
    """A register of a bank's day, and the statements made of it."""
    rows = [{"bic": bic, "name": f"Банк {bic}", "emails": "bank@kaspi.example", "format": "1C"} for bic in banks]
    if rows:
        desk.town.load("banks", rows)
    desk.town.load_payments(
        payment("1001", "1000", day="07.09.2026"), payment("1002", "77", number="2", day="07.09.2026"), now=LOADED
    )
    return put_up_statements(desk.office, MADE)


def cells(put_up: PutUp, sheet: int = 0) -> list[list[object]]:
    book = openpyxl.load_workbook(BytesIO(put_up.file.read_bytes()))
    return [[cell.value for cell in row] for row in book.worksheets[sheet].iter_rows()]


def deliver(desk: Desk, post: Post) -> list[str]:
    desk.look(MADE)
    found = chosen(desk.office, (DocumentState.PENDING,), Selection(kinds=["bank_distribution"]))
    move(desk.office, found, DocumentState.APPROVED, "command:test", MADE)
    told = list(deliver_all(desk.office, MADE))
    post.send_due(MADE)
    return sorted({problem.code for problem in [*told, *deliver_all(desk.office, MADE)]})


def test_the_statement_says_whom_the_bank_pays_and_how_much(desk: Desk) -> None:
    [made] = take_in(desk, "CASPKZKA")
    assert made.as_json(desk.office.home.path) == {
        "bank": "CASPKZKA", "date": date(2026, 9, 7), "number": 1, "month": "2026-09", "due": date(2026, 9, 11),
        "received": Decimal("1077.00"), "fee": Decimal("12.92"), "to_transfer": Decimal("1064.08"), "waits": [],
        "file": str(made.file.relative_to(desk.office.home.path)),
    }  # fmt: skip
    rows = [row for row in cells(made) if row[0] in (bin_of("A"), bin_of("B"))]
    own = [row for row in rows if row[0] == bin_of("B") and row[3]]
    assert [row[1:5] for row in own] == [["ТОО «B»", "CASPKZKA", IBAN, "17"]]
    [[*_, count, amount, fee, vat, transfer, note, _customer, _service]] = own
    assert (count, note) == (1, None) and amount == fee + transfer
    assert vat == round(fee * 16 / 116, 2)
    registers = cells(made, 1)
    assert any(row[0] == "IW-000004-1" and row[1:3] == [2, 1077] for row in registers), registers


def test_the_letter_goes_to_the_bank_and_meets_the_duty(desk: Desk, post: Post, counter: Counter) -> None:
    [made] = take_in(desk, "CASPKZKA")
    data = made.file.read_bytes()
    assert deliver(desk, post) == []
    [(to, letter)] = counter.letters
    assert to == "bank@kaspi.example" and files_of(letter) == {made.file.name: data}
    [duty] = [duty for duty in find_duties(desk.office, MADE.date()) if duty.duty == "operator.distribution"]
    assert duty.state(MADE.date()) == "met" and made.file.name in duty.met_by
    assert put_up_statements(desk.office, MADE, date(2026, 9, 7)) == []  # what was sent stays


def test_a_bank_without_an_address_is_told_of_and_the_duty_stays(desk: Desk, post: Post, counter: Counter) -> None:
    take_in(desk)
    assert deliver(desk, post) == ["outbox.no_address"] and counter.letters == []
    [duty] = [duty for duty in find_duties(desk.office, MADE.date()) if duty.duty == "operator.distribution"]
    assert duty.state(MADE.date()) == "open"


def test_a_statement_that_waits_is_made_again_with_the_same_bytes(desk: Desk) -> None:
    """As after a kill between the journal and the file."""
    [made] = take_in(desk, "CASPKZKA")
    first = made.file.read_bytes()
    made.file.unlink()
    [again] = put_up_statements(desk.office, moment("2026-09-10"), date(2026, 9, 7))
    assert again.file == made.file and made.file.read_bytes() == first


def test_new_requisites_keep_the_account_out_until_they_are_confirmed(desk: Desk) -> None:
    told = {"indicator": "ИИК", "was": IBAN, "becomes": "KZ75125KZT1001300335", "changed_on": "03.09.2026"}
    assert desk.town.hand_in("requisites", [told], received="2026-09-04").outcome == "held"
    [made] = take_in(desk, "CASPKZKA")
    assert made.as_json(desk.office.home.path)["waits"] == [bin_of("A")]
    rows = [row for row in cells(made) if row[0] == bin_of("A") and row[-3]]
    assert rows and all(row[3] is None and "T-000001" in str(row[-3]) for row in rows)


def test_the_beneficiary_is_that_of_the_day_the_statement_is_made(desk: Desk) -> None:
    new = "KZ75125KZT1001300335"
    desk.town.load("customers", [customer("B", iban=new, bic="NBRKKZKX")], now="2026-09-08")
    [made] = take_in(desk, "CASPKZKA")
    assert [row[2:4] for row in cells(made) if row[0] == bin_of("B") and row[3]] == [["NBRKKZKX", new]]
