"""4.1.3: the reference data of a Customer's lines are kept by month: what a later directory tells changes no earlier
month, and documents of each month print their own."""

from __future__ import annotations

from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import render_documents
from tests.support.office import TownOffice, bin_of, customer, line, moment


def test_4_1_3_a_later_directory_changes_no_month_that_is_closed(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="10", area="50", name="Прежний Житель"))
    office.close("2026-09", "2026-10-02")

    def rows_of_september() -> bytes:
        paths = render_documents(office.office, Period(2026, 9), ["bill_rows"], bin_of("A"), moment("2026-10-05"))
        return b"".join(path.read_bytes() for path in sorted(paths))

    before, closed = rows_of_september(), office.table("2026-09", "lines")
    later = line("A", "1001", "maintenance", tariff="10", area="70", name="Новый Житель", start="10.2026")
    assert office.load_directory(later, now="2026-10-06").outcome == "accepted"
    assert office.drafted("2026-10")["1001", bin_of("A"), "maintenance"]["charged"] == 700
    assert office.table("2026-09", "lines") == closed and rows_of_september() == before
    assert office.line("2026-09", "1001", "maintenance")["charged"] == 500
