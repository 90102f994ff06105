"""Write what staff say into a form of ours, which then takes the way of every form: checked, decided, answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from inbox_worker.core.model import Arrival
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.rules import Rules


def ingest_written(
    pipeline: Pipeline, form: str, rows: Sequence[Mapping[str, str]], about: str, at: datetime, sender: str = "",
    customer: str = "",
) -> Arrival:  # fmt: skip
    """Take in a form that was written for staff, as of a moment; `about`: the task that it was made of."""
    raw = write_form(pipeline.office.rules, form, rows, customer)
    return pipeline.ingest(Incoming(raw, f"{about}-{form}.csv", pipeline.office.rules.forms[form].mailbox, at, sender))


def say_refusal(pipeline: Pipeline, arrival: Arrival) -> str:
    """Return why a form that was written for staff was not taken."""
    found = pipeline.office.journal.submissions.every_finding_of(arrival.number)
    words = "; ".join(f.message for of in found.values() for f in of if f.severity == "error")
    return f"is {arrival.outcome}: {words or arrival.why}"


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
