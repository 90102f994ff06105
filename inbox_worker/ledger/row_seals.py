"""Seals of rows: a short hash over what of a row never changes once it was written, by which the next proof knows it.

Guards refuse changes by statement, the chain of acts holds decisions; this finds what somebody changed beneath both, in
orders to banks, numbers of documents and deliveries, too (4.1.17). What may change by right is known by the act or the
step that says so (`Since`), and where neither does, as long as nobody committed anything. Single accounts' bills are
too many, and left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Outcome
from inbox_worker.ledger import certificate_tables as x
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.outbox_tables import LetterState
from inbox_worker.ledger.row_witnesses import (
    ARRIVAL,
    CLOSE,
    DOCUMENT,
    FORM,
    PROOF,
    RETURN,
    TASK,
    Since,
    Witnesses,
    find_witnesses,
    read_since,
)
from inbox_worker.ledger.transfer_tables import OrderState, payment_orders

Seals = dict[str, dict[str, str]]  # by table, by the row's key
_NOTHING = ("", "None", "False")  # a column that a later version adds is empty, and the seal stays
_GONE = "is not there any more; an earlier `ledger verify` saw it"
_CHANGED = "is not what it was; an earlier `ledger verify` saw it"
_NEW = "was not there, and nothing was committed since"
_GIVEN = "was not there, and its number had been given before"
_NO_ACT = "was not there, and no act since says that it came"
_SIGNS = 16  # of a hash: two rows that are alike by chance are one in 10^19


@dataclass(frozen=True)
class _Sealed:
    """A table. `columns`: those that never change, () = all; `where`: the rows that are sealed, None = all; `keys`: by
    which a row is known, () = its primary key; `once`: set apart from another seal of the table, of rows that reached
    a state that they never leave; `by`: a change is by right if a witness of that kind says so of the first key."""

    table: str
    columns: tuple[str, ...] = ()
    where: ColumnElement[bool] | None = None
    keys: tuple[str, ...] = ()
    once: str = ""
    by: str = ""

    @property
    def name(self) -> str:
        """Return the table's name and, of some rows, which: `tasks (done)`."""
        return f"{self.table} ({self.once})" if self.once else self.table


_a, _d, _p, _BILLS = t.arrivals.c, o.outbox_documents.c, o.outbox_proofs.c, ("bill",)
_PROOFS = "outbox_proofs"  # a letter that came back is no delivery any more: its proof may go
# of these alone the recipient may be taken out by right: the other columns are sealed beside it
_SENT_BILLS = (_p.state == LetterState.SENT) & _p.document.in_(select(_d.id).where(_d.account != ""))
_DECIDED = _a.outcome.in_((Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.REJECTED, Outcome.DUPLICATE))
_KNOWN = _a.outcome.not_in((Outcome.QUARANTINED, Outcome.FAILED))  # nobody vouches for its sender any more
_ANSWERED = t.submissions.c.outcome.in_((Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.REJECTED))
_WAY = ("id", "letter")
_f, _IN_WORK = t.findings.c, select(_a.number).where(_a.outcome.is_(None) | (_a.outcome == Outcome.FAILED))
_OF_FORM = tuple(column.name for column in t.submissions.columns if column.name != "replaced_by")
_SEALED = (
    _Sealed("arrivals", ("sha256", "mailbox", "source", "received_at", "raw", "message_id", "oversize")),
    _Sealed("submissions", ("arrival", "ordinal", "attachment", "sha256", "form", "customer", "outcome", "month",
                            "complete_at", "rules", "sequence"), t.submissions.c.sequence > 0),
    _Sealed("customer_versions"),
    _Sealed("closes", ("sha256", "made_at", "rules", "sequence")),
    _Sealed("close_files"),
    _Sealed("cleared_accounts"),
    _Sealed("rewritten_files"),
    _Sealed("tasks", ("kind", "customer", "sender", "what", "arrival", "submission", "clause", "due", "made_at")),
    _Sealed("documents"),
    _Sealed("outbox_documents", ("month", "bin", "kind", "sha256", "made_at"), _d.account == ""),
    _Sealed("outbox_moves", (), o.outbox_moves.c.document.in_(select(_d.id).where(_d.account == ""))),
    _Sealed("deliveries", ("kind", "arrival", "mailbox", "recipient", "message_id", "created_at"),
            o.deliveries.c.kind.not_in(_BILLS)),
    _Sealed("letter_returns", by=RETURN),
    _Sealed("letter_returns", ("delivery", "arrival", "fate", "status", "at"), once="reports"),
    _Sealed(_PROOFS, ("document", "way", "recipient", "sent_at", "sha256", "path"), _p.state == LetterState.SENT,
            _WAY, by=PROOF),
    _Sealed(_PROOFS, ("document", "way", "sent_at", "sha256", "path"), _SENT_BILLS, _WAY, "ways"),
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
    _Sealed("deliveries", ("sha256", "path"),
            o.deliveries.c.kind.not_in(_BILLS) & (o.deliveries.c.state == LetterState.SENT), once="copies"),
    _Sealed(_PROOFS, ("message_id", "queued_at", "answer"), _p.state == LetterState.SENT, _WAY, "sent", PROOF),
    _Sealed(_PROOFS, ("message_id", "queued_at"), _SENT_BILLS, _WAY, "queued"),
    _Sealed("payment_orders", ("proof",), payment_orders.c.state == OrderState.REJECTED, once="rejected"),
    _Sealed("payment_orders", ("batch",), once="batch"),
    _Sealed("deliveries", ("document", "subject", "thread"), o.deliveries.c.kind.not_in(_BILLS), once="written"),
    _Sealed("arrivals", ("outcome", "sender", "stated_sender", "customers", "message_id", "tries", "why"),
            _a.outcome != Outcome.FAILED, once="kept", by=ARRIVAL),
    _Sealed("findings", (), (_f.submission == "") & _f.arrival.not_in(_IN_WORK), ("arrival", "id"), "beside forms",
            ARRIVAL),
    _Sealed("findings", (), _f.submission != "", ("submission", "id"), "of forms", FORM),
    _Sealed("submissions", _OF_FORM, once="whole", by=FORM),
    _Sealed("answer_files", ("sha256",), t.answer_files.c.submission.in_(select(t.submissions.c.id).where(~_ANSWERED)),
            ("submission",), "held", FORM),
    _Sealed("act_answers", (), None, ("submission", "act", "answered_on"), by=FORM),
    _Sealed("tasks", ("done_at", "done_by", "note"), once="state", by=TASK),
    _Sealed("closes", ("reopened_at", "reason"), once="reopened", by=CLOSE),
    _Sealed("outbox_documents", ("folder", "name", "account", "sha256_now", "state", "revision", "close_number",
                                 "changed_at", "entry"), _d.account == "", once="versions", by=DOCUMENT),
)  # fmt: skip
_WITH_ACT = frozenset({"submissions (whole)", "act_answers"})
_IN_ORDER = frozenset({"arrivals", "deliveries", "distributions", "documents", "letter_returns", "outbox_documents",
                       "outbox_moves", "payment_orders", "tasks", "transfers"})  # fmt: skip
_TOUCHED = tuple(  # columns that change by right and without a witness
    _Sealed(name, once="now", where=where) for name, where in {
        "arrivals": None, "certificates": None, "customers": None, "months": None, "payment_orders": None,
        "submissions": None, "transfers": None, "watched_files": None,
        "deliveries": o.deliveries.c.kind.not_in(_BILLS), "findings": _f.arrival.in_(_IN_WORK),
        _PROOFS: _p.document.in_(select(_d.id).where(_d.account == "")),
    }.items()
)  # fmt: skip


@dataclass
class SeenRows:
    """Rows of the journal as they were when a run saw them first, and how far the journal had come when one saw them
    last."""

    rows: Seals = field(default_factory=dict)
    since: Since = Since()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> SeenRows:
        """Return what `as_json` gave; nothing is known of what it did not name."""
        return cls(kept.get("rows", {}), Since(**kept.get("since", {})))

    def as_json(self) -> dict[str, Any]:
        """Return it to be kept."""
        return {"rows": self.rows, "since": vars(self.since)}

    def compare(self, connection: Connection) -> Iterator[str]:
        """Find rows that changed, went or came by hand since a run saw them; each is named until it is as it was."""
        since, now = read_since(connection), _seal_rows(connection)
        quiet = self.since.commits == since.commits - 1
        witnesses = find_witnesses(connection, self.since)
        changed = list(_find_changed_rows(self.rows, now, _find_returned(connection), witnesses, quiet))
        yield from (rewritten := self.since.find_rewritten(connection))
        if rewritten:  # told until it is as it was
            since = replace(since, act=self.since.act, head=self.since.head)
        self.rows, self.since = _keep_named(self.rows, now, changed), since
        yield from (f"row {key} of {table} {what}" for table, key, what in changed)


def _seal_rows(connection: Connection) -> Seals:
    """Return the seal of every sealed row, by table and key."""
    return {one.name: dict(_seal(connection, one)) for one in (*_SEALED, *_TOUCHED)}


def _find_returned(connection: Connection) -> frozenset[str]:
    """Return the numbers of letters that came back."""
    return frozenset(map(str, connection.execute(select(o.letter_returns.c.delivery)).scalars()))


def _seal(connection: Connection, one: _Sealed) -> Iterator[tuple[str, str]]:
    table = x.metadata.tables[one.table]
    keys = list(one.keys) or [column.key for column in table.primary_key]
    names = list(one.columns) or [column.key for column in table.columns]
    query = select(*(column.label(column.key) for column in table.columns if column.key in {*keys, *names}))
    for row in connection.execute(query if one.where is None else query.where(one.where)).mappings():
        values = {str(name): str(value) for name, value in row.items()}
        key = " ".join(values[name] for name in keys)
        filled = {name: value for name, value in values.items() if value not in _NOTHING}
        yield key, sha256(json.dumps(filled, sort_keys=True, ensure_ascii=False).encode())[:_SIGNS]


def _find_changed_rows(
    before: Mapping[str, Mapping[str, str]], now: Seals, returned: Collection[str], witnesses: Witnesses, quiet: bool
) -> Iterator[tuple[str, str, str]]:
    """Find rows that are sealed otherwise than before, or are gone: seal, key, and what is wrong. `returned`: letters
    that came back, whose proofs may go; `witnesses`: what was changed by right; `quiet`: nothing was committed since,
    so nothing can have changed. What another version sealed otherwise is not compared."""
    for one in (*_SEALED, *_TOUCHED):
        seals, found = before.get(one.name, {}), now[one.name]
        if one in _TOUCHED and not (quiet and one.name in before):
            continue
        if quiet and one.name in before:
            yield from ((one.name, key, _NEW) for key in found if key not in seals)
        elif one.name in before:
            yield from ((one.name, key, what) for key, what in _find_added(one, seals, found, witnesses))
        for key, seal in seals.items():
            gone = key not in found
            may_go = gone and one.table == _PROOFS and key.split(" ")[-1] in returned
            if found.get(key) != seal and not may_go and (one.by, key.split(" ")[0]) not in witnesses:
                yield one.name, key, (_GONE if gone else _CHANGED)


def _find_added(
    one: _Sealed, seals: Mapping[str, str], found: Mapping[str, str], witnesses: Witnesses
) -> Iterator[tuple[str, str]]:
    """Find rows that nobody of ours can have added: numbers go up, and a form comes with the act of its decision."""
    added = found.keys() - seals.keys()
    if one.name in _WITH_ACT:
        yield from ((key, _NO_ACT) for key in sorted(added) if (FORM, key.split(" ")[0]) not in witnesses)
    if one.name in _IN_ORDER:
        last = max(map(int, seals), default=0)
        yield from ((key, _GIVEN) for key in sorted(added) if int(key) <= last)


def _keep_named(before: Mapping[str, Mapping[str, str]], now: Seals, named: Iterable[tuple[str, str, str]]) -> Seals:
    """Return the seals of now, but of rows that were named those of before: they are named until they are as they
    were."""
    for name, key, _ in named:
        if key in before[name]:
            now[name][key] = before[name][key]
        else:
            del now[name][key]
    return now
