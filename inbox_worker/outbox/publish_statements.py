"""Statements of distribution of banks' days into the outbox (4.1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from inbox_worker.contract.duty import distribution_due
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.bank_distribution import KIND, DayOfBank, render_bank_distribution, statement_name
from inbox_worker.ledger.banks import bank_of, find_banks
from inbox_worker.month.distributing import distribute, find_shares, part_kind
from inbox_worker.month.office import Office
from inbox_worker.month.payees import find_payees
from inbox_worker.outbox.bank_papers import GONE, find_names, put_up_paper


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
            "waits": sorted({payee.bin for payee in self.day.payees.values() if payee.waits}),
            "file": str(self.file.relative_to(home)),
        }  # fmt: skip


def put_up_statements(office: Office, now: datetime, day: date | None = None) -> list[PutUp]:
    """Distribute what is in no statement yet, and put up for review the statements that have no document: of one `day`
    of payments, or of all. One that was approved or sent stays as it is, so a job killed midway is simply repeated."""
    distribute(office, now, day)
    known = find_names(office, KIND, () if day is None else GONE)
    banks, made = find_banks(office.journal, office.home.ledger), list[PutUp]()
    forms = office.journal.submissions.all()
    came = {form.id: to_almaty(form.complete_at).date() for form in forms if form.form == "bank_register"}
    wanted = [one for one in office.journal.transfers.distributions(day) if statement_name(one) not in known]
    every, sources = (find_shares(office, wanted, by) for by in (("customer", "service"), ("submission",)))
    for statement in wanted:
        shares, registers = every[statement.number], sources[statement.number]
        whose = {share.of: (share.of[0], part_kind(office, share.of[1])) for share in shares}
        found_payees = find_payees(office, whose.values(), to_almaty(statement.made_at).date())
        payees = {of: found_payees[one] for of, one in whose.items()}
        due = min(distribution_due(office.rules, came[share.of[0]], statement.day) for share in registers)
        found = DayOfBank(statement, bank_of(banks, statement.bank), shares, registers, payees, due)
        rendered = render_bank_distribution(found, office.home.operator, office.rules)
        [path] = put_up_paper(office, statement.month, [rendered], statement.bank, {"statement": statement.number}, now)
        made.append(PutUp(found, path))
    return made
