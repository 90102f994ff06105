"""Write rows into a form of ours as a .csv, which then is read like any other."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from inbox_worker.settings.rules import Rules


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
