"""The workbook that goes back with a decision: kept beside the archive, so that every answer can be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inbox_worker.core.files import read_file, sha256, write_atomic
from inbox_worker.core.hashes import read_proven
from inbox_worker.core.model import Outcome, Severity, Submission, WordedFinding
from inbox_worker.deciding.case import Case
from inbox_worker.forms.marked import build_answer, is_wanted
from inbox_worker.month.office import Office
from inbox_worker.settings.calendar import find_last_chance
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.workbooks.cells import CellReader

FOLDER = "answers"


def keep_answer(case: Case, reader: CellReader, submission: Submission, findings: Sequence[WordedFinding]) -> str:
    """Writes the marked workbook of a form with errors or warnings (4.3.2), in the sender's language first, before its
    decision is recorded, which is to name the hash that is returned; '' when there is nothing to mark.

    A duplicate gets the first answer again, so none of its own is made.
    """
    if submission.outcome is Outcome.DUPLICATE or not is_wanted(findings):
        return ""
    office, file, head = case.office, case.file, _head(case.office, submission, findings)
    about = (file.data, file.name, findings, submission.id, office.rules)
    marked = build_answer(*about, reader.marking, case.watch, head, kazakh=case.kazakh)
    write_atomic(office.home.archive / FOLDER / f"{submission.id}.xlsx", marked.data)
    return sha256(marked.data)


def _head(office: Office, submission: Submission, findings: Sequence[WordedFinding]) -> list[Bilingual]:
    """Return what stands over the list of findings: the decision, and of a form that was refused where it goes, mended,
    and by when (4.3.2)."""
    texts, rule = office.rules.texts.written, office.rules.forms.get(submission.form)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    posted = "posted_partly" if errors else "posted"
    verdict = texts.words(f"findings.{posted if submission.outcome.posted else submission.outcome}", errors=errors)
    if submission.outcome is not Outcome.REJECTED or rule is None or rule.operator:
        return [verdict]
    where = office.home.config.address_of(rule.mailbox)
    if rule.held:
        return [verdict, texts.words("findings.where", address=where)]
    until, _ = find_last_chance(submission.complete_at, office.rules, rule.form)
    return [verdict, texts.words("findings.where_until", address=where, until=f"{until:%d.%m.%Y, %H:%M}")]


def read_answer(office: Office, submission: Submission, path: str) -> bytes:
    """Read a submission's marked workbook (`answer_of`). Raise DamagedFile."""
    file, marked = office.home.path / path, submission.duplicate_of or submission.id
    expected = office.journal.submissions.answer_hash(marked)
    return read_proven(file, expected) if expected else read_file(file)  # earlier versions named no hash


def answer_of(
    archive: Path, submission: Submission, findings: Sequence[WordedFinding], named: bool = False
) -> str | None:
    """Return where the submission's marked workbook lies, relative to the home; None when it has nothing to mend.
    `named`: the journal names it, so it is there whatever the disk says."""
    name = f"{submission.duplicate_of or submission.id}.xlsx"
    if not is_wanted(findings) or not (named or (archive / FOLDER / name).is_file()):
        return None
    return f"{archive.name}/{FOLDER}/{name}"
