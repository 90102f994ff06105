"""Tools to write a letter byte by byte. The odd letters of this folder are files: one met in real mail is added as
`<name>.eml` with `<name>.yaml` beside it: what is odd, and what must become of it."""

from __future__ import annotations

import io
import zipfile
from base64 import encodebytes
from collections.abc import Sequence
from html import escape

from inbox_worker.demo.paper import pdf

TEN_OCLOCK = "Thu, 20 Aug 2026 10:00:00 +0500"
RECEIVED = f"from mx.a.example (mx.a.example [192.0.2.1]) by mx.alseco.example with ESMTPS id 4x; {TEN_OCLOCK}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def members(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip; the same bytes every time."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 8, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """The smallest .xlsx that Excel opens: one sheet of texts, about 1.5 kB."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    opened = '<?xml version="1.0" encoding="UTF-8"?>'
    kinds = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    word = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    link = f'{opened}<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" Type="{office}/'
    return members(
        [
            ("[Content_Types].xml", (
                f'{opened}<Types xmlns="{kinds}/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{word}.sheet.main+xml"/>'
                f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{word}.worksheet+xml"/></Types>'
            ).encode()),
            ("_rels/.rels", f'{link}officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode()),
            ("xl/workbook.xml", (
                f'{opened}<workbook xmlns="{main}" xmlns:r="{office}">'
                '<sheets><sheet name="Лист1" sheetId="1" r:id="r1"/></sheets></workbook>'
            ).encode()),
            ("xl/_rels/workbook.xml.rels", (
                f'{link}worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
            ).encode()),
            ("xl/worksheets/sheet1.xml", (
                f'{opened}<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
            ).encode()),
        ]
    )  # fmt: skip


def form(code: str, columns: Sequence[str], *rows: Sequence[str], by: str = "050140000011") -> bytes:
    """A customer's form with its header pairs."""
    return workbook([["Форма", code], ["Версия", "1"], ["БИН заказчика", by], [""], columns, *rows])


def recalculation(amount: str, past: str = "06.2026") -> bytes:
    columns = ("Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание")
    return form("recalculations", columns, ("1001", "Содержание дома", past, amount, "Протокол № 7"))


MINUS = recalculation("-10")  # needs no documents: accepted when it is read
PLUS = recalculation("10")  # waits for documents: held when nothing proves it
PDF = pdf("scan of the minutes")


def raw(text: str | bytes) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text


def packed(data: bytes) -> bytes:
    return encodebytes(data)


def text(words: str = "Здравствуйте! Форма во вложении.", kind: str = "plain") -> bytes:
    """A part of words."""
    return raw(f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{words}\n")


def part(head: str | bytes, data: bytes) -> bytes:
    """A part with these header lines and a body in base64."""
    return raw(head) + b"\nContent-Transfer-Encoding: base64\n\n" + packed(data)


def file(name: str = "form.xlsx", data: bytes = MINUS, kind: str = XLSX, how: str = "attachment") -> bytes:
    """An attachment as most programs write it; the name in ASCII."""
    return part(f'Content-Type: {kind}; name="{name}"\nContent-Disposition: {how}; filename="{name}"', data)


def multi(*parts: bytes, kind: str = "mixed", boundary: str = "=_b1", end: bool = True) -> bytes:
    """Content headers and body of a multipart."""
    marks = b"".join(b"--" + raw(boundary) + b"\n" + one + b"\n" for one in parts)
    close = b"--" + raw(boundary) + b"--\n" if end else b""
    return raw(f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n') + marks + close


def letter(
    content: bytes, *, sender: str | bytes = "From: =?utf-8?B?0JE=?= <office@a.example>", more: str | bytes = "",
    received: str = RECEIVED, identity: str = "<1@a.example>",
) -> bytes:  # fmt: skip
    """A whole letter with CRLF line ends. `sender` is the From line (or lines), '' for none; `more` further headers."""
    head = [f"Received: {received}"] if received else []
    lines = [*map(raw, head), raw(sender), raw(more)]
    lines += [raw("To: korrektirovki@alseco.example\nSubject: Forma"), raw(f"Message-ID: {identity}")]
    lines += [b"Date: Thu, 01 Jan 2015 00:00:00 +0500", b"MIME-Version: 1.0"]
    return (b"\n".join(line for line in lines if line) + b"\n" + content).replace(b"\n", b"\r\n")


def plain(*files: bytes, **options: str | bytes) -> bytes:
    """A letter of a text and files."""
    return letter(multi(text(), *files), **options)  # type: ignore[arg-type]
