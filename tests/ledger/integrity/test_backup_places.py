"""4.1.13: a backup that was taken away and a home that was put back to an older day are told by whoever still knows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ledger.integrity.life import Life
from tests.ledger.integrity.test_backup import FULL, back_up, elsewhere


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.mark.slow
@pytest.mark.quick(0)
@pytest.mark.parametrize("kept", ["plain", "encrypted"])
def test_the_newest_list_taken_away_is_told_by_all_who_look(life: Life, place: Path, tmp_path: Path, kept: str) -> None:
    """`check` has no password."""
    (word := tmp_path / "word").write_text("secret", "utf-8")
    options = ("--password-file", word) if kept == "encrypted" else ()
    for _ in range(3):
        back_up(life, place, *map(str, options))
    assert life.run("check").code == 0
    lost = place / "backups" / "000003.jsonl"
    lost.unlink()
    for command in (("check",), ("ledger", "verify")):
        ran = life.run(*command, "--lang", "en")
        assert ran.code == 1 and f"{lost} is not there, and act " in ran.out + ran.err, ran
        assert "bring back backup 2" in ran.out + ran.err
    said = life.run("restore", place, "--dry-run", *options, "--lang", "ru")
    assert said.code == 0 and "которых не называет ни один целый список: 1" in said.out, said
    ran = life.run("backup", place, *options, "--lang", "ru")
    assert ran.code == 1 and f"{lost}: его нет" in ran.out and "копия 4:" in ran.out, ran
    assert life.run("check").code == 0, "a new one is there"
    said = elsewhere(life, tmp_path / "again").run("restore", place, *options, "--lang", "ru")
    assert said.code == 0 and "нет списка копии 3" in said.out, "the number is not given again"


@pytest.mark.slow
def test_a_disk_in_turn_with_another_at_one_path_is_no_lost_list(life: Life, place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other-disk"
    for _ in range(2):
        for _ in range(2):
            back_up(life, place)
            assert life.run("check").code == 0
        spare = tmp_path / "spare"
        place.rename(spare)
        if other.exists():
            other.rename(place)
        spare.rename(other)
    assert sorted(path.stem for path in (other / "backups").iterdir()) == ["000001", "000002"]
    shutil.rmtree(place, ignore_errors=True)
    assert life.run("check").code == 0, "a disk that is not mounted is asked nothing"


def test_a_home_put_back_to_an_older_day_is_told_by_its_backups(life: Life, place: Path, tmp_path: Path) -> None:
    """With its mark, so that it agrees with itself; no day's anchor was written yet."""
    _put_back_to_yesterday(life, place, tmp_path)
    ran = life.run("check", "--lang", "ru")
    assert ran.code == 1 and "000002.jsonl: новее этой папки службы" in ran.out + ran.err, ran
    ran = life.run("audit", "verify", "--backups", place, "--lang", "en")
    assert ran.code == 1 and "the last one of backup 2 of " in ran.out, ran
    assert f"inbox-worker restore {place} --number 2" in ran.out
    ran = life.run("backup", place, "--lang", "ru")
    assert ran.code == 1 and "в копии 2 от " in ran.out, ran


def test_such_a_home_removes_no_backup_that_knows_what_it_lost(life: Life, place: Path, tmp_path: Path) -> None:
    """However few are to stay; a person removes it, and the next backup what only it named."""
    _put_back_to_yesterday(life, place, tmp_path)
    assert life.run("backup", place, "--keep", "1").code == 1
    for _ in range(2):
        ran = life.run("backup", place, "--keep", "1", "--lang", "en")
        assert (ran.code, "not removed: backups 2." in ran.out) == (0, True), ran
    assert sorted(one.name for one in (place / "backups").iterdir()) == ["000002.jsonl", "000005.jsonl"]
    home = elsewhere(life, tmp_path / "again" / "home")
    assert home.run("restore", place, "--number", "2").code == 0
    assert home.run("explain", "IW-000001").code == 0
    (place / "backups" / "000002.jsonl").unlink()
    ran = life.run("backup", place, "--keep", "1", "--lang", "en")
    assert (ran.code, "not removed" in ran.out, "earlier backups removed: 1" in ran.out) == (0, False, True), ran
    assert life.run("restore", place, "--dry-run").code == 0


def _put_back_to_yesterday(life: Life, place: Path, folder: Path) -> None:
    if life.url:
        pytest.skip("the copy of a day is a copy of files here")
    back_up(life, place)
    shutil.copytree(life.home, yesterday := folder / "yesterday")
    assert life.ingest("later.eml").code == 0
    back_up(life, place)
    assert life.run("audit", "verify", "--backups", place).code == 0
    shutil.rmtree(life.home)
    shutil.copytree(yesterday, life.home)


def test_a_backup_that_a_full_disk_ended_is_no_lost_list(life: Life, place: Path) -> None:
    back_up(life, place)
    assert life.ingest("later.eml").code == 0
    named = {"INBOX_WORKER_JOURNAL": life.url} if life.url else {}
    assert life.runner.run("backup", place, "--home", life.home, environment=named, limit=FULL).code == 1
    assert life.run("check").code == 0
    back_up(life, place)
    assert life.run("check").code == 0


def test_a_place_without_backups_proves_nothing(life: Life, place: Path) -> None:
    ran = life.run("audit", "verify", "--backups", place)
    assert ran.code == 2 and f"there is no backup in {place}" in ran.err, ran


def test_a_home_restored_knowingly_from_an_earlier_backup_is_well(life: Life, place: Path, tmp_path: Path) -> None:
    back_up(life, place)
    assert life.ingest("later.eml").code == 0
    back_up(life, place)
    home = elsewhere(life, tmp_path / "again" / "home")
    assert home.run("restore", place, "--number", "1").code == 0
    assert home.run("check").code == 0


def test_a_list_that_the_disk_does_not_give_is_told(life: Life, place: Path) -> None:
    """A folder stands in its place: root reads any file."""
    back_up(life, place)
    newest = place / "backups" / "000001.jsonl"
    newest.unlink()
    newest.mkdir()
    ran = life.run("check", "--lang", "en")
    assert ran.code == 1 and f"{newest}" in ran.out + ran.err and "cannot be read" in ran.out + ran.err, ran
