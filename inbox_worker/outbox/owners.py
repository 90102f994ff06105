"""Whose bytes lie under a document's name: another document's are personal data of somebody else (4.1.17), and never
leave as if they were an amendment by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.folders import FolderFile, Outbox

Key = tuple[str, str, str]  # month, БИН, name
Other = Callable[[str, Version], Version | None]  # another document of that hash in any month


class Owners:
    """Documents by their bytes: those of the months looked at, and through `other` those of every month."""

    def __init__(self, known: Sequence[Version], outbox: Outbox, other: Other) -> None:
        self._known = known
        self._outbox = outbox
        self._other = other

    def another(self, version: Version, file: FolderFile) -> str:
        """Where the other document belongs whose bytes lie under this one's name; '' when they are no other's. All
        months are asked once, when the file is new here."""
        if file.sha256 == version.sha256:
            return ""
        own = (version.month, version.bin, version.name)
        for key, where in self._by_hash.get(file.sha256, ()):
            if key != own:
                return where
        new = (file.sha256, file.place.state) != (version.lying, version.state)
        found = self._other(file.sha256, version) if new else None
        return found.place if found else ""

    @cached_property
    def _by_hash(self) -> Mapping[str, list[tuple[Key, str]]]:
        """Documents as they were rendered, and as they were approved or sent."""
        found: dict[str, list[tuple[Key, str]]] = defaultdict(list)
        for place, entries in self._outbox.entries.items():
            for name, entry in entries.items():
                where = f"{place.state}/{place.month}/{place.folder}/{name}"
                found[str(entry["sha256"])].append(((place.month, place.bin, name), where))
        for version in self._known:
            held = (version.lying,) if version.state in (DocumentState.APPROVED, DocumentState.SENT) else ()
            for digest in {version.sha256, *held}:
                found[digest].append(((version.month, version.bin, version.name), version.place))
        return found
