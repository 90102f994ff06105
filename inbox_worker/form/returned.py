"""The answer to a form: the sender's own workbook back, wrong cells marked, and a sheet that lists every finding."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from inbox_worker.files import safe_name
from inbox_worker.form.confined import Confined, Ended, ReaderFailure
from inbox_worker.form.extent import sheet_paths
from inbox_worker.form.preflight import Kind, inspect
from inbox_worker.model import Rendered, Severity, WordedFinding
from inbox_worker.rules import Limits


def is_wanted(findings: Sequence[WordedFinding]) -> bool:
    """Whether there is anything to mend or to look at: information alone needs no workbook (4.3.2)."""
    return any(finding.severity is not Severity.INFO for finding in findings)


def returned(
    data: bytes,
    name: str,
    findings: Sequence[WordedFinding],
    submission: str,
    limits: Limits,
    child: Confined,
) -> Rendered:
    """The workbook that goes back to the sender (4.3.2).

    An .xlsx comes back with its cells untouched, wrong ones marked and commented, and the list of findings as its
    last sheet. Anything else, and a workbook too large or too odd to be carried, comes back as the list alone.
    The same call gives the same bytes. Raises ReaderFailure (ours) only.
    """
    wanted = {"findings": [f.as_json() for f in findings], "submission": submission, "name": name}
    stem = safe_name(PurePosixPath(name).stem, 60)
    file_name = f"{submission} {stem}.xlsx"
    if _can_be_marked(data, name, limits):
        try:
            _, book = child.ask(wanted, data, limits.answer_seconds)
        except Ended:
            pass  # openpyxl met what it cannot carry: the list alone says the same
        else:
            return Rendered("receipt", file_name, book, "")
    try:
        _, book = child.ask(wanted, b"", limits.answer_seconds)
    except Ended as death:
        raise ReaderFailure(f"the list of findings of {submission} could not be written: {death.words}") from death
    return Rendered("receipt", file_name, book, "")


def _can_be_marked(data: bytes, name: str, limits: Limits) -> bool:
    """A sound .xlsx (or .xlsm) whose cells are not too many for openpyxl."""
    seen = inspect(data, name, limits)
    if seen.kind is not Kind.XLSX or seen.findings:
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not sheet_paths(archive):  # .xlsb
            return False
        parts = [m.file_size for m in archive.infolist() if m.filename.startswith("xl/")]
    return sum(parts) <= limits.answer_unpacked
