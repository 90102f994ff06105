"""What a letter says beside its form, and no check or person reads, is told to its sender (law 7, 4.1.15)."""

from __future__ import annotations

import json

import pytest
from trust_centre import Centre

ROW = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-5"}
SIGNED = "С уважением, Ахметова Г.С.\nбухгалтер, тел. 8 701 123 45 67\nПисьмо может содержать тайну."

ROUTINE = [
    "Добрый день, Айгуль Маратовна!\nНаправляем Вам форму корректировки за июнь 2026 г. согласно договору № 12.",
    "Айгуль, добрый день! Прошу принять в работу.",
    "Просим произвести перерасчёт в связи с отсутствием услуги с 3 по 10 июня.",
    "Прошу внести корректировку по л/с 1001 на сумму -5,00 тенге.",
    "Отключение холодной воды 5 августа с 10:00 до 18:00.",
    "Исправленная форма, направляем повторно.", "Қайырлы күн! Маусым айының қайта есептеуін жолдаймыз.",
    "В соответствии с договором № 45 направляем корректировку. Если будут вопросы, звоните 87011234567.",
    "Сообщаем, что с 10.06.2026 по 12.06.2026 лифт не работал, акты ввода в эксплуатацию прилагаются.",
    "Электроэнергия мест общего пользования распределена на все квартиры по площади.",
    "Лифт стоял пять дней, акт подписан тремя жильцами.", "Направляем Вам для сведения и исполнения.",
    "Өткен кезең үшін қайта есептеу — ОСИ «Орбита-Достық», 2026 жылғы маусым.",
    "Направляем форму «Тарифы», ИП Новиков С.",
    "Нысанды қабылдауыңызды сұраймыз.", "Please find attached the form.", f"Форма во вложении.\n\n{SIGNED}", "",
]  # fmt: skip
UNREAD = [
    "Начислить 50 % суммы.", "Форма во вложении для домов с лифтом.", "Перерасчёт уменьшен на 10%.",
    "По решению суда протокол отменён.",
    "Квартира 5 не платит за лифт.", "КВАРТИРУ 5 НЕ СЧИТАТЬ", "Прошу провести до 25 числа.",
    "Если жилец оплатит, не снимайте.", "Счётчик в подъезде пустой.",
    "Показания в литрах.", "Цены указаны с НДС.", "Счётчик неисправен.", "Квартира 12 продана.",
    "Прошу учесть в счёт будущего месяца.", "В строке 3 сумма 5000, а надо 500.", "Сома шамамен алынған.",
    "Лифті бар үйлер үшін.", "Соманың жартысын есептеңіз.",
]  # fmt: skip


@pytest.mark.quick(0, 2, 6, 9)
@pytest.mark.parametrize("text", ROUTINE)
def test_a_letter_of_routine_words_is_answered_without_them(centre: Centre, text: str) -> None:
    letter = centre.mail("A", centre.book("recalculations", [ROW], "A"), text=text)
    assert "letter.unread" not in _codes(letter)


@pytest.mark.quick(0, 3, 8)
@pytest.mark.parametrize("text", UNREAD)
def test_words_that_change_nothing_are_quoted_to_who_wrote_them(centre: Centre, text: str) -> None:
    """The form counts as it is filled in, and no person is asked."""
    letter = centre.mail("A", centre.book("recalculations", [ROW], "A"), text=f"Добрый день!\n{text}\n{SIGNED}")
    [form] = letter["submissions"]
    [told] = [one for one in form["findings"] if one["code"] == "letter.unread"]
    assert (form["outcome"], told["value"], told["severity"]) == ("accepted", text.rstrip("."), "info")
    assert centre.json("tasks", "list")["tasks"] == []


def test_several_sentences_are_quoted_as_one_list(centre: Centre) -> None:
    text = "Начислить 50 % суммы. Остальное в другом квартале! Квартира 5 не платит; Лишь бы успеть до пятницы."
    [form] = centre.mail("A", centre.book("recalculations", [ROW], "A"), text=text)["submissions"]
    [told] = [one["value"] for one in form["findings"] if one["code"] == "letter.unread"]
    assert told == "Начислить 50 % суммы; Остальное в другом квартале; Квартира 5 не платит; …"


def test_words_behind_a_signature_are_read_from_a_postscript_on(centre: Centre) -> None:
    text = f"Форма во вложении.\n{SIGNED}\nP.S. Квартира 7 пустует."
    [form] = centre.mail("A", centre.book("recalculations", [ROW], "A"), text=text)["submissions"]
    assert [one["value"] for one in form["findings"] if one["code"] == "letter.unread"] == ["Квартира 7 пустует"]


@pytest.mark.parametrize("text", ["Прошу форму НЕ проводить.", "Это черновик, лифт стоял.", "> Квартира 5 пуста."])
def test_words_that_a_person_reads_or_that_are_another_s_are_not_told_twice(centre: Centre, text: str) -> None:
    letter = centre.mail("A", centre.book("recalculations", [ROW], "A"), text=f"Форма во вложении.\n{text}")
    assert "letter.unread" not in _codes(letter)


def _codes(letter: object) -> set[str]:
    return {one for one in json.dumps(letter).split('"') if one.startswith("letter.")}
