"""Law 7: a letter without a form acts like the form would, once staff say what it is; words alone are heard (6.2.7)."""

from __future__ import annotations

import pytest
from trust_centre import Centre

from tests.support.office import bin_of, email_of
from tests.support.papers import SCAN, File


def page(centre: Centre, by: str = "A") -> dict[str, object]:
    return dict(centre.json("contract", bin_of(by)))


def typed(centre: Centre, *arguments: str) -> dict[str, object]:
    task = centre.json("tasks", "list")["tasks"][-1]["task"]
    return dict(centre.json("tasks", "done", task, *arguments))


def test_a_notice_in_a_letter_acts_like_the_form(centre: Centre) -> None:
    """As of the day of the letter, from its sender; what takes something from somebody waits as the form does."""
    letter = centre.mail("A", SCAN, text="Уведомление")
    ban = ("--as", "notice", "--kind", "запрет обезличенного использования", "--date", "2026-08-20")
    answer = typed(centre, *ban, "--note", "вх. 5")
    [task], [made] = answer["tasks"], answer["arrivals"]
    number = made["submissions"][0]["submission"]
    assert (task["state"], task["source"]) == ("done", letter["arrival"]) and number in task["note"]
    assert (made["outcome"], made["received_at"], made["sender"]) == ("accepted", letter["received_at"], email_of("A"))
    assert page(centre)["agreement"]["no_depersonalised"] == "yes"


def test_a_withdrawal_in_a_letter_is_held_until_it_is_confirmed(centre: Centre) -> None:
    centre.mail("A", text="Просим расторгнуть договор с 31 декабря")
    answer = typed(centre, "--as", "withdrawal", "--date", "2026-12-31")
    [form] = answer["arrivals"][0]["submissions"]
    assert (form["form"], form["outcome"], page(centre)["agreement"]["until"]) == ("notice", "held", "")
    centre.run("confirm", form["submission"], "--by", "звонок")
    assert page(centre)["agreement"]["until"] == "2026-12-31"


def test_a_proof_releases_the_form_it_is_for(centre: Centre) -> None:
    """4.3.5; by the day of the letter, as documents in a reply would."""
    plus = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "70"}
    held = centre.form("recalculations", plus)["submissions"][0]["submission"]
    letter = centre.mail("A", SCAN, received="2026-08-21T10:00:00")
    typed(centre, "--as", "proof", "--about", held)
    [row] = centre.rows(f"select outcome, month, documents from submissions where id = '{held}'")
    assert row == ("accepted", "2026-09", f"{letter['arrival']}, 21.08.2026")


def test_a_proof_finishes_the_task_that_asked_for_it(centre: Centre) -> None:
    row = {"kind": "окончание договора дома", "event_on": "31.12.2026", "parameter": "H-1", "basis": "протокол"}
    asked = centre.form("notice", row)["task"]
    centre.mail("A", SCAN)
    typed(centre, "--as", "proof", "--about", asked, "--note", "новый договор дома")
    assert [task["state"] for task in centre.json("tasks", "list")["tasks"]] == ["done", "done"]


def test_consent_is_kept_with_the_customer(centre: Centre) -> None:
    """4.3.8"""
    letter = centre.mail("A", SCAN)
    typed(centre, "--as", "consent", "--note", "согласие от 19.08.2026")
    [consent] = page(centre)["consents"]
    assert letter["arrival"] in consent["details"] and consent["by"] == "akhmetova"


def test_a_signed_act_and_an_original_are_taken_for_what_they_are(centre: Centre) -> None:
    """4.3.7 with a number that nobody gave is a task; 4.6 without a scan that waits says so, and the letter stays."""
    centre.mail("A", SCAN)
    answer = typed(centre, "--as", "act", "--about", "2026-00001")
    assert answer["arrivals"][0]["submissions"][0]["form"] == "act_response"
    centre.mail("A", SCAN)
    task = centre.json("tasks", "list")["tasks"][-1]["task"]
    assert (
        "no original is awaited"
        in centre.run("tasks", "done", task, "--as", "original", "--about", "IW-000003-1", code=2).err
    )
    assert centre.json("tasks", "show", task)["tasks"][0]["state"] == "overdue"


def test_a_dry_run_shows_what_a_letter_would_do_and_records_nothing(centre: Centre) -> None:
    """What `tasks done --as` did could not be looked at first, and nothing takes it back."""
    plus = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "70"}
    held = centre.form("recalculations", plus)["submissions"][0]["submission"]
    centre.mail("A", SCAN, received="2026-08-21T10:00:00")
    ban = ("--as", "notice", "--kind", "запрет обезличенного использования", "--date", "2026-08-20")
    before = centre.rows("select (select count(*) from acts), (select count(*) from arrivals)")
    notice = typed(centre, *ban, "--dry-run")
    [form] = notice["arrivals"][0]["submissions"]
    assert (form["form"], form["outcome"], form["submission"], notice["dry_run"]) == ("notice", "accepted", None, True)
    released = typed(centre, "--as", "proof", "--about", held, "--dry-run")["arrivals"][0]["submissions"]
    assert [(one["submission"], one["outcome"], one["rows_posted"]) for one in released] == [(held, "accepted", 1)]
    for others in (("consent",), ("other", "--note", "спасибо")):
        assert typed(centre, "--as", *others, "--dry-run")["arrivals"] == []
    task = notice["tasks"][0]["task"]
    for wrong in (("other",), ("original", "--about", "IW-000003-1"), ("consent", "--customer", "050140000021")):
        assert centre.run("tasks", "done", task, "--as", *wrong, "--dry-run", code=2).err
    assert "была бы выполнена" in centre.run("tasks", "done", task, *ban, "--dry-run").out
    assert centre.rows("select (select count(*) from acts), (select count(*) from arrivals)") == before
    assert centre.rows(f"select outcome from submissions where id = '{held}'") == [("held",)]
    assert centre.json("tasks", "show", task)["tasks"][0]["state"] == "overdue"


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dry-run",), "--as"),
        (("--as", "poem"), "notice, withdrawal"),
        (("--as", "notice", "--date", "2026-08-20"), "--kind"),
        (("--as", "notice", "--kind", "перемена", "--date", "2026-08-20"), "rejected"),
        (("--as", "act",), "--about"),
        (("--as", "other",), "--note"),
        (("--kind", "форс-мажор",), "--as"),
        (("--as", "consent", "--customer", "050140000021"), "does not speak for"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_the_letter_stays_open(
    centre: Centre, arguments: tuple[str, ...], words: str
) -> None:
    centre.mail("A", SCAN)
    arrivals = centre.rows("select number from arrivals")
    assert words in centre.run("tasks", "done", "T-000001", *arguments, code=2).err
    assert centre.rows("select number from arrivals") == arrivals, "no refused form is left behind"
    assert centre.json("tasks", "show", "T-000001")["tasks"][0]["state"] == "overdue"


def test_a_form_s_own_task_is_no_letter(centre: Centre) -> None:
    centre.form("request", {"kind": "Удалённый доступ"})
    assert "no letter" in centre.run("tasks", "done", "T-000001", "--as", "other", "--note", "x", code=2).err


@pytest.mark.quick(0, 1, 2, 3, 4)
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Просим прислать справочник лицевых счетов", "held"),
        ("Есептерді жіберуіңізді өтінеміз", "held"),
        ("Спасибо, всё получили!", "ignored"),
        ("кеше жіберген нысанды ескермеңіз", "held"),
        ("смените наш ИИК", "held"),
        ("Спасибо, прежнюю форму не берите", "held"),
        ("Документы к форме 1W-00003", "held"),
        ("Спасибо! IW-00003", "held"),
        ("Перезвоните", "held"),
        ("> Спасибо, форма принята\n\nсмените наш ИИК", "held"),
        ("20.08.2026, office <a@b.kz> пишет:\n> Форма принята\n\nсмените наш ИИК", "held"),
        ("Спасибо!\n> Просим прислать справочник", "ignored"),
        ("Спасибо!\n20.08.2026, office <a@b.kz> пишет:\nПросим прислать", "ignored"),
    ],
)
def test_every_letter_of_words_is_a_task_but_one_that_only_thanks(centre: Centre, text: str, outcome: str) -> None:
    letter = centre.mail("A", text=text)
    assert (letter["outcome"], bool(letter["task"])) == (outcome, outcome == "held")


def test_words_beside_a_form_that_take_an_earlier_one_back_are_a_task(centre: Centre) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    posted = centre.form("recalculations", row)["submissions"][0]["submission"]
    other = centre.book("recalculations", [{**row, "past_month": "05.2026"}], "A")
    plain = centre.mail("A", other, text=f"Ещё одна, как {posted}")
    assert (plain["outcome"], plain["task"]) == ("accepted", "")
    book = centre.book("recalculations", [{**row, "past_month": "04.2026"}], "A")
    letter = centre.mail("A", book, text=f"Форму {posted} просим не учитывать")
    assert (letter["outcome"], letter["task"]) == ("accepted", "T-000001")
    assert [posted in found["message"] for found in letter["findings"] if found["code"] == "task.reply"] == [True]
    whole = centre.book("recalculations", [{**row, "amount": "-6"}], "A", Заменяет=posted)
    assert centre.mail("A", whole, text=f"Прежняя {posted} ошибочна")["task"] == "", "the form itself replaces it"
    assert centre.mail("B", File("t.txt", b"t"), text=f"Отзываем {posted}")["findings"][-1]["code"] == "task.letter"
