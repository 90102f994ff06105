"""Seals of rows: a short hash over what of a row never changes once it was written, by which the next proof knows it.

Guards refuse changes by statement, the chain of acts holds decisions; this finds what somebody changed beneath both, in
orders to banks, numbers of documents and deliveries, too (4.1.17). Single accounts' bills are too many, and left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Outcome
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger import transfer_tables as x
from inbox_worker.ledger.outbox_tables import LetterState

Seals = dict[str, dict[str, str]]  # by table, by the row's key
_NOTHING = ("", "None", "False")  # a column that a later version adds is empty, and the seal stays
_SIGNS = 16  # of a hash: two rows that are alike by chance are one in 10^19


@dataclass(frozen=True)
class _Sealed:
    """A table. `columns`: those that never change, () = all; `where`: the rows that are sealed, None = all; `keys`: by
    which a row is known, () = its primary key; `once`: set apart from another seal of the table, of rows that reached
    a state that they never leave."""

    table: str
    columns: tuple[str, ...] = ()
    where: ColumnElement[bool] | None = None
    keys: tuple[str, ...] = ()
    once: str = ""

    @property
    def name(self) -> str:
        """Return the table's name and, of some rows, which: `tasks (done)`."""
        return f"{self.table} ({self.once})" if self.once else self.table


_a, _d, _p, _BILLS = t.arrivals.c, o.outbox_documents.c, o.outbox_proofs.c, ("bill",)
_PROOFS = "outbox_proofs"  # a letter that came back is no delivery any more: its proof may go
_DECIDED = _a.outcome.in_((Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.REJECTED, Outcome.DUPLICATE))
_KNOWN = _a.outcome.not_in((Outcome.QUARANTINED, Outcome.FAILED))  # nobody vouches for its sender any more
_ANSWERED = t.submissions.c.outcome.in_((Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.REJECTED))
_WAY = ("id", "letter")
_SEALED = (
    _Sealed("arrivals", ("sha256", "mailbox", "source", "received_at", "raw", "message_id", "oversize")),
    _Sealed("submissions", ("arrival", "ordinal", "attachment", "sha256", "form", "customer", "outcome", "month",
                            "complete_at", "rules", "sequence"), t.submissions.c.sequence > 0),
    _Sealed("customer_versions"),
    _Sealed("closes", ("sha256", "made_at", "rules", "sequence")),
    _Sealed("close_files"),
    _Sealed("tasks", ("kind", "customer", "sender", "what", "arrival", "submission", "clause", "due", "made_at")),
    _Sealed("documents"),
    _Sealed("outbox_documents", ("month", "bin", "kind", "sha256", "made_at"), _d.account == ""),
    _Sealed("outbox_moves", (), o.outbox_moves.c.document.in_(select(_d.id).where(_d.account == ""))),
    _Sealed("deliveries", ("kind", "arrival", "mailbox", "recipient", "message_id", "created_at"),
            o.deliveries.c.kind.not_in(_BILLS)),
    _Sealed("letter_returns"),
    _Sealed(_PROOFS, ("document", "way", "recipient", "sent_at", "sha256", "path"), _p.state == LetterState.SENT,
            _WAY),
    _Sealed("distributions"),
    _Sealed("transfers", ("distribution", "customer", "knp", "what")),
    _Sealed("payment_orders", ("bank", "customer", "name", "bic", "iban", "kbe", "knp", "payer_iban", "amount",
                               "purpose", "made_at")),
    _Sealed("arrivals", ("sender", "stated_sender", "customers"), _KNOWN, once="known"),
    _Sealed("arrivals", ("outcome",), _DECIDED, once="decided"),
    _Sealed("findings", (), (t.findings.c.submission == "") & t.findings.c.arrival.in_(select(_a.number).where(_KNOWN)),
            once="of letters"),
    _Sealed("answer_files", ("sha256",), t.answer_files.c.submission.in_(select(t.submissions.c.id).where(_ANSWERED)),
            ("submission",), "decided"),
    _Sealed("tasks", ("done_at", "done_by", "note"), t.tasks.c.done_at != "", once="done"),
    _Sealed("deliveries", ("document", "subject", "sent_at", "last_answer"),
            o.deliveries.c.kind.not_in(_BILLS) & (o.deliveries.c.state == LetterState.SENT), once="sent"),
    _Sealed(_PROOFS, ("message_id", "queued_at", "answer"), _p.state == LetterState.SENT, _WAY, "sent"),
    _Sealed("payment_orders", ("proof",), x.payment_orders.c.state == x.OrderState.REJECTED, once="rejected"),
)  # fmt: skip


def seal_rows(connection: Connection) -> Seals:
    """Return the seal of every sealed row, by table and key."""
    return {one.name: dict(_seal(connection, one)) for one in _SEALED}


def find_returned(connection: Connection) -> frozenset[str]:
    """Return the numbers of letters that came back."""
    return frozenset(map(str, connection.execute(select(o.letter_returns.c.delivery)).scalars()))


def _seal(connection: Connection, one: _Sealed) -> Iterator[tuple[str, str]]:
    table = x.metadata.tables[one.table]
    keys = list(one.keys) or [column.name for column in table.primary_key]
    names = list(one.columns) or [column.name for column in table.columns]
    query = select(*(table.c[column.name] for column in table.columns if column.name in {*keys, *names}))
    for row in connection.execute(query if one.where is None else query.where(one.where)).mappings():
        values = {str(name): str(value) for name, value in row.items()}
        key = " ".join(values[name] for name in keys)
        filled = {name: value for name, value in values.items() if value not in _NOTHING}
        yield key, sha256(json.dumps(filled, sort_keys=True, ensure_ascii=False).encode())[:_SIGNS]


def find_changed_rows(
    before: Mapping[str, Mapping[str, str]], now: Seals, returned: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Find rows that are sealed otherwise than before, or are gone: table, key, and what is wrong. `returned`: letters
    that came back, whose proofs may go. What another version sealed otherwise is not compared."""
    for table in sorted(before.keys() & now.keys()):
        seals, found = before[table], now[table]
        for key, seal in seals.items():
            may_go = table.startswith(_PROOFS) and key.split(" ")[-1] in returned
            if found.get(key) != seal and (key in found or not may_go):
                yield table, key, "is not there any more" if key not in found else "is not what it was"
