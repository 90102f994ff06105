"""Header pairs that somebody wrote under the table: the month of account, what the form replaces."""

from __future__ import annotations

from inbox_worker.core.model import Finding, HeaderCell
from inbox_worker.forms.header import Pairs, conflict, read_pairs
from inbox_worker.workbooks.sheet import Sheet

_SAID_BELOW = ("month", "replaces")  # a БИН under a table may be anybody's: it stands among signatures
_ROWS_BELOW = 60


def pairs_below(sheet: Sheet, first: int, after: int) -> Pairs:
    """Return header pairs of the rows under a form's last one."""
    places = range(first, min(after, first + _ROWS_BELOW))
    return read_pairs([sheet.row(place) for place in places], sheet, first)


def told_below(below: Pairs, header: dict[str, HeaderCell]) -> list[Finding]:
    """Takes into the header what is said under a table only; an error where it contradicts what is said above."""
    findings = []
    for key in _SAID_BELOW:
        cell = below.values.get(key)
        if cell and (first := header.setdefault(key, cell)) is not cell and first.text != cell.text:
            findings.append(conflict(first, cell))
        elif cell:
            findings += [f for f in below.findings if f.cell == cell.cell]
    return findings
