"""4.1.15: what a rule of conditional formatting hides, or shows otherwise, is not posted unsaid."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from form_books import MANY, RECALCULATIONS, head, many, told, xlsx
from openpyxl.formatting.rule import DataBarRule, Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from inbox_worker.workbooks.hiding_rules import EVERYWHERE, MOST_RULES, HidingRule, HidingRules

ROWS: list[list[object]] = [
    *head("recalculations"), RECALCULATIONS,
    *[[f"1002003{n}", "Лифт", "06.2026", [-10.0, -11.0, 25.0][n], f"акт {n}"] for n in range(3)],
]  # fmt: skip
WHITE, NOTHING = Font(color="FFFFFFFF"), NumberFormat(numFmtId=164, formatCode=";;;")
WHITE_LOOK, RED_LOOK = DifferentialStyle(font=WHITE), DifferentialStyle(font=Font(color="FFFF0000"))


def ruled(rule: Rule, cells: str = "D8:D10", further: int = 0) -> bytes:
    more = [["10020030", "Лифт", "06.2026", 5.0, f"акт {n}"] for n in range(9, further)]
    book, sink = openpyxl.load_workbook(io.BytesIO(xlsx([*ROWS, *more]))), io.BytesIO()
    book.active.conditional_formatting.add(cells, rule)
    book.save(sink)
    return sink.getvalue()


def below_zero(look: DifferentialStyle) -> Rule:
    return Rule("cellIs", operator="lessThan", formula=["0"], dxf=look)


UNSEEN = ("cells.unseen", "D8", "-10")


@pytest.mark.quick("0-look0", "0-look1")
@pytest.mark.parametrize(
    "look",
    [
        WHITE_LOOK,
        DifferentialStyle(font=Font(color="FF00B050"), fill=PatternFill(bgColor="FF00B050")),
        DifferentialStyle(fill=PatternFill(bgColor="FF000000")),
        DifferentialStyle(numFmt=NOTHING),
        DifferentialStyle(numFmt=NumberFormat(numFmtId=165, formatCode="0.00;0.00")),
    ],
)
@pytest.mark.parametrize("further", [0, MANY])
def test_a_sum_that_a_rule_hides_is_read_and_told(read, look: DifferentialStyle, further: int) -> None:
    data = ruled(below_zero(look), further=further)
    table = read(many(data) if further else data)
    assert told(table)[0] == UNSEEN
    assert table.findings[0].facts["cells"] == "D8, D9"


@pytest.mark.parametrize(
    "look",
    [
        RED_LOOK,
        DifferentialStyle(font=WHITE, fill=PatternFill(bgColor="FF00B050")),
        DifferentialStyle(fill=PatternFill(bgColor="FFFFC7CE")),
        DifferentialStyle(numFmt=NumberFormat(numFmtId=165, formatCode="#,##0.00")),
        DifferentialStyle(font=Font(bold=True)),
        DifferentialStyle(border=Border(left=Side("thin", WHITE.color), right=Side("thin", WHITE.color))),
    ],
)
def test_a_rule_that_only_stresses_is_not_told(read, look: DifferentialStyle) -> None:
    assert told(read(ruled(below_zero(look)))) == []


@pytest.mark.parametrize(
    ("kind", "sign", "operands", "cells", "hidden"),
    [
        ("cellIs", "equal", ["0"], "D8:D10", ""),
        ("cellIs", "greaterThan", ["20"], "D8:D10", "D10"),
        ("cellIs", "between", ["-11", "-10.5"], "D8:D10", "D9"),
        ("cellIs", "notBetween", ["-11", "-10.5"], "D8:D10", "D8, D10"),
        ("cellIs", "lessThan", ["0"], "D9", "D9"),
        ("cellIs", "lessThan", ["0"], "A8:E10", "D8, D9"),
        ("cellIs", "equal", ['"лифт"'], "B1:B1048576", "B8, B9, B10"),
        ("containsBlanks", None, ["LEN(TRIM(D8))=0"], "D8:D10", ""),
        ("containsErrors", None, ["ISERROR(D8)"], "D8:D10", ""),
        ("expression", None, ["ISERROR(D8)"], "D8:D10", ""),
        ("expression", None, ["$D8<0"], "A8:A10", "A8, A9"),
        ("expression", None, ["$D8<0"], "A8:B10", "A8, B8, A9, B9"),
        ("expression", None, ["D8>20"], "D8:D10", "D10"),
        ("cellIs", "greaterThan", ["0"], "A8:A10", "A8, A9, A10"),  # every text is more than every number
        ("cellIs", "notEqual", ['"лифт"'], "B8:D8", "C8, D8"),
    ],
)
def test_a_rule_that_is_worked_out_tells_the_cells_it_hides(
    read, kind: str, sign: str | None, operands: list[str], cells: str, hidden: str
) -> None:
    table = read(ruled(Rule(kind, operator=sign, formula=operands, dxf=WHITE_LOOK), cells))
    assert [(f.code, f.facts["cells"]) for f in table.findings] == ([("cells.unseen", hidden)] if hidden else [])


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    "rule",
    [
        Rule("expression", formula=["D8=D7"], dxf=WHITE_LOOK),
        Rule("expression", formula=["D7<0"], dxf=WHITE_LOOK),
        Rule("expression", formula=["$D$8<0"], dxf=WHITE_LOOK),
        Rule("expression", formula=["ISERROR(E8)"], dxf=WHITE_LOOK),
        Rule("duplicateValues", dxf=WHITE_LOOK),
        Rule("cellIs", operator="lessThan", formula=["$H$1"], dxf=WHITE_LOOK),
    ],
)
def test_a_rule_that_is_not_worked_out_may_hide_what_it_covers(read, rule: Rule) -> None:
    table = read(ruled(rule))
    assert told(table) == [("cells.may_be_unseen", "D8", "-10")]
    assert table.findings[0].facts["cells"] == "D8, D9, D10"
    assert told(read(ruled(rule, "G8:G10"))) == []


@pytest.mark.quick(0)
@pytest.mark.parametrize("further", [0, MANY])
def test_a_bar_in_place_of_a_sum_hides_it(read, further: int) -> None:
    bar = {"start_type": "min", "end_type": "max", "color": "FF638EC6"}
    for shown in (False, True):
        data = ruled(DataBarRule(**bar, showValue=shown), further=further)
        assert (UNSEEN in told(read(many(data) if further else data))) != shown


@pytest.mark.parametrize("further", [0, MANY])
def test_a_rule_of_a_newer_excel_has_its_look_and_its_cells_within(read, further: int) -> None:
    rule = (
        '<extLst><ext xmlns:x="urn:x" xmlns:m="urn:m" uri="u"><x:conditionalFormattings><x:conditionalFormatting>'
        '<x:cfRule type="cellIs" operator="lessThan"><m:f>0</m:f><x:dxf><font><color theme="0"/></font></x:dxf>'
        "</x:cfRule><m:sqref>D8:D10</m:sqref></x:conditionalFormatting></x:conditionalFormattings></ext></extLst>"
    )
    more = [["10020030", "Лифт", "06.2026", 5.0, f"акт {n}"] for n in range(9, further)]
    source, sink = zipfile.ZipFile(io.BytesIO(xlsx([*ROWS, *more]))), io.BytesIO()
    with source, zipfile.ZipFile(sink, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, source.read(name).replace(b"</worksheet>", f"{rule}</worksheet>".encode()))
    assert told(read(many(sink.getvalue()) if further else sink.getvalue()))[0] == UNSEEN


def changed(cell: str, value: object, rules: dict[str, Rule], code: str = "General") -> bytes:
    """The form with another value in a cell, and rules by the cells they are over."""
    book, sink = openpyxl.load_workbook(io.BytesIO(xlsx(ROWS))), io.BytesIO()
    book.active[cell], book.active[cell].number_format = value, code
    for cells, rule in rules.items():
        book.active.conditional_formatting.add(cells, rule)
    book.save(sink)
    return sink.getvalue()


def test_a_zero_that_is_hidden_is_nothing(read) -> None:
    rule = Rule("cellIs", operator="equal", formula=["0"], dxf=WHITE_LOOK)
    assert told(read(changed("D9", 0, {"D8:D10": rule}))) == []


def test_a_percent_is_compared_as_its_number(read) -> None:
    rule = Rule("cellIs", operator="lessThan", formula=["-5"], dxf=WHITE_LOOK)
    found = read(changed("D9", -0.1, {"D9:D10": rule}, "0%")).findings
    assert "cells.unseen" not in [finding.code for finding in found]


def test_a_cell_that_is_hidden_for_certain_is_told_once(read) -> None:
    rules = {"D8:D9": Rule("duplicateValues", dxf=WHITE_LOOK), "D8": below_zero(WHITE_LOOK)}
    found = [(f.code, f.facts["cells"]) for f in read(changed("D9", -11, rules)).findings]
    assert found == [("cells.unseen", "D8"), ("cells.may_be_unseen", "D9")]


def test_of_too_many_rules_the_last_stands_for_the_whole_sheet() -> None:
    found = list[HidingRule]()
    rules = HidingRules({"0"}, found)
    rules.begin("conditionalFormatting", {"sqref": " ".join(f"Z{row}" for row in range(1, MOST_RULES + 2))})
    rules.begin("cfRule", {"type": "expression", "dxfId": "0"})
    rules.end("conditionalFormatting")
    assert (len(found), found[-1].range) == (MOST_RULES, EVERYWHERE)


def test_the_format_of_a_rule_is_none_of_the_cells(read) -> None:
    """Both may have one number: a program counts those of its rules by themselves."""
    book, sink = (
        openpyxl.load_workbook(io.BytesIO(ruled(below_zero(DifferentialStyle(numFmt=NOTHING)), "G8"))),
        io.BytesIO(),
    )
    book.active["D8"].number_format = "#,##0.000"
    book.save(sink)
    assert told(read(sink.getvalue())) == []


@pytest.mark.parametrize("cell", ["A9", "E9"])
def test_a_text_under_a_format_that_shows_none_is_told(read, cell: str) -> None:
    for code, hidden in ((";;;", True), ("0;-0;0;@", False), ("0;;", False)):
        book, sink = openpyxl.load_workbook(io.BytesIO(xlsx(ROWS))), io.BytesIO()
        book.active[cell].number_format = code
        book.save(sink)
        assert [(f.code, f.cell) for f in read(sink.getvalue()).findings] == (
            [("cells.unseen", cell)] if hidden else []
        )


STRUCK = DifferentialStyle(font=Font(strike=True))


@pytest.mark.parametrize("further", [0, MANY])
def test_a_sum_that_a_rule_strikes_out_is_asked_about(read, further: int) -> None:
    data = ruled(below_zero(STRUCK), further=further)
    assert told(read(many(data) if further else data))[:2] == [
        ("value.struck_out", "D8", "-10"), ("value.struck_out", "D9", "-11"),
    ]  # fmt: skip


def test_a_row_that_a_rule_strikes_out_is_asked_about(read) -> None:
    """A sheet whose column of states strikes its rows out."""
    rule = Rule("expression", formula=['$E8="акт 1"'], dxf=STRUCK)
    assert told(read(ruled(rule, "A8:E10"))) == [("rows.struck_out", "A9", "10020031")]


def test_a_rule_that_may_strike_out_is_told(read) -> None:
    rule = Rule("expression", formula=["TODAY()>$D8"], dxf=STRUCK)
    assert told(read(ruled(rule, "D8:D9"))) == [("cells.may_be_unseen", "D8", "-10")]
    plain = DifferentialStyle(font=Font(strike=False, color="FFFF0000"))
    assert told(read(ruled(below_zero(plain)))) == []
