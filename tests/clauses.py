"""Which clauses of the contract have tests: `python -m tests.clauses` (or `make clauses`).

A clause is named by a test file (`tests/contract/test_4_3_2_4_recalculations.py`), by what stands before the
colon in its docstring ('4.3.2, 7.2: ...'), or by a test anywhere (`def test_4_3_2_exactly_25_mb...`).
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent
_IN_NAME = re.compile(r"test_((?:[1-9]|10|11)(?:_\d{1,2})+)(?:_|$)")
_IN_TEXT = re.compile(r"(?<![\d.])(?:[1-9]|10|11)(?:\.\d{1,2})+(?![\d.]*\d)")


def clauses_of_name(name: str) -> list[str]:
    """`test_4_3_2_deadline` -> ['4.3.2']; [] when the name has no clause."""
    found = _IN_NAME.match(name)
    return [found[1].replace("_", ".")] if found else []


def clauses_of_docstring(text: str) -> list[str]:
    """'4.3.2, 7.2: forms ...' -> ['4.3.2', '7.2']; only what stands before the first colon counts."""
    before, colon, _ = text.partition(":")
    return _IN_TEXT.findall(before) if colon else []


def clauses_with_tests(folder: Path = TESTS) -> dict[str, set[str]]:
    """Clause -> the tests that prove something about it, as `file` or `file::test`."""
    tested: dict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        name = path.relative_to(folder).as_posix()
        if path.parent.name == "contract":
            for clause in clauses_of_name(path.stem) + clauses_of_docstring(ast.get_docstring(tree) or ""):
                tested[clause].add(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for clause in clauses_of_name(node.name):
                    tested[clause].add(f"{name}::{node.name}")
    return dict(tested)


def in_order(clause: str) -> tuple[int, ...]:
    """4.3.2 before 4.3.10 before 10.2."""
    return tuple(map(int, clause.split(".")))


def main() -> None:
    tested = clauses_with_tests()
    width = max(map(len, tested), default=0)
    for clause in sorted(tested, key=in_order):
        sys.stdout.write(f"{clause:<{width}}  {', '.join(sorted(tested[clause]))}\n")
    sys.stdout.write(f"{len(tested)} clauses have tests\n")


if __name__ == "__main__":
    main()
