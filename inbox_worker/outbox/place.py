"""Documents into `outbox/pending/<month>/<БИН> <name>/`, with a manifest beside them that says what each is
made of.

People review by moving files. So nothing outside `pending` is ever touched, a document already approved, sent or
rejected as it is does not come back, and an edit made by hand in `pending` is not lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker import __version__
from inbox_worker.core.files import below, safe_name, sha256, sha256_file, write_atomic
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.ledger.render_acts import record_rendered
from inbox_worker.month.office import Office
from inbox_worker.outbox.manifest import MANIFEST, first_name, read_entries, revised_name, revision_of, write_entries
from inbox_worker.outbox.standing import lines_of

PENDING, APPROVED, SENT, REJECTED = "pending", "approved", "sent", "rejected"
DONE = (APPROVED, SENT, REJECTED)
_NUMBERED = ("act",)  # of one close there is one such document, however it looks


def put_up(
    office: Office,
    month: Period,
    customer: Customer,
    documents: Sequence[Rendered],
    made_of: Mapping[str, str],
    now: datetime,
) -> list[Path]:
    """Put documents up for review as `place` does, after an act that names their bytes (4.1.17), and tell the journal
    which of those that it knows are made of this close as well. Raises ManifestProblem."""
    kinds = {sha256(document.data): document.kind for document in documents}
    record_rendered(office.journal.database, str(month), customer.bin, kinds, now)
    paths = place(office.home.outbox, month, customer, documents, made_of, now)
    office.journal.documents.renew(str(month), customer.bin, kinds, dict(made_of), now)
    return paths


def place(
    outbox: Path,
    month: Period,
    customer: Customer,
    documents: Sequence[Rendered],
    made_of: Mapping[str, str],
    now: datetime,
) -> list[Path]:
    """Puts the documents up for review and gives the path where each now lies (approved, sent or rejected, if
    it is there as is).

    `made_of` names what they are made of (close, its number, the rules' version). The same documents again
    leave every byte as it was. A pending file edited by hand stays while our own version of it is unchanged;
    when ours changes, the edit is kept beside it as `<name>.edited<suffix>`. When another version was sent, ours is
    a revision and lies as `<name> ред. 2<suffix>`; a numbered document is revised only by another close. Raises
    ManifestProblem.
    """
    folder = outbox / PENDING / str(month) / folder_name(customer)
    entries = read_entries(folder)
    paths = []
    reviewed = _find_reviewed(outbox, month, customer)
    for document in documents:
        versions = reviewed.get(document.file_name, [])
        done = _done(versions, document, made_of)
        name = revised_name(document.file_name, _next_revision(versions))
        earlier = entries.get(name, {})
        if done:
            _withdraw(folder / name, earlier)
        else:
            _write(folder / name, document.data, earlier)
        if not done or earlier:
            entries[name] = _entry(document, made_of, now, earlier)
        paths.append(done or folder / name)
    if entries:
        write_entries(folder, str(month), customer.bin, customer.name, entries)
    return paths


def folder_name(customer: Customer) -> str:
    """Return `<БИН> <name>`, the name made safe for a folder."""
    return f"{customer.bin} {safe_name(customer.name)}"


@dataclass(frozen=True)
class _Reviewed:
    """A file of the Customer's month that was approved, sent or rejected, with its entry in the manifest there."""

    state: str
    path: Path
    name: str
    entry: Mapping[str, Any]


def _find_reviewed(outbox: Path, month: Period, customer: Customer) -> dict[str, list[_Reviewed]]:
    """First name -> the versions that were reviewed, in any folder of the Customer's month."""
    found: dict[str, list[_Reviewed]] = defaultdict(list)
    for state in DONE:
        for folder in sorted((outbox / state / str(month)).glob(f"{customer.bin}*")):
            entries = read_entries(folder)
            for path in below(folder):
                name = path.relative_to(folder).as_posix()
                if path.name != MANIFEST and path.is_file():
                    found[first_name(name)].append(_Reviewed(state, path, name, entries.get(name, {})))
    return found


def _done(reviewed: Sequence[_Reviewed], document: Rendered, made_of: Mapping[str, str]) -> Path | None:
    """The same document among the reviewed ones, as it was rendered or amended since."""
    wanted = sha256(document.data)
    for one in reviewed:
        if wanted == (one.entry.get("sha256") or _hash_of(one.path)):
            return one.path
        same_close = one.entry.get("made_of", {}).get("close") == made_of.get("close", "")
        gone = one.state == SENT or one.entry.get("deliveries")
        same_number = one.entry.get("anew", "") == document.anew
        if gone and document.kind in _NUMBERED and same_close and same_number:
            return one.path
    return None


def _next_revision(reviewed: Sequence[_Reviewed]) -> int:
    """1, or the one after the last that was sent or is on its way."""
    gone = (revision_of(one.name) for one in reviewed if one.state == SENT or one.entry.get("deliveries"))
    return max(gone, default=0) + 1


def _withdraw(path: Path, earlier: Mapping[str, Any]) -> None:
    """Takes our outdated version away when the right one is approved already; an edited file stays."""
    if earlier and _hash_of(path) == earlier["sha256"]:
        path.unlink(missing_ok=True)


def _write(path: Path, data: bytes, earlier: Mapping[str, Any]) -> None:
    made, there = sha256(data), _hash_of(path)
    if there == made:
        return
    edited = bool(there and earlier) and there != earlier["sha256"]
    if edited and earlier["sha256"] == made:
        return
    if edited:
        path.replace(path.with_name(f"{path.stem}.edited{path.suffix}"))
    write_atomic(path, data, shared=True)


def _hash_of(path: Path) -> str:
    """'' when there is no such file, or people have just moved it."""
    try:
        return sha256_file(path)
    except FileNotFoundError:
        return ""


def _entry(document: Rendered, made_of: Mapping[str, str], now: datetime, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of a document; `made_at` is the moment its bytes last changed."""
    made, lines = sha256(document.data), lines_of(document.file_name, document.data)
    unchanged = earlier.get("sha256") == made
    kept = {name: earlier[name] for name in ("amended", "account") if name in earlier and unchanged}
    return {
        **kept,
        **({"lines": lines} if lines else {}),
        **({"anew": document.anew} if document.anew else {}),
        "kind": document.kind,
        "sha256": made,
        "template": document.template,
        "figures": dict(document.figures),
        "made_of": dict(made_of),
        "program": __version__,
        "made_at": earlier["made_at"] if unchanged else now.isoformat(),
    }
