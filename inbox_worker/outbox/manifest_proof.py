"""Proof of the manifests in the outbox: documents that wait or were rejected are what their manifest says, and every
manifest says what the journal does.

A delivery may be told as it was before the last pass; what a document was made of may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from inbox_worker.core.hashes import trouble
from inbox_worker.core.model import Period
from inbox_worker.ledger.render_acts import RenderedBytes, find_rendered
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.ledger.verify import LedgerProblem
from inbox_worker.month.office import Office
from inbox_worker.outbox.folders import RECEIPTS
from inbox_worker.outbox.manifest import (
    EDIT_OF,
    EXTRAS,
    MANIFEST,
    STATES,
    Entry,
    Manifest,
    ManifestProblem,
    read_manifest,
)

_DOCUMENTS = (
    "if people changed it, the next pass takes note; else remove it and make it again: `inbox-worker documents {month}`"
)
_ANEW = "the next pass (`inbox-worker once`) writes it anew out of the journal"
_AGAIN = "put it back where it was, or make it again: `inbox-worker documents {month}`"
_RECEIPT = "put it back out of archive/letters, or let it be: `inbox-worker deliveries --drop` with its number"
_RENDER = "`inbox-worker documents {month}` writes it anew"
_NEVER_RENDERED = "waits for review, and no act says that it was rendered with these bytes"
_RENDER_AGAIN = "see who put it there (`audit list`); take it away and make it again: `inbox-worker documents {month}`"
_Key = tuple[str, str]  # state, the Customer's folder


@dataclass(frozen=True)
class _Known:
    """A month's versions that lie in the outbox, their deliveries, and those that were rendered again as they were;
    and what the acts say was rendered."""

    versions: dict[_Key, list[Version]]
    proofs: dict[int, list[Proof]]
    renewed: frozenset[int]
    rendered: RenderedBytes


def find_wrong_manifests(office: Office, month: Period | None, customer: str) -> Iterator[LedgerProblem]:
    """Find documents that are not what their manifest says, and manifests that say something else than the journal.
    Those that went further are named by the journal itself."""
    outbox = office.home.outbox
    yield from _find_gone(office, month, customer)
    rendered = find_rendered(office.journal.database)
    months = {place.parent.name for state in STATES for place in (outbox / state).glob(f"{month or '*'}/{customer}*/")}
    for each in sorted(months):
        known = _find_known(office, each, rendered)
        for state in STATES:
            for place in sorted((outbox / state).glob(f"{each}/{customer}*/{MANIFEST}")):
                yield from _look(office, state, place, known)


def _find_gone(office: Office, month: Period | None, customer: str) -> Iterator[LedgerProblem]:
    """Find documents that wait by the journal and lie nowhere, with their manifest or without. One that people moved
    to another state since the last pass is there."""
    months = [str(month)] if month else None
    for version in office.journal.documents.versions((DocumentState.PENDING,), months):
        path = office.home.outbox / version.place
        if version.bin.startswith(customer) and version.sha256_now and not path.exists():
            places = (office.home.outbox / state / version.month for state in STATES)
            if not any((folder / version.name).exists() for at in places for folder in at.glob(f"{version.bin}*/")):
                remedy = (_RECEIPT if version.is_receipt else _AGAIN).format(month=version.month)
                name = path.relative_to(office.home.path).as_posix()
                yield LedgerProblem(name, "is not there", f"document {version.id}", remedy)


def _find_known(office: Office, month: str, rendered: RenderedBytes) -> _Known:
    """Return the versions of a month that lie in the outbox, and their deliveries."""
    out, proofs = office.journal.documents, dict[int, list[Proof]]()
    for proof in out.proofs(months=(month,)):
        proofs.setdefault(proof.document, []).append(proof)
    present: dict[_Key, list[Version]] = {}
    for version in out.versions(months=(month,)):
        if version.sha256_now:
            present.setdefault((version.state.value, version.folder), []).append(version)
    return _Known(present, proofs, out.find_renewed(), rendered)


def _look(office: Office, state: str, place: Path, known: _Known) -> Iterator[LedgerProblem]:
    name, folder = place.relative_to(office.home.path).as_posix(), place.parent
    month, waits = folder.parent.name, state == "pending"
    remedy = _RENDER.format(month=month) if waits else _ANEW
    try:
        manifest = read_manifest(folder)
    except ManifestProblem as error:
        yield LedgerProblem(name, "is no manifest any more", "", str(error).rpartition("; ")[2])
        return
    bin = folder.name[:12]
    if (manifest.month, manifest.bin) != (month, bin if bin.isdecimal() else ""):
        yield LedgerProblem(name, f"says that it is of {manifest.bin}, {manifest.month}", "", remedy)
    if state in ("pending", "rejected"):
        yield from _changed_files(office, folder, manifest)
    if waits or state == DocumentState.APPROVED:
        yield from _never_rendered(office, state, folder, manifest, known)
    for version in known.versions.get((state, folder.name), []):
        file = version.name
        stated = manifest.files.get(file)
        if stated and version.id in known.renewed:  # a pass has yet to say it of what was sent
            stated = {**stated, "made_of": version.entry.get("made_of")}
        if (folder / file).exists() and not _agrees(version, stated, known.proofs.get(version.id, [])):
            yield LedgerProblem(name, f"says otherwise of {file} than the journal", f"document {version.id}", remedy)


def _changed_files(office: Office, folder: Path, manifest: Manifest) -> Iterator[LedgerProblem]:
    for file, entry in manifest.files.items():
        path, expected = folder / file, entry.get("amended", entry)["sha256"]
        if path.exists() and (what := trouble(path, expected)[0].replace("the journal", MANIFEST)):
            name = path.relative_to(office.home.path).as_posix()
            yield LedgerProblem(name, what, f"rendered {manifest.month}", _DOCUMENTS.format(month=manifest.month))


def _never_rendered(
    office: Office, state: str, folder: Path, manifest: Manifest, known: _Known
) -> Iterator[LedgerProblem]:
    """Find documents that may still leave and that nobody rendered with these bytes: they were exchanged together with
    their manifest, and with their row. An answer, in its own folder, is recorded with its letter; an edit lies among
    the approved, and leaves by an act of its own."""
    before, month, bin = known.rendered.before, manifest.month, manifest.bin
    if before is None or folder.name == RECEIPTS:
        return
    approved = state == DocumentState.APPROVED
    versions = {(one.name, one.sha256): one.id for one in known.versions.get((state, folder.name), [])}
    for name, entry in manifest.files.items():
        digest = str(entry["sha256"])
        older = versions.get((name, digest), before + 1) <= before
        if older or (approved and EDIT_OF in entry) or not (folder / name).exists():
            continue
        if not known.rendered.knows(month, bin, digest):
            path = (folder / name).relative_to(office.home.path).as_posix()
            yield LedgerProblem(path, _NEVER_RENDERED, f"rendered {month}", _RENDER_AGAIN.format(month=month))


def _agrees(version: Version, stated: Entry | None, proofs: list[Proof]) -> bool:
    """Tell whether an entry is that of the version, its deliveries among those that the journal has."""
    if stated is None:
        return False
    made, known = ({key: one[key] for key in one if key not in EXTRAS} for one in (stated, version.entry))
    if made != known or stated.get("revised_by") not in (None, version.entry.get("revised_by")):
        return False
    amended = stated.get("amended", {}).get("sha256", "")
    return amended in ("", version.sha256_now) and all(_was(one, proofs) for one in stated.get("deliveries", []))


def _was(stated: Mapping[str, object], proofs: list[Proof]) -> bool:
    """Tell whether a delivery is one of these, or was before it went on."""
    for proof in proofs:
        now = {key: value for key, value in vars(proof).items() if value and key != "document"}
        same = stated if stated.get("state") == now["state"] else {key: stated.get(key) for key in ("way", "queued_at")}
        if all(now.get(key) == value for key, value in same.items()):
            return True
    return False
