"""4.1.7: a bank's file in which a byte is another one is refused, or told, or has the same sums; every byte of each."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.bank_files import SAMPLES
from tests.support.bank_statements import STATEMENTS

FILES = {**SAMPLES, **{kind: ("выписка", data) for kind, data in STATEMENTS.items()}}
_MONEY = {"bank_register": ("amount",), "bank_statement": ("credit", "debit")}
Sums = dict[str, list[Decimal]]


@pytest.fixture
def sums_of(rules: Rules, reader: CellReader) -> Callable[[bytes, str], Sums | None]:
    """Return each sum of a file that is taken without a word against its figures; None where it is refused or told."""

    def look(data: bytes, name: str) -> Sums | None:
        table = read_form(data, name, rules, reader)
        if not isinstance(table, FormTable) or not table.form:
            return None
        if any(rules.findings[finding.code].severity == "error" for finding in table.findings):
            return None
        sums = {
            column: sorted(one or Decimal(0) for one in table.rows.column(column).to_pylist())
            for column in _MONEY[table.form]
        }
        first, *others = (sum(of, Decimal(0)) for of in sums.values())
        stated = table.control_sum
        if stated is None or stated != first - sum(others):
            return None
        counted = table.control_count
        return None if counted is not None and counted != table.rows.num_rows else sums

    return look


def prove(kind: str, places: range | list[int], sums_of: Callable[[bytes, str], Sums | None]) -> int:
    name, data = FILES[kind]
    true, random, taken = sums_of(data, name), Random(kind), 0
    for place in places:
        mask = random.choice([1, 2, 4, 8, 16, 32, 64, 128, random.randrange(1, 256)])
        found = sums_of(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :], name)
        assert found in (None, true), (kind, place, mask)
        taken += found is not None
    return taken


@pytest.mark.quick("register_print", "1c_kaspi", "camt053")
@pytest.mark.parametrize("kind", FILES)
def test_a_byte_that_is_another_one_changes_no_sum_in_silence(
    kind: str, sums_of: Callable[[bytes, str], Sums | None]
) -> None:
    random = Random(kind)
    prove(kind, [random.randrange(len(FILES[kind][1])) for _ in range(60)], sums_of)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_no_byte_of_a_file_changes_a_sum_in_silence(kind: str, sums_of: Callable[[bytes, str], Sums | None]) -> None:
    """A file that states no control sum (DBF) is told as such whatever stands in it."""
    taken = prove(kind, range(len(FILES[kind][1])), sums_of)
    assert taken or kind == "register_dbf"
