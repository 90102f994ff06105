"""Drop folders of a home: what lies there and where it goes."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import SHARED_FOLDER, free_path, make_folder, safe_name, sync_folder, write_atomic
from inbox_worker.core.model import Arrival
from inbox_worker.receiving.drop_watch import scan
from inbox_worker.settings.home import Home
from inbox_worker.settings.log import Voice, fault_facts, one_line
from inbox_worker.settings.texts import Texts

_WORDS = ".why.txt"


def make_folders(home: Home) -> list[Path]:
    """The drop folder of every mailbox, made when missing."""
    folders = [home.inbox / name for name in home.config.mailboxes]
    for folder in folders:
        make_folder(folder, SHARED_FOLDER)
    return folders


def lying(home: Home, voice: Voice) -> list[Path]:
    """Files in the drop folders, a mailbox after the other; a folder that cannot be read is named."""
    found = []
    for folder in home.config.mailboxes:
        try:
            found += [_sayable(path) for path in scan(home.inbox / folder)]
        except OSError as error:
            text = f"inbox/{folder}: {error.strerror or error}; it is looked at again"
            voice.problem(text, "drop folder cannot be read", mailbox=folder, **fault_facts(error))
    return found


def _sayable(path: Path) -> Path:
    """A name that is no UTF-8 (unpacked by an old program) fits no journal: the file is renamed."""
    raw = os.fsencode(path.name)
    name = raw.decode("utf-8", "replace")
    if raw == name.encode():
        return path
    return path.rename(free_path(path.with_name(name)))


def is_moved(drop: Path, arrival: Arrival) -> bool:
    """Whether a file of this arrival was moved already. The words about it are written before it is."""
    failed = (path for path in drop.glob(f"failed/{arrival.id} *") if not path.name.endswith(_WORDS))
    return any(drop.glob(f"taken/*/{arrival.id} *")) or any(failed)


def put_taken(path: Path, arrival: Arrival, now: datetime) -> Path:
    """Moves a decided file to `taken/<YYYY-MM>/<number> <name>`; durable when it returns."""
    return _move(path, path.parent / "taken" / f"{now:%Y-%m}", f"{arrival.id} {_safe(path)}")


def put_failed(path: Path, arrival: Arrival, texts: Texts) -> Path:
    """Moves a file that we cannot decide to `failed/`, beside words written before; durable when it returns."""
    folder, name = path.parent / "failed", f"{arrival.id} {_safe(path)}"
    make_folder(folder, SHARED_FOLDER)
    facts = {"name": one_line(path.name), "id": arrival.id, "tries": arrival.tries, "why": one_line(arrival.why)}
    words = texts.words("not_decided", **facts)
    note = f"{words.ru}\n{words.kk}"
    write_atomic(folder / f"{free_path(folder / name).name}{_WORDS}", note.encode(), shared=True)
    return _move(path, folder, name)


def put_retried(home: Home, arrival: Arrival, now: datetime) -> Path | None:
    """Moves a failed file, decided meanwhile, on to `taken/`; None when none is there. Its words go."""
    drop, place = home.inbox / arrival.mailbox, None
    for path in sorted(drop.glob(f"failed/{arrival.id} *")):
        if path.name.endswith(_WORDS):
            path.unlink()
        else:
            place = _move(path, drop / "taken" / f"{now:%Y-%m}", path.name)
    return place


def _safe(path: Path) -> str:
    """The name made safe, its ending kept when the name is cut."""
    ending = f".{safe_name(path.suffix, 10)}" if path.suffix else ""
    return safe_name(path.stem) + ending


def _move(path: Path, folder: Path, name: str) -> Path:
    make_folder(folder, SHARED_FOLDER)
    place = free_path(folder / name)
    path.rename(place)
    sync_folder(folder)
    sync_folder(path.parent)
    return place
