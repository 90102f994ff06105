"""A case: one file that claims to be a form, and all that decides about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Customer, Period, WordedFinding
from inbox_worker.deciding.claim import Claim
from inbox_worker.ledger.earlier_facts import earlier_rows, facts_in_force
from inbox_worker.month.months import compute_openings
from inbox_worker.receiving.opening import customers_for, is_from_banks_folder

NO_LINES = pa.table({
    **dict.fromkeys(("account", "service", "base", "house", "flat", "name", "meter"), pa.array([], pa.string())),
    **dict.fromkeys(("area", "residents", "last", "usual"), pa.array([], pa.decimal128(18, 3))),
})  # fmt: skip
# lines that have ended have past months; a meter that was replaced has a last reading
_ALSO = {"recalculations": "ended", "undelivered": "ended", "meter_readings": "meters", "meter_change": "changed"}
_TELLS_OF_ITSELF = frozenset({"meter_change"})  # a meter that was put in may be replaced in turn
_STATEMENT = "bank_statement"  # its key has the day of a line, by whose month it lies
_MOST_NAMED = 10  # houses


@dataclass(frozen=True)
class Case(Claim):
    """A claim with what the ledger knows of it: all that decides about one form. `beside`: the other forms of its kind
    in the same letter; `waiting`: earlier forms of its kind and Customer that are held."""

    beside: tuple[Case, ...] = ()
    waiting: tuple[Case, ...] = ()

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

    def houses_at(self) -> list[tuple[str, str]]:
        """Return the addresses of the Customer's houses, each with the house's code."""
        known = self.office.directory.addresses(self.bin).to_pylist()
        return [(row["address"], row["house"]) for row in known if row["address"] and row["house"]]

    def tariffs_of_register(self) -> pa.Table:
        """Return the tariffs of the Customer's lines as the register told them (ledger/directory.py)."""
        return self.office.directory.tariffs(self.bin)

    def tariffs_by_account(self, service: str, base: str) -> pa.Table:
        """Return what the register told of the Customer's lines of the service and base: account, house, category,
        from_month, tariff."""
        return self.office.directory.tariffs_by_account(self.bin, service, base)

    @cached_property
    def _facts(self) -> dict[str, pa.Table]:
        return {}  # by kind: several checks ask for the same

    def facts(self, kind: str) -> pa.Table:
        """Return the Customer's facts of a kind in force, with `closed` (ledger/earlier_facts.py)."""
        if kind not in self._facts:
            ledger, journal = self.office.home.ledger, self.office.journal
            self._facts[kind] = facts_in_force(ledger, journal, kind, self.bin, self.first_open, self.replaces)
        return self._facts[kind]

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
        return self._rows(
            open_from=None if self.rule.operator else self.first_open,
            only=self.month if self.rule.per_month else None,
            without=self.replaces,
            copies=self._copies,
            months=self._months_of_days if self.rule.form == _STATEMENT else None,
        )

    @property
    def _copies(self) -> frozenset[str]:
        """Return the posted submissions of this very file, where there are rows of a later month that may be theirs."""
        if not self.rule.per_month:
            return frozenset()
        files = self.office.journal.facts.files(self.rule.form, customer=self.bin)
        if all(file.month <= self.month for file in files):
            return frozenset()
        return frozenset(same.id for same in self.office.journal.submissions.posted_with_bytes(self.sha256))

    @property
    def _months_of_days(self) -> set[Period]:
        """Return the months under which the lines of a statement lie: a line of another day is another line."""
        return {Period.of(day) for day in pc.unique(self.form.rows.column("day")).to_pylist() if day}

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
        months: Collection[Period] | None = None,
    ) -> pa.Table:
        ledger, journal = self.office.home.ledger, self.office.journal
        return earlier_rows(ledger, journal, self.rule, self.bin, open_from, only, without, of, copies, months)
