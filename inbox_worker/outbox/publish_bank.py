"""Papers of banks' days into the outbox: statements of distribution (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from inbox_worker.contract.duty import distribution_due
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.bank_distribution import KIND, DayOfBank, render_bank_distribution
from inbox_worker.ledger.banks import Bank, bank_of, find_banks
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.ledger.transfers import Distribution
from inbox_worker.month.distributing import distribute, shares_of
from inbox_worker.month.office import Office
from inbox_worker.month.payees import find_payees
from inbox_worker.outbox.place import put_up
from inbox_worker.outbox.publish import operators_folder

_GONE = (DocumentState.APPROVED, DocumentState.SENT)


@dataclass(frozen=True)
class PutUp:
    """A statement and the file that holds it."""

    day: DayOfBank
    file: Path

    def as_json(self, home: Path) -> dict[str, Any]:
        """Return it as `bank statements --json` gives it."""
        one, received, fee = self.day.statement, self.day.received, self.day.fee
        return {
            "bank": one.bank, "date": one.day, "number": one.place, "month": str(one.month), "due": self.day.due,
            "received": received, "fee": fee, "to_transfer": received - fee,
            "waits": sorted(bin_ for bin_, payee in self.day.payees.items() if payee.waits),
            "file": str(self.file.relative_to(home)),
        }  # fmt: skip


def put_up_statements(office: Office, now: datetime, day: date | None = None) -> list[PutUp]:
    """Distribute what is in no statement yet, and put up for review the statements that have no document: of one `day`
    of payments, or of all. One that was approved or sent stays as it is, so a job killed midway is simply repeated."""
    distribute(office, now, day)
    states = () if day is None else _GONE
    known = {version.name for version in office.journal.documents.versions(states, kinds=[KIND])}
    banks, came, made = find_banks(office.journal, office.home.ledger), _arrivals(office), list[PutUp]()
    for statement in office.journal.transfers.distributions(day):
        name = DayOfBank(statement, bank_of(banks, statement.bank), (), (), {}, now.date()).file_name
        if name not in known:
            found = _gather(office, statement, banks, came)
            rendered = render_bank_distribution(found, office.home.operator, office.rules)
            made_of = {"close": "", "close_number": "0", "rules": office.rules.version, "bank": statement.bank,
                       "statement": str(statement.number)}  # fmt: skip
            [path] = put_up(office, statement.month, operators_folder(office), [rendered], made_of, now)
            made.append(PutUp(found, path))
    return made


def _gather(
    office: Office, statement: Distribution, banks: Mapping[str, Bank], came: Mapping[str, date]
) -> DayOfBank:  # fmt: skip
    shares = shares_of(office, statement, ("customer", "service"))
    registers = shares_of(office, statement, ("submission",))
    payees = find_payees(office, {share.of[0] for share in shares}, to_almaty(statement.made_at).date())
    due = min(distribution_due(office.rules, came[share.of[0]], statement.day) for share in registers)
    return DayOfBank(statement, bank_of(banks, statement.bank), shares, registers, payees, due)


def _arrivals(office: Office) -> Mapping[str, date]:
    """On which day each register was here."""
    forms: Sequence[Any] = office.journal.submissions.all()
    return {form.id: to_almaty(form.complete_at).date() for form in forms if form.form == "bank_register"}
