"""Which clauses of the contract have tests of their effect: `python -m tests.clauses` (or `make clauses`).

A clause is named by a test file (`tests/contract/test_4_3_2_4_recalculations.py`), by what stands before the colon in
its docstring ('4.3.2, 7.2: ...'), by what a test's own docstring begins with, or by a test's name anywhere
(`def test_4_3_2_exactly_25_mb...`). It counts when one of those tests looks at an effect: charges, money, a register, a
document, a duty, a task, what leaves. A test that only looks at how a form was read and answered proves none.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parent
_IN_NAME = re.compile(r"test_((?:[1-9]|10|11)(?:_\d{1,2})+)(?:_|$)")
_IN_TEXT = re.compile(r"(?<![\d.])(?:[1-9]|10|11)(?:\.\d{1,2})+(?![\d.]*\d)")
# By what a test sees that something has acted: what it asks of an office or a command, and what it calls
_ASKED = frozenset({
    "drafted", "draft", "line", "lines", "table", "parts", "close", "compute", "tasks", "acts", "outbox", "letters",
    "directory", "customers", "transfers", "documents", "archive", "json",
})  # fmt: skip
_CALLED = frozenset({
    "describe_contract", "find_duties", "find_acts", "find_acts_named", "find_house_contracts", "render_documents",
    "render_for", "pass_outbox", "deliver_all", "close_month", "draft_month", "load_workbook", "render_bill",
})  # fmt: skip


@dataclass
class Proofs:
    """The tests of a clause, as `file` or `file::test`: those that look at an effect, and those that only read."""

    effects: set[str] = field(default_factory=set)
    reading: set[str] = field(default_factory=set)

    def add(self, test: str, *, effect: bool) -> None:
        """Note a test of the clause."""
        (self.effects if effect else self.reading).add(test)


def clauses_of_name(name: str) -> list[str]:
    """`test_4_3_2_deadline` -> ['4.3.2']; [] when the name has no clause."""
    found = _IN_NAME.match(name)
    return [found[1].replace("_", ".")] if found else []


def clauses_of_docstring(text: str) -> list[str]:
    """'4.3.2, 7.2: forms ...' -> ['4.3.2', '7.2']; only what stands before the first colon counts."""
    before, colon, _ = text.partition(":")
    return _IN_TEXT.findall(before) if colon else []


def clauses_at_start(text: str) -> list[str]:
    """'4.3.5; by the day of the letter' -> ['4.3.5']: what a test's docstring begins with, before any other word."""
    found = re.match(r"(?:(?:[1-9]|10|11)(?:\.[1-9]\d?)+(?:, |(?=[:; ]|$)))+", text)
    return _IN_TEXT.findall(found[0]) if found else []


def find_proofs(folder: Path = TESTS) -> dict[str, Proofs]:
    """Return the tests of each clause."""
    found: dict[str, Proofs] = defaultdict(Proofs)
    for path in sorted(folder.rglob("test_*.py")):
        tree, name = ast.parse(path.read_text("utf-8")), path.relative_to(folder).as_posix()
        tests = dict(_tests_of(tree))
        if path.parent.name == "contract":
            for clause in clauses_of_name(path.stem) + clauses_of_docstring(ast.get_docstring(tree) or ""):
                found[clause].add(name, effect=any(effect for _, effect in tests.values()))
        for test, (node, effect) in tests.items():
            for clause in clauses_of_name(test) + clauses_at_start(ast.get_docstring(node) or ""):
                found[clause].add(f"{name}::{test}", effect=effect)
    return dict(found)


def _tests_of(tree: ast.Module) -> Iterator[tuple[str, tuple[ast.FunctionDef, bool]]]:
    """Yield each test with whether it, or what it calls in its file, names something that shows an effect."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name, node in functions.items():
        if name.startswith("test_"):
            yield name, (node, _looks_at_effect(node, functions, set()))


def _looks_at_effect(node: ast.AST, functions: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    if names & _CALLED or any(one.attr in _ASKED for one in ast.walk(node) if isinstance(one, ast.Attribute)):
        return True
    called = names & functions.keys() - seen
    return any(_looks_at_effect(functions[name], functions, seen | called) for name in called)


def in_order(clause: str) -> tuple[int, ...]:
    """4.3.2 before 4.3.10 before 10.2."""
    return tuple(map(int, clause.split(".")))


def main() -> None:
    proofs = find_proofs()
    proven = [clause for clause, found in proofs.items() if found.effects]
    width = max(map(len, proofs), default=0)
    for clause in sorted(proven, key=in_order):
        sys.stdout.write(f"{clause:<{width}}  {', '.join(sorted(proofs[clause].effects))}\n")
    for clause in sorted(proofs.keys() - set(proven), key=in_order):
        sys.stdout.write(f"{clause:<{width}}  read only: {', '.join(sorted(proofs[clause].reading))}\n")
    sys.stdout.write(
        f"{len(proven)} clauses have tests of their effect, {len(proofs) - len(proven)} of reading alone\n"
    )


if __name__ == "__main__":
    main()
