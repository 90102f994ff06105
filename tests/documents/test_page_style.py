"""One look for every statement: A4 at 100 %, seven points and more, heads on every page, page n of m, no codes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.sheet_style import LANDSCAPE, PORTRAIT, lines_of, text_mm
from inbox_worker.outbox.sample import Sample, sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import KINDS, tortured, with_sums, workbook

LEAST_POINTS = 7
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def made(operator: Operator, rules: Rules) -> Sample:
    return sample(operator, rules)


def sheets_of(data: bytes) -> list[Worksheet]:
    return list(openpyxl.load_workbook(BytesIO(data), rich_text=True).worksheets)


def widths(sheet: Worksheet) -> dict[str, float]:
    """How wide Excel prints each visible column, in mm: a digit of Arial 10 is 7 pixels."""
    return {
        get_column_letter(place): size.width * 7 * 25.4 / 96
        for size in sheet.column_dimensions.values()
        for place in range(size.min, size.max + 1)
        if not size.hidden
    }


def shown_cells(sheet: Worksheet) -> list[Cell]:
    visible = widths(sheet)
    return [
        cell for row in sheet.iter_rows() for cell in row if isinstance(cell, Cell) and cell.column_letter in visible
    ]


@every_kind
@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl does not know bars
def test_pages_are_a4_at_full_size_with_heads_and_numbers(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    sheets = sheets_of(workbook(kind, made, operator, rules).data)
    for sheet in sheets:
        setup = sheet.page_setup
        assert (int(setup.paperSize), setup.scale or 100, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
            9,
            100,
            None,
        )
        assert sheet.print_area and sheet.print_title_rows, sheet.title
        assert "&P из &N · &N беттің &P-беті" in str(sheet.oddFooter.right.text)
        foot = str(sheet.oddFooter.left.text).replace("&&", "&")
        assert made.customer.name in foot or made.customer.bin in foot or kind == "close_protocol", foot
    said = " ".join(str(cell) for row in sheets[0].iter_rows(values_only=True) for cell in row if cell)
    assert "Исполнитель · Орындаушы" in said


def test_a_service_keeps_its_two_tones_however_long_its_name(made: Sample, operator: Operator, rules: Rules) -> None:
    """The Russian name is bold and the Kazakh one grey, over more lines, too."""
    summary = sheets_of(workbook("turnover", made, operator, rules).data)[0]
    [service] = [cell for cell in shown_cells(summary) if str(cell.value).startswith("За кап.ремонт по гос")]
    assert isinstance(service.value, CellRichText) and service.alignment.wrap_text
    assert (summary.row_dimensions[service.row].height or 0) > 20


@pytest.mark.quick("distribution", "debtors")
@every_kind
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_foot_tells_whose_page_it_is_however_long_the_name(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    """It was cut behind «БИН / БСН 0» where the title is long, too."""
    long = replace(made, customer=replace(made.customer, name="Ұ" * 120))
    feet = [str(sheet.oddFooter.left.text) for sheet in sheets_of(workbook(kind, long, operator, rules).data)]
    assert all(long.customer.bin in foot for foot in feet) or kind == "close_protocol", feet


def test_a_double_surname_goes_over_behind_its_hyphen() -> None:
    """Its second half fills a line of its own: counted as one word, the last line of a name was cut."""
    assert lines_of("Құдайбергенова-Петропавловская Гүлбаршын", 38) == 3
    assert lines_of("Петропавловская Гүлбаршын", 38) == 2 and lines_of("А-1", 38) == 1


@pytest.mark.quick("turnover", "debtors")
@every_kind
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_is_smaller_than_seven_points_or_shrunk(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    """Of cells and of the parts of their texts, whatever stands in them."""
    for month in (made, tortured(made, "Ұлттық Жылжымайтын Мүлік " * 6), with_sums(made, Decimal("-99999.99"), 300)):
        for sheet in sheets_of(workbook(kind, month, operator, rules).data):
            filled = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            parts = [part for cell in filled if isinstance(cell.value, CellRichText) for part in cell.value]
            sizes = {cell.font.sz for cell in filled} | {part.font.sz for part in parts if isinstance(part, TextBlock)}
            assert min(sizes) >= LEAST_POINTS, (sheet.title, sizes)
            assert not any(cell.alignment.shrink_to_fit for cell in filled), sheet.title


@every_kind
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_printed_fits_the_page_and_has_no_service_codes(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    """Pages stand one below the other; only a directory of many metered services flows onto pages beside."""
    codes = {service.code for service in rules.services}
    for sheet in sheets_of(workbook(kind, made, operator, rules).data):
        assert not any(str(cell.value) in codes for cell in shown_cells(sheet)), sheet.title
        room = PORTRAIT if sheet.page_setup.orientation == "portrait" else LANDSCAPE
        assert sum(widths(sheet).values()) <= room or (kind == "directory" and sheet.print_title_cols), sheet.title


@pytest.mark.parametrize("kind", ["directory", "close_protocol", "turnover"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_is_cut_on_pages_beside_the_first(kind: str, made: Sample, operator: Operator, rules: Rules) -> None:
    """The first columns are repeated there: titles, houses and tariffs that ran over them ended in mid-word."""
    wide = made if kind == "directory" else with_sums(made, Decimal("9999999999.99"), 40)
    flowing = [sheet for sheet in sheets_of(workbook(kind, wide, operator, rules).data) if sheet.print_title_cols]
    assert flowing
    for sheet in flowing:
        taken = widths(sheet)
        repeated = list(taken)[:2]
        for cell in (cell for letter in repeated for cell in sheet[letter] if cell.value is not None):
            room = sum(taken[letter] for letter in repeated if letter >= cell.column_letter)
            parts = str(cell.value).split("\n")
            assert cell.alignment.wrap_text or max(map(text_mm, parts)) <= room + 2, (sheet.title, cell.value)


@pytest.mark.quick(0, 1, 2)
@every_kind
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_long_names_are_wrapped_with_a_row_high_enough(
    kind: str, made: Sample, operator: Operator, rules: Rules
) -> None:
    name = "Құдайбергенова-Петропавловская Гүлбаршын Сағындыққызы " * 3
    found = 0
    for sheet in sheets_of(workbook(kind, tortured(made, name), operator, rules).data):
        for cell in shown_cells(sheet):
            if str(cell.value).strip() == name.strip():
                assert cell.alignment.wrap_text, cell.coordinate
                assert sheet.row_dimensions[cell.row].height >= 2 * 10, cell.coordinate
                found += 1
    assert found or kind in ("distribution", "close_protocol"), f"{kind} shows no name: see `tortured` in made.py"
