"""4.1.15: a workbook may hold forms of several kinds; each is decided by itself, and no row is lost in silence."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from inbox_worker.core.model import Outcome
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File

RECEIVED = "2026-08-20"
Grid = Sequence[Sequence[object]]
BIN = [["БИН заказчика", bin_of("A")]]
RECALCULATIONS = [
    ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"],
    ["1001", "Содержание дома", "06.2026", -100, "Акт"],
]
READINGS = [
    ["Лицевой счёт", "Услуга", "№ прибора", "Текущее", "Дата снятия"],
    ["1001", "Холодная вода", "M1", 15, "20.08.2026"],
]
TITLE = ["Показания приборов учёта"]
TARIFFS = [
    ["Услуга", "Код дома", "База", "Тариф", "Действует с", "Основание"],
    ["Содержание дома", "H-1", "м²", 35, "09.2026", "Протокол"],
]


def build(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30"),
        line("A", "1001", "cold_water", base="счётчик", tariff="50", meter="M1", reading="10"),
    )


office = copies_of(build)


def book(*sheets: Grid, hidden: Sequence[int] = ()) -> File:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as made:
        for number, grid in enumerate(sheets):
            sheet = made.add_worksheet(f"Лист{number + 1}")
            for row, cells in enumerate(grid):
                sheet.write_row(row, 0, cells)
            if number in hidden:
                sheet.hide()
    return File("Форма.xlsx", sink.getvalue())


def titled(form: str, rows: Grid) -> Grid:
    return [["Форма", form], *rows]


def outcomes(answer) -> dict[str, tuple[str, str]]:
    return {one["submission"][-2:]: (one["form"], one["outcome"]) for one in answer.submissions}


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ([[*BIN, *titled("recalculations", RECALCULATIONS)], titled("meter_readings", READINGS)], "sheet.form_apart"),
        ([[["Перерасчёты за прошлый период"], *BIN, *RECALCULATIONS], [*BIN, *READINGS]], "sheet.form_apart"),
        ([[["Перерасчёты за прошлый период"], *BIN, *RECALCULATIONS, [], TITLE, *READINGS]], "table.form_apart"),
        ([[TITLE, *BIN, *READINGS, [], ["Форма", "recalculations"], *RECALCULATIONS]], "table.form_apart"),
    ],
    ids=["code", "columns", "below", "above"],
)
def test_each_form_of_a_workbook_is_a_submission_and_posts(office: TownOffice, sheets: list[Grid], code: str) -> None:
    got = office.mail([book(*sheets)], received=RECEIVED)
    assert sorted(outcomes(got).values()) == [("meter_readings", "accepted"), ("recalculations", "accepted")]
    assert {one["customer"] for one in got.submissions} == {bin_of("A")}
    assert got.finding(code)["severity"] == "info" and "customer.by_sender" not in got.codes
    office.close("2026-09")
    water, upkeep = office.line("2026-09", "1001", "cold_water"), office.line("2026-09", "1001", "maintenance")
    assert (str(water["charged"]), str(upkeep["recalculated"])) == ("250.00", "-100.00")


def test_forms_of_two_files_are_numbered_behind_the_files(office: TownOffice) -> None:
    two = book([*BIN, *titled("recalculations", RECALCULATIONS)], titled("meter_readings", READINGS))
    tariffs = book([*BIN, *titled("tariffs", TARIFFS)])
    got = office.mail([File("1.xlsx", two.data), File("2.xlsx", tariffs.data), SCAN], received=RECEIVED)
    assert outcomes(got) == {
        "-1": ("recalculations", "accepted"), "-2": ("tariffs", "accepted"), "-3": ("meter_readings", "accepted"),
    }  # fmt: skip


def test_a_refused_form_keeps_no_other_of_its_workbook_back(office: TownOffice) -> None:
    """And the same workbook once more is a repetition of what was posted only."""
    wrong = [RECALCULATIONS[0], ["1001", "Содержание дома", "06.2026", "сто", "Акт"]]
    sheets = book([*BIN, *titled("recalculations", wrong)], titled("meter_readings", READINGS))
    first = office.mail([sheets], received=RECEIVED)
    assert outcomes(first) == {"-1": ("recalculations", "rejected"), "-2": ("meter_readings", "accepted")}
    again = office.mail([sheets], received=RECEIVED)
    assert outcomes(again) == {"-1": ("recalculations", "rejected"), "-2": ("meter_readings", "duplicate")}
    assert again.submissions[1]["duplicate_of"] == first.submissions[1]["submission"]


def test_the_same_workbook_again_repeats_each_answer(office: TownOffice) -> None:
    sheets = book([*BIN, *titled("recalculations", RECALCULATIONS)], titled("meter_readings", READINGS))
    first, again = (office.mail([sheets], received=RECEIVED) for _ in range(2))
    assert {one["outcome"] for one in again.submissions} == {"duplicate"} and len(again.submissions) == 2
    said = [one["duplicate_of"] for one in again.submissions]
    assert said == [one["submission"] for one in first.submissions]


def test_documents_release_the_form_that_waits_for_them(office: TownOffice) -> None:
    got = office.mail(
        [book([*BIN, *titled("recalculations", RECALCULATIONS)], titled("tariffs", TARIFFS))], received=RECEIVED
    )
    assert outcomes(got) == {"-1": ("recalculations", "accepted"), "-2": ("tariffs", "held")}
    [released] = office.release(got.submissions[1]["submission"], "бумага, 21.08.2026", "2026-08-22")
    assert (released.form, released.outcome, released.rows_posted) == ("tariffs", Outcome.ACCEPTED, 1)
    assert [row["tariff"] for row in office.facts("tariffs")][-1] == 35


def test_a_kill_between_two_forms_loses_neither(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided is not decided again, what was not is taken up (law 1)."""
    sheets = book([*BIN, *titled("recalculations", RECALCULATIONS)], titled("meter_readings", READINGS))
    commit, made = office.forms.commit, []

    def killed(decision, then=None):
        if made:
            raise KeyboardInterrupt
        made.append(commit(decision, then))
        return made[0]

    monkeypatch.setattr(office.forms, "commit", killed)
    with pytest.raises(KeyboardInterrupt):
        office.mail([sheets], received=RECEIVED)
    monkeypatch.undo()
    [undecided] = office.office.journal.arrivals.find_undecided()
    arrival = office.pipeline.decide_or_set_aside(undecided)
    forms = office.office.journal.submissions.of_arrival(arrival.number)
    assert [(one.ordinal, one.form, one.outcome) for one in forms] == [
        (1, "recalculations", Outcome.ACCEPTED), (2, "meter_readings", Outcome.ACCEPTED),
    ]  # fmt: skip


def test_an_empty_form_on_a_further_sheet_refuses_nothing(office: TownOffice) -> None:
    """A workbook of all blanks, one of them filled in."""
    got = office.mail([book([*BIN, *titled("recalculations", RECALCULATIONS)], READINGS[:1])], received=RECEIVED)
    assert outcomes(got) == {"-1": ("recalculations", "accepted")}


def test_a_form_on_a_hidden_sheet_is_not_read_and_told(office: TownOffice) -> None:
    sheets = book([*BIN, *titled("recalculations", RECALCULATIONS)], titled("meter_readings", READINGS), hidden=[1])
    got = office.mail([sheets], received=RECEIVED)
    assert outcomes(got) == {"-1": ("recalculations", "accepted")}
    assert got.finding("sheet.other_form")["severity"] == "warning"


def test_a_form_that_only_the_operator_loads_is_told_and_refuses_nothing(office: TownOffice) -> None:
    """It could not act in a Customer's letter."""
    names = [column.ru for column in office.office.rules.forms["bank_register"].columns if column.required]
    paid = ["CASPKZKA", "05.09.2026", "1", "1001", 5]
    got = office.mail([book([["Форма", "recalculations"], *BIN, *RECALCULATIONS, [], names, paid])], received=RECEIVED)
    assert outcomes(got) == {"-1": ("recalculations", "accepted")}
    assert got.finding("table.form_of_others")["severity"] == "warning"


def test_a_third_table_on_a_sheet_refuses_the_form_it_follows(office: TownOffice) -> None:
    """Its rows would be lost: nobody reads a form that goes on under another one."""
    sheet = [["Форма", "recalculations"], *BIN, *RECALCULATIONS, [], TITLE, *READINGS, [], *RECALCULATIONS]
    got = office.mail([book(sheet)], received=RECEIVED)
    assert outcomes(got) == {"-1": ("recalculations", "accepted"), "-2": ("meter_readings", "rejected")}
    assert got.finding("table.other_form")["severity"] == "error"


@pytest.mark.parametrize("place", ["sheet", "below"])
def test_figures_to_compare_with_do_not_act_beside_a_form_that_says_what_it_is(office: TownOffice, place: str) -> None:
    """A sheet with the columns of another form may be anything, and with a scan in the letter it would have posted."""
    checked = [["Лицевой счёт", "Услуга", "Тариф", "Начислено"], ["1001", "Содержание дома", 99, 6464.7]]
    form = [*BIN, *titled("recalculations", RECALCULATIONS)]
    sheets = book(form, checked) if place == "sheet" else book([*form, [], *checked])
    got = office.mail([sheets, SCAN], received=RECEIVED)
    assert outcomes(got) == {"-1": ("recalculations", "accepted")}
    assert ("sheet.form_unnamed" in got.codes) == (place == "sheet")
    assert ("table.form_unnamed" in got.codes) == (place == "below")


def test_where_no_form_says_what_it_is_all_are_known_by_their_columns(office: TownOffice) -> None:
    got = office.mail([book(RECALCULATIONS, READINGS)], received=RECEIVED)
    assert sorted(outcomes(got).values()) == [("meter_readings", "accepted"), ("recalculations", "accepted")]
