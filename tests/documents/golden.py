"""`python -m tests.documents.golden`: writes tests/golden anew: a document was changed on purpose, and looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from inbox_worker.outbox.preview import write_preview
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from tests.documents.made import pdf_text
from tests.support.office import ROOT

GOLDEN = ROOT / "tests/golden"


def book_text(data: bytes) -> str:
    """A workbook as it is made: sheets with what is printed of them, cells with their formulas, row by row."""
    return "\n".join(line for sheet in openpyxl.load_workbook(BytesIO(data)) for line in _sheet(sheet)) + "\n"


def _sheet(sheet: Worksheet) -> list[str]:
    head = f"== {sheet.title}; {sheet.print_area}; {sheet.print_title_rows}; {sheet.freeze_panes}; " + ", ".join(
        f"{table.ref}" for table in sheet.tables.values()
    )
    rows = ("\t".join("" if cell is None else f"{cell}" for cell in row) for row in sheet.iter_rows(values_only=True))
    return [head.rstrip("; "), *(row.replace("\n", " ").rstrip() for row in rows)]


def page_text(data: bytes) -> str:
    """An html page without its drawings."""
    return re.sub(r"<svg.*?</svg>", "<svg/>", data.decode("utf-8"), flags=re.DOTALL)


def csv_text(data: bytes) -> str:
    """As it is; the line ends are those of the file."""
    return data.decode("utf-8").replace("\r\n", "\\r\\n\n")


def word_text(data: bytes) -> str:
    """A Word document's paragraphs in their order, those of cells too."""
    body = docx.Document(BytesIO(data)).element.body
    paragraphs = body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    return "\n".join("".join(part.text or "" for part in one.iter() if part.tag.endswith("}t")) for one in paragraphs)


_READ: Mapping[str, Callable[[bytes], str]] = {
    ".pdf": pdf_text, ".xlsx": book_text, ".html": page_text, ".csv": csv_text, ".docx": word_text,
}  # fmt: skip


def pages() -> dict[str, str]:
    """The text of the made-up month's documents, by the golden file's name; without LibreOffice no act."""
    home = load_home(ROOT)
    with TemporaryDirectory() as folder:
        made = write_preview(home, load_rules(home.rules), Path(folder))
        return {_name(path): _READ[path.suffix](path.read_bytes()) for path in made if _has_golden(path)}


def _has_golden(path: Path) -> bool:
    """Of the act the PDF is compared, of notices the words."""
    return path.suffix in _READ and not (path.suffix == ".docx" and path.name.startswith("act-"))


def _name(path: Path) -> str:
    kind = path.name.partition("-2026-09")[0].partition("-N-2026")[0]
    return f"{kind}.csv.txt" if path.suffix == ".csv" else f"{kind}.txt"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, text in pages().items():
        (GOLDEN / name).write_text(text, "utf-8")
