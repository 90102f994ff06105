"""A file between a bank and its clients' programs -> the lines and balances of a statement, by what the file says it
is (4.1.7)."""

from __future__ import annotations

import re

from inbox_worker.workbooks.bank_answers import BankAnswers, is_answer, read_answers
from inbox_worker.workbooks.sniff import as_text
from inbox_worker.workbooks.statement_rows import StatementRows

_EXCHANGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*1CClientBankExchange", re.IGNORECASE)
_STATEMENT = re.compile(rb":60[FM]:")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_CAMT = re.compile(rb"tech:xsd:camt\.05[34]\.")


def is_statement(data: bytes) -> bool:
    """Return whether a file of a bank is a statement: 1C, MT940 or MT950, camt.053 or camt.054. Others are orders."""
    start = as_text(data[:4096]) or b""
    if _XML.match(start):
        return _CAMT.search(start) is not None
    return _EXCHANGE.match(start) is not None or _STATEMENT.search(as_text(data) or data) is not None


def read_bank_file(data: bytes) -> StatementRows | BankAnswers:
    """Return the rows of a statement, or the answers to orders; a file that has none is a problem, too."""
    if is_answer(data):
        return read_answers(data)
    found = _read(data)
    if not (found.entries or found.balances or found.problems):
        found.tell(1, "statement.no_balances", "—")
    return found


def _read(data: bytes) -> StatementRows:
    if _XML.match(as_text(data[:4096]) or b""):
        from inbox_worker.workbooks.bank_camt import read_camt  # here, for few files ask for it

        return read_camt(data)
    text = as_text(data) or data  # UTF-16 as UTF-8
    if _EXCHANGE.match(text):
        from inbox_worker.workbooks.bank_1c import read_exchange

        return read_exchange(text)
    from inbox_worker.workbooks.bank_mt import read_mt

    return read_mt(text)
