"""Law 7: what needs a person is a task with a day, by the command line, never answered as counted (money.md)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from trust_centre import Centre

from inbox_worker.core.time import ALMATY
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import load_home
from inbox_worker.settings.log import ServiceLog
from inbox_worker.settings.rules import load_rules
from inbox_worker.settings.task_rules import TaskRules
from tests.support.office import bin_of
from tests.support.papers import SCAN

DETAILS = {"indicator": "ИИК", "becomes": "KZ75125KZT1001300335", "changed_on": "18.08.2026"}
KEYS = {"task", "kind", "customer", "state", "due", "clause", "source", "note"}


def test_what_needs_a_person_is_a_task_until_it_is_done(either: Centre) -> None:
    """Every kind makes one task, names its day and clause, and has no month; `tasks done` says who and when."""
    refusal = {"act": "2026-00001", "answer": "отказ", "answered_on": "19.08.2026", "reason": "сумма неверна"}
    came = [
        either.form("requisites", DETAILS),
        either.form("request", {"kind": "Удалённый доступ"}),
        either.form("act_response", refusal),
        either.mail("A", SCAN),
    ]
    assert [arrival["outcome"] for arrival in came] == ["held"] * 4
    assert [arrival["task"] for arrival in came] == [f"T-00000{n}" for n in (1, 2, 3, 4)]
    forms = [form for arrival in came for form in arrival["submissions"]]
    assert [(form["month"], form["task"]) for form in forms] == [(None, f"T-00000{n}") for n in (1, 2, 3)]
    tasks = either.json("tasks", "list")["tasks"]
    assert all(set(task) == KEYS for task in tasks)
    assert either.json("tasks")["tasks"] == tasks
    told = [(task["kind"], task["clause"], task["due"], task["state"], task["source"]) for task in tasks]
    assert told == [
        ("requisites", "4.3.3", "2026-08-25", "overdue", "IW-000003"),
        ("request", "4.1.13", "2026-08-27", "overdue", "IW-000004"),
        ("act_response", "4.3.7", "2026-08-25", "overdue", "IW-000005"),
        ("letter", "6.2.7", "2026-08-25", "overdue", "IW-000006"),
    ]
    [done] = either.json("tasks", "done", "t-2", "--note", "доступ дан")["tasks"]
    assert (done["state"], done["note"]) == ("done", "доступ дан")
    assert either.json("tasks", "show", "T-000002")["tasks"] == [done]
    assert "akhmetova" in either.run("tasks", "done", "T-000002", code=2).err
    assert "tasks list" in either.run("tasks", "done", "T-000009", code=2).err
    assert either.rows(
        "select who, act, subject, details from acts where act not in ('decide', 'change', 'price', 'command')"
    ) == [("akhmetova", "tasks done", "T-000002", "доступ дан")]


def test_a_task_is_told_in_the_language_of_its_reader_and_kept_in_that_of_the_home(centre: Centre) -> None:
    """What to do is English, too; what came is a text of the day it came on, in the language of config.yaml."""
    config = centre.home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("language: ru ", "language: kk "), "utf-8")
    centre.form("requisites", DETAILS)
    told = {
        language: " ".join(centre.run("tasks", "show", "T-000001", "--lang", language).out.split())
        for language in ("en", "kk")
    }
    assert "Check the new bank details by another way" in told["en"] and "Проверьте" not in told["en"]
    assert "Жаңа деректемелерді басқа жолмен" in told["kk"] and "Деректемелерді өзгерту: " in told["kk"]
    rules = load_rules(centre.home / "rules")
    for kind in TaskRules.model_fields:
        rule = rules.tasks.rule(kind)
        assert all(text.en for text in (rule.todo, rule.after) if text), kind


def test_a_confirmed_notice_acts_and_says_what_of_it_does_not(either: Centre) -> None:
    """A bank account acts on confirmation; the bank's name is not in the register: its task stands."""
    rows = [DETAILS, {**DETAILS, "indicator": "Банк", "becomes": "АО «Банк»"}]
    held = either.mail("A", either.book("requisites", rows, "A"))["submissions"][0]["submission"]
    assert f"confirm {held}" in either.run("release", held, "--documents", "бумага", code=2).err
    out = either.run("confirm", "T-000001", "--by", "звонок директору").out
    assert "load" in out and "T-000001" in out
    assert either.rows(f"select outcome, month, confirmed from submissions where id = '{held}'") == [
        ("accepted", "", "звонок директору")
    ]
    told = either.rows(f"select code from findings where submission = '{held}'")
    assert {("confirmation.given",), ("register.changed",), ("register.by_hand",)} <= set(told)
    assert either.json("contract", bin_of("A"))["requisites"]["iban"] == DETAILS["becomes"]
    [task] = either.json("tasks", "list")["tasks"]
    assert task["state"] == "overdue" and task["note"] == "звонок директору"
    assert "held" in either.run("confirm", held, "--by", "ещё раз", code=2).err


def test_a_task_of_a_held_form_done_posts_nothing(centre: Centre) -> None:
    held = centre.form("requisites", DETAILS)["submissions"][0]["submission"]
    assert "--note" in centre.run("tasks", "done", "T-000001", code=2).err  # else nobody knows why it is not confirmed
    assert f"confirm {held}" in centre.run("tasks", "done", "T-000001", "--note", "номер не отвечает").out
    assert held in Path(centre.run("report", "2026-09").out.strip()).read_text("utf-8")
    assert centre.rows(f"select outcome from submissions where id = '{held}'") == [("held",)]
    assert centre.rows("select count(*) from fact_files where kind = 'requisites'") == [(0,)]


def test_days_off_move_the_day(centre: Centre) -> None:
    """Three working days over 30.08, Constitution Day, whose Monday is off by rules/calendar.yaml."""
    assert centre.form("requisites", DETAILS, received="2026-08-27T18:00:00")["task"] == "T-000001"
    assert centre.json("tasks", "list")["tasks"][0]["due"] == "2026-09-02"


def test_each_command_names_the_right_one(centre: Centre) -> None:
    head = {"name": "Ә. Г.", "role": "Директор", "changed_on": "18.08.2026"}
    papers = {"minutes": "№ 4 от 17.08.2026", "appointment": "№ 11-к от 18.08.2026"}
    request = centre.form("request", {"kind": "Удалённый доступ"})["submissions"][0]["submission"]
    assert "tasks done T-000001" in centre.run("confirm", request, "--by", "звонок", code=2).err
    both = centre.form("representative", head | papers)["submissions"][0]
    assert both["held_for"] == ["documents", "confirmation"] and both["task"] == "T-000002"
    [after] = centre.json("confirm", both["submission"], "--by", "звонок")["arrivals"][0]["submissions"]
    assert (after["outcome"], after["held_for"]) == ("held", ["documents"])
    wrong = centre.run("confirm", both["submission"], "--by", "звонок", code=2).err
    assert f"release {both['submission']} --documents" in wrong
    [after] = centre.json("release", both["submission"], "--documents", "бумага")["arrivals"][0]["submissions"]
    assert (after["outcome"], after["month"]) == ("accepted", None)


def test_tasks_stand_on_the_months_page_and_in_health(centre: Centre) -> None:
    centre.form("request", {"kind": "Удалённый доступ"})
    shown = Path(centre.run("report", "2026-09").out.strip()).read_text("utf-8")
    assert "T-000001 IW-000003-1" in shown and "27.08.2026" in shown
    home = load_home(centre.home)
    with Worker(home, ServiceLog("plain")) as worker:  # a pass of the service counts them
        worker.once(datetime(2026, 8, 27, 12, tzinfo=ALMATY))
        assert worker._health_report._counts.tasks_open == 1 and worker._health_report._counts.tasks_overdue == 0
        worker.once(datetime(2026, 8, 28, 12, tzinfo=ALMATY))
        assert worker._health_report._counts.tasks_overdue == 1
