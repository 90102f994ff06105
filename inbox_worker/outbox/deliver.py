"""Approved documents on their way: by e-mail, into the exchange folder, or both, with proof kept (4.1.8, 10.12).

A letter's record is written in one transaction with the proofs that name it, so it exists once or not at all;
`send.py` sends it, and `settle.py` takes up its answer. A document goes into `sent` when it reached everybody it had to
reach. What may have arrived or not is shown, never repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from inbox_worker.core.files import sha256, sha256_file, write_atomic
from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.letters import LetterState, stamp
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.mail import mail_documents
from inbox_worker.outbox.place import folder_name
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.reconcile import EDIT_OF
from inbox_worker.outbox.review import read_approved
from inbox_worker.outbox.send import server_takes


def deliver(
    office: Office,
    now: datetime,
    blocked: Collection[int] = (),
    wanted: Callable[[Version], bool] = lambda version: True,
    dropped_too: bool = False,
) -> list[Problem]:
    """Begin the delivery of approved documents of Customers; those in `blocked` wait. Return what people must mend.

    `dropped_too`: staff ask for these documents, so those whose letter was dropped go in a new one.
    """
    problems, texts = list[Problem](), office.rules.texts.written
    takes = cache(lambda: server_takes(office))
    for (month, bin), versions in _approved(office, blocked, wanted).items():
        customer = office.journal.customers.all().get(bin)
        if customer is None:
            more = texts.both("fact.not_in_register", bin=bin)
            problems += [Problem("outbox.no_address", version.place, version.id, more) for version in versions]
            continue
        for way in office.rules.delivery.ways_to(bin):
            if way == "folder":
                problems += _into_folder(office, customer, versions, now)
            elif office.home.config.smtp is None:
                out = office.journal.documents
                problems += [Problem("outbox.no_mail", v.place, v.id) for v in versions if not out.proofs(v.id)]
            else:
                period = Period.parse(month)
                problems += mail_documents(office, takes, period, customer, versions, now, dropped_too)
    return problems


def _approved(
    office: Office, blocked: Collection[int], wanted: Callable[[Version], bool]
) -> dict[tuple[str, str], list[Version]]:
    """Approved documents of Customers that may leave, by month and БИН: what belongs together leaves together."""
    together: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for version in office.journal.documents.versions((DocumentState.APPROVED,)):
        free = version.id not in blocked and EDIT_OF not in version.entry
        if free and office.rules.delivery.kind(version.kind).to == "customer" and wanted(version):
            together[version.month, version.bin].append(version)
    return together


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
        proof = Proof(version.id, "folder", str(folder), LetterState.SENT, at, sent_at=at, sha256=sha256(data))
        with office.journal.transaction() as connection:
            out.prove(connection, replace(proof, path=str(path)))
    return problems


def _put(path: Path, data: bytes) -> bool:
    """Write a file whole or not at all, unless it is there already; False when another file has its name."""
    if path.exists():
        return sha256_file(path) == sha256(data)
    write_atomic(path, data, shared=True)
    return True
