"""4.1.7: staff hear at once, with its row and what to do, of each payment that no line takes."""

from __future__ import annotations

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(flat())


office = copies_of(town)


def flat(account: str = "1001", **more: object) -> Row:
    return line("A", account, "maintenance", base="кв.", tariff="100", **more)


def told(office: TownOffice, *rows: Row, now: str = "2026-09-06") -> list[tuple[str, str, str]]:
    """Code, cell and value of what a register's answer says."""
    found = office.load_payments(*rows, now=now).findings
    return [(f["code"], f["cell"], f["value"]) for f in found if f["code"] != "register.no_control"]


def test_an_unknown_account_and_an_unknown_line_are_warned_of_at_their_cells(office: TownOffice) -> None:
    answer = office.load_payments(
        payment("7777", "12.34", number="41"),
        payment("1001", "7.00", number="42"),
        payment("1001", "5.00", number="43", to="B", service="heating"),
    )
    assert answer.outcome == "accepted"
    first, second = answer.finding("register.account_unknown"), answer.finding("register.line_unknown")
    table_starts = int(first["cell"][1:])
    assert (first["cell"][0], first["value"], first["severity"]) == ("D", "7777", "warning")
    assert (second["cell"], second["value"]) == (f"D{table_starts + 2}", "1001")
    assert "№ 41 на 12,34" in first["message"]
    assert all(part in second["message"] for part in ("№ 43", "5,00", bin_of("B"), "Отопление"))
    assert "Жылыту" in second["message_kk"] and first["remedy"] and first["remedy_kk"]
    assert answer.submissions[0]["answer"], "the marked register shows the rows"


def test_a_register_whose_payments_all_find_their_lines_says_nothing(office: TownOffice) -> None:
    assert told(office, payment("1001", "7.00")) == []


def test_a_line_that_begins_after_the_payments_month_is_told_too(office: TownOffice) -> None:
    """The directory knows the account, the month does not."""
    office.load_directory(flat("2002", start="11.2026"))
    assert [code for code, *_ in told(office, payment("2002", "7.00"))] == ["register.account_unknown"]


def test_a_reversal_of_no_payment_is_warned_of(office: TownOffice) -> None:
    office.load_payments(payment("1001", "7.00", number="1"))
    rows = [payment("1001", f"-{sum_}", number=number, day=f"0{day}.09.2026")
            for day, number, sum_ in ((6, "2", "8.00"), (7, "1", "7.00"))]  # fmt: skip
    assert [(code, value) for code, _, value in told(office, *rows, now="2026-09-08")] == [
        ("register.reversal_unknown", "1001")
    ]


def test_what_a_register_brings_and_takes_back_is_not_told(office: TownOffice) -> None:
    rows = payment("7777", "7.00", number="1"), payment("7777", "-7.00", number="1", day="06.09.2026")
    assert told(office, *rows) == []


def test_earlier_payments_that_find_their_line_are_told_once(office: TownOffice) -> None:
    office.load_payments(payment("7777", "7.00", number="1"), payment("7777", "5.00", number="2"))
    office.load_directory(flat("7777"))
    answer = office.load_payments(payment("1001", "1.00", number="3"))
    finding = answer.finding("register.payments_found")
    assert (finding["value"], finding["severity"]) == ("2", "info") and "12,00" in finding["message"]
    assert "register.account_unknown" not in answer.codes


def test_payments_of_a_closed_month_are_proof_month(office: TownOffice) -> None:
    office.close("2026-09")
    rows = [payment("1001", "5.00", number=str(n), day=f"{n}.09.2026") for n in (28, 29)]
    answer = office.load_payments(*rows, payment("1001", "5.00", number="1", day="01.10.2026"), now="2026-10-10")
    finding = answer.finding("register.month_closed")
    assert finding["value"] == "09.2026"
    assert "(2)" in finding["message"] and "10.2026" in finding["message"]
