"""The outbox's part of a pass: what people moved, what goes by rule, what leaves by e-mail or into the exchange folder,
what arrived, with proof kept (4.1.8, 10.12).

`pass_outbox` is called under the home's lock. A letter's record is written in one transaction with the proofs that name
it, so it exists once or not at all; `send.py` sends it afterwards, and `settle.py` takes up its answer. A document goes
into `sent` when it reached everybody it had to reach. What may have arrived or not is shown, never repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256, sha256_file, write_atomic
from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.banks import Bank, find_banks
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.bill_letters import months_to_send, send_bills
from inbox_worker.outbox.mail import mail_documents
from inbox_worker.outbox.manifest import EDIT_OF
from inbox_worker.outbox.place import folder_name
from inbox_worker.outbox.problems import Problem, merge_alike
from inbox_worker.outbox.receipts import queue_receipt
from inbox_worker.outbox.reconcile import Reconciled
from inbox_worker.outbox.requests import make_requested
from inbox_worker.outbox.review import FOLDER, approve_by_rule, look_through, read_approved
from inbox_worker.outbox.send import server_takes
from inbox_worker.outbox.settle import settle


def pass_outbox(office: Office, now: datetime) -> list[str]:
    """Gives what people must know, a line each; a standing problem is given again each time."""
    unmade = []
    try:
        make_requested(office, now)
    except JobError as error:  # what waits to leave does not wait for it
        unmade.append(str(error))
    problems = list(deliver_all(office, now))
    if office.home.config.smtp:
        blocked = {problem.version for problem in problems}
        for month in months_to_send(office):
            problems += send_bills(office, month, now, blocked=blocked).problems
    return [*unmade, *(problem.line(office.say) for problem in merge_alike(problems))]


def deliver_all(
    office: Office,
    now: datetime,
    who: str = FOLDER,
    wanted: Callable[[Version], bool] = lambda version: True,
    dropped_too: bool = False,
) -> Sequence[Problem]:
    """Do all that is due: review, what the rules approve, answers to earlier letters, delivery, and again what arrived
    at once."""
    seen = look_through(office, now, who)
    out = office.journal.documents
    blocked = seen.blocked | waiting_with(out, seen)
    marks = out.marks()
    approve_by_rule(office, now, blocked)
    settle(office, now)
    begun = _deliver(office, now, blocked, wanted, dropped_too)
    settled = settle(office, now)
    if out.marks() != marks:  # manifests tell of what left; else reading a town's bills once a pass is enough
        seen = look_through(office, now)
    return [*seen.problems, *begun, *settled]


def waiting_with(out: Documents, seen: Reconciled) -> set[int]:
    """Find approved documents of a Customer's month into whose folder something is still being written."""
    if not seen.writing:
        return set()
    approved = [v for v in out.versions((DocumentState.APPROVED,)) if not v.is_receipt and not v.account]
    return {version.id for version in approved if (version.month, version.bin) in seen.writing}


def _deliver(
    office: Office, now: datetime, blocked: Collection[int], wanted: Callable[[Version], bool], dropped_too: bool
) -> list[Problem]:
    """Begin the delivery of approved documents; those in `blocked` wait. Return what people must mend.

    `dropped_too`: staff ask for these documents, so those whose letter was dropped go in a new one.
    """
    free = [
        version
        for version in office.journal.documents.versions((DocumentState.APPROVED,))
        if version.id not in blocked and EDIT_OF not in version.entry and wanted(version)
    ]
    problems, texts = _queue_receipts(office, free, now), office.rules.texts.written
    takes = cache(lambda: server_takes(office))
    for (month, bin), versions in _by_reader(office, free, "customer").items():
        customer = office.journal.customers.at(now).get(bin)
        if customer is None:
            more = texts.both("fact.not_in_register", bin=bin)
            problems += [Problem("outbox.no_address", version.place, version.id, more) for version in versions]
            continue
        for way in office.rules.delivery.ways_to(bin):
            if way == "folder":
                problems += _into_folder(office, customer, versions, now)
            else:
                problems += _into_letters(office, takes, month, customer, versions, now, dropped_too)
    banks = find_banks(office.journal, office.home.ledger)
    for (month, bic), versions in _by_reader(office, free, "bank").items():
        if bic in banks:
            problems += _into_letters(office, takes, month, banks[bic], versions, now, dropped_too)
        else:
            more = texts.both("fact.bank_not_in_register", bic=bic)
            problems += [Problem("outbox.no_address", version.place, version.id, more) for version in versions]
    return problems


def _queue_receipts(office: Office, versions: Sequence[Version], now: datetime) -> list[Problem]:
    """Approved answers to senders: each goes in the letter that it is."""
    problems = list[Problem]()
    for version in versions:
        if not version.is_receipt or (data := read_approved(office, version)) is None:
            continue
        if office.home.config.smtp is None:
            proved = office.journal.documents.proofs(version.id)
            problems += [] if proved else [Problem("outbox.no_mail", version.place, version.id)]
        else:
            problems += queue_receipt(office, version, data, now)
    return problems


def _by_reader(office: Office, versions: Sequence[Version], to: str) -> dict[tuple[str, str], list[Version]]:
    """Documents of Customers by month and БИН, or of banks by month and БИК: what belongs together leaves together."""
    together: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for version in versions:
        if office.rules.delivery.kind(version.kind).to == to:
            reader = version.bin if to == "customer" else version.entry.get("made_of", {}).get("bank", "")
            together[version.month, reader].append(version)
    return together


def _into_letters(
    office: Office, takes: Callable[[], int], month: str, reader: Customer | Bank, versions: Sequence[Version],
    now: datetime, dropped_too: bool,
) -> list[Problem]:  # fmt: skip
    if office.home.config.smtp is None:
        out = office.journal.documents
        return [Problem("outbox.no_mail", v.place, v.id) for v in versions if not out.proofs(v.id)]
    return mail_documents(office, takes, Period.parse(month), reader, versions, now, dropped_too)


def _into_folder(office: Office, customer: Customer, versions: Sequence[Version], now: datetime) -> list[Problem]:
    """Put documents into `<exchange folder>/<БИН> <name>/<month>/`; another file there is never written over."""
    out, problems, folder, at = office.journal.documents, list[Problem](), office.home.exchange, stamp(now)
    for version in versions:
        if any(proof.way == "folder" for proof in out.proofs(version.id)):
            continue
        if folder is None:
            problems.append(Problem("outbox.no_exchange", version.place, version.id))
            continue
        data = read_approved(office, version)
        if data is None:
            continue
        path = folder / folder_name(customer) / version.month / version.name
        if not _put(path, data):
            problems.append(Problem("outbox.exchange_taken", version.place, version.id, str(path)))
            continue
        home = office.home.path  # a path below it stays true when the home is restored elsewhere
        place = path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
        proof = Proof(version.id, "folder", str(folder), LetterState.SENT, at, sent_at=at, sha256=sha256(data))
        with office.journal.transaction() as connection:
            out.prove(connection, replace(proof, path=place))
    return problems


def _put(path: Path, data: bytes) -> bool:
    """Write a file whole or not at all, unless it is there already; False when another file has its name."""
    if path.exists():
        return sha256_file(path) == sha256(data)
    write_atomic(path, data, shared=True)
    return True
