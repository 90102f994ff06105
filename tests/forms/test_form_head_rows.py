"""4.1.15: a header of several rows, groups over the names of their columns, is read where they say one column each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from form_books import head, told, xlsx

ROW = ["10020030", "Холодная вода", "С-1", 127.5, "Н-1", 0, "12.08.2026"]
PLAIN = ["Лицевой счёт", "Услуга"]


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (
            [*PLAIN, "Снят прибор", None, "Установлен прибор", None, "Дата замены"],
            [None, None, "№", "Последнее показание", "№", "Начальное показание", None],
        ),
        (
            [*PLAIN, "Снятый прибор", None, "Установленный прибор", None, "Дата замены"],
            [None, None, "номер", "показание", "номер", "показание", None],
        ),
        (
            [None, None, "Снят прибор", None, "Установлен прибор", None, None],
            [*PLAIN, "№", "Последнее показание", "№", "Начальное показание", "Дата замены"],
        ),
    ],
)
def test_group_over_a_name_says_the_column_with_it(read, groups: list[object], names: list[object]) -> None:
    table = read(xlsx([*head("meter_change"), groups, names, ROW]))
    assert told(table) == []
    [row] = table.rows.to_pylist()
    assert (row["meter"], row["current"], row["new_meter"], row["initial"]) == (
        "С-1", Decimal("127.500"), "Н-1", Decimal("0.000"),
    )  # fmt: skip


def test_group_reaches_no_further_than_the_names_beneath_it(read) -> None:
    """A name apart from the group's is nobody's: `Снят прибор` is not over the last column."""
    groups = [*PLAIN, "Снят прибор", None, None, "Установлен прибор", None]
    names = [None, None, "№", "Последнее показание", None, "№", "Начальное показание", "Дата замены", None, "№"]
    row = [*ROW[:4], None, *ROW[4:], None, "9"]
    table = read(xlsx([*head("meter_change"), groups, names, row]))
    assert [code for code, _, _ in told(table)] == ["column.extra"]
    assert table.rows["meter"].to_pylist() == ["С-1"]


def test_two_rows_that_leave_a_column_unsaid_are_refused(read) -> None:
    groups = [*PLAIN, "Прибор", None, "Прибор", None, "Дата замены"]
    names = [None, None, "№", "Показание", "№", "Показание", None]
    table = read(xlsx([*head("meter_change"), groups, names, ROW]))
    assert ({code for code, _, _ in told(table)}, table.rows.num_rows) == ({"table.missing"}, 0)


READING = ["10020030", "Холодная вода", "С-1", 120, 127.5, "20.08.2026"]
NAMED = ["Лицевой счёт", "Услуга", "№ прибора"]


@pytest.mark.parametrize(
    ("over", "names"),
    [
        ([*NAMED, "Показания", None, "Дата"], [None, None, None, "Предыдущие", "Текущие", None]),
        ([*NAMED, "Показания", "Показания", "Дата"], [None, None, None, "Предыдущие", "Текущие", None]),
        ([*NAMED, "Показания", None, "Дата"], [*NAMED, "Предыдущие", "Текущие", "Дата"]),
        ([*NAMED, "Показания", None, "Дата"], [None, None, None, "на начало", "на конец", None]),
        ([*NAMED, "Показания", None, "Дата"], [None, None, None, "на 01.08.2026", "на 20.08.2026", None]),
        (["Абонент", None, "Прибор учёта"], ["Лицевой счёт", "Услуга", "№", "Предыдущие", "Текущие", "Дата"]),
        (
            ["Дербес шот", "Қызмет", "Есептегіш №", "Көрсеткіштері", None, "Күні"],
            [None, None, None, "Алдыңғы", "Ағымдағы", None],
        ),
    ],
)
def test_group_as_values_over_two_readings_names_both(read, over: list[object], names: list[object]) -> None:
    """`Показания` alone is the current reading: the first of the two beneath it never becomes that."""
    table = read(xlsx([*head("meter_readings"), over, names, READING]))
    assert told(table) == []
    [row] = table.rows.to_pylist()
    assert (row["previous"], row["current"]) == (Decimal("120.000"), Decimal("127.500"))


def test_service_of_the_title_completes_a_header_of_two_rows(read) -> None:
    over = ["Лицевой счёт", "№ прибора", "Показания", None, "Дата"]
    rows = [["Ведомость: холодная вода"], over, [None, None, "Предыдущие", "Текущие"], [READING[0], *READING[2:]]]
    table = read(xlsx([*head("meter_readings"), *rows]))
    assert [(row["service"], str(row["current"])) for row in table.rows.to_pylist()] == [("cold_water", "127.500")]


@pytest.mark.parametrize(
    "names",
    [
        [[None, None, None, "до", "после"]],
        [[None, None, None, "снять", "начислить"]],
        [[], [None, None, None, "начислено", "к оплате"]],
        [[None, None, None, "по акту", "всего"], [None, None, None, "тенге", "прочее"]],
    ],
)
def test_header_of_several_rows_that_says_no_column_is_one_finding(read, names: list[list[object]]) -> None:
    """The cells of its further rows are never told as values of a row, and nothing under it is read."""
    over = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", None, "Основание"]
    row = ["10020030", "Содержание дома", "06.2026", 5000, -12.5, "Акт"]
    top = head("recalculations")
    table = read(xlsx([*top, over, *names, row]))
    first, last = len(top) + 1, len(top) + 1 + len(names)
    assert told(table) == [("head.several_rows", f"D{last}", "; ".join(map(str, names[-1][3:])))]
    assert (table.findings[-1].facts["first"], table.findings[-1].facts["last"]) == (str(first), str(last))
    assert (table.rows.num_rows, table.partial.num_rows if table.partial else 0) == (0, 0)


def test_units_under_a_header_are_no_further_row_of_it(read) -> None:
    over = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
    row = ["10020030", "Содержание дома", "06.2026", -12.5, "Акт"]
    table = read(xlsx([*head("recalculations"), over, [None, None, "мм.гггг", "тенге"], row]))
    assert (told(table), table.rows.num_rows) == ([], 1)


def test_a_label_above_a_header_is_no_group_over_its_columns(read) -> None:
    """`БИН` over `Лицевой счёт` made a register of houses' contracts of days without a service."""
    heads = ["Лицевой счёт", "Код дома", "Услуга", "С", "По", "Причина"]
    row = ["10020030", None, "Отопление", "03.08.2026", "05.08.2026", "Авария"]
    table = read(xlsx([["Недопоставка"], ["БИН", "180240251138"], heads, row]))
    assert (table.form, told(table)) == ("undelivered", [("column.missing", "A3", "Дней")])


NONE = [None] * 3
SPLIT = ["Лицевой", "Услуга", "За", "Сумма", "Основание"]


@pytest.mark.parametrize(
    "heads",
    [
        [
            ["Абонент", None, "Прибор учёта", None, None, "Дата снятия"],
            ["Лицевой счёт", "Услуга", "№", "Показания"],
            [*NONE, "Предыдущие", "Текущие"],
        ],
        [
            ["Лицевой счёт", "Услуга", "Прибор учёта"],
            [None, None, "№", "Показания", None, "Дата снятия"],
            [*NONE, "предыдущее", "текущее"],
        ],
        [
            ["Лицевой счёт", "Услуга", "№ прибора", "Показания", None, "Дата снятия"],
            [*NONE, "прибора учёта"],
            [*NONE, "на начало", "на конец"],
        ],
        [
            ["Сведения"],
            ["Лицевой счёт", "Услуга", "Прибор учёта"],
            [None, None, "№", "Показания", None, "Дата снятия"],
            [*NONE, "предыдущее", "текущее"],
            [1, 2, 3, 4, 5, 6],
        ],
    ],
)
def test_header_of_three_rows_is_read(read, heads: list[list[object]]) -> None:
    """The lowest row is a part of the header, never a row of the form, and each name keeps its group."""
    table = read(xlsx([*head("meter_readings"), *heads, READING]))
    assert told(table) == []
    [row] = table.rows.to_pylist()
    assert (row["meter"], row["previous"], row["current"]) == ("С-1", Decimal("120.000"), Decimal("127.500"))


def test_upper_rows_of_a_header_are_no_table_of_another_form(read) -> None:
    heads = [
        ["Лицевой счёт", "Услуга", "Перерыв", None, None, "Причина"],
        [None, None, "Период", None, "Дней"],
        [None, None, "с", "по"],
    ]
    row = ["10020030", "Отопление", "03.08.2026", "05.08.2026", 3, "Авария"]
    table = read(xlsx([*head("undelivered"), *heads, row]))
    assert (told(table), [row["days"] for row in table.rows.to_pylist()]) == ([], [3])


@pytest.mark.parametrize(
    "heads",
    [
        [SPLIT, ["счёт", None, "месяц", "перерасчёта"]],
        [SPLIT, ["счёт", None, "какой", "пере-"], [None, None, "месяц", "расчёта"]],
    ],
)
def test_names_broken_over_rows_of_cells_are_one_name_each(read, heads: list[list[object]]) -> None:
    """`Сумма` is a label of totals, too: in a row of several names it is a column's."""
    row = ["10020030", "Содержание дома", "06.2026", -12.5, "Акт"]
    table = read(xlsx([*head("recalculations"), *heads, row]))
    assert (told(table), table.rows["amount"].to_pylist()) == ([], [Decimal("-12.50")])


@pytest.mark.parametrize(
    "below", [[[*NONE, None, "долг", "переплата"]], [[*NONE, None, "на конец"], [*NONE, None, "долг", "переплата"]]]
)
def test_words_under_a_figures_name_go_on_with_the_header(read, below: list[list[object]]) -> None:
    """A debt and an overpayment in columns of their own under `Сальдо`: the first was read, the second passed over."""
    over = ["Лицевой счёт", "Услуга", "Тариф", "Начислено", "Сальдо", None]
    top = head("service_charges")
    table = read(xlsx([*top, over, *below, ["10020030", "Домофон", 300, 300, None, 20]]))
    assert ([code for code, _, _ in told(table)], table.rows.num_rows) == (["head.several_rows"], 0)
    assert table.findings[-1].facts["last"] == str(len(top) + 1 + len(below))


TARIFF = ["Содержание дома", "A-001", "м²", 45, "11.2026", "Протокол 1"]
TARIFFS = ["Услуга", "Дом", "База", "Тариф", "Действует с", "Основание"]


@pytest.mark.parametrize(
    ("groups", "names", "row"),
    [
        (TARIFFS, [None, "Код дома"], TARIFF),
        (TARIFFS, [None, "(код)"], TARIFF),
        (
            [*TARIFFS[:2], None, *TARIFFS[2:]],
            [None, "код", "адрес"],
            [*TARIFF[:2], "Тимирязева, 111", *TARIFF[2:]],
        ),
        (["Услуга", "Код дома", *TARIFFS[2:]], ["Услуга", "Код дома", *TARIFFS[2:]], TARIFF),
    ],
)
def test_a_house_over_its_code_is_one_column(
    read, groups: list[object], names: list[object], row: list[object]
) -> None:
    """The second row was taken for a row with five cells missing."""
    table = read(xlsx([*head("tariffs"), groups, names, row]))
    assert {code for code, _, _ in told(table)} <= {"column.extra"}
    assert table.rows["house"].to_pylist() == ["A-001"]


def test_a_row_of_words_right_under_a_header_is_a_row(read) -> None:
    rows = [["Вид запроса", "Параметр", "С даты"], ["Справочник лицевых счетов", "весь", None]]
    assert read(xlsx([*head("request"), *rows])).rows["parameter"].to_pylist() == ["весь"]


@pytest.mark.parametrize(
    ("old", "new"), [("Старый счётчик", "Новый счётчик"), ("Снят прибор №", "Установлен прибор №")]
)
def test_a_heading_that_stands_twice_is_the_column_of_the_one_before_it(read, old: str, new: str) -> None:
    """Both were said to be the first reading of the new meter."""
    names = [*PLAIN, old, "Показание", new, "Показание", "Дата замены"]
    table = read(xlsx([*head("meter_change"), names, ROW]))
    [row] = table.rows.to_pylist()
    assert (told(table), row["current"], row["initial"]) == ([], Decimal("127.500"), Decimal("0.000"))


def test_a_heading_that_stands_twice_behind_others_is_asked_about(read) -> None:
    names = [*PLAIN, "Снят прибор №", "Установлен прибор №", "Показание", "Показание", "Дата замены"]
    table = read(xlsx([*head("meter_change"), names, [*ROW[:3], ROW[4], ROW[3], *ROW[5:]]]))
    assert "column.missing" in {code for code, _, _ in told(table)}
