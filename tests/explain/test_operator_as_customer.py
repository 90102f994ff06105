"""An operator that bills lines of its own is a Customer, too: its papers of that kind lead to its own lines alone."""

from __future__ import annotations

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.explain import explain_anything
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, customer, line, moment


def town(office: TownOffice) -> None:
    """Maintenance of the operator costs 100,00 on 1001, that of B 300,00 on 1002."""
    own = {"bin": office.office.home.operator.bin}
    office.load_customers({**customer("A"), **own}, customer("B"))
    mine = {**line("A", "1001", "maintenance", tariff="10", area="10"), **own}
    office.load_directory(mine, line("B", "1002", "maintenance", tariff="30", area="10"))
    office.close("2026-09")


office = copies_of(town)


@pytest.mark.parametrize(("kind", "said"), [("turnover", "100,00"), ("close_protocol", "400,00")])
def test_a_sum_is_of_the_customer_or_of_all(office: TownOffice, kind: str, said: str) -> None:
    """4.1.8: a turnover statement is the Customer's own, the protocol of the close is of all."""
    bin_ = office.office.home.operator.bin
    paths = render_documents(office.office, Period.parse("2026-09"), [kind], "", moment("2026-10-05"))
    path = next(path for path in paths if path.suffix == ".xlsx" and path.parent.name.startswith(bin_))
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    value = float(said.replace(",", "."))
    *_, cell = (cell.coordinate for row in sheet.iter_rows(min_row=6) for cell in row if cell.value == value)
    lines = explain_anything(office.office, str(path), cell, TODAY)
    assert f" = {said}" in lines[0], lines
