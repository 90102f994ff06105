"""Reconciling the outbox's folders with the journal: steps of review to record, and problems to tell.

The folder is the state. `reconcile` is a pure function of both sides; its law is the table in `transitions.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.folders import FolderFile, Outbox
from inbox_worker.outbox.manifest import EDIT_OF, Entry, first_name, new_version
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.strays import Key, Strays
from inbox_worker.outbox.transitions import DESTROYED, EDITED, GONE, OF_RECEIPTS, REPLACE, TAKE, TRANSITIONS, Life

BEING_WRITTEN, NOT_WHOLE, ANOTHER = "outbox.being_written", "outbox.not_whole", "outbox.another_document"
ANOTHER_LETTER, OLD_CLOSE = "outbox.another_letter", "outbox.old_close"

_MAY_LEAVE = (Life.NEW, Life.WAITING, Life.RETURNED, Life.REJECTED, Life.RENEWED)


@dataclass(frozen=True)
class Known:
    """The journal's side. `begun`: versions that are on their way or arrived; `finished`: those about which nothing is
    open; `withdrawn`: answers that need no review any more; `elsewhere`: documents of every month by the bytes of files
    that are new here; `closes`: by month that was ever closed, the hash of its close in force, '' while it is open
    again."""

    versions: Sequence[Version]
    begun: Collection[int] = frozenset()
    finished: Collection[int] = frozenset()
    withdrawn: Collection[int] = frozenset()
    elsewhere: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    closes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionStep:
    """A version's new state, place or bytes. `was` '' = seen for the first time (`version.id` is 0 then)."""

    version: Version
    was: str
    state: DocumentState
    folder: str
    sha256_now: str


@dataclass
class Reconciled:
    """`steps` to record, in order; `problems` to tell; `writing`: month and БИН of approved folders in which a file is
    still being written: what belongs together leaves together."""

    steps: list[VersionStep] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    writing: set[tuple[str, str]] = field(default_factory=set)

    @property
    def blocked(self) -> set[int]:
        """Versions about which something must be mended first; they are not delivered."""
        return {problem.version for problem in self.problems if problem.version}


def reconcile(outbox: Outbox, known: Known) -> Reconciled:
    """Compare the two sides."""
    return _Comparison(outbox, known).result()


class _Comparison:
    """One comparison of the folders with the journal."""

    def __init__(self, outbox: Outbox, known: Known) -> None:
        self._outbox = outbox
        self._known = known
        self._found = Reconciled()
        self._of_key: dict[Key, list[Version]] = defaultdict(list)
        for version in known.versions:
            self._of_key[version.key].append(version)
        self._strays = Strays(outbox, self._of_key, known.elsewhere)

    def result(self) -> Reconciled:
        self._found.problems += [Problem("outbox.unreadable", text) for text in self._outbox.unreadable]
        self._meet_new()
        for place, digest in self._outbox.astray.items():
            self._found.problems.append(self._strays.problem(place, digest))
        files: dict[int, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.files:
            version = self._version_of(file)
            if version is None:
                self._found.problems.append(self._strays.problem(file.shown, file.sha256))
            else:
                files[id(version)].append(file)
        for versions in self._of_key.values():
            for version in versions:
                superseded = any(v is not version and files[id(v)] for v in versions)
                superseded = superseded or version.id in self._known.withdrawn
                self._compare(version, files[id(version)], superseded)
        return self._found

    def _meet_new(self) -> None:
        """Add versions that a manifest names and the journal does not know, where a file of that name lies."""
        names = {file.key for file in self._outbox.files}
        there = {*(file.sha256 for file in self._outbox.files), *self._outbox.astray.values()}
        for place, entries in self._outbox.entries.items():
            for name, entry in entries.items():
                key = (place.month, place.bin, name)
                known = any(v.sha256 == entry["sha256"] for v in self._of_key[key])
                if key in names and not known:
                    self._of_key[key].append(new_version(key, place.folder, entry))
                elif not known and entry["sha256"] not in there and place.state != DocumentState.REJECTED:
                    self._tell_never_seen(f"{place.state}/{place.month}/{place.folder}/{name}", key)

    def _tell_never_seen(self, shown: str, key: Key) -> None:
        """Tell of what was gone before we ever looked; of another rendering that waits it is told below."""
        if all(v.state not in (DocumentState.PENDING, DocumentState.APPROVED) for v in self._of_key[key]):
            self._found.problems.append(Problem(GONE, shown))

    def _version_of(self, file: FolderFile) -> Version | None:
        """As rendered; else as it was amended before; else what its own manifest says it was; else the newest."""
        versions = self._of_key.get(file.key, [])
        entry = self._outbox.entries[file.place].get(file.name, {})
        for wanted in (
            [v for v in versions if v.sha256 == file.sha256],
            [v for v in versions if v.sha256_now == file.sha256],
            [v for v in versions if v.sha256 == entry.get("sha256")],
            [v for v in versions if v.state == file.place.state],
            versions[-1:],
        ):
            if wanted:
                return wanted[-1]
        return None

    def _compare(self, version: Version, files: Sequence[FolderFile], superseded: bool) -> None:
        if len(files) > 1 or version.destroyed:
            files = [file for file in files if not self._is_another_document(version, file)]
        if version.destroyed:
            for file in files:
                self._tell(DESTROYED, file.shown, version)
            return
        if len(files) > 1:
            files = self._without_edits(version, files)
        if len(files) > 1:
            files = [file for file in files if not self._is_being_written(version, file)]
        if len(files) > 1:
            first, *copies = (file.shown for file in files)
            self._tell("outbox.twice", first, version, ", ".join(copies))
        elif files:
            self._compare_file(version, files[0])
        else:
            self._miss_file(version, superseded)

    def _is_another_document(self, version: Version, file: FolderFile) -> bool:
        """Tell whether under this one's name, beside its own file, lie the bytes of another document, perhaps another
        Customer's (4.1.17); told, with where it belongs: it is no copy of which either may stay."""
        other = self._strays.other_place(version, file)
        if other:
            self._tell(ANOTHER, file.shown, version, other)
        return bool(other)

    def _without_edits(self, version: Version, files: Sequence[FolderFile]) -> Sequence[FolderFile]:
        """What was saved over a document while it was being sent is a version of its own; `sent` has what was sent."""
        gone = version.state is DocumentState.SENT or version.id in self._known.finished
        if not gone or sum(file.place.state == DocumentState.SENT for file in files) != 1:
            return files
        kept = list[FolderFile]()
        for file in files:
            if file.place.state != DocumentState.APPROVED or file.sha256 == version.sha256_now:
                kept.append(file)
                continue
            entry = {**version.entry, "sha256": file.sha256, EDIT_OF: version.id}
            edit = replace(version, id=0, sha256=file.sha256, revision=version.revision + 1, entry=entry)
            self._found.steps.append(VersionStep(edit, "", DocumentState.APPROVED, file.place.folder, file.sha256))
            self._tell(EDITED, file.shown, edit)
        return kept

    def _is_being_written(self, version: Version, file: FolderFile) -> bool:
        """Tell whether a file is a copy on its way from one folder to another; told."""
        known = file.sha256 in (version.sha256, version.sha256_now)
        if known or version.id in self._known.begun or file.fault != BEING_WRITTEN:
            return False
        self._tell_unfit(BEING_WRITTEN, version, file)
        return True

    def _life(self, version: Version) -> Life:
        arrived = version.id in self._known.finished
        if version.id == 0:
            return Life.NEW
        if version.state is DocumentState.SENT:
            return Life.SENT
        if version.id in self._known.begun:
            return Life.ARRIVED if arrived else Life.LEAVING
        if version.state is DocumentState.REPLACED:
            return Life.RENEWED if self._is_current(version) else Life.REPLACED
        if version.state is DocumentState.REJECTED:
            return Life.REJECTED
        return Life.RETURNED if arrived else Life.WAITING

    def _compare_file(self, version: Version, file: FolderFile) -> None:
        life, now = self._life(version), DocumentState(file.place.state)
        approved = now is DocumentState.APPROVED
        as_known = (now, file.sha256) == (version.state, version.sha256_now)
        found = TRANSITIONS[life].in_sent if now is DocumentState.SENT else TRANSITIONS[life].in_review
        here = approved and life not in (Life.LEAVING, Life.ARRIVED, Life.SENT)
        if here and (other := self._strays.other_place(version, file)):
            self._tell(ANOTHER, file.shown, version, other)
        elif found == TAKE:
            if not as_known or file.place.folder != version.folder:
                self._take(version, now, file)
        elif not as_known:
            self._tell(found, file.shown, version)
        if life in _MAY_LEAVE and now in (DocumentState.PENDING, DocumentState.APPROVED):
            self._tell_old_close(version, file)
        if approved and version.id not in self._known.begun:
            self._tell_newer(version, file)
            if EDIT_OF in version.entry:
                self._tell(EDITED, file.shown, version)

    def _take(self, version: Version, now: DocumentState, file: FolderFile) -> None:
        amended = now is DocumentState.APPROVED and file.sha256 != version.sha256
        if amended and (fault := fault_of(file, version.entry)):
            self._tell_unfit(fault, version, file)
            return
        was = version.state.value if version.id else ""
        self._found.steps.append(VersionStep(version, was, now, file.place.folder, file.sha256))

    def _tell_old_close(self, version: Version, file: FolderFile) -> None:
        """Tell of a document whose figures the month does not have any more; it waits until it is rendered again."""
        entry = self._outbox.entries[file.place].get(file.name, {})
        current = entry if entry.get("sha256") == version.sha256 else version.entry
        standing = self._known.closes.get(version.month)
        if standing is not None and is_of_old_close(version.kind, current.get("made_of", {}), standing):
            self._tell(OLD_CLOSE, file.shown, version, version.month)

    def _tell_newer(self, version: Version, file: FolderFile) -> None:
        """An approved document that a later rendering made out of date waits for people (4.1.8, 4.1.11)."""
        for newer in self._pending[version.month, version.bin, first_name(version.name)]:
            if self._version_of(newer) is not version:
                self._tell("outbox.newer_waits", file.shown, version, newer.shown)

    @cached_property
    def _pending(self) -> Mapping[Key, list[FolderFile]]:
        """Files in `pending` by the name of their first revision."""
        found: dict[Key, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.files:
            if file.place.state == DocumentState.PENDING:
                found[file.place.month, file.place.bin, first_name(file.name)].append(file)
        return found

    def _miss_file(self, version: Version, superseded: bool) -> None:
        transition = TRANSITIONS[self._life(version)]
        found = transition.superseded if superseded else transition.nowhere
        hashes = {version.sha256, version.sha256_now} & self._strays.hashes
        if found == REPLACE:
            step = VersionStep(version, version.state.value, DocumentState.REPLACED, version.folder, "")
            self._found.steps.append(step)
        elif found and not hashes:
            self._tell(found, version.place, version)

    def _is_current(self, version: Version) -> bool:
        """Tell whether a manifest names this rendering as the one of its file."""
        return any(
            (place.month, place.bin) == (version.month, version.bin)
            and entries.get(version.name, {}).get("sha256") == version.sha256
            for place, entries in self._outbox.entries.items()
        )

    def _tell_unfit(self, code: str, version: Version, file: FolderFile) -> None:
        self._tell(code, file.shown, version, file.path.suffix)
        if code == BEING_WRITTEN:
            self._found.writing.add((version.month, version.bin))

    def _tell(self, code: str, shown: str, version: Version, more: str = "") -> None:
        code = OF_RECEIPTS.get(code, code) if version.is_receipt else code
        self._found.problems.append(Problem(code, shown, version.id, more))


def fault_of(file: FolderFile, entry: Entry) -> str:
    """Return the code of what keeps a file that was changed by hand from being taken for a document; '' when nothing
    does. An answer to a sender must have its own Message-ID, which the journal knows it by."""
    short = file.lines is not None and file.lines < int(entry.get("lines", 0))
    another = file.message_id is not None and file.message_id != entry.get("message_id", file.message_id)
    return file.fault or (NOT_WHOLE if short else ANOTHER_LETTER if another else "")
