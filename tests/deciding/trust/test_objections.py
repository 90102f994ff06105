"""Who answers us that a held form is not his is heard, beside what he objects to (law 7, 6.2.7)."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_tasks import DETAILS
from trust_centre import Centre

from tests.support.papers import SCAN, File

NOT_OURS = "Мы этого не посылали!"
SIGNATURE = File("smime.p7s", b"0\x82")


@pytest.mark.quick(0)
@pytest.mark.parametrize("file", [None, SIGNATURE])
def test_a_reply_about_a_held_form_is_a_task_beside_it(centre: Centre, file: File | None) -> None:
    """By the number in it, or by what it replies to; `confirm` says that it waits."""
    held = centre.form("requisites", DETAILS)["submissions"][0]["submission"]
    files = [file] if file else []
    objection = centre.mail("A", *files, text=f"{NOT_OURS} {held}")
    assert (objection["outcome"], objection["task"]) == ("held", "T-000002")
    assert "task.reply" in [found["code"] for found in objection["findings"]]
    request = centre.form("request", {"kind": "Удалённый доступ"}, received="2026-08-20T09:00:00")
    assert request["task"] == "T-000003"
    tasks = centre.json("tasks", "list")["tasks"]
    assert [task["task"] for task in tasks if task["kind"] != "request"] == ["T-000001", "T-000002"]
    assert "T-000002" in centre.run("tasks", "show", "T-000001").out
    page = Path(centre.run("report", "2026-09").out.strip()).read_text("utf-8")
    assert f"T-000002 {objection['arrival']} → {held}" in page and "жіберушінің жауабы бар: T-000002" in page
    told = centre.run("confirm", held, "--by", "звонок").err
    assert "T-000002" in told and objection["arrival"] in told
    assert "names no submission" in centre.run("confirm", "T-000002", "--by", "звонок", code=2).err


def test_a_reply_about_nothing_open_is_no_reply_and_thanks_are_ignored(centre: Centre) -> None:
    """Thanks for what was posted, another Customer's number, a task that is done."""
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    posted = centre.form("recalculations", row)["submissions"][0]["submission"]
    assert centre.mail("A", text=f"Спасибо! {posted}")["outcome"] == "ignored"
    held = centre.form("request", {"kind": "Удалённый доступ"})["submissions"][0]["submission"]
    foreign = centre.mail("B", text=f"{NOT_OURS} {held} IW-99999999999999999999-1")
    assert [found["code"] for found in foreign["findings"]] == ["message.without_form", "task.letter"]
    centre.run("tasks", "done", foreign["task"])
    first = centre.mail("A", text=f"Мы передумали: {held}")
    assert first["outcome"] == "held"
    assert centre.mail("A", references=f"<{centre.letters}@A>", text="Ещё одно")["outcome"] == "held"  # to that letter
    for task in ("T-000001", "T-000003", "T-000004"):
        centre.run("tasks", "done", task)
    assert centre.mail("A", text=f"Спасибо! {held}")["outcome"] == "ignored"


def test_a_held_form_that_was_replaced_waits_for_nothing(centre: Centre) -> None:
    """It stands on no list; commands, `explain`, the new form and late documents say what took its place."""
    plus = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "70"}
    held = centre.form("recalculations", plus)["submissions"][0]["submission"]
    book = centre.book("recalculations", [{**plus, "amount": "-1"}], "A", Заменяет=held)
    new = centre.mail("A", book)["submissions"][0]
    by = new["submission"]
    assert [held in found["message"] for found in new["findings"] if found["code"] == "replaces.held"] == [True]
    assert f"replaced by {by}" in centre.run("release", held, "--documents", "бумага", code=2).err
    assert f"replaced by {by}" in centre.run("confirm", held, "--by", "звонок", code=2).err
    said = centre.run("explain", held).out.partition(f"  {held}:")[2]
    assert f"заменена формой: {by}" in said and "ждёт:" not in said and "задержана" not in said
    assert held not in Path(centre.run("report", "2026-09").out.strip()).read_text("utf-8")
    scan = centre.mail("A", SCAN, text=f"Документы к {held}")
    assert [f["code"] for f in scan["findings"] if by in f["message"]] == ["documents.for_replaced"]


ASKED_BESIDE = [
    "Сумма указана за весь дом, разделите по квартирам.", "Просим снять в два этапа.", "Просим снимать ежемесячно.",
    "Просим учесть половину.", "Переплату просим вернуть на карту.", "Просим зачесть в счёт будущих платежей.",
    "Знак минус не поставили, нужно снять.", "Просим произвести в следующем месяце.", "Вторая строка лишняя.",
    "По счёту 1001 правильная сумма 500.", "Просим также поставить счётчик.", "Собственник сменился, счёт закрыть.",
    "Екінші жол артық.", "Соманы екіге бөліңіз.",
]  # fmt: skip


@pytest.mark.quick(0, 6, 13)
@pytest.mark.parametrize("text", ASKED_BESIDE)
def test_what_a_letter_asks_beside_its_form_is_read_by_a_person(centre: Centre, text: str) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    letter = centre.mail("A", centre.book("recalculations", [row], "A"), text=text)
    assert "task.remark" in [one["code"] for one in letter["findings"]]


@pytest.mark.quick(0, 3)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Просим учесть только первую строку.", "task.words_against"),
        ("Нужен только лист 1, остальное для справки.", "task.words_against"),
        ("Тек бірінші жолды есепке алыңыз.", "task.words_against"),
        ("Форма предварительная, окончательную пришлём позже.", "task.remark"),
        ("Это черновик, не обрабатывайте.", "task.remark"),
        ("Просим провести после 1 сентября.", "task.remark"),
        ("Форма во вложении, кроме кв. 2: там ещё уточняем.", "task.remark"),
        ("По кв. 2 опечатка, сумма должна быть 500.", "task.remark"),
        ("Также просим снять 500 тг по л/с 10020002 за июнь.", "task.remark"),
        ("Бұл шимай нұсқа, енгізбеңіз.", "task.remark"),
        ("Кеше жіберген нысанды жарамсыз деп санаңыз.", "task.remark"),
        ("Также просим подтвердить получение.", ""),
        ("Кроме того, направляем акт.", ""),
        ("Исправленная форма. С уважением, Ахметова.", ""),
        ("Просим произвести перерасчёт по актам.", ""),
        ("Просим учесть все строки листа 1.", ""),
        ("Суммы в форме указаны в тысячах тенге.", "task.other_measure"),
        ("Сомалар мың теңгемен жазылған.", "task.other_measure"),
        ("Снимите ошибочно начисленное, форма во вложении.", ""),
        ("Всего снять 15 тыс. тенге.", ""),
        ("Направляем перерасчёт на общую сумму 12 774,90 тенге.", "task.total_differs"),
        ("Форма во вложении, всего 15 строк.", "task.total_differs"),
        ("Барлығы 3 жол, жалпы сомасы 500 теңге.", "task.total_differs"),
        ("Перерасчёт на сумму 5,00 тг, всего 1 строка.", ""),
        ("Уменьшить на сумму -5 тенге.", ""),
        ("На сумму 15 тыс. тенге больше не претендуем.", ""),
        ("Исправлены 2 строки, см. строку 15.", ""),
        ("Прошу учесть.\n> не проводить, суммы в тыс. тенге", ""),
        ("Уборка не проводилась, показания не учитывали.", ""),
    ],
)
def test_a_letter_that_speaks_against_its_own_form_is_read_by_a_person(centre: Centre, text: str, code: str) -> None:
    """The form is decided as any other, for no program weighs words against it; its sender hears both."""
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    letter = centre.mail("A", centre.book("recalculations", [row], "A"), text=text)
    assert letter["submissions"][0]["outcome"] == "accepted"
    found = [one["code"] for one in letter["findings"] if one["code"].startswith("task.")]
    assert found == ([code] if code else [])
    assert len(centre.json("tasks", "list")["tasks"]) == len(found)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Прошу форму НЕ проводить, отправлена по ошибке.", "held"), ("Өтінемін, есепке алмаңыз.", "held"),
        ("Прошлую форму не учитывайте, верная во вложении.", "accepted"),
        ("Уборка не проводилась, актов не учитывали.", "accepted"),
    ],
)  # fmt: skip
def test_a_form_whose_letter_asks_not_to_count_it_waits_for_a_person(centre: Centre, text: str, outcome: str) -> None:
    """4.1.15: nothing of it acts until then, and there is one task; a person who confirms it posts it."""
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    letter = centre.mail("A", centre.book("recalculations", [row], "A"), text=text)
    [form] = letter["submissions"]
    assert (form["outcome"], "letter.not_to_count" in [one["code"] for one in form["findings"]]) == (
        outcome, outcome == "held"
    )  # fmt: skip
    if outcome == "held":
        assert [task["kind"] for task in centre.json("tasks", "list")["tasks"]] == ["confirmation"]
        centre.run("confirm", form["submission"], "--by", "позвонили: форма верна")
        assert centre.rows(f"select outcome from submissions where id = '{form['submission']}'") == [("accepted",)]
        assert [task["state"] for task in centre.json("tasks", "list")["tasks"]] == ["done"]


def test_a_row_that_begins_by_asking_not_to_count_it_holds_its_form(centre: Centre) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    for basis, outcome in (
        ("Не проводить, ошибка", "held"), ("Просьба не учитывать отсутствующих", "accepted"),
        ("отменить", "held"), ("Черновик", "held"), ("Отменить излишнее по акту 5", "accepted"),
    ):  # fmt: skip
        [form] = centre.form("recalculations", {**row, "basis": basis})["submissions"]
        assert (form["outcome"], "row.not_to_count" in [one["code"] for one in form["findings"]]) == (
            outcome, outcome == "held"
        )  # fmt: skip


def test_a_file_named_not_to_count_waits_alone(centre: Centre) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    other = {**row, "past_month": "05.2026"}
    draft = File("Не_проводить.xlsx", centre.book("recalculations", [row], "A").data)
    letter = centre.mail("A", draft, centre.book("recalculations", [other], "A"))
    assert [one["outcome"] for one in letter["submissions"]] == ["held", "accepted"]


@pytest.mark.parametrize(
    ("text", "code"), [("Взамен прежней формы.", ""), ("Взамен прежней, черновик.", "task.remark")]
)
def test_a_form_that_names_the_one_it_replaces_needs_nobody_to_read_so(centre: Centre, text: str, code: str) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    first = centre.form("recalculations", row)["submissions"][0]["submission"]
    again = centre.book("recalculations", [{**row, "amount": "-6"}], "A", Заменяет=first)
    letter = centre.mail("A", again, text=text)
    assert letter["submissions"][0]["outcome"] == "accepted"
    assert [one["code"] for one in letter["findings"] if one["code"].startswith("task.")] == ([code] if code else [])


def test_staff_do_not_confirm_what_a_letter_that_nobody_read_takes_back(centre: Centre) -> None:
    held = centre.form("requisites", DETAILS)["submissions"][0]["submission"]
    letter = centre.mail("A", text=f"Добрый день!\nФорму {held} отзываем.")
    refused = centre.run("confirm", held, "--by", "звонок", code=2).err
    assert letter["task"] in refused and letter["arrival"] in refused and "tasks done" in refused
    assert centre.rows(f"select outcome from submissions where id = '{held}'") == [("held",)]
    centre.run("tasks", "done", letter["task"], "--note", "директор передумал, реквизиты верны")
    centre.run("confirm", held, "--by", "звонок")
    assert centre.rows(f"select outcome from submissions where id = '{held}'") == [("accepted",)]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Собрание тариф не утвердило.", "held"), ("Форму не проводите до нашего звонка.", "held"),
        ("Жиналыс тарифті бекітпеді.", "held"), ("Протокол во вложении, ранее его не направляли.", "accepted"),
        ("Новый тариф, протокол прилагаем.", "accepted"),
    ],
)  # fmt: skip
def test_documents_beside_a_form_that_its_letter_speaks_against_prove_nothing(
    centre: Centre, text: str, outcome: str
) -> None:
    """What is posted cannot be taken back; a form that waits is posted as soon as its documents come again."""
    row = {
        "service": "maintenance",
        "house": "",
        "base": "м²",
        "tariff": "31",
        "from_month": "09.2026",
        "basis": "Протокол 1",
    }
    letter = centre.mail("A", centre.book("tariffs", [row], "A"), SCAN, text=text)
    found = {one["code"] for one in letter["findings"]}
    assert (letter["submissions"][0]["outcome"], "documents.against" in found) == (outcome, outcome == "held")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Форма_черновик.xlsx", "task.remark"),
        ("Форма (только первая строка).xlsx", "task.words_against"),
        ("Форма.xlsx", ""),
    ],
)
def test_the_name_of_a_file_speaks_as_its_letter_does(centre: Centre, name: str, code: str) -> None:
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
    letter = centre.mail("A", File(name, centre.book("recalculations", [row], "A").data))
    assert [one["code"] for one in letter["findings"] if one["code"].startswith("task.")] == ([code] if code else [])
