"""Approved documents on their way: by e-mail, into the exchange folder, or both, with proof kept (4.1.8, 10.12).

A letter's record is written in one transaction with the proofs that name it, so it exists once or not at all;
sending it is the sender's work, and its answer is taken up at the next look. A document lies in `sent` when it
reached everybody it had to reach. What may have arrived or not is shown, never repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.deliver import Sender, shown, whole
from inbox_worker.outbox.exchange_folder import NameTaken, put
from inbox_worker.outbox.mail import mail_documents
from inbox_worker.outbox.place import folder_name
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.reconcile import EDIT_OF


def deliver(
    office: Office,
    sender: Sender | None,
    now: datetime,
    blocked: Collection[int] = (),
    wanted: Callable[[Version], bool] = lambda version: True,
    dropped_too: bool = False,
) -> list[Problem]:
    """Begins the delivery of approved documents of Customers; those in `blocked` wait. Gives what people must mend.

    `dropped_too`: staff ask for these documents, so those whose letter was dropped go in a new one.
    """
    problems = []
    together: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for version in Documents(office.journal).versions((DocumentState.APPROVED,)):
        to = office.rules.delivery.kind(version.kind).to
        free = version.id not in blocked and EDIT_OF not in version.entry
        if free and to == "customer" and wanted(version):
            together[version.month, version.bin].append(version)
    for (month, bin), versions in together.items():
        customer = office.journal.customers().get(bin)
        if customer is None:
            more = office.rules.texts.written.both("fact.not_in_register", bin=bin)
            problems += [Problem("outbox.no_address", shown(version), version.id, more) for version in versions]
            continue
        for way in office.rules.delivery.ways_to(bin):
            if way == "folder":
                problems += _into_folder(office, customer, versions, now)
            elif sender is None:
                out = Documents(office.journal)
                problems += [Problem("outbox.no_mail", shown(v), v.id) for v in versions if not out.proofs(v.id)]
            else:
                period = Period.parse(month)
                problems += mail_documents(office, sender, period, customer, versions, now, dropped_too)
    return problems


def _into_folder(office: Office, customer: Customer, versions: Sequence[Version], now: datetime) -> list[Problem]:
    out, problems, folder = Documents(office.journal), list[Problem](), office.home.exchange
    for version in versions:
        if any(proof.way == "folder" for proof in out.proofs(version.id)):
            continue
        if folder is None:
            problems.append(Problem("outbox.no_exchange", shown(version), version.id))
            continue
        data = whole(office, version)
        if data is None:
            continue
        try:
            path = put(folder, folder_name(customer), version.month, version.name, data)
        except NameTaken as error:
            problems.append(Problem("outbox.exchange_taken", shown(version), version.id, str(error)))
            continue
        at = stamp(now)
        proof = Proof(version.id, "folder", str(folder), LetterState.SENT, at, sent_at=at, sha256=sha256(data))
        with office.journal.transaction() as connection:
            out.prove(connection, Proof(**{**vars(proof), "path": str(path)}))
    return problems
