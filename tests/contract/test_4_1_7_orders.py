"""4.1.7: what a statement passes on leaves by one order, waits in sight, or comes back; no tenge is in two places."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from random import Random

import pytest
import sepaxml
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from inbox_worker.core.errors import UseError
from inbox_worker.ledger.transfers import OrderState, PartKind, PaymentOrder, Transfer
from inbox_worker.month.confirming import settle_manually
from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import Held, fill_orders, find_held, make_orders
from inbox_worker.month.places import find_places
from inbox_worker.outbox.publish_orders import put_up_orders
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, moment, payment

TRANSIT, OWN, NEW = "KZ28722S000001013958", "KZ248562203110182134", "KZ75125KZT1001300335"  # TRANSIT: our own
OTHER = "KZ306017131000012345"
NOW = moment("2026-09-09T11:00:00")
SCHEMAS = Path(sepaxml.__file__).parent / "schemas"


def bank(bic: str = "CASPKZKA", **more: object) -> Row:
    return {
        "bic": bic, "name": "АО «Банк»", "emails": "b@bank.example", "format": "1C", "iban": TRANSIT, **more,
    }  # fmt: skip


def build(office: TownOffice) -> None:
    at = {"bic": "KCJBKZKX", "iban": OWN}
    office.load_customers({**customer("A", **at), "name": "ТОО «Әлем & Қала»"}, customer("B", **at))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("B", "1001", "lift", base="кв.", tariff="500"),
        line("A", "1002", "maintenance", tariff="10", area="70"),
    )  # fmt: skip


office = copies_of(build)


def tell(office: TownOffice, *banks: Row) -> None:
    assert office.load("banks", list(banks)).outcome == "accepted"


def pay(office: TownOffice, *rows: Row, now: str = "2026-09-08") -> None:
    office.load_payments(*rows, now=now)
    distribute(office.office, moment(now))


def shown(orders: Sequence[PaymentOrder]) -> list[tuple[int, str, str, D]]:
    return [(order.number, order.customer, order.iban, order.amount) for order in orders]


def statement(office: TownOffice, *lines: Row, now: str = "2026-09-10") -> None:
    """A statement of the account that pays; a line is money that left unless it says another."""
    common = {"iban": TRANSIT, "bank": "KCJBKZKX", "side": "расход", "occurrence": 1, "day": "10.09.2026"}
    rows = [{**common, "reference": str(number), **line_} for number, line_ in enumerate(lines, 900)]
    total = sum((D(str(row.get("credit", 0))) - D(str(row.get("debit", 0))) for row in rows), D(0))
    answer = office.load("bank_statement", rows, now, Сумма=total)
    assert answer.outcome == "accepted", answer.report


def states(office: TownOffice) -> list[str]:
    return [order.state.value for order in office.office.journal.transfers.orders()]


# --- what is ordered, and never twice ------------------------------------------------------------------------------


def test_a_customer_gets_one_order_of_all_statements_of_a_bank(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1001", "1000"), payment("1002", "300", number="2", day="06.09.2026"))
    pay(office, payment("1001", "9", number="3", day="07.09.2026", bank="HSBKKZKX"))
    orders = make_orders(office.office, NOW)
    assert shown(orders) == [
        (1, bin_of("A"), OWN, D("790.40")), (2, bin_of("B"), OWN, D("494.00")),
        (3, bin_of("A"), OWN, D("4.45")), (4, bin_of("B"), OWN, D("4.45")),
    ]  # fmt: skip
    assert {order.payer_iban for order in orders} == {TRANSIT}
    assert {order.knp for order in orders} == {"856"} and orders[0].batch == orders[1].batch == 1
    assert "05.09.2026-06.09.2026" in orders[0].purpose and "A-1" in orders[0].purpose
    assert make_orders(office.office, NOW) == []


def test_orders_of_a_day_take_what_waits_from_days_before_and_leave_later_days(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1002", "300"), payment("1002", "40", number="2", day="07.09.2026"))
    assert [order.amount for order in make_orders(office.office, NOW, date(2026, 9, 6))] == [D("296.40")]
    assert [order.amount for order in make_orders(office.office, NOW)] == [D("39.52")]


def test_a_sum_that_is_not_above_the_banks_fee_waits_for_more(office: TownOffice) -> None:
    tell(office, bank(transfer_fee="150"))
    pay(office, payment("1002", "100"))
    assert make_orders(office.office, NOW) == []
    assert find_held(office.office, NOW.date()) == [Held("CASPKZKA", bin_of("A"), "856", D("98.80"), "payee.small")]
    pay(office, payment("1002", "60", number="2", day="08.09.2026"), now="2026-09-09")
    assert [order.amount for order in make_orders(office.office, NOW)] == [D("158.08")]


@pytest.mark.slow
def test_what_was_taken_back_lessens_the_next_order(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1002", "300"))
    make_orders(office.office, NOW)
    pay(office, payment("1002", "-300", day="08.09.2026"), now="2026-09-09")
    assert make_orders(office.office, NOW) == []
    assert [(held.amount, held.why) for held in find_held(office.office, NOW.date())] == [
        (D("-296.40"), "payee.taken_back")
    ]
    pay(office, payment("1002", "1000", number="5", day="09.09.2026"), now="2026-09-10")
    assert [order.amount for order in make_orders(office.office, NOW)] == [D("691.60")]


def test_a_changed_account_waits_until_it_is_confirmed_and_then_gets_all(office: TownOffice) -> None:
    tell(office, bank())
    told = {"indicator": "ИИК", "was": OWN, "becomes": NEW, "changed_on": "03.09.2026"}
    notice = office.ingest("requisites", [told], received="2026-09-04")
    pay(office, payment("1001", "1000"))
    assert [order.customer for order in make_orders(office.office, NOW)] == [bin_of("B")]
    [held] = find_held(office.office, NOW.date())
    assert (held.customer, held.why, held.task) == (bin_of("A"), "payee.unconfirmed", "T-000001")
    assert held.amount == D("494.00")
    office.confirm(notice.id, "по телефону", "2026-09-09")
    assert shown(make_orders(office.office, NOW)) == [(2, bin_of("A"), NEW, D("494.00"))]


@settings(deadline=None)
@given(
    amounts=st.lists(st.integers(-500, 3000), min_size=1, max_size=8), limit=st.none() | st.integers(1, 900)
)  # fmt: skip
def test_no_order_is_above_the_limit_and_none_of_the_money_is_lost(amounts: list[int], limit: int | None) -> None:
    total = sum(amounts)
    if total <= 0:
        amounts, total = [*amounts, 1 - total], 1
    parts = [Transfer(n, 1, "A", "856", D(amount + 7), D(7)) for n, amount in enumerate(amounts, 1)]
    bound = None if limit is None else D(limit)
    orders = fill_orders(parts, bound)
    sums = [sum(part.amount for part in order) for order in orders]
    assert sum(sums) == total and all(one > 0 for one in sums)
    assert bound is None or all(one <= bound for one in sums)
    pieces = [part for order in orders for part in order]
    assert sorted(part.number for part in pieces if part.number) == list(range(1, len(amounts) + 1))
    assert sum(part.fee for part in pieces) == 7 * len(amounts)


def test_a_sum_above_the_banks_limit_goes_in_several_orders(office: TownOffice) -> None:
    tell(office, bank(order_limit="200"))
    pay(office, payment("1002", "500"))
    assert [order.amount for order in make_orders(office.office, NOW)] == [D("200.00"), D("200.00"), D("94.00")]
    parts = office.office.journal.transfers.parts()
    assert sum(part.received for part in parts if part.what is not PartKind.FEE) == 500
    assert find_places(office.office).lost == 0


# --- files ---------------------------------------------------------------------------------------------------------


def read_1c(data: bytes) -> list[dict[str, str]]:
    """Documents of a file in 1C's format, read by its published keys alone."""
    lines = data.decode("cp1251").split("\r\n")
    assert lines[0] == "1CClientBankExchange" and lines[-2:] == ["КонецФайла", ""]
    found: list[dict[str, str]] = []
    for text in lines[1:-2]:
        key, _, value = text.partition("=")
        if key == "СекцияДокумент":
            found.append({})
        elif found and key != "КонецДокумента":
            assert key not in found[-1], text
            found[-1][key] = value
    return found


def test_a_1c_file_reads_back_equal(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1001", "1000.01"), payment("1002", "300", number="2"))
    put = put_up_orders(office.office, NOW)
    [path] = {path for _, path in put}
    assert path.suffix == ".txt" and "outbox/pending/2026-09" in path.as_posix()
    documents = read_1c(path.read_bytes())
    for (order, _), document in zip(put, documents, strict=True):
        assert document["НомерДокумента"] == str(order.number) and D(document["Сумма"]) == order.amount
        assert re.fullmatch(r"\d+\.\d\d", document["Сумма"])
        assert (document["ПлательщикИИК"], document["ПлательщикБанкБИК"]) == (TRANSIT, "CASPKZKA")
        assert (document["ПолучательИИК"], document["ПолучательБанкБИК"]) == (OWN, "KCJBKZKX")
        assert (document["ПолучательБИН_ИИН"], document["ПолучательКБЕ"]) == (order.customer, "17")
        assert document["КодНазначенияПлатежа"] == "856" and document["НазначениеПлатежа"] == order.purpose
    assert documents[0]["ПолучательНаименование"] == "ТОО «Алем & Кала»"  # cp1251 has no Kazakh letters
    sheet = load_workbook(path.with_suffix(".xlsx")).active
    assert sum(D(str(row[7].value)) for row in sheet.iter_rows() if isinstance(row[0].value, int)) == sum(
        order.amount for order, _ in put
    ).quantize(D("0.01"))


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("version", "codes_in"),
    [("09", "regulatory"), ("09", "purpose"), ("09", "remittance"), ("03", "regulatory"), ("10", "purpose"),
     ("11", "regulatory")],
)  # fmt: skip
def test_pain_001_is_valid_and_its_sums_agree(office: TownOffice, version: str, codes_in: str) -> None:
    tell(office, bank(format=f"pain.001.001.{version}"))
    rules = office.folder / "rules" / "orders.yaml"
    shutil.copy(rules, office.folder / "orders.before")
    rules.write_text(rules.read_text("utf-8").replace("pain_codes: regulatory", f"pain_codes: {codes_in}"), "utf-8")
    again = TownOffice.stored(office.folder, office.reader)
    pay(again, payment("1001", "1000.01"), payment("1002", "300", number="2"))
    put = put_up_orders(again.office, NOW)
    [path] = {path for _, path in put}
    schema = xmlschema.XMLSchema(str(SCHEMAS / f"pain.001.001.{version}.xsd"))
    read = schema.to_dict(str(path))["CstmrCdtTrfInitn"]
    head, [payment_] = read["GrpHdr"], read["PmtInf"]
    transfers = payment_["CdtTrfTxInf"]
    sums = [D(str(one["Amt"]["InstdAmt"]["$"])) for one in transfers]
    assert sums == [order.amount for order, _ in put] and D(str(head["CtrlSum"])) == sum(sums)
    assert int(head["NbOfTxs"]) == len(transfers) == 2
    assert payment_["DbtrAcct"]["Id"]["IBAN"] == TRANSIT
    assert [one["Cdtr"]["Nm"] for one in transfers] == ["ТОО «Әлем & Қала»", "ТОО «B»"]
    assert "856" in str(transfers[0]) and len({one["PmtId"]["EndToEndId"] for one in transfers}) == 2
    again.__exit__()


def test_files_of_orders_are_made_again_after_a_kill_and_no_order_is_doubled(office: TownOffice) -> None:
    """Orders are in the journal before their file; a kill in between leaves none of them out."""
    tell(office, bank())
    pay(office, payment("1001", "1000"))
    orders = make_orders(office.office, NOW)
    put = put_up_orders(office.office, moment("2026-09-09T12:00:00"))
    assert [order for order, _ in put] == orders
    path, first = put[0][1], put[0][1].read_bytes()
    path.unlink()
    assert put_up_orders(office.office, moment("2026-09-10")) == put and path.read_bytes() == first


# --- what became of them -------------------------------------------------------------------------------------------


def test_a_line_of_the_statement_confirms_the_order_that_it_names(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1002", "100"))
    make_orders(office.office, NOW)
    pay(office, payment("1002", "100", number="2", day="08.09.2026"), now="2026-09-09")
    make_orders(office.office, NOW)
    statement(office, {"debit": "98.80", "payer_account": OWN, "reference": "2"})
    assert states(office) == ["ordered", "transferred"]
    statement(office, {"debit": "98.80", "payer_account": OWN, "day": "11.09.2026"}, now="2026-09-12")
    assert states(office) == ["transferred", "transferred"]
    places = find_places(office.office)
    assert (places.transferred, places.distributed, places.lost) == (D("197.60"), 0, 0)


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "line_",
    [
        {"debit": "98.81", "payer_account": OWN},
        {"debit": "98.80", "payer_account": NEW},
        {"debit": "98.80", "payer_account": OWN, "day": "08.09.2026"},  # before the order
        {"credit": "98.80", "payer_account": OWN, "side": "приход"},  # money that came in
        {"debit": "98.80", "payer_account": OWN, "reversal": "да"},  # it takes a credit back
    ],
)
def test_another_line_confirms_nothing(office: TownOffice, line_: Row) -> None:
    tell(office, bank())
    pay(office, payment("1002", "100"))
    make_orders(office.office, NOW)
    statement(office, line_)
    assert states(office) == ["ordered"]


def test_one_line_confirms_one_order(office: TownOffice) -> None:
    tell(office, bank())
    for number in ("1", "2"):
        pay(office, payment("1002", "100", number=number))
        make_orders(office.office, NOW)
    statement(office, {"debit": "98.80", "payer_account": OWN})
    assert states(office) == ["transferred", "ordered"]
    statement(office, {"debit": "98.80", "payer_account": OWN})  # the same statement again
    assert states(office) == ["transferred", "ordered"]


def test_money_that_came_back_is_ordered_again(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1002", "100"))
    make_orders(office.office, NOW)
    back = {"credit": "98.80", "payer_account": OWN, "side": "приход", "reversal": "да", "day": "11.09.2026"}
    statement(office, {"debit": "98.80", "payer_account": OWN}, now="2026-09-11")
    statement(office, back, now="2026-09-12")
    assert states(office) == ["rejected"]
    [again] = make_orders(office.office, moment("2026-09-12"))
    assert (again.number, again.amount) == (2, D("98.80"))
    statement(office, {"debit": "98.80", "payer_account": OWN}, now="2026-09-12")  # the first transfer, told again
    assert states(office) == ["rejected", "ordered"] and find_places(office.office).transferred == 0


def test_staff_tell_what_no_statement_says(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1001", "1000"))
    make_orders(office.office, NOW)
    settle_manually(office.office, 1, OrderState.REJECTED, "счёт закрыт, письмо банка", NOW)
    settle_manually(office.office, 2, OrderState.TRANSFERRED, "звонок в банк", NOW)
    assert states(office) == ["rejected", "transferred"]
    assert [order.customer for order in make_orders(office.office, NOW)] == [bin_of("A")]
    for number in (1, 2, 9):
        with pytest.raises(UseError, match=f"order {number} is"):
            settle_manually(office.office, number, OrderState.TRANSFERRED, "ещё раз", NOW)


# --- every tenge in one place --------------------------------------------------------------------------------------


def some_payment(random: Random, number: str, day: int) -> Row:
    account, bank_ = random.choice(["1001", "1002", "9999"]), random.choice(["CASPKZKA", "HSBKKZKX"])
    amount, taken = f"{random.randint(1, 90000)}.{random.randint(0, 99):02d}", max(1, day - random.randint(0, 3))
    return payment(account, amount, day=f"{taken:02d}.09.2026", number=number, bank=bank_)


@pytest.mark.slow  # a week of the same with every format of file is quick: test_4_1_7_every_tenge.py
@pytest.mark.parametrize("seed", range(4))
def test_every_tenge_of_a_random_month_is_in_one_place_each_night(office: TownOffice, seed: int) -> None:
    """Several banks, late registers, reversals, suspense, own accounts, fees, statements of accounts, orders that come
    back."""
    random = Random(seed)
    told = customer("C", own_account=NEW, kind="поставщик коммунальных услуг", utilities=True)
    assert office.load("customers", [told]).outcome == "accepted"
    office.load_directory(
        line("C", "1001", "heating", tariff="10", area="50"), line("C", "1002", "waste", base="чел.", tariff="5"),
    )  # fmt: skip
    tell(office, bank(transfer_fee="20", order_limit="400"), bank("HSBKKZKX", format="XLSX", iban=OTHER))
    paid: list[dict[str, object]] = []
    day = 1
    for night in range(1, 9):
        day += random.randint(1, 3)
        now = f"2026-09-{day:02d}"
        rows = [dict(some_payment(random, f"{night}-{n}", day)) for n in range(random.randint(1, 4))]
        if paid and random.random() < 0.6:
            old = paid.pop(random.randrange(len(paid)))
            rows.append({**old, "amount": f"-{old['amount']}", "paid_on": f"{day:02d}.09.2026"})
        paid += [row for row in rows if not str(row["amount"]).startswith("-") and row["account"] != "9999"]
        office.load_payments(*rows, now=now)
        if random.random() < 0.7:
            distribute(office.office, moment(now))
        if random.random() < 0.7:
            make_orders(office.office, moment(now))
        for order in office.office.journal.transfers.orders([OrderState.ORDERED]):
            if random.random() < 0.6:
                state = random.choice([OrderState.TRANSFERRED, OrderState.TRANSFERRED, OrderState.REJECTED])
                settle_manually(office.office, order.number, state, "банк", moment(now))
        places = find_places(office.office)
        moved = office.office.journal.transfers.orders([OrderState.TRANSFERRED])
        by_orders = sum((order.amount for order in moved), D(0))
        assert places.lost == 0 and places.transferred + places.fees_passed == by_orders
    brought = sum(row["amount"] for row in office.facts("bank_register"))
    places = find_places(office.office)
    assert places.received - places.returned == brought
    assert places.suspense == sum(row["amount"] for row in office.facts("suspense"))
    distribute(office.office, moment("2026-09-30"))
    assert find_places(office.office).posted == 0
    accounts = {(order.customer, order.iban) for order in office.office.journal.transfers.orders()}
    assert {iban for bin_, iban in accounts if bin_ == bin_of("C")} <= {NEW, customer("C")["iban"]}
