"""A byte turned in any kind of object of the storage is named and mended by a command, out of a backup where no machine
has it whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from inbox_worker.core.files import sha256_file
from tests.ledger.integrity.life import Life
from tests.ledger.integrity.test_storage import ran_well
from tests.support.s3 import Bucket


@pytest.fixture
def stored(life: Life, bucket: Bucket) -> Life:
    """A home whose storage has an object of every kind."""
    bucket.settle(life.home)
    folder = life.home / "ledger" / "anchors"
    folder.mkdir()
    (folder / "2026-08-20.tsr").write_bytes(b"answer")
    (folder / "2026-08-20.tsq").write_bytes(b"request")
    ran_well(life, "ledger", "store")
    ran_well(life, "once")
    shutil.rmtree(folder)  # no server made them
    ran_well(life, "ledger", "verify")
    return life


def turned(data: bytes) -> bytes:
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def named(life: Life, objects: Mapping[str, bytes]) -> set[str]:
    said = life.run("ledger", "verify", "--full", "--json").out
    return {one for one in objects if any(problem["file"].endswith(one) for problem in json.loads(said)["problems"])}


def kinds(objects: Mapping[str, bytes]) -> set[str]:
    return {re.split(r"[-.]", name.rpartition("/")[2])[0] if name[:4] != "anch" else name[-4:] for name in objects}


@pytest.mark.slow
def test_a_turned_byte_of_any_object_is_named_and_put_there_again(stored: Life, bucket: Bucket) -> None:
    objects = {name: data for name, data in bucket.objects().items() if not name.startswith("verified/")}
    assert kinds(objects) >= {"json", ".tsr", ".tsq", "lines", "payments", "directory", "customers", "allocations"}
    for name, data in objects.items():
        bucket.put(name, turned(data))
    assert named(stored, objects) == objects.keys()
    ran_well(stored, "ledger", "store")
    assert named(stored, objects) == set()
    assert {name: bucket.objects()[name] for name in objects} == objects


@pytest.mark.slow
def test_a_turned_byte_of_the_record_of_verify_is_named_once(stored: Life, bucket: Bucket) -> None:
    """The run that names it puts its own there, which the machine that takes over reads."""
    [record] = [name for name in bucket.objects() if name.startswith("verified/")]
    bucket.put(record, turned(bucket.objects()[record]))
    assert named(stored, {record: b""}) == {record}
    assert named(stored, {record: b""}) == set()


@pytest.mark.slow
def test_an_object_that_no_machine_has_whole_comes_from_a_backup(stored: Life, bucket: Bucket, tmp_path: Path) -> None:
    ran_well(stored, "backup", tmp_path / "backups")
    copy = stored.one("ledger/facts/*/*/directory-*.parquet")
    digest = sha256_file(copy)
    [name] = [name for name in bucket.objects() if digest in name]
    copy.unlink()
    bucket.put(name, turned(bucket.objects()[name]))
    said = stored.run("ledger", "verify", "--full").out
    assert name in said and "restore BACKUP --only" in said
    ran_well(stored, "restore", tmp_path / "backups", "--only", copy.relative_to(stored.home))
    ran_well(stored, "ledger", "store")
    assert named(stored, {name: b""}) == set() and sha256_file(copy) == digest
