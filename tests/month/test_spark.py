"""Every step of the close is written in the subset of SQL that sqlglot carries to Spark unchanged in meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import expressions as exp

from inbox_worker.ledger.lines.steps import FOLDER
from inbox_worker.month.spark import carry
from inbox_worker.month.steps import STEPS


@pytest.mark.parametrize("step", [FOLDER / "known.sql", *STEPS], ids=lambda step: step.stem)
def test_step_is_carried_to_spark(step: Path) -> None:
    """The step is one SELECT; nothing in it is unknown to Spark."""
    text, tables = carry(step.read_text("utf-8"))
    carried = sqlglot.parse_one(text, read="spark")
    assert isinstance(carried, exp.Query) and tables
    assert not list(carried.find_all(exp.Anonymous)), "a function that sqlglot does not know is not carried"


def test_steps_are_named_once_and_in_order() -> None:
    names = [step.stem[3:] for step in STEPS]
    assert len(names) == len(set(names)) and len(names) >= 12
