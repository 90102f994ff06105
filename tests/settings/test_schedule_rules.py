"""schedule.yaml, notices.yaml and the new keys of duties.yaml: what does not fit is named with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inbox_worker.settings.rules import RulesError, load_rules
from tests.support.office import ROOT


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "rules", tmp_path / "rules")


@pytest.mark.quick(0, 1, 2, 3, 4)
@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        ("schedule.yaml", "digest:", "digets:", "there is no job 'digets'; did you mean 'digest'?"),
        ("schedule.yaml", "{after: forms}", "{after: form}", "did you mean 'forms'?"),
        ("schedule.yaml", "{after: forms}", "{after: forms, day: 26}", "exactly one"),
        ("schedule.yaml", 'at: "08:00"', 'at: "8:00"', "'8:00' is no time"),
        ("schedule.yaml", "{day: 1}", "{every: working day}", "does not fit close"),
        ("schedule.yaml", "{day: 1}", "{day: 1, month: 3}", "a month is named for the yearly audit"),
        ("schedule.yaml", "{day: 15, month: 1}", "{day: 32, month: 1}", "audit.when.day"),
        ("schedule.yaml", "[bill_rows, bills]", "[bill_row]", "did you mean 'bill_rows'?"),
        ("schedule.yaml", "  documents: [bill_rows, bills]\n", "", "bills.documents"),
        ("notices.yaml", "документы: {about}.", "документы: {abuot}.", "there is no {abuot} here"),
        ("notices.yaml", "refusal:", "refuzal:", "did you mean 'refusal'?"),
        ("duties.yaml", "then: {task: stop}", "then: {task: stopp}", "there is no task 'stopp'"),
        ("duties.yaml", "notice: intention", "notice: intent", "did you mean 'intention'?"),
        ("duties.yaml", "  notice: intention\n", "", "customer.mend.notice"),
    ],
)
def test_a_mistake_is_named(rules: Path, file: str, right: str, wrong: str, told: str) -> None:
    path = rules / file
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(RulesError) as raised:
        load_rules(rules)
    lines = "\n".join(raised.value.lines)
    assert told in lines and file in lines, lines


def test_a_home_made_before_these_files_has_the_shipped_ones(rules: Path) -> None:
    for name in ("schedule.yaml", "notices.yaml"):
        (rules / name).unlink()
    tasks = rules / "tasks.yaml"
    tasks.write_text(tasks.read_text("utf-8").partition("# made by the service")[0], "utf-8")
    loaded = load_rules(rules)
    assert loaded.schedule["digest"].active and loaded.notices["proofs"].clause == "4.3.5"
    assert loaded.tasks.rule("stop").clause == "10.2"


def test_a_job_that_a_home_leaves_to_people_stays_so_and_the_others_are_shipped(rules: Path) -> None:
    (rules / "schedule.yaml").write_text('digest: {when: {every: working day}, at: "09:00", active: no}\n', "utf-8")
    loaded = load_rules(rules)
    assert not loaded.schedule["digest"].active and loaded.schedule["draft"].active
