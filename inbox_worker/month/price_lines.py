"""When each line of the price list was first seen: who was a Customer before it must be told of it (10.5), whatever day
it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from inbox_worker.core.time import ALMATY
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.database import Database
from inbox_worker.settings.office_rules import Price

SEEN = "price"
_WITH_THE_HOME = "first seen"  # lines that stood there before anything was recorded


def record_price_lines(prices: Sequence[Price], database: Database, now: datetime) -> None:
    """Record an act for each line of the price list that no act names yet."""
    known = find_acts_named(database, SEEN)
    seen = {act.subject for act in known}
    if fresh := [name for name in map(name_line, prices) if name not in seen]:
        with database.transaction() as connection:
            for name in fresh:
                record_act(connection, SEEN, name, now, details="" if known else _WITH_THE_HOME)


def find_written_after(database: Database) -> Callable[[Price, datetime], bool]:
    """Return what tells whether a line was written after a moment: no line that stood there before anything was
    recorded was, and a line that no act names yet was just now."""
    acts = find_acts_named(database, SEEN)
    seen = {act.subject: None if act.details == _WITH_THE_HOME else datetime.fromisoformat(act.at)
            for act in reversed(acts)}  # fmt: skip

    def is_after(price: Price, moment: datetime) -> bool:
        at = seen.get(name_line(price), datetime.max.replace(tzinfo=ALMATY) if acts else None)
        return at is not None and at > moment

    return is_after


def name_line(price: Price) -> str:
    """Name a line by all that it says of whom it is for, since when, and how much."""
    return f"{price.start} {price.kind} {price.service} {price.percent.normalize():f}"
