"""A trial of a bank's file: how each layout reads it, and a draft of a new layout (`bank layouts try`). Nothing is
kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Finding, FormTable
from inbox_worker.core.text import fold
from inbox_worker.forms.bank_files import BankFiles, Tried
from inbox_worker.forms.layout_lines import Lines, join_cells
from inbox_worker.forms.read import read_form
from inbox_worker.settings.bank_layouts import BankLayout
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.mistakes import suggest
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.preflight import TimeBudget, Unreadable, glance
from inbox_worker.workbooks.sheet import Sheet
from inbox_worker.workbooks.sniff import Kind

_SHOWN = 12  # first lines of a file that no layout knows
_SIGNS = ";\t|,"
_ENCODINGS = ("utf-8", "cp866", "cp1251")


@dataclass(frozen=True)
class Trial:
    """The results of a trial: each layout of its kind, what `load` would read of it, its first lines as they look to
    patterns, and a draft of a layout where none fits."""

    tried: tuple[Tried, ...]
    read: FormTable | tuple[Finding, ...]
    lines: tuple[str, ...]
    draft: str

    @property
    def chosen(self) -> str:
        """Return the name of the layout that the file would be read by, '' for none."""
        fitting = [tried.layout.layout for tried in self.tried if tried.fits]
        return fitting[0] if len(fitting) == 1 and isinstance(self.read, FormTable) else ""


def try_file(data: bytes, name: str, rules: Rules, reader: CellReader, only: str = "") -> Trial:
    """Read a file by every layout, or by one. Raises UseError for a layout that is not there."""
    if only:
        if only not in rules.banks:
            raise UseError(f"there is no layout {only!r} in rules/banks; {suggest(only, list(rules.banks))}")
        rules = replace(rules, banks={only: rules.banks[only]})
    kind, watch = glance(data, name, rules.limits).kind, TimeBudget()
    files = BankFiles(rules, reader, watch)
    tried, sheets = list(files.try_text(data, kind)), _sheets(data, kind, reader, watch)
    if kind in (Kind.XLSX, Kind.XLS, Kind.ODS):
        tried += files.try_book(sheets)
    read = read_form(data, name, rules, reader)
    encoded = any(one.why and one.why.code == "layout.encoding" for one in tried)  # a layout knows it already
    known = encoded or any(one.fits for one in tried) or (isinstance(read, FormTable) and read.rows.num_rows > 0)
    sign, lines = ("", _first_lines(sheets)) if sheets else _lines_of_text(data, kind)
    draft = "" if known or not lines else draft_layout(data, kind, sign, lines, rules)
    return Trial(tuple(tried), read, () if known else lines, draft)


def _sheets(data: bytes, kind: Kind, reader: CellReader, watch: TimeBudget) -> Sequence[Sheet]:
    """Return the sheets of a workbook, the table of a DBF; none of a text."""
    if kind not in (Kind.XLSX, Kind.XLS, Kind.ODS, Kind.DBF):
        return ()
    reader.prepare()
    try:
        return reader.read(data, kind.value, watch, laid={"encoding": "cp866"}).sheets
    except Unreadable:
        return ()


def _first_lines(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    looked = next(iter(sheets))
    like = BankLayout.model_construct(file="book")
    return tuple(join_cells(line) for line in Lines.of(looked, like, _SHOWN).texts)


def _lines_of_text(data: bytes, kind: Kind) -> tuple[str, tuple[str, ...]]:
    """Return the sign that parts the values of a text, '' for none, and its first lines as patterns see them."""
    lines = [line for line in _text(data)[1].splitlines() if line.strip()][:_SHOWN]
    if kind not in (Kind.CSV, Kind.OTHER) or b"\0" in data[:20_000] or not lines:
        return "", ()
    sign = max(_SIGNS, key="".join(lines).count)
    if sum(sign in line for line in lines) * 2 <= len(lines):
        return "", tuple(lines)
    return sign, tuple(join_cells(tuple(line.split(sign))) for line in lines)


def draft_layout(data: bytes, kind: Kind, sign: str, lines: Sequence[str], rules: Rules) -> str:
    """Return a layout to begin with, as YAML: what could be seen in the file, and `?` where somebody must decide."""
    book = kind in (Kind.XLSX, Kind.XLS, Kind.ODS)
    file = "dbf" if kind is Kind.DBF else "book" if book else "separated" if sign else "fixed"
    made = ["layout: ?", 'title: {ru: "?", kk: "?"}', f"file: {file}"]
    if not book:
        made.append(f"encodings: [{'cp866' if kind is Kind.DBF else _text(data)[0]}]")
    if sign:
        made.append(f'separator: "{sign}"'.replace("\t", "\\t"))
    if file == "fixed":
        width = max(map(len, lines), key=[len(line) for line in lines].count)
        made += [f"begins: '{_as_pattern(lines[0])}'", f"width: {width}", "columns:"]
        names = ("bank", "paid_on", "number", "account", "amount")
        return "\n".join([*made, *(f"  {name}: {{chars: [?, ?]}}" for name in names), *_foot(lines[0])])
    head = max((line.split(";") for line in lines), key=lambda row: sum(map(_is_name, row)))
    made += [f"head: [{', '.join(_quote(name) for name in head)}]", "columns:"]
    above = "" if lines[0].split(";") == head else lines[0]
    return "\n".join([*made, *_columns(head, rules.forms["bank_register"]), *_foot(above)])


def _columns(head: Sequence[str], form: FormRule) -> list[str]:
    """Return each column of the form with the header that seems to be its own."""
    made = []
    for column in form.columns:
        names = {fold(name) for name in (*column.names, column.name)}
        found = next((text for text in head if fold(text) in names), None)
        if found or column.required:
            made.append(f"  {column.name}: {{head: {_quote(found) if found else '?'}}}")
    return made


def _foot(above: str) -> list[str]:
    """Return patterns of the lines that are no payments: what stands above, and a control row to be written."""
    first = [f"  - '{_as_pattern(above)}'"] if above else []
    return ["lines:", *first, "  - '?(?P<count>\\d+)?(?P<sum>[\\d .,]+)?'"]


def _as_pattern(line: str) -> str:
    """Return a line as a pattern in which any digits may stand."""
    return re.sub(r"\d+", r"\\d+", re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", line)).replace("'", "''")


def _is_name(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2,}", text))


def _quote(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(data: bytes) -> tuple[str, str]:
    """Return the encoding in which a text looks most like one, and the text."""
    start = data[:20_000]
    for encoding in _ENCODINGS:
        try:
            text = start.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = [sign for sign in text if sign > "\x7f"]
        if encoding == "utf-8" or not letters or 10 * sum(map(str.isalpha, letters)) > 9 * len(letters):
            return encoding, text
    return "cp1251", start.decode("cp1251", "replace")
