"""Readings of one scale of a meter, by day and by night, are none of the meter's: they are told with what to send."""

from __future__ import annotations

import pytest
from form_books import head, told, xlsx

ROW: list[object] = ["10020030", "Электроэнергия", "ЭЛ-1"]
KEYS: list[object] = ["Лицевой счёт", "Услуга", "№ прибора"]


def book(headers: list[str], cells: list[object]) -> bytes:
    return xlsx([*head("meter_readings"), [*KEYS, *headers, "Дата снятия"], [*ROW, *cells, "20.08.2026"]])


@pytest.mark.parametrize(
    ("headers", "cells", "at"),
    [
        (["Предыдущее", "Текущее (день)"], [1000, 1050], ["E7"]),
        (["Показание (ночь)"], [1050], ["D7"]),
        (["Ағымдағы (күндізгі)"], [1050], ["D7"]),
        (["Текущее Т1"], [1050], ["D7"]),
        (["Текущее (день)", "Текущее (ночь)"], [1050, 300], ["D7", "E7"]),
        (["Текущее", "Текущее (ночь)"], [1050, 300], ["E7"]),
        (["Т1", "Т2"], [1050, 300], ["D7", "E7"]),
        (["Показание т.1", "Показание т.2"], [1050, 300], ["D7", "E7"]),
        (["Предыдущее", "Текущее", "День", "Ночь"], [1000, 1050, 800, 300], ["F7", "G7"]),
        (["Предыдущее", "Текущее", "День", "Ночь"], [1000, 1050, 800, 250], []),  # its sum stands there, too
        (["Текущее", "День"], [1050, 20], []),  # of the month
        (["Текущее на день снятия"], [1050], []),
    ],
)
def test_a_reading_of_one_zone_is_an_error_at_its_header(
    read, headers: list[str], cells: list[object], at: list[str]
) -> None:
    found = read(book(headers, cells)).findings
    assert sorted(f.cell for f in found if f.code == "column.of_one_zone") == at
    assert not any(f.code in ("column.twice", "notes.narrowed") for f in found if f.cell in at)
    assert at or "column.of_one_zone" not in [f.code for f in found]


def test_a_zone_in_a_cell_or_above_the_table_is_told_beside_the_rows_that_count(read) -> None:
    beside = read(book(["Зона суток", "Текущее"], ["ночь", 1050]))
    assert ("notes.narrowed", "D8", "ночь") in told(beside)
    above = xlsx([*head("meter_readings"), ["День"], [*KEYS, "Текущее", "Дата снятия"], [*ROW, 1050, "20.08.2026"]])
    assert ("notes.narrowed", "A7", "День") in told(read(above))
    assert beside.rows.num_rows == 1
