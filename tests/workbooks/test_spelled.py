"""4.1.15: a value is read whole however its file spells it; an error is an error whatever its name."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from decimal import Decimal

import pytest
from making import csv, members, ods, operated, xlsx, zipped
from odd_books import LINES, PLAIN, with_value
from writers import by_odfpy

from inbox_worker.core.model import FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks import xlsx_look
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.xlsx_parts import CellFormats, Parts
from tests.support.office import ROOT

RULES = load_rules(ROOT / "rules")
VALUE = '<c r="E9"><v>127.5</v>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
NEWER = ["#SPILL!", "#CALC!", "#GETTING_DATA", "#BLOCKED!", "#FIELD!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#PYTHON!"]
RELATIONS = "xl/_rels/workbook.xml.rels"
MACROS = '2006/relationships/xlMacrosheet" Target="macrosheets/sheet1.xml'
ROOMY = {"rows": 1_000_000, "columns": 300}


def read(data: bytes, reader: CellReader, name: str = "форма.xlsx") -> FormTable:
    found = read_form(data, name, RULES, reader)
    assert isinstance(found, FormTable), found
    return found


@pytest.mark.parametrize(
    "spelled", ["12&#55;.5", "12<!-- - -->7.5", "12<?x y?>7.5", "12<![CDATA[7.5]]>", "<![CDATA[127.5]]>", "&#x31;27.5"]
)
def test_number_in_pieces_is_read_whole(spelled: str, reader: CellReader) -> None:
    table = read(operated(xlsx(PLAIN), VALUE, f'<c r="E9"><v>{spelled}</v>'), reader)
    assert table.findings == () and table.rows["current"][0].as_py() == Decimal("127.500")


@pytest.mark.parametrize("spelled", ["1&#48;", "1<!-- -->0", "1<?x?>0", "<![CDATA[10]]>"])
def test_number_of_a_shared_text_in_pieces_is_read_whole(spelled: str, reader: CellReader) -> None:
    """The text of a cell is that of its number, not that of the number's first digit."""
    shared = re.findall("<t[^>]*>([^<]*)</t>", members(xlsx(PLAIN))["xl/sharedStrings.xml"].decode())
    cell = f'<c r="C9" t="s"><v>{shared.index("С-104477")}</v>'
    table = read(operated(xlsx(PLAIN), cell, f'<c r="C9" t="s"><v>{spelled}</v>'), reader)
    assert table.rows["meter"][0].as_py() == shared[10]


@pytest.mark.quick("-1&#50;", "x:-<![CDATA[12]]>")
@pytest.mark.parametrize("value", ["1&#50;", "1&amp;2", "1<?x y?>2", "1<!-- -->2", "<![CDATA[12]]>", "12"])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_large_sheet_with_a_value_in_pieces_is_looked_through(value: str, prefix: str) -> None:
    """A large sheet is parsed only where its bytes ask for it."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>5</v></c></row>' for n in range(1, 25_001))
    last = '<row r="25001"><c r="A25001" t="s"><v>VALUE</v></c></row>'
    sheet = re.sub("(</?)", rf"\1{prefix}", f"<worksheet {MAIN}><sheetData>{rows}{last}</sheetData></worksheet>")
    sheet = (sheet.replace("xmlns=", "xmlns:x=") if prefix else sheet).replace("VALUE", value)
    with zipfile.ZipFile(io.BytesIO(zipped({"s.xml": sheet.encode()}))) as archive:
        if value == "1&amp;2":
            with pytest.raises(ValueError, match="1&2"):
                xlsx_look.look_through(Parts(archive), "s.xml", CellFormats(), ROOMY, "А")
        else:
            look = xlsx_look.look_through(Parts(archive), "s.xml", CellFormats(), ROOMY, "А")
            assert look.in_pieces == (value != "12")


def test_element_inside_of_a_value_is_damage(reader: CellReader) -> None:
    found = read_form(operated(xlsx(PLAIN), VALUE, '<c r="E9"><v>12<b/>7.5</v>'), "форма.xlsx", RULES, reader)
    assert isinstance(found, tuple) and found[0].code == "workbook.unreadable"


@pytest.mark.parametrize("error", [*NEWER, "#ERROR!", "Err:502", "#ЧТО-ТО", ""])
def test_error_of_any_name_is_an_error_of_its_cell(error: str, reader: CellReader) -> None:
    table = read(operated(xlsx(PLAIN), VALUE, f'<c r="E9" t="e"><v>{error}</v>'), reader)
    assert [(f.code, f.cell, f.value) for f in table.findings] == [("value.error_cell", "E9", error or "#")]
    assert table.rows["current"].to_pylist()[1:] == [Decimal("1234.560"), Decimal("15.000")]


@pytest.mark.parametrize("error", [*NEWER, "#ERROR!", "Err:502", "#ЗАНЯТО!"])
@pytest.mark.parametrize("make", [csv, xlsx])
def test_error_that_a_program_wrote_as_a_text_is_an_error(
    make: Callable[..., bytes], error: str, reader: CellReader
) -> None:
    table = read(make(with_value(2, error)), reader, f"форма.{make.__name__}")
    assert [(f.code, f.cell, f.value) for f in table.findings] == [("value.error_cell", "C9", error)]


@pytest.mark.parametrize(
    "folder", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"]
)
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_part_that_is_there_twice_refuses_the_workbook(kind: str, folder: str, reader: CellReader) -> None:
    files = members(xlsx(PLAIN) if kind == "xlsx" else by_odfpy(PLAIN))
    name = folder if kind == "xlsx" else "content.xml"
    sink = io.BytesIO(zipped(files))
    with zipfile.ZipFile(sink, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(name, files["xl/worksheets/sheet1.xml" if kind == "xlsx" else name].replace(b"127.5", b"999"))
    found = read_form(sink.getvalue(), f"форма.{kind}", RULES, reader)
    assert isinstance(found, tuple) and [f.code for f in found] == ["workbook.part_twice"]


def test_sheet_of_macros_beside_the_form_is_told(reader: CellReader) -> None:
    data = operated(
        xlsx(PLAIN, [["x"]]), '2006/relationships/worksheet" Target="worksheets/sheet2.xml', MACROS, RELATIONS
    )
    files = members(data)
    files["xl/macrosheets/sheet1.xml"] = f"<macrosheet {MAIN}/>".encode()
    table = read(zipped(files), reader)
    assert [f.code for f in table.findings] == ["workbook.macros"] and table.rows.num_rows == len(LINES)


@pytest.mark.parametrize(
    "target", ["./worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml", "/xl/./worksheets/sheet1.xml"]
)
def test_sheet_that_is_named_by_a_winding_path_is_read(target: str, reader: CellReader) -> None:
    table = read(operated(xlsx(PLAIN), 'Target="worksheets/sheet1.xml', f'Target="{target}', RELATIONS), reader)
    assert table.rows.num_rows == len(LINES) and table.findings == ()


@pytest.mark.parametrize("number", ["NaN", "INF", "-Infinity", "1e400"])
def test_number_that_is_none_is_told_so(number: str, reader: CellReader) -> None:
    table = read(operated(xlsx(PLAIN), VALUE, f'<c r="E9"><v>{number}</v>'), reader)
    assert [(f.code, f.cell) for f in table.findings] == [("value.not_a_number", "E9")]


def in_ods(cell: str) -> bytes:
    """The plain form as .ods with another cell in place of 127.5."""
    files = members(ods(PLAIN))
    content, count = re.subn(
        r'<table:table-cell[^>]*office:value="127.5".*?</table:table-cell>', cell, files["content.xml"].decode()
    )
    assert count == 1
    return zipped({**files, "content.xml": content.encode()})


@pytest.mark.parametrize("kind", ["float", "percentage"])
def test_formula_with_zero_in_ods_is_told(kind: str, reader: CellReader) -> None:
    cell = (
        f'<table:table-cell table:formula="of:=[.Z1]*2" office:value-type="{kind}" office:value="0"><text:p>0</text:p>'
    )
    table = read(in_ods(f"{cell}</table:table-cell>"), reader, "форма.ods")
    assert ("value.never_calculated", "E9") in [(f.code, f.cell) for f in table.findings]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "Err:502", "#Н/Д"])
@pytest.mark.parametrize("kind", ["float", "percentage", "currency", "boolean"])
def test_value_of_ods_that_is_shown_as_an_error_is_one(kind: str, error: str, reader: CellReader) -> None:
    value = 'boolean-value="false"' if kind == "boolean" else 'value="0"'
    cell = f'<table:table-cell office:value-type="{kind}" office:{value}><text:p>{error}</text:p></table:table-cell>'
    table = read(in_ods(cell), reader, "форма.ods")
    assert [(f.code, f.cell, f.value) for f in table.findings] == [("value.error_cell", "E9", error)]


def test_ruby_and_notes_of_ods_are_no_digits_of_a_number(reader: CellReader) -> None:
    ruby = "<text:ruby><text:ruby-base>7</text:ruby-base><text:ruby-text>9</text:ruby-text></text:ruby>"
    note = '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation></text:note>'
    cell = f'<table:table-cell office:value-type="string"><text:p>12{ruby},5{note}</text:p></table:table-cell>'
    table = read(in_ods(cell), reader, "форма.ods")
    assert table.findings == () and table.rows["current"][0].as_py() == Decimal("127.500")


@pytest.mark.parametrize("part", ["xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_in_an_encoding_that_nobody_knows_is_their_fault(part: str, reader: CellReader) -> None:
    """The reading process meets it like any damage: it does not fail, and is not taken for killed by somebody."""
    files = members(xlsx(PLAIN))
    head, _, rest = files[part].decode().partition("?>")
    assert head.startswith("<?xml")
    files[part] = f'<?xml version="1.0" encoding="UTF-4294967296"?>{rest}'.encode()
    assert [f.code for f in read_form(zipped(files), "форма.xlsx", RULES, reader)] == ["workbook.unreadable"]


def test_the_reading_process_starts_without_what_few_workbooks_need() -> None:
    """Its start takes longer than most forms."""
    code = "import sys, inbox_worker.workbooks.read_child; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-P", "-s", "-c", code], capture_output=True, text=True, check=True)
    assert {"inbox_worker.workbooks.xlsx_plain", "pyarrow"} <= set(loaded.stdout.split())
    assert not {"pandas", "urllib.request", "http.client"} & set(loaded.stdout.split())
