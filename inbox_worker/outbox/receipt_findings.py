"""The findings of a form in its answer: the weightiest first, equal ones once, each with its cells (4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_worker.core.joined_findings import JoinedFinding, join_equal
from inbox_worker.core.model import Severity, WordedFinding
from inbox_worker.core.text import one_line
from inbox_worker.outbox.receipt_words import Speaker

_LONGEST = 500  # signs of a sender's or finding's text in the letter; the marked workbook has it whole
_WEIGHTS = list(Severity)
_OF_LETTER = "letter."


@dataclass(frozen=True)
class WordsOfFinding:
    """A finding in words, with all its cells. `asks`: its reader is to do something."""

    weight: str
    place: str
    message: str
    remedy: str
    clause: str
    asks: bool


def describe_findings(findings: Sequence[WordedFinding], say: Speaker, most: int) -> tuple[list[WordsOfFinding], int]:
    """Return the weightiest in words, equal ones joined, and how many findings more there are."""
    ordered = sorted(findings, key=lambda finding: _WEIGHTS.index(finding.severity))
    joined = join_equal(ordered)
    return [_describe(one, say) for one in joined[:most]], sum(one.count for one in joined[most:])


def tell_once(of_forms: Sequence[Sequence[WordedFinding]]) -> list[list[WordedFinding]]:
    """Leave out of each form's findings what a form before it was told of the letter's own words and nobody is to
    mend: whoever sends twelve forms reads it once."""
    earlier, kept = set[WordedFinding](), []
    for findings in of_forms:
        kept.append([one for one in findings if one not in earlier])
        earlier.update(one for one in findings if one.code.startswith(_OF_LETTER) and not asks(one))
    return kept


def shorten(text: str) -> str:
    """Return somebody's text on one line, not endlessly long."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def asks(finding: WordedFinding) -> bool:
    """Tell whether a finding asks the sender to do something: then no sentence says that there is nothing to do."""
    return finding.severity is not Severity.INFO


def _describe(joined: JoinedFinding, say: Speaker) -> WordsOfFinding:
    finding, russian = joined.finding, say.language == "ru"
    sheet = [say("sheet", sheet=shorten(finding.sheet))] if finding.sheet else []
    cell = [say("cells" if joined.count > 1 else "cell", cell=shorten(joined.cells))] if joined.cells else []
    return WordsOfFinding(
        weight=say(finding.severity.value),
        place=", ".join(sheet + cell),
        message=shorten(finding.message if russian else finding.message_kk),
        remedy=shorten(finding.remedy if russian else finding.remedy_kk),
        clause=say("clause", clause=finding.clause) if finding.clause else "",
        asks=asks(finding),
    )
