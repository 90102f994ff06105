"""How values look in documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.heading import Heading, show_known_bank
from inbox_worker.documents.html_pages import PRINTED, table_cell
from inbox_worker.documents.view import (
    clean,
    last_day,
    month_kk,
    month_ru,
    show_date,
    show_quantity,
    show_tariff,
)
from inbox_worker.settings.rules import Rules


def test_dates_and_months() -> None:
    assert show_date(date(2026, 9, 5)) == "05.09.2026"
    assert (month_ru(Period(2026, 9)), month_kk(Period(2026, 9))) == ("сентябрь 2026", "2026 жылғы қыркүйек")
    assert last_day(Period(2028, 2)) == date(2028, 2, 29)


@pytest.mark.parametrize(("raw", "shown"), [("31.4155", "31,4155"), ("137.5000", "137,50"), ("1200", "1 200,00")])
def test_tariffs_have_two_to_four_places(raw: str, shown: str) -> None:
    assert show_tariff(Decimal(raw)).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(("raw", "shown"), [("1.000", "1"), ("65.300", "65,30"), ("12.345", "12,345")])
def test_quantities(raw: str, shown: str) -> None:
    assert show_quantity(Decimal(raw)) == shown


@pytest.mark.parametrize(
    ("bic", "headed"),
    [
        ("CASPKZKA", "Kaspi Bank (CASPKZKA)"),
        ("CASPKZKAXXX", "Kaspi Bank (CASPKZKAXXX)"),
        ("SABRKZKA", "Bereke Bank (SABRKZKA)"),
        ("ABCDKZKA", "ABCDKZKA"),
        ("без банка · банксіз", "без банка · банксіз"),
    ],
)
def test_4_1_8_a_banks_payments_are_headed_by_its_name(rules: Rules, operator: Operator, bic: str, headed: str) -> None:
    """A code alone says nothing to whoever reads the paper; one that the list does not have stands as it is."""
    assert Heading("payments", rules, Period(2026, 9), operator).bank(bic) == headed


def test_control_signs_do_not_reach_a_document() -> None:
    assert clean("  Қазақ\x00стан\u0085 \ud800 & Ко\n") == "Қазақ стан & Ко"


def test_a_cell_of_a_page_is_broken_on_paper_only_where_a_word_of_it_is_long() -> None:
    assert table_cell("01.08.2026") == "<td>01.08.2026</td>"
    assert table_cell("документ / құжат 3", "it") == '<td class="it">документ / құжат 3</td>'
    assert table_cell("archive/2026/08/<afa9>") == '<td class="long">archive/2026/08/&lt;afa9&gt;</td>'
    assert "td.long" in PRINTED and "display:table" in PRINTED


def test_a_bank_that_is_not_in_the_register_of_banks_is_named_by_the_list_of_codes(rules: Rules) -> None:
    """Its statement and its list of orders were headed by the code (4.1.7)."""
    assert show_known_bank(rules, "АО «Народный Банк»", "HSBKKZKX") == "АО «Народный Банк» (HSBKKZKX)"
    assert show_known_bank(rules, "HSBKKZKX", "HSBKKZKX") == show_known_bank(rules, "", "HSBKKZKX")
    assert show_known_bank(rules, "", "HSBKKZKX") == "Народный банк (HSBKKZKX)"
    assert show_known_bank(rules, "", "XXXXKZKX") == "XXXXKZKX"
