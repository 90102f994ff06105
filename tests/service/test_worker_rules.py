"""Rules broken while `run` works, or before: told in the log and by `health`, nothing is decided, mended it goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from worker_home import Place

from inbox_worker.core.time import Clock
from inbox_worker.service.health import health_line, look_at_health
from inbox_worker.settings.mistakes import Mistake
from inbox_worker.settings.rules import FormsRead, RulesError, load_rules, rules_version
from tests.support.office import ROOT
from tests.support.postgres import Postgres, served, why_not
from tests.support.said import RU
from tests.support.service import ServiceProcess


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def journal(request: pytest.FixtureRequest, place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the journal is; a PostgreSQL's is empty, so that its home begins anew."""
    if request.param == "sqlite":
        yield ""
        return
    if why_not():
        pytest.skip(why_not())
    with served() as server:
        yield _fresh_home(place, server)


def _fresh_home(place: Place, server: Postgres) -> str:
    for name in ("ledger", "archive"):
        shutil.rmtree(place.home.path / name)
    return make_url(server.fresh()).render_as_string(hide_password=False)


def broken(rules: Path) -> None:
    limits = rules / "limits.yaml"
    limits.write_text(limits.read_text("utf-8").replace("\nrows:", "\nrowz:"), "utf-8")


def mended(rules: Path) -> None:
    limits = rules / "limits.yaml"
    limits.write_text(limits.read_text("utf-8").replace("\nrowz:", "\nrows:"), "utf-8")


def test_rules_saved_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    """Neither decisions nor later looks may go by what was read half before and half after."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    saves = [broken, mended, lambda folder: None]

    def save_meanwhile(_: FormsRead) -> Iterator[Mistake]:
        saves.pop(0)(rules)
        return iter(())

    whole = load_rules(rules, save_meanwhile)
    assert (whole.version, saves) == (rules_version(rules), [])
    broken(rules)
    with pytest.raises(RulesError, match="rowz"):
        load_rules(rules, lambda _: iter(()))
    saves += [lambda folder: None]
    with pytest.raises(RulesError, match="rowz"):
        load_rules(rules, save_meanwhile)


def test_the_service_waits_for_the_mend_of_its_rules(place: Place, journal: str) -> None:
    rules, dropped = place.home.path / "rules", place.corrections / "letter.eml"
    broken(rules)
    with ServiceProcess(place.home.path, {"INBOX_WORKER_JOURNAL": journal} if journal else {}) as running:
        told = json.loads(running.problem(lambda line: "rules need mending" in line))
        assert told["file"].endswith("rules/limits.yaml") and told["key"] == "rowz"
        assert "did you mean 'rows'?" in told["right"]
        shutil.copyfile(place.letter("correction"), dropped)
        running.ready()
        verdict = look_at_health(place.home, Clock())
        assert (verdict["healthy"], verdict["state"]) == (False, "waiting")
        line = health_line(verdict, RU)
        assert "limits.yaml" in line and "rowz" in line
        mended(rules)
        running.line(lambda line: '"decided"' in line)
        assert any("rules mended" in line for line in running.out), "and it says that it goes on"
        broken(rules)
        running.problem(lambda line: "rules need mending" in line)
        mended(rules)
        running.line(lambda line: "rules mended" in line)
        assert running.process.poll() is None
    assert not dropped.exists()
