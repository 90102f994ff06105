"""What tests of documents share: the made-up month, workbooks read back, LibreOffice counting anew, PDFs as text."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import warnings
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.debtors import AGES, render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.distribution import render_distribution
from inbox_worker.documents.payments import render_payments
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.outbox.sample import BIN, Sample, protocol_of
from inbox_worker.settings.rules import Rules

KINDS = ("turnover", "bill_rows", "distribution", "debtors", "payments", "directory", "close_protocol")
TORTURE = ("A & B", "<b>жирный</b>", "=cmd()", "+1", "@SUM(1)", "http://x.example", "Ұ" * 200, "г. Алматы, " * 20,
           "שלום مرحبا", "a\x01b\nc", "<r>x</r>")  # fmt: skip


def workbook(kind: str, made: Sample, operator: Operator, rules: Rules) -> Rendered:
    """A workbook of the made-up month."""
    whose = made.close, made.customer, operator, rules
    if kind == "turnover":
        return render_turnover(*whose)[0]
    if kind == "bill_rows":
        return render_bill_rows(*whose)[0]
    if kind == "distribution":
        return render_distribution(*whose)[0]
    if kind == "debtors":
        return render_debtors(*whose, made.ages, made.last_payments)[0]
    if kind == "payments":
        return render_payments(*whose)[0]
    if kind == "directory":
        return render_directory(made.directory, *whose)[0]
    return render_close_protocol(made.protocol, {BIN: made.customer.name}, operator, rules)


def tortured(made: Sample, text: str) -> Sample:
    """The same month with that text wherever people write."""
    return replace(
        made,
        close=replace(
            made.close,
            lines=_filled(made.close.lines, ("name", "address", "flat", "house"), text),
            payments=_filled(made.close.payments, ("number", "bank"), text),
        ),
        customer=replace(made.customer, name=text, contract=text),
        directory=_filled(made.directory, ("name", "address", "flat", "house", "meter"), text),
    )


def with_sums(made: Sample, amount: Decimal, rows: int) -> Sample:
    """The same month with that sum in every place of every line and payment, over so many rows; its totals are the
    rows' sums, whether they agree with each other or not.
    """
    lines, payments = _repeated(made.close.lines, rows), _repeated(made.close.payments, rows)
    close = replace(made.close, lines=_amounts(lines, amount), payments=_amounts(payments, amount))
    owing = close.lines.filter(pc.greater(close.lines.column("closing"), Decimal(0)))
    ages = owing.select(["account", "customer", "service"]).append_column("age_1", owing.column("closing"))
    for name in AGES[1:]:
        ages = ages.append_column(name, pa.array([Decimal(0)] * owing.num_rows, pa.decimal128(18, 2)))
    ages = ages.append_column("months", pa.array([1] * owing.num_rows, pa.int32()))
    directory = _repeated(made.directory, rows)
    received = sum(close.payments.column("amount").to_pylist(), Decimal(0))
    protocol = replace(protocol_of(close), suspense=made.protocol.suspense.slice(0, 0), received=received)
    return replace(made, close=close, ages=ages, directory=directory, protocol=protocol)


def _repeated(table: pa.Table, rows: int) -> pa.Table:
    """So many rows, each of an account of its own."""
    many = pa.concat_tables([table] * (rows // table.num_rows + 1)).slice(0, rows)
    at = many.schema.get_field_index("account")
    return many.set_column(at, "account", pa.array([f"{20_000_000 + n}" for n in range(rows)]))


def _amounts(table: pa.Table, amount: Decimal) -> pa.Table:
    for place, column in enumerate(table.schema):
        if column.type == pa.decimal128(18, 2):
            table = table.set_column(place, column, pa.array([amount] * table.num_rows, column.type))
    return table


def _filled(table: pa.Table, names: tuple[str, ...], text: str) -> pa.Table:
    for name in names:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, pa.field(name, pa.string()), pa.array([text] * table.num_rows))
    return table


def cells(data: bytes, formulas: bool = False) -> dict[tuple[str, str], Any]:
    """Sheet and address -> value (or formula) of every filled cell."""
    with warnings.catch_warnings(action="ignore"):  # openpyxl does not know bars
        read = openpyxl.load_workbook(BytesIO(data)) if formulas else opened(data)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in read.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def formulas_of(data: bytes) -> list[str]:
    """Every formula as it stands in the file."""
    with ZipFile(BytesIO(data)) as archive:
        sheets = [archive.read(part).decode() for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
    return [formula for sheet in sheets for formula in re.findall(r"<f>(.*?)</f>", sheet)]


def without_cached_values(data: bytes) -> bytes:
    target = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(target, "w") as stripped:
        for name in source.namelist():
            body = source.read(name)
            if name.startswith("xl/worksheets/"):
                body = re.sub(rb"</f><v>[^<]*</v>", b"</f>", body)
            stripped.writestr(name, body)
    return target.getvalue()


@cache
def profile() -> TemporaryDirectory[str]:
    """LibreOffice's profile for all conversions of this process: to make one takes half of a conversion."""
    return TemporaryDirectory(prefix="soffice-")


def converted(books: Mapping[str, bytes], kind: str, folder: Path, soffice: Path) -> dict[str, bytes]:
    """Workbooks by name without their cached values, as LibreOffice computes them (`xlsx`) or prints them (`pdf`): all
    by one start, which takes longer than a workbook."""
    places = {name: folder / f"{name}.xlsx" for name in books}
    for name, path in places.items():
        path.write_bytes(without_cached_values(books[name]))
    command = [str(soffice), "--headless", f"-env:UserInstallation={Path(profile().name).as_uri()}"]
    command += ["--convert-to", kind, "--outdir", str(folder / "out"), *map(str, places.values())]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return {name: (folder / f"out/{name}.{kind}").read_bytes() for name in books}


def has_arial() -> bool:
    """Return whether letters are printed as wide as in Arial, by which the columns of our workbooks are measured."""
    program = shutil.which("fc-match")
    found = subprocess.run([program, "-f", "%{family}", "Arial"], capture_output=True, check=True) if program else None
    return found is not None and any(name in found.stdout for name in (b"Arial", b"Arimo", b"Liberation", b"Nimbus"))


def pdf_text(data: bytes, *options: str) -> str:
    """A PDF's text as it lies on the page; the test is skipped where poppler's pdftotext is not installed."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the page's text is not compared")
    read = subprocess.run([program, "-layout", *options, "-", "-"], input=data, capture_output=True, check=True)
    return read.stdout.decode()


@lru_cache(maxsize=8)
def opened(data: bytes) -> openpyxl.Workbook:
    """A workbook with its values, to be looked at only: to read it takes longer than all that is asked of it."""
    with warnings.catch_warnings(action="ignore"):  # openpyxl does not know bars
        return openpyxl.load_workbook(BytesIO(data), data_only=True)


def column(data: bytes, sheet: str, header: str) -> tuple[list[Any], Any]:
    """The values below the first such header, of rows alone (a dotted rule under them), and the total under them (a
    double rule over it)."""
    rows = list(opened(data)[sheet].iter_rows())
    heads = [[str(cell.value).split("\n")[0] for cell in row] for row in rows]
    top = next(place for place, row in enumerate(heads) if header in row)
    cells = [row[heads[top].index(header)] for row in rows[top + 1 :]]
    last = next((place for place, cell in enumerate(cells) if cell.border.top.style == "double"), len(cells))
    values = [cell.value for cell in cells[:last] if cell.border.bottom.style == "dotted"]
    return values, cells[last].value if last < len(cells) else None


def flat(data: bytes) -> list[dict[str, str]]:
    """The rows of a .csv beside a workbook, by their Russian heads; numbers with a point."""
    head, *rows = csv.reader(StringIO(data.decode("utf-8-sig")), delimiter=";")
    names = [cell.split(" / ")[0] for cell in head]
    return [dict(zip(names, (re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell) for cell in row), strict=True)) for row in rows]


def money(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
