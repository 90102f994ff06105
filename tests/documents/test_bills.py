"""Consumers' bills (4.1.1, 4.1.2): order and sums of lines, what changed in words, QR, bytes, odd text, the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import segno

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.bill_changes import LostDays, Recalculation
from inbox_worker.documents.bill_pdf import Bill, BillStyle, bills_data, draw_qr, fill_qr, render_bills, to_pay
from inbox_worker.documents.templates import TemplateProblem
from inbox_worker.documents.view import breakable, show_ru, show_sum
from inbox_worker.outbox.sample import BIN, MONTH, sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE, pdf_text
from tests.support.office import ROOT

QR = "account={account};sum={sum};month={month};bin={bin}"


@pytest.fixture
def style(operator: Operator, rules: Rules) -> BillStyle:
    template = ROOT / "templates/documents/bill.typ"
    return BillStyle(MONTH, operator, rules, template, ROOT / "templates/fonts", date(2026, 10, 25), QR)


@pytest.fixture
def bills(operator: Operator, rules: Rules) -> list[Bill]:
    return list(sample(operator, rules).bills)


def data_of(bill: Bill, style: BillStyle) -> dict[str, Any]:
    found: dict[str, Any] = bills_data([bill], style)["bills"][0]
    return found


def told(bill: Bill, style: BillStyle) -> str:
    return "\n".join(words["ru"] + "\n" + words["kk"] for words in data_of(bill, style)["changes"])


def test_same_data_same_bytes(bills: list[Bill], style: BillStyle) -> None:
    first, second = render_bills(bills, style, "b.pdf"), render_bills(bills, style, "b.pdf")
    assert first == second
    assert first.template.startswith("bill.typ@")
    other = render_bills([replace(bills[0], name="Басқа"), bills[1]], style, "b.pdf")
    assert other.data != first.data


def test_lines_stand_in_the_operators_order_whatever_order_they_come_in(bills: list[Bill], style: BillStyle) -> None:
    second = replace(bills[0].lines[0], customer="030140000099", customer_name="Раньше по БИН")
    mixed = replace(bills[0], lines=[*reversed(bills[0].lines), second])
    rows = data_of(mixed, style)["rows"]
    assert [row["service_ru"] for row in rows] == [
        style.rules.services[0].ru,
        *(service.ru for service in style.rules.services),
    ]
    assert rows[0]["customer"] == "Раньше по БИН"


def test_an_advance_stays_with_its_service_unless_the_operator_says_otherwise(
    bills: list[Bill], style: BillStyle
) -> None:
    closings = [line.sums["closing"] for line in bills[0].lines]
    assert min(closings) < 0
    assert to_pay(bills[0], style) == sum(closing for closing in closings if closing > 0)
    assert to_pay(bills[0], replace(style, advance_pays_others=True)) == sum(closings)
    shown = data_of(bills[0], style)
    assert shown["advance"] == show_sum(-sum(closing for closing in closings if closing < 0))
    assert to_pay(bills[1], style) == to_pay(bills[1], replace(style, advance_pays_others=True)) == 0
    assert data_of(bills[1], style)["qr"] is None


def test_totals_are_the_sums_of_the_lines(bills: list[Bill], style: BillStyle) -> None:
    totals = data_of(bills[0], style)["totals"]
    for name, shown in totals.items():
        assert shown == show_ru(sum((line.sums[name] for line in bills[0].lines), Decimal(0)))


def test_what_changed_is_told_in_both_languages(bills: list[Bill], style: BillStyle) -> None:
    words = told(bills[0], style)
    for sentence in (
        "Содержание дома: новая строка в счёте.\nҮйді күтіп ұстау: шоттағы жаңа жол.",
        "Текущий ремонт: тариф изменился с 29,90 на 31,4155 тенге.",
        "Ағымдағы жөндеу: тариф өзгерді, бұрын 29,90 теңге болса, енді 31,4155 теңге.",
        "Текущий ремонт: перерасчёт по новому тарифу за август 2026: +120,00 тенге.",
        "Капитальный ремонт: перерасчёт за июль 2026 – август 2026: -590,89 тенге. Основание: акт № 7",
        "2026 жылғы шілде – 2026 жылғы тамыз үшін қайта есептеу: -590,89 теңге. Негіздеме: акт № 7",
        "5 күн қызмет көрсетілмеді (01.08.2026–05.08.2026, авария на сети)",
        "начислена пеня за просрочку, 12,34 тенге.",
        "Больше не начисляется: Подогрев воды.",
    ):
        assert sentence in words, sentence


def test_nothing_is_new_in_the_ledgers_first_month(bills: list[Bill], style: BillStyle) -> None:
    line = replace(bills[0].lines[0], tariff_before=None, quantity_before=None)
    first = replace(bills[0], had_bill=False, lines=[line], recalculations=[], lost_days=[], gone=[])
    assert told(first, style) == ""


def test_area_is_told_when_it_changes_and_a_meter_is_not(bills: list[Bill], style: BillStyle) -> None:
    by_area = replace(bills[0].lines[0], tariff_before=Decimal("31.4155"), quantity_before=Decimal("48.000"))
    metered = replace(by_area, service="cold_water")
    bare = replace(bills[0], recalculations=[], lost_days=[], gone=[])
    assert "Содержание дома: количество изменилось с 48 на 65,30 м²" in told(replace(bare, lines=[by_area]), style)
    assert told(replace(bare, lines=[metered]), style) == ""


@pytest.mark.parametrize("text", [*TORTURE, "#strong[x] $x$ `y` @ref \\ */", "{{ x }}"])
def test_text_is_never_markup_and_never_breaks_the_page(text: str, bills: list[Bill], style: BillStyle) -> None:
    news = [(BIN, Recalculation("lift", False, date(2026, 8, 1), date(2026, 8, 1), Decimal("-1.00"), text))]
    lost = [(BIN, LostDays("heating", 5, date(2026, 8, 1), date(2026, 8, 5), text))]
    lines = [replace(line, customer_name=text) for line in bills[0].lines]
    bill = replace(bills[0], name=text, address=text, flat=text, lines=lines, recalculations=news, lost_days=lost)
    page = pdf_text(render_bills([bill], style, "b.pdf").data)
    if text not in ("שלום مرحبا",):  # the page shows it from right to left
        wanted = re.sub(r"\s", "", breakable(text)).replace("\u200b", "")
        assert wanted in re.sub(r"\s", "", page).replace("\u200b", "")


@pytest.mark.parametrize("amount", ["0.00", "-999999999.99", "999999999.99"])
def test_very_long_bills_with_any_sums_fit(amount: str, bills: list[Bill], style: BillStyle) -> None:
    sums = {name: Decimal(amount) for name in bills[0].lines[0].sums}
    lines = [replace(line, sums=sums) for line in bills[0].lines] * 16
    made = render_bills([replace(bills[0], lines=lines)], style, "b.pdf")
    text = pdf_text(made.data)
    assert text.count(show_sum(Decimal(amount)).replace("\xa0", " ")) >= len(lines)
    assert text.count("Начислено") == text.count("Долг +,")  # the header stands on every page of the table
    assert text.count("Начислено") > 5
    pages = text.split("\f")[:-1]
    assert len(pages) > 5 and all("Дербес шот 1000" in page for page in pages), "a lost page says whose it is"


def test_only_shipped_fonts_are_asked_for(bills: list[Bill], style: BillStyle) -> None:
    """A sign that Noto Sans lacks would be drawn with another font, without Kazakh letters beside it."""
    program = shutil.which("pdffonts")
    if program is None:
        pytest.skip("pdffonts (poppler-utils) is not installed: fonts are not listed")
    made = render_bills(bills, style, "b.pdf")
    told = subprocess.run([program, "-"], input=made.data, capture_output=True, check=True).stdout.decode()
    assert {line.split()[0].split("+")[1] for line in told.splitlines()[2:]} == {"NotoSans-Regular", "NotoSans-Bold"}


def test_sums_look_as_in_other_documents() -> None:
    for amount in ("0.00", "-0.01", "1234567.89", "-999.99", "1000.00", "999999999999.99"):
        assert show_sum(Decimal(amount)) == show_ru(Decimal(amount))


@pytest.mark.parametrize(
    ("template", "account", "said"),
    [
        ("a={account};s={sum}", "1;s=0", "a=1 s 0;s=5.00"),
        ("https://pay.example/?a={account}", "1&s=0 /ә", "https://pay.example/?a=1%26s%3D0%20%2F%D3%99"),
        ("ST|{account}", "1|2\n3", "ST|1 2 3"),
        ("{account}", "{sum}", "{sum}"),
    ],
)
def test_a_value_never_becomes_a_field_of_the_code(template: str, account: str, said: str) -> None:
    assert fill_qr(template, {"account": account, "sum": "5.00"}) == said


def test_the_code_is_what_segno_makes_with_that_mask() -> None:
    size, squares = draw_qr("account=1000;sum=97631.40")
    made = segno.make("account=1000;sum=97631.40", error="m", micro=False, encoding="utf-8", mask=3, boost_error=False)
    assert size * size == len(squares)
    assert squares == "".join(str(int(square)) for row in made.matrix for square in row)


def test_a_template_that_asks_for_what_bills_do_not_have_is_refused(
    bills: list[Bill], style: BillStyle, tmp_path: Path
) -> None:
    broken = tmp_path / "bill.typ"
    broken.write_text(style.template.read_text("utf-8").replace("bill.words_kk", "bill.words_de"), "utf-8")
    with pytest.raises(TemplateProblem, match=r"templates/documents/bill\.typ: .*words_de"):
        render_bills(bills, replace(style, template=broken), "b.pdf")


def test_data_are_json_without_floats(bills: list[Bill], style: BillStyle) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"a float in a bill: {text}")

    json.loads(json.dumps(bills_data(bills, style)), parse_float=refuse)
