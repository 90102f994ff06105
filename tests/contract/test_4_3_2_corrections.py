"""4.3.2: corrections: rows are matched by the form's key; `Заменяет` replaces a submission whole."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File


def minus(amount: str, past: str = "06.2026", account: str = "1001") -> Row:
    return {"account": account, "service": "maintenance", "past_month": past, "amount": amount}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("A", "1002", "maintenance", tariff="30", area="10"),
        line("B", "2001", "maintenance", tariff="30", area="10"),
    )


office = copies_of(town)


def send(office: TownOffice, *rows: Row, received: str = "2026-08-20", **more: Any) -> Any:
    return office.ingest("recalculations", rows, received=received, **more)


def posted(office: TownOffice, account: str = "1001", month: str = "2026-09") -> D:
    return D(office.drafted(month)[(account, bin_of("A"), "maintenance")]["recalculated"])


def test_a_new_key_adds(office: TownOffice) -> None:
    """Several forms of a kind in a month add up."""
    send(office, minus("-10"))
    send(office, minus("-5", "05.2026"))
    send(office, minus("-1", account="1002"))
    assert (posted(office), posted(office, "1002")) == (D("-15.00"), D("-1.00"))


def test_sums_are_shown_whole_or_with_both_places(office: TownOffice) -> None:
    send(office, minus("-1500.5"), minus("-7.00", "05.2026"))
    first, second = [f["message"] for f in send(office, minus("-20.1"), minus("-8", "05.2026")).findings]
    assert ("-1500,50 (" in first, "на -20,10." in first, "-7 (" in second, "на -8." in second) == (True,) * 4


def test_another_value_replaces_and_shows_both(office: TownOffice) -> None:
    first = send(office, minus("-10"), minus("-7", "05.2026"))
    second = send(office, minus("-12.5"))
    assert (second.outcome, posted(office)) == ("accepted", D("-19.50"))
    finding = second.finding("row.replaced")
    assert (finding["severity"], finding["cell"]) == ("info", "D10")
    assert "-10" in finding["message"] and "-12,5" in finding["message"] and first.id in finding["message"]


def test_a_replacement_may_be_replaced_again(office: TownOffice) -> None:
    for amount in ("-10", "-12", "-10"):
        send(office, minus(amount))
    assert posted(office) == D("-10.00")


def test_the_same_value_again_changes_nothing(office: TownOffice) -> None:
    send(office, minus("-10"))
    again = send(office, minus("-10"), minus("-1", "05.2026"))
    assert (again.outcome, again.submissions[0]["rows_posted"], posted(office)) == ("accepted", 1, D("-11.00"))
    assert again.finding("row.unchanged")["severity"] == "info"


def test_rows_of_a_closed_month_stay_and_the_new_one_adds(office: TownOffice) -> None:
    """Only an open earlier row is replaced."""
    send(office, minus("-10"))
    office.close("2026-09")
    later = send(office, minus("-3"), received="2026-09-20")
    assert "row.replaced" not in later.codes
    office.close("2026-10")
    sums = [office.line(m, "1001", "maintenance")["recalculated"] for m in ("2026-09", "2026-10")]
    assert sums == [D("-10.00"), D("-3.00")]


def test_a_tariff_without_a_house_is_matched_by_its_empty_house(office: TownOffice) -> None:
    row = {"service": "maintenance", "base": "м²", "tariff": "40", "from_month": "09.2026"}
    for tariff, house in (("40", None), ("41", "H-1"), ("42", None)):
        office.ingest("tariffs", [{**row, "tariff": tariff, "house": house}], received="2026-08-20", documents=[SCAN])
    assert {v["tariff"] for k, v in office.drafted("2026-09").items() if k[1] == bin_of("A")} == {D("41.0000")}


def test_replaces_puts_away_the_whole_submission(office: TownOffice) -> None:
    """`Заменяет`: rows of the old form that the new one does not name are gone too."""
    first = send(office, minus("-10"), minus("-7", "05.2026"))
    second = send(office, minus("-12"), replaces=first.id)
    assert (second.outcome, second.submissions[0]["replaces"]) == ("accepted", first.id)
    assert posted(office) == D("-12.00")


def test_a_row_that_another_form_overtook_is_not_gone_with_its_own(office: TownOffice) -> None:
    """The other form's row stands, so nothing is taken off; of a row that nobody else told something is."""
    first = send(office, minus("-10"), minus("-7", "05.2026"), minus("-5", "04.2026"))
    send(office, minus("-11"))
    second = send(office, minus("-8", "05.2026"), replaces=first.id)
    assert second.submissions[0]["changes"] == {"added": 0, "changed": 1, "unchanged": 0, "gone": 1}
    assert posted(office) == D("-19.00")


def test_a_row_that_stood_before_the_replaced_form_stands_again_and_its_own_is_gone(office: TownOffice) -> None:
    before = send(office, minus("-10"))
    first = send(office, minus("-11"), minus("-7", "05.2026"))
    second = send(office, minus("-7", "05.2026"), replaces=first.id)
    assert second.submissions[0]["changes"] == {"added": 0, "changed": 0, "unchanged": 1, "gone": 1}
    assert posted(office) == D("-17.00")
    told = second.finding("rows.stand_again")
    assert "1001 Содержание дома 06.2026 -10" in told["message"] and "Үйді күтіп ұстау" in told["message_kk"]
    assert before.id in told["message"] and "05.2026" not in told["message"]


def test_nothing_stands_again_that_the_new_form_or_a_later_one_has(office: TownOffice) -> None:
    send(office, minus("-10"))
    first = send(office, minus("-11"))
    assert "rows.stand_again" not in send(office, minus("-12"), replaces=first.id).codes
    second = send(office, minus("-7", "05.2026"))
    send(office, minus("-8", "05.2026"))
    assert "rows.stand_again" not in send(office, minus("-1", "04.2026"), replaces=second.id).codes


def test_a_replacement_refused_leaves_the_old_form_standing(office: TownOffice) -> None:
    """Rejected or held forms replace nothing yet."""
    first = send(office, minus("-10"))
    assert send(office, minus("-12", account="9999"), replaces=first.id).outcome == "rejected"
    assert send(office, minus("12"), replaces=first.id).outcome == "held"
    assert posted(office) == D("-10.00")


def test_replaces_only_ones_own_open_form_once(office: TownOffice) -> None:
    """Another customer's, an unknown, a replaced or a closed month's submission cannot be replaced."""
    first = send(office, minus("-10"))
    foreign = office.ingest(
        "recalculations", [minus("-1", account="2001")], received="2026-08-20", by="B", replaces=first.id
    )
    assert foreign.outcome == "rejected" and "replaces.unknown" in foreign.codes
    assert "replaces.unknown" in send(office, minus("-1"), replaces="IW-009999-1").codes
    second = send(office, minus("-11"), replaces=first.id)
    assert "replaces.again" in send(office, minus("-12"), replaces=first.id).codes
    office.close("2026-09")
    closed = send(office, minus("-12"), replaces=second.id, received="2026-09-20")
    assert closed.outcome == "rejected" and "replaces.closed" in closed.codes
    assert office.line("2026-09", "1001", "maintenance")["recalculated"] == D("-11.00")


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "written", ["IW-{:06d}", "iw-{:06d}", "№ IW-{:06d}–1", "форма IW-{:06d}-1 от 18.08.2026", "[IW-{:06d}]"]
)
def test_replaces_takes_the_letters_number_where_it_has_one_such_form(office: TownOffice, written: str) -> None:
    """However a person copies it; of several forms it asks which."""
    first = send(office, minus("-10"))
    second = send(office, minus("-12"), replaces=written.format(first.arrival.number))
    assert (second.outcome, second.submissions[0]["replaces"]) == ("accepted", first.id)
    assert posted(office) == D("-12.00")


def test_a_letters_number_with_two_forms_is_asked_about(office: TownOffice) -> None:
    files = [
        File(f"{n}.xlsx", office.form("recalculations", [minus("-1", month)]))
        for n, month in enumerate(("05.2026", "06.2026"))
    ]
    both = office.mail(files, received="2026-08-20")
    number, first = both.arrival.id, both.submissions[0]["submission"]
    answer = send(office, minus("-2", "05.2026"), replaces=number)
    assert answer.outcome == "rejected" and first in answer.finding("replaces.several")["message"]
    assert send(office, minus("-2", "05.2026"), replaces=first).outcome == "accepted"
    last = send(office, minus("-3", "06.2026"), replaces=number)
    assert last.submissions[0]["replaces"] == both.submissions[1]["submission"]  # the other is replaced already


def test_one_key_twice_in_a_form_is_refused(office: TownOffice) -> None:
    """Which of the two is meant is not ours to guess."""
    answer = send(office, minus("-10"), minus("-11"))
    assert answer.outcome == "rejected" and answer.finding("row.repeated")["cell"].endswith("11")
