"""What is printed is read in grey and by weak eyes: text stands out of its ground by 4.5 : 1, colours of a drawing
differ in lightness."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock

from inbox_worker.core.rendered import Operator
from inbox_worker.documents.plots import COLOURS, SUM_COLOURS
from inbox_worker.documents.sheet_style import BAR, INK, LINK, SOFT
from inbox_worker.outbox.sample import sample
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.findings_sheet import _COLOURS as WEIGHTS
from inbox_worker.workbooks.mark_styles import FILLS
from tests.documents.made import KINDS, workbook
from tests.support.office import ROOT

LEAST = 4.5
PAGES = ("templates/documents/month.html", "templates/receipts/receipt.html", "inbox_worker/explain/page.py",
         "inbox_worker/documents/html_pages.py")  # fmt: skip
COLOUR = r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b"


def luminance(colour: str) -> float:
    """As the WCAG have it: how light a colour is, from 0 to 1."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits[-6:]
    parts = [part / 255 for part in bytes.fromhex(digits)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def shown_in(colour: Any) -> str:
    """A font's colour as it is shown; black where it says none."""
    return colour.rgb if colour is not None and colour.type == "rgb" else "000000"


def too_pale(data: bytes) -> list[str]:
    """Filled cells of a workbook whose text, or a part of it, does not stand out of the cell's fill."""
    found = []
    for sheet in openpyxl.load_workbook(BytesIO(data), rich_text=True):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            ground = cell.fill.fgColor.rgb if cell.fill.patternType == "solid" else "FFFFFF"
            fonts = [cell.font]
            if isinstance(cell.value, CellRichText):
                fonts += [part.font for part in cell.value if isinstance(part, TextBlock)]
            found += [f"{sheet.title}!{cell.coordinate}" for f in fonts if contrast(shown_in(f.color), ground) < LEAST]
    return found


@pytest.mark.quick("turnover", "debtors")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_text_of_a_statement_stands_out_of_its_ground(kind: str, operator: Operator, rules: Rules) -> None:
    assert not too_pale(workbook(kind, sample(operator, rules), operator, rules).data)
    assert min(contrast(colour, ground) for colour in (INK, SOFT, LINK) for ground in ("#FFFFFF", BAR)) >= LEAST


@pytest.mark.parametrize("blank", sorted((ROOT / "templates/forms").glob("*.xlsx")), ids=lambda path: path.stem)
def test_text_of_a_blank_stands_out_of_its_ground(blank: Path) -> None:
    assert not too_pale(blank.read_bytes())


def test_text_of_findings_and_of_marked_cells_stands_out() -> None:
    assert min(contrast(colour, "#FFFFFF") for colour in WEIGHTS.values()) >= LEAST
    assert min(contrast("#000000", fill) for fill in FILLS.values()) >= LEAST


@pytest.mark.parametrize("page", PAGES)
def test_every_text_of_a_page_stands_out_of_every_ground_of_it(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    grounds = {"#fff", *(f"#{found}" for found in re.findall(rf"background(?:-color)?:\s*{COLOUR}", text))}
    texts = {f"#{found}" for found in re.findall(rf"(?<![-\w])color:\s*{COLOUR}", text)}
    if "receipt" in page:  # the verdict's, by its weight
        texts |= {f"#{found}" for found in re.findall(rf'"(?:good|wait|bad)": "{COLOUR}"', text)}
    assert texts
    assert not [(one, ground) for one in texts for ground in grounds if contrast(one, ground) < LEAST]


def test_every_text_of_a_bill_stands_out_of_its_ground() -> None:
    bill = (ROOT / "templates/documents/bill.typ").read_text("utf-8")
    named = dict(re.findall(r'#let (\w+) = rgb\("(#[0-9A-F]{6})"\)', bill))
    texts = set(re.findall(r"text\([^()]*?fill: (\w+)", bill)) - {"white"}
    assert {"ink", "soft", "warn"} <= texts <= set(named)
    grounds = "#FFFFFF", named["pale"]
    assert not [name for name in texts for ground in grounds if contrast(named[name], ground) < LEAST]


@pytest.mark.parametrize(("colours", "apart"), [(tuple(COLOURS.values()), 1.2), (SUM_COLOURS, 1.9)])
def test_colours_of_a_drawing_are_told_apart_in_grey(colours: tuple[str, ...], apart: float) -> None:
    """Accepted, rejected and quarantined forms were one grey; so were what was charged, paid and owed."""
    assert min(contrast(one, other) for one, other in combinations(colours, 2)) >= apart
    assert min(contrast(one, other) for one, other in pairwise(colours)) >= 1.75, "pieces that touch"
