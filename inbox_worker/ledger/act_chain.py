"""The chain of acts: each act holds a hash over itself and the act before it, so none changes or goes unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inbox_worker.core.files import sha256

CHAINED = ("number", "at", "who", "origin", "act", "subject", "details", "before", "after")


def hash_act(previous: str, act: Mapping[str, Any]) -> str:
    """Return the hash of an act that follows the one with the hash `previous`, '' for the first."""
    values = [previous, *(act[name] for name in CHAINED)]
    return sha256(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode())


def find_breaks(acts: Sequence[Mapping[str, Any]], last: str) -> Iterator[tuple[int, str]]:
    """Find where acts are not as they were recorded: the number of each, and what is wrong. `last`: the hash that the
    journal keeps of the last act."""
    previous, expected = "", 1
    for act in acts:
        number = int(act["number"])
        if number != expected:
            gone = f"{expected}" if number == expected + 1 else f"{expected} to {number - 1}"
            yield expected, f"act {gone} is not there any more"
            previous = ""
        if hash_act(previous, act) != act["hash"] and (previous or number == 1):
            yield number, f"act {number} ({act['act']} {act['subject']}) is not what was recorded, or not in its place"
        previous, expected = act["hash"], number + 1
    if previous != last:
        yield expected, f"acts from {expected} on are not there any more, or act {expected - 1} was changed"
