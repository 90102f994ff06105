"""Documents in outbox/pending: manifest, repeats, what people moved or edited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.outbox.place import place

MONTH = Period(2026, 9)
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
ACT = Rendered("act", "act-2026-09.docx", b"one", "act.docx@0123456789abcdef", {"total": "fee"})
TURNOVER = Rendered("turnover", "turnover-2026-09.xlsx", b"two", "", {"sheet": "S"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pending/2026-09/971240003619 ТОО Жетісу Тұрғын Үй Ко"


def put(outbox: Path, customer: Customer, documents: Sequence[Rendered], days: int = 0) -> list[Path]:
    made_of = {"close": "ab" * 32, "rules": "v1"}
    return place(outbox, MONTH, customer, documents, made_of, NOW + timedelta(days=days))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_and_a_manifest_that_says_what_they_are_made_of(tmp_path: Path, folder: Path, customer: Customer) -> None:
    assert put(tmp_path, customer, [ACT, TURNOVER]) == [folder / ACT.file_name, folder / TURNOVER.file_name]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["month"], manifest["bin"], manifest["customer"]) == (
        "2026-09",
        customer.bin,
        customer.name,
    )
    entry = manifest["files"][ACT.file_name]
    assert entry["sha256"] == sha256(b"one")
    assert entry["figures"] == {"total": "fee"}
    assert entry["made_of"] == {"close": "ab" * 32, "rules": "v1"}
    assert entry["made_at"] == NOW.isoformat()


def test_again_leaves_every_byte_and_a_change_dates_only_its_own_file(
    tmp_path: Path, folder: Path, customer: Customer
) -> None:
    put(tmp_path, customer, [ACT, TURNOVER])
    before = snapshot(tmp_path)
    put(tmp_path, customer, [ACT, TURNOVER], days=1)
    assert snapshot(tmp_path) == before
    put(tmp_path, customer, [replace(ACT, data=b"new")], days=2)
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    assert files[ACT.file_name]["made_at"] == (NOW + timedelta(days=2)).isoformat()
    assert files[TURNOVER.file_name]["made_at"] == NOW.isoformat()
    assert (folder / ACT.file_name).read_bytes() == b"new"


@pytest.mark.parametrize("state", ["approved", "sent"])
def test_what_is_approved_or_sent_as_is_does_not_come_back(
    state: str, tmp_path: Path, folder: Path, customer: Customer
) -> None:
    put(tmp_path, customer, [ACT])
    moved = tmp_path / state / "2026-09" / folder.name
    moved.parent.mkdir(parents=True)
    folder.rename(moved)
    assert put(tmp_path, replace(customer, name="Новое имя"), [ACT], days=1) == [moved / ACT.file_name]
    assert not list((tmp_path / "pending").rglob("*.*"))


def test_a_new_version_goes_to_pending_and_the_approved_one_stays(
    tmp_path: Path, folder: Path, customer: Customer
) -> None:
    put(tmp_path, customer, [ACT])
    approved = tmp_path / "approved/2026-09" / folder.name
    approved.mkdir(parents=True)
    (folder / ACT.file_name).rename(approved / ACT.file_name)
    assert put(tmp_path, customer, [replace(ACT, data=b"new")]) == [folder / ACT.file_name]
    assert (approved / ACT.file_name).read_bytes() == b"one"
    assert put(tmp_path, customer, [ACT]) == [approved / ACT.file_name]
    assert not (folder / ACT.file_name).exists()  # our outdated version is withdrawn


def test_an_edit_by_hand_is_not_lost(tmp_path: Path, folder: Path, customer: Customer) -> None:
    put(tmp_path, customer, [ACT])
    (folder / ACT.file_name).write_bytes(b"edited")
    put(tmp_path, customer, [ACT], days=1)
    assert (folder / ACT.file_name).read_bytes() == b"edited"
    put(tmp_path, customer, [replace(ACT, data=b"new")], days=2)
    assert (folder / ACT.file_name).read_bytes() == b"new"
    assert (folder / "act-2026-09.edited.docx").read_bytes() == b"edited"


def test_a_name_that_is_a_path_stays_in_its_folder(tmp_path: Path, customer: Customer) -> None:
    (path,) = put(tmp_path, replace(customer, name="../../etc/passwd"), [ACT])
    assert path.parent.parent == tmp_path / "pending/2026-09"
