"""What the outbox's folders say beside what the journal knows: which steps of review are legal, and what is told.

The folder is the state. Legal by hand: between pending, approved and rejected, until a document is on its way.
What was sent stays where it is, unchanged; only the program puts a document into `sent`. All else is told and
nothing is done about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.folders import FolderFile, Outbox
from inbox_worker.outbox.manifest import Entry, account_of, first_name, revision_of
from inbox_worker.outbox.owners import Key, Other, Owners
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.strays import Strays

BEING_WRITTEN, NOT_WHOLE, ANOTHER = "outbox.being_written", "outbox.not_whole", "outbox.another_document"
EDIT_OF = "edit_of"  # in a version's entry: it is an edit of that version, saved while that was being sent
EXTRAS = ("amended", "deliveries", "revised_by", EDIT_OF)  # a manifest tells it of the journal, not of the rendering
Unfit = Callable[[Version, FolderFile], str]  # the code of what keeps a file from being taken, '' when it is fit


@dataclass(frozen=True)
class VersionStep:
    """A version's new state, place or bytes. `was` '' = seen for the first time (`version.id` is 0 then)."""

    version: Version
    was: str
    state: DocumentState
    folder: str
    lying: str


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


def judge(
    known: Sequence[Version],
    outbox: Outbox,
    root: Path,
    begun: Collection[int],
    finished: Collection[int],
    unfit: Unfit,
    other: Other,
) -> Reconciled:
    """Compares. `begun`: versions that are on their way or arrived; `finished`: those that may lie in `sent`; `unfit`
    is asked of approved files whose bytes are not those that we rendered, and `other` whether those are of another
    document."""
    return _Judge(known, outbox, root, frozenset(begun), frozenset(finished), unfit, other).verdict()


class _Judge:
    def __init__(
        self,
        known: Sequence[Version],
        outbox: Outbox,
        root: Path,
        begun: frozenset[int],
        finished: frozenset[int],
        unfit: Unfit,
        other: Other,
    ) -> None:
        self._known = known
        self._outbox = outbox
        self._root = root
        self._begun = begun
        self._finished = finished
        self._unfit = unfit
        self._owners = Owners(known, outbox, other)
        self._found = Reconciled()
        self._of_key: dict[Key, list[Version]] = defaultdict(list)
        for version in known:
            self._of_key[version.month, version.bin, version.name].append(version)
        self._strays = Strays(known, outbox, root, self._of_key)

    def verdict(self) -> Reconciled:
        self._found.problems += [Problem("outbox.unreadable", text) for text in self._outbox.unreadable]
        self._meet_new()
        for path, digest in self._outbox.astray.items():
            self._found.problems.append(self._strays.problem(path, digest))
        lying: dict[int, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.lying:
            version = self._version_of(file)
            if version is None:
                self._found.problems.append(self._strays.problem(file.path, file.sha256))
            else:
                lying[id(version)].append(file)
        for versions in self._of_key.values():
            for version in versions:
                self._judge(version, lying[id(version)], [v for v in versions if v is not version and lying[id(v)]])
        return self._found

    def _meet_new(self) -> None:
        """Versions that a manifest names and the journal does not know, where a file of that name lies."""
        names = {(file.place.month, file.place.bin, file.name) for file in self._outbox.lying}
        there = {*(file.sha256 for file in self._outbox.lying), *self._outbox.astray.values()}
        for place, entries in self._outbox.entries.items():
            for name, entry in entries.items():
                key = (place.month, place.bin, name)
                known = any(v.sha256 == entry["sha256"] for v in self._of_key[key])
                if key in names and not known:
                    self._of_key[key].append(_new(key, place.folder, entry))
                elif not known and entry["sha256"] not in there and place.state != DocumentState.REJECTED:
                    self._tell_never_seen(f"{place.state}/{place.month}/{place.folder}/{name}", key)

    def _tell_never_seen(self, shown: str, key: Key) -> None:
        """Rendered, and gone before we ever looked; of another rendering that waits it is told below."""
        if all(v.state not in (DocumentState.PENDING, DocumentState.APPROVED) for v in self._of_key[key]):
            self._found.problems.append(Problem("outbox.gone", shown))

    def _version_of(self, file: FolderFile) -> Version | None:
        """As rendered; else as it was amended before; else what its own manifest says it was; else the newest."""
        versions = self._of_key.get((file.place.month, file.place.bin, file.name), [])
        entry = self._outbox.entries[file.place].get(file.name, {})
        for wanted in (
            [v for v in versions if v.sha256 == file.sha256],
            [v for v in versions if v.lying == file.sha256],
            [v for v in versions if v.sha256 == entry.get("sha256")],
            [v for v in versions if v.state == file.place.state],
            versions[-1:],
        ):
            if wanted:
                return wanted[-1]
        return None

    def _judge(self, version: Version, files: Sequence[FolderFile], others: Sequence[Version]) -> None:
        if len(files) > 1:
            files = self._without_edits(version, files)
        if len(files) > 1:
            files = [file for file in files if not self._is_being_written(version, file)]
        if len(files) > 1:
            first, *copies = (self._shown(file.path) for file in files)
            self._tell("outbox.twice", first, version, ", ".join(copies))
        elif files:
            self._compare(version, files[0])
        else:
            self._missing(version, others)

    def _without_edits(self, version: Version, files: Sequence[FolderFile]) -> Sequence[FolderFile]:
        """What was saved over a document while it was being sent is a version of its own; `sent` has what was sent."""
        gone = version.state is DocumentState.SENT or version.id in self._finished
        if not gone or sum(file.place.state == DocumentState.SENT for file in files) != 1:
            return files
        kept = list[FolderFile]()
        for file in files:
            if file.place.state != DocumentState.APPROVED or file.sha256 == version.lying:
                kept.append(file)
                continue
            entry = {**version.entry, "sha256": file.sha256, EDIT_OF: version.id}
            edit = replace(version, id=0, sha256=file.sha256, revision=version.revision + 1, entry=entry)
            self._found.steps.append(VersionStep(edit, "", DocumentState.APPROVED, file.place.folder, file.sha256))
            self._found.problems.append(Problem("outbox.edited_meanwhile", self._shown(file.path)))
        return kept

    def _is_being_written(self, version: Version, file: FolderFile) -> bool:
        """A copy on its way from one folder to another; told."""
        known = file.sha256 in (version.sha256, version.lying)
        if known or file.place.state != DocumentState.APPROVED or version.id in self._begun:
            return False
        if self._unfit(version, file) != BEING_WRITTEN:
            return False
        self._tell_unfit(BEING_WRITTEN, version, file)
        return True

    def _compare(self, version: Version, file: FolderFile) -> None:
        now, shown = DocumentState(file.place.state), self._shown(file.path)
        gone = version.id in self._begun or version.state is DocumentState.SENT
        if now is DocumentState.APPROVED and not gone and (another := self._owners.another(version, file)):
            self._tell(ANOTHER, shown, version, another)
        elif version.id == 0:
            if now is DocumentState.SENT:
                self._tell("outbox.sent_by_hand", shown, version)
            else:
                self._step(version, "", now, file)
        elif version.state is DocumentState.SENT:
            self._compare_sent(version, file)
        elif now is DocumentState.SENT and version.id not in self._finished:
            self._tell("outbox.sent_by_hand", shown, version)
        elif version.id in self._begun and now is not DocumentState.SENT:
            changed = file.sha256 != version.lying
            if changed or now is not version.state:
                self._tell("outbox.on_its_way", shown, version)
        elif version.state is DocumentState.REPLACED and not self._current(version):
            self._tell("outbox.outdated", shown, version)
        elif (now, file.sha256, file.place.folder) != (version.state, version.lying, version.folder):
            self._step(version, version.state.value, now, file)
        if now is DocumentState.APPROVED and version.id not in self._begun:
            self._newer(version, shown)
            if EDIT_OF in version.entry:
                self._tell("outbox.edited_meanwhile", shown, version)

    def _compare_sent(self, version: Version, file: FolderFile) -> None:
        if file.place.state != DocumentState.SENT:
            self._tell("outbox.was_sent", self._shown(file.path), version)
        elif file.sha256 != version.lying:
            self._tell("outbox.sent_changed", self._shown(file.path), version)

    def _newer(self, version: Version, shown: str) -> None:
        """An approved document that a later rendering made out of date waits for people (4.1.8, 4.1.11)."""
        for file in self._pending[version.month, version.bin, first_name(version.name)]:
            if self._version_of(file) is not version:
                self._tell("outbox.newer_waits", shown, version, self._shown(file.path))

    @cached_property
    def _pending(self) -> Mapping[Key, list[FolderFile]]:
        """Files in `pending` by the name of their first revision."""
        found: dict[Key, list[FolderFile]] = defaultdict(list)
        for file in self._outbox.lying:
            if file.place.state == DocumentState.PENDING:
                found[file.place.month, file.place.bin, first_name(file.name)].append(file)
        return found

    def _missing(self, version: Version, others: Sequence[Version]) -> None:
        if version.state in (DocumentState.REPLACED, DocumentState.REJECTED) or version.id == 0:
            return
        if (
            version.state in (DocumentState.PENDING, DocumentState.APPROVED)
            and others
            and version.id not in self._begun
        ):
            self._found.steps.append(
                VersionStep(version, version.state.value, DocumentState.REPLACED, version.folder, "")
            )
        elif version.sha256 not in self._strays.hashes and version.lying not in self._strays.hashes:
            self._tell("outbox.gone", version.place, version)

    def _current(self, version: Version) -> bool:
        """Whether a manifest names this rendering as the one of its file."""
        return any(
            place.bin == version.bin
            and place.month == version.month
            and entries.get(version.name, {}).get("sha256") == version.sha256
            for place, entries in self._outbox.entries.items()
        )

    def _step(self, version: Version, was: str, now: DocumentState, file: FolderFile) -> None:
        unfit = self._unfit(version, file) if now is DocumentState.APPROVED and file.sha256 != version.sha256 else ""
        if unfit:
            self._tell_unfit(unfit, version, file)
            return
        self._found.steps.append(VersionStep(version, was, now, file.place.folder, file.sha256))

    def _tell_unfit(self, code: str, version: Version, file: FolderFile) -> None:
        self._tell(code, self._shown(file.path), version, file.path.suffix)
        if code == BEING_WRITTEN:
            self._found.writing.add((version.month, version.bin))

    def _tell(self, code: str, path: str, version: Version, more: str = "") -> None:
        self._found.problems.append(Problem(code, path, version.id, more))

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _new(key: Key, folder: str, entry: Entry) -> Version:
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
        lying="",
        state=DocumentState.PENDING,
        revision=revision_of(name),
        close_number=int(entry.get("made_of", {}).get("close_number", 0)),
        made_at=str(entry.get("made_at", "")),
        changed_at="",
        entry={name: value for name, value in entry.items() if name not in EXTRAS},
    )
