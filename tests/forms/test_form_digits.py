"""4.1.15: numbers as a clerk reads them: with their unit, a point at the end; letters that pass for digits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from form_books import READINGS, head, told, xlsx

NEW_HOUSES = [
    "Код дома", "Адрес", "Квартира", "Лицевой счёт", "ФИО", "Площадь", "Проживает", "Услуги", "Действует с",
    "Основание",
]  # fmt: skip
CORRECTIONS = ["Лицевой счёт", "Показатель", "Было", "Стало", "Действует с", "Основание"]


def reading(read, service: str, current: object, account: object = "10020030"):
    return read(xlsx([*head("meter_readings"), READINGS, [account, service, "С-1", None, current, "20.08.2026"]]))


@pytest.mark.parametrize(
    ("service", "written"),
    [
        ("Холодная вода", "12,5 м3"), ("ХВС", "12,5м³"), ("Суық су", "12.5 куб. м"), ("Газ", "12,500 m3."),
        ("Электроэнергия", "12,5 кВт·ч"), ("Электричество", "12,5 кВтч"), ("Отопление", "12,5 Гкал"),
    ],
)  # fmt: skip
def test_reading_with_the_unit_of_its_service_is_read(read, service: str, written: str) -> None:
    table = reading(read, service, written)
    assert (told(table), table.rows["current"].to_pylist()) == ([], [Decimal("12.500")])


@pytest.mark.parametrize(
    ("service", "written"),
    [
        ("Холодная вода", "12,5 кВт·ч"), ("Электроэнергия", "12,5 м3"), ("Холодная вода", "12,5 м2"),
        ("Холодная вода", "12,5 тыс. м3"), ("Холодная вода", "12,5 м3 по акту"), ("Лифт", "12,5 м3"),
        ("Холодная вода", "м3"), ("Холодная вода", "12,5 шт"),
    ],
)  # fmt: skip
def test_another_measure_behind_a_reading_is_refused(read, service: str, written: str) -> None:
    assert told(reading(read, service, written)) == [("value.not_a_number", "E8", written)]


def test_area_in_square_metres_is_read_in_a_form_and_in_a_correction(read) -> None:
    house = ["Д-1", "Абая, 1", "1", "10020030", "", "65,30 м2", 2, "Лифт", "10.2026", "Протокол"]
    table = read(xlsx([*head("new_houses"), NEW_HOUSES, house]))
    assert (told(table), table.rows["area"].to_pylist()) == ([], [Decimal("65.300")])
    correction = ["10020030", "Площадь", "", "65,30 кв.м", "10.2026", "Акт"]
    table = read(xlsx([*head("directory_corrections"), CORRECTIONS, correction]))
    assert (told(table), table.rows["area"].to_pylist()) == ([], [Decimal("65.300")])
    house[5] = "65,30 м3"
    table = read(xlsx([*head("new_houses"), NEW_HOUSES, house]))
    assert told(table) == [("value.not_a_number", "F8", "65,30 м3")]


@pytest.mark.parametrize("written", ["5 дней", "5 дн.", "5 күн", "5дн", "5 суток", "5 тәулік", "5 сут."])
def test_days_counted_in_days_are_read(read, written: str) -> None:
    header = ["Лицевой счёт", "Код дома", "Услуга", "С", "По", "Дней", "Причина"]
    row = ["10020030", None, "Лифт", "01.08.2026", "05.08.2026", written, "авария"]
    table = read(xlsx([*head("undelivered"), header, row]))
    assert (told(table), table.rows["days"].to_pylist()) == ([], [5])
    row[5] = "5 мес."
    assert told(read(xlsx([*head("undelivered"), header, row]))) == [("value.not_a_number", "F8", "5 мес.")]


def test_residents_counted_in_persons_are_read_in_a_correction(read) -> None:
    row = ["10020030", "Проживает", "", "3 чел.", "10.2026", "Акт"]
    table = read(xlsx([*head("directory_corrections"), CORRECTIONS, row]))
    assert (told(table), table.rows["residents"].to_pylist()) == ([], [3])


@pytest.mark.parametrize("written", ["796.", "796,", "7 96."])
def test_point_at_the_end_of_a_number_parts_nothing(read, written: str) -> None:
    table = reading(read, "ХВС", written, account="10020030.")
    right = " " not in written
    assert table.rows["current"].to_pylist() == ([Decimal("796.000")] if right else [None])
    assert table.rows["account"].to_pylist() == ["10020030"]


@pytest.mark.parametrize(
    ("written", "letter"),
    [("79б", "б → 6"), ("1ОО", "О → 0"), ("l0,5", "l → 1"), ("7З,О", "З → 3, О → 0")],
)
def test_letters_that_pass_for_digits_are_named(read, written: str, letter: str) -> None:
    """Nobody sees such a letter: "79б is no number" would send its reader round in circles."""
    table = reading(read, "ХВС", written)
    assert told(table) == [("value.letter_for_digit", "E8", written)]
    assert table.findings[0].facts["letter"] == letter


def test_letters_that_pass_for_digits_are_named_in_days_months_and_numbers_of_customers(read) -> None:
    row = ["10020030", "ХВС", "С-1", None, 5, "2О.08.2026"]
    rows = [*head("meter_readings", "1О.2026"), READINGS, row]
    rows[2][1] = "97124ООО3619"
    assert sorted(told(read(xlsx(rows)))) == [
        ("value.letter_for_digit", "B3", "97124ООО3619"),
        ("value.letter_for_digit", "B5", "1О.2026"),
        ("value.letter_for_digit", "F8", "2О.08.2026"),
    ]


@pytest.mark.parametrize(
    ("month", "day", "read_as", "codes"),
    [
        ("II.2026", "5.VIII.2026", ("2026-02", date(2026, 8, 5)), []),
        ("ХІІ.2026 г.", "05-XI-2026", ("2026-12", date(2026, 11, 5)), []),
        ("I.26", "20.08.2026", ("2026-01", date(2026, 8, 20)), []),
        ("II-2026", "20.08.2026", ("II-2026", date(2026, 8, 20)), ["header.month_invalid"]),  # or a quarter
        ("IIII.2026", "20.08.2026", ("IIII.2026", date(2026, 8, 20)), ["value.letter_for_digit"]),
    ],
)
def test_roman_months_are_months_and_never_told_as_ones(read, month, day, read_as, codes) -> None:
    """«II.2026» told as «I → 1» made its sender write November."""
    row = ["10020030", "ХВС", "С-1", None, 5, day]
    table = read(xlsx([*head("meter_readings", month), READINGS, row]))
    assert [code for code, *_ in told(table)] == codes
    assert (table.header["month"].text, table.rows["taken_on"].to_pylist()[0]) == read_as


def test_two_points_are_told_as_two(read, rules) -> None:
    assert told(reading(read, "ХВС", "7,96,6")) == [("value.ambiguous_number", "E8", "7,96,6")]
    assert "больше одной" in rules.findings["value.ambiguous_number"].ru


TARIFFS = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]


def price(read, service: str, base: str, written: str):
    return read(xlsx([*head("tariffs"), TARIFFS, [service, "A-001", base, written, "09.2026", "Протокол 1"]]))


@pytest.mark.parametrize(
    ("service", "base", "written"),
    [
        ("Содержание дома", "м²", "41,50 тг/м2"), ("Содержание дома", "м2", "41.5 тенге за м2"),
        ("Содержание дома", "кв.м", "41,5 ТГ за 1 кв.м."), ("Содержание дома", "м²", "41,5 ₸/м²"),
        ("Содержание дома", "шаршы метр", "41,5 теңге/м²"), ("Лифт", "чел.", "41,5 тг/чел."),
        ("Лифт", "адам", "41,5 тг за человека"), ("Домофон", "кв.", "41,5 тг с квартиры"),
        ("Холодная вода", "счётчик", "41,5 тг/м3"), ("Электроэнергия", "счётчик", "41,5 тг/кВт·ч"),
        ("Содержание дома", "тг/м2", "41,5"), ("Содержание дома", "за 1 м2", "41,5/м2"),
        ("Содержание дома", "с 1 м²", "41,5"), ("Содержание дома", "с 1 кв.м. общей площади", "41,5 тг с 1 м2"),
        ("Лифт", "с 1 чел.", "41,5 тг/чел"), ("Домофон", "с 1 квартиры", "41,5"), ("Лифт", "1 адам үшін", "41,5"),
        ("Содержание дома", "с 1 чел.", "41,5 тг/чел"),
    ],
)  # fmt: skip
def test_a_price_for_what_its_row_is_charged_by_is_read(read, service: str, base: str, written: str) -> None:
    table = price(read, service, base, written)
    assert (told(table), table.rows["tariff"].to_pylist()) == ([], [Decimal("41.5000")])


@pytest.mark.parametrize(
    ("service", "base", "written"),
    [
        ("Содержание дома", "м²", "41,5 тг/чел"), ("Содержание дома", "м²", "41,5 тг/кв"),
        ("Лифт", "чел.", "41,5 тг/м2"), ("Домофон", "кв.", "41,5 тг/кв.м"),
        ("Холодная вода", "счётчик", "41,5 тг/кВт·ч"), ("Содержание дома", "м²", "41,5 тыс. тг/м2"),
        ("Содержание дома", "м²", "41,5 тг/мес"), ("Содержание дома", "м²", "41,5 м2"),
    ],
)  # fmt: skip
def test_a_price_for_another_measure_is_refused(read, service: str, base: str, written: str) -> None:
    """Read without its words it would charge square metres at what one person pays."""
    assert told(price(read, service, base, written)) == [("value.not_a_number", "D8", written)]


@pytest.mark.parametrize("base", ["с 10 м²", "с 1", "с подъезда", "1 с", "м² и чел."])
def test_what_is_no_base_with_words_of_a_price_stays_unknown(read, base: str) -> None:
    assert told(price(read, "Содержание дома", base, "41,5")) == [("base.unknown", "C8", base)]


@pytest.mark.parametrize("written", ["1.0020001E+07", "1,0020001E7", "1.002e7"])
def test_an_account_that_a_spreadsheet_shortened_is_told_so(read, written: str) -> None:
    table = reading(read, "Холодная вода", 127.5, account=written)
    assert told(table) == [("value.scientific", "A8", written)]


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("08.2026\u00a0г.", "20.08.2026\u00a0г."), ("08.2026 г.", "20.08.2026\u00a014:30"),
        ("август\u00a02026", "20\u00a0августа\u00a02026\u202fг."), ("08.26\u202fж.", "20.08.26\u2009ж."),
        ("08.2026  г.", "20.08.2026  14:30"), ("08.2026", "20.08.2026\n14:30"),
    ],
)  # fmt: skip
def test_any_blanks_stand_between_a_day_and_what_follows(read, month: str, day: str) -> None:
    """Word puts a blank that keeps lines together before `г.`: such a day looked right and was refused."""
    row = ["10020030", "ХВС", "С-1", None, 5, day]
    table = read(xlsx([*head("meter_readings", month), READINGS, row]))
    assert (told(table), table.rows["taken_on"].to_pylist()) == ([], [date(2026, 8, 20)])


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", " "])
def test_any_blank_stands_behind_from_and_to(read, blank: str) -> None:
    names = ["Лицевой счёт", "Услуга", "С", "По", "Дней"]
    row = ["10020030", "Отопление", f"с{blank}03.08.2026", f"по{blank}07.08.2026", 5]
    [read_row] = read(xlsx([*head("undelivered"), names, row])).rows.to_pylist()
    assert (read_row["from_date"], read_row["to_date"]) == (date(2026, 8, 3), date(2026, 8, 7))


@pytest.mark.parametrize(
    ("current", "day", "codes"),
    [
        ("5", "20.08.2026 в обед", [("value.not_a_date", "F8")]),
        ("5", "20.08.2026 14 л.", [("value.not_a_date", "F8")]),
        ("796 ч.", "20.08.2026", [("value.not_a_number", "E8")]),
        ("796 З", "20.08.2026", [("value.not_a_number", "E8")]),
        ("10 ООО", "20.08.2026", [("value.letter_for_digit", "E8")]),
    ],
)
def test_a_word_beside_numbers_is_no_letter_among_digits(read, current: str, day: str, codes: list[object]) -> None:
    """`в` was told as an 8 that was typed wrong; three letters may be a group of thousands."""
    row = ["10020030", "ХВС", "С-1", None, current, day]
    found = told(read(xlsx([*head("meter_readings", "08.2026"), READINGS, row])))
    assert [(code, cell) for code, cell, _ in found] == codes
