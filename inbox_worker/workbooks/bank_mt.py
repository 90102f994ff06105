"""MT940 and MT950: statements of accounts as SWIFT lays them out, one or several in a file, in pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from inbox_worker.workbooks.statement_rows import CURRENCIES, TAKEN_BACK, Balance, Entry, StatementRows

_TAG = re.compile(r":(\d\d[A-Z]?):(.*)")
_ENVELOPE = re.compile(r"(?:\{[1235]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*(?:\{4:)?")
_LINE = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?(?P<mark>R?[CD])[A-Z]?(?P<sum>\d{1,15},\d{0,2})(?P<kind>[A-Z][A-Z0-9]{3})"
    r"(?P<own>.{0,16}?)(?://(?P<bank>.{0,16}))?(?:\n(?P<more>.{0,34}))?"
)
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})(?P<sum>\d{1,15},\d{0,2})")
_TOTAL = re.compile(r"\d{1,5}(?P<currency>[A-Z]{3})(?P<sum>\d{1,15},\d{0,2})")
_IBAN = re.compile(r"(?:(?P<bank>[A-Z]{6}[A-Z0-9]{2,5})[/ ])?(?P<iban>KZ\d\d[A-Z0-9]{16})(?:[/ ]?KZT)?")
_PART = re.compile(r"\?(\d\d)")
_PASSED = ("20", "21", "28", "28C", "64", "65", "13", "13D", "34F")  # they move nothing
_NO_REFERENCE = "NONREF"
_HALF_A_YEAR = 182


class _Field(NamedTuple):
    line: int
    tag: str
    text: str


@dataclass
class _Statement:
    """One page of an account's statement as it is read."""

    line: int = 0
    iban: str = ""
    bank: str = ""
    opening: re.Match[str] | None = None
    closing: re.Match[str] | None = None
    totals: dict[str, str] = field(default_factory=dict)
    about: bool = False  # a :86: that comes now describes the last line
    strange: bool = False  # its account is none of ours, which was told


def read_mt(data: bytes) -> StatementRows:
    """Return the lines and balances of a file; what is not understood is among its problems."""
    found, page = StatementRows(), _Statement()
    for one in _fields(_text(data), found):
        if one.tag in ("-", "20") and (page.iban or page.strange):
            _end(page, found)
            page = _Statement()
        if one.tag != "-":
            _take(one, page, found)
    if page.iban:
        _end(page, found)
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:  # in the other of the two, letters are signs
        return max((data.decode(encoding, "replace") for encoding in ("cp1251", "cp866")), key=_count_letters)


def _count_letters(text: str) -> int:
    return sum(sign > "\x7f" and sign.isalpha() for sign in text)


def _fields(text: str, found: StatementRows) -> Iterator[_Field]:
    """Yield fields with the lines that continue them, and `-` at the end of a message."""
    tag, line, lines = "", 0, list[str]()
    for number, written in enumerate(text.splitlines(), 1):
        row = _ENVELOPE.sub("", written.rstrip(), count=1) if written.startswith("{") else written.rstrip()
        start, ends = _TAG.fullmatch(row), row in ("-", "-}") or row.startswith("-}{5:")
        if (start or ends) and tag:
            yield _Field(line, tag, "\n".join(lines))
            tag = ""
        if start:
            tag, line, lines = start[1], number, [start[2]]
        elif ends:
            yield _Field(number, "-", "")
        elif tag and row:
            lines.append(row)
        elif row:
            found.tell(number, "statement.line", row)
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]", row):
            found.tell(number, "statement.line", row)
    if tag:
        yield _Field(line, tag, "\n".join(lines))


def _take(one: _Field, page: _Statement, found: StatementRows) -> None:
    """Read one field into the page or its lines."""
    page.line = page.line or one.line
    if one.tag == "25":
        account = _IBAN.fullmatch(one.text.strip().upper())
        if account is None:
            page.strange = True
            found.tell(one.line, "statement.account", one.text)
        else:
            page.iban, page.bank = account["iban"], account["bank"] or ""
    elif one.tag in ("60F", "60M", "62F", "62M"):
        _take_balance(one, page, found)
    elif one.tag in ("90D", "90C"):
        total = _TOTAL.fullmatch(one.text.strip())
        if total is None:
            found.tell(one.line, "statement.line", one.text)
        else:
            page.totals[one.tag] = found.sum(total["sum"], one.line)
    elif one.tag == "61":
        page.about = _take_line(one, page, found)
    elif one.tag == "86":
        if page.about:
            found.entries[-1] = _describe(found.entries[-1], one.text)
    elif one.tag not in _PASSED:
        found.tell(one.line, "statement.line", f":{one.tag}:{one.text}")
    page.about = page.about and one.tag == "61"


def _take_balance(one: _Field, page: _Statement, found: StatementRows) -> None:
    balance = _BALANCE.fullmatch(one.text.strip())
    which = "opening" if one.tag.startswith("60") else "closing"
    if balance is None or getattr(page, which) is not None:
        found.tell(one.line, "statement.line", one.text)
        return
    setattr(page, which, balance)
    if balance["currency"] not in CURRENCIES and "statement.currency" not in {one.code for one in found.problems}:
        found.tell(one.line, "statement.currency", balance["currency"])


def _take_line(one: _Field, page: _Statement, found: StatementRows) -> bool:
    """Add a line: RC takes a credit back, so it is a debit; RD is a credit. Return whether it was added. The bank's own
    reference tells a line from others, so that which we gave a debit (`IW-9`) stands in its purpose."""
    if page.strange:
        return False
    line = _LINE.fullmatch(one.text)
    if line is None or not page.iban or page.closing is not None:
        found.tell(one.line, "statement.line", one.text)
        return False
    credit = line["mark"] in ("C", "RD")
    amount = found.sum(line["sum"], one.line)
    references = [text.strip() for text in (line["bank"] or "", line["own"])]
    reference, *ours = [*(text for text in references if text not in ("", _NO_REFERENCE)), ""][:2]
    purpose = " ".join(filter(None, (*([] if credit else ours), (line["more"] or "").strip())))
    return found.add(
        Entry(
            one.line, page.iban, _day(line, one.line, found), reference,
            "" if credit else amount, amount if credit else "", "", "", "", purpose, page.bank,
            TAKEN_BACK if line["mark"].startswith("R") else "",
        )
    )  # fmt: skip


def _day(line: re.Match[str], number: int, found: StatementRows) -> str:
    """Return the day a line was booked; its year is the one nearest to the value's."""
    value = found.day(line["value"], number)
    if not value or not line["booked"]:
        return value
    wanted = date(int(value[6:]), int(value[3:5]), int(value[:2]))
    days = []
    for year in (wanted.year - 1, wanted.year, wanted.year + 1):
        try:
            days.append(date(year, int(line["booked"][:2]), int(line["booked"][2:])))
        except ValueError:
            continue
    near = min(days, key=lambda day: abs((day - wanted).days), default=None)
    if near is None or abs((near - wanted).days) > _HALF_A_YEAR:
        found.tell(number, "statement.line", line["booked"])
        return ""
    return f"{near:%d.%m.%Y}"


def _describe(entry: Entry, text: str) -> Entry:
    """Return a line with what its field 86 says: payer and purpose in numbered parts, or all of it as the purpose."""
    parts = _PART.split(text.replace("\n", ""))
    if len(parts) < 3:
        return entry._replace(purpose=" ".join(f"{entry.purpose} {text}".split()))
    of = {number: part.strip() for number, part in zip(parts[1::2], parts[2::2], strict=True)}
    said = "".join(part for number, part in of.items() if "20" <= number <= "29" or "60" <= number <= "63")
    purpose = f"{entry.purpose} {said}".strip()
    payer = "".join(of.get(number, "") for number in ("32", "33"))
    return entry._replace(purpose=purpose, payer=payer, payer_account=of.get("31", ""))


def _end(page: _Statement, found: StatementRows) -> None:
    """Add the balances of a page; one that lacks either, or closes before it opens, refuses the file."""
    if page.strange:
        return
    if page.opening is None or page.closing is None:
        found.tell(page.line, "statement.no_balances", page.iban)
        return
    if page.closing["day"] < page.opening["day"]:
        found.tell(page.line, "statement.line", page.closing[0])
    sums = [_with_sign(one, found.sum(one["sum"], page.line)) for one in (page.opening, page.closing)]
    totals = (page.totals.get("90D", ""), page.totals.get("90C", ""))
    found.balances.append(Balance(page.line, page.iban, "", "", sums[0], sums[1], *totals))


def _with_sign(balance: re.Match[str], amount: str) -> str:
    return f"{-Decimal(amount):.2f}" if balance["mark"] == "D" else amount
