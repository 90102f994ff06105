"""4.1.7: statements of an account in every format that banks give: the same lines, agreed with both balances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from inbox_worker.core.model import FormTable
from tests.support.bank_statements import (
    BIK,
    IBAN,
    LINES,
    OTHER,
    STATEMENTS,
    another_account,
    camt053,
    camt054,
    kaspi_book,
    mt940,
    of_kaspi,
)  # fmt: skip

Read = Callable[..., Any]


def lines(table: FormTable) -> list[tuple[object, ...]]:
    """Account, day, reference, debit, credit of each line."""
    return [(r["iban"], r["day"], r["reference"], r["debit"], r["credit"]) for r in table.rows.to_pylist()]


WANTED = [
    (IBAN, date(2026, 9, int(day[:2])), number, D(debit) if debit else None, D(credit) if credit else None)
    for day, number, debit, credit, *_ in LINES
]


@pytest.mark.parametrize("kind", STATEMENTS)
def test_the_same_lines_are_read_from_every_format(kind: str, read: Read) -> None:
    table = read(STATEMENTS[kind], "выписка")
    assert (table.form, table.findings) == ("bank_statement", ())
    assert lines(table) == WANTED
    assert table.control_sum == D("6238.00")
    rows = table.rows.to_pylist()
    assert [row["payer"] for row in rows] == [line[4] for line in LINES]
    assert [row["purpose"] for row in rows] == [line[6] for line in LINES]
    assert {row["bank"] for row in rows} == ({None} if kind == "mt940" else {BIK})
    assert [row["occurrence"] for row in rows] == [1, 1, 1]


def codes(table: FormTable) -> list[str]:
    return [finding.code for finding in table.findings]


def replaced(data: bytes, *pairs: tuple[str, str], encoding: str = "cp1251") -> bytes:
    text = data.decode(encoding)
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode(encoding)


@pytest.mark.parametrize(
    ("pair", "code", "line"),
    [
        (("КонецФайла", ""), "statement.cut", "68"),
        (("СуммаПриход=5000.00", "СуммаПриход=5OOO.00"), "statement.line", "23"),
        (("СуммаПриход=5000.00\r\n", ""), "statement.sides", "19"),
        (("СуммаПриход=5000.00", "СуммаПриход=5001.00"), "statement.balance_differs", ""),
        (("ВсегоСписано=12.50", "ВсегоСписано=12.60"), "statement.turnover_differs", ""),
        (("КонечныйОстаток=6338.00\r\n", ""), "statement.no_balances", "10"),
        (("Валюта=KZT", "Валюта=USD"), "statement.currency", "24"),
        (("Валюта=KZT", "Валютa=KZT"), "statement.key_unknown", "24"),
        (("КонецДокумента", ""), "statement.line", ""),
        (("ДатаОперации=05.09.2026", "ДатаОперации=31.09.2026"), "statement.line", "22"),
        ((f"ПолучательИИК={IBAN}", "ПолучательИИК=KZ248562203110182134"), "statement.other_account", "19"),
    ],
)
def test_a_1c_file_that_is_not_whole_is_refused_or_told_with_its_line(
    pair: tuple[str, str], code: str, line: str, read: Read
) -> None:
    found = read(replaced(STATEMENTS["1c_kaspi"], pair), "kl_to_1c.txt").findings
    assert code in [f.code for f in found if not line or f.cell == line], found


def test_a_1c_file_with_a_broken_letter_is_damaged(read: Read) -> None:
    data = STATEMENTS["1c_halyk"].replace("Яна".encode(), b"\xd0\xff", 1)
    assert codes(read(data, "a.txt")) == ["statement.damaged"]


@pytest.mark.parametrize("encoding", ["koi8-r", "mac-cyrillic", "iso8859-5"])
def test_a_whole_1c_file_in_another_encoding_names_it(encoding: str, read: Read) -> None:
    """4.1.7: such a file is not damaged: whoever exports it chooses another encoding."""
    text = STATEMENTS["1c_halyk"].decode("utf-8", "ignore").lstrip("\ufeff")
    found = read(text.encode(encoding, "replace"), "a.txt").findings
    assert [(f.code, f.value) for f in found] == [("statement.encoding", encoding)]


def test_a_1c_file_with_the_keys_of_the_standard_says_the_same(read: Read) -> None:
    """4.1.7: `Номер` and `Дата` of 1C's own description are the number and day of a line; nothing is told of them."""
    text = STATEMENTS["1c_kaspi"].decode("cp1251")
    for ours, theirs in (("НомерДокумента=", "Номер="), ("ДатаДокумента=", "Дата="), ("ДатаОперации=", "Дата=")):
        text = text.replace(ours, theirs)
    assert text.count("\nНомер=") == len(LINES)
    table = read(text.encode("cp1251"), "a.txt")
    assert (lines(table), table.findings) == (WANTED, ())


def test_a_1c_file_without_sums_of_sides_goes_by_the_accounts(read: Read) -> None:
    """Russian keys and one `Сумма`: whoever of the two has the statement's account says which side it is."""
    data = replaced(
        STATEMENTS["1c_kaspi"], ("СуммаПриход=5000.00", "Сумма=5000.00"), ("СуммаРасход=12.50", "Сумма=12.50"),
        ("ПлательщикИИК=", "ПлательщикСчет="), ("ПлательщикБИН_ИИН=", "ПлательщикИНН="),
    )  # fmt: skip
    table = read(data, "a.txt")
    assert (codes(table), lines(table)) == ([], WANTED)


def test_a_day_of_a_1c_file_whose_lines_stand_in_another_day_is_refused(read: Read) -> None:
    """Together the lines agree; each section says what its own day came to."""
    data = replaced(STATEMENTS["1c_halyk"], ("ДАТАОПЕРАЦИИ=06.09.2026", "ДАТАОПЕРАЦИИ=05.09.2026"), encoding="utf-8")
    assert codes(read(data, "a.txt")) == ["statement.balance_differs"] * 2


def test_days_that_do_not_follow_each_other_are_refused(read: Read) -> None:
    data = STATEMENTS["1c_halyk"].decode()
    data = data.replace("НАЧАЛЬНЫЙОСТАТОК=5087.50", "НАЧАЛЬНЫЙОСТАТОК=5000.00")
    assert "statement.balance_gap" in codes(read(data.encode(), "a.txt"))


def test_a_line_of_a_day_outside_the_statements_own_is_told(read: Read) -> None:
    """The file calls itself of the 5th, and one of its lines is of the 6th."""
    data = of_kaspi().decode("cp1251").replace("ДатаКонца=06.09.2026", "ДатаКонца=05.09.2026").encode("cp1251")
    found = read(data, "a.txt").findings
    assert [(f.code, f.value) for f in found] == [("statement.outside", f"{IBAN} 06.09.2026")]


def test_mt940_a_credit_taken_back_is_a_debit(read: Read) -> None:
    text = mt940("RC").decode().replace("62M:C260905KZT5087,50", "62M:D260905KZT4912,50")
    text = text.replace("60M:C260906KZT5087,50", "60M:D260906KZT4912,50").replace(
        "C260906KZT6338,00", "D260906KZT6163,00"
    )
    table = read(text.encode(), "a.sta")
    assert codes(table) == []
    assert [(row["debit"], row["credit"]) for row in table.rows.to_pylist()] == [
        (D("5000.00"), None), (D("12.50"), None), (D("1250.50"), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (":61:2609050905C5000,00", ":61:2609050905C5000.00", "statement.line"),
        (":61:2609050905C5000,00", ":61:2609050905C5001,00", "statement.balance_differs"),
        (":62F:C260906KZT6338,00\r\n", "", "statement.no_balances"),
        (":62F:C260906KZT6338,00", ":62F:C260906USD6338,00", "statement.currency"),
        (f":25:{IBAN}", ":25:12345", "statement.account"),
        (":61:2609060906C", ":6l:2609060906C", "statement.line"),
        (":28C:9/1", ":99Z:9/1", "statement.line"),
        (":60M:C260906KZT5087,50", ":60M:C260906KZT5088,50", "statement.balance_gap"),
        (
            ":60F:C260905KZT100,00",
            ":60F:C260905KZT100,00\r\n:90C:1KZT1,00\r\n:90D:1KZT12,50",
            "statement.turnover_differs",
        ),
    ],
)
def test_mt940_that_does_not_agree_is_refused(old: str, new: str, code: str, read: Read) -> None:
    text = mt940().decode()
    assert old in text
    if code == "statement.turnover_differs":
        new_last = ":62F:C260906KZT6338,00\r\n:90C:1KZT1250,50\r\n:90D:0KZT0,00"
        text = text.replace(":62F:C260906KZT6338,00", new_last)
    assert code in codes(read(text.replace(old, new, 1).encode(), "a.sta"))


def test_mt940_books_a_line_over_the_turn_of_the_year(read: Read) -> None:
    text = ":20:1\r\n:25:KCJBKZKX/" + IBAN + "KZT\r\n:28C:1\r\n:60F:C261231KZT0,00\r\n"
    text += ":61:2612310102C5,NMSCabc//77\r\nextra\r\n:86:за услуги\r\n:62F:C270102KZT5,00\r\n-}"
    table = read(b"{1:F01KCJBKZKXAXXX0000000000}{4:\r\n" + text.encode(), "a.sta")
    assert codes(table) == [] and lines(table) == [(IBAN, date(2027, 1, 2), "77", None, D("5.00"))]
    assert table.rows.to_pylist()[0]["purpose"] == "extra за услуги"


BATCH = """<Ntry><Amt Ccy="KZT">{whole}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>{back}</RvslInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2026-09-05T23:59:59+05:00</DtTm></BookgDt><AcctSvcrRef>B1</AcctSvcrRef><NtryDtls>
<Btch><NbOfTxs>2</NbOfTxs></Btch>
<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="KZT">2.00</Amt></TxAmt></AmtDtls></TxDtls>
<TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs><Amt Ccy="KZT">3.00</Amt></TxDtls></NtryDtls></Ntry>"""


def test_camt_a_batch_is_the_payments_that_it_tells_of(read: Read) -> None:
    table = read(camt053(BATCH.format(whole="5.00", back="false"), "105.00"), "a.xml")
    assert codes(table) == []
    assert [line[2:] for line in lines(table)] == [("E1", None, D("2.00")), ("E2", None, D("3.00"))]


def test_camt_a_batch_that_is_not_its_payments_is_refused(read: Read) -> None:
    assert codes(read(camt053(BATCH.format(whole="6.00", back="false"), "106.00"), "a.xml")) == [
        "statement.batch_differs", "statement.balance_differs",
    ]  # fmt: skip


def test_camt_the_reversal_of_a_debit_is_a_credit(read: Read) -> None:
    """The entry's own sign counts: the flag only says what it takes back."""
    table = read(camt053(BATCH.format(whole="5.00", back="true"), "105.00"), "a.xml")
    assert codes(table) == [] and table.control_sum == D("5.00")


def test_camt_an_interim_balance_stands_for_the_end_that_a_page_lacks(read: Read) -> None:
    data = camt053().decode()
    assert codes(read(data.replace("<Cd>CLBD</Cd>", "<Cd>ITBD</Cd>").encode(), "a.xml")) == []
    beside = data.replace(
        "<Bal>", "<Bal><Tp><CdOrPrtry><Cd>ITBD</Cd></CdOrPrtry></Tp><Amt Ccy='KZT'>9</Amt></Bal><Bal>", 1
    )
    assert codes(read(beside.encode(), "a.xml")) == []
    twice = data.replace(
        "<Bal>", "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy='KZT'>9</Amt></Bal><Bal>", 1
    )
    assert "statement.line" in codes(read(twice.encode(), "a.xml"))


def test_camt_places_past_the_tiyn_are_zeros_or_refused(read: Read) -> None:
    data = camt053().decode()
    assert codes(read(data.replace(">5000.00<", ">5000.00000<").encode(), "a.xml")) == []
    assert "statement.line" in codes(read(data.replace(">5000.00<", ">5000.001<").encode(), "a.xml"))


def test_camt_several_accounts_in_a_file(read: Read) -> None:
    table = read(camt053(more=another_account()), "a.xml")
    assert codes(table) == []
    assert lines(table) == [*WANTED, (OTHER, date(2026, 9, 5), "9", None, D("1.00"))]
    assert table.control_sum == D("6239.00")


def test_camt_what_is_not_booked_is_told_and_not_counted(read: Read) -> None:
    pending = BATCH.format(whole="5.00", back="false").replace("<Sts>BOOK</Sts>", "<Sts><Cd>PDNG</Cd></Sts>")
    assert codes(read(camt053(pending, "100.00"), "a.xml")) == ["statement.not_booked"]


def test_camt054_without_sums_proves_nothing(read: Read) -> None:
    assert "statement.no_balances" in codes(read(camt054(None), "a.xml"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('Ccy="KZT">5000.00', 'Ccy="USD">5000.00', "statement.currency"),
        (">5000.00<", ">5000,0.0<", "statement.line"),
        ("</Ntry>", "</Ntrz>", "statement.damaged"),
        ("<Document", "<!DOCTYPE a [<!ENTITY b 'c'>]><Document", "statement.damaged"),
        ("<CdtDbtInd>DBIT<", "<CdtDbtInd>DEBIT<", "statement.line"),
    ],
)
def test_camt_that_is_not_whole_is_refused(old: str, new: str, code: str, read: Read) -> None:
    data = camt053().decode()
    assert old in data
    assert code in codes(read(data.replace(old, new, 1).encode(), "a.xml"))


def test_a_line_of_zero_moves_nothing_and_is_told(read: Read) -> None:
    zero = ":61:2609050905C0,00NMSCNONREF//0\r\n:86:info\r\n:61:2609050905C5000,00"
    table = read(mt940().decode().replace(":61:2609050905C5000,00", zero, 1).encode(), "a.sta")
    assert [(f.code, f.cell, f.value) for f in table.findings] == [("statement.zero", "5", "0")]
    assert lines(table) == WANTED and table.rows.to_pylist()[0]["purpose"] == LINES[0][6]
    nothing = read(
        camt053(BATCH.format(whole="0.00", back="false").split("<NtryDtls>")[0] + "</Ntry>", "100.00"), "a.xml"
    )
    assert codes(nothing) == ["statement.zero"]


def test_orders_are_no_statements(refuse: Callable[..., Any]) -> None:
    pain = b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><C/></Document>'
    assert refuse(pain, "a.xml").code == "workbook.bank_format"


def test_kaspis_own_totals_are_compared(read: Read) -> None:
    """A line that went missing: turnover, count and balance say so."""
    assert sorted(codes(read(kaspi_book(LINES[:2]), "a.xlsx"))) == [
        "statement.balance_differs", "statement.count_differs", "statement.turnover_differs",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["1c_kaspi", "kaspi_book"])
def test_a_line_without_a_number_is_known_by_its_place_among_the_day(kind: str, read: Read) -> None:
    """Banks leave their own fees without one."""
    nameless = kaspi_book(tuple((*line[:1], "", *line[2:]) for line in LINES))
    data = (
        nameless
        if kind == "kaspi_book"
        else STATEMENTS[kind].replace("=102".encode("cp1251"), b"=").replace(b"=101", b"=")
    )
    table = read(data, "a")
    assert codes(table) == []
    assert [(r["reference"], r["side"], r["occurrence"]) for r in table.rows.to_pylist()] == [
        ("—", "приход", 1), ("—", "расход", 1), ("—", "приход", 1),
    ]  # fmt: skip


def test_lines_alike_in_a_day_are_told_apart(read: Read) -> None:
    """Kaspi's numbers repeat: two fees of one document are two lines."""
    fee = ("05.09.2026", "102", "12.50", "", "ТОО Kaspi Pay", OTHER, "Комиссия")
    table = read(kaspi_book((*LINES, fee)), "a.xlsx")
    assert [row["occurrence"] for row in table.rows.to_pylist()] == [1, 1, 1, 2]
