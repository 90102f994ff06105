"""The answer to a form: the sender's own workbook back, wrong cells marked, and a sheet that lists every finding."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from inbox_worker.core.files import safe_name
from inbox_worker.core.joined_findings import JoinedFinding, join_equal
from inbox_worker.core.model import Severity, WordedFinding
from inbox_worker.core.rendered import Rendered
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.office_rules import Limits
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.jail import Confined, Ended, ReaderFailure
from inbox_worker.workbooks.preflight import TimeBudget, glance
from inbox_worker.workbooks.sniff import BROKEN, Kind, sniff

_STEPS = ("findings.step_1", "findings.step_2", "findings.step_3")
_WORDS = ("weight", "cell", "value", "what", *Severity)


def is_wanted(findings: Sequence[WordedFinding]) -> bool:
    """Return whether there is anything to mend or to look at: information alone needs no workbook (4.3.2)."""
    return any(finding.severity is not Severity.INFO for finding in findings)


def build_answer(
    data: bytes,
    name: str,
    findings: Sequence[WordedFinding],
    submission: str,
    rules: Rules,
    child: Confined,
    watch: TimeBudget | None = None,
    head: Sequence[Bilingual] = (),
    *,
    kazakh: bool = False,
) -> Rendered:
    """Return the workbook that goes back to the sender (4.3.2).

    An .xlsx comes back with its cells, pictures and charts untouched, wrong cells marked and commented, and the list of
    findings as its last sheet, on which it opens. Anything else, and a workbook too large or too odd to be carried,
    comes back as the list alone. `head`: what stands over the list, the decision above all; `kazakh`: Kazakh comes
    first, then Russian. The same call gives the same bytes. Marking may take what reading left on the file's `watch`;
    the list has its own `answer_seconds`. Raises ReaderFailure (ours) only.
    """
    limits, texts = rules.limits, rules.texts.written
    steps = [texts.words(step) for step in _STEPS] if _asks(findings) else []
    wanted = {
        "findings": [f.as_json() for f in findings], "listed": [_as_listed(one) for one in join_equal(findings)],
        "words": {name: _pair(texts.words(f"findings.{name}")) for name in _WORDS}, "submission": submission,
        "name": name, "head": [_pair(line) for line in head], "steps": [_pair(step) for step in steps],
        "kazakh": kazakh,
    }  # fmt: skip
    stem = safe_name(PurePosixPath(name).stem, 60)
    file_name = f"{submission} {stem}.xlsx"
    read = not any(f.code.startswith("workbook.") and f.severity is Severity.ERROR for f in findings)
    with watch or TimeBudget() as running:
        marked = _mark_workbook(data, name, wanted, limits, child, running) if read else None
    if marked is not None:
        return Rendered("receipt", file_name, marked, "")
    try:
        _, book = child.ask({**wanted, "findings": [], "steps": []}, b"", limits.answer_seconds)
    except Ended as death:
        raise ReaderFailure(f"the list of findings of {submission} could not be written: {death.words}") from death
    return Rendered("receipt", file_name, book, "")


def _asks(findings: Sequence[WordedFinding]) -> bool:
    """Return whether anything must be mended."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _as_listed(joined: JoinedFinding) -> dict[str, str]:
    """Return a line of the list: a finding, with the cells of all that are equal to it."""
    return {**joined.finding.as_json(), "cells": joined.cells, "first": joined.finding.cell}


def _pair(words: Bilingual) -> tuple[str, str]:
    return words.ru, words.kk


def _mark_workbook(
    data: bytes, name: str, wanted: dict[str, Any], limits: Limits, child: Confined, watch: TimeBudget
) -> bytes | None:
    """Return the sender's workbook, marked; None when it cannot be, or not in the time that is left."""
    if not _can_be_marked(data, name, limits) or not (left := watch.seconds_left(limits)):
        return None
    try:
        verdict, book = child.ask(wanted, data, left)
    except Ended:  # it met what it cannot carry: the list alone says the same
        return None
    return book if verdict == b"A" else None


def _can_be_marked(data: bytes, name: str, limits: Limits) -> bool:
    """Return whether this is a sound .xlsx (or .xlsm) that is not too large. Its size is looked at first."""
    if sniff(data, name) is not Kind.XLSX:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = [
                m.file_size for m in archive.infolist() if m.filename.casefold().endswith((".xml", ".vml", ".rels"))
            ]
    except BROKEN:
        return False
    if sum(sizes) > limits.answer_unpacked:
        return False
    return not glance(data, name, limits).findings
