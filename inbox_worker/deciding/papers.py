"""What a form's decision is made of: the file with what came along, what reading gave, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from inbox_worker.core.model import (
    Arrival,
    Attachment,
    Customer,
    Finding,
    FormTable,
    Submission,
    WordedFinding,
)
from inbox_worker.ledger.tasks import Task
from inbox_worker.workbooks.preflight import TimeBudget


@dataclass(frozen=True)
class Paper:
    """A file that claims to be a form, with what came along. `complete_at`: when the last piece was here."""

    arrival: Arrival
    ordinal: int
    file: Attachment
    sender: str
    documents: tuple[str, ...]
    complete_at: datetime
    customer: str = ""  # БИН of a form that was held: known at its receipt and not asked again
    proven: bool = False  # our mail server vouches for the sender
    broken: tuple[Finding, ...] = ()  # findings about documents that came but do not open
    again: Submission | None = None  # the held form that is decided again, as the journal has it
    watch: TimeBudget = field(default_factory=TimeBudget, compare=False)  # what its bytes have taken of us

    @property
    def id(self) -> str:
        return f"{self.arrival.id}-{self.ordinal}"


@dataclass(frozen=True)
class Read:
    """What reading gave: a form, or findings, or the earlier posted submission of the same bytes."""

    form: FormTable | None = None
    findings: tuple[Finding, ...] = ()
    same_as: Submission | None = None

    @property
    def is_form(self) -> bool:
        """One of our forms, new or known."""
        return self.form is not None or self.same_as is not None

    @property
    def is_stranger(self) -> bool:
        """A workbook that is none of our forms: another, a table of another program, the trace of an open file."""
        return self.form is None and any(f.code in _STRANGERS for f in self.findings)

    @property
    def is_trace(self) -> bool:
        """What Excel leaves beside an open workbook: neither a form nor a document."""
        return any(f.code == "workbook.lock_file" for f in self.findings)


_STRANGERS = frozenset({
    "form.unknown", "workbook.lock_file", "workbook.xml_table", "workbook.flat_ods", "workbook.numbers", "workbook.dbf",
    "workbook.old_format", "workbook.message", "workbook.pdf",
})  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What was decided about one form, not recorded yet. `rows` wait for posting (none unless accepted or deferred)."""

    paper: Paper
    submission: Submission
    findings: tuple[WordedFinding, ...]
    rows: pa.Table | None = None
    customer: Customer | None = None
    deferred: bool = False
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # where the form's columns stand
    task: Task | None = None  # what a person must see to, new with this decision


@dataclass(frozen=True)
class Preview:
    """What would become of an arrival; its number is 0, for it has none."""

    arrival: Arrival
    findings: tuple[WordedFinding, ...]
    judged: tuple[Judged, ...]
