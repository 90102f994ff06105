"""The layout of a bank's file, chosen by what stands in the file; a file that two layouts fit is refused (4.1.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inbox_worker.core.model import Finding, FormTable, Severity
from inbox_worker.forms.layout_lines import DEEPEST_HEAD, Laid, Lines, heads_near, lay, rows_on_top, top_of
from inbox_worker.forms.layout_table import LayoutTable, register_table
from inbox_worker.forms.notes import find_hidden_rows
from inbox_worker.forms.order_answers import read_order_answers
from inbox_worker.forms.statements import FORM, read_laid, read_rows
from inbox_worker.settings.bank_layouts import BankLayout
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.bank_answers import is_answer
from inbox_worker.workbooks.bank_statements import is_statement
from inbox_worker.workbooks.bank_text import names_of_dbf, pick_encoding
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import TimeBudget, Unreadable
from inbox_worker.workbooks.sheet import LONGEST, Sheet
from inbox_worker.workbooks.sniff import Kind

# in which a header is looked for
_ENCODINGS = ("utf-8", "utf-16", "cp866", "cp1251", "koi8-r", "mac-cyrillic", "iso8859-5")
_TEXTS = (Kind.CSV, Kind.OTHER)
_OF_DBF = ("cp866", "cp1251")
_START = 200_000  # bytes in which a header stands
_SHOWN = 200  # characters of a finding's value


@dataclass(frozen=True)
class Tried:
    """The result of reading a file by one layout: it in the layout, or why not. `lacking`: headers that are not there;
    `why`: what keeps the file from being read at all; `fits`: every line and every value is as the layout says."""

    layout: BankLayout
    laid: Laid | None = None
    form: FormTable | None = None
    lacking: tuple[str, ...] = ()
    why: Finding | None = None
    fits: bool = False


@dataclass
class BankFiles:
    """Reads files of banks by the layouts of rules/banks."""

    rules: Rules
    reader: CellReader
    watch: TimeBudget
    _tops: tuple[Sequence[Sheet], list[Lines]] | None = None  # of the workbook that is looked at

    def read_text(self, data: bytes, name: str, kind: Kind) -> FormTable | tuple[Finding, ...] | None:
        """Return a text or DBF file in the one layout that fits it; findings when none or several do; None when it is
        of no layout. Raises ReaderFailure (ours) only."""
        if kind is Kind.BANK:
            known = is_statement(data) or is_answer(data)
            return self._read_bank_file(data, name) if known else None
        return choose([tried for tried in self.try_text(data, kind) if tried.laid or tried.why], name)

    def read_book(self, sheets: Sequence[Sheet], name: str) -> FormTable | tuple[Finding, ...] | None:
        """Return a workbook in the one layout that fits it, findings or None as read_text does."""
        return choose([tried for layout in self._of_books() if (tried := self._lay_book(sheets, layout))], name)

    def try_text(self, data: bytes, kind: Kind) -> Iterator[Tried]:
        """Yield what comes of reading a text or DBF file by each layout of its kind."""
        for layout in self.rules.banks.values():
            if layout.file == "dbf" and kind is Kind.DBF:
                yield self._read_dbf(data, layout)
            elif layout.file in ("separated", "fixed") and kind in _TEXTS:
                encoding = _encoding_of(data, layout)
                yield self._read_by(data, layout, encoding) if encoding else _in_another_encoding(data, layout)

    def try_book(self, sheets: Sequence[Sheet]) -> Iterator[Tried]:
        """Yield what comes of reading a workbook by each layout for workbooks."""
        for layout in self._of_books():
            if laid := self._lay_book(sheets, layout):
                yield laid
            else:
                lacking = min((heads_near(sheet, layout) for sheet in sheets), key=len, default=())
                yield Tried(layout, lacking=lacking, why=_differs(sheets, layout))

    def near_book(self, sheets: Sequence[Sheet]) -> tuple[Finding, ...]:
        """Return how a workbook of no layout differs from those that are like it."""
        return tuple(differs for layout in self._of_books() if (differs := _differs(sheets, layout)))

    def _of_books(self) -> list[BankLayout]:
        return [layout for layout in self.rules.banks.values() if layout.file == "book"]

    def _lay_book(self, sheets: Sequence[Sheet], layout: BankLayout) -> Tried | None:
        """Return a workbook in a layout; None when no sheet is laid out so."""
        if self._tops is None or self._tops[0] is not sheets:
            self._tops = sheets, [top_of(sheet, layout) for sheet in sheets]
        tops = zip(sheets, self._tops[1], strict=True)
        found = [(sheet, laid) for sheet, top in tops if (laid := lay(sheet, layout, top))]
        if not found:
            return None
        others = [s.name for s in sheets if s is not found[0][0]]
        extra = [Finding("layout.other_sheet", other, value=other, facts={"layout": layout.layout}) for other in others]
        return self._in(layout, found[0][1], [*extra, *find_hidden_rows(found[0][0])])

    def _read_by(self, data: bytes, layout: BankLayout, encoding: str) -> Tried:
        self.reader.prepare()
        laid = {"encoding": encoding, "separator": layout.separator}
        try:
            with self.watch:
                book = self.reader.read(data, layout.file, self.watch, laid=laid)
        except Unreadable as error:
            damaged = error.finding.code == "workbook.unreadable"
            facts = {"layout": layout.layout, "encoding": encoding}
            code = "layout.damaged_dbf" if layout.file == "dbf" else "layout.damaged"
            return Tried(layout, why=Finding(code, facts=facts) if damaged else error.finding)
        for sheet in book.sheets:
            if sheet.lines and sheet.lines["open_quote"]:
                line, text = sheet.lines["open_quote"]
                return Tried(
                    layout, why=Finding("layout.line", cell=f"A{line}", value=text, facts={"layout": layout.layout})
                )
            if found := lay(sheet, layout):
                return self._in(layout, found, [])
        return Tried(layout, lacking=min((heads_near(sheet, layout) for sheet in book.sheets), key=len, default=()))

    def _read_dbf(self, data: bytes, layout: BankLayout) -> Tried:
        names = names_of_dbf(data)
        known = {name.casefold() for name in names}
        lacking = tuple(name for name in layout.head if name.casefold() not in known)
        if (differs := _compare_heads(names, layout, "")) or lacking:
            return Tried(layout, lacking=lacking, why=differs)
        encoding = pick_encoding(data, (*layout.encodings, *_OF_DBF))
        if encoding not in layout.encodings:
            return _written_in(layout, encoding)
        return self._read_by(data, layout, encoding)

    def _read_bank_file(self, data: bytes, name: str) -> FormTable | tuple[Finding, ...]:
        self.reader.prepare()
        try:
            with self.watch:
                book = self.reader.read(data, Kind.BANK.value, self.watch)
        except Unreadable as error:
            return (replace(error.finding, value=name),)
        answers = is_answer(data)
        return read_order_answers(book.sheets, self.rules) if answers else read_rows(book.sheets, self.rules)

    def _in(self, layout: BankLayout, laid: Laid, extra: list[Finding]) -> Tried:
        table = LayoutTable(laid, self.rules)
        form = read_laid(table) if layout.form == FORM else register_table(table)
        if extra:
            form = replace(form, findings=(*form.findings, *extra))
        wrong = any(self.rules.findings[finding.code].severity is Severity.ERROR for finding in form.findings)
        return Tried(layout, laid, form, fits=not wrong)


def choose(known: Sequence[Tried], name: str) -> FormTable | tuple[Finding, ...] | None:
    """Return the form of the one layout that fits, or of the only one that the file is known by, with its problems;
    a finding when several fit, or several know it and none fits (4.1.7: nothing is guessed)."""
    fitting = [tried for tried in known if tried.fits]
    left = fitting or known
    if not left:
        return None
    if len(left) > 1:
        names = ", ".join(tried.layout.layout for tried in left)
        code = "layout.several" if fitting else "layout.none_fits"
        return (Finding(code, value=name, facts={"layouts": names}),)
    only = left[0]
    return only.form if only.form else (only.why,) if only.why else None


def _encoding_of(data: bytes, layout: BankLayout) -> str | None:
    """Return the encoding in which a text has a layout's header or first line: one in which all of it can be read,
    before one in which bytes are damaged; None for a text of another layout."""
    known = [encoding for encoding in layout.encodings if _is_known(data, layout, encoding)]
    return next((encoding for encoding in known if _is_whole(data, encoding)), next(iter(known), None))


def _in_another_encoding(data: bytes, layout: BankLayout) -> Tried:
    """Return why a text whose header is the layout's is not read all the same: by its encoding alone."""
    others = [encoding for encoding in _ENCODINGS if encoding not in layout.encodings and _is_whole(data, encoding)]
    found = next((encoding for encoding in others if _is_known(data, layout, encoding)), "")
    if not found:
        return Tried(layout)
    return _written_in(layout, found)


def _written_in(layout: BankLayout, encoding: str) -> Tried:
    facts = {"layout": layout.layout, "encoding": encoding, "known": ", ".join(layout.encodings)}
    return Tried(layout, why=Finding("layout.encoding", value=encoding, facts=facts))


def _differs(sheets: Sequence[Sheet], layout: BankLayout) -> Finding | None:
    """Return how the first row of a workbook that is like a layout's header differs from it."""
    found = (_compare_heads(row, layout, sheet.name) for sheet in sheets for row in rows_on_top(sheet))
    return next((differs for differs in found if differs), None)


def _compare_heads(names: Sequence[str], layout: BankLayout, sheet: str) -> Finding | None:
    """Return what differs between a file's headers and those of a layout that has at least half of them; None for the
    same ones, and for a file that is not like the layout at all."""
    there, wanted = [_plain(name) for name in names], [_plain(name) for name in layout.head]
    if there == wanted or 2 * len(set(wanted) & set(there)) < len(wanted):
        return None
    missing = [name for name in layout.head if _plain(name) not in there]
    extra = [name for name in names if _plain(name) not in wanted]
    facts = {"layout": layout.layout, "missing": ", ".join(missing) or "—", "extra": ", ".join(extra) or "—"}
    return Finding("layout.head_differs", sheet, value=", ".join(names)[:_SHOWN], facts=facts)


def _is_whole(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_known(data: bytes, layout: BankLayout, encoding: str) -> bool:
    start = data[:_START].decode(encoding, errors="replace").removeprefix("\ufeff")
    lines = [line for line in start.splitlines() if line.strip()][:DEEPEST_HEAD]
    if layout.begins:
        first = lines[0][:LONGEST] if lines else ""
        return re.fullmatch(layout.begins, first if layout.file == "fixed" else _without(first, layout)) is not None
    wanted = _plain(";".join(layout.head))
    return any(_plain(_without(line, layout)) == wanted for line in lines)


def _without(line: str, layout: BankLayout) -> str:
    """Return a line with `;` between its values, without quotes around them."""
    values = [" ".join(value.strip().strip('"').split()) for value in line.split(layout.separator)]
    return ";".join(values).rstrip(";")


def _plain(text: str) -> str:
    return text.casefold().strip(";")
