"""The calendar of the service: rules/schedule.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS
from inbox_worker.settings.office_rules import EVERY_FORM
from inbox_worker.settings.shapes import Misplaced, Strict, must_be, one_of

JOBS = ("draft", "bills", "close", "reports", "payments", "terms", "digest", "audit", "restore")
_MADE_READY = ("bills", "reports")
_WORKING_DAYS = ("payments", "terms", "digest")
_Kind = Annotated[str, one_of(DOCUMENT_KINDS, "kind of document")]
_Clock = Annotated[
    str, must_be(re.compile("([01][0-9]|2[0-3]):[0-5][0-9]").fullmatch, '{!r} is no time; write it like "07:30"')
]


class Before(Strict):
    """So many working days before the day by which documents are with their readers."""

    days: int = Field(ge=0, le=31)


class When(Strict):
    """The day on which a job is done: exactly one of four ways to say it."""

    day: int | None = Field(None, ge=1, le=31)
    month: int | None = Field(None, ge=1, le=12)
    after: Annotated[str, one_of((EVERY_FORM,), "deadline")] | None = None
    before: Before | None = None
    every: Literal["working day"] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(value is not None for value in (self.day, self.after, self.before, self.every)) != 1:
            raise ValueError("says one of day, after, before and every; write exactly one")
        if self.month is not None and self.day is None:
            raise Misplaced(("month",), "stands beside `day`; write the day, too")
        return self


class Job(Strict):
    """One thing that the service does by the calendar. `active`: no = people do it."""

    when: When
    documents: tuple[_Kind, ...] = ()
    at: _Clock = "00:00"
    patience: int = Field(0, ge=0, le=31)
    active: bool = True

    @property
    def time(self) -> time:
        """Return the time of the day, in Almaty."""
        return time.fromisoformat(self.at)

    @model_validator(mode="after")
    def _has_documents(self) -> Self:
        if self.when.before is not None and not self.documents:
            raise Misplaced(("documents",), "is needed beside `before`; write the kinds that must be ready")
        return self


def _fit(jobs: Mapping[str, Job]) -> None:
    for name, job in jobs.items():
        place = (name, "when")
        if (job.when.every is not None) != (name in _WORKING_DAYS):
            right = "every: working day" if name in _WORKING_DAYS else "day, after or before"
            raise Misplaced(place, f"does not fit {name}; write {right}")
        if (job.when.month is not None) != (name == "audit"):
            raise Misplaced(place, "a month is named for the yearly audit, and for nothing else")
        if bool(job.documents) != (name in _MADE_READY):
            raise Misplaced((name, "documents"), f"are named for {' and '.join(_MADE_READY)}, and for nothing else")


Schedule = Annotated[
    Mapping[Annotated[str, one_of(JOBS, "job")], Job], must_be(lambda jobs: _fit(jobs) is None, "{!r}")
]
