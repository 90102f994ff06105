"""The workbook that goes back with a decision: kept beside the archive, so that every answer can be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inbox_worker.context import Office
from inbox_worker.files import write_atomic
from inbox_worker.form.returned import is_wanted, returned
from inbox_worker.form.watch import Watch
from inbox_worker.form.workbook import CellReader
from inbox_worker.model import Attachment, Outcome, Submission, WordedFinding

FOLDER = "answers"


def keep_answer(
    office: Office,
    reader: CellReader,
    file: Attachment,
    submission: Submission,
    findings: Sequence[WordedFinding],
    watch: Watch,
) -> None:
    """Writes the marked workbook of a form with errors or warnings (4.3.2), before its decision is recorded.

    A duplicate gets the first answer again, so none of its own is made.
    """
    if submission.outcome is Outcome.DUPLICATE or not is_wanted(findings):
        return
    marked = returned(file.data, file.name, findings, submission.id, office.rules.limits, reader.marking, watch)
    write_atomic(office.home.archive / FOLDER / f"{submission.id}.xlsx", marked.data)


def answer_of(archive: Path, submission: Submission, findings: Sequence[WordedFinding]) -> str | None:
    """Where the submission's marked workbook lies, relative to the home; None when it has nothing to mend."""
    name = f"{submission.duplicate_of or submission.id}.xlsx"
    if not is_wanted(findings) or not (archive / FOLDER / name).is_file():
        return None
    return f"{archive.name}/{FOLDER}/{name}"
