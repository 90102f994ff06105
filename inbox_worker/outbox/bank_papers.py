"""The outbox's part of banks' papers: they belong to the operator's own folder and name their bank (4.1.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.office import Office
from inbox_worker.outbox.place import put_up
from inbox_worker.outbox.publish import operators_folder

GONE = (DocumentState.APPROVED, DocumentState.SENT)


def find_names(office: Office, kind: str, states: Collection[DocumentState] = ()) -> set[str]:
    """Return the names of a kind's documents in those states; none named = all."""
    return {version.name for version in office.journal.documents.versions(tuple(states), kinds=[kind])}


def put_up_paper(
    office: Office, month: Period, documents: Sequence[Rendered], bank: str, of: Mapping[str, int | str], now: datetime
) -> list[Path]:
    """Put documents of a bank up for review. They are made of no close, for they do not wait for one. `of`: the number
    of the statement, or of the batch of orders with those of its orders."""
    made_of = {"close": "", "close_number": "0", "rules": office.rules.version, "bank": bank}
    made_of |= {name: str(number) for name, number in of.items()}
    return put_up(office, month, operators_folder(office), documents, made_of, now)
