"""What was mailed goes into `sent`, byte for byte, whatever was saved over the file meanwhile (10.12).

The bytes that left are in the letter's copy under archive/letters, in the exchange folder, or, where neither holds them
(a bill that left under a password, a document handed over on paper), in archive/leaving until the file is in `sent`.
"""

from __future__ import annotations

from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256, sha256_file, sync_folder, write_atomic
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.review import move_file, path_of

_LEAVING = "leaving"


class MailedGone(JobError):
    """The file was changed, and the bytes that left are nowhere any more; the text names the version's file."""


def keep_leaving(office: Office, data: bytes) -> None:
    """Keeps bytes that neither a letter nor the exchange folder will hold."""
    path = _kept(office, sha256(data))
    if not path.exists():
        write_atomic(path, data)


def hash_as_left(out: Documents, version: Version) -> str:
    """What the proofs say left; what was approved, of proofs that do not say."""
    arrived = [p for p in out.proofs(version.id) if p.state in (LetterState.SENT, LetterState.BOUNCED) and p.sha256]
    return max(arrived, key=lambda proof: proof.sent_at).sha256 if arrived else version.lying


def put_into_sent(office: Office, out: Documents, version: Version) -> None:
    """Puts what was mailed into `sent`. Raises FileNotFoundError when the file was moved away, MailedGone, OSError.

    The file itself is moved when its bytes are those that left. If not, those are written into `sent`, and the file
    stays: the next look takes it up as a version of its own.
    """
    source, target = path_of(office.home.outbox, version), path_of(office.home.outbox, version, DocumentState.SENT)
    left = hash_as_left(out, version)
    if sha256_file(source) == left:
        move_file(office, source, target, DocumentState.SENT)
        if sha256_file(target) != left:  # saved while it was being moved
            _move_back(office, target, source)
    if not target.exists():
        data = _as_left(office, out, version, left)
        if data is None:
            raise MailedGone(str(source))
        write_atomic(target, data)
    _kept(office, left).unlink(missing_ok=True)


def _move_back(office: Office, target: Path, source: Path) -> None:
    """An edit goes back where people look for it; if a newer one is there, it is kept under archive/replaced."""
    if source.exists():
        source = office.home.archive / "replaced" / f"{sha256_file(target)}{target.suffix}"
        source.parent.mkdir(parents=True, exist_ok=True)
    target.replace(source)
    sync_folder(source.parent)
    sync_folder(target.parent)


def _as_left(office: Office, out: Documents, version: Version, left: str) -> bytes | None:
    with suppress(OSError):
        data = _kept(office, left).read_bytes()
        if sha256(data) == left:
            return data
    for proof in out.proofs(version.id):
        with suppress(OSError):
            found = _of_proof(office, proof, left)
            if found is not None:
                return found
    return None


def _of_proof(office: Office, proof: Proof, left: str) -> bytes | None:
    if not proof.path:
        return None
    if proof.way == "folder":
        candidates = [Path(proof.path).read_bytes()]
    else:
        letter = message_from_bytes((office.home.archive / proof.path).read_bytes())
        found = (part.get_payload(decode=True) for part in letter.walk() if part.get_filename())
        candidates = [data for data in found if isinstance(data, bytes)]
    return next((data for data in candidates if sha256(data) == left), None)


def _kept(office: Office, digest: str) -> Path:
    return office.home.archive / _LEAVING / digest
