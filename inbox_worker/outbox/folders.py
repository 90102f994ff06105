"""Files of the outbox's folders: `<state>/<month>/<БИН> <name>/<file>`, each file with its hash.

People move files and whole folders, so everything is looked at anew each time; what lies in a place that is no place
of a document is given apart, for people to be told.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inbox_worker.core.files import below, make_folder, remedy_of, safe_name, sha256_file, sync_folder
from inbox_worker.core.hashes import Hashes
from inbox_worker.outbox.manifest import MANIFEST, STATES, Entry, Manifest, ManifestProblem, read_manifest

_MONTH = re.compile(r"\d{4}-\d{2}")
RECEIPTS = "receipts"  # the folder of a month's answers to senders
_FOLDER = re.compile(rf"(\d{{12}})( .*)?|{RECEIPTS}")
IN_WORK = ("pending", "approved")
_JUNK = re.compile(r"~\$|\.|Thumbs\.db$|desktop\.ini$|manifest.*\.json$|.*\.tmp$", re.IGNORECASE)


@dataclass(frozen=True)
class CustomerFolder:
    """A Customer's folder of a month in one state. `folder` begins with the `bin`; that of answers to senders has
    none."""

    state: str
    month: str
    folder: str

    @property
    def bin(self) -> str:
        return "" if self.folder == RECEIPTS else self.folder[:12]

    def path(self, outbox: Path) -> Path:
        return outbox / self.state / self.month / self.folder


@dataclass(frozen=True)
class FolderFile:
    """A file in such a folder; `name` is its path inside. Of an approved file whose bytes are new: `fault`, the code of
    what keeps it from being taken, `lines`, how many it has if it is a text, and its Message-ID if it is a letter."""

    place: CustomerFolder
    name: str
    path: Path
    sha256: str
    fault: str = ""
    lines: int | None = None
    message_id: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The document that its place speaks of: month, БИН, name."""
        return self.place.month, self.place.bin, self.name

    @property
    def shown(self) -> str:
        """Return how people find it: its path in the outbox."""
        return f"{self.place.state}/{self.place.month}/{self.place.folder}/{self.name}"


@dataclass(frozen=True)
class Outbox:
    """All that lies in the outbox. `astray`: what lies where no document can, with its hash ('' of a link);
    `unreadable`: told in words."""

    files: tuple[FolderFile, ...]
    entries: Mapping[CustomerFolder, Mapping[str, Entry]]
    astray: Mapping[str, str]  # by their path in the outbox
    unreadable: tuple[str, ...]
    broken: frozenset[CustomerFolder] = frozenset()  # places whose manifest cannot be read
    months: frozenset[str] | None = None  # the months looked at; None = all


def look(outbox: Path, hashes: Hashes, months: Collection[str] | None = None) -> Outbox:
    """Looks through all four states. A file that goes while we look is not there; one that cannot be read is told.

    `months`: of `sent` and `rejected` only these, and those that lie in `pending` or `approved`; years of sent bills
    need not be read every few seconds. None = everything.
    """
    scope = None if months is None else frozenset({*months, *_months_in_work(outbox)})
    files, astray, unreadable = list[FolderFile](), dict[str, str](), list(_find_closed_folders(outbox, scope))
    broken = set[CustomerFolder]()
    entries = _manifests(outbox, scope, unreadable, broken)
    for path, place in _files(outbox, scope):
        if place:
            entries.setdefault(place, {})
        try:
            if place is None:
                astray[path.relative_to(outbox).as_posix()] = "" if path.is_symlink() else hashes.of(path)
                continue
            name = path.relative_to(place.path(outbox)).as_posix()
            files.append(FolderFile(place, name, path, hashes.of(path)))
        except FileNotFoundError:
            continue
        except OSError as error:
            unreadable.append(f"{path}: {error.strerror or error}; {remedy_of(error)}")
    return Outbox(tuple(files), entries, astray, tuple(unreadable), frozenset(broken), scope)


def is_scrap(name: str) -> bool:
    """Tell whether a path names what programs leave behind, or a manifest: no document, passed over in silence."""
    return any(_JUNK.match(part) for part in name.split("/"))


def clear_away(outbox: Path, place: CustomerFolder) -> None:
    """Remove a folder that people emptied, with the manifest left behind in it; what is not empty stays."""
    folder = place.path(outbox)
    (folder / MANIFEST).unlink(missing_ok=True)
    inside = [path for path in reversed(below(folder)) if path.is_dir()]
    for empty in (*inside, folder, folder.parent):
        with suppress(OSError):  # something lies there after all
            empty.rmdir()


def keep_replaced(archive: Path, path: Path) -> None:
    """Keep an unsent file that gives up its place, under archive/replaced by its hash. Raises FileNotFoundError."""
    kept = archive / "replaced" / f"{sha256_file(path)}{path.suffix}"
    make_folder(kept.parent)
    path.replace(kept)
    sync_folder(kept.parent)


def _inside(folder: Path) -> list[Path]:
    """What lies directly in a folder; [] when there is none, or people just moved it."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _months_in_work(outbox: Path) -> Iterator[str]:
    for state in IN_WORK:
        for top in _inside(outbox / state):
            if _MONTH.fullmatch(top.name) and any(path.is_file() for path in below(top)):
                yield top.name


def _tops(outbox: Path, scope: frozenset[str] | None) -> Iterator[tuple[str, Path]]:
    """What lies directly in the states' folders, less the months that are not asked for."""
    for state in STATES:
        for top in _inside(outbox / state):
            if scope is None or top.name in scope or not _MONTH.fullmatch(top.name):
                yield state, top


def _find_closed_folders(outbox: Path, scope: frozenset[str] | None) -> Iterator[str]:
    """Folders whose files we cannot see: what lies in them is not gone."""
    barred = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    for _, top in _tops(outbox, scope):
        for path in (top, *below(top)):
            if path.is_dir() and not path.is_symlink() and _is_closed(path):
                yield f"{path}: {barred.strerror}; {remedy_of(barred)}"


def _is_closed(folder: Path) -> bool:
    """Tell whether we may not see into a folder; one that was moved just now is open."""
    try:
        with os.scandir(folder) as inside:
            for entry in inside:
                entry.stat(follow_symlinks=False)
                break
    except PermissionError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        pass
    return False


def _manifests(
    outbox: Path, scope: frozenset[str] | None, unreadable: list[str], broken: set[CustomerFolder]
) -> dict[CustomerFolder, dict[str, Entry]]:
    """Manifests by place, those left behind in emptied folders too. One that was moved along into another month's or
    Customer's folder speaks of the place that it was written for: its files belong there.
    """
    found: dict[CustomerFolder, dict[str, Entry]] = {}
    elsewhere: list[tuple[CustomerFolder, dict[str, Entry]]] = []
    for state, top in _tops(outbox, scope):
        for folder in _inside(top) if _MONTH.fullmatch(top.name) else ():
            place = CustomerFolder(state, top.name, folder.name)
            if not _FOLDER.fullmatch(place.folder) or not (folder / MANIFEST).exists():
                continue
            try:
                manifest = read_manifest(folder)
            except ManifestProblem as error:
                unreadable.append(str(error))
                broken.add(place)
                continue
            found[place] = {}
            if (manifest.month, manifest.bin) in ((place.month, place.bin), ("", "")):
                found[place] = manifest.files
            else:
                elsewhere.append((_own_place(state, folder.name, manifest), manifest.files))
    for place, files in elsewhere:
        found[place] = {**files, **found.get(place, {})}
    return found


def _own_place(state: str, folder: str, manifest: Manifest) -> CustomerFolder:
    fits = folder.startswith(manifest.bin)
    return CustomerFolder(state, manifest.month, folder if fits else f"{manifest.bin} {safe_name(manifest.customer)}")


def _files(outbox: Path, scope: frozenset[str] | None) -> Iterator[tuple[Path, CustomerFolder | None]]:
    """Every file that people could have put there, with its place or None."""
    for state, top in _tops(outbox, scope):
        if top.name == RECEIPTS and state not in IN_WORK:  # answers from before they were documents
            continue
        for path in (top, *below(top)):
            parts = path.relative_to(outbox / state).parts
            if is_scrap("/".join(parts)):
                continue
            if path.is_symlink():
                yield path, None
                continue
            if not path.is_file():
                continue
            fits = len(parts) > 2 and _MONTH.fullmatch(parts[0]) and _FOLDER.fullmatch(parts[1])
            yield path, CustomerFolder(state, parts[0], parts[1]) if fits else None
