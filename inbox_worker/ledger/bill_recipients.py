"""Addresses that the journal holds with bills of single accounts: they go with the account's personal data (8.10).

Who a bill went to is the consumer. When, by which way, of which bytes and that it arrived stays as the proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, select

from inbox_worker.ledger import certificate_tables as x
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.database import Database
from inbox_worker.ledger.outbox_tables import LetterState
from inbox_worker.ledger.rewritten import GONE

d, p, s, r = o.outbox_documents.c, o.outbox_proofs.c, o.deliveries.c, o.letter_returns.c
_OVER = (LetterState.SENT, LetterState.REFUSED, LetterState.DROPPED, LetterState.BOUNCED)  # nobody writes there again
_AT_ONCE = 500  # values in a question


def find_bill_rows(documents: ColumnElement[bool]) -> Mapping[str, ColumnElement[bool]]:
    """Return for each table that names recipients which rows do so of bills' ways that are over. `documents`: whose
    bills, among rows of `outbox_documents`."""
    ways = p.document.in_(select(d.id).where(d.account != "", documents)) & p.state.in_(_OVER)
    letters = select(p.letter).where(ways, p.letter != 0)
    return {"outbox_proofs": ways, "deliveries": s.id.in_(letters), "letter_returns": r.delivery.in_(letters)}


def find_months(database: Database, accounts: Sequence[str], documents: Sequence[int]) -> set[str]:
    """Return the months of these accounts' own bills, and of these documents."""
    asked = [(d.account, accounts), (d.id, documents)]
    parts = (column.in_(some[begin : begin + _AT_ONCE]) for column, some in asked
             for begin in range(0, len(some), _AT_ONCE))  # fmt: skip
    return {row.month for part in parts for row in database.rows(select(d.month).where(part).distinct())}


def clear_recipients(connection: Connection, certificate: int, accounts: Sequence[str]) -> None:
    """Put a certificate's number in the place of each address that bills of these accounts went to, in what servers
    answered, too."""
    for begin in range(0, len(accounts), _AT_ONCE):
        rows = find_bill_rows(d.account.in_(accounts[begin : begin + _AT_ONCE]))
        ways = connection.execute(select(p.id, p.recipient, p.answer).where(rows["outbox_proofs"])).all()
        letters = connection.execute(select(s.id, s.recipient, s.last_answer).where(rows["deliveries"])).all()
        returns = connection.execute(select(r.id, r.delivery, r.said).where(rows["letter_returns"])).all()
        said = {letter: recipient for letter, recipient, _ in letters}
        for number, recipient, answer in ways:
            instead = f"certificate {certificate}, {number}"
            values = {"recipient": instead, "answer": _without(answer, recipient, instead)}
            connection.execute(o.outbox_proofs.update().where(p.id == number).values(**values))
        for number, recipient, answer in letters:
            instead = f"certificate {certificate}, letter {number}"
            values = {"recipient": instead, "last_answer": _without(answer, recipient, instead)}
            connection.execute(o.deliveries.update().where(s.id == number).values(**values))
        for number, letter, text in returns:
            values = {"said": _without(text, said[letter], f"certificate {certificate}, letter {letter}")}
            connection.execute(o.letter_returns.update().where(r.id == number).values(**values))


def _without(text: str, address: str, instead: str) -> str:
    return re.sub(re.escape(address), instead, text, flags=re.IGNORECASE) if address else text


def find_cleared_rows(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield table and number of each row whose recipient a certificate may have taken out."""
    gone = select(x.cleared_accounts.c.account).join(
        x.certificates, x.certificates.c.number == x.cleared_accounts.c.certificate
    )
    rows = find_bill_rows(d.account.in_(gone.where(x.certificates.c.state.in_(GONE))))
    for table, number in ((o.outbox_proofs, p.id), (o.letter_returns, r.id)):
        for found in connection.execute(select(number).where(rows[table.name])).scalars():
            yield table.name, found
