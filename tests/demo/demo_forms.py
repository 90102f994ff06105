"""The demo's letters read back without the product's own readers, and judged by the directory's truth."""

from __future__ import annotations

import csv
import email
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from inbox_worker.core.text import fold
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules


@dataclass
class Form:
    """A form as found in a letter: code, header values, rows by column name."""

    code: str
    header: dict[str, str]
    columns: list[str]
    rows: list[dict[str, Any]]
    last: list[Any] = field(default_factory=list)


@dataclass
class Truth:
    """The directory: line -> (base, meters), accounts' houses, customers' utilities and e-mails."""

    lines: dict[tuple[str, str, str], tuple[str, dict[str, float]]]
    houses: set[tuple[str, str, str]]
    utilities: dict[str, bool]
    emails: dict[str, str]


def message(path: Path) -> EmailMessage:
    """The letter of a step."""
    read = email.message_from_bytes(path.read_bytes(), policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def files(letter: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Every attachment, those of forwarded letters and zips included."""
    for part in letter.walk():
        name = part.get_filename()
        if not name:
            continue
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from ((inner, archive.read(inner)) for inner in archive.namelist())
        else:
            yield name, data


def cells(name: str, data: bytes) -> list[list[Any]]:
    """The sheet's cells; a .csv is cp1251 with semicolons."""
    if name.endswith(".csv"):
        return [list(row) for row in csv.reader(io.StringIO(data.decode("cp1251")), delimiter=";")]
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def read_form(rules: Rules, name: str, data: bytes) -> Form:
    """Recognises the form by its header row and reads its rows up to the total or signatures."""
    table = cells(name, data)
    best: tuple[int, FormRule, list[str]] | None = None
    for number, row in enumerate(table[:12]):
        for rule in rules.forms.values():
            names = {fold(text): c.name for c in rule.columns for text in (c.ru, c.kk)}
            found = [names.get(fold(str(cell)), "") for cell in row]
            if best is None or sum(map(bool, found)) > sum(map(bool, best[2])):
                best = (number, rule, found)
    assert best is not None
    start, rule, columns = best
    header = {str(row[0]): str(row[1]) for row in table[:start] if len(row) > 1 and row[1] != ""}
    rows, last = [], []
    for row in table[start + 1 :]:
        texts = [str(cell).strip() for cell in row]
        if "Итого" in texts:
            last = row
        if "Итого" in texts or not any(texts):
            break
        if [text.removesuffix(".0") for text in texts] == [str(n + 1) for n in range(len(texts))]:
            continue
        rows.append({n: cell for n, cell in zip(columns, row, strict=False) if n})
    return Form(rule.form, header, columns, rows, last)


def number(value: Any) -> float | None:
    """A number typed any way, or None."""
    try:
        return float(str(value).replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return None


def text(value: Any) -> str:
    """An account or a code; Excel's 10020030.0 is 10020030."""
    return str(int(value)) if isinstance(value, float) else str(value).strip()


def day(value: Any) -> date | None:
    """A date typed any way, or None when there is no such day."""
    if isinstance(value, date):
        return value
    try:
        return datetime.strptime(str(value), "%d.%m.%Y").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return None


def _month_index(value: str) -> int:
    return int(value[3:]) * 12 + int(value[:2])


class Judge:
    """Finds the faults of a form by the directory and the rules; none = it must be posted or held."""

    def __init__(self, rules: Rules, truth: Truth, month: str) -> None:
        self.rules, self.truth, self.month = rules, truth, month

    def faults(self, form: Form, sender: str) -> list[str]:
        """What is wrong with the form."""
        rule = self.rules.forms[form.code]
        owner = form.header.get("БИН заказчика", "")
        found = [f"missing {c.name}" for c in rule.columns if c.required and c.name not in form.columns]
        if self.truth.emails.get(sender.lower()) != owner:
            found.append("sender")
        if rule.utilities_only and not self.truth.utilities.get(owner):
            found.append("utilities")
        month = form.header.get("Месяц учёта", "")
        if month and _month_index(month) > _month_index(self.month) + 12:
            found.append("month")
        for row in form.rows:
            service = self.rules.service_names.get(fold(str(row["service"])), "")
            found += getattr(self, f"_{form.code}")(row, owner, service)
        return found

    def _line(self, row: dict[str, Any], owner: str, service: str) -> tuple[str, dict[str, float]] | None:
        return self.truth.lines.get((owner, text(row["account"]), service))

    def _recalculations(self, row: dict[str, Any], owner: str, service: str) -> list[str]:
        found = [] if self._line(row, owner, service) else ["line"]
        back = _month_index(self.month) - _month_index(str(row["past_month"]))
        found += [] if 1 <= back <= 36 else ["past month"]
        return found + ([] if number(row.get("amount", "")) is not None else ["amount"])

    def _tariffs(self, row: dict[str, Any], owner: str, service: str) -> list[str]:
        found = [] if number(row["tariff"]) is not None else ["tariff"]
        house = str(row.get("house", ""))
        able = {code for member, code, code_service in self.truth.houses if (member, code_service) == (owner, service)}
        found += [] if (house in able if house else able) else ["house"]
        if _month_index(str(row["from_month"])) > _month_index(self.month) + 12:
            found.append("from")
        line_base = self.rules.service(service).base if service else ""
        return found + ([] if row["base"] == line_base else ["base"])

    def _meter_readings(self, row: dict[str, Any], owner: str, service: str) -> list[str]:
        line = self._line(row, owner, service)
        if line is None:
            return ["line"]
        last, current = line[1].get(str(row["meter"])), number(row["current"])
        if last is None or current is None:
            return ["meter"]
        return (["below"] if current < last else []) + ([] if day(row["taken_on"]) else ["day"])

    def _undelivered(self, row: dict[str, Any], owner: str, service: str) -> list[str]:
        first, last = day(row["from_date"]), day(row["to_date"])
        assert first and last
        found = [] if (last - first).days + 1 == number(row["days"]) and first.month == last.month else ["days"]
        if row.get("account"):
            return found + ([] if self._line(row, owner, service) else ["line"])
        return found + ([] if (owner, row["house"], service) in self.truth.houses else ["house"])
