"""Terms of keeping, of what came and of what was made: rules/retention.yaml (4.1.12, 4.1.14, 8.10)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inbox_worker.settings.office_rules import Text
from inbox_worker.settings.shapes import Strict

_YEARS = 36  # months: the contract's three years (4.1.12)


class Keeping(Strict):
    """So many whole calendar months, and the clause by which it may be destroyed then."""

    months: Annotated[int, Field(ge=1)]
    clause: Text


class LongKeeping(Keeping):
    """The same, for what the contract keeps for three years at least."""

    months: Annotated[int, Field(ge=_YEARS)]


class ClockBound(Strict):
    """So many days at most between two acts, or since the newest letter: a longer step is confirmed by staff first."""

    days: Annotated[int, Field(ge=1, le=366)]


class RetentionRule(Strict):
    """A term for each kind of what is kept. `ended`: of a contract that ended, counted from its last day; `clock`: when
    the machine's clock is not believed."""

    letters: LongKeeping
    ignored: Keeping
    quarantined: LongKeeping
    sent_letters: LongKeeping
    documents: LongKeeping
    ended: Keeping
    clock: ClockBound
