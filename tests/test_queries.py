"""SQL stands in .sql files: Python writes only names of tables, columns and files into it."""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from inbox_worker.core.queries import execute, parse, read_query

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "inbox_worker"
QUERIES = sorted(PACKAGE.glob("*/queries/*.sql"))
ROOMS = ("month", "documents", "explain", "outbox")  # with what reads facts below them; the journal is SQLAlchemy's
MODULES = sorted(
    [path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")]
    + [PACKAGE / "ledger" / f"{name}.py" for name in ("directory", "facts", "line_facts", "lines/steps")]
)
SQL = re.compile(
    r"\bselect\b.*\bfrom\b|\bcreate (or replace )?temp\b|\bunion all\b|\binsert into\b|\bdelete from\b", re.I | re.S
)

# What is left, by module: how many, and what Python writes there.
LEFT = {
    "documents/month_data.py": (17, "files and tables made of them; some Customers, which DuckDB takes to the files"),
    "explain/charge_figures.py": (1, "columns of a step's table on one line"),
    "explain/figures.py": (1, "a column of lines, and the keys that a sum is of"),
    "ledger/facts.py": (5, "names of files, kinds and columns, by their declaration"),
    "ledger/lines/steps.py": (6, "the name of a step's table before its .sql file"),
    "month/compute.py": (2, "names of files, and the connection's settings"),
    "month/engine.py": (7, "names of closes' files, their tables and columns"),
    "month/payments.py": (1, "columns of a kind, by their declaration"),
    "month/spark.py": (4, "columns by their types, for tables that go there and back"),
    "month/tables.py": (1, "a close's columns, by their declaration"),
    "month/town.py": (9, "names of files, kinds and columns, by their declaration"),
}


def test_no_sql_in_python_but_names() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): count for path in MODULES if (count := len(_find_sql(path)))}
    assert found == {module: count for module, (count, _) in LEFT.items()}


def test_every_query_says_what_its_rows_are() -> None:
    assert [str(path) for path in QUERIES if not path.read_text("utf-8").startswith("-- ")] == []


def test_every_query_is_read_by_a_module_beside_it() -> None:
    for path in QUERIES:
        beside = "".join(module.read_text("utf-8") for module in path.parents[1].glob("*.py"))
        name = path.stem.partition("_")[0] if path.stem.startswith("book_") else path.stem
        assert re.search(rf'"{re.escape(name)}|f"{name}_', beside), path


def test_only_names_are_written_into_a_query(tmp_path: Path) -> None:
    """A value is a parameter, whatever it holds."""
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "counted.sql").write_text("select count(*) from {rows}", "utf-8")
    module = str(tmp_path / "module.py")
    with duckdb.connect() as connection:
        connection.execute("create table lines as select 1 as account")
        assert connection.execute(read_query(module, "counted", rows="lines")).fetchall() == [(1,)]
    with pytest.raises(ValueError, match="parameters"):
        read_query(module, "counted", rows="lines; drop table lines")


def test_a_statement_that_comes_again_is_parsed_once() -> None:
    """And each connection it is given, several of them at once, answers by its own tables."""
    query, statement = "select account from own_lines", None
    for account in (1, "2", 3):
        with duckdb.connect() as connection:
            connection.execute("create table own_lines as select $account as account", {"account": account})
            statement = statement or parse(connection, query)
            assert parse(connection, query) is statement
            assert execute(connection, query).fetchall() == [(account,)]

    def ask(account: int) -> list[tuple[int, ...]]:
        with duckdb.connect() as connection:
            connection.execute("create table own_lines as select $account as account", {"account": account})
            return [row for _ in range(50) for row in execute(connection, query).fetchall()]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [[(account,)] * 50 for account in range(8)]


def test_values_are_no_part_of_a_parsed_statement() -> None:
    with duckdb.connect() as connection:
        asked = [execute(connection, "select $value as value", {"value": value}).fetchall() for value in (1, "two")]
    assert asked == [[(1,)], [("two",)]]


def test_statements_that_do_not_come_again_are_not_kept_for_ever() -> None:
    with duckdb.connect() as connection:
        first = parse(connection, "select 0 as number_0")
        for number in range(1, 1_000):
            parse(connection, f"select 0 as number_{number}")
        assert parse(connection, "select 0 as number_0") is not first


def _find_sql(path: Path) -> list[str]:
    """Texts that are SQL, docstrings left out; an f-string counts once."""
    tree = ast.parse(path.read_text("utf-8"))
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    left_out |= {id(part) for node in joined for part in ast.walk(node) if part is not node}
    texts = [
        node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in left_out
    ]
    return [said for node in texts if SQL.search(said := ast.unparse(node)) and not said.startswith(("b'", "..."))]
