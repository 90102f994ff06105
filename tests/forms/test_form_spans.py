"""4.3.2.3: the days without a service written in one cell, `Период`, where a table has neither `С` nor `По`."""

from __future__ import annotations

from datetime import date

import pytest
from form_books import head, told, xlsx

HEAD = ["Лицевой счёт", "Услуга", "Период", "Дней"]


def days(*, span: object, title: str = "Период", count: int = 5, top: bool = True) -> bytes:
    above = head("undelivered") if top else [["БИН заказчика", "971240003619"], []]
    return xlsx([*above, [*HEAD[:2], title, HEAD[3]], ["10020030", "Отопление", span, count]])


@pytest.mark.parametrize(
    "span",
    [
        "01.07-05.07.2026", "01.07.2026 - 05.07.2026", "1–5.07.2026", "с 01.07 по 05.07.2026", "01.07.26 — 05.07.26 г.",
        "01.07.2026 бастап 05.07.2026",
    ],
)  # fmt: skip
@pytest.mark.parametrize("title", ["Период", "Период отключения", "Кезең"])
def test_a_span_is_its_first_and_its_last_day(read, span: str, title: str) -> None:
    table = read(days(span=span, title=title))
    [row] = table.rows.to_pylist()
    assert told(table) == []
    assert (row["from_date"], row["to_date"], row["days"]) == (date(2026, 7, 1), date(2026, 7, 5), 5)


def test_one_day_alone_is_both(read) -> None:
    for span in ("03.08.2026", ((date(2026, 8, 3) - date(1899, 12, 30)).days, "dd.mm.yyyy")):
        [row] = read(days(span=span, count=1)).rows.to_pylist()
        assert (row["from_date"], row["to_date"]) == (date(2026, 8, 3), date(2026, 8, 3))


@pytest.mark.parametrize(
    "span",
    [
        "июль",
        "01.07-05.07",
        "1-5.07",
        "07.2026",
        "1, 2, 3, 4, 5, 6, 7.07.2026",
        "2026-07-01/2026-07-05",
        "с 01.07 по 05.07.2026 по согласованию сторон",
    ],
)
def test_what_is_no_span_is_asked_about_at_its_cell(read, span: str) -> None:
    found = told(read(days(span=span)))
    assert found and {cell for _, cell, _ in found} == {"C8"}


def test_a_table_with_a_span_is_known_without_a_code(read) -> None:
    table = read(days(span="01.07-05.07.2026", top=False))
    assert (table.form, told(table)) == ("undelivered", [])


def test_a_span_beside_both_days_is_another_column(read) -> None:
    names = ["Лицевой счёт", "Услуга", "С", "По", "Дней", "Период"]
    row = ["10020030", "Отопление", "01.07.2026", "05.07.2026", 5, "июль"]
    assert told(read(xlsx([*head("undelivered"), names, row]))) == [("column.extra", "F7", "Период")]


def test_two_spans_are_asked_about(read) -> None:
    names = ["Лицевой счёт", "Услуга", "Период", "Период отключения", "Дней"]
    row = ["10020030", "Отопление", "01.07-05.07.2026", "02.07-06.07.2026", 5]
    found = [(code, value) for code, _, value in told(read(xlsx([*head("undelivered"), names, row])))]
    assert {("column.missing", "С"), ("column.missing", "По")} <= set(found)


ENDS = ["Лицевой счёт", "Услуга", "С", "По", "Дней"]


def ended(read, first: object, last: object = None):
    return read(xlsx([*head("undelivered"), ENDS, ["10020030", "Отопление", first, last, 5]]))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("01.07.2026-05.07.2026", None),
        ("с 1 по 5 июля 2026 г.", None),
        ("1-5 шілде 2026", ""),
        ("с 1 июля по 5 июля 2026", None),
        ("01.07-05.07.2026", "01.07-05.07.2026"),
    ],
)
def test_a_span_in_the_first_days_column_alone_is_both_days(read, first: str, last: str | None) -> None:
    table = ended(read, first, last)
    [row] = table.rows.to_pylist()
    assert told(table) == []
    assert (row["from_date"], row["to_date"]) == (date(2026, 7, 1), date(2026, 7, 5))


def test_a_span_over_two_months_has_each_days_own(read) -> None:
    [row] = ended(read, "с 28 июня по 2 июля 2026").rows.to_pylist()
    assert (row["from_date"], row["to_date"]) == (date(2026, 6, 28), date(2026, 7, 2))


def test_a_span_without_its_year_is_told_by_its_days(read) -> None:
    assert told(ended(read, "с 1 по 5 июля")) == [("value.no_year", "C8", "1.7"), ("value.no_year", "D8", "5.7")]


@pytest.mark.parametrize("first", ["июля 1-5 2026", "3 июля 7 2026", "01.07.2026", "с 1 июля 2026 по договору"])
def test_what_is_no_span_leaves_the_last_day_missing(read, first: str) -> None:
    assert ("value.missing", "D8", "") in told(ended(read, first))


def test_a_span_beside_another_last_day_is_asked_about(read) -> None:
    span = "01.07.2026-05.07.2026"
    assert told(ended(read, span, "06.07.2026")) == [("value.not_a_date", "C8", span)]


@pytest.mark.parametrize(("first", "last"), [("Дата отключения", "Дата включения"), ("Отключено", "Дата подключения")])
def test_days_of_an_interruption_are_known_by_how_clerks_head_them(read, first: str, last: str) -> None:
    names = ["Л/с", "Услуга", first, last, "Кол-во дней", "Причина"]
    table = read(xlsx([names, ["10020030", "Отопление", "01.07.2026", "05.07.2026", 5, "Авария"]]))
    assert (table.form, told(table)) == ("undelivered", [])


@pytest.mark.parametrize("when", ["10.08.2026 14:30", "10.08.26 14:30:15", "10.08.2026 0:00"])
def test_a_day_with_its_time_in_both_columns_is_one_day(read, when: str) -> None:
    """The time was taken for a second day, as if `10.08` and `2026.14.30` stood there."""
    table = ended(read, when, when)
    [row] = table.rows.to_pylist()
    assert told(table) == []
    assert (row["from_date"], row["to_date"]) == (date(2026, 8, 10), date(2026, 8, 10))


@pytest.mark.parametrize(
    ("first", "end"),
    [
        ("10.08.2026 14:30 - 12.08.2026 10:00", 12),
        ("с 10.08 14:30 по 12.08.2026 9:00", 12),
        ("10.08.2026 14:30 - 10.08.2026 18:00", 10),
        ("10.08.2026-10.08.2026", 10),
    ],
)
def test_a_span_with_times_and_one_within_a_day_are_its_days(read, first: str, end: int) -> None:
    [row] = ended(read, first).rows.to_pylist()
    assert (row["from_date"], row["to_date"]) == (date(2026, 8, 10), date(2026, 8, end))


@pytest.mark.parametrize(
    "said",
    [
        "10.08.2026, 12.08.2026", "10.08.2026 и 12.08.2026", "10, 12.08.2026", "10 и 12 августа 2026", "5-7-9.08.2026",
        "10/12.08.2026", "10.08.2026 12.08.2026", "10.08.2026 или 12.08.2026", "10.08.2026 акт от 12.08.2026",
        "10.08.2026 перенос 12.08.2026", "кроме 10-12.08.2026", "не 10-12.08.2026", "10.08.26 9.10",
        "10.08.2026 9.10.05", "10.08.26 (1 день)", "31.06-05.07.2026", "12.08-10.08.2026",
    ],
)  # fmt: skip
def test_days_that_nothing_leads_from_one_to_the_other_are_no_span(read, said: str) -> None:
    """Listed days were read as all days between, `except 10-12` as these days, a time with a point as a day."""
    codes = ("value.not_a_date", "value.several")
    for last in (said, None):
        table = ended(read, said, last)
        [row] = table.rows.to_pylist()
        assert (row["from_date"], row["to_date"]) == (None, None)
        assert [(cell, value) for code, cell, value in told(table) if code in codes][0] == ("C8", said)
    assert {(cell, value) for _, cell, value in told(read(days(span=said)))} == {("C8", said)}


@pytest.mark.parametrize(
    "span",
    [
        "1-5.07.26", "с 3-го по 7-е июля 2026", "с «3» по «7» июля 2026 года", "03/07/2026 - 07/07/2026",
        "03-07-2026 — 07-07-2026", "03.07.2026 г. - 07.07.2026 г. включительно", "3 шілдеден 7 шілдеге дейін 2026",
        "03.07.2026-дан 07.07.2026-ға дейін", "03.07.2026, 14:30 - 07.07.2026, 9:00", "from 03.07.2026 to 07.07.2026",
    ],
)  # fmt: skip
def test_a_span_is_read_as_people_write_it(read, span: str) -> None:
    table = ended(read, span)
    [row] = table.rows.to_pylist()
    first, last = (1, 5) if span.startswith("1") else (3, 7)
    assert (row["from_date"], row["to_date"]) == (date(2026, 7, first), date(2026, 7, last))
    assert told(table) == []


@pytest.mark.parametrize("span", ["28.12-05.01.2027", "28.12-5.01.27", "с 28 декабря по 5 января 2027 г."])
def test_a_span_over_the_new_year_has_the_year_of_its_last_day(read, span: str) -> None:
    table = ended(read, span)
    [row] = table.rows.to_pylist()
    assert (told(table), row["from_date"], row["to_date"]) == ([], date(2026, 12, 28), date(2027, 1, 5))
