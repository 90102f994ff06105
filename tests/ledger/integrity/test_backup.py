"""`backup` while work goes on, `restore` into an empty place: whole or not at all, on both databases."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.ledger.journal import open_journal
from inbox_worker.settings.home import load_home
from tests.faults.killer import Ran
from tests.ledger.integrity.life import Life, damage
from tests.support.journals import known, lying
from tests.support.service import ServiceProcess

FULL = 8_000  # bytes a file may have: less than the journal's copy


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The place of backups."""
    return tmp_path / "backups"


def back_up(life: Life, place: Path, *options: str) -> Ran:
    ran = life.run("backup", place, *options)
    assert ran.code == 0 and not ran.err, ran
    return ran


def elsewhere(life: Life, home: Path) -> Life:
    """An empty place, and an empty database where the journal is in one."""
    return replace(life, home=home, url=life.server.fresh() if life.server else "")


def objects(place: Path) -> set[str]:
    return {path.name for path in (place / "objects").glob("*/*")}


def rows(life: Life) -> dict[str, list[dict[str, Any]]]:
    journal = open_journal(life.journal)
    try:
        return dict(known(journal.database.engine))
    finally:
        journal.database.dispose()


def _leave_out_restore(of_home: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """A restore is the restored home's own act, the last."""
    assert of_home["acts"].pop()["act"] == "restore"
    return of_home


def same(one: Life, other: Life) -> None:
    assert lying(one.home) == lying(other.home)
    assert (one.home / "config.yaml").read_bytes() == (other.home / "config.yaml").read_bytes()
    there = rows(other)
    assert rows(one) == _leave_out_restore(there)
    assert other.run("check", "--deep").code == 0


def test_a_backup_brings_the_home_back_and_it_goes_on(life: Life, place: Path, tmp_path: Path) -> None:
    back_up(life, place)
    again = elsewhere(life, tmp_path / "again")
    ran = again.run("restore", place)
    assert ran.code == 0 and str(again.home) in ran.out, ran
    same(life, again)
    assert again.ingested("later.eml")["arrival"] == life.ingested("later.eml")["arrival"], "numbers go on"
    modes = [path.stat().st_mode for home in (life.home, again.home) for path in sorted((home / "outbox").rglob("*"))]
    assert modes[: len(modes) // 2] == modes[len(modes) // 2 :], "people of the group still may work there"


def test_a_second_backup_copies_only_what_is_new_and_the_first_stays(life: Life, place: Path, tmp_path: Path) -> None:
    back_up(life, place)
    before, then = objects(place), rows(life)
    life.ingested("later.eml")
    back_up(life, place)
    new = [path for name in objects(place) - before for path in (place / "objects").glob(f"*/{name}")]
    assert 2 <= len(new) <= 5, "the letter, its facts and the journal; what people see of it"
    first = elsewhere(life, tmp_path / "first")
    assert first.run("restore", place, "--number", "1").code == 0
    assert _leave_out_restore(rows(first)) == then
    back_up(life, place, "--keep", "1")
    assert [path.name for path in (place / "backups").iterdir()] == ["000003.jsonl"]
    last = elsewhere(life, tmp_path / "last")
    assert last.run("restore", place).code == 0
    same(life, last)


@pytest.mark.slow
def test_a_backup_while_the_service_takes_letters_is_of_one_moment(begun: Life, tmp_path: Path) -> None:
    life, place = begun.copy(tmp_path / "home"), tmp_path / "backups"
    environment = {"INBOX_WORKER_JOURNAL": life.url} if life.url else {}
    inbox = life.home / "inbox" / "korrektirovki"
    raw = (life.forms / "later.eml").read_bytes()
    with ServiceProcess(life.home, environment) as service:
        service.ready()
        for number in range(8):
            (inbox / f"letter-{number}.eml").write_bytes(raw.replace(b"<later@", b"<later%d@" % number))
        for _ in range(3):
            service.line(lambda line: '"decided"' in line)
            back_up(life, place)
    counts = []
    for number in (1, 2, 3):
        again = elsewhere(life, tmp_path / f"again-{number}")
        ran = again.run("restore", place, "--number", str(number))
        assert ran.code == 0, ran
        assert again.run("check", "--deep").code == 0
        counts.append(len(rows(again)["arrivals"]))  # type: ignore[index]
    assert counts == sorted(counts) and counts[0] > len(rows(begun)["arrivals"])  # type: ignore[index]


def spread(steps: tuple[str, ...], most: int = 7) -> list[int]:
    """Steps from the first to the last, evenly."""
    return sorted({1 + round(n * (len(steps) - 1) / (most - 1)) for n in range(most)})


@pytest.mark.parametrize("most", [3, pytest.param(7, marks=pytest.mark.slow)])
def test_a_kill_leaves_the_earlier_backup_or_the_new_one_whole(
    life: Life, place: Path, tmp_path: Path, most: int
) -> None:
    back_up(life, place)
    life.ingested("later.eml")
    trial = shutil.copytree(place, tmp_path / "trial")
    steps = life.run("backup", trial, last=0).steps
    assert any("000002.jsonl" in step for step in steps)
    for last in spread(steps, most):
        torn = shutil.copytree(place, tmp_path / f"torn-{last}")
        ran = life.run("backup", torn, last=last)
        assert ran.killed or last == len(steps), (last, ran)  # a pass less over the home is a step less
        assert life.run("restore", torn, "--dry-run").code == 0, steps[last - 1]
        assert life.run("restore", torn, "--dry-run", "--number", "1").code == 0
        back_up(life, torn)
        assert life.run("restore", torn, "--dry-run").code == 0


def test_a_restore_takes_no_journal_that_a_home_works_with(life: Life, place: Path, tmp_path: Path) -> None:
    """Right after a backup the database of the home says the very same: two homes would share it."""
    back_up(life, place)
    if life.server:
        ran = replace(life, home=tmp_path / "new").run("restore", place)
        assert ran.code == 1 and "not empty" in ran.err and not (tmp_path / "new").exists(), ran
    else:
        ran = life.run("restore", place)
        assert ran.code == 2 and "not empty" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("most", [3, pytest.param(7, marks=pytest.mark.slow)])
def test_a_killed_restore_leaves_no_home_and_a_second_one_makes_it(
    life: Life, place: Path, tmp_path: Path, most: int
) -> None:
    back_up(life, place)
    steps = elsewhere(life, tmp_path / "trial" / "home").run("restore", place, last=0).steps
    for last in spread(steps, most):
        torn = elsewhere(life, tmp_path / f"torn-{last}" / "home")
        ran = torn.run("restore", place, last=last)
        assert ran.killed, (last, ran)
        if not torn.home.exists():
            for folder in (torn.home, *torn.home.parent.glob(".*")):
                assert last == len(steps) or replace(torn, home=folder).run("tasks", "list").code == 2, steps[last - 1]
            assert torn.run("restore", place).code == 0, steps[last - 1]
        same(life, torn)
        assert not list(torn.home.parent.glob(".*"))


@pytest.mark.parametrize("pattern", ["objects/*/*", "backups/*.jsonl"])
def test_a_turned_byte_in_the_backup_is_named_and_no_home_is_made(
    pattern: str, life: Life, place: Path, tmp_path: Path
) -> None:
    back_up(life, place)
    for path in sorted(place.glob(pattern))[:: 9 if "objects" in pattern else 1]:
        if not path.stat().st_size:
            continue
        was = damage(path)
        again = elsewhere(life, tmp_path / "again")
        for options in (("--dry-run",), ()):
            ran = again.run("restore", place, *options)
            assert ran.code == 1 and str(path) in ran.err and ran.err.count("\n") == 1, ran
        assert not again.home.exists() and not list(tmp_path.glob(".*"))
        path.write_bytes(was)
    assert elsewhere(life, tmp_path / "again").run("restore", place).code == 0


def test_a_dry_run_compares_what_only_earlier_backups_hold(life: Life, place: Path) -> None:
    """Whoever restores an earlier one, for the newest is of after the damage, must have known."""
    note = life.home / "rules" / "note.txt"
    note.write_text("first", "utf-8")
    back_up(life, place)
    note.write_text("second", "utf-8")
    back_up(life, place)
    ran = life.run("restore", place, "--dry-run")
    assert ran.code == 0 and len(ran.out.splitlines()) == 2, ran
    [kept] = [path for path in place.glob("objects/*/*") if path.read_bytes() == b"first"]
    was = damage(kept)
    assert life.run("restore", place, "--dry-run", "--number", "2").code == 0
    ran = life.run("restore", place, "--dry-run")
    assert ran.code == 1 and str(kept) in ran.err and "rules/note.txt" in ran.err, ran
    kept.write_bytes(was)
    damage(place / "backups" / "000001.jsonl")
    ran = life.run("restore", place, "--dry-run")
    assert ran.code == 1 and "000001.jsonl" in ran.err, ran


def test_no_more_files_are_new_than_there_are(life: Life, place: Path) -> None:
    """The journal's copy was among the new ones alone: `87 files, 88 of them new`."""
    said = back_up(life, place, "--lang", "en").out
    found = re.search(r"backup 1: files (\d+), new among them (\d+) ", said)
    assert found and int(found[1]) >= int(found[2]) > 0, said
    assert int(found[2]) == len(list(place.glob("objects/*/*"))), "those and no others lie there"


def test_an_earlier_list_in_the_place_of_the_newest_is_told(life: Life, place: Path, tmp_path: Path) -> None:
    """Copied over it, it is whole by its own hash, and the home of the day before would come back."""
    assert life.run("backup", place).code == life.run("backup", place).code == 0
    first, newest = sorted((place / "backups").iterdir())[-2:]
    newest.write_bytes(first.read_bytes())
    for how in (("--dry-run",), ("--home", tmp_path / "back")):
        ran = life.runner.run("restore", place, *how, "--lang", "en", seconds=300)
        assert ran.code == 1 and "under another name" in ran.err and newest.name in ran.err, ran
    assert not (tmp_path / "back").exists()


def test_the_list_leads_out_of_no_home(life: Life, place: Path, tmp_path: Path) -> None:
    """Even a list with a right seal: whoever can write into the backup must not write anywhere else."""
    from inbox_worker.ledger.backup_store import BackupStore

    back_up(life, place)
    store = BackupStore(place)
    made = store.read()
    rules = made.files["rules/prices.yaml"]
    store.write(replace(made, number=2, files={**made.files, "out": replace(rules, path="../out.yaml")}))
    ran = elsewhere(life, tmp_path / "again").run("restore", place)
    assert ran.code == 1 and "outside a home" in ran.err
    assert not (tmp_path / "out.yaml").exists()


def test_a_full_disk_leaves_the_earlier_backup_and_no_half_home(life: Life, place: Path, tmp_path: Path) -> None:
    back_up(life, place)
    life.ingested("later.eml")
    before = objects(place)
    named = {"INBOX_WORKER_JOURNAL": life.url} if life.url else {}
    other = tmp_path / "other"
    for folder in (place, other):
        ran = life.runner.run("backup", folder, "--home", life.home, environment=named, limit=FULL)
        assert ran.code == 1 and ran.err.count("\n") == 1, ran
    assert not list((other / "backups").glob("*")), "no list of what is not there"
    assert not list(place.rglob("*.tmp"))
    assert life.run("restore", place, "--dry-run").code == 0 and before <= objects(place)
    again = elsewhere(life, tmp_path / "again")
    at = {"INBOX_WORKER_JOURNAL": again.url} if again.url else {}
    ran = life.runner.run("restore", place, "--home", again.home, environment=at, limit=FULL)
    assert ran.code == 1 and ran.err.count("\n") == 1, ran
    assert not again.home.exists() and not list(tmp_path.glob(".*"))
    assert again.run("restore", place).code == 0


def test_what_was_damaged_before_the_backup_is_named_by_both(life: Life, place: Path, tmp_path: Path) -> None:
    fact = life.one("ledger/facts/*/2026-09/recalculations-*.parquet")
    damage(fact)
    name = fact.relative_to(life.home).as_posix()
    ran = life.run("backup", place)
    assert ran.code == 1 and name in ran.out
    again = elsewhere(life, tmp_path / "again")
    ran = again.run("restore", place)
    assert ran.code == 1 and name in ran.out, "the home is there, as it was backed up"
    assert (again.home / name).read_bytes() == fact.read_bytes()


def test_check_names_a_place_of_backups_in_the_home(life: Life) -> None:
    """`backup` refuses it, and the service would look for a backup there for ever."""
    config = life.home / "config.yaml"
    before = config.read_text("utf-8")
    for folder, code in ((life.home / "ledger" / "b", 1), ("b", 1), (life.home.parent / "b", 0)):
        config.write_text(f"{before}\nbackups: {{folder: {folder}}}\n", "utf-8")
        ran = life.run("check")
        said = ran.out + ran.err
        assert (ran.code, "backups.folder" in said and "is in the home" in said) == (code, bool(code)), ran


def test_a_place_that_is_taken_stays_as_it_is(life: Life, place: Path, tmp_path: Path) -> None:
    back_up(life, place)
    before = lying(life.home)
    ran = life.run("restore", place)
    assert ran.code == 2 and "is not empty" in ran.err
    assert lying(life.home) == before
    ran = life.run("backup", life.home / "archive" / "copies")
    assert ran.code == 2 and "is in the home" in ran.err
    if life.server:
        ran = replace(life, home=tmp_path / "again").run("restore", place)
        assert ran.code in (0, 1) and rows(life) == rows(life)
        later = life.ingested("later.eml")
        ran = replace(life, home=tmp_path / "third").run("restore", place)
        assert ran.code == 1 and "is not empty" in ran.err and later["arrival"]
    assert load_home(life.home).path == life.home


def test_a_place_where_no_backup_can_be_is_told_with_what_to_do(life: Life, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        ran = life.run("backup", place)
        assert ran.code == 1 and len(ran.err.splitlines()) == 1 and "in its place" in ran.err, ran


def test_a_link_is_named_as_left_out(life: Life, place: Path, tmp_path: Path) -> None:
    (tmp_path / "far.xlsx").write_bytes(b"far")
    (life.home / "inbox" / "korrektirovki" / "far.xlsx").symlink_to(tmp_path / "far.xlsx")
    assert "inbox/korrektirovki/far.xlsx" in back_up(life, place).out


def test_two_backups_into_one_place_take_turns(life: Life, place: Path) -> None:
    from inbox_worker.ledger.backup_store import BackupStore

    back_up(life, place)
    with BackupStore(place).writing_alone():
        ran = life.run("backup", place)
    assert ran.code == 1 and "another backup" in ran.err
    listed = [json.loads(line) for line in (place / "backups" / "000001.jsonl").read_text().splitlines()]
    assert listed[0]["journal"]["database"] == ("postgresql" if life.server else "sqlite")
    if life.server:
        dump = place / "objects" / listed[0]["journal"]["sha256"][:2] / listed[0]["journal"]["sha256"]
        shown = subprocess.run(["pg_restore", "--list", str(dump)], capture_output=True, text=True, check=True)
        assert "TABLE DATA public arrivals" in shown.stdout


def test_a_folder_with_backups_of_another_home_is_refused(life: Life, place: Path, tmp_path: Path) -> None:
    """`--keep 1` of the one would remove those of the other, and `restore` would bring back whichever came last."""
    back_up(life, place)
    back_up(life, place)
    damage(place / "backups" / "000002.jsonl")  # says nobody's name, and stays where it is
    there = sorted(place.rglob("*"))
    shutil.copytree(life.home, tmp_path / "other", ignore=shutil.ignore_patterns("ledger", "archive", "outbox"))
    ran = elsewhere(life, tmp_path / "other").run("backup", place, "--keep", "1", "--full")
    assert ran.code == 2 and "another home" in ran.err and str(place) in ran.err, ran
    assert sorted(place.rglob("*")) == there
