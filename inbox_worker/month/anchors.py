"""Anchors: hashes of the head of the chain of acts, a line a day, outside of the journal; and the acts that know which
lines there were, so that none is taken away unseen (4.1.17)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import PRIVATE_FILE, read_file, sha256, sync_folder
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import ChainedAct, find_acts, record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.journal import Journal
from inbox_worker.settings.home import Home

ANCHORS = "audit-anchors.jsonl"
ANCHOR = "anchor"  # the subject is the day, `after` the hash of its line
VERIFY = "verify"  # `before` is the hash of the anchors that it saw, so many bytes as its details say
ACCEPT = "accept anchors"  # a person answers for those that are gone
_SEEN = re.compile(r", anchors (\d+) bytes$")
_HASH = re.compile(r"[0-9a-f]{64}")


def write_anchor(home: Home, journal: Journal, now: datetime) -> str:
    """Write the hash of the last act into `ledger/audit-anchors.jsonl`, once a day, and that it was written as an act.
    Return the line, '' when the day has one or nothing was ever done."""
    day, path = to_almaty(now).date().isoformat(), home.ledger / ANCHORS
    lines = read_anchor_bytes(home.ledger).splitlines()
    acts = [act for act in find_acts(journal.database, _last_number(journal)) if act.hash]
    if not acts or any(day in line.decode("utf-8", "replace") for line in lines[-1:]):
        return ""
    line = json.dumps({"day": day, "number": acts[-1].number, "hash": acts[-1].hash})
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(home.ledger)
    with journal.transaction() as connection:
        said, digest = f"act {acts[-1].number}", sha256(line.encode())
        record_act(connection, ANCHOR, day, now, who=SERVICE, details=said, after=digest)
    return line


def _last_number(journal: Journal) -> int:
    return int(journal.database.value(select(func.max(t.acts.c.number))) or 1)


def read_anchors(ledger: Path) -> list[dict[str, Any]]:
    """Return the anchors, oldest first, as far as each still is one: day, number and hash of the act."""
    return parse_anchors(read_anchor_bytes(ledger))


def parse_anchors(data: bytes) -> list[dict[str, Any]]:
    """Return the anchors in the bytes of such a file."""
    return [anchor for anchor in map(_parse_anchor, data.splitlines()) if anchor]


def read_anchor_bytes(ledger: Path) -> bytes:
    """Return the file of anchors as it stands; nothing where there is none."""
    path = ledger / ANCHORS
    return read_file(path) if path.exists() else b""


def _parse_anchor(line: bytes) -> dict[str, Any] | None:
    try:
        kept = json.loads(line)
        return {"day": str(kept["day"]), "number": int(kept["number"]), "hash": str(kept["hash"])}
    except (ValueError, KeyError, TypeError):
        return None


def describe_seen(acts: Sequence[ChainedAct], ledger: Path) -> tuple[str, str]:
    """Return what the act of a `ledger verify` says of the anchors that it saw, and their hash; nothing where there are
    none, or where some are not what acts say: then earlier acts go on saying which."""
    data = read_anchor_bytes(ledger)
    if not data or anchor_problems(acts, ledger):
        return "", ""
    return f", anchors {len(data)} bytes", sha256(data)


def anchor_problems(acts: Sequence[ChainedAct], ledger: Path) -> list[str]:
    """Find anchors that are not those of the chain, or are none; else, that some are gone which acts know of."""
    data, hashes = read_anchor_bytes(ledger), {act.number: act.hash for act in acts}
    found = list(_find_other(hashes, data))
    if not found and (lost := list(_find_lost(acts, data))):
        more = f" (and {len(lost) - 1} more acts)" if len(lost) > 1 else ""
        found.append(f"{ANCHORS} lacks lines, or has others in their place: {lost[0]}{more}")
    return found


def _find_other(hashes: dict[int, str], data: bytes) -> Iterator[str]:
    for place, line in enumerate(data.splitlines(), 1):
        anchor = _parse_anchor(line)
        if anchor is None:
            yield f"line {place} of {ANCHORS} is no anchor any more"
        elif hashes.get(anchor["number"]) != anchor["hash"]:
            named = f"act {anchor['number']} is not the one that {ANCHORS} was given on {anchor['day']}"
            yield f"{named}: acts up to it were changed since"


def _find_lost(acts: Sequence[ChainedAct], data: bytes) -> Iterator[str]:
    """Name acts, since a person answered last, that know of lines which are not there."""
    answered = max((act.number for act in acts if act.act == ACCEPT), default=0)
    lines = {sha256(line) for line in data.splitlines()}
    known = dict[tuple[int, str], bool]()  # most runs see the same bytes
    for act in acts:
        seen = _SEEN.search(act.details) if act.act == VERIFY else None
        if act.number <= answered:
            continue
        if act.act == ANCHOR and act.after not in lines:
            yield f"act {act.number} wrote that of {act.subject}"
        if seen:
            key = int(seen[1]), act.before
            if key not in known:
                known[key] = sha256(data[: key[0]]) == key[1]
            if not known[key]:
                yield f"act {act.number}, `ledger verify` of {act.at}, saw them"


def find_unknown(acts: Sequence[ChainedAct], hashes: Sequence[str]) -> list[str]:
    """Find hashes, kept elsewhere, that no act of the chain has. Raises UseError for what is no hash."""
    known = {act.hash for act in acts}
    for one in hashes:
        if not _HASH.fullmatch(one):
            raise UseError(f"--anchor {one!r}: it is the hash of an anchor, 64 signs of 0-9 and a-f")
    what = "no act has the hash {}: acts up to that anchor were changed since"
    return [what.format(one) for one in hashes if one not in known]


def accept_anchors(home: Home, journal: Journal, reason: str, now: datetime) -> str:
    """Record that a person answers for the anchors that are gone; return what was told of them. Raises UseError when
    none is gone, or when others than the chain's stand there: nobody can answer for those."""
    acts, data = find_acts(journal.database), read_anchor_bytes(home.ledger)
    if other := next(_find_other({act.number: act.hash for act in acts}, data), ""):
        raise UseError(f"{other}; put back what the auditor was sent, or what a backup has")
    lost = anchor_problems(acts, home.ledger)
    if not lost:
        raise UseError(f"ledger/{ANCHORS} has every line that acts know of; there is nothing to accept")
    with journal.transaction() as connection:
        record_act(connection, ACCEPT, ANCHORS, now, details=f"{reason}; {lost[0]}", before=sha256(data))
    return lost[0]
