"""Payment orders as programs of banks read them: 1CClientBankExchange by a template, ISO 20022 pain.001 of the
version that the bank takes (4.1.7).

The same orders give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.core.text import one_line
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.transfers import PaymentOrder
from inbox_worker.settings.rules import Rules

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_OLD = "pain.001.001.03"  # it names a bank, and the day of payment, in its own way
_LONGEST_NAME, _LONGEST_TEXT = 140, 140


@dataclass(frozen=True)
class OrderBatch:
    """The orders of one file, paid from one account of one bank; never none. `banks`: names by БИК."""

    orders: Sequence[PaymentOrder]
    operator: Operator
    banks: dict[str, str]

    @property
    def first(self) -> PaymentOrder:
        return self.orders[0]

    @property
    def payer_bic(self) -> str:
        """Return the bank of the account that pays."""
        own = self.first.payer_iban == self.operator.iban
        return self.operator.bic if own else self.first.bank

    @property
    def total(self) -> Decimal:
        return sum((order.amount for order in self.orders), Decimal("0.00"))

    @property
    def month(self) -> Period:
        """Return the month in which it was made."""
        return Period.of(to_almaty(self.first.made_at).date())

    @property
    def stem(self) -> str:
        """Return the name of its files without their ending; the batch's number is in no other."""
        day = to_almaty(self.first.made_at).date()
        return f"payment_orders-{self.first.bank}-{day.isoformat()}-{self.first.batch}"


def write_1c(batch: OrderBatch, template: str, rules: Rules) -> bytes:
    """Return the orders in 1C's format, cp1251, by a template of three parts divided by lines of `===`.

    What somebody wrote stays on its line: it cannot begin a key of its own.
    """
    made, payer = to_almaty(batch.first.made_at), batch.operator
    common = {
        "made_day": f"{made:%d.%m.%Y}", "made_time": f"{made:%H:%M:%S}", "payer_iban": batch.first.payer_iban,
        "payer_name": payer.name, "payer_bin": payer.bin, "payer_kbe": payer.kbe, "payer_bic": batch.payer_bic,
        "payer_bank": batch.banks.get(batch.payer_bic, batch.payer_bic),
    }  # fmt: skip
    each = list[dict[str, str]]()
    for order in batch.orders:
        own = {name: one_line(str(value)) for name, value in vars(order).items()}
        bank = batch.banks.get(order.bic, order.bic)
        each.append({**own, "bin": order.customer, "bank": one_line(bank)})
    return fill_parts(template, common, each, rules.orders.letters)


def fill_parts(
    template: str, common: Mapping[str, str], each: Sequence[Mapping[str, str]], letters: Mapping[str, str]
) -> bytes:
    """Return a text in cp1251 out of a template of three parts divided by lines of `===`: head, each document, foot."""
    head, document, foot = (part.strip("\r\n") for part in template.replace("\r\n", "\n").split("\n===\n"))
    parts = [head.format_map(common), *(document.format_map({**common, **own}) for own in each), foot]
    return spell_for("cp1251", "\r\n".join([*"\n".join(parts).split("\n"), ""]), letters)


def spell_for(encoding: str, text: str, letters: Mapping[str, str]) -> bytes:
    """Return a text in an encoding: of what it does not have the letters that stand for it, or else `?`."""
    lacking = {letter for letter in set(text) if not letter.encode(encoding, "ignore")}
    return text.translate({ord(letter): letters.get(letter, "?") for letter in lacking}).encode(encoding, "replace")


def write_pain(batch: OrderBatch, version: str, rules: Rules) -> bytes:
    """Return the orders as pain.001 of a version, such as `pain.001.001.09`: one payment information, as many credit
    transfers as there are orders."""
    made, stem = to_almaty(batch.first.made_at), f"IW-{batch.first.bank}-{batch.first.batch}"
    root, old = ElementTree.Element("Document", {"xmlns": _NAMESPACE + version}), version == _OLD
    message = _add(root, "CstmrCdtTrfInitn")
    head = _add(message, "GrpHdr")
    _add(head, "MsgId", stem)
    _add(head, "CreDtTm", made.isoformat(timespec="seconds"))
    counts = {"NbOfTxs": str(len(batch.orders)), "CtrlSum": f"{batch.total:.2f}"}
    for name, value in counts.items():
        _add(head, name, value)
    _add_party(_add(head, "InitgPty"), batch.operator.name, batch.operator.bin)
    payment = _add(message, "PmtInf")
    _add(payment, "PmtInfId", stem)
    _add(payment, "PmtMtd", "TRF")
    for name, value in counts.items():
        _add(payment, name, value)
    day = _add(payment, "ReqdExctnDt", made.date().isoformat() if old else "")
    if not old:
        _add(day, "Dt", made.date().isoformat())
    _add_party(_add(payment, "Dbtr"), batch.operator.name, batch.operator.bin)
    _add_account(payment, "DbtrAcct", batch.first.payer_iban)
    bank = "BIC" if old else "BICFI"
    _add_agent(payment, "DbtrAgt", bank, batch.payer_bic)
    for order in batch.orders:
        _add_transfer(payment, order, bank, batch.operator.kbe, rules.orders.pain_codes)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_transfer(payment: ElementTree.Element, order: PaymentOrder, bank: str, payer_code: str, codes_in: str) -> None:
    transfer = _add(payment, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", f"IW-{order.number}")
    amount = _add(_add(transfer, "Amt"), "InstdAmt", f"{order.amount:.2f}")
    amount.set("Ccy", "KZT")
    _add_agent(transfer, "CdtrAgt", bank, order.bic)
    _add_party(_add(transfer, "Cdtr"), order.name, order.customer)
    _add_account(transfer, "CdtrAcct", order.iban)
    codes, words = f"/KOD/{payer_code}/KBE/{order.kbe}/KNP/{order.knp}", one_line(order.purpose)
    if codes_in == "purpose":
        _add(_add(transfer, "Purp"), "Prtry", order.knp)
    elif codes_in == "regulatory":
        details = _add(_add(transfer, "RgltryRptg"), "Dtls")
        _add(details, "Cd", order.knp)
        _add(details, "Inf", codes)
    else:
        words = f"{codes}/ {words}"
    _add(_add(transfer, "RmtInf"), "Ustrd", words[:_LONGEST_TEXT])


def _add(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = text or None
    return child


def _add_party(party: ElementTree.Element, name: str, bin_: str) -> None:
    _add(party, "Nm", one_line(name)[:_LONGEST_NAME])
    _add(_add(_add(_add(party, "Id"), "OrgId"), "Othr"), "Id", bin_)


def _add_account(parent: ElementTree.Element, name: str, iban: str) -> None:
    _add(_add(_add(parent, name), "Id"), "IBAN", iban)


def _add_agent(parent: ElementTree.Element, name: str, bank: str, bic: str) -> None:
    _add(_add(_add(parent, name), "FinInstnId"), bank, bic)
