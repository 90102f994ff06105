"""Readers of tests lend each other the processes that read, and only sound ones."""

from __future__ import annotations

import itertools

import pytest

from inbox_worker.settings.office_rules import Limits
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.lent import lent
from tests.support.office import ROOT

OWN = itertools.count(800_000_001)  # bytes of memory that no other reader of this process asks for


@pytest.fixture
def limits() -> Limits:
    return load_rules(ROOT / "rules").limits.model_copy(update={"read_memory": next(OWN), "files_per_reader": 3})


def pid_after_a_file(reader: CellReader) -> int | None:
    reader.read(b"a;b\n1;2\n", "csv")
    return reader.pid


def test_a_process_that_answered_is_lent_until_it_is_due_for_renewal(limits: Limits) -> None:
    with lent():
        pids = []
        for _ in range(4):
            with CellReader(limits) as reader:
                pids.append(pid_after_a_file(reader))
    assert pids[0] == pids[1] == pids[2] != pids[3]
    with CellReader(limits) as reader:
        assert pid_after_a_file(reader) not in pids, "outside each has its own"


def test_a_process_whose_file_was_given_up_is_lent_to_nobody(limits: Limits) -> None:
    """Its answer would be taken for that of the next file."""

    def give_up() -> None:
        raise KeyError

    with lent():
        with CellReader(limits) as reader:
            first = pid_after_a_file(reader)
            with pytest.raises(KeyError):
                reader.read(b"c\n3\n", "csv", meanwhile=give_up)
        with CellReader(limits) as reader:
            reader.begin()
            assert reader.pid != first
