"""Reads what a file of facts says of itself in its footer, once: the file never changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from inbox_worker.core.hashes import require
from inbox_worker.ledger.schemas import SCHEMAS


@dataclass(frozen=True, slots=True)
class Footer:
    """A file of facts by its own word. `is_of_today`: it has the kind's very columns as they are written today.
    `may_replace`: a row of it may take another's place. `accounts`: the least and the greatest; None = not told."""

    is_of_today: bool
    may_replace: bool
    accounts: tuple[str, str] | None


@lru_cache(maxsize=100_000)
def read_footer(path: Path, sha256: str, kind: str) -> Footer:
    """Read what a file of the kind's facts says of itself. Raises DamagedFile."""
    metadata = pq.read_metadata(require(path, sha256))
    is_of_today = bool(metadata.schema.to_arrow_schema().equals(SCHEMAS[kind]))
    return Footer(is_of_today, _may_replace(metadata), _find_accounts(metadata))


def _may_replace(metadata: pq.FileMetaData) -> bool:
    groups = _statistics_of(metadata, "replaces_row")
    return any(group is None or not group.has_null_count or group.num_values > 0 for group in groups)


def _find_accounts(metadata: pq.FileMetaData) -> tuple[str, str] | None:
    stated = [group for group in _statistics_of(metadata, "account") if group is not None and group.has_min_max]
    if "account" not in metadata.schema.names or len(stated) < metadata.num_row_groups:
        return None
    return min((group.min for group in stated), default=""), max((group.max for group in stated), default="")


def _statistics_of(metadata: pq.FileMetaData, column: str) -> list[pq.Statistics | None]:
    """Return what each group of rows says of a column; nothing of a column that an older file lacks."""
    if column not in (names := metadata.schema.names):
        return []
    place = names.index(column)
    return [metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)]
