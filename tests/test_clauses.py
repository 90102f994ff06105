"""`make clauses` finds clauses where tests name them, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clauses import clauses_of_docstring, clauses_of_name, find_proofs, in_order


@pytest.mark.parametrize(
    ("name", "clauses"),
    [
        ("test_4_3_2_4_recalculations", ["4.3.2.4"]),
        ("test_7_2_readings", ["7.2"]),
        ("test_10_11_settlement", ["10.11"]),
        ("test_2026_09_is_a_month", []),
        ("test_25_mb", []),
        ("test_worked_example_6", []),
    ],
)
def test_clause_of_a_name(name: str, clauses: list[str]) -> None:
    assert clauses_of_name(name) == clauses


def test_clauses_of_a_docstring_stand_before_its_colon() -> None:
    assert clauses_of_docstring("4.3.2, 7.2: received by 25.08.2026, see 4.1.1") == ["4.3.2", "7.2"]
    assert clauses_of_docstring("Sums of 4.3 and more") == []


def test_files_and_functions_are_found_and_ordered(tmp_path: Path) -> None:
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract" / "test_4_3_10_gas.py").write_text(
        '"""4.3.9: schedule."""\n'
        "def charged(office): return office.drafted('2026-10')\n"
        "def test_sum(office): assert charged(office)\n"
        "def test_words(answer):\n    '10.1: told.'\n    assert answer.codes == []\n",
        "utf-8",
    )
    (tmp_path / "test_other.py").write_text('"""4.3.1: no."""\ndef test_4_3_2_limit(): ...\n', "utf-8")
    proofs = find_proofs(tmp_path)
    assert sorted(proofs, key=in_order) == ["4.3.2", "4.3.9", "4.3.10", "10.1"]
    assert proofs["4.3.2"].reading == {"test_other.py::test_4_3_2_limit"} and not proofs["4.3.2"].effects
    assert proofs["4.3.10"].effects == proofs["4.3.9"].effects == {"contract/test_4_3_10_gas.py"}
    assert (proofs["10.1"].effects, len(proofs["10.1"].reading)) == (set(), 1), "reading and answering is no effect"
