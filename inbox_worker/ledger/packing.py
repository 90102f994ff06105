"""Packs files of facts and closes: sums as whole numbers, and a list of values for the columns that repeat theirs,
which takes half the bytes of a list of values for every column, as earlier programs wrote, and less time.

A file that is written again is packed as it was, so that what differs is what was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

EARLIER: Mapping[str, Any] = {"compression": "zstd", "compression_level": 1}
_REPEATED = ("tariff", "percent")  # numbers of which many rows have the same
_OWN = ("account", "payment")  # texts that are nearly each row's own
_LISTS = ("PLAIN_DICTIONARY", "RLE_DICTIONARY")
_FEW_ROWS = 50  # of so few, compression saves no bytes, and takes half of a writing
_BARE: Mapping[str, Any] = {"compression": "none"}


def packing_of_facts(rows: int, schema: pa.Schema) -> Mapping[str, Any]:
    """Return how the writer of Parquet is asked to pack so many facts."""
    return packing_of(schema) if rows > _FEW_ROWS else _BARE


def packing_of(schema: pa.Schema) -> Mapping[str, Any]:
    """Return how the writer of Parquet is asked to pack many rows of facts or of a close."""
    repeated = [f.name for f in schema if f.name in _REPEATED or (f.type == pa.string() and f.name not in _OWN)]
    return {**EARLIER, "store_decimal_as_integer": True, "use_dictionary": repeated}


def packing_as(file: pq.ParquetFile) -> Mapping[str, Any]:
    """Return how a file with accounts is packed: today their column has no list of values; facts of few rows are as
    they are."""
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    columns = [group.column(number) for group in groups for number in range(group.num_columns)]
    if columns and all(column.compression == "UNCOMPRESSED" for column in columns):
        return _BARE
    lists = [{*column.encodings}.intersection(_LISTS) for column in columns if column.path_in_schema == "account"]
    return EARLIER if all(lists) else packing_of(file.schema_arrow)
