"""Files of the outbox that are no document in its place: copies, strangers, what lies in another folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from inbox_worker.ledger.sent_documents import Version
from inbox_worker.outbox.folders import FolderFile, Outbox
from inbox_worker.outbox.owners import Key
from inbox_worker.outbox.problems import Problem


class Strays:
    """Tells what such a file is. `of_key`: the versions of each document, those met meanwhile too."""

    def __init__(
        self, known: Sequence[Version], outbox: Outbox, root: Path, of_key: Mapping[Key, Sequence[Version]]
    ) -> None:
        self._known = known
        self._outbox = outbox
        self._root = root
        self._of_key = of_key

    @cached_property
    def hashes(self) -> set[str]:
        """Hashes of files that lie in another Customer's or month's folder: those are told of already."""
        keys = {v.sha256: (v.month, v.bin, v.name) for v in self._known}
        found = set(self._outbox.astray.values())
        for file in self._outbox.lying:
            key = (file.place.month, file.place.bin, file.name)
            if file.sha256 in keys and keys[file.sha256] != key and not self._of_key.get(key):
                found.add(file.sha256)
        return found

    def problem(self, path: Path, digest: str) -> Problem:
        """Return what is told of a file that is no document in its place."""
        shown, ours = self._shown(path), self._homes.get(digest)
        original = self._original_of(path, digest)
        if original:
            return Problem("outbox.copy", shown, more=self._shown(original))
        if ours:
            number, home = ours
            return Problem("outbox.astray", shown, number, home)
        if ".edited" in path.suffixes:
            return Problem("outbox.edit_kept", shown)
        return Problem("outbox.not_ours", shown)

    def _original_of(self, path: Path, digest: str) -> Path | None:
        """The Customer's document of the month that a file is a copy of, made by a program or by hand (`… (1).docx`);
        that document is in its place, in whatever state."""
        for file in self._taken.get(digest, ()) if digest else ():
            _, month, folder, *_ = (*path.relative_to(self._root).parts, "", "")
            if (month, folder[:12]) == (file.place.month, file.place.bin):
                return file.path
        return None

    @cached_property
    def _taken(self) -> Mapping[str, list[FolderFile]]:
        """Files that are documents in their place, by hash."""
        found: dict[str, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.lying:
            if self._of_key.get((file.place.month, file.place.bin, file.name)):
                found[file.sha256].append(file)
        return found

    @cached_property
    def _homes(self) -> Mapping[str, tuple[int, str]]:
        """Hash -> the document and where it belongs, those too that a manifest names and the journal never saw."""
        found = {}
        for place, entries in self._outbox.entries.items():
            for name, entry in entries.items():
                found[str(entry["sha256"])] = (0, f"{place.state}/{place.month}/{place.folder}/{name}")
        for version in reversed(self._known):
            home = version.place
            found[version.sha256] = (version.id, home)
            if version.lying:
                found.setdefault(version.lying, (version.id, home))
        return found

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()
