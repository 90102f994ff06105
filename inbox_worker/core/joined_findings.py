"""Equal findings of a column are said once, with all their cells: a person mends a column, not a list (4.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from inbox_worker.core.model import WordedFinding

_PLACE = re.compile(r"([A-Z]+)(\d+)")
_MOST_VALUES = 5
_MOST_PLACES = 8
_LEAST = 3  # characters of a value that is known again in a sentence
_TEXTS = ("message", "message_kk", "remedy", "remedy_kk")


@dataclass(frozen=True)
class JoinedFinding:
    """Findings of one code, column and sheet that say the same. `finding` is the first of them, with the values of all
    where theirs differ; `cells` is their places as people write them: `A7, A9, A12–A15`."""

    finding: WordedFinding
    cells: str
    count: int


def join_equal(findings: Iterable[WordedFinding]) -> list[JoinedFinding]:
    """Join findings that differ by nothing but their row and the value that they name, in the order of the
    first ones."""
    groups: dict[tuple[str, ...], list[WordedFinding]] = {}
    for finding in findings:
        groups.setdefault(_likeness(finding), []).append(finding)
    return [_join(group) for group in groups.values()]


def _likeness(finding: WordedFinding) -> tuple[str, ...]:
    place = _PLACE.fullmatch(finding.cell)
    texts = (_put_values(getattr(finding, name), finding.value, [""]) for name in _TEXTS)
    return (finding.code, finding.severity, finding.sheet, place[1] if place else finding.cell, finding.clause, *texts)


def _join(group: Sequence[WordedFinding]) -> JoinedFinding:
    first = group[0]
    values = list(dict.fromkeys(finding.value for finding in group))
    texts = {name: _put_values(getattr(first, name), first.value, values) for name in _TEXTS}
    same = replace(first, value=_list_values(values, "{}"), **texts)  # type: ignore[arg-type]
    return JoinedFinding(same, _show_places(group), len(group))


def _put_values(text: str, value: str, values: Sequence[str]) -> str:
    """Put values in the place of the one that the text names: each between quotation marks as it was, or as its only
    such word."""
    quoted = "«{}»"
    if quoted.format(value) in text:
        return text.replace(quoted.format(value), _list_values(values, quoted))
    found = re.findall(rf"(?<!\w){re.escape(value)}(?!\w)", text) if len(value) >= _LEAST else []
    if len(found) != 1 or text.count(value) != 1:
        return text
    return text.replace(value, _list_values(values, "{}")).replace("….", "…").replace("..", ".")


def _list_values(values: Sequence[str], shown: str) -> str:
    more = ", …" if len(values) > _MOST_VALUES else ""
    return ", ".join(shown.format(value) for value in values[:_MOST_VALUES]) + more


def _show_places(group: Sequence[WordedFinding]) -> str:
    """Write cells one below the other as one place: `A12–A15`."""
    found = [(place[1], int(place[2])) for finding in group if (place := _PLACE.fullmatch(finding.cell))]
    if len(found) < len(group):
        return group[0].cell
    letters, spans = found[0][0], list[list[int]]()
    for row in sorted({row for _, row in found}):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [f"{letters}{a}" if a == b else f"{letters}{a}–{letters}{b}" for a, b in spans[:_MOST_PLACES]]
    return ", ".join(shown) + (", …" if len(spans) > _MOST_PLACES else "")
