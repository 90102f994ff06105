"""The act Р-1 (4.1.11): its sums, its words, its bytes, and text that tries to be markup."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pyarrow as pa
import pytest

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import CloseData, Operator, Rendered
from inbox_worker.documents.act import act_rows, render_act
from inbox_worker.documents.act_cost import cost_data
from inbox_worker.documents.pdf import PdfFailed, to_pdf
from inbox_worker.documents.templates import TemplateProblem, fill_docx
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE
from tests.support.office import ROOT

FONTS = ROOT / "templates/fonts"
GOLDEN = """
Қазақстан Республикасы Қаржы министрінің 2012 жылғы 20 желтоқсандағы № 562 бұйрығына 50-қосымша
Приложение 50 к приказу Министра финансов Республики Казахстан от 20.12.2012 № 562
Р-1 нысаны / Форма Р-1
ЖСН/БСН — ИИН/БИН
Тапсырыс беруші / Заказчик
ТОО «Жетісу Тұрғын Үй & Ко», г. Алматы, мкр. Көктем-2, д. 14, ofis@zhetisu.example
971240003619
Орындаушы / Исполнитель
«Есеп» АҚ / АО «Есеп», г. Алматы, ул. Байтурсынова, 1, ЖСК / ИИК KZ28722S000001013958, АО «Банк», БСК / БИК
120340004560
Шарт / Договор
№ АЛС-0142/25, 15.01.2025
Кезең / Период
2026 жылғы қыркүйек / сентябрь 2026
09-0001
05.10.2026
ОРЫНДАЛҒАН ЖҰМЫСТАР (КӨРСЕТІЛГЕН ҚЫЗМЕТТЕР) АКТІСІ
АКТ ВЫПОЛНЕННЫХ РАБОТ (ОКАЗАННЫХ УСЛУГ)
в т.ч. НДС 16_%
Ақпараттық-технологиялық қызметтер: Үйді күтіп ұстау
Информационно-технологические услуги: Содержание дома
30.09.2026
2026 жылғы қыркүйек айналым ведомосі
Оборотная ведомость за сентябрь 2026
188,72
26,03
Информационно-технологические услуги: Лифт
12,00
1,66
Барлығы / Итого
2
х
200,72
27,69
Сомасы жазумен: Екі жүз теңге 72 тиын, оның ішінде ҚҚС 27,69 теңге
Сумма прописью: Двести тенге 72 тиын, в том числе НДС 27,69 тенге
Бас директор / Генеральный директор\t\tАхметов Б. С.
Басшы / Руководитель\t\tҚұдайбергенов Ә. Ғ.
М.О. / М.П.
""".strip().replace("_", "\u00a0")  # fmt: skip


@pytest.fixture
def act(close: CloseData, customer: Customer, operator: Operator, rules: Rules, act_template: bytes) -> Rendered:
    return render_act(close, customer, operator, rules, "09-0001", date(2026, 10, 5), act_template)


def text_of(data: bytes) -> str:
    """The paragraphs of a document in their order, table cells included."""
    document = docx.Document(BytesIO(data))
    return "\n".join(
        "".join("\t" if part.tag.endswith("}tab") else part.text or "" for part in paragraph.iter()
                if part.tag.endswith(("}t", "}tab")) and not part.getparent().tag.endswith("}tabs"))
        for paragraph in document.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    )  # fmt: skip


def test_golden_text_in_its_order(act: Rendered) -> None:
    text, place = text_of(act.data), 0
    for words in GOLDEN.split("\n"):
        found = text.find(words, place)
        assert found >= 0, f"{words!r} is missing after {text[:place][-80:]!r}"
        place = found + len(words)


def test_total_is_the_sum_of_fees_and_vat_is_rounded_once(close: CloseData, rules: Rules) -> None:
    rows = act_rows(close, rules)
    assert [(row.service, row.cost) for row in rows] == [
        ("maintenance", Decimal("188.72")),
        ("lift", Decimal("12.00")),
    ]
    assert sum(row.cost for row in rows) == sum(close.payments.column("fee").to_pylist())
    assert sum(row.vat for row in rows) == Decimal("27.69")  # 200.72 x 16 / 116 = 27.6855


def test_5_1_the_appendix_counts_up_to_the_act(close: CloseData, act: Rendered, rules: Rules) -> None:
    """Payments x per cent, and what rounding in every payment made of it, is the cost; payments less it are sent on."""
    vat = {row.service: row.vat for row in act_rows(close, rules)}
    data = cost_data(close, vat, rules)
    for row in [*data["rows"], data["total"]]:
        assert number(row["product"]) + number(row["rounding"]) == number(row["cost"])
    for row in data["rows"]:
        assert number(row["amount"]) * number(row["percent"]) / 100 == number(row["product"])
        assert abs(number(row["rounding"])) <= number(row["count"]) * Decimal("0.005")
    for name in ("count", "amount", "product", "rounding", "cost"):
        assert sum(number(row[name]) for row in data["rows"]) == number(data["total"][name])
    assert sum(number(row["vat"]) for row in data["rows"] if row["vat"]) == Decimal("27.69")
    assert number(data["total"]["cost"]) == Decimal("200.72")
    assert number(data["total"]["transfer"]) == sum(close.payments.column("transfer").to_pylist())
    text = text_of(act.data)
    words = "РАСЧЁТ СТОИМОСТИ", "Как проверить: в файле «Платежи» (payments-2026-09.xlsx)"
    for shown in (*words, data["total"]["transfer"], *data["rows"][0].values()):
        assert shown in text, shown


def test_one_service_at_two_prices_has_two_rows_and_its_vat_once(close: CloseData, rules: Rules) -> None:
    payments = close.payments.slice(0, 1).to_pylist() * 2
    payments[1] = {**payments[1], "percent": Decimal("3.0000"), "fee": Decimal("30.00")}
    two = replace(close, payments=pa.Table.from_pylist(payments, schema=close.payments.schema))
    rows = cost_data(two, {payments[0]["service"]: Decimal("5.00")}, rules)["rows"]
    assert [(row["percent"], row["vat"]) for row in rows] == [("1,20", "5,00"), ("3,00", "")]


def number(shown: str) -> Decimal:
    return Decimal(shown.replace("\xa0", "").replace(",", ".").replace("–", "-"))


def test_vat_rate_is_that_of_the_month_of_service(close: CloseData, rules: Rules) -> None:
    before = act_rows(replace(close, month=Period(2025, 12)), rules)
    assert sum(row.vat for row in before) == Decimal("21.51")  # 200.72 x 12 / 112


def test_a_month_without_fees_still_has_its_act(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, act_template: bytes
) -> None:
    empty = replace(close, payments=close.payments.slice(0, 0))
    made = render_act(empty, customer, operator, rules, "09-0002", date(2026, 10, 5), act_template)
    text = text_of(made.data)
    assert "вознаграждение за месяц не удерживалось" in text
    assert "Ноль тенге 00 тиын" in text


@pytest.mark.quick(*range(0, 13, 4))
@pytest.mark.parametrize("name", [*TORTURE, "{{ total }}", "один\x0bдва\ud800"])
def test_a_name_is_text_whatever_it_says(
    name: str, close: CloseData, customer: Customer, operator: Operator, rules: Rules, act_template: bytes
) -> None:
    strange = replace(customer, name=name, head=name, contract=name, address=name)
    made = render_act(close, strange, operator, rules, "1", date(2026, 10, 5), act_template)
    shown = " ".join(name.replace("\ud800", "").replace("\x01", " ").split())
    assert text_of(made.data).count(shown) >= 4
    assert "Сумма прописью: Двести тенге 72 тиын" in text_of(made.data)


def test_same_data_same_bytes_and_the_template_is_named(
    act: Rendered, close: CloseData, customer: Customer, operator: Operator, rules: Rules, act_template: bytes
) -> None:
    again = render_act(close, customer, operator, rules, "09-0001", date(2026, 10, 5), act_template)
    assert again == act
    assert act.file_name == "act-2026-09.docx"
    assert act.template == f"act.docx@{hashlib.sha256(act_template).hexdigest()[:16]}"
    assert act.figures["cost 2"] == "fee:lift"
    assert act.figures["vat"] == "vat_inside:16"
    assert {entry.date_time for entry in ZipFile(BytesIO(act.data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_template_with_a_wrong_name_is_refused_with_its_name(act_template: bytes) -> None:
    with pytest.raises(TemplateProblem, match=r"templates/documents/act\.docx: .* undefined"):
        fill_docx("act.docx", act_template, {"number": "1"})
    with pytest.raises(TemplateProblem, match="not a zip file"):
        fill_docx("act.docx", b"not a document", {})


@pytest.mark.slow
def test_pdf_of_several_acts_at_once(act: Rendered, soffice: Path) -> None:
    first, second = to_pdf([act, replace(act, file_name="act-2026-10.docx")], soffice, FONTS)
    assert (first.file_name, second.file_name) == ("act-2026-09.pdf", "act-2026-10.pdf")
    assert first.data.startswith(b"%PDF")
    assert first.data == second.data  # the same document: no trace of the moment it was made in
    (again,) = to_pdf([act], soffice, FONTS)
    assert again.data == first.data  # nor of the order in which LibreOffice met the fonts
    with pytest.raises(PdfFailed, match="no PDF of act-2026-09"):
        to_pdf([replace(act, data=b"PK\x03\x04 torn")], soffice, FONTS)
