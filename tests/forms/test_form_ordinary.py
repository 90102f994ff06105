"""Well-meant forms as ordinary companies send them: what a patient clerk takes is taken, what he would ask is asked."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from form_books import RECALCULATIONS, head, told, xlsx

from inbox_worker.forms.heads import names_of
from inbox_worker.settings.rules import Rules

OWN = ["БИН", "971240003619"]


@pytest.mark.parametrize("kind", ["Справочник лицевых счетов", "Дербес шоттар анықтамалығы"])
def test_a_value_that_is_a_title_of_another_form_names_no_form(read, kind: str) -> None:
    """A request that says nothing but what is asked for; the directory is a register of the operator."""
    table = read(xlsx([OWN, [], ["Вид запроса", "Параметр", "С даты"], [kind]]))
    assert (table.form, told(table), table.rows["kind"].to_pylist()) == ("request", [], ["Справочник лицевых счетов"])


def test_a_title_over_its_table_names_the_form(read) -> None:
    """The header fits two forms; the title over it says which."""
    table = read(xlsx([["Справочник лицевых счетов"], OWN, [], ["Лицевой счёт", "Услуга", "Тариф"], ["1", "Лифт", 5]]))
    assert table.form == "directory"


@pytest.mark.parametrize(
    ("written", "service"),
    [
        ("Содержание", "maintenance"), ("сод. дома", "maintenance"), ("Эксплуатационные расходы", "maintenance"),
        ("Техобслуживание лифта", "lift"), ("Лифты", "lift"), ("Абонплата за домофон", "intercom"),
        ("домофонная связь", "intercom"), ("Уборка", "cleaning"), ("Вода холодная", "cold_water"),
        ("Свет", "electricity"),
    ],
)  # fmt: skip
def test_a_service_is_known_by_the_names_that_people_give_it(read, written: str, service: str) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", written, "06.2026", -100, "акт"]]))
    assert (told(table), table.rows["service"].to_pylist()) == ([], [service])


@pytest.mark.parametrize("written", ["Канализация", "Содержание и ремонт", "Обслуживание", "Вода"])
def test_a_name_that_may_be_of_two_services_is_asked_about(read, written: str) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", written, "06.2026", -100, "акт"]]))
    assert told(table) == [("service.unknown", "B8", written)]


@pytest.mark.parametrize(
    ("header", "base", "read_as"),
    [
        ("Тариф за 1 м³, тенге", "м³", "счётчик"), ("Тариф за куб. м", "куб.м", "счётчик"),
        ("Тариф за кВт·ч", "кВт·ч", "счётчик"), ("Новый тариф", "1 м2", "м²"),
    ],
)  # fmt: skip
def test_a_tariff_for_a_unit_is_a_tariff(read, header: str, base: str, read_as: str) -> None:
    rows = [["Услуга", "База", header, "С какого месяца", "Основание"], ["ХВС", base, "130,5", "09.2026", "приказ 1"]]
    table = read(xlsx([OWN, [], *rows]))
    assert (table.form, told(table), table.rows["base"].to_pylist()) == ("tariffs", [], [read_as])


def test_a_replaced_meter_is_known_by_the_old_one_and_the_new_one(read) -> None:
    header = [
        "Лицевой счёт",
        "Услуга",
        "№ старого счётчика",
        "Показания старого",
        "№ нового счётчика",
        "Показания нового",
    ]
    table = read(xlsx([OWN, [], [*header, "Дата установки"], ["1", "ХВС", "С-1", 205.5, "Н-2", 0, "12.08.2026"]]))
    assert (table.form, told(table)) == ("meter_change", [])
    assert [table.rows[name].to_pylist() for name in ("meter", "new_meter")] == [["С-1"], ["Н-2"]]


@pytest.mark.parametrize("said", ["отклонён", "не проведён", "declined"])
def test_a_payment_that_the_bank_did_not_make_is_asked_about(read, said: str) -> None:
    header = ["Банк (БИК)", "Дата приёма", "№ платежа", "Лицевой счёт", "Сумма", ""]
    table = read(
        xlsx([["Количество", 1], ["Сумма", 5000], [], header, ["CASPKZKA", "05.09.2026", "7", "1", 5000, said]])
    )
    assert ("row.words_against", "F5", said) in told(table)


def test_sums_in_tenge_and_tiyn_are_in_tenge(read) -> None:
    note = "В столбце «Сумма» стоят суммы в тенге и тиынах"
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", "Лифт", "06.2026", -100, "акт"], [], [note]]))
    assert [code for code, *_ in told(table)] == ["notes.not_read"]


def merged(rows: list[list[object]], cells: str) -> bytes:
    """The workbook with those cells merged."""
    made, sink = openpyxl.load_workbook(io.BytesIO(xlsx(rows))), io.BytesIO()
    made.active.merge_cells(cells)
    made.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("column", "name", "value"), [(1, "service", "lift"), (2, "past_month", date(2026, 6, 1)), (4, "basis", "акт 1")]
)
def test_what_rows_have_in_common_may_stand_once_in_a_merged_cell(read, column: int, name: str, value: object) -> None:
    rows = [["1", "Лифт", "06.2026", -100, "акт 1"], ["2", "Лифт", "06.2026", -50, "акт 1"], TWICE]
    rows[1][column] = None
    letter = "ABCDE"[column]
    table = read(merged([*head("recalculations"), RECALCULATIONS, *rows], f"{letter}8:{letter}9"))
    assert (told(table), table.rows[name].to_pylist()[:2]) == ([], [value, value])


TWICE: list[object] = ["3", "Лифт", "07.2026", -70, "акт 3"]


def test_a_sum_that_stands_once_for_two_rows_is_asked_about(read) -> None:
    rows = [["1", "Лифт", "06.2026", -100, "акт 1"], ["2", "Лифт", "06.2026", None, "акт 1"]]
    assert told(read(merged([*head("recalculations"), RECALCULATIONS, *rows], "D8:D9"))) == [("value.merged", "D9", "")]


@pytest.mark.parametrize(
    "units",
    [[None, None, "мм.гггг", "тенге", None], [None, None, "(АА.ЖЖЖЖ)", "₸", "-"], [None, None, None, "тг", None]],
)
@pytest.mark.parametrize("numbered", [False, True])
def test_a_row_of_units_under_the_header_is_no_row(read, units: list[object], numbered: bool) -> None:
    under = [units, [1, 2, 3, 4, 5]] if numbered else [units]
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, *under, ["1", "Лифт", "06.2026", -100, "акт 1"]]))
    assert (told(table), table.rows["account"].to_pylist()) == ([], ["1"])


@pytest.mark.parametrize("row", [["2", None, None, "тенге", None], [None, None, None, "сто тенге", None]])
def test_a_row_that_says_more_than_units_is_asked_about(read, row: list[object]) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, row, ["1", "Лифт", "06.2026", -100, "акт 1"]]))
    assert ("value.not_a_number", "D8", row[3]) in told(table)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1 234,50-", "-1234.50"), ("1234.5 -", "-1234.50"), ("-500-00", "-500.00"), ("500-00 тг", "500.00"),
        ("-1,234.50", "-1234.50"), ("1.234.567,89", "1234567.89"), ("(1,234.5)", "-1234.50"),
    ],
)  # fmt: skip
def test_a_sum_is_read_as_programs_and_accountants_write_it(read, written: str, amount: str) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", "Лифт", "06.2026", written, "акт"]]))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal(amount)])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("-5-", "value.not_a_number"), ("45-50", "value.not_a_number"), ("1,234.5.6", "value.ambiguous_number"),
        ("1,23.45", "value.ambiguous_number"), ("1,234,567", "value.ambiguous_number"),
        ("1,234.567", "value.too_precise"), ("1,234", "value.ambiguous_thousands"), ("100,-", "value.dash_behind"),
        ("1 000 -", "value.dash_behind"), ("100.—", "value.dash_behind"),
    ],
)  # fmt: skip
def test_a_sum_that_may_be_two_is_asked_about(read, written: str, code: str) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", "Лифт", "06.2026", written, "акт"]]))
    assert told(table) == [(code, "D8", written)]


@pytest.mark.parametrize("header", ["Сумма, %", "Сумма (%)", "% суммы"])
def test_a_column_of_shares_is_not_the_one_of_sums(read, header: str) -> None:
    """Half of a bill was 50 tenge."""
    heads = [header if name == "Сумма" else name for name in RECALCULATIONS]
    table = read(xlsx([*head("recalculations"), heads, ["1", "Лифт", "06.2026", -50, "акт"]]))
    assert [code for code, *_ in told(table)] == ["column.unsure", "column.missing"] and not table.rows.num_rows


def test_a_fraction_that_shows_its_sign_makes_the_other_one_doubtful(read) -> None:
    rows = [["1", "Лифт", "450,5", "450,50"], ["2", "Лифт", "1,250", "1250,00"], ["3", "Лифт", "1,250.5", "1250,50"]]
    table = read(xlsx([*head("service_charges"), ["Лицевой счёт", "Услуга", "Тариф", "Начислено"], *rows]))
    assert told(table) == [("value.ambiguous_thousands", "C9", "1,250")]


def test_a_total_written_like_its_sums_is_compared_with_them(read) -> None:
    rows = [["1", "Лифт", "06.2026", "100-00-", "акт"], ["2", "Лифт", "06.2026", "50-00-", "акт"]]
    for total, codes in (("150-00-", []), ("160-00-", ["total.mismatch"])):
        table = read(xlsx([*head("recalculations"), RECALCULATIONS, *rows, ["Итого", None, None, total]]))
        assert [code for code, *_ in told(table)] == codes


def test_kazakh_is_read_as_a_russian_keyboard_types_it(read) -> None:
    header = ["Дербес шот", "Кызмет", "Кай ай ушин", "Сома", "Негиздеме"]
    table = read(xlsx([OWN, [], header, ["1", "Уйди кутип устау", "маусым 2026", -100, "акт"]]))
    assert (table.form, told(table), table.rows["service"].to_pylist()) == ("recalculations", [], ["maintenance"])


def test_short_kazakh_headers_too(read) -> None:
    header = ["Дербес шот", "Кызмет", "Есептегиш №", "Агымдагы", "Алынган куни"]
    table = read(xlsx([OWN, [], header, ["1", "Суык су", "С-1", 210, "20.08.2026"]]))
    assert (table.form, told(table)) == ("meter_readings", [])


def test_letters_that_make_another_word_are_asked_about(read) -> None:
    table = read(xlsx([*head("recalculations"), RECALCULATIONS, ["1", "Суык суу", "06.2026", -100, "акт"]]))
    assert told(table) == [("service.unknown", "B8", "Суык суу")]


UNDELIVERED = ["Лицевой счёт", "Услуга", "С", "По", "Дней"]


@pytest.mark.parametrize("last", ["по 07.08.2026", "По 7 августа 2026 г.", "07.08.2026"])
def test_a_last_day_may_say_that_it_is_the_last(read, last: str) -> None:
    table = read(xlsx([*head("undelivered"), UNDELIVERED, ["1", "Отопление", "с 03.08.2026", last, 5]]))
    assert (told(table), table.rows["to_date"].to_pylist()) == ([], [date(2026, 8, 7)])


@pytest.mark.parametrize("last", ["до 07.08.2026", "с 07.08.2026", "по август"])
def test_a_last_day_that_may_be_another_is_asked_about(read, last: str) -> None:
    table = read(xlsx([*head("undelivered"), UNDELIVERED, ["1", "Отопление", "03.08.2026", last, 5]]))
    assert told(table) == [("value.not_a_date", "D8", last)]


CONTRACT = ["БИН", "Код дома", "С", "По", "Документ"]


@pytest.mark.parametrize("last", ["бессрочно", "Бессрочный", "мерзімсіз", "—"])
def test_a_contract_without_end_has_no_last_day(read, last: str) -> None:
    table = read(xlsx([["Договоры домов"], [], CONTRACT, ["971240003619", "A-1", "01.09.2025", last, "договор 4"]]))
    assert (table.form, told(table), table.rows["until"].to_pylist()) == ("house_contracts", [], [None])


def test_days_that_were_not_delivered_have_an_end(read) -> None:
    table = read(xlsx([*head("undelivered"), UNDELIVERED, ["1", "Отопление", "03.08.2026", "бессрочно", 5]]))
    assert told(table) == [("value.not_a_date", "D8", "бессрочно")]


@pytest.mark.parametrize(
    ("months", "codes"), [(["06.2026"] * 2, []), (["06.2026", "05.2026"], ["header.month_not_read"])]
)
def test_a_period_above_the_rows_may_be_the_month_that_they_are_about(
    read, months: list[str], codes: list[str]
) -> None:
    rows = [[str(i), "Лифт", month, -100, "акт"] for i, month in enumerate(months, 1)]
    table = read(xlsx([OWN, ["Период:", "Июнь 2026 г."], [], RECALCULATIONS, *rows]))
    assert [code for code, *_ in told(table)] == codes


def test_who_loads_a_stop_of_a_house_hears_of_flats_that_it_leaves_out(read) -> None:
    header = ["БИН заказчика", "Код дома", "С", "Причина", "Пункт договора", "Кроме"]
    table = read(xlsx([header, ["971240003619", "A-1", "01.09.2026", "жалоба", "10.3", "кв. 5"]]))
    assert told(table) == [("column.not_used", "F1", "кв. 5")]


@pytest.mark.parametrize("group", ["Показание", "Показания, м³", "Тариф"])
def test_columns_under_a_common_header_are_read(read, group: str) -> None:
    """`Показание` alone would be the current one, which stands beside the earlier one here."""
    header = ["Лицевой счёт", "Услуга", "№ прибора", group, None, "Дата снятия"]
    below = [None, None, None, "Предыдущее", "Текущее", None]
    table = read(xlsx([OWN, [], header, below, ["1", "ХВС", "С-1", 202, 210, "20.08.2026"]]))
    assert (table.form, told(table)) == ("meter_readings", [])
    assert [table.rows[name].to_pylist() for name in ("previous", "current")] == [[Decimal(202)], [Decimal(210)]]


def test_units_under_a_common_header_say_not_which_is_meant(read) -> None:
    header = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", None, "Основание"]
    units = [None, None, None, "тенге", "%", None]
    table = read(xlsx([OWN, [], header, units, ["1", "Лифт", "06.2026", -100, -10, "акт"]]))
    assert ("value.not_a_number", "D4", "тенге") in told(table)


def test_flats_of_a_house_may_stand_beside_its_code_and_address(read) -> None:
    header = ["Дом", "Адрес дома", "Квартира", "Лицевой счёт", "Площадь", "Услуга", "Действует с", "Основание"]
    first = ["A-14", "ул. Сатпаева, 14", "1", "10040001", 65.3, "Лифт", "01.09.2026", "протокол 3"]
    rows = [first, [None, None, "2", "10040002", 41, "Лифт", "01.09.2026", "протокол 3"]]
    made, sink = openpyxl.load_workbook(io.BytesIO(xlsx([OWN, [], header, *rows]))), io.BytesIO()
    for cells in ("A4:A5", "B4:B5"):
        made.active.merge_cells(cells)
    made.save(sink)
    table = read(sink.getvalue())
    assert (table.form, told(table), table.rows["house"].to_pylist()) == ("new_houses", [], ["A-14", "A-14"])


@pytest.mark.parametrize(
    ("form", "header"),
    [
        ("service_charges", ["Лицевой счёт", "Услуга", "Тариф", "Сумма начисления", "Задолженность"]),
        ("directory_corrections", ["Лицевой счёт", "Изменение", "Было", "Стало", "Действует с"]),
        ("act_response", ["№ акта", "Ответ", "Дата ответа"]),
    ],
)
def test_columns_are_known_by_what_people_call_them(rules: Rules, form: str, header: list[str]) -> None:
    head = names_of(rules.forms[form], rules).match(0, dict(enumerate(header)))
    assert (head.missing, head.extra) == ((), ())
