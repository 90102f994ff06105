"""Documents into `outbox/pending/<month>/<БИН> <name>/`, with a manifest beside them that says what each is
made of.

People review by moving files. So nothing outside `pending` is ever touched, a document already approved or
sent as it is does not come back, and an edit made by hand in `pending` is not lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker import __version__
from inbox_worker.files import safe_name, sha256, sha256_file, write_atomic
from inbox_worker.model import Customer, Period, Rendered

MANIFEST = "manifest.json"
PENDING, DONE = "pending", ("approved", "sent")


def place(
    outbox: Path,
    month: Period,
    customer: Customer,
    documents: Sequence[Rendered],
    made_of: Mapping[str, str],
    now: datetime,
) -> list[Path]:
    """Puts the documents up for review and gives the path where each now lies (approved or sent, if it is
    there as is).

    `made_of` names what they are made of (close, its number, the rules' version). The same documents again
    leave every byte as it was. A pending file edited by hand stays while our own version of it is unchanged;
    when ours changes, the edit is kept beside it as `<name>.edited<suffix>`.
    """
    folder = outbox / PENDING / str(month) / folder_name(customer)
    known = _read(folder / MANIFEST)
    entries: dict[str, Any] = dict(known.get("files", {}))
    paths = []
    for document in documents:
        done = _done(outbox, month, customer, document)
        earlier = entries.get(document.file_name, {})
        if done:
            _withdraw(folder / document.file_name, earlier)
        else:
            _write(folder / document.file_name, document.data, earlier)
        if not done or earlier:
            entries[document.file_name] = _entry(document, made_of, now, earlier)
        paths.append(done or folder / document.file_name)
    if entries:
        _write_manifest(folder / MANIFEST, month, customer, entries)
    return paths


def folder_name(customer: Customer) -> str:
    """`<БИН> <name>`, the name made safe for a folder."""
    return f"{customer.bin} {safe_name(customer.name)}"


def _done(outbox: Path, month: Period, customer: Customer, document: Rendered) -> Path | None:
    """The same document among the approved or sent ones, in any folder of the Customer's month."""
    wanted = sha256(document.data)
    for state in DONE:
        for path in sorted((outbox / state / str(month)).glob(f"{customer.bin}*/{document.file_name}")):
            if sha256_file(path) == wanted:
                return path
    return None


def _withdraw(path: Path, earlier: Mapping[str, Any]) -> None:
    """Takes our outdated version away when the right one is approved already; an edited file stays."""
    if path.exists() and sha256_file(path) == earlier.get("sha256"):
        path.unlink()


def _write(path: Path, data: bytes, earlier: Mapping[str, Any]) -> None:
    made = sha256(data)
    if path.exists():
        there = sha256_file(path)
        if there == made:
            return
        edited = bool(earlier) and there != earlier["sha256"]
        if edited and earlier["sha256"] == made:
            return
        if edited:
            path.replace(path.with_name(f"{path.stem}.edited{path.suffix}"))
    write_atomic(path, data)


def _entry(document: Rendered, made_of: Mapping[str, str], now: datetime, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of a document; `made_at` is the moment its bytes last changed."""
    made = sha256(document.data)
    unchanged = earlier.get("sha256") == made
    return {
        "kind": document.kind,
        "sha256": made,
        "template": document.template,
        "figures": dict(document.figures),
        "made_of": dict(made_of),
        "program": __version__,
        "made_at": earlier["made_at"] if unchanged else now.isoformat(),
    }


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def _write_manifest(path: Path, month: Period, customer: Customer, entries: Mapping[str, Any]) -> None:
    content = {"month": str(month), "bin": customer.bin, "customer": customer.name, "files": entries}
    data = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8") + b"\n"
    if not path.exists() or path.read_bytes() != data:
        write_atomic(path, data)
