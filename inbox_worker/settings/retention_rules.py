"""Terms of keeping, of what came and of what was made, and the least that figures without personal data are of:
rules/retention.yaml (4.1.12, 4.1.14, 4.2.7, 8.10)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

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


class SmallestGroup(Strict):
    """The smallest group of consumers that may be shown: so many accounts, of so many Customers; whoever is one of two
    knows the other's figures. `sizes`: areas in m² that begin a class of dwellings (4.2.7)."""

    accounts: Annotated[int, Field(ge=5)]
    customers: Annotated[int, Field(ge=3)]
    sizes: tuple[Annotated[int, Field(gt=0)], ...]
    clause: Text

    @field_validator("sizes")
    @classmethod
    def _rise(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if list(sizes) != sorted(set(sizes)):
            raise ValueError("must rise from one to the next; write the smallest first")
        return sizes


class RetentionRule(Strict):
    """A term for each kind of what is kept. `ended`: of a contract that ended, counted from its last day; `consumers`:
    of personal data of those who left; `clock`: when the machine's clock is not believed; `depersonalised`: the least
    that is shown without personal data."""

    letters: LongKeeping
    ignored: Keeping
    quarantined: LongKeeping
    sent_letters: LongKeeping
    documents: LongKeeping
    ended: Keeping
    consumers: LongKeeping
    clock: ClockBound
    depersonalised: SmallestGroup
