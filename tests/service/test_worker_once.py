"""`once`: every whole file of the drop folders is decided exactly once and moved; nothing else is touched."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from worker_home import NOW, Place, under

from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office
from inbox_worker.deciding.take_in import take_in
from inbox_worker.month.office import lock_for_writing
from inbox_worker.receiving.drop_folder import DropFolders
from inbox_worker.workbooks.cells import CellReader

LETTER = "recalculations-minus-5"
READINGS = "readings-cold_water-samal"


def test_an_email_and_a_workbook_are_decided_and_moved(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(place.letter(LETTER), place.corrections)
    (place.readings / "Показания.xlsx").write_bytes(place.workbook(READINGS))
    place.once()
    letter = place.letter(LETTER).name
    assert place.outcomes() == [
        ("IW-000003", letter, "accepted"),
        ("IW-000004", "Показания.xlsx", "accepted"),
    ]
    assert under(place.corrections) == [f"taken/2026-08/IW-000003 {letter}"]
    assert under(place.readings) == ["taken/2026-08/IW-000004 Показания.xlsx"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("2026-08-20 12:00:00 IW-000004 bigoperators/Показания.xlsx accepted")
    assert len(lines) == 2


def test_a_rejected_file_is_moved_too_and_its_reason_is_told(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.readings / "отчёт.xlsx").write_bytes(b"no workbook at all")
    place.once()
    [(number, _, outcome)] = place.outcomes()
    assert under(place.readings) == [f"taken/2026-08/{number} отчёт.xlsx"]
    line = capsys.readouterr().out
    assert f" {outcome}: " in line and line.count("\n") == 1


def test_a_workbook_counts_from_the_moment_it_lay_in_the_folder_or_now(place: Place) -> None:
    """4.3.2: a form does not become late because the service looked late."""
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    lay_since = file.stat().st_ctime
    place.once(NOW.replace(year=2035))
    assert place.arrivals()[0].received_at.timestamp() == pytest.approx(lay_since, abs=0.001)


def test_a_link_put_in_the_place_of_a_file_that_was_just_seen_is_not_followed(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """4.1.17: who may drop files could have had whatever the service may read put into the archive."""
    secret, file = tmp_path / "korrektirovki.password", place.readings / "a.xlsx"
    secret.write_bytes(place.workbook(READINGS))
    file.write_bytes(b"seen")
    take = DropFolders.take

    def swap(folders: DropFolders, *arguments: Any) -> None:
        file.unlink()
        file.symlink_to(secret)
        take(folders, *arguments)

    monkeypatch.setattr(DropFolders, "take", swap)
    place.once()
    assert place.outcomes() == [] and file.is_symlink() and secret.exists()
    assert "cannot be read (Too many levels of symbolic links)" in capsys.readouterr().err


def test_lock_files_and_subfolders_are_left(place: Place) -> None:
    names = ["~$Показания.xlsx", ".~lock.a.ods#", "a.xlsx.tmp", "Новая папка/b.xlsx"]
    (place.readings / "Новая папка").mkdir()
    for name in names:
        (place.readings / name).write_bytes(b"x")
    place.once()
    assert under(place.readings) == sorted(names)
    assert place.arrivals() == []


def test_a_file_still_growing_is_left_and_named(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    growing, whole = place.readings / "growing.xlsx", place.readings / "whole.xlsx"
    whole.write_bytes(place.workbook(READINGS))
    os.utime(whole, (1_000_000, 1_000_000))
    end = threading.Event()

    def write() -> None:
        with growing.open("ab", buffering=0) as file:
            while not end.wait(0.01):
                file.write(b"x")

    growing.touch()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        place.once()
    finally:
        end.set()
        writer.join()
    assert [source for _, source, _ in place.outcomes()] == ["whole.xlsx"]
    assert growing.exists()
    assert "growing.xlsx: is still being written" in capsys.readouterr().err


def test_the_same_file_again_is_a_duplicate(place: Place) -> None:
    data = place.workbook(READINGS)
    for _ in range(2):
        (place.readings / "a.xlsx").write_bytes(data)
        place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["accepted", "duplicate"]
    assert under(place.readings) == [f"taken/2026-08/IW-00000{number} a.xlsx" for number in (3, 4)]


def test_two_names_of_the_same_bytes_are_two_arrivals(place: Place) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (place.readings / name).write_bytes(place.workbook(READINGS))
    place.once()
    assert sorted(outcome for _, _, outcome in place.outcomes()) == ["accepted", "duplicate"]


def test_a_file_that_staff_ingested_before_is_not_swallowed(place: Place) -> None:
    """Its earlier arrival did not come from the drop folder: the dropped one gets its own outcome."""
    file = place.home.path / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    with lock_for_writing(place.home), open_office(place.home) as office, CellReader(office.rules.limits) as reader:
        take_in(Pipeline(office, reader), file, "bigoperators", NOW, "", NOW)
    shutil.copy(file, place.readings)
    place.once()
    assert [outcome for _, _, outcome in place.outcomes()] == ["accepted", "duplicate"]


def test_a_name_cannot_forge_a_line(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\n2026-08-20 12:00:00 IW-000009 b.xlsx accepted\u202e.xlsx"
    (place.readings / name).write_bytes(b"x")
    place.once()
    [line] = capsys.readouterr().out.splitlines()
    assert "a\\n2026-08-20" in line and "\\u202e" in line
    assert place.arrivals()[0].source == name
    [moved] = under(place.readings)
    assert "\n" not in moved and moved.endswith(".xlsx")


def test_a_name_that_is_no_utf8_is_taken(place: Place) -> None:
    raw = os.fsencode(place.readings) + b"/" + "Вода.xlsx".encode("cp1251")
    Path(os.fsdecode(raw)).write_bytes(place.workbook(READINGS))
    place.once()
    [(_, source, outcome)] = place.outcomes()
    assert (source, outcome) == ("\ufffd\ufffd\ufffd\ufffd.xlsx", "accepted")


def test_missing_drop_folders_are_made(place: Place) -> None:
    shutil.rmtree(place.home.inbox)
    place.once()
    assert place.corrections.is_dir() and place.readings.is_dir()
