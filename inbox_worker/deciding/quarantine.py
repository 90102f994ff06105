"""Letters that cannot be believed, where staff see them: `outbox/quarantine/<date>/<number> <sender>.eml`, and why.

Why, and what to do, is one note a sender and day, `<sender>.txt`, with a part for each letter: a stranger who writes a
hundred times makes one note, not a hundred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from inbox_worker.core.files import SHARED_FOLDER, make_folder, read_small_file, safe_name, sync_folder, write_atomic
from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Arrival, WordedFinding
from inbox_worker.ledger.journal import Journal
from inbox_worker.receiving.decoding import clean
from inbox_worker.settings.texts import Texts

FOLDER = "quarantine"
ADMITTED = "admitted"
_SUFFIXES = (".eml", ".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".zip", ".p7m", ".pdf")
_PART = "=" * 20  # before and behind the number of the letter that a part of a note is about
_SHOWN_IN_FULL = 50  # letters of a sender's day; of further ones a note says when they came and from whom
_SENDER_LIMIT = 60  # letters of the sender in a file's name


def put_aside(
    outbox: Path, arrival: Arrival, raw: bytes, sender: str, findings: Sequence[WordedFinding], texts: Texts
) -> Path:
    """Writes the letter and, into the sender's note of the day, why it lies there and what staff should do (6.2.7).

    Written before the decision is recorded, byte for byte the same when it is made again. Gives the letter's path.
    """
    folder = outbox / FOLDER / f"{arrival.received_at:%Y-%m-%d}"
    name = safe_name(sender, _SENDER_LIMIT)
    path = folder / f"{arrival.id} {name}{_suffix(arrival.source)}"
    write_atomic(path, raw, shared=True)
    note = folder / f"{name}.txt"
    words = _shorten(_words(arrival, sender, findings, texts), sum(id < arrival.id for id in _parts(note)))
    _note(note, {arrival.id: words})
    return path


def settle(outbox: Path, arrival: Arrival) -> None:
    """Move an arrival that was admitted to `quarantine/admitted/<date>`, with its part of the sender's note.

    Nothing happens when it lies nowhere.
    """
    day = f"{arrival.received_at:%Y-%m-%d}"
    folder, target = outbox / FOLDER / day, outbox / FOLDER / ADMITTED / day
    for note in sorted(folder.glob("*.txt")):
        parts = _parts(note)
        part = parts.pop(arrival.id, "")
        if part:
            _note(target / note.name, {arrival.id: part})
            _rewrite(note, parts)
    files = sorted(folder.glob(f"{arrival.id} *"))
    if not files:
        return
    make_folder(target, SHARED_FOLDER)
    for path in files:
        path.replace(target / path.name)
    sync_folder(target)


def find_letters(outbox: Path) -> dict[str, list[Path]]:
    """Return the files there by the number of their arrival, admitted or not."""
    found: dict[str, list[Path]] = {}
    for path in sorted((outbox / FOLDER).glob("**/IW-* *")):
        found.setdefault(path.name.partition(" ")[0], []).append(path)
    return found


def forget(outbox: Path, arrival: Arrival) -> None:
    """Take out of the notes what they say of an arrival."""
    day = f"{arrival.received_at:%Y-%m-%d}"
    for folder in (outbox / FOLDER / day, outbox / FOLDER / ADMITTED / day):
        for note in sorted(folder.glob("*.txt")):
            parts = _parts(note)
            if parts.pop(arrival.id, ""):
                _rewrite(note, parts)


def find_changed_letters(outbox: Path, journal: Journal) -> Iterator[Path]:
    """Find letters there, admitted ones too, that are not as they came."""
    there = find_letters(outbox)
    came = {arrival.id: arrival.sha256 for arrival in journal.arrivals.all()} if there else {}
    for id, paths in there.items():
        yield from (path for path in paths if path.is_file() and hash_of(path) != came.get(id))


def find_changed_notes(outbox: Path, journal: Journal, texts: Texts) -> Iterator[Path]:
    """Find notes there that say otherwise than they would now: somebody changed them, or their texts."""
    notes = sorted((outbox / FOLDER).glob("[0-9]*/*.txt"))
    came = {arrival.id: arrival for arrival in journal.arrivals.all()} if notes else {}
    for note in notes:
        for place, (id, words) in enumerate(sorted(_parts(note).items())):
            arrival = came.get(id)
            expected = (
                _words(arrival, arrival.sender, journal.submissions.findings_of(arrival.number), texts)
                if arrival
                else ""
            )
            if words != _shorten(expected, place).strip():
                yield note
                break


def _shorten(words: str, before: int) -> str:
    return "\n".join(words.splitlines()[:4]) if before >= _SHOWN_IN_FULL else words


def _note(path: Path, more: Mapping[str, str]) -> None:
    """Adds parts to a note; a part that is there already is written anew."""
    _rewrite(path, {**_parts(path), **more})


def _rewrite(path: Path, parts: Mapping[str, str]) -> None:
    if parts:
        text = "\n".join(f"{_PART} {id} {_PART}\n{parts[id].strip()}\n" for id in sorted(parts))
        write_atomic(path, text.encode("utf-8"))
    else:
        path.unlink(missing_ok=True)


def _parts(path: Path) -> dict[str, str]:
    """The parts of a note by the letter's number; what people wrote above the first is lost with the next letter."""
    text = read_small_file(path).decode("utf-8", "replace") if path.is_file() else ""
    pieces = re.split(rf"(?m)^{_PART} (IW-[0-9]+) {_PART}$\n?", text)
    return {id: words.strip() for id, words in zip(pieces[1::2], pieces[2::2], strict=True)}


def _suffix(source: str) -> str:
    suffix = PurePosixPath(source).suffix.casefold()
    return suffix if suffix in _SUFFIXES else ".bin"


def _words(arrival: Arrival, sender: str, findings: Sequence[WordedFinding], texts: Texts) -> str:
    codes = {finding.code for finding in findings}
    way = "quarantine.admit"
    if "message.unreadable" in codes:
        way = "quarantine.again"
    elif "attachment.infected" in codes:
        way = "quarantine.infected"
    facts = {
        "id": arrival.id,
        "sender": sender or "—",
        "mailbox": arrival.mailbox,
        "received": f"{arrival.received_at:%d.%m.%Y %H:%M:%S}",
        "source": clean(arrival.source),
    }
    ru = "\n".join(f"- {finding.message}" for finding in findings)
    kk = "\n".join(f"- {finding.message_kk}" for finding in findings)
    remedy = texts.words(way, id=arrival.id)
    parts = (
        texts.say("ru", "quarantine", why=ru, remedy=remedy.ru, **facts),
        texts.say("kk", "quarantine", why=kk, remedy=remedy.kk, **facts),
    )
    return "\n".join(parts)
