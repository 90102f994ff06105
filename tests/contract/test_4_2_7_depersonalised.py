"""4.2.7: information is used without personal data only, and never that of a Customer who forbade it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_worker.core.model import Period
from inbox_worker.documents.depersonalised import render_depersonalised
from inbox_worker.documents.depersonalised_groups import SUMS, DepersonalisedMonth, group_consumers
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.small_groups import Key, fold_small
from inbox_worker.month.customer_proof import find_changed_customers
from inbox_worker.month.tables import LINES
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment

K_ACCOUNTS, K_CUSTOMERS = 10, 3
LIFTS = "лифтовая организация"
BAN = "запрет обезличенного использования"
SECRET = ("Ахметова", "Достық", "СЧ-77", "ТОО", "example")


def lines(owner: str, service: str, accounts: range, area: str = "50") -> list[object]:
    """An account each, with everything about a person that the directory may hold."""
    return [
        line(owner, str(number), service, tariff="10", area=area, start="08.2026", name="Ахметова А.",
             address=f"г. Алматы, ул. Достық, {number}", house=f"H-{number % 3}", email="akhmetova@mail.example")
        for number in accounts
    ]  # fmt: skip


def town(office: TownOffice) -> None:
    """Maintenance of A, B, C, D; a lift of E alone, and of A, B, D for some flats; small flats of C; a meter."""
    office.load_customers(*(customer(name) for name in "ABCD"), customer("E", kind=LIFTS))
    office.load_directory(
        *lines("A", "maintenance", range(90100001, 90100008)),
        *lines("B", "maintenance", range(90200001, 90200007)),
        *lines("C", "maintenance", range(90300001, 90300005)),
        *lines("C", "maintenance", range(90300005, 90300008), area="31"),
        *lines("D", "maintenance", range(90400001, 90400013)),
        *lines("E", "cleaning", range(90100001, 90100015)),
        *lines("D", "cleaning", range(90400001, 90400003)),
        line("A", "90100001", "cold_water", base="счётчик", tariff="20", meter="СЧ-77-90", reading="1",
             start="08.2026"),
    )  # fmt: skip
    office.load_payments(payment("90100001", "77.70", to="A", day="05.08.2026"), now="2026-08-06")
    office.close("2026-08")


office = copies_of(town)


def group(office: TownOffice, month: str = "2026-08") -> DepersonalisedMonth:
    return group_consumers(MonthFacts(office.office, Period.parse(month)), office.office.rules.retention.depersonalised)


def render(office: TownOffice, found: DepersonalisedMonth) -> bytes:
    return render_depersonalised(found, office.office.home.operator, office.office.rules).data


def close_sums(office: TownOffice, without: str, month: str = "2026-08") -> dict[str, Decimal]:
    rows = [row for row in office.table(month, "lines") if row["customer"] not in {bin_of(name) for name in without}]
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in LINES.names[5:]}
    charged = sums["charged"] + sums["undelivered"] + sums["recalculated"] + sums["penalty"]
    paid = sums["paid"] - sums["moved"]
    return {"opening": sums["opening"], "charged": charged, "paid": paid, "closing": sums["closing"]}


def shown_sums(found: DepersonalisedMonth) -> dict[str, Decimal]:
    return {name: sum((one.sums[name] for one in found.groups), Decimal(0)) for name in SUMS}


def test_every_group_is_large_enough_and_together_they_are_the_close(office: TownOffice) -> None:
    found = group(office)
    assert found.groups and all(one.accounts >= K_ACCOUNTS and one.customers >= K_CUSTOMERS for one in found.groups)
    assert shown_sums(found) == close_sums(office, without="")
    shown = [(one.service, one.kind, one.size, one.accounts, one.customers) for one in found.groups]
    assert shown == [
        ("maintenance", "управляющая компания", "", 32, 4),  # three small flats of C would be alone
        ("", "", "", 16, 3),  # E alone cleans for its kind, one account has water: together three Customers
    ]
    assert (found.folded, found.banned, found.waiting) == (5, 0, 0)


def test_nothing_of_a_person_stands_in_the_file(office: TownOffice) -> None:
    """No account, name, address, house, meter, e-mail; no Customer's name or БИН either."""
    data = render(office, group(office))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = "\n".join(archive.read(name).decode("utf-8") for name in archive.namelist())
    accounts = {row["account"] for row in office.table("2026-08", "lines")}
    for secret in (*SECRET, *accounts, *(bin_of(name) for name in "ABCDE"), "H-0", "H-1"):
        assert secret not in re.sub(r"ТОО «[^»]*Биллинг[^»]*»", "", text), secret


def test_a_ban_leaves_out_every_row_from_its_day_on_and_the_cover_says_how_many(office: TownOffice) -> None:
    row = {"kind": BAN, "event_on": "15.09.2026", "basis": "Письмо № 12"}
    assert office.ingest("notice", [row], by="D", received="2026-08-20").outcome == "accepted"
    office.close("2026-09")
    before, after = group(office), group(office, "2026-09")
    assert (before.banned, shown_sums(before)) == (0, close_sums(office, without="")), "given before the ban"
    assert (after.banned, shown_sums(after)) == (1, close_sums(office, without="D", month="2026-09"))
    assert all(one.customers <= 4 for one in after.groups)
    cover = openpyxl.load_workbook(io.BytesIO(render(office, after))).worksheets[0]
    told = " ".join(str(cell.value) for row in cover.iter_rows() for cell in row if cell.value)
    assert "запретили использовать их сведения в обезличенном виде: 1." in told and "итогами всего закрытия" in told
    assert f"{close_sums(office, 'D', '2026-09')['closing']}" not in told, "no sum on the cover"


def test_a_ban_in_the_register_counts_from_the_first_day(office: TownOffice) -> None:
    office.load("customers", [customer("D", no_depersonalised="да")], now="2026-09-10")
    assert group(office).banned == 0
    office.close("2026-09")
    assert group(office, "2026-09").banned == 1


def test_a_notice_that_nobody_decided_yet_counts_as_a_ban(office: TownOffice) -> None:
    rows = [{"kind": kind, "event_on": "15.12.2026", "basis": "Письмо № 12"} for kind in (BAN, "расторжение")]
    assert office.ingest("notice", rows, by="C", received="2026-08-20").outcome == "held", "the end waits for staff"
    found = group(office)
    assert (found.banned, found.waiting, shown_sums(found)) == (0, 1, close_sums(office, without="C"))


def test_fewer_than_the_least_are_not_shown_at_all(office: TownOffice) -> None:
    office.load("customers", [customer(name, no_depersonalised="да") for name in "ABC"], now="2026-09-30")
    office.close("2026-09")
    found = group(office, "2026-09")
    assert (found.groups, found.banned) == ((), 3)
    [cover] = openpyxl.load_workbook(io.BytesIO(render(office, found))).worksheets
    assert "Групп нет" in " ".join(str(cell.value) for row in cover.iter_rows() for cell in row)


def test_the_same_close_gives_the_same_bytes(office: TownOffice, tmp_path: Path) -> None:
    assert render(office, group(office)) == render(office, group(office))


LEAVES = st.dictionaries(
    st.tuples(*(st.sampled_from(values) for values in ("abc", "xy", "123"))),
    st.sets(st.tuples(st.integers(1, 25), st.integers(1, 5)), min_size=1, max_size=15),
    max_size=18,
)


@given(LEAVES)
def test_no_total_less_what_is_shown_leaves_a_small_group(leaves: dict[Key, set[tuple[int, int]]]) -> None:
    """Every row stands in one group and every group is large: what two totals differ by is a sum of groups."""

    def fits(keys: Sequence[Key]) -> bool:
        rows = {row for key in keys for row in leaves[key]}
        accounts, customers = {account for account, _ in rows}, {owner for _, owner in rows}
        return len(accounts) >= K_ACCOUNTS and len(customers) >= K_CUSTOMERS

    shown = fold_small(sorted(leaves), fits)
    assert all(fits(one.of) for one in shown)
    assert sorted(key for one in shown for key in one.of) == (sorted(leaves) if shown else [])
    assert bool(shown) == bool(leaves and fits(sorted(leaves)))
    assert len({one.key for one in shown}) == len(shown)


@pytest.mark.parametrize(
    ("written", "outcome", "banned"),
    [("да", "accepted", True), ("иә", "accepted", True), (1, "accepted", True), ("нет", "accepted", False),
     ("жоқ", "accepted", False), ("", "accepted", False), ("+", "rejected", False), ("запрещено", "rejected", False)],
)  # fmt: skip
def test_the_registers_column_bans_as_it_is_written(
    office: TownOffice, written: object, outcome: str, banned: bool
) -> None:
    """What is neither yes nor no is refused: a ban is never guessed away."""
    answer = office.load("customers", [customer("A", no_depersonalised=written)], now="2026-08-05")
    assert answer.outcome == outcome
    assert office.office.journal.customers.on(date(2026, 8, 6))[bin_of("A")].no_depersonalised is banned


def test_a_ban_that_the_customer_told_is_not_taken_back_by_the_register_in_passing(office: TownOffice) -> None:
    """It stays, and is told in words; with `Считать с` staff take it back."""
    row = {"kind": BAN, "event_on": "01.08.2026", "basis": "Письмо"}
    assert office.ingest("notice", [row], received="2026-08-04").outcome == "accepted"
    for now, cell in (("2026-08-05", ""), ("2026-08-06", "нет")):
        told = office.load("customers", [customer("A", address=f"дом {now}", no_depersonalised=cell)], now=now)
        message = told.finding("register.kept")["message"]
        assert "«да / иә»" in message and "True" not in message and "False" not in str(told.report)
        assert office.office.journal.customers.on(date(2026, 8, 7))[bin_of("A")].no_depersonalised
    back = customer("A", no_depersonalised="нет", counts_from="08.08.2026")
    assert office.load("customers", [back], now="2026-08-08").outcome == "accepted"
    assert not office.office.journal.customers.on(date(2026, 8, 9))[bin_of("A")].no_depersonalised
    assert list(find_changed_customers(office.office.journal, office.office.home.ledger)) == []
