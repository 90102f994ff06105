"""4.1.17: on both databases an approved document that was exchanged together with its rows goes to nobody, and what one
letter asks of the acts does not grow with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, text

from inbox_worker.core.files import sha256
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.approvals import AMEND, APPROVE, PUT_BACK, describe_step, find_approved_bytes
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.journal import Journal
from inbox_worker.month.price_lines import SEEN
from tests.ledger.integrity.life import MONTH, Life
from tests.support.office import moment

NOW = moment("2026-10-05T10:00:00")


@pytest.mark.quick(0)
def test_an_exchanged_document_goes_to_nobody(life: Life, journal: Journal) -> None:
    path = life.one(f"outbox/approved/{MONTH}/*/turnover-*.xlsx")
    other = path.read_bytes() + b"\0"
    path.write_bytes(other)
    changed = text(
        "update outbox_documents set sha256 = :hash, lying = :hash where state = 'approved' and name = :name"
    )
    with journal.database.engine.begin() as connection:
        assert connection.execute(changed, {"hash": sha256(other), "name": path.name}).rowcount == 1
    said = life.run("outbox", "send", "--all")
    assert "outbox.not_approved" in said.out + said.err, said
    assert path.read_bytes() == other and not list(life.home.glob("exchange/*/*/turnover*"))
    assert "no act of a person approved these bytes" in life.run("ledger", "verify").out


@pytest.mark.quick(0)
def test_the_last_act_about_a_document_counts_of_few_and_of_many(journal: Journal) -> None:
    """More than some hundred are asked for by their months, and say the same."""
    steps = {
        "approved": [(APPROVE, "pending", "h1")],
        "amended 100%": [(APPROVE, "pending", "h1"), (AMEND, "approved", "h2")],
        "taken_back": [(APPROVE, "pending", "h1"), (PUT_BACK, "approved", "h1")],
        "again": [(APPROVE, "pending", "h1"), (PUT_BACK, "approved", "h1"), (APPROVE, "pending", "h3")],
    }
    with journal.transaction() as connection:
        for name, those in steps.items():
            for act, was, digest in those:
                record_act(connection, act, f"2027-01/{name}", NOW, details=describe_step(was, digest, ""))
    few = {f"2027-01/{name}" for name in steps}
    found = {"approved": "h1", "amended 100%": "h2", "taken_back": "", "again": "h3"}
    expected = {f"2027-01/{name}": digest for name, digest in found.items()}
    assert find_approved_bytes(journal.database, few) == expected
    many = few | {f"2027-01/{number}" for number in range(300)}
    assert find_approved_bytes(journal.database, many) == expected


def plan_of(journal: Journal, ask: Callable[[Database], object]) -> str:
    """How the database finds the acts that a question asks for."""
    asked: list[tuple[str, object]] = []
    engine = journal.database.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, said, values, *_: asked.append((said, values)))
    ask(journal.database)
    [(said, values)] = [(said, values) for said, values in asked if "FROM acts" in said]
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("set enable_seqscan = off")
        return str(connection.exec_driver_sql(f"explain {'query plan ' if sqlite else ''}{said}", values).all())


@pytest.mark.quick(0)
def test_one_letter_asks_an_index_of_the_acts(journal: Journal) -> None:
    """A look at every act a letter would be minutes a month where acts are many."""
    plan = plan_of(journal, lambda database: find_approved_bytes(database, {"2027-01/approved"}))
    assert "acts_of_review" in plan, plan


def test_acts_of_a_name_are_found_by_an_index(journal: Journal) -> None:
    """Each pass asks which lines of the price list were seen, beside hundreds of thousands of decisions."""
    plan = plan_of(journal, lambda database: find_acts_named(database, SEEN))
    assert "acts_by_name" in plan, plan
