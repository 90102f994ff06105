"""Where a fact came from, in words: the file, its cell, the letter it came in, what was decided and why."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.core.hashes import DamagedFile, difference, read_proven
from inbox_worker.core.identifiers import NUMBER
from inbox_worker.core.model import Arrival, FactFile, FormTable, Outcome, Submission
from inbox_worker.forms.read import read_form
from inbox_worker.ledger.earlier_facts import replacing
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import ArchiveDamaged, file_of
from inbox_worker.workbooks.cells import CellReader

_WAITS = ("documents", "confirmation", "task")  # what a form may be held for


class Sources:
    """Describes arrivals, submissions and the cells of their workbooks."""

    def __init__(self, office: Office, reader: CellReader) -> None:
        self._office = office
        self._reader = reader
        self._say = office.say
        self._forms: dict[str, FormTable | None] = {}
        self._damaged: set[str] = set()  # submissions whose arrival's file in the archive is not what came

    def begin(self) -> None:
        """Start the reading of workbooks, while something else is done: a cell will be asked for."""
        self._reader.begin()

    def number(self, identifier: str, cell: str = "") -> list[str]:
        """What is known of an arrival or one of its forms; nothing when there is no such number.

        `cell`: only what was found in that cell of the workbook.
        """
        found = NUMBER.fullmatch(identifier)
        if not found:
            return []
        arrival = self._office.journal.arrivals.get(int(found[1]))
        submissions = self._office.journal.submissions.of_arrival(arrival.number)
        if found[2]:
            submissions = [s for s in submissions if s.ordinal == int(found[2])]
            if not submissions:
                return []
        lines = self._arrival(arrival)
        if not found[2]:
            lines += self._findings(arrival.number, "", cell)
        for submission in submissions:
            lines += self._submission(submission, cell)
        return lines

    def cell(self, submission: str, sheet: str, row: int, column: str) -> str:
        """One line for a value of a form: number, file, sheet, cell, clause, when and from whom."""
        record = self._office.journal.submissions.get(submission)
        if record is None:
            return self._say("source.cell_unknown", submission=submission, sheet=sheet, row=row)
        arrival = self._office.journal.arrivals.get(record.arrival)
        rule = self._office.rules.forms[record.form]
        letter, damaged = self._letter(record, sheet, column), ""
        if record.id in self._damaged:
            damaged = self._say("source.cell_damaged", raw=arrival.raw, damaged=self._say("source.damaged"))
        place = self._say("source.at_cell", letter=letter, row=row) if letter else self._say("source.at_row", row=row)
        sender = self._say("source.from", sender=arrival.sender) if arrival.sender else self._say("source.from_staff")
        return self._say(
            "source.cell",
            submission=submission,
            title=self._say.of(rule.title),
            clause=rule.clause,
            attachment=record.attachment,
            sheet=sheet,
            place=place,
            sender=sender,
            received_at=arrival.received_at,
            became=self._became(record.outcome),
            damaged=damaged,
        )

    def _letter(self, record: Submission, sheet: str, column: str) -> str:
        form = self._form(record)
        return form.letters.get(sheet, {}).get(column, "") if form else ""

    def _form(self, record: Submission) -> FormTable | None:
        """The submission's workbook, read again out of the archive; None when it is no form any more, or damaged."""
        if record.id not in self._forms:
            arrival = self._office.journal.arrivals.get(record.arrival)
            try:
                raw = read_proven(self._office.home.archive / arrival.raw, arrival.sha256)
                file = file_of(arrival, raw, record, self._office.rules)
            except (DamagedFile, ArchiveDamaged):  # told beside the cell, whose figure is the fact's
                self._damaged.add(record.id)
                self._forms[record.id] = None
                return None
            result = read_form(file.data, file.name, self._office.rules, self._reader) if file else None
            self._forms[record.id] = result if isinstance(result, FormTable) else None
        return self._forms[record.id]

    def _arrival(self, arrival: Arrival) -> list[str]:
        whole = self._state_of(self._office.home.archive / arrival.raw, arrival.sha256)
        outcome = self._became(arrival.outcome)
        return [
            self._say("source.arrival", id=arrival.id, source=arrival.source, mailbox=arrival.mailbox),
            "  "
            + self._say(
                "source.received",
                at=arrival.received_at.isoformat(),
                sender=arrival.sender or self._say("source.staff"),
                outcome=outcome,
            ),
            "  " + self._say("source.original", raw=arrival.raw, whole=whole),
        ]

    def _submission(self, submission: Submission, cell: str) -> list[str]:
        customer = self._office.journal.customers.all().get(submission.customer)
        rule = self._office.rules.forms.get(submission.form)
        title = (
            self._say("source.form", title=self._say.of(rule.title), clause=rule.clause)
            if rule
            else self._say("source.no_form")
        )
        lines = [
            "  " + self._say("source.submission", id=submission.id, title=title, attachment=submission.attachment),
            "    "
            + self._say(
                "source.customer", customer=submission.customer or "—", name=customer.name if customer else ""
            ).rstrip(),
            f"    {self._decided(submission)}"
            + (self._say("source.counted_in", month=submission.month) if submission.month else "")
            + self._say(
                "source.rows",
                rows_read=submission.rows_read,
                rows_posted=submission.rows_posted,
                rules=submission.rules,
            ),
        ]
        for label, value in (
            ("source.of.awaits", self._awaited(submission)),
            ("source.of.task", submission.task),
            ("source.of.confirmed", submission.confirmed),
            ("source.of.documents", submission.documents),
            ("source.of.duplicate", submission.duplicate_of),
            ("source.of.replaces", submission.replaces),
            ("source.of.replaced_by", submission.replaced_by),
            ("source.of.replaced_rows", self._replaced_rows(submission)),
        ):
            if value:
                lines.append(f"    {self._say(label)}: {value}")
        return [*lines, *self._files(submission), *self._findings(submission.arrival, submission.id, cell)]

    def _files(self, submission: Submission) -> list[str]:
        """Return a line for each file of a form: its facts, its marked workbook."""
        lines = [
            "    "
            + self._say(
                "source.facts",
                path=f.path,
                rows=f.rows,
                sha256=f.sha256,
                state=self._state_of(self._office.home.ledger / f.path, f.sha256),
            )
            for f in self._facts(submission)
        ]
        if answer := self._office.journal.submissions.answer_hash(submission.id):
            path = f"answers/{submission.id}.xlsx"
            lines.append(
                "    "
                + self._say("source.answer", path=path, state=self._state_of(self._office.home.archive / path, answer))
            )
        return lines

    def _replaced_rows(self, submission: Submission) -> str:
        """Return which forms replaced single rows of a form that stands, and how many."""
        if not submission.outcome.posted or submission.replaced_by or not submission.rows_posted:
            return ""
        by = replacing(self._office.home.ledger, self._office.journal, submission)
        return ", ".join(self._say("source.replaced_rows", by=number, count=count) for number, count in by.items())

    def _decided(self, submission: Submission) -> str:
        """Return a form's decision in words."""
        replaced = submission.outcome is Outcome.HELD and submission.replaced_by
        return self._say("source.replaced_while_held") if replaced else self._became(submission.outcome)

    def _became(self, outcome: Outcome | None) -> str:
        """Return a decision in words."""
        return self._say(f"source.became.{outcome}" if outcome else "source.undecided")

    def _awaited(self, submission: Submission) -> str:
        """Return what a held form waits for, in words; one that was replaced waits for nothing."""
        if submission.replaced_by:
            return ""
        return ", ".join(self._say(f"source.waits.{what}") for what in submission.held_for if what in _WAITS)

    def _state_of(self, path: Path, sha256: str) -> str:
        return self._say("source.damaged" if difference(path, sha256) else "source.whole")

    def _facts(self, submission: Submission) -> list[FactFile]:
        return [f for f in self._office.journal.facts.files() if f.submission == submission.id]

    def _findings(self, arrival: int, submission: str, cell: str) -> list[str]:
        lines = []
        found = self._office.journal.submissions.findings_of(arrival, submission)
        if cell and submission and not any(f.cell == cell for f in found):
            lines.append("    " + self._say("source.no_findings", cell=cell))
        for f in found:
            if cell and f.cell != cell:
                continue
            place = f"{f.sheet} {f.cell}: ".lstrip() if f.cell else ""
            clause = self._say("source.clause", clause=f.clause) if f.clause else ""
            kazakh = self._say.language == "kk"
            message, remedy = (f.message_kk, f.remedy_kk) if kazakh else (f.message, f.remedy)
            lines.append(f"    {f.severity.value} {f.code}: {place}{message}{clause} → {remedy}")
        return lines
