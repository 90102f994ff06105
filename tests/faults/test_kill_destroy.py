"""A kill at any step of a destruction: told as not finished, and the command again ends it; a backup brings none back
unseen (8.10)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.files import sha256_file
from inbox_worker.ledger.destroyed import CertifiedItems, DestroyedFile
from tests.faults.killer import Ran
from tests.support.here import Runner
from tests.support.journals import in_config
from tests.support.office import make_bare_home
from tests.support.once import build_once
from tests.support.papers import letter
from tests.support.postgres import Postgres

ANNA, BORIS = {"INBOX_WORKER_USER": "anna"}, {"INBOX_WORKER_USER": "boris"}
OLD = "2019-08-20T10:00:00"
Copies = Callable[[str], Path]


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory, killer: Runner) -> Path:
    """A home with two strangers' letters of long ago; Anna proposed to destroy them."""
    return build_once(
        tmp_path_factory, "old", lambda folder: propose_old(make_bare_home(folder / "home"), folder, killer)
    )


def propose_old(home: Path, folder: Path, killer: Runner) -> Path:
    for name in ("first", "second"):
        file = folder / f"{name}.eml"
        file.write_bytes(letter(f"{name}@evil.example", [], f"<{name}@x>", name, "", {}))
        into = ("--mailbox", "korrektirovki", "--received-at", OLD, "--home", home)
        assert killer.run("ingest", file, *into).code == 0
    assert killer.run("retention", "propose", "--home", home, environment=ANNA).code == 2, "nothing came for years"
    assert killer.run("retention", "clock", "--by", "радио", "--home", home, environment=ANNA).code == 0
    ran = killer.run("retention", "propose", "--json", "--home", home, environment=ANNA)
    made = json.loads(ran.out)
    assert (made["certificate"], made["proposed_by"], len(made["files"])) == (1, "anna", 2), ran.err
    return home


def destroy(killer: Runner, home: Path, last: int | None = None) -> Ran:
    return killer.run("retention", "destroy", "1", "--home", home, last=last, environment=BORIS)


@pytest.fixture
def copies(proposed: Path, tmp_path: Path, killer: Runner, request: pytest.FixtureRequest) -> Iterator[Copies]:
    """Makes copies of the home, of whose journals PostgreSQL has one each where the test asks for it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield lambda name: shutil.copytree(proposed, tmp_path / name)
        return
    server: Postgres = request.getfixturevalue("server")
    first = make_bare_home(tmp_path / "proposed" / "home")
    in_config(first, url := server.fresh())
    propose_old(first, first.parent, killer)

    def copy(name: str) -> Path:
        home = shutil.copytree(first, tmp_path / name)
        in_config(home, server.fresh(like=url.rpartition("/")[2]))
        return home

    yield copy


def letters(home: Path) -> int:
    return sum(path.is_file() for path in (home / "archive").glob("2???/*/*"))


def listed(killer: Runner, home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(killer.run("retention", "list", "--json", "--home", home).out)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "every", [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("copies", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True)
def test_a_kill_at_any_step_leaves_it_undone_or_told_as_not_finished(
    every: bool, copies: Copies, killer: Runner
) -> None:
    whole = copies("whole")
    ran = destroy(killer, whole, 0)
    assert ran.code == 0 and letters(whole) == 0, ran.err
    assert killer.run("check", "--deep", "--home", whole).code == 0
    seen = set()
    commits = [step for step, name in enumerate(ran.steps, 1) if name == "after commit"]
    last = len(ran.steps)
    some = {1, commits[-2] + 1, last - 1, last}
    for step in range(1, last + 1) if every else sorted(some):
        home, where = copies("trial"), f"{step}: {ran.steps[step - 1]}"
        assert destroy(killer, home, step).killed, where
        [one] = listed(killer, home)["certificates"]
        check = killer.run("check", "--home", home)
        seen.add(one["state"])
        if one["state"] == "proposed":
            assert letters(home) == 2 and check.code == 0, where
        elif one["state"] == "destroying":
            assert check.code == 1 and "certificate 1 of" in check.out and "is not finished" in check.out, where
        else:
            assert letters(home) == 0 and check.code == 0 and step == len(ran.steps) or one["sha256"], where
        again = destroy(killer, home)
        assert again.code == (2 if one["state"] == "destroyed" else 0), (where, again.err)
        assert letters(home) == 0 and (home / "archive/certificates/000001.html").is_file(), where
        assert killer.run("check", "--deep", "--home", home).code == 0, where
        acts = json.loads(killer.run("audit", "list", "--json", "--home", home).out)["acts"]
        assert [act["act"] for act in acts if act["act"].startswith("retention")] == [
            "retention propose", "retention destroy", "retention destroyed",
        ], where  # fmt: skip
        shutil.rmtree(home)
    assert seen == {"proposed", "destroying", "destroyed"}


def test_a_restore_of_a_backup_made_before_tells_what_it_brings_back(
    proposed: Path, killer: Runner, tmp_path: Path
) -> None:
    home, place, older = shutil.copytree(proposed, tmp_path / "home"), tmp_path / "backups", tmp_path / "older"
    assert killer.run("backup", place, "--home", home).code == 0
    assert destroy(killer, home).code == 0
    made = killer.run("backup", place, "--home", home)
    assert made.code == 0 and not made.err, "what was destroyed is not missing"
    newest = tmp_path / "newest"
    assert killer.run("restore", place, "--home", newest).code == 0
    assert killer.run("check", "--deep", "--home", newest).code == 0
    killer.run("restore", place, "--home", older, "--number", "1")
    check = killer.run("check", "--home", older)
    assert check.code == 1 and "certificate 1 destroyed what is there again" in check.out and letters(older) == 2
    assert destroy(killer, older).code == 0
    assert letters(older) == 0 and killer.run("check", "--deep", "--home", older).code == 0
    [one] = listed(killer, older)["certificates"]
    assert (one["state"], one["proposed_by"], one["destroyed_by"]) == ("destroyed", "anna", "boris")


def test_a_certificate_that_was_kept_elsewhere_repeats_what_no_backup_knows(
    proposed: Path, killer: Runner, tmp_path: Path
) -> None:
    """The machine was lost before the next backup: who kept the certificate puts its line beside the others."""
    home, place, older = shutil.copytree(proposed, tmp_path / "home"), tmp_path / "backups", tmp_path / "older"
    assert killer.run("backup", place, "--home", home).code == 0
    told = killer.run("retention", "destroy", "1", "--home", home, "--lang", "en", environment=BORIS).out
    assert "make a new one now" in told
    assert killer.run("restore", place, "--home", older).code == 0 and letters(older) == 2
    assert killer.run("check", "--home", older).code == 0, "nothing there says that they were destroyed"
    kept = Path("archive", "certificates", "000001.jsonl")
    (older / kept).parent.mkdir(exist_ok=True)
    shutil.copyfile(home / kept, older / kept)
    check = killer.run("check", "--home", older)
    assert check.code == 1 and "certificate 1 destroyed what is there again" in check.out, check.out
    again = ("retention", "destroy", "--again", "--home", older, "--lang", "en")
    tried = killer.run(*again, "--dry-run", environment=BORIS)
    assert "not finished: 1. Nothing was destroyed" in tried.out and letters(older) == 2
    assert killer.run(*again, environment=BORIS).code == 0 and letters(older) == 0
    assert killer.run("check", "--deep", "--home", older).code == 0
    assert "nothing came back" in killer.run(*again, environment=BORIS).out
    [one] = listed(killer, older)["certificates"]
    assert (one["state"], one["proposed_by"], one["destroyed_by"]) == ("destroyed", "anna", "boris")
    acts = json.loads(killer.run("audit", "list", "--json", "--home", older).out)["acts"]
    assert any(act["act"] == "retention destroy" and "brought back" in act["details"] for act in acts)
    assert killer.run("retention", "destroy", "--home", older).code == 2


def test_a_line_that_one_person_wrote_destroys_nothing_alone(proposed: Path, killer: Runner, tmp_path: Path) -> None:
    """4.1.12: `destroyed.jsonl` lies outside of the chain of acts; a line in it did what two people do."""
    home = shutil.copytree(proposed, tmp_path / "home")
    written = shutil.copytree(proposed, tmp_path / "written")  # where the line was made
    assert destroy(killer, written).code == 0
    line = (written / "ledger" / "destroyed.jsonl").read_text("utf-8")
    forged = {1: line, 2: line.replace('"number": 1', '"number": 2').replace('"number":1', '"number":2')}
    assert forged[2] != forged[1]
    for number, text in forged.items():  # of the proposal that waits for another person, and of none
        mine = shutil.copytree(home, tmp_path / f"mine-{number}")
        (mine / "ledger" / "destroyed.jsonl").write_text(text, "utf-8")
        again = ("retention", "destroy", "--again", "--home", mine, "--lang", "en")
        for _ in range(2):
            ran = killer.run(*again, environment=ANNA)
            assert ran.code == 2 and "another person ends it" in ran.err and letters(mine) == 2, ran
        acts = json.loads(killer.run("audit", "list", "--json", "--home", mine).out)["acts"]
        assert [act["who"] for act in acts if act["act"] == "retention vouch"] == ["anna"] * (number == 2)
        assert killer.run(*again, environment=BORIS).code == 0 and letters(mine) == 0
        assert killer.run("check", "--deep", "--home", mine).code == 0
    young = make_bare_home(tmp_path / "young")
    file = tmp_path / "young.eml"
    file.write_bytes(letter("third@evil.example", [], "<third@x>", "third", "", {}))
    assert killer.run("ingest", file, "--mailbox", "korrektirovki", "--home", young).code == 0
    [kept] = [path.relative_to(young).as_posix() for path in (young / "archive").glob("2???/*/*")]
    stated = json.loads(line)
    stated["files"] = [{**stated["files"][0], "path": kept, "sha256": sha256_file(young / kept)}]
    stated["items"] = CertifiedItems([DestroyedFile(**file) for file in stated["files"]]).hash
    (young / "ledger" / "destroyed.jsonl").write_text(json.dumps(stated, ensure_ascii=False) + "\n", "utf-8")
    for who in (ANNA, BORIS):
        ran = killer.run("retention", "destroy", "1", "--home", young, "--lang", "en", environment=who)
        assert ran.code == 2 and f"{kept}, which certificate 1 names, may not go" in ran.err and letters(young) == 1


def test_one_person_repeats_what_a_restore_took_from_a_newer_backup(
    proposed: Path, killer: Runner, tmp_path: Path
) -> None:
    """The restore compared the certificates with the newest backup, and its act names them."""
    home, place, older = shutil.copytree(proposed, tmp_path / "home"), tmp_path / "backups", tmp_path / "older"
    assert killer.run("backup", place, "--home", home).code == 0
    assert killer.run("retention", "propose", "--home", home, environment=ANNA).code == 0
    ran = killer.run("retention", "destroy", "2", "--home", home, environment=BORIS)
    assert ran.code == 0 and letters(home) == 0, ran
    assert killer.run("backup", place, "--home", home).code == 0
    killer.run("restore", place, "--home", older, "--number", "1")
    assert letters(older) == 2
    assert killer.run("retention", "destroy", "--again", "--home", older, environment=ANNA).code == 0
    assert letters(older) == 0 and killer.run("check", "--deep", "--home", older).code == 0


def test_a_backup_does_not_bring_back_by_one_what_two_destroyed(proposed: Path, killer: Runner, tmp_path: Path) -> None:
    """4.1.12: also when the journal is out of that backup, and `destroyed.jsonl` alone knows it."""
    home = shutil.copytree(proposed, tmp_path / "home")
    [gone, *_] = [path.relative_to(home) for path in (home / "archive").glob("2???/*/*")]
    assert killer.run("backup", tmp_path / "place", "--home", home).code == 0
    assert destroy(killer, home).code == 0
    ran = killer.run("restore", tmp_path / "place", "--only", gone, "--home", home)
    assert ran.code == 2 and "was destroyed by certificate 1" in ran.err and not (home / gone).exists(), ran
    older = tmp_path / "older"
    assert killer.run("restore", tmp_path / "place", "--home", older).code == 0
    shutil.copyfile(home / "ledger" / "destroyed.jsonl", older / "ledger" / "destroyed.jsonl")
    (older / gone).unlink()
    ran = killer.run("restore", tmp_path / "place", "--only", gone, "--home", older)
    assert ran.code == 2 and "was destroyed by certificate 1" in ran.err and not (older / gone).exists(), ran
