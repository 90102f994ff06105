"""4.1.7: a statement is heard beside those of its time, however many years of statements lie before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from inbox_worker.core.model import FactFile, Period
from inbox_worker.deciding import statement_checks
from inbox_worker.deciding.order_ends import confirm_orders
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month import bank_answers, confirming
from inbox_worker.month.ordering import make_orders
from tests.contract.test_4_1_7_orders import NEW, NOW, OWN, bank, build, pay, statement, states, tell
from tests.contract.test_4_1_7_statements import moved, with_balances
from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, payment

office = copies_of(build)
LATER = ("10.2026", "11.2026", "12.2026", "01.2027", "02.2027")
DONE: Row = {"scope": "поручение", "number": "1", "answer": "исполнено"}


@pytest.fixture
def ordered(office: TownOffice) -> TownOffice:
    """Order 1 of 98.80 to A of 9 September."""
    tell(office, bank())
    pay(office, payment("1002", "100"))
    make_orders(office.office, NOW)
    return office


def left(**more: object) -> Row:
    return {"debit": "98.80", "payer_account": OWN, **more}


def came(**more: object) -> Row:
    return {"credit": "98.80", "side": "приход", "payer_account": OWN, **more}


def load_later(office: TownOffice) -> None:
    for month in LATER:
        statement(office, came(day=f"10.{month}", payer_account=NEW), now=f"{month[3:]}-{month[:2]}-11")


def load(office: TownOffice, line: Row, now: str) -> Answer:
    """A statement of one debit, whatever is said of it."""
    common = {"iban": "KZ28722S000001013958", "bank": "KCJBKZKX", "side": "расход", "occurrence": 1, "reference": "7"}
    return office.load("bank_statement", [{**common, **line}], now, Сумма="-98.80")


def watch(monkeypatch: pytest.MonkeyPatch) -> set[Period]:
    """Return the months whose files are read from now on."""
    seen = set[Period]()

    def read(ledger: Path, kind: str, files: Sequence[FactFile], columns: Sequence[str] = ()) -> pa.Table:
        seen.update(file.month for file in files)
        return read_facts(ledger, kind, files, columns)

    for module in (confirming, bank_answers, statement_checks):
        monkeypatch.setattr(module, "read_facts", read)
    return seen


def test_statements_of_years_ago_are_not_read_again(ordered: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor while an order waits those of the months before it. A debit is looked for in three months."""
    statement(ordered, left())
    load_later(ordered)
    seen = watch(monkeypatch)
    statement(ordered, came(day="10.03.2027", payer_account=NEW), now="2027-03-11")
    assert min(seen) == Period(2026, 12)
    seen.clear()
    confirm_orders(ordered.office, NOW)
    assert min(seen) == Period(2026, 9), "`bank orders` looks at everything"


def test_balances_are_compared_with_the_nearest_before(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """May and August lie there; September goes on from August, and nothing older is read."""

    def take(month: str, opening: str, closing: str) -> list[str]:
        data = moved(with_balances(opening, closing), ("05.09.2026", f"05.{month}"), ("06.09.2026", f"06.{month}"))
        return office.hand_in_bytes(data, received="2026-09-09", mailbox="load").codes

    assert take("05.2026", "1.00", "6239.00") == take("08.2026", "6239.00", "12477.00") == []
    seen = watch(monkeypatch)
    assert take("09.2026", "12477.00", "18715.00") == []
    assert seen == {Period(2026, 8)}
    assert take("07.2026", "6239.00", "12477.00") == ["statement.does_not_follow"]


@pytest.mark.slow
@pytest.mark.parametrize("day", ["10.03.2027", "11.09.2026"])
def test_money_that_comes_back_after_months_takes_its_order_back(ordered: TownOffice, day: str) -> None:
    """Also by a statement of those days that comes late."""
    statement(ordered, left())
    load_later(ordered)
    assert states(ordered) == ["transferred"]
    statement(ordered, came(reversal="да", day=day), now="2027-03-11")
    assert states(ordered) == ["rejected"]


def test_a_debit_that_takes_months_confirms_its_order(ordered: TownOffice) -> None:
    load_later(ordered)
    answer = load(ordered, left(day="10.03.2027"), "2027-03-11")
    assert states(ordered) == ["transferred"] and "statement.stray_debit" not in answer.codes


def test_a_debit_of_the_sum_of_an_old_order_is_told(ordered: TownOffice) -> None:
    """The bank's answer had ended the order, and its debit came then: another one is nobody's."""
    assert ordered.load("order_answers", [DONE], "2026-09-10").outcome == "accepted"
    statement(ordered, left())
    load_later(ordered)
    assert "statement.stray_debit" in load(ordered, left(day="10.03.2027"), "2027-03-11").codes


def test_an_answer_that_confirms_hears_of_the_return_that_was_loaded_before(ordered: TownOffice) -> None:
    statement(ordered, came(reversal="да"))
    assert states(ordered) == ["ordered"], "it names no order, and nothing had left by it"
    assert ordered.load("order_answers", [DONE], "2026-09-11").outcome == "accepted"
    assert states(ordered) == ["rejected"]
