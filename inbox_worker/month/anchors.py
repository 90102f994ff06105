"""Anchors: hashes of the head of the chain of acts, a line a day, outside of the journal; and the acts that know which
lines there were, so that none is taken away unseen (4.1.17)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_file, sha256
from inbox_worker.ledger.acts import ACCEPT_ANCHORS, VERIFY, ChainedAct

ANCHORS = "audit-anchors.jsonl"
ANCHOR = "anchor"  # the subject is the day, `after` the hash of its line
_SEEN = re.compile(r", anchors (\d+) bytes$")
_HASH = re.compile(r"[0-9a-f]{64}")


def read_anchors(ledger: Path) -> list[dict[str, Any]]:
    """Return the anchors, oldest first, as far as each still is one: day, number and hash of the act."""
    return parse_anchors(read_anchor_bytes(ledger))


def parse_anchors(data: bytes) -> list[dict[str, Any]]:
    """Return the anchors in the bytes of such a file."""
    return [anchor for anchor in map(parse_anchor, data.splitlines()) if anchor]


def read_anchor_bytes(ledger: Path) -> bytes:
    """Return the file of anchors as it stands; nothing where there is none."""
    path = ledger / ANCHORS
    return read_file(path) if path.exists() else b""


def parse_anchor(line: bytes) -> dict[str, Any] | None:
    """Return the anchor of a line; None where it is none."""
    try:
        kept = json.loads(line)
        return {"day": str(kept["day"]), "number": int(kept["number"]), "hash": str(kept["hash"])}
    except (ValueError, KeyError, TypeError):
        return None


def describe_seen(acts: Sequence[ChainedAct], data: bytes) -> tuple[str, str]:
    """Return what the act of a `ledger verify` says of the anchors that it saw, and their hash; nothing where there are
    none, or where some are not what acts say: then earlier acts go on saying which."""
    if not data or anchor_problems(acts, data):
        return "", ""
    return f", anchors {len(data)} bytes", sha256(data)


def anchor_problems(acts: Sequence[ChainedAct], data: bytes) -> list[str]:
    """Find anchors that are not those of the chain, or are none; else, that some are gone which acts know of."""
    found = list(find_other(acts, data))
    if not found and (lost := list(_find_lost(acts, data))):
        more = f" (further acts: {len(lost) - 1})" if len(lost) > 1 else ""
        found.append(f"{ANCHORS} lacks lines, or has others in their place: {lost[0]}{more}")
    return found


def find_other(acts: Sequence[ChainedAct], data: bytes) -> Iterator[str]:
    """Find lines that are no anchors, or those of other acts."""
    hashes = {act.number: act.hash for act in acts}
    for place, line in enumerate(data.splitlines(), 1):
        anchor = parse_anchor(line)
        if anchor is None:
            yield f"line {place} of {ANCHORS} is no anchor any more"
        elif hashes.get(anchor["number"]) != anchor["hash"]:
            named = f"act {anchor['number']} is not the one that {ANCHORS} was given on {anchor['day']}"
            yield f"{named}: acts up to it were changed since"


def _find_lost(acts: Sequence[ChainedAct], data: bytes) -> Iterator[str]:
    """Name acts, since a person answered last, that know of lines which are not there."""
    answered = max((act.number for act in acts if act.act == ACCEPT_ANCHORS), default=0)
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
