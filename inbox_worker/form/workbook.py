"""Cells of a stranger's workbook, read by a confined child process that is replaced whenever it fails."""

from __future__ import annotations

import json
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.form.preflight import Unreadable
from inbox_worker.model import Finding
from inbox_worker.rules import Limits

_PROGRAM = Path(__file__).with_name("reader_process.py")
_VERDICTS = {b"P": "workbook.encrypted", b"L": "workbook.too_large", b"U": "workbook.unreadable"}


class ReaderFailure(Exception):
    """The reading process does not work on this machine: our fault, to be retried, never the sender's."""


class _Died(Exception):
    """The child ended in the middle of a file."""


class CellKind(IntEnum):
    EMPTY = 0
    NUMBER = 1
    TEXT = 2
    DATE = 3
    DATETIME = 4
    BOOL = 5
    ERROR = 6
    FORMULA = 7  # a formula saved without its value


@dataclass(frozen=True)
class Column:
    """One sheet column, from the sheet's first used row down. `kinds` int8 (CellKind), `numbers` float64
    (dates: proleptic ordinal day; NaN where there is no number), `texts` strings without blanks around."""

    kinds: npt.NDArray[np.int8]
    numbers: npt.NDArray[np.float64]
    texts: pa.StringArray

    def take(self, at: npt.NDArray[np.int64]) -> Column:
        """The cells at those places."""
        return Column(self.kinds[at], self.numbers[at], self.texts.take(pa.array(at)))


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells. `first_row` is the 1-based sheet row of place 0; `columns` by 0-based sheet column."""

    name: str
    hidden: bool
    first_row: int
    columns: dict[int, Column] = field(default_factory=dict)

    @cached_property
    def height(self) -> int:
        return max((len(column.kinds) for column in self.columns.values()), default=0)


@dataclass(frozen=True)
class Workbook:
    """What was read of a file: its sheets that have cells."""

    sheets: tuple[Sheet, ...]


def _column(batches: list[pa.RecordBatch]) -> Column:
    table = pa.Table.from_batches(batches).combine_chunks()
    kinds = table["kind"].to_numpy().astype(np.int8)
    numbers = table["number"].to_numpy(zero_copy_only=False).astype(np.float64)
    texts = table["text"].chunk(0) if len(table) else pa.array([], pa.string())
    if texts.null_count < len(texts):
        texts = pc.utf8_trim(pc.utf8_trim_whitespace(texts), "\u200b\ufeff\u00a0 ")
        blank = pc.fill_null(pc.equal(texts, ""), False).to_numpy(zero_copy_only=False)
        kinds[blank & (kinds == CellKind.TEXT)] = CellKind.EMPTY
    return Column(kinds, numbers, texts)


def decode(payload: bytes) -> Workbook:
    """The child's Arrow stream as a workbook. Raises pa.ArrowInvalid when it is damaged."""
    places: dict[int, dict[str, Any]] = {}
    found: dict[int, dict[int, list[pa.RecordBatch]]] = {}
    with pa.ipc.open_stream(payload) as stream:
        for batch, note in stream.iter_batches_with_custom_metadata():
            batch.validate(full=True)
            place = json.loads(note["place"])
            places[place["sheet"]] = place
            found.setdefault(place["sheet"], {}).setdefault(place["column"], []).append(batch)
    return Workbook(
        tuple(
            Sheet(
                place["name"],
                place["hidden"],
                place["row"],
                {at: _column(batches) for at, batches in sorted(found[index].items())},
            )
            for index, place in sorted(places.items())
        )
    )


class CellReader:
    """Keeps one warm reading process, started at the first file and renewed after `limits.files_per_reader`.

    A file whose reading ends the process, or takes longer than `limits.read_seconds`, gives a finding.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The reading process, None before the first file."""
        return self._child.pid if self._child else None

    def close(self) -> None:
        """Ends the reading process."""
        if self._child is None:
            return
        child, self._child = self._child, None
        child.kill()
        child.communicate()

    def read(self, data: bytes, kind: str) -> Workbook:
        """Cells of a file; `kind` is 'csv' or anything else for a workbook.

        Raises Unreadable (theirs: password, damaged, too large, too slow) or ReaderFailure (ours).
        """
        for _ in range(2):  # a process that somebody else killed says nothing about the file: try once more
            try:
                return self._read_once(data, kind)
            except _Died:
                continue
        raise ReaderFailure("the reading process was killed twice from outside; is the machine out of memory?")

    def _read_once(self, data: bytes, kind: str) -> Workbook:
        child = self._warm()
        late = threading.Event()
        timer = threading.Timer(self._limits.read_seconds, _end, (child, late))
        timer.start()
        try:
            verdict, payload = self._exchange(child, data, kind)
        except (OSError, EOFError) as error:
            raise self._verdict_of_death(child, late.is_set()) from error
        finally:
            timer.cancel()
        if verdict != b"A":
            raise Unreadable(Finding(_VERDICTS[verdict]))
        return decode(payload)

    def _exchange(self, child: subprocess.Popen[bytes], data: bytes, kind: str) -> tuple[bytes, bytes]:
        limits = self._limits
        wanted = {"kind": kind, "columns": limits.columns, "rows": limits.rows, "cells": limits.cells}
        request = json.dumps({**wanted, "seconds": limits.read_seconds}).encode()
        sink, source = _pipes(child)
        sink.write(struct.pack("<I", len(request)) + request + struct.pack("<Q", len(data)))
        sink.write(data)
        sink.flush()
        verdict = _exactly(source, 1)
        return verdict, _exactly(source, struct.unpack("<Q", _exactly(source, 8))[0])

    def _verdict_of_death(self, child: subprocess.Popen[bytes], late: bool) -> Exception:
        child.kill()
        code = child.wait()
        words = self._last_words()
        self.close()
        if late or code == -signal.SIGXCPU:
            return Unreadable(Finding("workbook.too_slow", facts={"seconds": f"{self._limits.read_seconds:g}"}))
        if code in (-signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM):
            return _Died()  # ended from outside, not by the file
        if code == 1:
            return ReaderFailure(f"the reading process failed: {words}")
        return Unreadable(Finding("workbook.unreadable"))

    def _warm(self) -> subprocess.Popen[bytes]:
        if self._child is not None and (self._files >= self._limits.files_per_reader or self._child.poll() is not None):
            self.close()
        if self._child is None:
            self._child, self._files = self._start(), 0
        self._files += 1
        return self._child

    def _last_words(self) -> str:
        """The end of what the reading process wrote on stderr."""
        self._stderr.seek(0)
        return self._stderr.read()[-600:].decode("utf-8", "replace").strip()

    def _start(self) -> subprocess.Popen[bytes]:
        """A confined child without our environment, where secrets stand."""
        self._stderr.seek(0)
        self._stderr.truncate()
        child = subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM), str(self._limits.read_memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )
        if _pipes(child)[1].read(1) != b"R":
            child.communicate()
            raise ReaderFailure(f"the reading process did not start: {self._last_words()}; run `check`")
        return child


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if child.stdin is None or child.stdout is None:
        raise ReaderFailure("the reading process has no pipes")
    return child.stdin, child.stdout


def _exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data
