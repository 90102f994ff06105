"""4.1.17: while the virus scanner is down letters wait where they lie, uncounted; nothing is let through."""

from __future__ import annotations

import pytest
from worker_home import Place, under

from inbox_worker.cli.homes import check_home
from tests.support.clamd_like import EICAR, clamd_at

READINGS = "readings-cold_water-samal"


def name_scanner(place: Place, where: str) -> None:
    config = place.home.path / "config.yaml"
    kept = [line for line in config.read_text("utf-8").splitlines() if not line.startswith("scanner:")]
    config.write_text("\n".join([*kept, f"scanner: {{clamd: '{where}', seconds: 5}}", ""]), "utf-8")
    object.__setattr__(place, "home", place.fresh())


def test_letters_wait_for_the_scanner_and_are_decided_then(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with clamd_at() as gone:
        name_scanner(place, gone.where)
    file = place.readings / "a.xlsx"
    file.write_bytes(place.workbook(READINGS))
    for _ in range(5):
        place.once()
    assert file.exists() and not (place.readings / "failed").exists()
    assert [(arrival.tries, arrival.outcome) for arrival in place.arrivals()] == [(0, None)]
    assert "the virus scanner at" in capsys.readouterr().err
    with clamd_at() as clamd:
        name_scanner(place, clamd.where)
        place.once()
    assert place.outcomes() == [("IW-000003", "a.xlsx", "accepted")]


def test_a_file_that_gets_no_verdict_is_shown_to_staff_and_the_rest_goes_on(place: Place) -> None:
    large, good = place.readings / "a.xlsx", place.readings / "b.xlsx"
    good.write_bytes(place.workbook(READINGS))
    large.write_bytes(bytes(2_000_000))
    with clamd_at() as clamd:
        clamd.limit = 1_000_000
        name_scanner(place, clamd.where)
        for _ in range(3):
            place.once()
    [why] = (place.readings / "failed").glob("* a.xlsx.why.txt")
    assert "StreamMaxLength" in why.read_text("utf-8")
    found = {source: outcome for _, source, outcome in place.outcomes()}
    assert found == {"a.xlsx": "failed", "b.xlsx": "accepted"}


def test_an_infected_file_leaves_the_folder_for_the_quarantine(place: Place) -> None:
    (place.readings / "a.csv").write_bytes(b"x;" + EICAR)
    with clamd_at() as clamd:
        name_scanner(place, clamd.where)
        place.once()
    assert place.outcomes() == [("IW-000003", "a.csv", "quarantined")]
    assert len(under(place.home.outbox / "quarantine")) == 2


def test_check_tells_whether_the_scanner_answers(place: Place) -> None:
    with clamd_at() as clamd:
        name_scanner(place, clamd.where)
        assert not [problem for problem in check_home(place.home.path) if "scanner" in problem]
    assert [problem for problem in check_home(place.home.path) if "gives no answer" in problem]
