"""Consumers' bills (4.1.1, 4.1.2): order and sums of lines, what changed in words, QR, bytes, odd text, the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import segno
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inbox_worker.core.rendered import Operator
from inbox_worker.documents import bill_codes
from inbox_worker.documents.bill import Bill, BillStyle, LostDays, MeterMonth, PenaltyDays, Recalculation, to_pay
from inbox_worker.documents.bill_codes import draw_bars, draw_qr, fill_qr
from inbox_worker.documents.bill_pdf import bills_data, render_bills
from inbox_worker.documents.templates import TemplateProblem
from inbox_worker.documents.view import breakable, show_bill_sum, show_ru, show_sum
from inbox_worker.outbox.sample import BIN, MONTH, sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE, pdf_text
from tests.support.office import ROOT

QR = "account={account};sum={sum};month={month};bin={bin}"


@pytest.fixture
def style(operator: Operator, rules: Rules) -> BillStyle:
    template = ROOT / "templates/documents/bill.typ"
    due_on, read_by = date(2026, 10, 25), date(2026, 10, 20)
    return BillStyle(MONTH, operator, rules, template, ROOT / "templates/fonts", due_on, read_by, QR)


@pytest.fixture
def bills(operator: Operator, rules: Rules) -> list[Bill]:
    return list(sample(operator, rules).bills)


def data_of(bill: Bill, style: BillStyle) -> dict[str, Any]:
    found: dict[str, Any] = bills_data([bill], style)["bills"][0]
    return found


def rows_of(bill: Bill, style: BillStyle) -> list[dict[str, str]]:
    return [row for group in data_of(bill, style)["groups"] for row in group["rows"]]


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
    rows, services = rows_of(mixed, style), sorted(style.rules.services, key=lambda service: service.utility)
    assert [row["service_ru"] for row in rows] == [services[0].ru, *(service.ru for service in services)]
    suppliers = data_of(mixed, style)["suppliers"]
    assert suppliers[0] == {"place": "1", "name": "Раньше по БИН", "bin": "030140000099"}
    assert [rows[0]["supplier"], rows[1]["supplier"]] == ["1", "2"]


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
    """Days without a service stand in one column with what was recalculated; each kind of lines has its own sum."""
    sums = {name: sum((line.sums[name] for line in bills[0].lines), Decimal(0)) for name in bills[0].lines[0].sums}
    sums["corrected"] = sums.pop("undelivered") + sums.pop("recalculated")
    data = data_of(bills[0], style)
    assert data["totals"] == {name: show_bill_sum(value) for name, value in sums.items()}
    for group in data["groups"]:
        of_kind = [line for line in bills[0].lines if style.rules.service(line.service).utility == group["utility"]]
        assert group["closing"] == show_bill_sum(sum((line.sums["closing"] for line in of_kind), Decimal(0)))


def test_what_changed_is_told_in_both_languages(bills: list[Bill], style: BillStyle) -> None:
    words = told(bills[0], style)
    for sentence in (
        "Содержание дома: новая строка в счёте.\nҮйді күтіп ұстау: шоттағы жаңа жол.",
        "Текущий ремонт: тариф изменился с 29,90 на 31,4155 тенге. Основание: протокол собрания № 14",
        "Ағымдағы жөндеу: тариф өзгерді, бұрын 29,90 теңге болса, енді 31,4155 теңге. Негіздеме: протокол",
        "Текущий ремонт: перерасчёт по новому тарифу за август 2026: +120,00 тенге.",
        "Капитальный ремонт: перерасчёт за июль 2026 – август 2026: -590,89 тенге. Основание: акт № 7",
        "2026 жылғы шілде – 2026 жылғы тамыз үшін қайта есептеу: -590,89 теңге. Негіздеме: акт № 7",
        "5 күн қызмет көрсетілмеді (01.08.2026–05.08.2026, авария на сети)",
        "Капитальный ремонт: пеня 12,34 тенге = (долг 1\xa0201,09 × 25 % × 15 дн.) ÷ 365.",
        "Күрделі жөндеу: өсімпұл 12,34 теңге = (қарыз 1\xa0201,09 × 25 % × 15 күн) ÷ 365.",
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


@pytest.mark.quick(*range(0, 13, 3))
@pytest.mark.parametrize("text", [*TORTURE, "#strong[x] $x$ `y` @ref \\ */", "{{ x }}"])
def test_text_is_never_markup_and_never_breaks_the_page(text: str, bills: list[Bill], style: BillStyle) -> None:
    news = [(BIN, Recalculation("lift", "form", date(2026, 8, 1), date(2026, 8, 1), Decimal("-1.00"), text))]
    lost = [(BIN, LostDays("heating", 5, date(2026, 8, 1), date(2026, 8, 5), text))]
    lines = [replace(line, customer_name=text) for line in bills[0].lines]
    bill = replace(bills[0], name=text, address=text, flat=text, lines=lines, recalculations=news, lost_days=lost)
    page = pdf_text(render_bills([bill], style, "b.pdf").data)
    if text not in ("שלום مرحبا",):  # the page shows it from right to left
        wanted = re.sub(r"\s", "", breakable(text)).replace("\u200b", "")
        assert wanted in re.sub(r"\s", "", page).replace("\u200b", "")


@pytest.mark.quick(0)
@pytest.mark.parametrize("amount", ["0.00", "-999999999.99", "999999999.99"])
def test_very_long_bills_with_any_sums_fit(amount: str, bills: list[Bill], style: BillStyle) -> None:
    sums = {name: Decimal(amount) for name in bills[0].lines[0].sums}
    lines = [replace(line, sums=sums) for line in bills[0].lines] * 16
    made = render_bills([replace(bills[0], lines=lines)], style, "b.pdf")
    text = pdf_text(made.data)
    assert text.count(show_bill_sum(Decimal(amount)).replace("\u202f", " ")) >= len(lines)
    assert text.count("Начислено") == text.count("Кол-во")  # the header stands on every page of the table
    assert text.count("Начислено") > 5
    pages = text.split("\f")[:-1]
    assert len(pages) > 5 and all("Дербес шот 1000" in page for page in pages), "a lost page says whose it is"


def test_penalty_is_proof_the_formula_that_made_it(bills: list[Bill], style: BillStyle) -> None:
    """4.1.6: debts that stood for different days are added; where a limit cut the sum, that is told."""
    line = next(line for line in bills[0].lines if line.sums["penalty"])
    days = [PenaltyDays(Decimal("960.48"), Decimal("25.0000"), Decimal(1), 15),
            PenaltyDays(Decimal("500.00"), Decimal("12.5000"), Decimal("0.650000"), 4)]  # fmt: skip
    amount = (Decimal("960.48") * 25 * 15 + Decimal(500) * Decimal("12.5") * Decimal("0.65") * 4) / 36500
    sums = {**line.sums, "penalty": amount.quantize(Decimal("0.01"))}
    words = told(replace(bills[0], lines=[replace(line, sums=sums, penalty_days=days)]), style)
    assert "пеня 10,31 тенге = (долг 960,48 × 25 % × 15 дн. + долг 500,00 × 12,5 % × 0,65 × 4 дн.) ÷ 365." in words
    sums = {**line.sums, "penalty": Decimal("7.00")}
    words = told(replace(bills[0], lines=[replace(line, sums=sums, penalty_days=days)]), style)
    assert "пеня 7,00 тенге: по формуле" in words and "вышло 10,31, но есть предел" in words


def test_words_name_the_customer_where_two_give_one_service(bills: list[Bill], style: BillStyle) -> None:
    """4.1.1, 4.1.6: two penalties of one name said nothing."""
    line = next(line for line in bills[0].lines if line.sums["penalty"])
    name = style.rules.service(line.service)
    other = replace(line, customer="other", customer_name="ТОО «Другое»")
    words = told(replace(bills[0], lines=[line, other]), style)
    assert f"{name.ru} (ТОО «Другое»): " in words and f"{name.kk} ({line.customer_name}): " in words
    assert f"{name.ru}: " not in words
    alone = told(replace(bills[0], lines=[line]), style)
    assert f"{name.ru}: " in alone and "(" not in alone.partition(":")[0]


def test_lines_show_what_their_meters_count_and_others_their_base(bills: list[Bill], style: BillStyle) -> None:
    """m3, kWh, Gcal: "by meter" tells a consumer nothing. A line of water charged by residents says so."""
    units = {row["service_ru"]: (row["unit_ru"], row["unit_kk"]) for row in rows_of(bills[0], style)}
    assert units["Электроэнергия"] == ("кВт·ч", "кВт·сағ")
    assert units["Холодная вода"] == units["Газ"] == units["Подогрев воды"] == ("м³", "м³")
    assert (units["Лифт"], units["Домофон"]) == (("чел.", "адам"), ("кв.", "пәтер"))
    by_residents = [replace(line, base="чел.") for line in bills[0].lines if line.service == "cold_water"]
    assert rows_of(replace(bills[0], lines=by_residents), style)[0]["unit_ru"] == "чел."
    metered = [replace(line, base="счётчик") for line in bills[0].lines if line.service == "heating"]
    assert rows_of(replace(bills[0], lines=metered), style)[0]["unit_ru"] == "Гкал"
    assert all(service.unit for service in style.rules.services if service.base == "счётчик")


def test_a_charge_by_steps_is_shown_as_it_was_made(bills: list[Bill], style: BillStyle) -> None:
    """4.3.2.1: no one tariff stands beside it."""
    starred = [row["service_ru"] for row in rows_of(bills[0], style) if row["tariff"] == "*"]
    (told_of,) = data_of(bills[0], style)["steps"]
    assert starred == ["Электроэнергия"]
    assert "Электроэнергия: начислено по ступеням потребления: 60 × 27,697 + 5,30 × 38,1002 = 800,00" in told_of["ru"]


def test_meters_show_readings_with_days_the_average_and_a_year(bills: list[Bill], style: BillStyle) -> None:
    """7.2: a meter that nobody read is marked, and has no current reading."""
    meters = data_of(bills[0], style)["meters"]
    read = next(meter for meter in meters if not meter["estimated"])
    assert (read["previous"], read["previous_on"], read["current_on"]) == ("318,4", "20.07.26", "20.08.26")
    assert read["last"] == f"20.08.26: {read['current']}"
    bars = read["bars"]
    assert len(bars) == 12 and max(bar["tall"] for bar in bars) == 1000
    assert [place for place, bar in enumerate(bars) if bar["estimated"]] == [4]
    unread = next(meter for meter in meters if meter["estimated"])
    assert (unread["current"], unread["current_on"], unread["last"]) == ("–", "", "20.07.26: 318,4")
    assert unread["bars"][11]["estimated"]
    young = replace(bills[0].lines[12].meters[0], history=bills[0].lines[12].meters[0].history[-1:])
    shown = data_of(replace(bills[0], lines=[replace(bills[0].lines[12], meters=[young])]), style)["meters"][0]
    assert (shown["average"], shown["bars"][:11]) == ("–", [None] * 11)


def test_a_long_number_of_a_meter_is_broken_in_its_column(bills: list[Bill], style: BillStyle) -> None:
    """It ran over the reading beside it."""
    long = replace(bills[0].lines[12].meters[0], number="ҚҰРАЛ-1234567890123")
    shown = data_of(replace(bills[0], lines=[replace(bills[0].lines[12], meters=[long])]), style)["meters"][0]
    assert shown["number"].replace("\u200b", "") == long.number and "6\u200b7" in shown["number"]


@pytest.mark.parametrize(("count", "left"), [(5, 0), (6, 2), (9, 5)])
def test_a_stub_asks_for_five_meters_and_counts_those_that_it_has_no_room_for(
    count: int, left: int, bills: list[Bill], style: BillStyle
) -> None:
    """The fifth of gas, electricity, two of cold and one of hot water was left out, and the bill said: by the stub."""
    line = bills[0].lines[12]
    meters = [replace(line.meters[0], number=f"М-{place}") for place in range(count)]
    page = pdf_text(render_bills([replace(bills[0], lines=[replace(line, meters=meters)])], style, "b.pdf").data)
    stub = page.split("\f")[0].partition("Талон оплаты")[2]
    assert [f"М-{place}" in stub for place in range(count)] == [True] * (count - left) + [False] * left
    assert (f"Ещё приборов: {left}" in stub) is bool(left)
    assert page.count("\f") == 1 or "Талон оплаты" not in page.split("\f")[1]


@pytest.mark.parametrize(("months", "average"), [
    ([("4", False), ("4", True), ("22.5", False)], "8,8"), ([("4", False), ("6", True)], "5"), ([("3", True)], "3"),
])  # fmt: skip
def test_an_estimate_that_a_reading_covers_is_not_averaged_twice(
    months: list[tuple[str, bool]], average: str, bills: list[Bill], style: BillStyle
) -> None:
    """7.2: the later reading is of both months."""
    line = bills[0].lines[12]
    history = [
        MeterMonth(style.month.plus(at - len(months)).first_day, Decimal(used), estimated)
        for at, (used, estimated) in enumerate(months)
    ]
    metered = replace(line, meters=[replace(line.meters[0], history=history)])
    assert data_of(replace(bills[0], lines=[metered]), style)["meters"][0]["average"] == average


def test_codes_are_read_from_the_picture(bills: list[Bill], style: BillStyle, tmp_path: Path) -> None:
    """A bank's scanner gets the account and the sum off the printed page."""
    draw, scan = shutil.which("pdftoppm"), shutil.which("zbarimg")
    if draw is None or scan is None:
        pytest.skip("pdftoppm (poppler-utils) or zbarimg (zbar-tools) is not installed: codes are not read")
    for account in ("10020223", "1002022", "A-17/b"):
        (tmp_path / "b.pdf").write_bytes(render_bills([replace(bills[0], account=account)], style, "b.pdf").data)
        subprocess.run([draw, "-r", "150", "-f", "1", "-l", "1", "-gray", "b.pdf", "b"], cwd=tmp_path, check=True)
        (picture,) = tmp_path.glob("b-*.pgm")
        read = subprocess.run([scan, "-q", picture], capture_output=True, text=True, check=True).stdout.splitlines()
        wanted = [f"QR-Code:account={account};sum=97631.40;month=2026-09;bin={style.operator.bin}"]
        assert sorted(read) == sorted([*wanted, f"CODE-128:{account}"])
        picture.unlink()
    assert draw_bars("") == draw_bars("A-17/б") == b""


def test_a_bill_knows_nothing_of_other_consumers(bills: list[Bill], style: BillStyle) -> None:
    alone = render_bills([bills[0]], style, "bill-2026-09-1000.pdf").data
    text = pdf_text(alone)
    with pikepdf.open(BytesIO(alone)) as opened:
        told_of = " ".join(str(value) for value in opened.docinfo.values())
        assert opened.Root.get("/Outlines") is None
    for other in (bills[1].account, bills[1].address):
        assert other not in text and other not in told_of
    for own in (bills[0].account, bills[0].name, bills[0].address):
        assert own in text and own not in told_of


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


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("0123456789.:/?=&;|aZБәҚ—"), max_size=120))
@example(text="account=1000;sum=97631.40")
def test_the_code_is_what_segno_makes_with_that_mask(text: str) -> None:
    """Of many, put together of its bytes, no square differs from a code that is encoded whole, as a few are."""
    made = segno.make(text, error="m", mode="byte", micro=False, encoding="utf-8", mask=3, boost_error=False)
    for few in (0, 10_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bill_codes, "FEW", few)
            size, shades = draw_qr(text)
        assert size * size == len(shades)
        assert list(shades) == [0 if square else 255 for row in made.matrix for square in row]


def test_a_template_that_asks_for_what_bills_do_not_have_is_refused(
    bills: list[Bill], style: BillStyle, tmp_path: Path
) -> None:
    broken = tmp_path / "bill.typ"
    broken.write_text(style.template.read_text("utf-8").replace("bill.advance", "bill.advance_de"), "utf-8")
    with pytest.raises(TemplateProblem, match=r"templates/documents/bill\.typ: .*advance_de"):
        render_bills(bills, replace(style, template=broken), "b.pdf")


def test_data_are_json_without_floats(bills: list[Bill], style: BillStyle) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"a float in a bill: {text}")

    json.loads(json.dumps(bills_data(bills, style)), parse_float=refuse)
