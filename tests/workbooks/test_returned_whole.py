"""A marked workbook is the sender's own (4.3.2): pictures, charts and drawings stay, and it opens."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from making import members, opened, operated, saved, xlsx, zipped
from odd_books import BOOKS, PLAIN

from inbox_worker.core.model import FormTable, Severity, WordedFinding
from inbox_worker.forms.marked import build_answer
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.jail import Confined, Ended
from inbox_worker.workbooks.jail_protocol import LIST
from tests.support.office import ROOT

RULES = load_rules(ROOT / "rules")
SHEET = "xl/worksheets/sheet1.xml"
WRONG = WordedFinding(
    "value.not_a_number", Severity.ERROR, "Sheet1", "E9", "x", "Не число.", "Сан емес.", "Впишите число.",
    "Санды жазыңыз.", "4.1.15",
)  # fmt: skip


def answer(data: bytes, reader: CellReader, *findings: WordedFinding) -> bytes:
    return build_answer(data, "форма.xlsx", findings or (WRONG,), "IW-000012-1", RULES, reader.marking).data


def is_marked(data: bytes) -> bool:
    """Whether the sender's own sheet is there with its wrong cell filled, and the list opens first."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return (
        book.active.title == LIST
        and [s.title for s in book.worksheets if s.sheet_view.tabSelected] == [LIST]
        and book["Sheet1"]["E9"].fill.fgColor.rgb == "FFFFC7CE"
        and book["Sheet1"]["E9"].comment.text.startswith("Не число.")
    )


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head, line = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", line) + chunk(b"IEND", b"")


def decorated() -> bytes:
    """The plain form with a picture, a chart, a text box, a conditional format, a list of choices and a comment."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for r, row in enumerate(PLAIN):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.write(r, c, value)
        sheet.insert_image("H1", "logo.png", {"image_data": io.BytesIO(png())})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Sheet1!$E$9:$E$10"})
        sheet.insert_chart("H5", chart)
        sheet.insert_textbox("H20", "печать и подпись")
        sheet.write_comment("A9", "моя заметка", {"author": "Асем"})
        sheet.conditional_format("E9:E10", {"type": "data_bar", "data_bar_2010": True})
        sheet.data_validation("C9:C10", {"validate": "list", "source": ["да", "нет"]})
    return sink.getvalue()


def test_pictures_charts_and_drawings_stay_byte_for_byte(reader: CellReader) -> None:
    raw = decorated()
    back = answer(raw, reader)
    assert is_marked(back)
    kept = [n for n in members(raw) if n.startswith(("xl/media/", "xl/charts/", "xl/drawings/drawing"))]
    assert len(kept) == 3
    for name in kept:
        assert members(back)[name] == members(raw)[name]
    sheet = openpyxl.load_workbook(io.BytesIO(back))["Sheet1"]
    assert len(sheet._images) == 1 and len(sheet._charts) == 1
    assert sheet["A9"].comment.text == "моя заметка" and sheet["A9"].comment.author == "Асем"
    xml = members(back)[SHEET].decode()
    assert (
        "dataValidation" in xml
        and "x14:dataBar" in xml
        and "печать и подпись"
        in str([d.decode("utf-8", "replace") for n, d in members(back).items() if n.startswith("xl/drawings/drawing")])
    )


def test_sender_comment_on_a_wrong_cell_keeps_his_words_and_ours_go_with_the_next_answer(reader: CellReader) -> None:
    book = opened(xlsx(PLAIN))
    book.active["E9"].comment = openpyxl.comments.Comment("проверил Асем", "Асем")
    first = answer(saved(book), reader)
    words = openpyxl.load_workbook(io.BytesIO(first))["Sheet1"]["E9"].comment.text
    assert words.startswith("проверил Асем") and "Не число." in words
    again = openpyxl.load_workbook(io.BytesIO(answer(first, reader, *other_cell())))
    assert again["Sheet1"]["E9"].comment.text == "проверил Асем"


def other_cell() -> tuple[WordedFinding, ...]:
    return (replace(WRONG, cell="A10"),)


def test_our_earlier_comments_go_with_their_shapes(reader: CellReader) -> None:
    twice = answer(answer(decorated(), reader), reader, *other_cell())
    sheet = openpyxl.load_workbook(io.BytesIO(twice))["Sheet1"]
    assert [c.coordinate for row in sheet for c in row if c.comment] == ["A9", "A10"]
    drawings = b"".join(data for name, data in members(twice).items() if name.endswith(".vml"))
    assert drawings.count(b"<x:Row>9</x:Row>") == 1 and drawings.count(b"<x:Row>8</x:Row>") == 1


def test_style_past_the_style_table_is_marked_too(reader: CellReader) -> None:
    """A library prints a line over it: the pipe of the marking process is its own."""
    raw = operated(xlsx(PLAIN), '<c r="E9">', '<c r="E9" s="99">')
    assert is_marked(answer(raw, reader))
    assert is_marked(answer(xlsx(PLAIN), reader))  # the process is still in step


@pytest.mark.parametrize(
    "made",
    [
        lambda raw: prefixed(raw),
        lambda raw: without_addresses(raw),
        lambda raw: zipped({name.replace("/", "\\"): data for name, data in members(raw).items()}),
        lambda raw: moved_main(raw),
        lambda raw: zipped({n: d for n, d in members(raw).items() if n != "docProps/app.xml"}),
    ],
    ids=["prefix", "no addresses", "backslashes", "another main part", "missing properties"],
)
def test_other_spellings_of_a_package_are_marked(made: object, reader: CellReader) -> None:
    assert callable(made)
    assert is_marked(answer(made(xlsx(PLAIN)), reader))


def prefixed(raw: bytes) -> bytes:
    parts = members(raw)
    text = parts[SHEET].decode().replace("</", "</x:")
    for tag in (
        "worksheet",
        "dimension",
        "sheetViews",
        "sheetView",
        "sheetFormatPr",
        "sheetData",
        "row",
        "c",
        "v",
        "pageMargins",
    ):
        text = (
            text.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>").replace(f"<{tag}/>", f"<x:{tag}/>")
        )
    text = text.replace("xmlns=", "xmlns:x=")
    return zipped({**parts, SHEET: text.encode()})


def without_addresses(raw: bytes) -> bytes:
    text = members(raw)[SHEET].decode()
    rows = re.findall(r"<row r=\"(\d+)\"", text)
    assert rows
    filled = re.sub(r'<row r="\d+"', "<row", text)
    # rows that are missing are written empty, cells get empty neighbours: places count alone
    out, last = [], 0
    for number, body in re.findall(r'<row r="(\d+)"[^>]*>(.*?)</row>', text):
        out += ["<row></row>"] * (int(number) - last - 1)
        cells, column = "", 0
        for letter, rest in re.findall(r'<c r="([A-Z])\d+"(.*?</c>|[^>]*/>)', body):
            cells += "<c/>" * (ord(letter) - 65 - column) + f"<c{rest}"
            column = ord(letter) - 64
        out.append(f"<row>{cells}</row>")
        last = int(number)
    start, end = filled.index("<sheetData>"), filled.index("</sheetData>")
    return zipped({**members(raw), SHEET: (filled[:start] + "<sheetData>" + "".join(out) + filled[end:]).encode()})


def moved_main(raw: bytes) -> bytes:
    """The workbook's own part under another name, as some exporters have it."""
    moved = ("xl/workbook.xml", "book/main.xml"), ("xl/_rels/workbook", "book/_rels/main")
    parts = {}
    for name, data in members(raw).items():
        for old, new in moved:
            name = name.replace(old, new)
        parts[name] = data
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"book/main.xml")
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"/xl/workbook.xml", b"/book/main.xml")
    name = "book/_rels/main.xml.rels"
    parts[name] = parts[name].replace(b'Target="', b'Target="/xl/')
    return zipped(parts)


def test_what_leads_outside_does_not_go_back_and_values_stay(reader: CellReader) -> None:
    """Links to other files, embedded programs and macros are left out; a cell over another file keeps its value."""
    raw = decorated()
    parts = members(raw)
    parts[SHEET] = parts[SHEET].replace(b"</row>", b'<c r="G1"><f>[1]Other!A1*2</f><v>42.50</v></c></row>', 1)
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    outside = (
        b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"'
        b' Target="http://x.example/" TargetMode="External"/></Relationships>'
    )
    parts[rels] = parts[rels].replace(b"</Relationships>", outside)
    parts[SHEET] = parts[SHEET].replace(
        b"<pageMargins", b'<hyperlinks><hyperlink ref="A9" r:id="rIdX"/></hyperlinks><pageMargins'
    )
    parts["xl/vbaProject.bin"] = parts["xl/embeddings/oleObject1.bin"] = b"\xd0\xcf"
    back = answer(zipped(parts), reader)
    assert is_marked(back)
    text = members(back)[SHEET].decode()
    assert "[1]" not in text and "42.50" in text and "hyperlink" not in text
    assert not [n for n, data in members(back).items() if b"x.example" in data or n.endswith(".bin")]


def test_nonsense_of_the_child_counts_as_its_end(tmp_path: Path) -> None:
    """A child that was led to write to its pipe says nothing about the next file and costs no memory."""
    program = tmp_path / "child.py"
    program.write_text(
        "import os\nos.write(1, b'R')\nos.read(0, 10)\nos.write(1, b'Warning: style 99 is unknown' * 9)\nos.read(0, 1)"
    )
    child = Confined(str(program), 1 << 28, 1 << 28, 10)
    with pytest.raises(Ended) as ended:
        child.ask({}, b"data", 20)
    assert not ended.value.from_outside and child.pid is None


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_an_xlsx_that_the_reader_reads_comes_back_and_opens(reader: CellReader, every: int) -> None:
    """Of the odd books, those that are read as a form come back in a form that openpyxl opens (LibreOffice: below)."""
    for name, data in list(read_books(reader).items())[::every]:
        assert openpyxl.load_workbook(io.BytesIO(answer(data, reader))).active.title == LIST, name


def read_books(reader: CellReader) -> dict[str, bytes]:
    found = {}
    for name, make in BOOKS.items():
        if name.endswith((".xlsx", ".xlsm")):
            data = make()
            if isinstance(read_form(data, name, RULES, reader), FormTable):
                found[name] = data
    assert len(found) > 30
    return found


@pytest.mark.slow
@pytest.mark.parametrize("every", [60, pytest.param(6, marks=pytest.mark.slow)])
def test_libreoffice_opens_what_goes_back(reader: CellReader, tmp_path: Path, soffice: Path, every: int) -> None:
    books = {**dict(list(read_books(reader).items())[::every]), "decorated.xlsx": decorated()}
    for number, data in enumerate(books.values()):
        (tmp_path / f"{number}.xlsx").write_bytes(answer(data, reader))
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--norestore", "--convert-to",
         "pdf", "--outdir", str(tmp_path), *map(str, sorted(tmp_path.glob("*.xlsx")))],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert len(list(tmp_path.glob("*.pdf"))) == len(books)
