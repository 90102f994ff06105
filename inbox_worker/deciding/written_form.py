"""Write what staff say into a form of ours, which then takes the way of every form: checked, decided, answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.preview import Preview, preview
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.rules import Rules

_NOT_TAKEN = (Outcome.REJECTED, Outcome.QUARANTINED, Outcome.FAILED, Outcome.IGNORED)


class WrittenFormRefused(UseError):
    """Tell that what staff say makes no form that can be taken, and what is wrong. Their task stays open."""


def ingest_written(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str = "",
    customer: str = "",
) -> Arrival:  # fmt: skip
    """Take in a form that was written for staff, as of a moment; `about`: the task that it was made of. Raises
    WrittenFormRefused where it would not be taken; then nothing is kept."""
    return pipeline.ingest(check_written(pipeline, form, rows, about, at, sender, customer))


def check_written(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str = "",
    customer: str = "",
) -> Incoming:  # fmt: skip
    """Return a form that was written for staff, as it would be taken in; nothing is kept. Raises
    WrittenFormRefused."""
    return _look_at(pipeline, form, rows, about, at, sender, customer)[0]


def preview_written(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str = "",
    customer: str = "",
) -> Preview:  # fmt: skip
    """Return what a form that was written for staff would come to; nothing is kept. Raises WrittenFormRefused."""
    return _look_at(pipeline, form, rows, about, at, sender, customer)[1]


def _look_at(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str,
    customer: str,
) -> tuple[Incoming, Preview]:  # fmt: skip
    rules = pipeline.office.rules
    raw = write_form(rules, form, rows, customer)
    came = Incoming(raw, f"{about}-{form}.csv", rules.forms[form].mailbox, at, sender)
    looked = preview(pipeline.forms, came)
    if looked.arrival.outcome in _NOT_TAKEN:
        found = (*looked.findings, *(finding for one in looked.decisions for finding in one.findings))
        words = "; ".join(finding.message for finding in found if finding.severity == "error")
        outcome = looked.arrival.outcome
        raise WrittenFormRefused(f"the form `{form}` made of {about} would be {outcome}, so nothing was kept: {words}")
    return came, looked


def write_form(rules: Rules, form: str, rows: Sequence[Mapping[str, str]], customer: str = "") -> bytes:
    """Return a form as a .csv with the columns that any row fills; `customer`: the БИН above the table, '' for a
    register of the operator."""
    rule, labels = rules.forms[form], rules.vocabulary.labels
    columns = [column for column in rule.columns if any(row.get(column.name) for row in rows)]
    head = [[labels["customer"][0], customer]] if customer else []
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([
        [rule.title.ru], [labels["form"][0], form], *head, [],
        [column.ru for column in columns], *([row.get(column.name, "") for column in columns] for row in rows),
    ])  # fmt: skip
    return sink.getvalue().encode("utf-8-sig")
