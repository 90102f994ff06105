"""ISO 20022 camt.053 (statements of accounts) and camt.054 (notices of their lines), several accounts in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from inbox_worker.core.text import write_latin
from inbox_worker.core.time import to_almaty
from inbox_worker.workbooks.statement_rows import CURRENCIES, TAKEN_BACK, Balance, Entry, StatementRows

_KINDS = {"camt.053": "BkToCstmrStmt/Stmt", "camt.054": "BkToCstmrDbtCdtNtfctn/Ntfctn"}
_OPENING, _CLOSING, _BETWEEN = ("OPBD", "PRCD"), "CLBD", "ITBD"
_NAME = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.\d\d\}Document")
_BOOKED = "BOOK"


def read_camt(data: bytes) -> StatementRows:
    """Return the lines and balances of a file; what is not understood is among its problems."""
    found = StatementRows()
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        found.tell(1, "statement.damaged")
        return found
    messages = [one for one in (root, *root) if _NAME.fullmatch(one.tag)]  # SWIFT puts it in an envelope
    if not messages:
        found.tell(1, "statement.damaged")
        return found
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    accounts = [(one, kind) for message in messages for kind in _KINDS for one in message.findall(_KINDS[kind])]
    for number, (statement, kind) in enumerate(accounts, 1):
        _Account(found, statement, number, balances=kind == "camt.053").read()
    return found


class _Account:
    """One account's statement or notice. XML has no lines for people: entries are counted through the file."""

    def __init__(self, found: StatementRows, statement: Element, number: int, *, balances: bool) -> None:
        self._found, self._statement, self._number, self._balances = found, statement, number, balances
        self._iban = write_latin(_text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id"))
        agent = "Acct/Svcr/FinInstnId"
        self._bank = _text(statement, f"{agent}/BICFI") or _text(statement, f"{agent}/BIC")

    def read(self) -> None:
        """Add its lines and balances."""
        for entry in self._statement.findall("Ntry"):
            self._add(entry, len(self._found.entries) + 1)
        sums = {}
        for name in ("TtlDbtNtries", "TtlCdtNtries"):
            stated = _text(self._statement, f"TxsSummry/{name}/Sum")
            sums[name] = self._found.sum(stated, self._number) if stated else ""
        opening, closing = self._read_balances()
        stated_both = bool(sums["TtlDbtNtries"] or sums["TtlCdtNtries"])
        if self._balances and not (opening and closing) or not self._balances and not stated_both:
            self._found.tell(self._number, "statement.no_balances", self._iban)
            return
        self._found.balances.append(
            Balance(
                self._number, self._iban, "", "", opening, closing,
                sums["TtlDbtNtries"] or ("" if self._balances else "0.00"),
                sums["TtlCdtNtries"] or ("" if self._balances else "0.00"),
            )
        )  # fmt: skip

    def _read_balances(self) -> tuple[str, str]:
        """Return the booked balances at both ends. Where an end is not there, in the pages of a longer statement, an
        interim balance stands for it: the first for the opening, the last for the closing."""
        known: dict[str, list[str]] = {}
        for balance in self._statement.findall("Bal"):
            amount = self._amount(balance)
            signed = f"{-Decimal(amount):.2f}" if amount and _text(balance, "CdtDbtInd") == "DBIT" else amount
            known.setdefault(_text(balance, "Tp/CdOrPrtry/Cd"), []).append(signed)
        for code in (*_OPENING, _CLOSING):
            if len(set(known.get(code, ()))) > 1:
                self._found.tell(self._number, "statement.line", f"{code} {known[code][1]}")
        openings = next((known[code] for code in _OPENING if code in known), known.get(_BETWEEN, [""]))
        return openings[0], known.get(_CLOSING, known.get(_BETWEEN, [""]))[-1]

    def _add(self, entry: Element, line: int) -> None:
        """Add an entry, a batch as the payments that it tells of, each on its own side. The sign is the entry's own:
        the reversal of a debit is a credit."""
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts/Prtry") or _text(entry, "Sts")
        if status != _BOOKED:
            self._found.tell(line, "statement.not_booked", status)
            return
        whole = self._amount(entry)
        details = entry.findall("NtryDtls/TxDtls")
        if len(details) == 1:  # the entry's sum is what moved the account; the payment's may be in another currency
            self._append(entry, details[0], whole)
            return
        amounts = [self._amount(one) or self._amount_within(one) for one in details]
        if details and all(amounts):
            if _sum_batch(entry, details, amounts) != Decimal(whole or 0):
                self._found.tell(line, "statement.batch_differs", whole)
            for one, amount in zip(details, amounts, strict=True):
                self._append(entry, one, amount)
        else:
            self._append(entry, None, whole)

    def _append(self, entry: Element, one: Element | None, amount: str) -> None:
        line = len(self._found.entries) + 1
        side = _side(entry, one)
        if side not in ("CRDT", "DBIT"):
            self._found.tell(line, "statement.line", side or "CdtDbtInd")
            return
        credit = side == "CRDT"
        role = "Dbtr" if credit else "Cdtr"
        parties = one.find("RltdPties") if one is not None else None
        self._found.add(
            Entry(
                line, self._iban, self._day(entry, "BookgDt") or self._day(entry, "ValDt"), _reference(entry, one),
                "" if credit else amount, amount if credit else "",
                _text(parties, f"{role}/Nm") or _text(parties, f"{role}/Pty/Nm"), _identity(parties, role),
                _text(parties, f"{role}Acct/Id/IBAN") or _text(parties, f"{role}Acct/Id/Othr/Id"),
                _purpose(entry, one), self._bank, TAKEN_BACK if _is_reversal(entry, one) else "",
            )
        )  # fmt: skip

    def _amount(self, element: Element) -> str:
        """Return the sum of an element in tenge, '' where it has none."""
        amount = element.find("Amt")
        return self._sum(amount) if amount is not None else ""

    def _amount_within(self, element: Element) -> str:
        amount = element.find("AmtDtls/TxAmt/Amt")
        return self._sum(amount) if amount is not None else ""

    def _sum(self, amount: Element) -> str:
        line = len(self._found.entries) + 1
        if amount.get("Ccy", "") not in CURRENCIES[1:]:
            self._found.tell(line, "statement.currency", amount.get("Ccy", ""))
        return self._found.sum(amount.text or "", line)

    def _day(self, element: Element, name: str) -> str:
        text = _text(element, f"{name}/Dt") or _day_of(_text(element, f"{name}/DtTm"))
        return self._found.day(text, len(self._found.entries) + 1) if text else ""


def _side(entry: Element, one: Element | None) -> str:
    """Return the side of a payment; where it names none, its entry's. A single payment's is its entry's."""
    own = _text(one, "CdtDbtInd") if len(entry.findall("NtryDtls/TxDtls")) > 1 else ""
    return own or _text(entry, "CdtDbtInd")


def _sum_batch(entry: Element, details: Sequence[Element], amounts: Sequence[str]) -> Decimal:
    """Return what the payments of a batch add up to, those of the other side taken off."""
    side = _text(entry, "CdtDbtInd")
    signs = [1 if _side(entry, one) == side else -1 for one in details]
    return sum((sign * Decimal(amount) for sign, amount in zip(signs, amounts, strict=True)), Decimal(0))


def _day_of(moment: str) -> str:
    """Return the day of a moment here, where it names its time zone; else the day that is written."""
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment[:10]
    return f"{to_almaty(when) if when.tzinfo else when:%Y-%m-%d}"


def _text(element: Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""


def _reference(entry: Element, one: Element | None) -> str:
    """Return what the bank knows a payment by; of a batch's payments, each its own."""
    names = ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId")
    own = next((text for name in names if (text := _text(one, name)) and text != "NOTPROVIDED"), "")
    return own or _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")


def _identity(parties: Element | None, role: str) -> str:
    if parties is None:
        return ""
    return next(_identities(parties, role), "")


def _identities(parties: Element, role: str) -> Iterator[str]:
    for party in (role, f"{role}/Pty"):
        for kind in ("OrgId", "PrvtId"):
            if text := _text(parties, f"{party}/Id/{kind}/Othr/Id"):
                yield text


def _is_reversal(entry: Element, one: Element | None) -> bool:
    """Return whether a line takes an earlier one back: the entry says so, or its payment has a reason of return."""
    returned = one is not None and one.find("RtrInf") is not None
    return returned or _text(entry, "RvslInd") in ("true", "1")


def _purpose(entry: Element, one: Element | None) -> str:
    """Return the words of a payment; of a returned one its reason and the number that its payer gave it, too."""
    texts = [text.text or "" for text in one.findall("RmtInf/Ustrd")] if one is not None else []
    written = " ".join(" ".join(texts).split()) or _text(one, "AddtlTxInf") or _text(entry, "AddtlNtryInf")
    number = _text(one, "Refs/EndToEndId").replace("NOTPROVIDED", "")
    reasons = [_text(one, f"RtrInf/{path}") for path in ("Rsn/Cd", "Rsn/Prtry", "AddtlInf")]
    if any(reasons) or _text(entry, "CdtDbtInd") == "DBIT" or _text(entry, "RvslInd") in ("true", "1"):
        return " ".join(filter(None, (*reasons, written, number if number not in written else "")))
    return written
