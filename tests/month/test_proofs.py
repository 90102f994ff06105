"""A month is not closed while a control total differs, and the refusal names the rows (money.md "Identity", 4.1.4,
4.1.7, 4.2.5). Files of the ledger are really changed here, and named anew, as a fault of the program would."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Period
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.lines.steps import run
from inbox_worker.month.engine import Engine
from inbox_worker.month.months import MonthError, gather_facts
from inbox_worker.month.proofs import broken_lines
from inbox_worker.month.steps import FOLDER
from tests.support.fixtures import copies_of
from tests.support.journals import unguarded
from tests.support.office import TownOffice, bin_of, customer, line, payment

A, B = bin_of("A"), bin_of("B")
Row = dict[str, object]


def town(office: TownOffice) -> None:
    """Two accounts; 1001 paid 1 000.00 by payment 7 and 2 000.00 by payment 8, payment 9 found no account."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="150", balance="300"),
        line("B", "1001", "cleaning", base="кв.", tariff="250", balance="600"),
        line("A", "1002", "maintenance", base="кв.", tariff="100"),
    )
    office.load_payments(
        payment("1001", "1000", number="7"), payment("1001", "2000", number="8"), payment("7777", "5", number="9")
    )


office = copies_of(town)


def change(office: TownOffice, file: Path, what: Callable[[list[Row]], object]) -> None:
    """Rewrites a Parquet file with some rows changed, and names it so in the journal: its hash tells nothing then."""
    table = pq.read_table(file)
    rows = table.to_pylist()
    what(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    path, digest = file.relative_to(office.office.home.ledger), sha256_file(file)
    with office.office.journal.transaction() as connection, unguarded(connection):
        for names in (
            t.fact_files.update().where(t.fact_files.c.path == path.as_posix()),
            t.close_files.update().where(t.close_files.c.month == path.parts[1], t.close_files.c.name == file.stem),
        ):
            connection.execute(names.values(sha256=digest))
    office.office.journal.database.kept.clear()


def fact_file(office: TownOffice, kind: str) -> Path:
    [file] = office.office.journal.facts.files(kind)
    return office.office.home.ledger / file.path


def setting(place: int, **values: object) -> Callable[[list[Row]], object]:
    return lambda rows: rows[place].update(values)


def refusal(office: TownOffice, month: str) -> str:
    with pytest.raises(MonthError) as refused:
        office.close(month)
    assert not (office.office.home.ledger / "closes" / month).exists()
    return str(refused.value)


PAYMENT_7 = "bank CASPKZKA, payment 7, account 1001"


@pytest.mark.quick("received", "parts")
@pytest.mark.parametrize(
    ("kind", "what", "told"),
    [
        pytest.param("bank_register", setting(0, amount=D("1000.01")),
                     f"{PAYMENT_7}: 1000.01 received, 1000.00 posted, 0.00 in suspense", id="received"),
        pytest.param("bank_register", lambda rows: rows.pop(0),
                     f"{PAYMENT_7}: 0.00 received, 1000.00 posted, 0.00 in suspense", id="lost"),
        pytest.param("suspense", setting(0, amount=D("4.99")),
                     "payment 9, account 7777: 5.00 received, 0.00 posted, 4.99 in suspense", id="suspense"),
        pytest.param("suspense", lambda rows: rows.append(dict(rows[0])),
                     "payment 9, account 7777: 5.00 received, 0.00 posted, 10.00 in suspense", id="twice"),
        pytest.param("allocations", setting(0, amount=D("337.49"), opening_part=D("299.99")),
                     f"{PAYMENT_7}: 1000.00 received, 999.99 posted, 0.00 in suspense", id="posted"),
        pytest.param("allocations", setting(0, opening_part=D("299.99")),
                     f"{PAYMENT_7}, customer {A}, maintenance: 337.49 in parts of 337.50", id="parts"),
        pytest.param("allocations", setting(0, fee=D("4.06")),
                     f"{PAYMENT_7}, customer {A}, maintenance: fee 4.06, but 1.2000 % of 337.50 is 4.05", id="fee"),
    ],
)  # fmt: skip
def test_a_payment_that_does_not_add_up_is_named(
    kind: str, what: Callable[[list[Row]], object], told: str, office: TownOffice
) -> None:
    """Payments in = posted + suspense; parts = payment; fees + transfers = payments, the fee at its price."""
    change(office, fact_file(office, kind), what)
    assert told in refusal(office, "2026-09")


def test_a_reversed_payment_leaves_no_fee(office: TownOffice) -> None:
    """All of payment 8 is taken back; a fee of 0.01 left on a line is named."""
    office.load_payments(payment("1001", "-2000", number="8", day="08.09.2026"), now="2026-09-09")
    [_, file] = office.office.journal.facts.files("allocations")
    change(office, office.office.home.ledger / file.path, lambda rows: rows[0].update(fee=rows[0]["fee"] + D("0.01")))
    assert "payment 8, account 1001" in refusal(office, "2026-09") and "fees + transfers" in refusal(office, "2026-09")


@pytest.mark.quick("opening", "paid")
@pytest.mark.parametrize("column", ["opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved"])
def test_a_closed_month_that_was_changed_later_is_named(column: str, office: TownOffice) -> None:
    """September's row does not add up any more: October cannot open with it."""
    office.close("2026-09")
    file = office.office.home.ledger / "closes" / "2026-09" / "lines.parquet"
    change(office, file, lambda rows: rows[2].update({column: rows[2][column] + D("0.01")}))
    message = refusal(office, "2026-10")
    assert "the month before does not add up" in message and f"account 1002, customer {A}, maintenance" in message


def test_a_line_that_stands_twice_is_named(office: TownOffice) -> None:
    """Each row adds up, and yet the total does not."""
    office.close("2026-09")
    file = office.office.home.ledger / "closes" / "2026-09" / "lines.parquet"
    change(office, file, lambda rows: rows.append(dict(rows[2])))
    message = refusal(office, "2026-10")
    assert f"lines stand twice: account 1002, customer {A}, maintenance" in message
    assert f"customer {A}, maintenance: charged 350.00 on lines, 250.00 in entries" in message


def computed(office: TownOffice, month: str) -> Engine:
    engine = gather_facts(office.office, Period.parse(month)).engine()
    engine.compute(Period.parse(month))
    return engine


@pytest.mark.quick("charged", "closing", "closing_penalty")
@pytest.mark.parametrize(
    "column",
    ["opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing",
     "opening_penalty", "paid_penalty", "closing_penalty"],
)  # fmt: skip
def test_a_line_that_does_not_add_up_is_named(column: str, office: TownOffice) -> None:
    """One tiyn in one column of one line of the computed month."""
    engine = computed(office, "2026-09")
    engine.connection.execute(f"update lines set {column} = {column} + 0.01 where account = '1002'")
    run(engine.connection, [FOLDER / "64_control.sql"])
    broken = broken_lines(engine.connection)
    assert f"account 1002, customer {A}, maintenance" in str(broken[0])


@pytest.mark.parametrize("column", ["opening", "charged", "recalculated", "penalty", "paid"])
def test_two_wrongs_on_a_line_are_found_by_what_was_entered(column: str, office: TownOffice) -> None:
    """The line adds up with 0.01 too much in two columns; the sums by Customer and service do not."""
    engine = computed(office, "2026-09")
    sign = "-" if column == "paid" else "+"
    engine.connection.execute(
        f"update lines set {column} = {column} + 0.01, closing = closing {sign} 0.01 where service = 'cleaning'"
    )
    run(engine.connection, [FOLDER / "64_control.sql"])
    broken = broken_lines(engine.connection)
    assert any(f"customer {B}, cleaning: {column} " in str(one) for one in broken)


def test_at_most_ten_rows_are_named_and_the_rest_counted(office: TownOffice) -> None:
    office.load_directory(*(line("A", f"{n}", "lift", base="кв.", tariff="1") for n in range(2000, 2015)))
    office.close("2026-09")
    file = office.office.home.ledger / "closes" / "2026-09" / "lines.parquet"
    change(office, file, lambda rows: [row.update(closing=D(0)) for row in rows if row["service"] == "lift"])
    message = refusal(office, "2026-10")
    assert message.count("account 20") == 10 and "and 5 more" in message


def test_what_adds_up_is_closed(office: TownOffice) -> None:
    office.close("2026-09")
    assert office.close("2026-10").rows == 3
