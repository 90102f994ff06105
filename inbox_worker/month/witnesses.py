"""Witnesses of the chain of acts that somebody outside has (4.1.17). Each letter that leaves names the last act and its
hash in a header, and an export of the acts has every one of them whole: whoever received one can prove that no act up
to it was changed or taken away since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_file
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.act_chain import CHAINED, hash_act
from inbox_worker.ledger.acts import ChainedAct

HEADER = "Audit-Chain-Head"
_LINE = re.compile(rb"^%s:\s*(\d{1,18})\s+([0-9a-f]{64})\s*$" % HEADER.encode(), re.MULTILINE | re.IGNORECASE)
_KINDS = {name: int if name == "number" else str for name in (*CHAINED, "hash")}
_LAST = select(t.acts.c.number, t.acts.c.hash).order_by(t.acts.c.number.desc()).limit(1)


def describe_head(connection: Connection) -> str:
    """Return what a letter says of the chain: number and hash of the last act; '' before there is one."""
    last = connection.execute(_LAST).first()
    return f"{last.number} {last.hash}" if last and last.hash else ""


def compare_witnesses(acts: Sequence[ChainedAct], files: Sequence[Path]) -> Iterator[str]:
    """Find what letters of ours, as their recipients have them, and exports of the acts say otherwise than the chain.
    Raises UseError for a file that is neither."""
    hashes = {act.number: act.hash for act in acts}
    for path in files:
        data = _read(path)
        exported, torn = _read_exported(data)
        if exported:
            if torn:
                yield f"{path} is no export from line {torn} on: the file was cut off or changed"
            yield from _find_changed_lines(exported, hashes, path)
        else:
            yield from _compare(*_read_head(data, path), hashes, path)


def _compare(number: int, digest: str, hashes: Mapping[int, str], path: Path) -> Iterator[str]:
    if number not in hashes:
        yield f"act {number}, which {path} names, is not there: the last one is {max(hashes, default=0)}"
    elif hashes[number] != digest:
        yield f"act {number} is not the one that {path} names: acts up to it were changed since it was written"


def _find_changed_lines(exported: Sequence[Mapping[str, Any]], hashes: Mapping[int, str], path: Path) -> Iterator[str]:
    """Find acts of an export that are not as they were exported, or are not in it any more; else the first that the
    chain has not, or has otherwise: those behind it follow from that one."""
    first, expected = int(exported[0]["number"]), int(exported[0]["number"])
    previous, whole = hashes.get(first - 1, ""), True
    for act in exported:
        number = int(act["number"])
        if number != expected:
            yield f"{path} has act {number} where act {expected} should be: a line was taken out, added or moved"
            whole, previous = False, hashes.get(number - 1, "")
        elif hash_act(previous, act) != act["hash"] and (number > first or hashes.get(number) == act["hash"]):
            yield f"{path} does not say of act {number} what was exported: the file was changed"
            whole = False
        previous, expected = str(act["hash"]), number + 1
    if whole:
        differs = (problem for act in exported for problem in _compare(act["number"], act["hash"], hashes, path))
        yield from [problem for problem in [next(differs, "")] if problem]


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise UseError(f"--witness {path}: it cannot be read: {error.strerror}") from error


def _read_exported(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """Return the acts of an export, none when it is something else, and the line from which on it has none; 0 where
    every line is one."""
    acts: list[dict[str, Any]] = []
    for place, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            act = json.loads(line)
        except ValueError:
            return acts, place
        if not isinstance(act, dict) or not all(isinstance(act.get(name), kind) for name, kind in _KINDS.items()):
            return acts, place
        acts.append(act)
    return acts, 0


def _read_head(data: bytes, path: Path) -> tuple[int, str]:
    found = _LINE.search(data)
    if found is None:
        raise UseError(
            f"--witness {path}: it has no line `{HEADER}`; save the letter whole, with its headers, as .eml or as "
            "text; or name a file that `audit export` wrote, as JSON lines"
        )
    return int(found[1]), found[2].decode()
