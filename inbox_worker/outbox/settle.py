"""What became of deliveries: answers to letters, what staff handed over; what arrived is put into `sent`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.letter_reports import Returns
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Move, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.deliver import Sender, shown, whole
from inbox_worker.outbox.folder_manifests import barred
from inbox_worker.outbox.mailed import MailedGone, keep_leaving, put_into_sent
from inbox_worker.outbox.manifest import first_name
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import PROGRAM, finished, look_through, path_of
from inbox_worker.outbox.trouble import Trouble, trouble_of

_CODES = {LetterState.UNCERTAIN: "uncertain", LetterState.REFUSED: "refused", LetterState.BOUNCED: "bounced"}
_SERVERS_TRY = timedelta(days=5)  # RFC 5321, 4.5.4.1
OPEN = (LetterState.QUEUED, LetterState.UNCERTAIN, LetterState.REFUSED, LetterState.DROPPED)


def settle(office: Office, sender: Sender | None, now: datetime) -> list[Problem]:
    """Takes up what became of letters, puts what arrived into `sent`, and gives the letters that people must see to."""
    out = Documents(office.journal)
    waiting = [proof for proof in out.proofs(states=OPEN) if proof.letter]
    posted = sender.posted(sorted({proof.letter for proof in waiting})) if sender and waiting else {}
    with office.journal.transaction() as connection:
        for proof in waiting:
            now_is = posted.get(proof.letter)
            if now_is and (now_is.state, now_is.answer, now_is.path) != (proof.state, proof.answer, proof.path):
                out.settle(connection, proof.letter, **{**vars(now_is), "state": now_is.state.value})
    return [*_put_away(office, out, now), *letters_told(office, now)]


def handed(office: Office, versions: Sequence[Version], note: str, who: str, now: datetime) -> list[Problem]:
    """Staff gave documents out of hand (on paper, on a stick): recorded as proof, and they lie in `sent`. One that was
    changed since the last look is not recorded: nobody knows which of the two was handed over."""
    out, at = Documents(office.journal), stamp(now)
    read = {version: whole(office, version) for version in versions if version.state is DocumentState.APPROVED}
    versions = [version for version in versions if read.get(version, b"") is not None]
    for data in read.values():
        if data is not None:
            keep_leaving(office, data)
    with office.journal.transaction() as connection:
        for version in versions:
            proof = Proof(version.id, "hand", who, LetterState.SENT, at, sent_at=at, answer=note, sha256=version.lying)
            out.prove(connection, proof)
            record_act(connection, "hand over", shown(version), now, who=who, details=note)
    return _put_away(office, out, now)


def _put_away(office: Office, out: Documents, now: datetime) -> list[Problem]:
    """What reached everybody lies in `sent`; the version that it revises is marked. What cannot be moved is told."""
    moved, problems = False, list[Problem]()
    done = finished(out.proofs(months=out.months_with((DocumentState.APPROVED,))))
    for version in out.versions((DocumentState.APPROVED,)) if done else ():
        source, target = path_of(office.home.outbox, version), path_of(office.home.outbox, version, DocumentState.SENT)
        if version.id in done and _complete(office, out, version) and source.is_file() and not target.exists():
            try:
                put_into_sent(office, out, version)
            except FileNotFoundError:  # a hand was quicker: the next look tells
                continue
            except MailedGone:
                problems.append(Problem("outbox.mailed_gone", shown(version), version.id))
                continue
            except (PermissionError, FileExistsError, NotADirectoryError) as error:
                problems.append(barred(office, target, error))
                continue
            _mark_revised(office, out, version, now)
            moved = True
    if moved:
        look_through(office, now, PROGRAM)
    return problems


def _complete(office: Office, out: Documents, version: Version) -> bool:
    """Whether every way to the Customer was gone; what was handed out needs no other."""
    ways = {proof.way for proof in out.proofs(version.id)}
    if office.rules.delivery.kind(version.kind).to != "customer":
        return True
    return "hand" in ways or ways >= set(office.rules.delivery.ways_to(version.bin))


def _mark_revised(office: Office, out: Documents, version: Version, now: datetime) -> None:
    if version.revision == 1:
        return
    for old in out.versions((DocumentState.SENT,), [version.month]):
        same = (old.bin, first_name(old.name)) == (version.bin, first_name(version.name))
        if same and old.revision < version.revision and "revised_by" not in old.entry:
            note = f"revised by {version.name}"
            with office.journal.transaction() as connection:
                out.change(connection, old.id, entry={**old.entry, "revised_by": version.name})
                out.moved(connection, Move(old.id, "sent", DocumentState.SENT, PROGRAM, stamp(now), old.lying, note))


def letters_told(office: Office, now: datetime, bills_of: str = "") -> list[Problem]:
    """Letters that may have arrived or not, were refused, came back or are late, and were not handed out since.

    `bills_of` a month: of its bills, else of documents: many consumers' addresses are wrong, every month. A report of
    delay is told as long as mail servers go on trying; after that they report again.
    """
    out, months = Documents(office.journal), [bills_of] if bills_of else None
    proofs = out.proofs(states=tuple(_CODES), months=months)
    late = _late(office, now)
    proofs += [proof for proof in out.proofs(states=[LetterState.SENT], months=months) if proof.letter in late]
    problems = []
    for proof in proofs:
        version = out.version(proof.document)
        by_hand = any(other.way == "hand" for other in out.proofs(proof.document))
        if version and bool(version.account) == bool(bills_of) and not by_hand:
            code, said = _CODES.get(proof.state, ""), proof.answer
            if not code:
                code, said = late[proof.letter]
            trouble = Trouble.UNCERTAIN if proof.state is LetterState.UNCERTAIN else trouble_of(said)
            more = f"{proof.recipient}: {said}"
            number = (
                0 if proof.state is LetterState.SENT else version.id
            )  # anybody can write a report: it stops nothing
            told = Problem(f"outbox.letter_{code}", shown(version), number, more, letter=proof.letter)
            problems.append(replace(told, trouble=trouble.value))
    return problems if bills_of else [*problems, *_dropped(out)]


def _dropped(out: Documents) -> list[Problem]:
    """Approved documents all of whose letters were dropped: nothing would ever become of them unseen."""
    proofs = dict[int, list[Proof]]()
    for proof in out.proofs(months=out.months_with((DocumentState.APPROVED,))):
        proofs.setdefault(proof.document, []).append(proof)
    found = []
    for version in out.versions((DocumentState.APPROVED,)):
        own = proofs.get(version.id, [])
        if own and not version.account and all(proof.state is LetterState.DROPPED for proof in own):
            more = f"{own[-1].recipient}: {own[-1].answer}"
            found.append(Problem("outbox.letter_dropped", shown(version), more=more))
    return found


def _late(office: Office, now: datetime) -> dict[int, tuple[str, str]]:
    """Letters that a mail server still tries to hand over, or that an unconfirmed report is about, with the words."""
    since = stamp(now - _SERVERS_TRY)
    return {
        found.delivery: ("unconfirmed" if found.fate == "unconfirmed" else "delayed", found.said)
        for found in Returns(office.journal).all()
        if found.at > since
    }
