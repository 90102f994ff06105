"""Letters that people look at before they go: the folder is the state (`reply: review`).

A letter lies in outbox/pending/receipts; moved to approved/receipts it is sent, moved to rejected/receipts it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from inbox_worker.core.files import SHARED_FOLDER, make_folder, sha256, sha256_file, write_atomic
from inbox_worker.core.hashes import DamagedFile, read_proven
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.letters import Delivery, Letters, LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox.letters import FOLDER, LetterGone, file_name, keep_letter
from inbox_worker.outbox.receipt_words import ReceiptProblem
from inbox_worker.outbox.receipts import write_letter
from inbox_worker.outbox.standing import Stillness, is_whole_letter

_FOLDER = "receipts"
_STILLNESS = Stillness()
_PENDING, _APPROVED, _REJECTED, _SENT = "pending", "approved", "rejected", "sent"


def review_letters(office: Office, now: datetime) -> list[str]:
    """Puts new letters up for review and takes up what people decided. Gives what staff must know."""
    deliveries = office.journal.letters
    problems = []
    waiting = deliveries.all([LetterState.REVIEW])
    for delivery in waiting:
        try:
            _look_at(office, deliveries, delivery, now)
        except (ReceiptProblem, LetterGone, DamagedFile) as error:
            problems.append(f"letter {delivery.id}: {error}")
        except _NotOurs as error:
            problems.append(str(error))
    problems += _tidy(office, deliveries)
    _withdraw(office, {file_name(delivery.message_id) for delivery in deliveries.all([LetterState.REVIEW])})
    return problems


def put_away(office: Office, delivery: Delivery) -> list[str]:
    """Put a letter that went out into outbox/sent/receipts as it went, if it was reviewed. What was saved over it since
    it was approved stays where it is and is told."""
    name = file_name(delivery.message_id)
    approved, target = _place(office, _APPROVED, name), _place(office, _SENT, name)
    if not approved.is_file():
        return []
    known = office.journal.letters.find(delivery.id) or delivery
    if sha256_file(approved) == known.sha256:
        make_folder(target.parent, SHARED_FOLDER)
        approved.replace(target)
        return []
    if not target.exists():
        write_atomic(target, read_proven(office.home.archive / known.path, known.sha256), shared=True)
    return [f"{approved} was changed after it was approved; it went as {target} shows; move the edit to rejected"]


class _NotOurs(Exception):
    """A file under a letter's name that is not that letter."""


def _look_at(office: Office, deliveries: Letters, delivery: Delivery, now: datetime) -> None:
    name = file_name(delivery.message_id)
    approved, pending = _place(office, _APPROVED, name), _place(office, _PENDING, name)
    if approved.is_file():
        _approve(office, deliveries, delivery, approved, now)
    elif _place(office, _REJECTED, name).is_file():
        said = {"state": LetterState.DROPPED, "last_answer": "rejected in the outbox"}
        deliveries.change(delivery.id, [LetterState.REVIEW], _act("reject", delivery, now), **said)
    elif not pending.is_file():
        write_atomic(pending, write_letter(office, delivery, now), shared=True)


def _act(act: str, delivery: Delivery, now: datetime) -> Callable[[Connection], None]:
    """What a person did by moving a letter's file, recorded with it."""
    name = f"receipts/{file_name(delivery.message_id)}"
    return lambda connection: record_act(connection, act, name, now, who="folder", details=delivery.recipient)


def _approve(office: Office, deliveries: Letters, delivery: Delivery, file: Path, now: datetime) -> None:
    """The letter as it is there is what is sent, edited or not, once it stands still and is whole; only its
    Message-ID must be the recorded one."""
    edited = sha256_file(file) != delivery.sha256
    if edited and not _STILLNESS.is_still(file, office.home.config.folders.quiet_seconds, now):
        raise _NotOurs(f"{file} is still being written; it is sent when it does not change any more")
    data = file.read_bytes()
    if edited and not is_whole_letter(data):
        raise _NotOurs(f"{file} is no whole letter; put it there again, or move the one from the backup there")
    if delivery.message_id.encode() not in data:
        raise _NotOurs(f"{file} has not the Message-ID of letter {delivery.id}; move the right file there")
    values = {"state": LetterState.QUEUED, "last_answer": "approved in the outbox"}
    if sha256(data) != delivery.sha256:
        keep_letter(office.home, delivery.message_id, data)
        values |= {"sha256": sha256(data), "last_answer": "edited and approved in the outbox"}
    deliveries.change(delivery.id, [LetterState.REVIEW], _act("approve", delivery, now), **values)


def _tidy(office: Office, deliveries: Letters) -> list[str]:
    """A kill may come between the sending of a letter and the moving of its file."""
    problems = []
    for path in (office.home.outbox / _APPROVED / _FOLDER).glob("*.eml"):
        for delivery in deliveries.at(f"{FOLDER}/{path.name}"):
            if delivery.state is LetterState.SENT:
                problems += put_away(office, delivery)
    return problems


def _withdraw(office: Office, waiting: set[str]) -> None:
    """Letters that need no review any more (dropped, or answered by a later one) leave the pending folder."""
    for path in (office.home.outbox / _PENDING / _FOLDER).glob("*.eml"):
        if path.name not in waiting:
            with suppress(FileNotFoundError):
                path.unlink()


def _place(office: Office, state: str, name: str) -> Path:
    return office.home.outbox / state / _FOLDER / name
