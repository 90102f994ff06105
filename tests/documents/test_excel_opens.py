"""No workbook of ours makes Excel ask to mend it: order of parts, limits and names that other programs pass over."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.sample import sample
from inbox_worker.settings.rules import Rules
from tests.documents.made import KINDS, TORTURE, tortured, with_sums, workbook
from tests.support.excel_rules import faults
from tests.support.fixtures import office
from tests.support.office import ROOT, TownOffice, customer, line, moment, payment

__all__ = ["office"]
LONG = (*TORTURE, "Ұ" * 2000, "а б " * 9000, "_x0041_ []:*?/\\", " по краям\n", "'", "😀" * 300)


@pytest.mark.slow
@pytest.mark.quick("directory")
@pytest.mark.parametrize("kind", KINDS)
def test_a_statement_is_opened_whatever_its_texts_and_sums(kind: str, operator: Operator, rules: Rules) -> None:
    made = sample(operator, rules)
    months = [made, with_sums(made, Decimal("-9999999999.99"), 300), *(tortured(made, text) for text in LONG)]
    assert [faults(workbook(kind, month, operator, rules).data) for month in months] == [[]] * len(months)


@pytest.mark.parametrize("blank", sorted((ROOT / "templates/forms").glob("*.xlsx")), ids=lambda path: path.stem)
def test_a_blank_is_opened(blank: Path) -> None:
    assert faults(blank.read_bytes()) == []


def test_books_of_a_month_are_opened(office: TownOffice) -> None:
    """The ledger's, of all Customers and of each, and what is made of a close."""
    office.load_customers({**customer("A"), "name": "ОСИ " + "Ұ" * 300}, customer("B"))
    office.load_directory(line("A", "1001", "maintenance", tariff="1"), line("B", "1001", "heating", tariff="1"))
    office.load_payments(payment("1001", "55.10"))
    office.close("2026-09")
    paths = render_books(office.office, Period(2026, 9))
    paths += render_documents(office.office, Period(2026, 9), ("close_protocol", "turnover"), "", moment("2026-10-05"))
    books = [path for path in paths if path.suffix == ".xlsx"]
    assert len(books) > 5
    assert {path.name: faults(path.read_bytes()) for path in books} == {path.name: [] for path in books}


@pytest.mark.quick(0, 3, 6, 9)
@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", r"(<pageMargins[^>]*/>)(<pageSetup[^>]*/>)", r"\2\1"),
        ("xl/worksheets/sheet1.xml", r' ht="[^"]*"', ' ht="500"'),
        ("xl/worksheets/sheet1.xml", r"<f>([^<]*)</f>", r"<f>=\1</f>"),
        ("xl/worksheets/sheet1.xml", r"SUBTOTAL\(9,", "SUBTOTAL(9;"),
        ("xl/worksheets/sheet1.xml", r"<oddFooter>", "<oddFooter>" + "x" * 256),
        ("xl/workbook.xml", r'<sheet name="[^"]*"', f'<sheet name="{"x" * 32}"'),
        ("xl/workbook.xml", r"<definedName name=\"([^\"]*)\"([^>]*)>'", r"<definedName name='\1'\2>'gone"),
        ("xl/styles.xml", r'formatCode="[^"]*"', 'formatCode="0 теңге"'),
        ("xl/styles.xml", r'<fonts count="', '<fonts count="9'),
        ("[Content_Types].xml", r'PartName="/xl/styles.xml"', 'PartName="/xl/style.xml"'),
    ],
)  # fmt: skip
def test_a_broken_rule_is_seen(part: str, old: str, new: str, operator: Operator, rules: Rules) -> None:
    data, target = workbook("turnover", sample(operator, rules), operator, rules).data, BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(target, "w") as broken:
        for name in source.namelist():
            body = source.read(name).decode()
            changed = re.sub(old, new, body, count=1, flags=re.DOTALL) if name == part else body
            assert name != part or changed != body
            broken.writestr(name, changed)
    assert faults(target.getvalue())
