"""A month by ranges of accounts: together they are all accounts, and neither they nor threads change a close."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_worker.core.accounts import Accounts
from inbox_worker.ledger.facts import BY_ACCOUNT
from inbox_worker.month.compute import ranges_of, side_by_side
from inbox_worker.month.town import FEW_ROWS
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, TownOffice, customer, line, make_bare_home, payment


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=3), st.integers(1, 9)),
    st.integers(1, 30),
)
def test_ranges_hold_every_account_once_and_no_more_rows_than_told(counts: dict[str, int], rows: int) -> None:
    counted = pa.table({"account": pa.array(counts, pa.string()), "rows": pa.array(counts.values(), pa.int64())})
    ranges = ranges_of(counted, rows)
    assert ranges[0].first is None and ranges[-1].end is None
    assert all(before.end == after.first for before, after in pairwise(ranges))
    for accounts in ranges:
        held = [count for account, count in counts.items() if accounts.may_hold(account, account)]
        assert held or not counts
        assert sum(held) < rows + 9, "a range ends with the account that fills it"


def test_answers_of_ranges_come_in_their_order() -> None:
    ranges = [Accounts(str(n), str(n + 1)) for n in range(9)]
    assert list(side_by_side(ranges, lambda accounts: accounts.first, 2)) == [str(n) for n in range(9)]


def test_facts_by_account_are_replaced_within_their_account() -> None:
    """A row takes the place of one with its key; so a range of accounts knows all that replaces its rows."""
    rules = load_rules(ROOT / "rules")
    for kind in BY_ACCOUNT:
        if kind in rules.forms:
            assert "account" in rules.forms[kind].key, kind


@pytest.mark.slow
@pytest.mark.quick("4-0")
@pytest.mark.parametrize(
    ("rows", "few"), [pytest.param(1, FEW_ROWS, marks=pytest.mark.slow), (4, FEW_ROWS), (4, 0), (200_000, FEW_ROWS)]
)
def test_close_is_the_same_rows_for_any_ranges(
    rows: int, few: int, tmp_path: Path, reader: CellReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files by ranges of 1, 4 and all accounts hold the same rows in the same order, as towns of few or of many."""
    monkeypatch.setattr("inbox_worker.month.town.FEW_ROWS", few)
    closes = [_close(tmp_path / str(size), reader, size) for size in (rows, 7)]
    assert closes[0].keys() == closes[1].keys()
    for name, table in closes[0].items():
        assert table.equals(closes[1][name]), name
    assert closes[0]["lines"].num_rows == 24


@pytest.mark.parametrize(("memory", "whole"), [('"4GB"', True), ('"800MB"', False)], ids=["as-shipped", "chosen"])
def test_ranges_that_earlier_versions_shipped_are_no_choice(memory: str, whole: bool, tmp_path: Path) -> None:
    """A home of an earlier version computes the whole town at once, unless its memory was chosen for the machine."""
    make_bare_home(tmp_path / "home")
    config = tmp_path / "home" / "config.yaml"
    text = re.sub(r"(?m)^  rows_at_once: \d+", "  rows_at_once: 150000", config.read_text("utf-8"))
    config.write_text(re.sub(r"(?m)^  memory: \S+", f"  memory: {memory}", text), "utf-8")
    assert (load_home(tmp_path / "home").config.ledger.rows_at_once > 150_000) is whole


def _close(folder: Path, reader: CellReader, rows_at_once: int) -> dict[str, pa.Table]:
    with TownOffice(folder, reader, rows_at_once=rows_at_once) as office:
        office.load_customers(customer("A"))
        office.load_directory(
            *(
                line("A", str(1000 + 7 * n), service, area="40.5", tariff="12.5")
                for n in range(12)
                for service in ("maintenance", "heating")
            )
        )
        office.load_payments(*(payment(str(1000 + 7 * n), "100.01", number=str(n)) for n in range(9)))
        office.close("2026-09")
        place = office.office.home.ledger / "closes" / "2026-09"
        return {path.stem: pq.read_table(path) for path in sorted(place.glob("*.parquet"))}
