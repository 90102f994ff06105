"""Workbooks and letters as customers and banks make them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP

import xlsxwriter

from inbox_worker.demo.paper import pdf
from inbox_worker.settings.form_rules import FormRule

_NEEDED = {"basis": "Протокол № 7 от 15.07.2026", "taken_on": "20.08.2026"}


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    data: bytes


SCAN = File("protokol.pdf", pdf("scan of the minutes"))


def workbook(rule: FormRule, rows: Sequence[Mapping[str, object]], head: Mapping[str, object], title: str) -> bytes:
    """A form with its header pairs and rows (internal column names). `title` makes its bytes its own; they are the
    same every time."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 8, 1)})  # noqa: DTZ001
        sheet = book.add_worksheet("Данные")
        sheet.write(0, 0, f"{rule.title.ru}, {title}")
        pairs = {"Форма": rule.form, "Версия": rule.version, **head}
        for place, (label, value) in enumerate(pairs.items(), 1):
            sheet.write(place, 0, label)
            _write(sheet, place, 1, value)
        top = len(pairs) + 2
        for column, defined in enumerate(rule.columns):
            sheet.write(top, column, defined.ru)
            for place, row in enumerate(rows, top + 1):
                value = row.get(defined.name, _NEEDED.get(defined.name) if defined.required else None)
                _write(sheet, place, column, value)
    return sink.getvalue()


def _write(sheet: object, row: int, column: int, value: object) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Decimal):
        value = f"{value:f}".replace(".", ",")
    write = sheet.write_string if isinstance(value, str) else sheet.write_number  # type: ignore[attr-defined]
    write(row, column, value)


def letter(
    sender: str, files: Sequence[File], message_id: str, text: str, references: str, headers: Mapping[str, str]
) -> bytes:
    """An e-mail's bytes."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "korrektirovki@alseco.example"
    message["Subject"] = "Форма"
    message["Message-ID"] = message_id
    message["Date"] = "Thu, 01 Jan 2015 00:00:00 +0500"  # no decision may look at it
    if references:
        message["References"] = references
        message["In-Reply-To"] = references.split()[-1]
    for name, value in headers.items():
        message[name] = value
    message.set_content(text or "Здравствуйте! Форма во вложении.\n")
    for file in files:
        message.add_attachment(file.data, maintype="application", subtype="octet-stream", filename=file.name)
    return message.as_bytes(policy=SMTP)
