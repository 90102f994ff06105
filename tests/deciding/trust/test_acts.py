"""What people do is recorded with who and when, in the transaction of the act itself (4.1.17)."""

from __future__ import annotations

import shutil
from datetime import datetime

from trust_centre import Centre

from inbox_worker.deciding.open_office import open_office
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.settings.home import load_home
from tests.support.papers import SCAN

OF_STAFF = "from acts where act not in ('decide', 'change', 'price', 'command') order by number"


def acts(centre: Centre) -> list[tuple[str, str, str]]:
    return [(who, act, subject) for who, act, subject in centre.rows(f"select who, act, subject {OF_STAFF}")]


def test_every_act_of_staff_says_who(either: Centre) -> None:
    """Release, admit, close, reopen, and review of the outbox by command, in the order they were done."""
    tariff = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}
    held = either.form("tariffs", tariff)["submissions"][0]["submission"]
    either.run("release", held, "--documents", "бумага")
    either.mail("stranger", SCAN)
    either.run("admit", "IW-000004", "--as-customer", "050140000011", "--by", "звонок")
    either.run("close", "2026-09")
    either.run("documents", "2026-09", "--kind", "turnover", "--customer", "050140000011")
    either.run("outbox", "approve", "--all")
    either.run("outbox", "reject", "--all")
    either.run("reopen", "2026-09", "--reason", "проверка")
    found = acts(either)
    flat, shown = (subject for _, act, subject in found if act == "approve")
    assert shown.startswith("2026-09/050140000011 ") and shown.endswith("turnover-2026-09.xlsx")
    assert flat == shown.replace(".xlsx", ".csv")
    assert found == [
        ("akhmetova", "release", held),
        ("akhmetova", "admit", "IW-000004"),
        ("akhmetova", "close", "2026-09"),
        ("akhmetova", "render", "documents"),
        ("akhmetova", "render", "2026-09 050140000011"),
        *(("command:akhmetova", act, subject) for act in ("approve", "reject") for subject in (flat, shown)),
        ("akhmetova", "reopen", "2026-09"),
    ]
    moments = [datetime.fromisoformat(at) for (at,) in either.rows(f"select at {OF_STAFF}")]
    assert moments == sorted(moments)


def test_a_file_moved_by_hand_is_an_act_that_the_worker_notices(centre: Centre) -> None:
    centre.run("close", "2026-09")
    centre.run("documents", "2026-09", "--kind", "turnover", "--customer", "050140000011")
    outbox = centre.home / "outbox"
    (outbox / "approved").mkdir(exist_ok=True)
    shutil.move(outbox / "pending" / "2026-09", outbox / "approved" / "2026-09")
    with open_office(load_home(centre.home)) as office:
        for _ in range(2):  # noticed once
            pass_outbox(office, datetime.fromisoformat("2026-10-05T10:00:00+05:00"))
    assert [(who, act) for who, act, _ in acts(centre)] == [
        ("akhmetova", "close"), *[("akhmetova", "render")] * 2, *[("folder", "approve")] * 2
    ]  # fmt: skip
    assert centre.rows("select at from acts where act = 'approve'") == [("2026-10-05T10:00:00+05:00",)] * 2


def test_an_act_that_was_not_done_is_not_recorded(centre: Centre) -> None:
    centre.run("close", "2026-09")
    centre.run("close", "2026-09", code=1)
    centre.run("reopen", "2026-10", "--reason", "ошибка", code=1)
    centre.run("confirm", "IW-000001", "--by", "звонок", code=2)
    centre.run("deliveries", "--drop", "7", code=2)
    assert [act for _, act, _ in acts(centre)] == ["close"]


def test_every_command_that_may_write_says_who_gave_it(centre: Centre) -> None:
    """4.1.17: also one that has no act of its own, or fails; one that only looks is none."""
    centre.run("draft", "2026-09")
    centre.run("tasks", "done", "T-000009", "--note", "звонок", code=2)
    centre.run("close", "2026-09", "--dry-run")
    centre.run("report", "2026-09")
    found = centre.rows("select who, subject, details from acts where act = 'command' order by number")
    assert found[-2:] == [("akhmetova", "draft", "2026-09"), ("akhmetova", "tasks", "done T-000009 --note 'звонок'")]


def test_what_staff_decide_about_letters_is_recorded(centre: Centre) -> None:
    """A letter dropped, queued again, and one approved by moving its file (`reply: review`)."""
    with (centre.home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("\nreply: review\n")
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}
    for _ in range(2):
        centre.form("recalculations", row)
    centre.run("deliveries", "--drop", "1")
    centre.run("deliveries", "--again", "1")
    centre.run("once")
    [waiting] = (centre.home / "outbox" / "pending").glob("*/receipts/*.eml")
    place = waiting.parent.relative_to(centre.home / "outbox" / "pending")
    approved = centre.home / "outbox" / "approved" / place
    approved.mkdir(parents=True)
    shutil.move(waiting, approved / waiting.name)
    for _ in range(2):
        centre.run("once")
    assert [act for act in acts(centre) if act[0] != "service"] == [
        ("akhmetova", "drop", "letter 1"),
        ("akhmetova", "send again", "letter 1"),
        ("folder", "approve", (place / waiting.name).as_posix()),
    ]
