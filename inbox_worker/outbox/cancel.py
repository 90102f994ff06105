"""Cancelling a sent act (4.1.11): the act stays, and another one with the next number reverses each of its sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Connection

from inbox_worker.contract.act_life import find_acts
from inbox_worker.contract.act_numbers import cancelling_name
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_small_file
from inbox_worker.core.model import Period
from inbox_worker.core.rendered import CloseData
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.act import TEMPLATE, render_act
from inbox_worker.ledger.acts import find_user, record_act
from inbox_worker.ledger.closes import mark_revision
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.month.stored import closes_named
from inbox_worker.outbox.place import put_up
from inbox_worker.outbox.review import Selection, chosen

_KIND = "act_cancel"


class CancelError(UseError):
    """Refuse to cancel what was named; the text says why and what to do."""


def cancel_act(office: Office, path: Path, reason: str, now: datetime) -> Path:
    """Puts a reversing act up for review and gives its path; again it is the same one.

    `path`: a sent act (Word). The reversing act is made of the very close that the act was made of, has a number of
    the acts' own series and names the act. Raises CancelError when it is no sent act, or its close is gone.
    """
    version = _sent_act(office, path)
    month = Period.parse(version.month)
    customer = office.journal.customers.on(month.last_day).get(version.bin)
    if customer is None:
        raise CancelError(f"customer {version.bin} is not in the register; load it again")
    data, day = _reverse_payments(office, version, month), to_almaty(now).date()
    act = next((one for one in find_acts(office, day) if one.is_of(version)), None)
    if act is None or act.of is None:
        raise CancelError(f"{path} is an act that the journal knows no number of; render the month's act again")
    if act.of.last not in (None, version.revision):
        raise CancelError(f"{path} is cancelled already: No. {act.ended_by} did it; name the act that stands")
    task = act.task

    def record_cancel(connection: Connection, number: str) -> None:
        subject = f"{version.month}/{version.folder}/{version.name}"
        record_act(connection, "cancel", subject, now, details=f"{number}: {reason}")
        office.journal.tasks.finish(connection, [task], now, find_user(), f"→ № {number}")

    number, dated = office.journal.closes.document_number(
        month, version.bin, f"{_KIND}_{version.revision}", day, record_cancel
    )
    revised = mark_revision(act.number, version.revision - act.of.first + 1)
    shown = f"{number} ({office.rules.texts.written.both('act.cancels', number=revised, reason=reason)})"
    template = read_small_file(office.home.templates / "documents" / TEMPLATE)
    made = render_act(data, customer, office.home.operator, office.rules, shown, dated, template)
    made = replace(made, file_name=cancelling_name(month, version.revision), figures={})
    made_of = {**version.entry["made_of"], "cancels": version.name, "reason": reason, "rules": office.rules.version}
    (placed,) = put_up(office, month, customer, [made], made_of, now)
    return placed


def _sent_act(office: Office, path: Path) -> Version:
    found = chosen(office, (DocumentState.SENT,), Selection(paths=[path], kinds=["act"]))
    if len(found) != 1 or not path.is_file() or path.suffix != ".docx" or "cancels" in found[0].entry["made_of"]:
        raise CancelError(f"{path} is no sent act; name one act-….docx that lies in outbox/sent")
    return found[0]


def _reverse_payments(office: Office, version: Version, month: Period) -> CloseData:
    """The Customer's payments of the act's own close, each fee with the opposite sign."""
    made_of: Mapping[str, Any] = version.entry["made_of"]
    for close, _ in closes_named(office.journal, office.home.path):
        if close.sha256 == made_of["close"] and close.folder.name.partition(".")[0] == str(month):
            own, files = pc.field("customer") == version.bin, close.files_needed("payments", "lines")
            payments: pa.Table = pq.read_table(files["payments"], filters=own)
            lines = pq.read_schema(files["lines"]).empty_table()
            at = payments.schema.get_field_index("fee")
            fees = pc.cast(pc.negate(payments.column("fee")), payments.schema.field("fee").type)
            turned = payments.set_column(at, payments.schema.field("fee"), fees)
            return CloseData(month, version.close_number, lines, turned, str(made_of["close"]))
    raise CancelError(f"close {version.close_number} of {month} is not in ledger/closes; put it back from the backup")
