"""Columns that may be the form's under another name: read where one can be meant, else refused (4.1.15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from form_books import READINGS, RECALCULATIONS, REGISTER, head, told, xlsx

from inbox_worker.forms.bilingual import turns_sign
from inbox_worker.forms.read import read_form
from inbox_worker.settings.form_headers import Uncounted

Rows = list[list[object]]
DIRECTORY = ["БИН", "Код дома", "Адрес", "Квартира", "Лицевой счёт", "Услуга", "База", "Действует с"]
LINE = ["971240003619", "A-001", "г. Алматы, ул. Абая, 10", "12", "10020030", "Лифт", "м²", "09.2026"]
TARIFFS = ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"]
TARIFF = ["Лифт", "A-001", "м²", 31.4, "09.2026", "Протокол 1"]
CUSTOMERS = ["БИН", "Наименование", "Вид", "Договор №", "Дата договора", "E-mail", "БИК", "ИИК", "КБе"]
CUSTOMER = ["971240003619", "ТОО «А»", "управляющая компания", "А-1", "01.08.2025", "a@a.kz", "CASPKZKA",
            "KZ28722S000001013958", "17"]  # fmt: skip
CHARGES = ["Лицевой счёт", "Услуга", "Тариф", "Начислено", "Долг (+) или переплата (−)"]
PAYMENT = ["CASPKZKA", "05.09.2026", "70011", "10020030", "971240003619", "Отопление", 5000]
UNDELIVERED = ["Лицевой счёт", "Услуга", "С", "По", "Дней", "Код дома"]
UNDELIVERY = [None, "Лифт", "03.08.2026", "07.08.2026", 5, "A-001"]
CORRECTIONS = ["Лицевой счёт", "Показатель", "Было", "Стало", "Действует с", "Основание"]
CORRECTION = ["10020030", "Проживает", "3", "2", "01.09.2026", "Акт"]
PENALTY = ["Услуга", "Ставка, % годовых", "Коэффициент", "Льготных дней", "Не более", "Действует с", "Основание"]
PENALTIES = ["Лифт", "16,5", "1,5", 0, 10, "01.09.2026", "Протокол 1"]
EXIT = ["Код дома", "Дата прекращения", "Причина", "Узнали"]


def book(form: str, headers: list[str], *rows: list[object]) -> bytes:
    return xlsx([*head(form), headers, *rows])


def renamed(headers: list[str], old: str, new: str) -> list[str]:
    return [new if text == old else text for text in headers]


@pytest.mark.parametrize(
    ("form", "headers", "old", "new", "row"),
    [
        ("tariffs", TARIFFS, "Код дома", "Адрес дома", TARIFF),
        ("tariffs", TARIFFS, "Код дома", "Адрес", TARIFF),
        ("tariffs", TARIFFS, "Код дома", "Здание №", TARIFF),
        ("tariffs", TARIFFS, "Код дома", "Кода домa", TARIFF),
        ("directory", [*DIRECTORY, "Сальдо"], "Сальдо", "Сальдо на 01.08.2026", [*LINE, 500]),  # another month's
        ("directory", [*DIRECTORY, "Сальдо"], "Сальдо", "Задолженность", [*LINE, 500]),
        ("bank_register", REGISTER, "БИН", "БИН поставщика услуг", PAYMENT),
        ("bank_register", REGISTER, "Услуга", "Вид платежа", PAYMENT),
        ("service_charges", CHARGES, CHARGES[4], "Переплата", ["10020030", "Домофон", 450, 450, 150]),
        ("service_charges", CHARGES, CHARGES[4], "Переплата (+) / долг (−)", ["10020030", "Домофон", 450, 450, 150]),
        ("meter_readings", READINGS, "Предыдущее", "Прошлый месяц, показания предыд",
         ["10020030", "Холодная вода", "С-1", 120, 127, "20.08.2026"]),
        ("undelivered", UNDELIVERED, "Лицевой счёт", "Абонент",
         ["10020030", "Отопление", "03.08.2026", "07.08.2026", 5, "A-001"]),
    ],
)  # fmt: skip
def test_a_filled_column_that_may_be_one_the_table_lacks_refuses_the_form_and_an_empty_one_does_not(
    read, form: str, headers: list[str], old: str, new: str, row: list[object]
) -> None:
    place = headers.index(old)
    [unsure] = [f for f in read(book(form, renamed(headers, old, new), row)).findings if f.code.startswith("column")]
    assert (unsure.code, unsure.value, unsure.facts["column"]) == ("column.unsure", new, old)
    cleared = [None if at == place else value for at, value in enumerate(row)]
    codes = [code for code, *_ in told(read(book(form, renamed(headers, old, new), cleared)))]
    assert codes == ["column.extra"]


@pytest.mark.parametrize(
    ("form", "headers", "row", "extra", "value"),
    [
        ("tariffs", [h for h in TARIFFS if h != "Код дома"], [TARIFF[0], *TARIFF[2:]], "Примечание", "для всех"),
        ("tariffs", [h for h in TARIFFS if h != "Код дома"], [TARIFF[0], *TARIFF[2:]], "№", 1),
        ("tariffs", [h for h in TARIFFS if h != "Код дома"], [TARIFF[0], *TARIFF[2:]], "Домофон, тг", 100),
        ("bank_register", [*REGISTER[:4], "Сумма"], [*PAYMENT[:4], 5000], "Телефон", "87012223344"),
        ("bank_register", [*REGISTER[:4], "Сумма"], [*PAYMENT[:4], 5000], "БИН банка", "971240003619"),
        ("bank_register", [*REGISTER[:4], "Сумма"], [*PAYMENT[:4], 5000], "Плательщик", "Ким А."),
        ("undelivered", UNDELIVERED[:5], ["10020030", "Отопление", "03.08.2026", "07.08.2026", 5], "Адрес", "Абая 10"),
        ("undelivered", UNDELIVERED[:5], ["10020030", "Отопление", "03.08.2026", "07.08.2026", 5], "Примечание", "да"),
        ("recalculations", RECALCULATIONS, ["10020030", "Лифт", "06.2026", -1, "акт"], "Сумма с НДС", 100),
    ],
)
def test_a_foreign_column_is_only_told(read, form, headers, row, extra, value) -> None:
    assert told(read(book(form, [*headers, extra], [*row, value])))[0][::2] == ("column.extra", extra)


@pytest.mark.parametrize("header", ["№ дома", "Үй", "МЖД коды", "Код  МЖД"])
def test_a_house_column_under_its_usual_names_is_read(read, header: str) -> None:
    table = read(book("tariffs", renamed(TARIFFS, "Код дома", header), TARIFF))
    assert (told(table), table.rows["house"].to_pylist()) == ([], ["A-001"])


@pytest.mark.parametrize("header", ["Сальдо на 01.09.2026", "Сальдо на 31.08.2026 г.", "Сальдо (на 01.09.2026)"])
def test_a_balance_on_the_day_that_the_rows_begin_with_is_read(read, header: str) -> None:
    table = read(book("directory", [*DIRECTORY, header], [*LINE, -500.5]))
    assert (told(table), table.rows["balance"].to_pylist()) == ([], [Decimal("-500.50")])


def test_units_and_shortened_words_of_a_header_are_read(read) -> None:
    headers = renamed(READINGS, "Предыдущее", "Показание предыд., м³")
    table = read(book("meter_readings", headers, ["10020030", "Холодная вода", "С-1", 120, 127, "20.08.2026"]))
    assert (told(table), table.rows["previous"].to_pylist()) == ([], [Decimal(120)])
    headers = ["Дербес шот", "Қызмет", "Қай ай үшін", "Сомасы, теңге", "Негіздемесі"]
    table = read(book("recalculations", headers, ["10020030", "Лифт", "06.2026", -1, "акт"]))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal(-1)])


@pytest.mark.parametrize("sign", ["(−)", "(-)", "−", ", минус", "(к уменьшению)", "/ к возврату", "(- тг)", "(азайту)"])
def test_a_header_that_turns_the_sign_is_never_the_column(read, sign: str) -> None:
    """A plus under `Сумма (−)` would charge what was to be given back."""
    table = read(
        book("recalculations", renamed(RECALCULATIONS, "Сумма", f"Сумма {sign}"), ["1", "Лифт", "06.2026", 5, "а"])
    )
    [missing] = [f for f in table.findings if f.code == "column.missing"]
    assert (missing.value, missing.facts["near"]) == ("Сумма", f" (≈ «Сумма {sign}»)")


@pytest.mark.parametrize(
    ("form", "headers", "row"),
    [
        ("recalculations", renamed(RECALCULATIONS, "Сумма", "Сумма (+/−), тг."), ["1", "Лифт", "06.2026", 5, "а"]),
        ("recalculations", renamed(RECALCULATIONS, "Сумма", "Сумма (+; -)"), ["1", "Лифт", "06.2026", 5, "а"]),
        ("service_charges", CHARGES, ["1", "Домофон", 450, 450, 5]),
        ("service_charges", [*CHARGES[:4], "Долг (+) / переплата (-)"], ["1", "Домофон", 450, 450, 5]),
        ("service_charges", [*CHARGES[:4], "Берешек (+) немесе артық төлем (−)"], ["1", "Домофон", 450, 450, 5]),
    ],
)
def test_a_header_with_the_form_s_own_signs_is_the_column(read, form, headers, row) -> None:
    table = read(book(form, headers, row))
    assert told(table) == []
    assert table.rows["amount" if form == "recalculations" else "balance"].to_pylist() == [Decimal(5)]


@pytest.mark.parametrize(
    ("form", "headers", "row", "place", "column"),
    [
        ("tariffs", TARIFFS, TARIFF, 1, "Код дома"),
        ("bank_register", REGISTER, PAYMENT, 4, "БИН"),
        ("undelivered", UNDELIVERED, ["10020030", "Лифт", "03.08.2026", "07.08.2026", 5, "A-001"], 0, "Лицевой счёт"),
    ],
)
def test_values_under_an_empty_header_that_may_be_a_column_of_the_form_refuse_it(
    read, form: str, headers: list[str], row: list[object], place: int, column: str
) -> None:
    """A tariff for one house is never one for all houses, because somebody wiped a header."""
    table = read(book(form, ["" if at == place else text for at, text in enumerate(headers)], row))
    [unsure] = [f for f in table.findings if f.code.startswith("column.nameless")]
    assert (unsure.code, unsure.facts["column"], unsure.value) == ("column.nameless_unsure", column, str(row[place]))


@pytest.mark.parametrize("gap", [0, 1])
def test_values_under_no_header_are_never_passed_over_in_silence(read, gap: int) -> None:
    table = read(book("tariffs", TARIFFS, [*TARIFF, *[None] * gap, "+"]))
    assert told(table) == [("column.nameless", "GH"[gap] + "7", "+")]
    assert table.rows.num_rows == 1


def test_row_numbers_under_an_empty_header_are_nobodys_question(read) -> None:
    table = read(book("tariffs", ["", *TARIFFS], [1, *TARIFF], [2, "Домофон", *TARIFF[1:]]))
    assert (told(table), table.rows.num_rows) == ([], 2)


@pytest.mark.parametrize(
    ("header", "value"),
    [("Ступень", 2), ("№ ступени", "II"), ("Саты", "2")],
)
def test_a_filled_column_that_the_ledger_does_not_count_by_refuses_and_an_empty_one_says_nothing(
    read, header: str, value: object
) -> None:
    """The number of a step says nothing of its threshold."""
    [finding] = read(book("tariffs", [*TARIFFS, header], [*TARIFF, None], [*TARIFF, value])).findings
    assert (finding.code, finding.cell, finding.value) == ("column.not_counted", "G7", str(value))
    for nothing in (None, "-", 0, "нет"):
        assert told(read(book("tariffs", [*TARIFFS, header], [*TARIFF, nothing]))) == []


HOUSES = ["Код дома", "Адрес", "Квартира", "Лицевой счёт", "Площадь", "Услуги", "Действует с", "Основание"]
HOUSE = ["A-014", "ул. Сатпаева, 14", "12", "10040012", 65.3, "Лифт", "01.09.2026", "Протокол 3"]
UNMEANT = {
    "tariffs": (TARIFFS, TARIFF, ["Квартира", "№ квартиры", "Лицевой счёт", "Подъезд", "Этаж", "Действует по",
                                  "Период действия", "Срок действия", "Скидка, %",
                                  "Коэффициент", "Пәтер", "Кроме кв.", "За исключением", "Для юрлиц", "Для кого",
                                  "Минимум", "Площадь от"]),
    "undelivered": (UNDELIVERED, UNDELIVERY, ["Квартиры", "Процент снижения", "% снижения", "Исключения"]),
    "directory_corrections": (CORRECTIONS, CORRECTION, ["Действует по", "Временно до"]),
    "penalty_notice": (PENALTY, PENALTIES, ["Код дома", "Адрес дома", "Лицевой счёт", "Действует по", "Кроме"]),
    "house_exit": (EXIT, ["A-001", "31.08.2026", "собрание", "10.08.2026"], ["Услуга", "Квартира", "Қоспағанда"]),
    "recalculations": (RECALCULATIONS, ["10020030", "Лифт", "06.2026", -5, "а"], ["По месяц", "Количество месяцев"]),
    "meter_readings": (READINGS, ["10020030", "Газ", "С-1", 1, 2, "20.08.2026"], ["Коэффициент трансформации", "Ктт"]),
    "service_charges": (CHARGES, ["10020030", "Домофон", 450, 450, 5], ["Перерасчёт", "Пеня, тг"]),
    "new_houses": (HOUSES, HOUSE, ["Сальдо", "Долг, тг", "Переплата", "№ счётчика ХВС", "Показание", "Категория"]),
}  # fmt: skip


@pytest.mark.quick(0, 1, 2)
@pytest.mark.parametrize("form", UNMEANT)
def test_a_column_that_would_narrow_what_the_rows_do_refuses_the_form(read, form: str) -> None:
    """A tariff for one flat or one winter is never one for every flat and for good."""
    headers, row, extras = UNMEANT[form]
    for extra in extras:
        codes = [code for code, *_ in told(read(book(form, [*headers, extra], [*row, "3"])))]
        assert codes in (["column.not_counted"], ["column.another_value"]), extra
        assert told(read(book(form, [*headers, extra], [*row, None]))) == []


@pytest.mark.parametrize("header", ["Количество квартир", "Кол-во лицевых счетов", "Площадь квартир", "Этажность"])
def test_counts_and_areas_beside_a_tariff_narrow_nothing(read, header: str) -> None:
    assert told(read(book("tariffs", [*TARIFFS, header], [*TARIFF, 60]))) == [("column.extra", "G7", header)]


def test_a_factor_of_one_changes_no_reading(read) -> None:
    headers, row, _ = UNMEANT["meter_readings"]
    assert told(read(book("meter_readings", [*headers, "Ктт"], [*row, 1]))) == []


@pytest.mark.parametrize(
    ("header", "value", "name", "known"),
    [("Категория", "юр. лица", "category", "legal_entities"),
     ("Категория потребителей", "ФЛ", "category", "population"),
     ("Сверх", 10, "threshold", Decimal(10)), ("Сверх нормы, м³", "10,5", "threshold", Decimal("10.5")),
     ("Сверх", 0, "threshold", None), ("Санат", "заңды тұлға", "category", "legal_entities")],
)  # fmt: skip
def test_optional_columns_are_read_by_their_headers(read, header: str, value: object, name: str, known: object) -> None:
    table = read(book("tariffs", [*TARIFFS, header], [*TARIFF, value]))
    assert (told(table), table.rows.column(name).to_pylist()) == ([], [known])


def test_a_category_that_is_none_refuses_the_form(read) -> None:
    """A tariff for offices is never one for everybody."""
    for form, headers, row in (("tariffs", TARIFFS, TARIFF), ("directory", DIRECTORY, LINE)):
        assert [code for code, *_ in told(read(book(form, [*headers, "Категория"], [*row, "Б"])))] == [
            "category.unknown"
        ]


def test_an_operator_s_register_is_warned_of_what_the_ledger_does_not_use(rules, reader) -> None:
    """A column that the rules call `uncounted`: of rules that were copied before the column counted."""
    shipped = rules.forms["customers"]
    earlier = shipped.model_copy(update={"columns": tuple(c for c in shipped.columns if c.name != "price"),
                                         "uncounted": (Uncounted(ru="Цена, %", kk="Бағасы, %"),)})  # fmt: skip
    told_by = replace(rules, forms={**rules.forms, "customers": earlier})
    table = read_form(book("customers", [*CUSTOMERS, "Цена, %"], [*CUSTOMER, "1,5"]), "a.xlsx", told_by, reader)
    assert [finding.code for finding in table.findings] == ["column.not_used"]


DEBT = [*CHARGES[:4], "Долг"]
BALANCED = [*DIRECTORY, "Сальдо"]
NEW_TARIFFS = ["Новый тариф" if name == "Тариф" else name for name in TARIFFS]


@pytest.mark.parametrize(
    ("form", "headers", "row", "extra", "value", "beside"),
    [
        ("tariffs", TARIFFS, TARIFF, "Новый тариф", 45.5, "Тариф"),
        ("tariffs", TARIFFS, TARIFF, "Действующий тариф", 40, "Тариф"),
        ("directory", BALANCED, [*LINE, 5], "Переплата", 150, "Сальдо"),
        ("tariffs", TARIFFS, TARIFF, "Тариф (изменённый), тг", 40, "Тариф"),
        ("tariffs", TARIFFS, TARIFF, "Тариф итого", 40, "Тариф"),
        ("tariffs", TARIFFS, TARIFF, "Жаңа тариф", 40, "Тариф"),
        ("tariffs", TARIFFS, TARIFF, "Тариф с НДС", 40, "Тариф"),
        ("recalculations", RECALCULATIONS, ["1", "Лифт", "06.2026", -1, "акт"], "Новая сумма", -5, "Сумма"),
        ("recalculations", RECALCULATIONS, ["1", "Лифт", "06.2026", None, "акт"], "Сумма (−)", 5, "Сумма"),
        ("service_charges", DEBT, ["1", "Домофон", 450, 450, None], "Переплата", 150, "Долг"),
        ("service_charges", DEBT, ["1", "Домофон", 450, 450, 5], "Артық төлем", 150, "Долг"),
    ],
)
def test_a_neighbour_that_may_be_meant_instead_refuses_the_form(
    read, form: str, headers: list[str], row: list[object], extra: str, value: object, beside: str
) -> None:
    """The clerk asks which of two prices is the right one; he never posts the first."""
    table = read(book(form, [*headers, extra], [*row, value]))
    [found] = [f for f in table.findings if f.code.startswith("column")]
    assert (found.code, found.value, found.facts["column"]) == ("column.rival", extra, beside)
    harmless = read(book(form, [*headers, extra], [*row, None]))
    assert [code for code, *_ in told(harmless) if code.startswith("column")] == ["column.extra"]


@pytest.mark.parametrize(
    ("form", "headers", "row", "extra", "value"),
    [
        ("tariffs", TARIFFS, TARIFF, "Новый тариф", 31.4),  # the same number
        ("tariffs", TARIFFS, TARIFF, "Прежний тариф", 40),
        ("tariffs", NEW_TARIFFS, TARIFF, "Действующий тариф", 40),
        ("directory", BALANCED, [*LINE, 5], "Задолженность, тг", 5),
        ("directory", BALANCED, [*LINE, 5], "Долг на начало года", 150),
        ("service_charges", DEBT, ["1", "Домофон", 450, 450, 5], "Переплата", 0),
        ("service_charges", [*DEBT[:4], "Сальдо"], ["1", "Домофон", 450, 450, 5], "Переплата", 5),
        ("service_charges", CHARGES, ["1", "Домофон", 450, 450, 5], "Начислено с начала года, всего", 900),
        ("meter_readings", READINGS, ["1", "Газ", "С-1", 1, 2, "20.08.2026"], "Разница с нормой", 1),
    ],
)
def test_a_neighbour_that_says_nothing_else_is_only_told(read, form, headers, row, extra, value) -> None:
    assert told(read(book(form, [*headers, extra], [*row, value])))[0][::2] == ("column.extra", extra)


def test_look_alike_letters_hide_no_sign_and_turn_none() -> None:
    balance = ("Долг (+) или переплата (−)",)
    assert not turns_sign("Дoлг (+) или пepeплaтa (−)", balance)  # Latin e, o, a, p
    assert turns_sign("Пepeплaтa (+) или дoлг (−)", balance)
    assert turns_sign("Сyмма к yмeньшeнию", ("Сумма",))


@pytest.mark.parametrize("written", ["с 01.09.2026", "со 01.09.2026", "01.09.2026 бастап", "2026 жылдың қыркүйегінен"])
def test_a_month_with_the_word_that_it_counts_from_is_read(read, written: str) -> None:
    table = read(book("tariffs", TARIFFS, [*TARIFF[:4], written, TARIFF[5]]))
    assert (told(table), table.rows["from_month"].to_pylist()) == ([], [date(2026, 9, 1)])


def test_a_day_of_change_with_the_word_that_it_counts_from_is_read(read) -> None:
    names = ["Показатель", "Было", "Стало", "Изменено"]
    table = read(xlsx([*head("requisites"), names, ["КБе", "17", "19", "с 03.08.2026"]]))
    assert (told(table), table.rows["changed_on"].to_pylist()) == ([], [date(2026, 8, 3)])


@pytest.mark.parametrize(("written", "number"), [("с ноября", "11"), ("ноябрь", "11"), ("1 ноября", "01.11")])
def test_a_first_day_that_lacks_only_its_year_is_told_so(read, written: str, number: str) -> None:
    names = ["Лицевой счёт", "Показатель", "Стало", "Действует с"]
    [finding] = read(xlsx([*head("directory_corrections"), names, ["10020030", "Проживает", 3, written]])).findings
    assert (finding.code, finding.facts["number"]) == ("value.no_year", number)


def test_the_last_day_of_a_span_is_not_read_with_a_word_that_begins_one(read) -> None:
    row = ["10020030", "Отопление", "с 03.08.2026", "с 07.08.2026", 5, ""]
    assert [c[:2] for c in told(read(book("undelivered", UNDELIVERED, row)))] == [("value.not_a_date", "D8")]


@pytest.mark.parametrize(
    ("written", "letter"),
    [("\u043effice@a.kz", "\u043e"), ("a@a.kz; buh@\u0430lseco.kz", "\u0430"), ("office@aa.\u043az", "\u043a")],
)
def test_an_address_with_letters_that_pass_for_latin_ones_is_refused(read, written: str, letter: str) -> None:
    """Nobody sees them, and every letter of its Customer would be a stranger's."""
    row = [written if header == "E-mail" else cell for header, cell in zip(CUSTOMERS, CUSTOMER, strict=True)]
    [finding] = read(xlsx([*head("customers"), CUSTOMERS, row])).findings
    assert (finding.code, finding.facts["letter"]) == ("email.mixed_letters", letter)
    assert letter in finding.value and ";" not in finding.value


@pytest.mark.parametrize("written", ["почта@почта.қаз", "müller@a.de", "buh2@a.kz"])
def test_an_address_of_one_alphabet_is_one(read, written: str) -> None:
    row = [written if header == "E-mail" else cell for header, cell in zip(CUSTOMERS, CUSTOMER, strict=True)]
    assert told(read(xlsx([*head("customers"), CUSTOMERS, row]))) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Количество жильцов", "Проживает"), ("Тұратындар саны", "Проживает"), ("Владелец", "ФИО"),
        ("Подключить услугу", "Добавить услугу"), ("Отключить услугу", "Убрать услугу"), ("Прописано", None),
    ],
)  # fmt: skip
def test_indicators_are_read_as_people_call_them(read, written: str, meant: str | None) -> None:
    """Who is registered need not live there: that is asked about."""
    heads = ["Лицевой счёт", "Показатель", "Было", "Стало", "Действует с", "Основание"]
    row = ["10020030", written, None, 3, "01.09.2026", "Заявление"]
    table = read(xlsx([*head("directory_corrections"), heads, row]))
    assert table.rows["indicator"].to_pylist() == [meant]


@pytest.mark.parametrize(
    ("header", "code"),
    [("По", "column.not_counted"), ("до", "column.not_counted"), ("Основание по списку", "column.extra")],
)
def test_a_last_day_of_a_correction_is_asked_about_under_a_short_header(read, header: str, code: str) -> None:
    """It stood until another one, and `По` was passed over."""
    heads = ["Лицевой счёт", "Показатель", "Было", "Стало", "Действует с", "Основание", header]
    row = ["10020030", "Проживает", 2, 3, "01.09.2026", "Заявление", "31.12.2026"]
    table = read(xlsx([*head("directory_corrections"), heads, row]))
    assert [one for one, *_ in told(table)] == [code]


@pytest.mark.parametrize("title", ["Прописано", "Кол-во прописанных", "Зарегистрировано", "Тіркелген"])
def test_registered_people_are_asked_about_where_nobody_lives(read, title: str) -> None:
    """Who lives there decides charges by person, and "nothing to do" was said of the column."""
    found = told(read(xlsx([*head("new_houses"), [*HOUSES, title], [*HOUSE, 2]])))
    assert ("column.unsure", "I7", title) in found


@pytest.mark.parametrize("title", ["Кол-во жильцов", "Жильцы", "Количество проживающих, чел.", "Тұрғындар саны"])
def test_people_who_live_there_are_read_by_how_clerks_head_them(read, title: str) -> None:
    table = read(xlsx([*head("new_houses"), [*HOUSES, title], [*HOUSE, 2]]))
    assert (told(table), table.rows["residents"].to_pylist()) == ([], [2])
