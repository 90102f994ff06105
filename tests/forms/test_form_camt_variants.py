"""4.1.7: camt.053 and camt.054 in the ways that the schemas of ISO 20022 allow: read as they are meant, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from inbox_worker.core.model import FormTable
from tests.support import bank_statements
from tests.support.bank_statements import CODE, IBAN, LINES, another_account, camt053, camt054

Read = Callable[..., Any]
XSD = Path(bank_statements.__file__).parent / "xsd"
FIFTH = date(2026, 9, 5)


@cache
def schema(name: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD / f"{name}.xsd")


def wrong_by_schema(data: bytes) -> list[str]:
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8").partition("?>\n")[2]
    found = re.search(r"camt\.05[34]\.001\.\d\d", text)
    assert found is not None
    return [str(error.reason) for error in schema(found[0]).iter_errors(text)]


def entry(
    details: str = "", side: str = "CRDT", amount: str = "5.00", *, flag: str = "", status: str = "<Cd>BOOK</Cd>",
    day: str = "<Dt>2026-09-05</Dt>", reference: str = "<AcctSvcrRef>B1</AcctSvcrRef>",
) -> str:  # fmt: skip
    return (
        f'<Ntry><Amt Ccy="KZT">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{flag}<Sts>{status}</Sts>'
        f"<BookgDt>{day}</BookgDt>{reference}{CODE}{details}</Ntry>"
    )


def payments(*each: str) -> str:
    return f"<NtryDtls>{''.join(f'<TxDtls>{one}</TxDtls>' for one in each)}</NtryDtls>"


def paid(number: str, amount: str = "", side: str = "", currency: str = "KZT") -> str:
    money = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    return f"<Refs><EndToEndId>{number}</EndToEndId></Refs>{money}" + (f"<CdtDbtInd>{side}</CdtDbtInd>" if side else "")


def lines(table: FormTable) -> list[tuple[object, ...]]:
    """Day, reference, debit, credit, whether it takes another back."""
    names = ("day", "reference", "debit", "credit", "reversal")
    return [tuple(row[name] for name in names) for row in table.rows.to_pylist()]


def codes(table: FormTable) -> list[str]:
    return [finding.code for finding in table.findings]


FIVE = (FIFTH, "B1", None, D("5.00"), None)
READ_AS = {
    "a batch of which only the number is told": (
        entry("<NtryDtls><Btch><NbOfTxs>500</NbOfTxs></Btch></NtryDtls>"), "105.00", [FIVE],
    ),
    "payments without sums are one line": (entry(payments(paid("E1"), paid("E2"))), "105.00", [FIVE]),
    "a batch in several parts": (
        entry(payments(paid("E1", "2.00")) + payments(paid("E2", "3.00"))), "105.00",
        [(FIFTH, "E1", None, D("2.00"), None), (FIFTH, "E2", None, D("3.00"), None)],
    ),
    "a batch of both sides": (
        entry(payments(paid("E1", "8.00", "CRDT"), paid("E2", "3.00", "DBIT"))), "105.00",
        [(FIFTH, "E1", None, D("8.00"), None), (FIFTH, "E2", D("3.00"), None, None)],
    ),
    "a payment in another currency is counted in the account's": (
        entry(payments('<AmtDtls><TxAmt><Amt Ccy="USD">0.01</Amt></TxAmt></AmtDtls>')), "105.00", [FIVE],
    ),
    "a moment in another time zone is our day": (
        entry(day="<DtTm>2026-09-05T20:00:00Z</DtTm>"), "105.00", [(date(2026, 9, 6), "B1", None, D("5.00"), None)],
    ),
    "two lines without a reference": (
        entry(reference="") * 2, "110.00", [(FIFTH, "—", None, D("5.00"), None)] * 2,
    ),
    "a credit taken back is a debit": (
        entry(side="DBIT", flag="<RvslInd>1</RvslInd>"), "95.00", [(FIFTH, "B1", D("5.00"), None, True)],
    ),
    "a payment that came back by its reason": (
        entry(payments(paid("IW-1") + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")), "105.00",
        [(FIFTH, "IW-1", None, D("5.00"), True)],
    ),
    "a day without lines": ("", "100.00", []),
}  # fmt: skip


@pytest.mark.parametrize("what", READ_AS)
def test_what_the_schema_allows_is_read_as_it_is_meant(what: str, read: Read) -> None:
    entries, closing, expected = READ_AS[what]
    data = camt053(entries, closing)
    assert wrong_by_schema(data) == []
    table = read(data, "a.xml")
    assert codes(table) == [] and lines(table) == expected


def of_version_2(text: str) -> str:
    for new, old in (
        ("053.001.08", "053.001.02"), ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>"), ("BICFI", "BIC"),
        ("<Pty><Nm>", "<Nm>"), ("</Nm></Pty>", "</Nm>"),
        ("<Id>1</Id><Acct>", "<Id>1</Id><CreDtTm>2026-09-07T08:00:00</CreDtTm><Acct>"),
    ):  # fmt: skip
        text = text.replace(new, old)
    return text


def with_prefix(text: str) -> str:
    head, _, body = text.partition("?>\n")
    named = re.sub(r"<(/?)(?=\w)", r"<\1c:", body).replace("Document xmlns=", "Document xmlns:c=")
    return f"{head}?>\n{named}"


def in_envelope(text: str) -> str:
    head, _, body = text.partition("?>\n")
    inner = '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><BizMsgIdr>1</BizMsgIdr></AppHdr>'
    return f'{head}?>\n<BizMsgEnvlp xmlns="urn:swift:xsd:envelope">{inner}{body}</BizMsgEnvlp>'


@pytest.mark.parametrize(
    ("change", "encoding"),
    [(of_version_2, "utf-8"), (with_prefix, "utf-8"), (str, "utf-16"), (in_envelope, "utf-8")],
    ids=["001.02", "prefix", "utf-16", "envelope"],
)
def test_the_same_statement_in_other_clothes_is_the_same(
    change: Callable[[str], str], encoding: str, read: Read
) -> None:
    plain = camt053(more=another_account())
    data = change(plain.decode().replace("UTF-8", encoding.upper())).encode(encoding)
    assert change is in_envelope or wrong_by_schema(data) == []
    assert lines(read(data, "a.xml")) == lines(read(plain, "a.xml")) and codes(read(data, "a.xml")) == []


def test_our_samples_are_what_the_schemas_say(read: Read) -> None:
    for data in (camt053(), camt053(more=another_account()), camt054()):
        assert wrong_by_schema(data) == []


@pytest.mark.parametrize(
    ("entries", "closing", "expected"),
    [
        (entry(payments(paid("E1", "8.00", "CRDT"), paid("E2", "2.00", "DBIT"))), "105.00", "statement.batch_differs"),
        (entry(payments(paid("E1", "2.00"), paid("E2", "3.00", currency="USD"))), "105.00", "statement.currency"),
        (entry(status="<Prtry>BOOKED</Prtry>"), "105.00", "statement.not_booked"),
        (entry(status="<Cd>INFO</Cd>"), "100.00", "statement.not_booked"),
        (entry(amount="5.00").replace("KZT", "USD"), "105.00", "statement.currency"),
    ],
)
def test_what_cannot_be_meant_is_told(entries: str, closing: str, expected: str, read: Read) -> None:
    data = camt053(entries, closing)
    assert wrong_by_schema(data) == [] and expected in codes(read(data, "a.xml"))


def test_each_account_is_proven_by_its_own_balances(read: Read) -> None:
    """A sum that one account lacks and another has too much is refused, though both together agree."""
    data = camt053(more=another_account()).decode()
    moved = data.replace(">6338.00<", ">6339.00<").replace(
        ">1.00</Amt>\n<CdtDbtInd>CRDT</CdtDbtInd><Dt>", ">0.00</Amt>\n<CdtDbtInd>CRDT</CdtDbtInd><Dt>"
    )
    assert moved.count(">6339.00<") == 1 and moved.count(">0.00<") == 2
    table = read(moved.encode(), "a.xml")
    assert codes(table) == ["statement.balance_differs"] * 2
    assert {row["iban"] for row in table.rows.to_pylist()} >= {IBAN} and len(table.rows) == len(LINES) + 1
