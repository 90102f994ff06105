"""Write what staff say into a form of ours, which then takes the way of every form: checked, decided, answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.form_text import write_form
from inbox_worker.deciding.preview import preview
from inbox_worker.receiving.store import Incoming

_NOT_TAKEN = (Outcome.REJECTED, Outcome.QUARANTINED, Outcome.FAILED, Outcome.IGNORED)


class WrittenFormRefused(UseError):
    """Tell that what staff say makes no form that can be taken, and what is wrong. Their task stays open."""


def ingest_written(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str = "",
    customer: str = "",
) -> Arrival:  # fmt: skip
    """Take in a form that was written for staff, as of a moment; `about`: the task that it was made of. Raises
    WrittenFormRefused where it would not be taken; then nothing is kept."""
    rules = pipeline.office.rules
    raw = write_form(rules, form, rows, customer)
    came = Incoming(raw, f"{about}-{form}.csv", rules.forms[form].mailbox, at, sender)
    looked = preview(pipeline.forms, came)
    if looked.arrival.outcome in _NOT_TAKEN:
        found = (*looked.findings, *(finding for one in looked.decisions for finding in one.findings))
        words = "; ".join(finding.message for finding in found if finding.severity == "error")
        outcome = looked.arrival.outcome
        raise WrittenFormRefused(f"the form `{form}` made of {about} would be {outcome}, so nothing was kept: {words}")
    return pipeline.ingest(came)
