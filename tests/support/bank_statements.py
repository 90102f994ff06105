"""Statements of a transit account as banks make them: the same three lines in every format."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.support.bank_files import book

IBAN = "KZ28722S000001013958"
OTHER = "KZ248562203110182134"
BIK = "CASPKZKA"
# day, reference, debit, credit, other side, its account, purpose: the last a day later
LINES = (
    ("05.09.2026", "101", "", "5000.00", "Яна Петровна О.", OTHER, "Продажи с Kaspi.kz за 04/09/2026"),
    ("05.09.2026", "102", "12.50", "", "ТОО Kaspi Pay", OTHER, "Комиссия"),
    ("06.09.2026", "101", "", "1250.5", "ТОО Банк", OTHER, "Зачисление по реестру 7"),
)
OPENING, BETWEEN, CLOSING = "100.00", "5087.50", "6338.00"


def _document(line: tuple[str, ...], *, quoted: bool = False, long: bool = False) -> list[str]:
    day, reference, debit, credit, name, account, purpose = line
    mark = '"' if quoted else ""
    ours, theirs = ("Плательщик", "Получатель") if debit else ("Получатель", "Плательщик")
    purposes = [f"НазначениеПлатежа={mark}{purpose}{mark}"]
    if long:
        purposes = [f"НазначениеПлатежа={purpose.split()[0]}", *(f"  {word}" for word in purpose.split()[1:])]
    return [
        f"СекцияДокумент={mark}выписка{mark}", f"НомерДокумента={mark}{reference}{mark}", f"ДатаДокумента={day}",
        f"ДатаОперации={day}", f"СуммаРасход={debit}" if debit else f"СуммаПриход={credit}", "Валюта=KZT",
        f"{theirs}Наименование={mark}{name}{mark}", f"{theirs}БИН_ИИН=971240001315", f"{theirs}ИИК={account}",
        f"{ours}Наименование=ТОО Центр", f"{ours}ИИК={IBAN}", f"{ours}БанкБИК={BIK}", f"{ours}КБЕ=7",
        *purposes, "КодНазначенияПлатежа=190", "КонецДокумента",
    ]  # fmt: skip


def _head(version: str) -> list[str]:
    return [
        "1CClientBankExchange", f"ВерсияФормата={version}", "Кодировка=Windows", "Отправитель=Банк", "Получатель=1С",
        "ДатаСоздания=07.09.2026", "ДатаНачала=05.09.2026", "ДатаКонца=06.09.2026", f"РасчСчет={IBAN}",
    ]  # fmt: skip


def _section(first: str, last: str, opening: str, closing: str, *sums: str) -> list[str]:
    stated = [f"ВсегоПоступило={sums[0]}", f"ВсегоСписано={sums[1]}"] if sums else []
    return [
        "СекцияРасчСчет", f"ДатаНачала={first}", f"ДатаКонца={last}", f"РасчСчет={IBAN}", f"НачальныйОстаток={opening}",
        *stated, f"КонечныйОстаток={closing}", "КонецРасчСчет",
    ]  # fmt: skip


def _text(lines: list[str], encoding: str, end: str = "\r\n") -> bytes:
    return end.join([*lines, "КонецФайла", ""]).encode(encoding)


def of_kaspi() -> bytes:
    """1C 1.01, cp1251, one section."""
    section = _section("05.09.2026", "06.09.2026", OPENING, CLOSING, "6250.50", "12.50")
    return _text([*_head("1.01"), *section, *(row for line in LINES for row in _document(line))], "cp1251")


def of_halyk() -> bytes:
    """Some keys in capitals, a section a day, UTF-8 that calls itself Windows."""
    days = [*_section("05.09.2026", "05.09.2026", OPENING, BETWEEN, "5000.00", "12.50")]
    days += _section("06.09.2026", "06.09.2026", BETWEEN, CLOSING, "1250.50", "0.00")
    loud = ("Дата", "РасчСчет", "Секция", "Начальный", "Конечный", "Конец")
    rows = [*_head("1.03")[1:], *days, *(row for line in LINES for row in _document(line))]
    lines = [key.upper() + sign + value if key.startswith(loud) else row for row in rows
             for key, sign, value in [row.partition("=")]]  # fmt: skip
    return _text(["1CClientBankExchange", *lines], "utf-8")


def of_kazpost() -> bytes:
    """No sums of the section, leading blanks, a purpose over several lines."""
    section = _section("05.09.2026", "06.09.2026", OPENING, CLOSING)
    rows = [*section, *(row for line in LINES for row in _document(line, long=True))]
    return _text([*_head("1.03"), *(f"  {row}" for row in rows)], "cp1251")


def of_bcc() -> bytes:
    """Version 2.0: quoted values, sums without zeros at their end."""
    section = _section("05.09.2026", "06.09.2026", "100", "6338", "6250.5", "12.5")
    return _text([*_head("2.0"), *section, *(row for line in LINES for row in _document(line, quoted=True))], "cp1251")


def _mt_sum(text: str) -> str:
    return text.replace(".", ",")


def mt940(mark: str = "C") -> bytes:
    """Two pages of one account."""
    pages = [("05", OPENING, BETWEEN, LINES[:2], "60F", "62M"), ("06", BETWEEN, CLOSING, LINES[2:], "60M", "62F")]
    lines = []
    for number, (day, opening, closing, own, first, last) in enumerate(pages, 1):
        lines += [":20:STATEMENT", f":25:{IBAN}", f":28C:9/{number}", f":{first}:C2609{day}KZT{_mt_sum(opening)}"]
        for _, reference, debit, credit, name, account, purpose in own:
            side, amount = ("D", debit) if debit else (mark, credit)
            lines.append(f":61:2609{day}09{day}{side}{_mt_sum(amount)}NTRFNONREF//{reference}")
            lines.append(f":86:190?20{purpose[:27]}?21{purpose[27:]}?31{account}?32{name}")
        lines += [f":{last}:C2609{day}KZT{_mt_sum(closing)}", "-"]
    return "\r\n".join([*lines, ""]).encode()


_CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}.001.08"><{root}>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-09-07T08:00:00</CreDtTm></GrpHdr>
{accounts}</{root}></Document>
"""


CODE = "<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>"


def _entry(line: tuple[str, ...]) -> str:
    day, reference, debit, credit, name, account, purpose = line
    written = f"{day[6:]}-{day[3:5]}-{day[:2]}"
    side, role = ("DBIT", "Cdtr") if debit else ("CRDT", "Dbtr")
    return f"""<Ntry><Amt Ccy="KZT">{debit or credit}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{written}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>{CODE}<NtryDtls><TxDtls><RltdPties>
<{role}><Pty><Nm>{name}</Nm></Pty></{role}><{role}Acct><Id><IBAN>{account}</IBAN></Id></{role}Acct></RltdPties>
<RmtInf><Ustrd>{purpose}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def _account(iban: str, entries: str, opening: str, closing: str, tag: str = "Stmt") -> str:
    def balance(code: str, amount: str, day: str) -> str:
        return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="KZT">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-{day}</Dt></Dt></Bal>"""

    both = balance("OPBD", opening, "05") + balance("CLBD", closing, "06") if opening else ""
    return f"""<{tag}><Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Svcr><FinInstnId><BICFI>{BIK}</BICFI></FinInstnId>
</Svcr></Acct>{both}{entries}</{tag}>
"""


def camt053(entries: str | None = None, closing: str = CLOSING, more: str = "") -> bytes:
    """One account, or several (`more`); `entries` instead of the usual lines."""
    own = "".join(map(_entry, LINES)) if entries is None else entries
    accounts = _account(IBAN, own, OPENING, closing) + more
    return _CAMT.format(kind="camt.053", root="BkToCstmrStmt", accounts=accounts).encode()


def of_accounts(*accounts: str) -> bytes:
    """A camt.053 of these statements."""
    return _CAMT.format(kind="camt.053", root="BkToCstmrStmt", accounts="".join(accounts)).encode()


def another_account() -> str:
    """A second account of a camt.053."""
    return _account(OTHER, _entry(("05.09.2026", "9", "", "1.00", "А", IBAN, "б")), "0.00", "1.00")


def camt054(sums: tuple[str, str] | None = ("12.50", "6250.50")) -> bytes:
    """A notice of the same lines; it has no balances, and states sums of both sides or nothing."""
    entries = "".join(map(_entry, LINES))
    if sums:
        stated = [
            f"<{name}><Sum>{s}</Sum></{name}>" for name, s in zip(("TtlDbtNtries", "TtlCdtNtries"), sums, strict=True)
        ]
        entries = f"<TxsSummry>{''.join(reversed(stated))}</TxsSummry>" + entries
    accounts = _account(IBAN, entries, "", "", "Ntfctn")
    return _CAMT.format(kind="camt.054", root="BkToCstmrDbtCdtNtfctn", accounts=accounts).encode()


def kaspi_book(
    lines: tuple[tuple[str, ...], ...] = LINES,
    turnover: Mapping[str, str] = MappingProxyType({}),
    counts: tuple[str, str] = ("1", "2"),
) -> bytes:
    """Kaspi's workbook of nine columns; `turnover`: other ones than those of the usual lines."""
    above = {
        "Текущий счет: ": IBAN, "Валюта счета:": "KZT", "Период:": "05.09.2026 - 06.09.2026",
        "Дата последнего движения:": "06.09.2026", "ИИН/БИН: ": "971240003619", "Наименование: ": "ТОО Центр",
        "Входящий остаток:": "100,00", "Исходящий остаток:": "6 338,00",
    }  # fmt: skip
    rows: list[list[object]] = [[], [], *([label, None, value] for label, value in above.items())]
    rows.append([
        "№\nдокумента", "Дата операции", "Дебет", "Кредит", "Наименование бенефициара / отправителя денег",
        "ИИК бенефициара / отправителя денег", "БИК банка бенефициара (отправителя денег)", "КНП", "Назначение платежа",
    ])  # fmt: skip
    rows.append([str(number) for number in range(1, 10)])
    for day, reference, debit, credit, name, account, purpose in lines:
        sums = [_mt_sum(debit) or None, _mt_sum(credit) or None]
        party = f"{name}\nИИН/БИН 971240001315"
        rows.append([reference, f"{day} 10:15:00", *sums, party, account, None, "190", purpose])
    rows.append(
        ["Итого обороты в валюте счета", None, turnover.get("12,50", "12,50"), turnover.get("6 250,50", "6 250,50")]
    )
    rows.append(["Итого операций за период", None, *counts])
    rows.append(["Отчет сформирован пользователем Иванов"])
    rows.append([f'Наименование и БИК обслуживающего Банка: АО "KASPI BANK" Бик: {BIK}'])
    return book(rows)


STATEMENTS: Mapping[str, bytes] = {
    "1c_kaspi": of_kaspi(), "1c_halyk": of_halyk(), "1c_kazpost": of_kazpost(), "1c_bcc": of_bcc(), "mt940": mt940(),
    "camt053": camt053(), "camt054": camt054(), "kaspi_book": kaspi_book(),
}  # fmt: skip
