"""The source of a fact in words: the file, its cell, its message, what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_worker.core.files import read_file
from inbox_worker.core.hashes import difference, find_certificate
from inbox_worker.core.identifiers import NUMBER
from inbox_worker.core.model import Arrival, FactFile, FormTable, Outcome, Submission
from inbox_worker.explain.spoken import with_commas
from inbox_worker.explain.tree import SourceCell
from inbox_worker.ledger.acts import ASSIGN, RecordedAct, find_acts_named
from inbox_worker.ledger.facts import letters_of
from inbox_worker.ledger.rewritten import find_certificate_of
from inbox_worker.month.office import Office

if TYPE_CHECKING:
    from inbox_worker.workbooks.cells import CellReader

Letters = Mapping[str, Mapping[str, str]]  # the column letter of each of a form's columns, by sheet

_WAITS = ("documents", "confirmation", "task")  # what a form may be held for


class Sources(AbstractContextManager["Sources"]):
    """Describes arrivals, submissions and the cells of their workbooks. Used in a `with`."""

    def __init__(self, office: Office, *, to_start: bool = False) -> None:
        """`to_start`: balances are led on to the first cell of their line, else to the month before."""
        self._office = office
        self.to_start = to_start
        self._say = with_commas(office.say)
        self.cells: dict[str, SourceCell] = {}  # by the words that told of each
        self._open = ExitStack()
        self._letters: dict[str, Letters] = {}  # by submission
        self._damaged: dict[str, str] = {}  # submissions whose arrival's file is not what came: how it is

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def number(self, identifier: str, cell: str = "") -> list[str]:
        """Return what is known of an arrival or one of its forms; nothing when there is no such number.

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
        """Return one line for a value of a form: number, file, sheet, cell, clause, when and from whom."""
        record = self._office.journal.submissions.get(submission)
        if record is None:
            return self._say("source.cell_unknown", submission=submission, sheet=sheet, row=row)
        arrival = self._office.journal.arrivals.get(record.arrival)
        rule = self._office.rules.forms[record.form]
        letter, damaged = self._letters_of(record).get(sheet, {}).get(column, ""), ""
        if record.id in self._damaged:
            damaged = self._say("source.cell_damaged", raw=arrival.raw, damaged=self._damaged[record.id])
        place = self._say("source.at_cell", letter=letter, row=row) if letter else self._say("source.at_row", row=row)
        sender = self._say("source.from", sender=arrival.sender) if arrival.sender else self._say("source.from_staff")
        facts = {"title": self._say.of(rule.title), "clause": rule.clause, "attachment": record.attachment,
                 "received_at": arrival.received_at, "became": self._say_outcome(record.outcome)}  # fmt: skip
        where = {"submission": submission, "sheet": sheet, "place": place, "sender": sender}
        act = self._acts_of_payments.get(f"{submission}/{sheet}/{row}")
        of_text = "" if sheet else "_of_text"  # a .csv has no sheets
        words = self._say(f"source.cell{of_text}", **where, **facts, damaged=damaged)
        words += self._say_assigned(act) if act else ""
        self.cells[words] = SourceCell(
            submission, str(facts["title"]), rule.clause, record.rules, record.attachment, sheet, row, letter,
            arrival.received_at.isoformat(), arrival.sender, record.outcome.value, arrival.raw, arrival.sha256,
        )  # fmt: skip
        return words

    def _say_assigned(self, act: RecordedAct) -> str:
        """Return who said where a payment in suspense belongs, when, and how they know."""
        said, _, by = act.details.partition("; by ")
        account = dict(part.split(" ", 1) for part in said.split("; ") if " " in part).get("account", "")
        at = f"{datetime.fromisoformat(act.at):%d.%m.%Y %H:%M:%S}"
        return self._say("source.assigned", who=act.who, at=at, account=account, by=by, details=act.details)

    @cached_property
    def _acts_of_payments(self) -> Mapping[str, RecordedAct]:
        """Return what staff said of payments that no line took, by payment (4.1.7)."""
        return {act.subject: act for act in find_acts_named(self._office.journal.database, ASSIGN)}

    def _letters_of(self, record: Submission) -> Letters:
        """Return where the columns of a form stand: its facts say it, else its workbook is read again out of the
        archive; nothing where that is damaged, which is told beside the cell, whose figure is the fact's."""
        if record.id not in self._letters:
            arrival = self._office.journal.arrivals.get(record.arrival)
            path = self._office.home.archive / arrival.raw
            if lost := bool(difference(path, arrival.sha256)):
                self._damaged[record.id] = self._state_of(path, arrival.sha256)
            notes = iter(letters_of(self._office.home.ledger, file) for file in self._facts(record))
            if lost and not find_certificate(path):
                self._letters[record.id] = {}
            else:  # of what was destroyed the facts still tell where each column stood
                found = next(filter(None, notes), {})
                self._letters[record.id] = found if found or lost else self._letters_read(arrival, record)
        return self._letters[record.id]

    def _letters_read(self, arrival: Arrival, record: Submission) -> Letters:
        """Return the same for facts that do not say it; nothing where the workbook is no form any more."""
        from inbox_worker.forms.read import read_form
        from inbox_worker.receiving.opening import ArchiveDamaged, file_of

        rules = self._office.rules
        try:
            file = file_of(arrival, read_file(self._office.home.archive / arrival.raw), record, rules)
        except ArchiveDamaged:
            self._damaged[record.id] = self._say("source.damaged")
            return {}
        if file is None:
            return {}
        form = read_form(file.data, file.name, rules, self._reader, form=record.form)
        return form.letters if isinstance(form, FormTable) else {}

    @cached_property
    def _reader(self) -> CellReader:
        from inbox_worker.workbooks.cells import CellReader

        return self._open.enter_context(CellReader(self._office.rules.limits))

    def _arrival(self, arrival: Arrival) -> list[str]:
        whole = self._state_of(self._office.home.archive / arrival.raw, arrival.sha256)
        sender, outcome = arrival.sender or self._say("source.staff"), self._say_outcome(arrival.outcome)
        at = f"{arrival.received_at:%d.%m.%Y %H:%M:%S}"
        return [
            self._say("source.arrival", id=arrival.id, source=arrival.source, mailbox=arrival.mailbox),
            "  " + self._say("source.received", at=at, sender=sender, outcome=outcome),
            "  " + self._say("source.original", raw=arrival.raw, whole=whole),
        ]

    def _submission(self, submission: Submission, cell: str) -> list[str]:
        customer = self._office.journal.customers.at(submission.complete_at).get(submission.customer)
        rule = self._office.rules.forms.get(submission.form)
        title = self._say("source.no_form")
        if rule:
            title = self._say("source.form", title=self._say.of(rule.title), clause=rule.clause)
        name, bin = customer.name if customer else "", submission.customer or "—"
        counted = self._say("source.counted_in", month=submission.month) if submission.month else ""
        facts = {name: getattr(submission, name) for name in ("rows_read", "rows_posted", "rules")}
        lines = [
            "  " + self._say("source.submission", id=submission.id, title=title, attachment=submission.attachment),
            "    " + self._say("source.customer", customer=bin, name=name).rstrip(),
            f"    {self._say_decision(submission)}{counted}{self._say('source.rows', **facts)}",
        ]
        for label, value in (
            ("source.of.awaits", self._list_awaited(submission)),
            ("source.of.task", submission.task),
            ("source.of.letters", self._letters_about(submission)),
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
        home, lines = self._office.home, list[str]()
        for file in self._facts(submission):
            state, facts = self._state_of(home.ledger / file.path, file.sha256), vars(file)
            found = find_certificate_of(self._office.journal.database, file.sha256)
            if found and self._was_destroyed(found[0]):
                state = f"{state}, {self._say('source.cleared', number=found[0], day=found[1])}"
            lines.append("    " + self._say("source.facts", state=state, **facts))
        if answer := self._office.journal.submissions.answer_hash(submission.id):
            path = f"answers/{submission.id}.xlsx"
            state = self._state_of(home.archive / path, answer)
            lines.append("    " + self._say("source.answer", path=path, state=state))
        return lines

    def _letters_about(self, submission: Submission) -> str:
        """Return the letters about a form that nobody has seen to: one may ask to withdraw it."""
        waiting = self._office.journal.tasks.replies_about(submission.id)
        return "; ".join(f"{task.id} ({task.source}, {task.sender}): {task.what}" for task in waiting)

    def _replaced_rows(self, submission: Submission) -> str:
        """Return which forms replaced single rows of a form that stands, and how many."""
        if not submission.outcome.posted or submission.replaced_by or not submission.rows_posted:
            return ""
        from inbox_worker.ledger.earlier_facts import find_replacements

        by = find_replacements(self._office.home.ledger, self._office.journal, submission)
        return ", ".join(self._say("source.replaced_rows", by=number, count=count) for number, count in by.items())

    def _say_decision(self, submission: Submission) -> str:
        """Return a form's decision in words."""
        replaced = submission.outcome is Outcome.HELD and submission.replaced_by
        return self._say("source.replaced_while_held") if replaced else self._say_outcome(submission.outcome)

    def _say_outcome(self, outcome: Outcome | None) -> str:
        """Return a decision in words."""
        return self._say(f"source.became.{outcome}" if outcome else "source.undecided")

    def _list_awaited(self, submission: Submission) -> str:
        """Return what a held form waits for, in words; one that was replaced waits for nothing."""
        if submission.replaced_by:
            return ""
        return ", ".join(self._say(f"source.waits.{what}") for what in submission.held_for if what in _WAITS)

    def _state_of(self, path: Path, sha256: str) -> str:
        if not difference(path, sha256):
            return self._say("source.whole")
        if (found := find_certificate(path)) is None:
            return self._say("source.damaged")
        if not self._was_destroyed(found[0]):
            return self._say("source.whole")  # else it had not been destroyed
        return self._say("source.destroyed", number=found[0], day=found[1])

    def _was_destroyed(self, number: int) -> bool:
        """Tell whether a certificate's destruction had begun at the moment that is asked about."""
        moment, known = self._office.as_of, self._office.journal.destroyed.all()
        later = (one.destroyed_at for one in known if one.number == number and one.destroyed_at)
        return moment is None or not any(datetime.fromisoformat(at) > moment for at in later)

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
            weight = self._say(f"source.weight.{f.severity.value}")
            lines.append(f"    {weight}: {place}{message}{clause} → {remedy} ({f.code})")
            rule = self._office.rules.findings.get(f.code)
            staff = self._say.of_staff(rule, f"IW-{arrival:06d}") if rule else ""
            lines += ["      " + self._say("source.for_staff", what=staff)] if staff else []
        return lines
