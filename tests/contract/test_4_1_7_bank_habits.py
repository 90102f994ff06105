"""4.1.7: what banks' files are like is understood, or refused with the one true reason; nothing is told twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal as D

import pytest
import xlsxwriter

from inbox_worker.deciding.suspense_acts import assign_payment
from inbox_worker.month.assign import Belongs
from inbox_worker.month.places import find_places
from inbox_worker.month.suspense import find_waiting, suggest
from tests.support.bank_files import BANK, DAY, PAID, Paid, as_dbf, book, dbf, operations, printed, total
from tests.support.bank_statements import IBAN, camt053, mt940, of_kaspi
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line, moment, payment

PRINTED, EXCHANGE, SWIFT = printed().decode("cp866"), of_kaspi().decode("cp1251"), mt940().decode()
ORDERS = EXCHANGE.split("СекцияРасчСчет")[0] + EXCHANGE[EXCHANGE.index("СекцияДокумент") :]
HEAD = ["Банк (БИК)", "Дата приёма", "№ платежа", "Лицевой счёт", "БИН", "Услуга", "Сумма"]
ROWS = [[BANK, DAY, one.number, one.account, None, None, float(one.amount)] for one in PAID]
CONTROL = [["Количество", len(PAID)], ["Сумма", float(total(PAID))]]


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(*(line("A", one.account, "maintenance", base="кв.", tariff="9000") for one in PAID))


office = copies_of(town)


def load(office: TownOffice, data: bytes, received: str = "2026-09-07") -> Answer:
    return office.hand_in_bytes(data, received=received, mailbox="load")


# --- banks -----------------------------------------------------------------------------------------------------------


def test_a_bank_that_nobody_knows_is_told_once_with_the_nearest(office: TownOffice) -> None:
    answer = load(office, printed().replace(b"CASPKZKA", b"CASPKZKB"))
    assert (answer.outcome, answer.codes) == ("accepted", ["bic.unknown"])
    assert "CASPKZKA (Kaspi Bank)" in answer.finding("bic.unknown")["message"]
    assert "bic.unknown" not in load(office, printed().replace(b"CASPKZKA", b"HSBKKZKX")).codes


def test_a_bank_of_the_register_of_banks_is_known(office: TownOffice) -> None:
    bank = {"bic": "NEWBKZKA", "name": "АО «Новый»", "emails": "a@new.example", "format": "1C"}
    assert "bic.unknown" in office.load("banks", [bank], "2026-09-06").codes
    assert load(office, printed().replace(b"CASPKZKA", b"NEWBKZKA")).codes == []


def test_an_account_of_another_bank_than_the_one_named_is_told(office: TownOffice) -> None:
    bank = {"bic": "HSBKKZKX", "name": "АО «Народный»", "emails": "a@h.example", "format": "1C", "iban": IBAN}
    told = office.load("banks", [bank], "2026-09-06").finding("bic.of_another")
    assert IBAN in told["message"] and "CASPKZKA (Kaspi Bank)" in told["message"]
    assert load(office, EXCHANGE.replace("CASPKZKA", "HSBKKZKX").encode("cp1251")).codes == ["bic.of_another"]


def test_letters_of_the_russian_keyboard_are_read_in_a_bank_and_an_account(office: TownOffice) -> None:
    letters = book([*CONTROL, HEAD, *(["САSРКZKА", *row[1:]] for row in ROWS)])
    assert (load(office, letters).outcome, office.facts("bank_register")[0]["bank"]) == ("accepted", BANK)
    assert load(office, EXCHANGE.replace(IBAN, IBAN.replace("K", "К")).encode("cp1251")).codes == []


# --- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "outcome", "codes"),
    [
        ("07.09.2026", "accepted", ["date.unlikely"]),  # a banking day may begin in the evening before
        ("30.09.2026", "accepted", ["date.unlikely"]),  # nobody closes the month before
        ("01.10.2026", "rejected", ["register.day_ahead"]),
        ("05.09.2027", "rejected", ["register.day_ahead"]),
        ("01.09.2023", "rejected", ["date.absurd"]),
    ],
)
def test_money_of_a_day_to_come_is_refused_once(day: str, outcome: str, codes: list[str], office: TownOffice) -> None:
    answer = load(office, PRINTED.replace(DAY, day).encode("cp866"), "2026-09-06")
    assert (answer.outcome, answer.codes) == (outcome, codes)


@pytest.mark.quick("False")
@pytest.mark.parametrize("closed", [False, True])
def test_a_payment_of_before_the_first_month_waits_for_a_person(closed: bool, office: TownOffice) -> None:
    """The opening debt of the directory may know of it already. Closed or not, it is held, told, and found again."""
    if closed:
        office.load_payments(payment("10020031", "5", number="1"))
        office.close("2026-09")
    answer = office.load("bank_register", [payment("10020030", "700", day="30.08.2026", number="2")], "2026-10-05")
    assert answer.codes == ["register.before_first"]
    [one] = find_waiting(office.office)
    assert (one.reason, one.amount) == ("payment.before_first", 700)
    assert [(s.account, s.reason) for s in suggest(office.office, [one])[one.payment]][0] == ("10020030", "own")
    office.load_payments(payment("10020032", "5", number="3", day="05.10.2026"), now="2026-10-06")
    assert find_places(office.office).suspense == 700  # a later register does not take it either
    assign_payment(office.office, one.id, Belongs("10020030"), "долг не знал", moment("2026-10-07"))
    assert (find_places(office.office).suspense, find_places(office.office).lost) == (0, 0)


def test_what_a_bank_takes_back_of_before_the_first_month_leaves_suspense(office: TownOffice) -> None:
    office.load_payments(payment("10020030", "700", day="30.08.2026", number="2"))
    office.load_payments(payment("10020030", "-700", day="02.09.2026", number="2"))
    places = find_places(office.office)
    assert (places.received, places.returned, places.suspense, places.lost) == (700, 700, 0, 0)


# --- registers -------------------------------------------------------------------------------------------------------


def as_read(office: TownOffice, data: bytes) -> D:
    answer = load(office, data)
    assert answer.outcome == "accepted", answer.codes
    return sum((D(str(fact["amount"])) for fact in office.facts("bank_register")), D(0))


@pytest.mark.parametrize(
    "data",
    [
        PRINTED.replace("\r\n", "  \r\n").encode("cp866"),
        PRINTED.replace("\r\n70012", "\r\n\x0c70012").encode("cp866"),
        as_dbf().replace(b"NOMDOC", b"nomdoc"),
        book([*CONTROL, [*HEAD, "Валюта"], *([*row, "тенге"] for row in ROWS)]),
    ],
    ids=["blanks at the end", "a new page", "small names of fields", "a column that says tenge"],
)
def test_a_register_is_read_however_its_program_wrote_it(data: bytes, office: TownOffice) -> None:
    assert as_read(office, data) == total(PAID)


def test_a_header_that_is_repeated_is_no_payment(office: TownOffice) -> None:
    rows = [
        ["БИК банка", BANK],
        [*(head := ["№ документа", "Дата операции", "Номер абонента", "Плательщик", "Зачислено"])],
    ]
    paid = [[one.number, DAY, one.account, "Я", float(one.amount)] for one in PAID]
    foot = [["Итого операций", len(PAID), None, None, float(total(PAID))]]
    assert as_read(office, book([*rows, paid[0], head, *paid[1:], *foot])) == total(PAID)


@pytest.mark.quick("printed")
@pytest.mark.parametrize("make", [printed, as_dbf, operations])
def test_every_layout_takes_a_payment_back(make: Callable[..., bytes], office: TownOffice) -> None:
    """With a control row that is below zero, too."""
    load(office, printed())
    back = make((Paid(PAID[0].number, PAID[0].account, -PAID[0].amount),))
    assert as_read(office, back) == total(PAID[1:])


def test_sheets_that_each_state_their_own_rows_are_added_up(office: TownOffice) -> None:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as made:
        for rows in (ROWS[:2], ROWS[2:]):
            sheet = made.add_worksheet()
            stated = [["Количество", len(rows)], ["Сумма", sum(row[-1] for row in rows)]]
            for place, row in enumerate([*stated, HEAD, *rows]):
                sheet.write_row(place, 0, row)
    assert as_read(office, sink.getvalue()) == total(PAID)


FIELDS = [("BIK", "C", 8, 0), ("DAT", "D", 8, 0), ("NOMDOC", "C", 10, 0), ("LS", "C", 12, 0), ("BIN", "C", 12, 0)]
FIELDS += [("USLUGA", "C", 40, 0), ("SUMMA", "N", 15, 2)]


@pytest.mark.parametrize("encoding", ["cp866", "cp1251"])
def test_a_dbf_is_read_in_the_encoding_in_which_it_has_words(encoding: str, office: TownOffice) -> None:
    service = office.office.rules.services[0]
    row = [BANK, "20260905", "1", PAID[0].account, "", service.ru, "5.00"]
    load(office, dbf(FIELDS, [row], encoding))
    assert [fact["service"] for fact in office.facts("bank_register")] == [service.code]


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (book([*CONTROL, [*HEAD, "Валюта"], *([*row, "USD"] for row in ROWS)]), ["column.another_value"]),
        (PRINTED.replace("70012   ", "70012\t").encode("cp866"), ["layout.line"]),
        (book([*CONTROL, HEAD, [*ROWS[0][:-1], "5 тыс"], *ROWS[1:]]), ["value.not_a_number"]),
        (as_dbf()[:-40], ["layout.damaged_dbf"]),
        (dbf([FIELDS[-1], *FIELDS[:-1]], []), ["layout.head_differs"]),
        (dbf([*FIELDS, ("KASSIR", "C", 9, 0)], []), ["layout.head_differs"]),
    ],
    ids=["dollars", "a damaged line", "a sum in words", "cut", "another order", "one field more"],
)
def test_a_register_is_refused_for_one_reason(data: bytes, codes: list[str], office: TownOffice) -> None:
    answer = load(office, data)
    assert (answer.outcome, answer.errors) == ("rejected", codes)


def test_a_workbook_like_a_layout_is_told_how_it_differs(office: TownOffice) -> None:
    head = ["№ документа", "Дата операции", "Номер абонента", "Касса", "Зачислено"]
    answer = load(office, book([["БИК банка", BANK], head, ["1", DAY, PAID[0].account, "7", 5.0]]))
    told = answer.finding("layout.head_differs")["message"]
    assert answer.outcome == "rejected" and "Не хватает: Плательщик. Лишние: Касса" in told


# --- statements ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        EXCHANGE.encode("utf-16"),
        EXCHANGE.encode("cp866"),
        EXCHANGE.replace("\r\n", "\r").encode("cp1251"),
        SWIFT.replace("\r\n", "\r").encode(),
        SWIFT.encode("cp866"),
        SWIFT.encode("cp1251"),
    ],
    ids=["1C utf-16", "1C cp866", "1C CR", "MT940 CR", "MT940 cp866", "MT940 cp1251"],
)
def test_a_statement_is_read_however_its_program_wrote_it(data: bytes, office: TownOffice) -> None:
    assert load(office, data).codes == []
    assert {fact["payer"] for fact in office.facts("bank_statement")} == {
        "Яна Петровна О.",
        "ТОО Kaspi Pay",
        "ТОО Банк",
    }


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (EXCHANGE.replace("=6338.00", "=6338.01").encode("cp1251"), ["statement.balance_differs"]),
        (SWIFT.replace("F:C260906KZT6338,00", "F:C260906KZT6338,01").encode(), ["statement.balance_differs"]),
        (camt053(closing="6338.01"), ["statement.balance_differs"]),
        (EXCHANGE.replace("Приход=5000.00", "Приход=-5000.00").encode("cp1251"), ["statement.line"]),
        (camt053().replace(b">5000.00<", b">-5000.00<"), ["statement.line"]),
        (SWIFT.replace("C5000,00N", "C5000.00N").encode(), ["statement.line"]),
        (SWIFT.replace("KZT", "USD").encode(), ["statement.currency"]),
        (SWIFT.replace("62F:C260906", "62F:C260901").encode(), ["statement.line"]),
        (SWIFT[: SWIFT.index(":62F:")].encode(), ["statement.no_balances"]),
        (ORDERS.encode("cp1251"), ["statement.orders"]),
        (EXCHANGE.replace("ДатаКонца=06.09.2026", "ДатаКонца=01.09.2026").encode("cp1251"), ["statement.line"]),
    ],
    ids=["1C a tiyn", "MT a tiyn", "camt a tiyn", "1C below zero", "camt below zero", "MT a point", "MT dollars",
         "MT closes before it opens", "MT cut", "1C orders", "1C ends before it begins"],
)  # fmt: skip
def test_a_statement_is_refused_for_one_reason(data: bytes, codes: list[str], office: TownOffice) -> None:
    answer = load(office, data)
    assert (answer.outcome, answer.errors) == ("rejected", codes)
