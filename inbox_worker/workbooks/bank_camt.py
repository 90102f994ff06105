"""ISO 20022 camt.053 (statements of accounts) and camt.054 (notices of their lines), several accounts in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from inbox_worker.workbooks.statement_rows import CURRENCIES, TAKEN_BACK, Balance, Entry, StatementRows

_KINDS = {"camt.053": "BkToCstmrStmt/Stmt", "camt.054": "BkToCstmrDbtCdtNtfctn/Ntfctn"}
_OPENING, _CLOSING, _BETWEEN = ("OPBD", "PRCD"), "CLBD", "ITBD"
_NAME = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:(camt\.05[34])\.001\.\d\d\}Document")
_BOOKED = "BOOK"


def read_camt(data: bytes) -> StatementRows:
    """Return the lines and balances of a file; what is not understood is among its problems."""
    found = StatementRows()
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        found.tell(1, "statement.damaged")
        return found
    kind = _NAME.fullmatch(root.tag)
    if kind is None:
        found.tell(1, "statement.damaged")
        return found
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for number, statement in enumerate(root.findall(_KINDS[kind[1]]), 1):
        _Account(found, statement, number, balances=kind[1] == "camt.053").read()
    return found


class _Account:
    """One account's statement or notice. XML has no lines for people: entries are counted through the file."""

    def __init__(self, found: StatementRows, statement: Element, number: int, *, balances: bool) -> None:
        self._found, self._statement, self._number, self._balances = found, statement, number, balances
        self._iban = _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")
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
        """Add an entry, a batch as the payments that it tells of. The sign is the entry's own: the reversal of a debit
        is a credit."""
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status != _BOOKED:
            self._found.tell(line, "statement.not_booked", status)
            return
        whole = self._amount(entry)
        details = entry.findall("NtryDtls/TxDtls")
        amounts = [self._amount(one) or self._amount_within(one) for one in details]
        if len(details) > 1 and all(amounts):
            if sum(map(Decimal, amounts)) != Decimal(whole or 0):
                self._found.tell(line, "statement.batch_differs", whole)
            for one, amount in zip(details, amounts, strict=True):
                self._append(entry, one, amount)
        else:
            self._append(entry, details[0] if len(details) == 1 else None, whole)

    def _append(self, entry: Element, one: Element | None, amount: str) -> None:
        line = len(self._found.entries) + 1
        side = _text(entry, "CdtDbtInd")
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
        text = _text(element, f"{name}/Dt") or _text(element, f"{name}/DtTm")[:10]
        return self._found.day(text, len(self._found.entries) + 1) if text else ""


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
