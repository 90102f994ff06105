"""Both parts of a replaced meter's charge lead to their own cells of the form that told of it (law 4, 7.2)."""

from __future__ import annotations

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.originals import Originals
from inbox_worker.explain.sources import Sources
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line


def town(office: TownOffice) -> None:
    """M-1 ends with 108, N-1 begins with 3, which is taken out in October at 9."""
    office.load_customers(customer("B", utilities=True))
    office.load_directory(
        line("B", "1001", "cold_water", base="счётчик", meter="M-1", reading="100", tariff="80"),
    )
    office.ingest("meter_change", [change("M-1", "108", "N-1", "3", "12.08.2026")], received="2026-08-20", by="B")
    office.ingest("meter_readings", [read("N-1", "5.5", "20.08.2026")], received="2026-08-20", by="B")
    office.close("2026-09")
    office.ingest("meter_change", [change("N-1", "9", "P-1", "0.25", "12.09.2026")], received="2026-09-20", by="B")
    office.ingest("meter_readings", [read("P-1", "1", "20.09.2026")], received="2026-09-20", by="B")
    office.close("2026-10")


office = copies_of(town)


def change(old: str, last: str, new: str, initial: str, on: str) -> Row:
    return {"account": "1001", "service": "cold_water", "meter": old, "current": last, "new_meter": new,
            "initial": initial, "changed_on": on}  # fmt: skip


def read(meter: str, current: str, on: str) -> Row:
    return {"account": "1001", "service": "cold_water", "meter": meter, "current": current, "taken_on": on}


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("month", "values"), [("2026-09", {"108", "100", "5.5", "3"}), ("2026-10", {"9", "5.5", "1", "0.25"})]
)
def test_each_value_of_the_formula_stands_in_the_cell_that_is_cited(
    office: TownOffice, month: str, values: set[str]
) -> None:
    """Each reading, first or last, is what its workbook has in that cell."""
    sources = Sources(office.office)
    lines = Figures(office.office, sources, Period.parse(month)).explain(
        "quantity", Where(bin_of("B"), "1001", "cold_water")
    )
    with Originals(office.office) as originals:
        cells = [originals.fill(cell) for words, cell in sources.cells.items() if any(words in text for text in lines)]
    assert {cell.value for cell in cells} == values, "\n".join(lines)


def test_a_meter_put_in_without_a_reading_is_not_said_to_lack_a_norm(office: TownOffice) -> None:
    """It has an average by the meters before it; in its first month it is not estimated at all."""
    office.ingest("meter_change", [change("P-1", "2", "Q-1", "0", "12.10.2026")], received="2026-10-20", by="B")
    office.close("2026-11")
    with Sources(office.office) as sources:
        figures = Figures(office.office, sources, Period.parse("2026-11"))
        text = "\n".join(figures.explain("quantity", Where(bin_of("B"), "1001", "cold_water")))
    assert "прибор Q-1: показания за месяц нет, расход 0,000: поставлен в этом месяце" in text, text
    assert "нормы нет" not in text
