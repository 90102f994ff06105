"""Approved documents compared with the acts of their approval before anything of them leaves (4.1.17)."""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default

from inbox_worker.core.files import sha256
from inbox_worker.ledger.approvals import find_approved_bytes
from inbox_worker.ledger.letters import Delivery
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.letters import LetterGone
from inbox_worker.outbox.manifest import EDIT_OF
from inbox_worker.outbox.problems import Problem

UNAPPROVED = "outbox.not_approved"


def find_unapproved(office: Office) -> list[Problem]:
    """Find documents that the journal has as approved, and the acts of people do not with these bytes: the journal was
    changed by hand. What goes by rule (`review: no`) has no act, and is as it was rendered."""
    waiting = [v for v in office.journal.documents.versions((DocumentState.APPROVED,)) if EDIT_OF not in v.entry]
    approved = find_approved_bytes(office.journal.database, {_subject_of(version) for version in waiting})
    return [
        Problem(UNAPPROVED, version.place, version.id)
        for version in waiting
        if version.sha256_now != _approved_bytes(office, version, approved)
    ]


def _subject_of(version: Version) -> str:
    return version.place.partition("/")[2]


def _approved_bytes(office: Office, version: Version, by_people: Mapping[str, str]) -> str:
    by_rule = "" if office.rules.delivery.kind(version.kind).review else version.sha256
    return by_people.get(_subject_of(version), "") or by_rule


def require_approved(office: Office, delivery: Delivery, data: bytes) -> None:
    """Raise LetterGone where a letter with documents, or an answer that people approved, holds other bytes than they
    did. Bills are left out: they may be enciphered."""
    out = office.journal.documents
    proofs = out.proofs_of_letter(delivery.id) if delivery.kind in ("document", "receipt") else ()
    versions = [version for proof in proofs if (version := out.version(proof.document))]
    approved = find_approved_bytes(office.journal.database, {_subject_of(version) for version in versions})
    expected = {_approved_bytes(office, version, approved) for version in versions}
    if versions and expected != (_hash_enclosures(data) if delivery.kind == "document" else {sha256(data)}):
        raise LetterGone(
            f"archive/{delivery.path} holds other documents than people approved: it was changed beside the program, "
            "or the rules ask for review now. See which; `deliveries --drop` and a new approval make the letter anew"
        )


def _hash_enclosures(letter: bytes) -> set[str]:
    held = (part.get_payload(decode=True) for part in message_from_bytes(letter, policy=default).iter_attachments())
    return {sha256(data) for data in held if isinstance(data, bytes)}
