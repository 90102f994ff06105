"""The machine's clock against what the journal knows of time: the chain of acts, and when mail servers took letters.

A clock that is ahead makes terms of keeping end years early (4.1.12), one that was turned back makes late things look
timely. Nothing here sets a clock: what does not agree is named, and destroys nothing until staff say that it is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import CONFIRM_CLOCK, ChainedAct, find_acts, record_act
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.decision_acts import DECIDE
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.tasks import DONE_BY_FORM

OF_RECEIPT = frozenset({DECIDE, DONE_BY_FORM, "customer changed"})  # their moment is that of a letter, not of the clock
_MOST_ZONES = 50
_TOLERANCE = timedelta(minutes=30)  # a command takes its moment when it begins, and may wait for another one


@dataclass(frozen=True)
class TurnedBack:
    """Two acts, of which the later one is of an earlier moment. `confirmed`: staff looked at it since."""

    before: ChainedAct
    after: ChainedAct
    confirmed: bool

    def __str__(self) -> str:
        acts = (f"act {act.number} ({act.act} {act.subject}) is of {act.at}" for act in (self.before, self.after))
        return f"the clock was turned back: {'; '.join(acts)}"


def find_turned_back(acts: Sequence[ChainedAct]) -> list[TurnedBack]:
    """Find acts whose time runs backwards, each with the act before it; acts of a letter's moment are passed over, and
    those whose moment was made unreadable: the chain names them."""
    confirmed = max((act.number for act in acts if act.act == CONFIRM_CLOCK), default=0)
    found, last = [], None
    for act in (act for act in acts if act.act not in OF_RECEIPT and _has_moment(act)):
        if last and _moment(act) < _moment(last) - _TOLERANCE:
            found.append(TurnedBack(last, act, act.number <= confirmed))
        last = act
    return found


def doubt_clock(database: Database, now: datetime, days: int) -> str:
    """Return why the clock is not believed, '' when it is: it agrees with the acts since staff confirmed it last, and
    with the newest letter, each step to within so many days."""
    acts = [act for act in find_acts(database) if act.act not in OF_RECEIPT and _has_moment(act)]
    confirmed = max((place for place, act in enumerate(acts) if act.act == CONFIRM_CLOCK), default=0)
    since = acts[confirmed:]
    if back := next((one for one in find_turned_back(since) if not one.confirmed), None):
        return str(back)
    for before, after in pairwise(since):
        if _moment(after) - _moment(before) > timedelta(days):
            return f"act {after.number} ({after.act}) is of {after.at}, and the act before it of {before.at}"
    is_fresh = bool(since) and since[0].act == CONFIRM_CLOCK and now - _moment(since[0]) <= timedelta(days)
    witnesses = [(f"act {act.number} ({act.act})", _moment(act)) for act in since[-1:]]
    for name, at in [*witnesses, *([] if is_fresh else _newest_letter(database))]:
        if now < at - _TOLERANCE:
            return f"the clock says {_show(now)}, and {name} is of {_show(at)} already"
        if now - at > timedelta(days):
            return f"the clock says {_show(now)}, and {name}, the newest, is of {_show(at)}"
    return ""


def confirm_clock(journal: Journal, now: datetime, by: str, days: int) -> str:
    """Record that staff looked at the clock by other means, `by`, and that it is right; return what was doubted, ''
    and nothing recorded when nothing was."""
    doubt = doubt_clock(journal.database, now, days)
    if doubt:
        with journal.transaction() as connection:
            record_act(connection, CONFIRM_CLOCK, now.isoformat(), now, details=f"{by}; {doubt}")
    return doubt


def _newest_letter(database: Database) -> list[tuple[str, datetime]]:
    """When the newest letter came, by the clock of the server that took it."""
    a = t.arrivals.c
    rows = database.rows(select(a.number, a.received_at).order_by(a.received_at.desc()).limit(_MOST_ZONES))
    found = [(row.received_at, f"the letter IW-{row.number:06d}") for row in rows]  # texts of zones do not sort alike
    return [(name, at) for at, name in sorted(found)[-1:]]


def _has_moment(act: ChainedAct) -> bool:
    try:
        return bool(_moment(act))
    except ValueError:
        return False


def _moment(act: ChainedAct) -> datetime:
    return datetime.fromisoformat(act.at)


def _show(moment: datetime) -> str:
    return f"{to_almaty(moment):%Y-%m-%d %H:%M}"
