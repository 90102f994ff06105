"""Owners of the bytes of a file in the outbox: copies, strangers, documents in another's place.

Another document's bytes are personal data of somebody else (4.1.17), and never leave as if they were an amendment by
hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.folders import FolderFile, Outbox
from inbox_worker.outbox.manifest import Entry, first_name
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.transitions import DESTROYED

Key = tuple[str, str, str]  # month, БИН, name


class Strays:
    """Documents by their bytes. `of_key`: the versions of each document, those met meanwhile too; `elsewhere`:
    documents of every month by the bytes of files that are new here."""

    def __init__(
        self, outbox: Outbox, of_key: Mapping[Key, Sequence[Version]], elsewhere: Mapping[str, Sequence[Version]]
    ) -> None:
        self._outbox = outbox
        self._of_key = of_key
        self._elsewhere = elsewhere
        self._known = sorted((v for versions in of_key.values() for v in versions if v.id), key=lambda v: v.id)

    def other_place(self, version: Version, file: FolderFile) -> str:
        """Return where the other document belongs whose bytes are under this one's name; '' when there is none."""
        if file.sha256 == version.sha256:
            return ""
        for key, where in self._by_hash.get(file.sha256, ()):
            if key != version.key:
                return where
        return next((v.place for v in self._elsewhere.get(file.sha256, ()) if v.key != version.key), "")

    @cached_property
    def hashes(self) -> set[str]:
        """Hashes of files in another Customer's or month's folder: those are told of already."""
        keys = {v.sha256: v.key for v in self._known}
        found = set(self._outbox.astray.values())
        for file in self._outbox.files:
            if file.sha256 in keys and keys[file.sha256] != file.key and not self._of_key.get(file.key):
                found.add(file.sha256)
        return found

    def problem(self, place: str, digest: str) -> Problem:
        """Return what is told of a file that is no document in its place."""
        original, ours = self._original_of(place, digest), self._homes.get(digest)
        if digest in self._destroyed:
            return Problem(DESTROYED, place)
        if original:
            return Problem("outbox.copy", place, more=original)
        if ours:
            number, home = ours
            return Problem("outbox.astray", place, number, home)
        if ".edited" in PurePosixPath(place).suffixes:
            return Problem("outbox.edit_kept", place)
        if month := _month_in_making(place):
            return Problem("outbox.half_made", place, more=month)
        return Problem("outbox.not_ours", place)

    def _original_of(self, place: str, digest: str) -> str:
        """Return the place of the Customer's document of the month that a file is a copy of, made by a program or by
        hand (`… (1).docx`); that document is in its place, in whatever state."""
        _, month, folder, *_ = (*place.split("/"), "", "")
        for file in self._taken.get(digest, ()) if digest else ():
            if (month, folder[:12]) == (file.place.month, file.place.bin):
                return file.shown
        return ""

    @cached_property
    def _taken(self) -> Mapping[str, list[FolderFile]]:
        """Files that are documents in their place, by hash."""
        found: dict[str, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.files:
            if self._of_key.get(file.key):
                found[file.sha256].append(file)
        return found

    @cached_property
    def _by_hash(self) -> Mapping[str, list[tuple[Key, str]]]:
        """Documents as they were rendered, and as they were approved or sent."""
        found: dict[str, list[tuple[Key, str]]] = defaultdict(list)
        for key, entry, where in self._named_entries():
            found[str(entry["sha256"])].append((key, where))
        for version in self._known:
            held = (version.sha256_now,) if version.state in (DocumentState.APPROVED, DocumentState.SENT) else ()
            for digest in {version.sha256, *held}:
                found[digest].append((version.key, version.place))
        return found

    @cached_property
    def _destroyed(self) -> set[str]:
        """Hashes of documents that were destroyed, and that no other version stands by."""
        known = [*self._known, *(one for some in self._elsewhere.values() for one in some)]
        return {one.sha256 for one in known if one.destroyed} - {one.sha256 for one in known if not one.destroyed}

    @cached_property
    def _homes(self) -> Mapping[str, tuple[int, str]]:
        """Hash -> the document and where it belongs, those too that a manifest names and the journal never saw."""
        found = {str(entry["sha256"]): (0, where) for _, entry, where in self._named_entries()}
        for version in reversed(self._known):
            found[version.sha256] = (version.id, version.place)
            if version.sha256_now:
                found.setdefault(version.sha256_now, (version.id, version.place))
        return found

    def _named_entries(self) -> Iterator[tuple[Key, Entry, str]]:
        """Give what manifests name: document, entry and place."""
        for place, entries in self._outbox.entries.items():
            for name, entry in entries.items():
                yield (place.month, place.bin, name), entry, f"{place.state}/{place.month}/{place.folder}/{name}"


def _month_in_making(place: str) -> str:
    """Return the month of a file that waits and is named as documents of that month are; '' of any other. A command
    that was killed, or found the disk full, between it and its manifest leaves such a one; the next writes over it."""
    state, month, _, *name = (*place.split("/"), "", "", "")
    named = re.match(rf"[a-z][a-z-]*-{re.escape(month)}[-.]", first_name("/".join(name).strip("/")))
    is_bill = month and place.split("/")[3:4] == ["bills"] and place.endswith(".pdf")
    return month if state == DocumentState.PENDING and (named or is_bill) else ""
