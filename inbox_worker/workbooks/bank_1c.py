"""1CClientBankExchange as 1C describes it, and as banks of Kazakhstan write it: other names of keys, some in capitals,
a section a day, a purpose over several lines, quoted values, UTF-8 that calls itself Windows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inbox_worker.core.text import write_latin
from inbox_worker.workbooks.statement_rows import CURRENCIES, Balance, Entry, StatementRows, as_iso, is_zero

_ENCODINGS = ("utf-8", "cp1251", "cp866")
_NOT_TAKEN = ("koi8-r", "mac-cyrillic", "iso8859-5")  # known, so that a file in one is not called damaged
_MARK = "1CClientBankExchange"
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f](?!\Z)")
# keys, folded, and what we call them; `-`: known, and of no use to us
_WORDS = """
    секциярасчсчет:account_begins конецрасчсчет:account_ends секциядокумент:document_begins
    конецдокумента:document_ends конецфайла:file_ends расчсчет:account датаначала:first датаконца:last
    начальныйостаток:opening конечныйостаток:closing всегопоступило:credit_sum всегосписано:debit_sum
    номердокумента:number номер:number датадокумента:document_day дата:document_day
    датаоперации:day датасписано:debit_day датапоступило:credit_day
    суммаприход:credit суммарасход:debit сумма:sum валюта:currency назначениеплатежа:purpose назначениеплатежа1:purpose1
    назначениеплатежа2:purpose2 назначениеплатежа3:purpose3
    версияформата:- кодировка:- отправитель:- датасоздания:- времясоздания:- документ:- виддокумента:-
    датавалютирования:- кодназначенияплатежа:- кодназплатежа:- видплатежа:- видоплаты:- очередность:- показательдаты:-
    датаисполнения:- времяоперации:- состояние:- курс:- суммавалюта:- код:- квитанциядата:- квитанциявремя:-
    квитанциясодержание:- назначениеплатежа4:purpose4 назначениеплатежа5:purpose5 назначениеплатежа6:purpose6
    срокплатежа:- срокакцепта:- видаккредитива:- условиеоплаты1:- условиеоплаты2:- условиеоплаты3:- платежпопредст:-
    дополнусловия:- номерсчетапоставщика:- датаотсылкидок:- статуссоставителя:- показателькбк:- окато:-
    показательоснования:- показательпериода:- показательномера:- показательтипа:-
"""
_WORDS_OF_SIDE = """
    :name1 1:name2 наименование:name бин_иин:id инн:id1 бин:id2 иин:id3 иик:iban счет:iban1 расчсчет:iban2 банкбик:bic
    бик:bic1 2:- 3:- 4:- кпп:- кбе:- банкнаименование:- банк1:- банк2:- банкгород:- корсчет:-
"""
_NAMES = dict(pair.split(":") for pair in _WORDS.split())
_OF_SIDE = dict(pair.split(":") for pair in _WORDS_OF_SIDE.split())
_PAYER, _PAYEE = "плательщик", "получатель"
for _side, _called in ((_PAYER, "payer"), (_PAYEE, "payee")):
    _NAMES |= {f"{_side}{key}": name if name == "-" else f"{_called}_{name}" for key, name in _OF_SIDE.items()}
_BEGIN = {"account_begins": "account_ends", "document_begins": "document_ends"}
_BARE = (*_BEGIN, *_BEGIN.values(), "file_ends")  # keys without a value
_DAYS = ("day", "debit_day", "credit_day", "document_day")
_TENGE = "ТЕНГЕ"


@dataclass
class _Block:
    """The keys of a section, with their lines."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def get(self, *names: str) -> str:
        """Return the first of these keys that is filled."""
        return next((value for name in names if (value := self.values.get(name, ""))), "")

    def at(self, name: str) -> int:
        """Return the line of a key, else of the section."""
        return self.lines.get(name, self.line)


@dataclass
class _Exchange:
    """A file as it is read line by line."""

    found: StatementRows = field(default_factory=StatementRows)
    accounts: list[_Block] = field(default_factory=list)
    documents: list[_Block] = field(default_factory=list)
    head: _Block = field(default_factory=lambda: _Block(1))
    block: _Block | None = None
    last: str = ""
    ended: bool = False

    def read(self, text: str) -> None:
        """Read all lines; the first is the mark of the format."""
        for number, line in enumerate(text.splitlines()[1:], 2):
            if self.ended and line.strip():
                self.found.tell(number, "statement.line", line)
            elif not self.ended:
                self._take(number, line)
        if not self.ended:
            self.found.tell(text.count("\n") + 1, "statement.cut")

    def _take(self, number: int, line: str) -> None:
        key, sign, value = line.strip().partition("=")
        name = _NAMES.get(key.strip().casefold(), "")
        if name and (sign or name in _BARE):
            self._put(number, name, key.strip(), _unquote(value))
        elif self.block is not None and self.last.startswith("purpose"):
            self.block.values["purpose"] = f"{self.block.values.get('purpose', '')} {line.strip()}".strip()
        elif line.strip():
            self.found.tell(number, "statement.key_unknown" if sign else "statement.line", line)

    def _put(self, number: int, name: str, key: str, value: str) -> None:
        """Begin or end a section, or keep a value in it; sections do not stand in one another."""
        self.last, inside = name, self.block is not None
        if name in _BARE and inside != (name in _BEGIN.values()):
            self.found.tell(number, "statement.line", key)
        if name == "file_ends":
            self.ended = True
        elif name in _BEGIN:
            self.block = _Block(number)
            (self.accounts if name == "account_begins" else self.documents).append(self.block)
        elif name in _BEGIN.values():
            self.block = None
        elif name != "-":
            block = self.block or self.head
            if block.values.get(name, value) != value and inside:
                self.found.tell(number, "statement.line", f"{key}={value}")
            block.values[name], block.lines[name] = value, number


def read_exchange(data: bytes) -> StatementRows:
    """Return the lines and balances of a file; what is not understood is among its problems."""
    text, encoding = _text(data)
    exchange = _Exchange()
    if encoding not in _ENCODINGS:
        exchange.found.tell(1, "statement.encoding" if encoding else "statement.damaged", encoding)
        return exchange.found
    exchange.read(text)
    if exchange.documents and not exchange.accounts:
        exchange.found.tell(exchange.documents[0].line, "statement.orders", exchange.documents[0].get("number"))
        return exchange.found
    ibans = {_iban(block.get("account")) for block in exchange.accounts}
    for block in exchange.accounts:
        exchange.found.balances.append(_balance(exchange.found, block))
    for document in exchange.documents:
        _read_document(exchange.found, document, ibans)
    return exchange.found


def _text(data: bytes) -> tuple[str, str]:
    """Return the text and the encoding in which most of its first keys can be read, of several the first; '' and '' for
    a damaged one."""
    best, found = 0, ("", "")
    for encoding in (*_ENCODINGS, *_NOT_TAKEN):
        try:
            text = data.decode(encoding).lstrip("\ufeff \t\r\n")
        except UnicodeDecodeError:
            continue
        keys = {line.partition("=")[0].strip().casefold() for line in text.splitlines()[1:20]}
        if text.startswith(_MARK) and len(keys & set(_NAMES)) > best and not _NO_TEXT.search(text):
            best, found = len(keys & set(_NAMES)), (text.rstrip("\x1a"), encoding)
    return found


def _balance(found: StatementRows, block: _Block) -> Balance:
    names = ("opening", "closing", "debit_sum", "credit_sum")
    sums = [found.sum(block.get(name), block.at(name), signed=True) for name in names]
    if not sums[0] or not sums[1]:
        found.tell(block.line, "statement.no_balances", block.get("account"))
    days = [found.day(block.get(name), block.at(name)) if block.get(name) else "" for name in ("first", "last")]
    if all(days) and as_iso(days[0]) > as_iso(days[1]):
        found.tell(block.at("last"), "statement.line", block.get("last"))
    return Balance(block.line, _iban(block.get("account")), *days, *sums)


def _read_document(found: StatementRows, block: _Block, ibans: set[str]) -> None:
    """Add a document as a line of the account that it is about."""
    if block.get("currency").upper() not in (*CURRENCIES, _TENGE):
        found.tell(block.at("currency"), "statement.currency", block.get("currency"))
    payer, payee = (_iban(block.get(f"{side}_iban", f"{side}_iban1", f"{side}_iban2")) for side in ("payer", "payee"))
    before = len(found.problems)
    debit, credit, whole = (found.sum(block.get(name), block.at(name)) for name in ("debit", "credit", "sum"))
    if len(found.problems) > before:
        return
    if is_zero(debit) and is_zero(credit):
        debit, credit = (whole if payer in ibans else "", whole if payee in ibans else "")
    if is_zero(debit) and is_zero(credit) and is_zero(whole) and (debit or credit or whole):
        found.tell(block.line, "statement.zero", block.get("number"))
        return
    paid = is_zero(credit)  # by us
    if is_zero(debit) == paid:
        found.tell(block.line, "statement.sides", block.get("number"))
        return
    own, other = (payer, payee) if paid else (payee, payer)
    if not own and len(ibans) == 1:
        own = next(iter(ibans))
    if own not in ibans:
        found.tell(block.line, "statement.other_account", own)
        return
    day = next((name for name in _DAYS if block.get(name)), _DAYS[0])
    side, ours = ("payee", "payer") if paid else ("payer", "payee")
    found.entries.append(
        Entry(
            block.line, own, found.day(block.get(day), block.at(day)), block.get("number"),
            debit if paid else "", "" if paid else credit,
            block.get(f"{side}_name", f"{side}_name2", f"{side}_name1"),
            block.get(f"{side}_id", f"{side}_id1", f"{side}_id2", f"{side}_id3"), other,
            " ".join(filter(None, (block.get(f"purpose{part}") for part in ("", *"123456")))),
            block.get(f"{ours}_bic", f"{ours}_bic1"),
        )
    )  # fmt: skip


def _iban(text: str) -> str:
    return write_latin(text)


def _unquote(value: str) -> str:
    """Return a value without blanks and the pair of quotes around it, if it has no others."""
    value = value.strip()
    return value[1:-1].strip() if value.count('"') == 2 and value[0] == value[-1] == '"' else value
