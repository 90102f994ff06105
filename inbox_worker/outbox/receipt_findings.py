"""The findings of a form in its answer: the weightiest first, equal ones once, each with its cells (4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_worker.core.joined_findings import JoinedFinding, join_equal
from inbox_worker.core.model import Severity, WordedFinding
from inbox_worker.core.text import one_line
from inbox_worker.outbox.receipt_words import Speaker

_LONGEST = 500  # signs of a sender's or finding's text in the letter; the marked workbook has it whole
_WEIGHTS = list(Severity)


def describe_findings(findings: Sequence[WordedFinding], say: Speaker, most: int) -> tuple[list[dict[str, str]], int]:
    """Return the weightiest in words, equal ones joined, and how many findings more there are."""
    ordered = sorted(findings, key=lambda finding: _WEIGHTS.index(finding.severity))
    joined = join_equal(ordered)
    return [_describe(one, say) for one in joined[:most]], sum(one.count for one in joined[most:])


def shorten(text: str) -> str:
    """Return somebody's text on one line, not endlessly long."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _describe(joined: JoinedFinding, say: Speaker) -> dict[str, str]:
    finding, russian = joined.finding, say.language == "ru"
    sheet = [say("sheet", sheet=shorten(finding.sheet))] if finding.sheet else []
    cell = [say("cells" if joined.count > 1 else "cell", cell=shorten(joined.cells))] if joined.cells else []
    return {
        "weight": say(finding.severity.value),
        "place": ", ".join(sheet + cell),
        "message": shorten(finding.message if russian else finding.message_kk),
        "remedy": shorten(finding.remedy if russian else finding.remedy_kk),
        "clause": say("clause", clause=finding.clause) if finding.clause else "",
    }
