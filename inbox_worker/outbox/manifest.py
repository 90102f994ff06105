"""`manifest.json` beside documents of the outbox: what each is made of, whether it was amended, and what became of it.

Files are named by their path under the Customer's folder. A revision (`ред. 2`) is another file than what was sent.
A seal, the hash of all that it says, tells a damaged one before the journal knows of its documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_file, sha256, write_atomic
from inbox_worker.ledger.sent_documents import DocumentState, Version

MANIFEST = "manifest.json"
STATES = ("pending", "approved", "sent", "rejected")
Entry = dict[str, Any]
EDIT_OF = "edit_of"  # in a version's entry: it is an edit of that version, saved while that was being sent
EXTRAS = ("amended", "deliveries", "revised_by", EDIT_OF)  # a manifest tells it of the journal, not of the rendering
_REVISION = re.compile(r"^(.*) ред\. (\d+)(\.[^.]+)?$")
_PARTS = {"month", "bin", "customer", "files"}
_BILL = re.compile(r"bill-\d{4}-\d{2}-(.+)\.pdf|bills/[^/]+/([^/]+)\.pdf")


class ManifestProblem(JobError):
    """A manifest cannot be read; the text tells what to do."""


@dataclass(frozen=True)
class Manifest:
    """The manifest of a folder: whose it is, of which month, and of each file by name."""

    month: str = ""
    bin: str = ""
    customer: str = ""
    files: dict[str, Entry] = field(default_factory=dict)


def read_entries(folder: Path) -> dict[str, Entry]:
    """Name -> what a folder's manifest says of the file; {} without a manifest. Raises ManifestProblem."""
    return read_manifest(folder).files


def read_manifest(folder: Path) -> Manifest:
    """Read a folder's manifest, an empty one when there is none. Raises ManifestProblem."""
    try:
        read = json.loads(read_file(folder / MANIFEST))
        seal = read.pop("seal", "")  # earlier versions wrote none
        if seal and seal != _seal(read) or read.keys() - _PARTS:
            raise ValueError("it does not say what was written into it")
        files: dict[str, Entry] = read["files"]
        if not all(isinstance(entry, dict) and "sha256" in entry and "kind" in entry for entry in files.values()):
            raise ValueError("an entry lacks its kind or sha256")
        return Manifest(str(read["month"]), str(read["bin"]), str(read["customer"]), files)
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = (
            "`inbox-worker once` writes it anew where the journal knows its documents, else put it back from the "
            "backup, or remove it and make them again: `inbox-worker documents`"
        )
        raise ManifestProblem(f"{folder / MANIFEST} cannot be read ({error}); {remedy}") from error


def write_entries(folder: Path, month: str, bin: str, customer: str, entries: Mapping[str, Entry]) -> None:
    """Writes the manifest, unless it says just that already."""
    content: dict[str, Any] = {"month": month, "bin": bin, "customer": customer, "files": entries}
    content["seal"] = _seal(content)
    data = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8") + b"\n"
    path = folder / MANIFEST
    if not path.exists() or read_file(path) != data:
        write_atomic(path, data, shared=True)


def _seal(content: Mapping[str, Any]) -> str:
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


def revised_name(name: str, revision: int) -> str:
    """Name the file of a revision.

    >>> revised_name('act-2026-09.docx', 2)
    'act-2026-09 ред. 2.docx'
    """
    path = PurePosixPath(first_name(name))
    return str(path.with_name(f"{path.stem} ред. {revision}{path.suffix}")) if revision > 1 else str(path)


def first_name(name: str) -> str:
    """Name the file that a revision revises; any other name stays.

    >>> first_name('act-2026-09 ред. 2.docx')
    'act-2026-09.docx'
    """
    found = _REVISION.match(name)
    return f"{found[1]}{found[3] or ''}" if found else name


def revision_of(name: str) -> int:
    """Return the number of a revision; 1 for what is none."""
    found = _REVISION.match(name)
    return int(found[2]) if found else 1


def account_of(name: str, entry: Mapping[str, Any]) -> str:
    """Return the account of a single account's bill, else ''."""
    if entry.get("kind") != "bills":
        return ""
    found = _BILL.fullmatch(first_name(name))
    return str(entry.get("account") or (found and (found[1] or found[2])) or "")


def new_version(key: tuple[str, str, str], folder: str, entry: Entry) -> Version:
    """Return the version of a document (month, БИН, name) that only a manifest knows yet."""
    month, bin, name = key
    return Version(
        id=0,
        month=month,
        bin=bin,
        folder=folder,
        name=name,
        kind=str(entry["kind"]),
        account=account_of(name, entry),
        sha256=str(entry["sha256"]),
        sha256_now="",
        state=DocumentState.PENDING,
        revision=revision_of(name),
        close_number=int(entry.get("made_of", {}).get("close_number", 0)),
        made_at=str(entry.get("made_at", "")),
        changed_at="",
        entry={name: value for name, value in entry.items() if name not in EXTRAS},
    )


def read_kinds(paths: Iterable[Path]) -> dict[Path, str]:
    """Return the kind of each document, as the manifest beside it or above it says."""
    kinds, known = dict[Path, str](), dict[Path, dict[str, Entry]]()
    for path in paths:
        for folder in list(path.parents)[:3]:  # bills lie in folders of houses under the Customer's
            entries = known[folder] if folder in known else known.setdefault(folder, read_entries(folder))
            if entry := entries.get(path.relative_to(folder).as_posix()):
                kinds[path] = str(entry["kind"])
                break
    return kinds
