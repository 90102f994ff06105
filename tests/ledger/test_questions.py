"""A question of few rows is asked where DuckDB plans little, one of perhaps many where it plans all that wins time."""

from __future__ import annotations

import duckdb

from inbox_worker.ledger.questions import FEW_ROWS, scratch


def left_out(connection: duckdb.DuckDBPyConnection) -> set[str]:
    [[names]] = connection.execute("select current_setting('disabled_optimizers')").fetchall()
    return {name.strip() for name in names.split(",")}


def test_few_rows_are_asked_without_a_search_for_the_best_plan_and_many_with_it() -> None:
    assert {"join_order", "statistics_propagation"} <= left_out(scratch(0))
    assert left_out(scratch(FEW_ROWS + 1)) == left_out(scratch()) == {"partial_aggregate_pushdown"}
    assert scratch(0) is scratch(FEW_ROWS) is not scratch()


def test_what_keeps_rows_from_being_read_or_multiplied_is_planned_of_few_rows_too() -> None:
    """Without it a condition on two tables multiplies all their rows before it is asked."""
    every = {name for (name,) in scratch().execute("from duckdb_optimizers()").fetchall()}
    kept = every - left_out(scratch(0))
    assert kept == {"filter_pushdown", "cte_inlining", "unused_columns", "build_side_probe_side"}
