"""Letters as witnesses of the chain of acts: each that leaves names the last act and its hash in a header, so whoever
received one can prove that no act up to it was changed or taken away since (4.1.17)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_file
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.acts import ChainedAct

HEADER = "Audit-Chain-Head"
_LINE = re.compile(rb"^%s:\s*(\d{1,18})\s+([0-9a-f]{64})\s*$" % HEADER.encode(), re.MULTILINE | re.IGNORECASE)
_LAST = select(t.acts.c.number, t.acts.c.hash).order_by(t.acts.c.number.desc()).limit(1)


def describe_head(connection: Connection) -> str:
    """Return what a letter says of the chain: number and hash of the last act; '' before there is one."""
    last = connection.execute(_LAST).first()
    return f"{last.number} {last.hash}" if last and last.hash else ""


def compare_letters(acts: Sequence[ChainedAct], letters: Sequence[Path]) -> Iterator[str]:
    """Find letters of ours, as their recipients have them, that name an act which the chain does not have. Raises
    UseError for a file that is no such letter."""
    hashes = {act.number: act.hash for act in acts}
    for path in letters:
        number, digest = _read_head(path)
        if number not in hashes:
            yield f"act {number}, which {path} names, is not there: the last one is {max(hashes, default=0)}"
        elif hashes[number] != digest:
            yield f"act {number} is not the one that {path} names: acts up to it were changed since it was written"


def _read_head(path: Path) -> tuple[int, str]:
    try:
        found = _LINE.search(read_file(path))
    except OSError as error:
        raise UseError(f"--witness {path}: it cannot be read: {error.strerror}") from error
    if found is None:
        raise UseError(
            f"--witness {path}: it has no line `{HEADER}`; save the letter whole, with its headers, as .eml or as text"
        )
    return int(found[1]), found[2].decode()
