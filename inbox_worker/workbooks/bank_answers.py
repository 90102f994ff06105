"""Answers of banks to payment orders: ISO 20022 pain.002, SWIFT acknowledgements and answers (МТ n96) (4.1.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from inbox_worker.workbooks.cell_values import SheetCells
from inbox_worker.workbooks.sniff import as_text
from inbox_worker.workbooks.statement_rows import CURRENCIES, PROBLEMS, UnreadPlace

ANSWERS = "answers"
_PAIN = re.compile(rb"tech:xsd:pain\.002\.")
_NAME = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.\d\d\}Document")
_SWIFT = re.compile(rb"\s*(\{1:F21|\{1:F01[^{}]*\}\s*\{2:[IO][1-9]9[56])")
_ORDER, _FILE = re.compile(r"IW-(\d+)"), re.compile(r"IW-[A-Z0-9]+-(\d+)")
_MESSAGE = re.compile(r"IW(\d+)-(\d+)")
_TAG = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
_PARTLY = ("PART", "")  # such a status says nothing of what it does not name


class BankAnswer(NamedTuple):
    """An answer. `scope`: order, message or file; `number`: of the order, or of the first order there; `many`: how
    many orders a message has; `answer`: the code as the bank wrote it."""

    line: int
    scope: str
    number: str
    many: str
    answer: str
    reason: str
    amount: str
    bank: str


@dataclass
class BankAnswers:
    """The answers of a file as they are found, and what could not be understood."""

    answers: list[BankAnswer] = field(default_factory=list)
    problems: list[UnreadPlace] = field(default_factory=list)

    def tell(self, code: str, text: str = "") -> None:
        """Keep what could not be understood."""
        self.problems.append(UnreadPlace(len(self.answers) + 1, code, " ".join(text.split())[:200]))

    def add(self, pattern: re.Pattern[str], reference: str, answer: str, reason: str, amount: str = "") -> None:
        """Add an answer to what our own reference names; another's reference is a problem."""
        ours = pattern.fullmatch(reference)
        if ours is None:
            self.tell("answer.not_ours", reference or "—")
            return
        scope = {_ORDER: "order", _FILE: "file", _MESSAGE: "message"}[pattern]
        count = ours[2] if pattern is _MESSAGE else ""
        self.answers.append(
            BankAnswer(len(self.answers) + 1, scope, ours[1], count, answer, " ".join(reason.split()), amount, "")
        )

    def sheets(self) -> Iterator[SheetCells]:
        """Yield answers and problems as sheets of texts."""
        found: tuple[tuple[str, Sequence[tuple[object, ...]]], ...] = (
            (ANSWERS, self.answers),
            (PROBLEMS, self.problems),
        )
        for index, (name, rows) in enumerate(found):
            place = {"sheet": index, "name": name, "hidden": False, "very_hidden": False, "row": 1}
            yield SheetCells(place, [list(map(str, row)) for row in rows])


def is_answer(data: bytes) -> bool:
    """Return whether a file of a bank answers orders."""
    return _PAIN.search(as_text(data[:4096]) or b"") is not None or _SWIFT.match(data) is not None


def read_answers(data: bytes) -> BankAnswers:
    """Return the answers of a file; one without any is a problem, too."""
    found = BankAnswers()
    if _SWIFT.match(data):
        _read_swift(data.decode("latin-1"), found)
    else:
        _read_pain(data, found)
    if not (found.answers or found.problems):
        found.tell("answer.none")
    return found


def _read_pain(data: bytes, found: BankAnswers) -> None:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        found.tell("answer.damaged")
        return
    document = next((one for one in (root, *root) if _NAME.fullmatch(one.tag)), None)  # SWIFT puts it in an envelope
    if document is None:
        found.tell("answer.damaged")
        return
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for report in document.findall("CstmrPmtStsRpt"):
        _read_report(report, found)


def _read_report(report: Element, found: BankAnswers) -> None:
    """Add each payment's answer; of a group without any the group's own, for the whole file."""
    group = report.find("OrgnlGrpInfAndSts")
    message, status = _text(group, "OrgnlMsgId"), _text(group, "GrpSts")
    payments = report.findall("OrgnlPmtInfAndSts")
    for payment in payments:
        own = _text(payment, "PmtInfSts") or status
        each = payment.findall("TxInfAndSts")
        for one in each:
            amount = one.find("OrgnlTxRef/Amt/InstdAmt")
            if amount is not None and amount.get("Ccy", "") not in CURRENCIES[1:]:
                found.tell("statement.currency", amount.get("Ccy", ""))
            answer = _text(one, "TxSts") or own
            sum_ = (amount.text or "").strip() if amount is not None else ""
            found.add(_ORDER, _text(one, "OrgnlEndToEndId"), answer, _reason(one) or _reason(payment), sum_)
        if not each:
            _add_file(found, _text(payment, "OrgnlPmtInfId") or message, own, _reason(payment) or _reason(group))
    if not payments:
        _add_file(found, message, status, _reason(group))


def _add_file(found: BankAnswers, reference: str, status: str, reason: str) -> None:
    if status in _PARTLY:
        found.tell("answer.partly", status or "—")
    else:
        found.add(_FILE, reference, status, reason)


def _reason(element: Element | None) -> str:
    if element is None:
        return ""
    texts = [_text(one, name) for one in element.findall("StsRsnInf") for name in ("Rsn/Cd", "Rsn/Prtry", "AddtlInf")]
    return " ".join(filter(None, texts))


def _text(element: Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""


def _read_swift(text: str, found: BankAnswers) -> None:
    """Add an acknowledgement of the network, or the bank's answer about a message: field 21 names it, 76 answers."""
    if re.match(r"\s*\{1:F21", text):
        taken, error = re.search(r"\{451:([01])\}", text), re.search(r"\{405:([^{}]*)\}", text)
        reference = re.search(r"\{108:([^{}]*)\}", text) or re.search(r"^:20:([^\r\n]*)", text, re.MULTILINE)
        if taken is None:
            found.tell("answer.damaged")
            return
        code = "ACK" if taken[1] == "0" else "NAK"
        found.add(_MESSAGE, reference[1].strip() if reference else "", code, error[1] if error else "")
        return
    pieces = _TAG.split(text)
    fields = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    words = fields.get("76", fields.get("75", "")).partition("-}")[0]
    marked = re.match(r"\s*/(REJT|RJCT|CNCL|CANC)/", words)
    if marked is None:
        found.tell("answer.words", words or "—")
        return
    found.add(_MESSAGE, fields.get("21", "").strip(), "RJCT", words.replace("//", " "))
