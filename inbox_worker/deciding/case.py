"""A case: one file that claims to be a form, and all that decides about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Attachment, Customer, Finding, FormTable, Period, Submission, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.earlier_facts import earlier_rows, facts_in_force
from inbox_worker.month.months import compute_openings, find_first_open_month
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import customers_for, is_from_banks_folder
from inbox_worker.settings.calendar import calendar_month, month_named, month_of
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.preflight import TimeBudget

NO_LINES = pa.table({
    **dict.fromkeys(("account", "service", "base", "house", "flat", "name", "meter"), pa.array([], pa.string())),
    **dict.fromkeys(("area", "residents", "last", "usual"), pa.array([], pa.decimal128(18, 3))),
})  # fmt: skip
# lines that have ended have past months; a meter that was replaced has a last reading
_ALSO = {"recalculations": "ended", "undelivered": "ended", "meter_readings": "meters", "meter_change": "changed"}
_TELLS_OF_ITSELF = frozenset({"meter_change"})  # a meter that was put in may be replaced in turn
_MOST_NAMED = 10  # houses
UNREAD = FormTable("", "", {}, pa.table({}), {}, ())  # a file that is no form of ours, or was not read


@dataclass(frozen=True)
class Case:
    """All that decides about one form. What is dear to look up is looked up once, when it is asked for; nothing is
    written.

    `documents`: names of what came to prove the form; `broken`: findings about documents that came but do not open.
    `complete_at`: when the last needed piece was here; `acted_at`: when staff or documents let it act (None = as it
    came). `proven`: our mail server vouches for the sender; `bank`: БИК of the bank that sent it by mail. `held`: the
    held form that is decided again, as the journal has it. `form`: what reading gave; without a code it is none of our
    forms, and its findings say why. `same_as`: the earlier posted submission of the same bytes. `watch`: the time that
    the bytes have taken so far. `customer` (None for registers, and where that cannot be known), `replaced` (the
    submission that this one replaces whole) and `about_sender`, what is wrong with either: see identify.py. `kazakh`:
    the sender's letter is in Kazakh, which then comes first in his marked workbook. `asked_form`: which form of a file
    that holds several; '' = its first. `beside`: the other forms of its kind in the same letter.
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
    replaced: Submission | None = None
    about_sender: tuple[Finding, ...] = ()
    acted_at: datetime | None = None
    kazakh: bool = False
    asked_form: str = ""
    beside: tuple[Case, ...] = ()
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
        return self.office.journal.arrivals.get(other.arrival).received_at > self.arrival.received_at

    # --- its month ----------------------------------------------------------------------------------------------

    @property
    def timeless(self) -> bool:
        """Return whether it counts in no month."""
        return self.rule.operator or bool(self.rule.held)

    @cached_property
    def stated(self) -> Period | None:
        """`Месяц учёта`; None when it is empty, no month (told as an error by reading), or of an unclear year."""
        cell = self.form.header.get("month")
        if cell is None or any((f.sheet, f.cell) == (cell.sheet, cell.cell) for f in self.form.findings):
            return None
        if cell.text.isdecimal():  # without its year
            return month_named(int(cell.text), self.arrival.received_at, self.rules)
        return Period.parse(cell.text)

    @property
    def calendar(self) -> Period:
        """The calendar's month."""
        return calendar_month(self.complete_at, self.rules)

    @cached_property
    def month(self) -> Period:
        """The month of account."""
        return month_of(self.complete_at, self.stated, self.rules)[0]

    @property
    def deferred(self) -> bool:
        """Return whether the form counts in a later month than it is for."""
        return not self.timeless and month_of(self.complete_at, self.stated, self.rules)[1]

    @property
    def at_receipt(self) -> tuple[Period, bool]:
        """Month of account, and whether it is a later one, of the form alone when it came."""
        return (self.month, False) if self.timeless else month_of(self.arrival.received_at, self.stated, self.rules)

    @property
    def closed(self) -> bool:
        """Return whether the month of account is closed."""
        return not self.timeless and self.first_open is not None and self.month < self.first_open

    # --- what the ledger knows of it ----------------------------------------------------------------------------

    @cached_property
    def first_open(self) -> Period | None:
        """Return the month after the last close; None before the first close."""
        return find_first_open_month(self.office)

    @property
    def customers(self) -> Mapping[str, Customer]:
        """The register of Customers when the form came."""
        return self.office.journal.customers.at(self.arrival.received_at)

    @property
    def own_customers(self) -> list[Customer]:
        """The Customers that the sender speaks for."""
        return customers_for(self.arrival, self.sender, self.customers)

    @property
    def of_bank(self) -> bool:
        """Return whether it came from a bank: by its registered address, or in the drop folder for banks (4.1.7)."""
        return bool(self.bank) or (is_from_banks_folder(self.arrival) and not self.sender)

    @property
    def bin(self) -> str:
        """БИН of the Customer whose form it is; '' without one."""
        return self.customer.bin if self.customer else ""

    @property
    def replaces(self) -> str:
        """Number of the submission that this form replaces whole; '' without one."""
        return self.replaced.id if self.replaced else ""

    @cached_property
    def lines(self) -> pa.Table:
        """The Customer's lines in force in the month of account (columns: ledger/directory.py); none of a register."""
        if self.customer is None:
            return NO_LINES
        form = self.form.form
        without, also = "" if form in _TELLS_OF_ITSELF else form, _ALSO.get(form, "")
        return self.office.directory.lines(
            self.bin, self.month, also=also, without=without, open_from=self.first_open, replaces=self.replaces
        )

    @property
    def houses_named(self) -> str:
        """The codes of the Customer's houses as a finding names them, not all where there are many."""
        codes = sorted(set(self.lines.column("house").to_pylist()) - {None})
        return (", ".join(codes[:_MOST_NAMED]) + ", …" * (len(codes) > _MOST_NAMED)) or "—"

    def accounts_elsewhere(self, accounts: list[str]) -> set[str]:
        """Return those of the accounts that another Customer has."""
        return self.office.directory.accounts_anywhere(accounts) if accounts else set()

    def accounts_with_kind(self, kind: str, accounts: list[str]) -> set[str]:
        """Return those of the accounts that carry a line of a Customer whose `Вид` is this."""
        of_kind = {customer.bin for customer in self.customers.values() if customer.kind == kind}
        return self.office.directory.accounts_of(of_kind, accounts, self.month) if accounts else set()

    def lines_of_others(self, accounts: list[str]) -> list[dict[str, str]]:
        """Return lines of other Customers on the accounts: account, service, house."""
        return self.office.directory.of_others(self.bin, accounts, self.month) if accounts else []

    def codes(self, column: str) -> pa.Array:
        """Return every account or house of the ledger."""
        return self.office.directory.codes(column)

    def tariffs_of_register(self) -> pa.Table:
        """Return the tariffs of the Customer's lines as the register told them (ledger/directory.py)."""
        return self.office.directory.tariffs(self.bin)

    def facts(self, kind: str) -> pa.Table:
        """Return the Customer's facts of a kind in force, with `closed` (ledger/earlier_facts.py)."""
        ledger, journal = self.office.home.ledger, self.office.journal
        return facts_in_force(ledger, journal, kind, self.bin, self.first_open, self.replaces)

    def facts_of_month(self, kind: str) -> pa.Table:
        """Return those of the month of account."""
        facts = self.facts(kind)
        return facts.filter(pc.equal(facts["month"], self.month.first_day))

    def act_dates(self) -> Mapping[str, date]:
        """Return the numbers and dates of the acts made for the Customer."""
        return self.office.journal.closes.document_dates(self.bin, "act")

    def openings(self) -> Mapping[tuple[str, str], Decimal]:
        """Return the balance at the start of the month of account, by account and service, of lines that the ledger
        knows."""
        return compute_openings(self.office, self.bin, self.month)

    def register_sequence(self) -> int:
        """Return when the register last told of the Customer, in the order of posting."""
        return self.office.journal.customers.register_sequence(self.bin)

    @cached_property
    def earlier(self) -> pa.Table:
        """Open earlier facts that rows of this form may replace, less the submission replaced whole. Where the month
        belongs to the key, those of later months only in a copy of this very file, or of what happens once."""
        if self.rule.corrections == "none":
            return self._rows(of=self.id)  # nothing
        copies = self.office.journal.submissions.posted_with_bytes(self.sha256) if self.rule.per_month else []
        return self._rows(
            open_from=None if self.rule.operator else self.first_open,
            only=self.month if self.rule.per_month else None,
            without=self.replaces,
            copies=frozenset(same.id for same in copies),
        )

    @property
    def replaced_rows(self) -> pa.Table:
        """Rows of the submission that this form replaces whole; none without one."""
        return self._rows(of=self.replaces) if self.replaces else pa.table({})

    @property
    def first_answer(self) -> list[WordedFinding]:
        """Return what was found when the same bytes were posted."""
        same = self.same_as
        return self.office.journal.submissions.findings_of(same.arrival, same.id) if same else []

    @cached_property
    def in_force(self) -> pa.Table:
        """All rows in force that say what the rows of this form say."""
        return self._rows(only=self.month if self.rule.per_month else None)

    def _rows(
        self,
        open_from: Period | None = None,
        only: Period | None = None,
        without: str = "",
        of: str = "",
        copies: Collection[str] = (),
    ) -> pa.Table:
        ledger, journal = self.office.home.ledger, self.office.journal
        return earlier_rows(ledger, journal, self.rule, self.bin, open_from, only, without, of, copies)
