"""4.1.7: a transit account's statement is kept once, agreed with its balances, and is no payment of consumers."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_worker.ledger.kept_tables import KEPT
from tests.contract.test_4_1_7_bank_layouts import mangled
from tests.support.bank_files import PAID, printed, total
from tests.support.bank_statements import LINES, OTHER, STATEMENTS, camt053, kaspi_book, of_bcc, of_kaspi
from tests.support.fixtures import office
from tests.support.office import Answer, TownOffice

__all__ = ["office"]
NET = D("6238.00")


def load(office: TownOffice, data: bytes) -> Answer:
    return office.hand_in_bytes(data, received="2026-09-07", mailbox="load")


def net(office: TownOffice) -> D:
    rows = office.facts("bank_statement")
    return sum((D(str(row["credit"] or 0)) - D(str(row["debit"] or 0)) for row in rows), D(0))


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_is_kept_and_posts_no_payment(kind: str, office: TownOffice) -> None:
    answer = load(office, STATEMENTS[kind])
    assert (answer.outcome, answer.codes) == ("accepted", [])
    assert net(office) == NET
    assert office.facts("bank_register") == office.facts("suspense") == []


def test_a_statement_reads_those_of_its_own_months_alone(office: TownOffice) -> None:
    """Where nothing is ordered, what years of statements lie there costs nothing: the file of August may be gone."""
    line = {"iban": OTHER, "bank": "KCJBKZKX", "side": "приход", "occurrence": 1, "day": "05.08.2026", "credit": "5.00"}
    row = {**line, "reference": "7", "purpose": "реестр"}
    assert office.load("bank_statement", [row], "2026-08-06", Сумма=5).outcome == "accepted"
    [file] = office.office.journal.facts.files("bank_statement")
    (office.office.home.ledger / file.path).unlink()
    assert KEPT.take(("bank_statement", file.sha256)) is not None, "as written a moment ago, in memory"
    assert load(office, of_kaspi()).outcome == "accepted"
    assert load(office, of_bcc()).codes == ["row.unchanged"] * len(LINES)


def test_the_same_statement_in_another_file_adds_nothing(office: TownOffice) -> None:
    load(office, of_kaspi())
    for again in (of_bcc(), kaspi_book(), camt053()):
        assert load(office, again).codes == ["row.unchanged"] * len(LINES)
    assert net(office) == NET


def test_a_statement_beside_a_register_leaves_its_payments_alone(office: TownOffice) -> None:
    """One credit for many payments: the register splits it, the statement says that the money came."""
    load(office, printed())
    load(office, of_kaspi())
    assert sum((D(str(row["amount"])) for row in office.facts("bank_register")), D(0)) == total(PAID)


def test_a_day_that_is_listed_from_its_end_and_has_more_lines_adds_only_these(office: TownOffice) -> None:
    """Kaspi lists the last line first; a fee has the number of the payment that it is for."""
    fee = ("05.09.2026", "101", "12.50", "", "ТОО Kaspi Pay", OTHER, "Комиссия")
    load(office, of_kaspi())
    again = [("05.09.2026", "103", "", "12.50", "А", OTHER, "б"), fee, *reversed(LINES)]
    sums = {"12,50": "25,00", "6 250,50": "6 263,00"}
    answer = load(office, kaspi_book(tuple(again), sums, counts=("2", "3")))
    assert answer.outcome == "accepted" and answer.codes == ["row.unchanged"] * len(LINES)
    assert (len(office.facts("bank_statement")), net(office)) == (5, NET)


def test_a_line_with_another_sum_is_refused(office: TownOffice) -> None:
    load(office, of_kaspi())
    other = of_kaspi().decode("cp1251").replace("5000.00", "5001.00").replace("6250.50", "6251.50")
    answer = load(office, other.replace("6338.00", "6339.00").encode("cp1251"))
    assert (answer.outcome, "row.conflict" in answer.codes, net(office)) == ("rejected", True, NET)


def test_a_statement_in_our_blank_needs_its_turnover(office: TownOffice) -> None:
    row = {
        "iban": "KZ28722S000001013958",
        "day": "05.09.2026",
        "reference": "1",
        "side": "приход",
        "occurrence": 1,
        "credit": "5",
    }
    assert office.load("bank_statement", [row], "2026-09-07").codes == ["statement.no_balances"]
    assert office.load("bank_statement", [row], "2026-09-07", Сумма="6").codes == ["statement.balance_differs"]
    assert office.load("bank_statement", [row], "2026-09-07", Сумма="5").outcome == "accepted"
    both = office.load("bank_statement", [{**row, "debit": "5"}], "2026-09-07", Сумма="0")
    assert both.codes == ["statement.sides"]


def with_balances(first: str, last: str) -> bytes:
    """The statement of 5 and 6 September with other balances, which differ by as much."""
    return of_kaspi().replace(b"6338.00", last.encode()).replace(b"100.00", first.encode())


def moved(data: bytes, *days: tuple[str, str]) -> bytes:
    for before, after in days:
        data = data.replace(before.encode(), after.encode())
    return data


def test_a_statement_of_the_same_days_with_other_balances_is_told(office: TownOffice) -> None:
    first = load(office, of_kaspi())
    answer = load(office, with_balances("200.00", "6438.00"))
    assert answer.codes.count("statement.does_not_follow") == 2
    words = [finding["message"] for finding in answer.findings if finding["code"] == "statement.does_not_follow"]
    assert all(first.id in text for text in words)
    assert "200,00" in words[0] and "100,00" in words[0]


@pytest.mark.parametrize(("opening", "codes"), [("6338.00", []), ("6330.00", ["statement.does_not_follow"])])
@pytest.mark.parametrize("later_first", [False, True])
def test_a_statement_goes_on_from_the_one_before(
    opening: str, codes: list[str], later_first: bool, office: TownOffice
) -> None:
    closing = str(D(opening) + NET)
    later = moved(with_balances(opening, closing), ("05.09.2026", "07.09.2026"), ("06.09.2026", "08.09.2026"))
    files = [later, of_kaspi()] if later_first else [of_kaspi(), later]
    first, answer = (office.hand_in_bytes(data, received="2026-09-09", mailbox="load") for data in files)
    assert first.codes == []
    assert (answer.outcome, answer.codes) == ("accepted", codes)


@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mangled_statement_is_kept_to_the_tiyn_or_told(data: st.DataObject, office: TownOffice) -> None:
    kind = data.draw(st.sampled_from(sorted(STATEMENTS)))
    decision = office.decide_bytes(mangled(data, STATEMENTS[kind]), "2026-09-07")
    if decision.rows is not None and not decision.findings:
        sums = {name: sum(v or 0 for v in decision.rows.column(name).to_pylist()) for name in ("credit", "debit")}
        assert (sums["credit"], sums["debit"]) == (D("6250.50"), D("12.50")), kind
