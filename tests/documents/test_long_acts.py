"""Acts that go over a page, and one of 300 lines with sums of every sign and names of every kind, as LibreOffice
prints them (4.1.11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.act import act_rows, render_act
from inbox_worker.documents.pdf import to_pdf
from inbox_worker.outbox.sample import MONTH, Sample, sample
from inbox_worker.settings.form_rules import Service
from inbox_worker.settings.rules import Rules
from tests.documents.made import TORTURE, pdf_text
from tests.support.office import ROOT


@pytest.fixture
def made(operator: Operator, rules: Rules) -> Sample:
    return sample(operator, rules)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.slow
def test_three_hundred_lines_keep_their_head_on_every_page(
    made: Sample, operator: Operator, rules: Rules, act_template: bytes, soffice: Path
) -> None:
    many = tuple(
        Service(
            code=f"s_{_letters(n)}",
            ru=f"Услуга {n} {TORTURE[n % 10]}",
            kk=f"Қызмет {n}",
            base="м²",
            utility=False,
        )
        for n in range(300)
    )
    first = made.close.payments.slice(0, 1).to_pylist()[0]
    paid = [{**first, "service": service.code, "fee": Decimal(n - 100) / 100} for n, service in enumerate(many)]
    close = replace(made.close, payments=pa.Table.from_pylist(paid, schema=made.close.payments.schema))
    longer = replace(rules, services=many)
    rows = act_rows(close, longer)
    assert sum(row.cost for row in rows) == sum(payment["fee"] for payment in paid) == Decimal("148.50")
    who = replace(made.customer, name=TORTURE[6], address=TORTURE[7], emails=("x@y.example",) * 5, head=TORTURE[6])
    act = render_act(close, who, operator, longer, f"{MONTH.year}-00001", date(2026, 9, 30), act_template)
    (pdf,) = to_pdf([act], soffice, ROOT / "templates/fonts")
    pages = pdf_text(pdf.data).split("\f")[:-1]
    assert len(pages) > 10
    text = "".join(pages)
    assert "Қызмет 299" in text and "148,50" in text and "<b>жирный</b>" in text
    heads = [page for page in pages if "Номер по" in page or "Платежи × процент" in page]
    assert len(heads) >= len(pages) - 3  # the last pages of the act and of its appendix may have only the foot


def test_a_total_and_signatures_have_a_row_above_them_on_their_page(
    made: Sample, operator: Operator, rules: Rules, act_template: bytes, soffice: Path
) -> None:
    """Some number of services fills the first page to its end: the total, or what is signed, was alone on the next."""
    paid = made.close.payments.slice(0, 1).to_pylist()[0]
    acts = []
    for count in range(5, 11):
        rows = [{**paid, "service": service.code} for service in rules.services[:count]]
        close = replace(made.close, payments=pa.Table.from_pylist(rows, schema=made.close.payments.schema))
        act = render_act(close, made.customer, operator, rules, "2026-00001", date(2026, 9, 30), act_template)
        acts.append(replace(act, file_name=f"act-{count}.docx"))
    for pdf in to_pdf(acts, soffice, ROOT / "templates/fonts"):
        pages = pdf_text(pdf.data).split("\f")
        signed = next(page for page in pages if "Сумма прописью" in page)
        assert "Информационно-технологические услуги: " in signed and "Барлығы / Итого" in signed, pdf.file_name
        assert "М.О. / М.П." in signed, pdf.file_name
