"""Destructions of which something is there again, after a restore of an older backup or by somebody's hand, and those
that a kill left half done: the same command ends them (4.1.12)."""

from __future__ import annotations

from inbox_worker.core.errors import UseError
from inbox_worker.core.hashes import DESTROYED
from inbox_worker.ledger.certificate_tables import CertificateState
from inbox_worker.ledger.destroyed import GONE, Certificate, StatedCertificate, read_lines
from inbox_worker.ledger.destroyed_check import destroyed_problems, is_stated
from inbox_worker.month.office import Office
from inbox_worker.outbox.clearing import has_come_back
from inbox_worker.outbox.letter_copies import find_copies


class RetentionError(UseError):
    """Something cannot be destroyed as asked; the text tells what to do."""


def find_unfinished(office: Office) -> list[int]:
    """Return the numbers of destructions that are not whole. Raises RetentionError."""
    known = {one.number: one for one in office.journal.destroyed.all() if one.state in GONE}
    stated = {one.number for one, _ in read_stated_of(office)}
    left = {one.number for one in known.values() if one.state is CertificateState.DESTROYING or is_left(office, one)}
    return sorted(left | (stated - known.keys()))


def read_stated_of(office: Office) -> list[StatedCertificate]:
    """Return the certificates that the files of a home state. Raises RetentionError."""
    try:
        return read_lines(office.home.path)
    except (OSError, ValueError) as error:
        raise RetentionError(f"{DESTROYED} is not what was written: {error}; restore it from the backup") from error


def is_left(office: Office, found: Certificate) -> bool:
    """Tell whether something of a destruction that was whole is there again, or its proofs are not."""
    paths = [office.home.path / file.path for file in office.journal.destroyed.files(found.number)]
    return (
        has_come_back(office, found.number)
        or any(path.exists() for path in paths)
        or find_copies(office, found.number) != []
        or not (office.home.path / found.path).is_file()
        or not is_stated(office.journal, office.home.path, found)
        or any(problem.file == DESTROYED.as_posix() for problem in destroyed_problems(office.journal, office.home.path))
    )
