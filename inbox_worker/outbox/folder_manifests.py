"""The manifest of every folder of the outbox: what lies there, made of what, amended or not, sent to whom."""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from inbox_worker.core.hashes import Hashes
from inbox_worker.core.model import Period
from inbox_worker.ledger.sent_documents import Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.folders import CustomerFolder, Outbox, clear_away, look
from inbox_worker.outbox.manifest import Entry, write_entries
from inbox_worker.outbox.problems import Problem

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # no folder is at fault: the whole pass is tried again


def write_manifests(office: Office, outbox: Outbox) -> list[Problem]:
    """Write into every folder's manifest what is there: of what it is made, amended or not, sent to whom.

    Gives the folders that cannot be written; the journal knows the same, so nothing waits for them.
    """
    out = office.journal.documents
    proofs: dict[int, list[Proof]] = {}
    for proof in out.proofs(months=outbox.months):
        proofs.setdefault(proof.document, []).append(proof)
    versions = out.versions(months=outbox.months)
    known = {(v.state.value, v.month, v.folder, v.name): v for v in versions if v.sha256_now}
    met = {(v.month, v.bin, v.name, v.sha256) for v in versions}
    names: dict[CustomerFolder, list[str]] = {place: [] for place in outbox.entries}
    for file in outbox.files:
        names[file.place].append(file.name)
    problems, emptied = [], []
    for place, those in names.items():
        folder, entries = place.path(office.home.outbox), dict[str, Entry]()
        for name in those:
            version, there = known.get((place.state, place.month, place.folder, name)), outbox.entries[place].get(name)
            if version:
                entries[name] = _entry(version, proofs.get(version.id, ()))
            elif there:
                entries[name] = there
        for name, there in outbox.entries[place].items():  # of a file moved astray before we ever saw it
            if name not in those and (place.month, place.bin, name, there["sha256"]) not in met:
                entries[name] = there
        try:
            if not entries and not those:
                emptied.append(place)
            elif entries and (place not in outbox.broken or len(entries) == len(those)):  # else it knew more than we do
                write_entries(folder, place.month, place.bin, _name_of(office, place), entries)
        except FileNotFoundError:  # just moved away: the next look writes it
            continue
        except OSError as error:
            if error.errno in _FULL:
                raise
            problems.append(name_unwritable(office, folder, error))
    return [*problems, *_clear_away(office, emptied)]  # last: on a full disk, what is left brings the next look here


def write_manifests_of(office: Office, months: Collection[str]) -> list[Problem]:
    """Write the manifests of some months anew as the journal now is, of what was sent and rejected long ago, too."""
    return write_manifests(office, look(office.home.outbox, Hashes(), months)) if months else []


def _clear_away(office: Office, emptied: Sequence[CustomerFolder]) -> Iterator[Problem]:
    for place in emptied:
        try:
            clear_away(office.home.outbox, place)
        except OSError as error:
            yield name_unwritable(office, place.path(office.home.outbox), error)


def name_unwritable(office: Office, path: Path, error: OSError) -> Problem:
    """Name a place of the outbox where we may not write; `version` is none: documents do not wait for it."""
    shown = path.relative_to(office.home.outbox).as_posix()
    return Problem("outbox.unwritable", shown, more=error.strerror or type(error).__name__)


def _entry(version: Version, proofs: Sequence[Proof]) -> Entry:
    entry = {name: value for name, value in version.entry.items() if name != "amended"}
    if version.amended:
        entry["amended"] = {"sha256": version.sha256_now, "noticed_at": version.changed_at}
    if proofs:
        entry["deliveries"] = [
            {name: value for name, value in vars(proof).items() if value and name != "document"} for proof in proofs
        ]
    return entry


def _name_of(office: Office, place: CustomerFolder) -> str:
    customer = office.journal.customers.on(Period.parse(place.month).last_day).get(place.bin)
    if customer:
        return customer.name
    return office.home.operator.name if place.bin == office.home.operator.bin else place.folder[13:]
