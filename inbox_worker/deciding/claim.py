"""A claim: one file that came as a form, who sent it, what it is proved by and for which month it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import pyarrow as pa

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Attachment, Customer, Finding, FormTable, HeaderCell, Period, Submission
from inbox_worker.core.time import to_almaty
from inbox_worker.month.months import find_first_open_month
from inbox_worker.month.office import Office
from inbox_worker.settings.calendar import calendar_month, month_named, month_of
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.preflight import TimeBudget

UNREAD = FormTable("", "", {}, pa.table({}), {}, ())  # a file that is no form of ours, or was not read


@dataclass(frozen=True)
class Claim:
    """A claim as it came, with its month. What is dear to look up is looked up once, when it is asked for; nothing is
    written.

    `documents`: names of what came to prove the form; `broken`: findings about documents that came but do not open.
    `complete_at`: when the last needed piece was here; `acted_at`: when staff or documents let it act (None = as it
    came). `proven`: our mail server vouches for the sender; `bank`: БИК of the bank that sent it by mail. `held`: the
    held form that is decided again, as the journal has it. `form`: what reading gave; without a code it is none of our
    forms, and its findings say why. `same_as`: the earlier posted submission of the same bytes. `watch`: the time that
    the bytes have taken so far. `customer` (None for registers, and where that cannot be known), `held_before` (his
    earlier forms of the kind that wait), `replaced` (the submission that this one replaces whole) and `about_sender`,
    what is wrong with them: see identify.py. `kazakh`:
    the sender's letter is in Kazakh, which then comes first in his marked workbook. `asked_form`: which form of a file
    that holds several; '' = its first. `words`: the letter's own text, nothing that it quotes.
    """

    office: Office
    arrival: Arrival
    ordinal: int
    file: Attachment
    sender: str
    complete_at: datetime
    documents: tuple[str, ...] = ()
    broken: tuple[Finding, ...] = ()
    proven: bool = False
    held: Submission | None = None
    form: FormTable = UNREAD
    same_as: Submission | None = None
    bank: str = ""
    customer: Customer | None = None
    held_before: tuple[Submission, ...] = ()
    replaced: Submission | None = None
    about_sender: tuple[Finding, ...] = ()
    acted_at: datetime | None = None
    kazakh: bool = False
    asked_form: str = ""
    words: str = ""
    watch: TimeBudget = field(default_factory=TimeBudget, compare=False)

    # --- the form itself ----------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return f"{self.arrival.id}-{self.ordinal}"

    @property
    def rules(self) -> Rules:
        return self.office.rules

    @property
    def rule(self) -> FormRule:
        """The form's rule; of a repetition, that of the first."""
        return self.rules.forms[self.form.form or (self.same_as.form if self.same_as else "")]

    @property
    def is_form(self) -> bool:
        """Return whether the file is one of our forms, new or known."""
        return bool(self.form.form or self.same_as)

    @cached_property
    def sha256(self) -> str:
        return sha256(self.file.data)

    @property
    def confirmed(self) -> str | None:
        """Return who confirmed the held form by another way, and how; None when nobody did."""
        return self.held.confirmed if self.held else None

    @property
    def came_at(self) -> datetime:
        """When the form came, in Almaty."""
        return to_almaty(self.arrival.received_at)

    @property
    def received_on(self) -> date:
        """The day the form came, in Almaty."""
        return self.came_at.date()

    @property
    def complete_on(self) -> date:
        """The day the last needed piece came, in Almaty."""
        return to_almaty(self.complete_at).date()

    def came_later(self, submission: str) -> bool:
        """Return whether another form came after this one, which was held meanwhile: then that one's rows stand."""
        other = self.office.journal.submissions.get(submission) if self.held else None
        if other is None or other.arrival == self.arrival.number:
            return False
        later = self.office.journal.arrivals.get(other.arrival)
        return (later.received_at, later.number) > (self.arrival.received_at, self.arrival.number)

    # --- its month ----------------------------------------------------------------------------------------------

    @property
    def timeless(self) -> bool:
        """Return whether it counts in no month."""
        return self.rule.operator or bool(self.rule.held)

    @cached_property
    def stated(self) -> Period | None:
        """`Месяц учёта`; None when it is empty, no month (told as an error by reading), or of an unclear year."""
        cell = self.form.header.get("month")
        if cell is None or self._has_finding(cell):
            return None
        if self.month_number:
            return month_named(self.month_number, self.arrival.received_at, self.rules, self.rule.form)
        return Period.parse(cell.text)

    @cached_property
    def month_number(self) -> int:
        """The number of a `Месяц учёта` without its year; 0 where it has one, is empty or no month."""
        cell = self.form.header.get("month")
        return int(cell.text) if cell and cell.text.isdecimal() and not self._has_finding(cell) else 0

    def _has_finding(self, cell: HeaderCell) -> bool:
        return any((f.sheet, f.cell) == (cell.sheet, cell.cell) for f in self.form.findings)

    @property
    def calendar(self) -> Period:
        """The calendar's month."""
        return calendar_month(self.complete_at, self.rules, self.rule.form)

    @cached_property
    def month(self) -> Period:
        """The month of account."""
        return month_of(self.complete_at, self.stated, self.rules, self.rule.form)[0]

    @property
    def deferred(self) -> bool:
        """Return whether the form counts in a later month than it is for."""
        return not self.timeless and month_of(self.complete_at, self.stated, self.rules, self.rule.form)[1]

    @property
    def at_receipt(self) -> tuple[Period, bool]:
        """Month of account, and whether it is a later one, of the form alone when it came."""
        if self.timeless:
            return self.month, False
        return month_of(self.arrival.received_at, self.stated, self.rules, self.rule.form)

    @property
    def closed(self) -> bool:
        """Return whether the month of account is closed."""
        return not self.timeless and self.first_open is not None and self.month < self.first_open

    @cached_property
    def first_open(self) -> Period | None:
        """Return the month after the last close; None before the first close."""
        return find_first_open_month(self.office)
