"""One form's case: read, identify the Customer, decide, post, record - the last in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from inbox_worker.core.files import sha256
from inbox_worker.core.model import (
    Customer,
    Finding,
    FormTable,
    Outcome,
    Period,
    Submission,
    WordedFinding,
)
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.ahead import Ahead
from inbox_worker.deciding.context import what_checks_know
from inbox_worker.deciding.decide import decide
from inbox_worker.deciding.identify import identify, replaced_whole
from inbox_worker.deciding.marked_workbook import keep_answer
from inbox_worker.deciding.papers import Judged, Paper, Read
from inbox_worker.deciding.post import PostedFacts, month_of_register, place_findings, post, refuse_reversals
from inbox_worker.deciding.records import Case
from inbox_worker.deciding.repeats import Overtaken, may_be_overtaken, overtaken
from inbox_worker.deciding.replies import Then
from inbox_worker.deciding.task_making import form_task, keep_task
from inbox_worker.deciding.wording import word_all
from inbox_worker.forms.read import read_form
from inbox_worker.ledger.earlier_facts import earlier_rows
from inbox_worker.ledger.facts import with_letters
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import LOAD, customers_for
from inbox_worker.settings.calendar import calendar_month, month_of
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.cells import CellReader


class FormDecider:
    """Decides forms one after another."""

    def __init__(self, office: Office, reader: CellReader, ahead: Ahead | None = None) -> None:
        self._office = office
        self._reader = reader
        self._ahead = ahead

    def read(self, paper: Paper) -> Read:
        """Reads a file, unless the same bytes were posted before by the same Customer."""
        same = self._posted_before(paper)
        if same:
            return Read(same_as=same)
        result = self._read_before(paper) or self._read_now(paper)
        return Read(form=result) if isinstance(result, FormTable) else Read(findings=result)

    def _read_before(self, paper: Paper) -> FormTable | tuple[Finding, ...] | None:
        """What the second process read of the file, if it did (`ahead.py`)."""
        foreseen = self._ahead.of(paper.arrival.sha256) if self._ahead else None
        found = foreseen.forms.get((sha256(paper.file.data), paper.file.name)) if foreseen else None
        if found is None:
            return None
        paper.watch.add(found.seconds)
        return found.result

    def _read_now(self, paper: Paper) -> FormTable | tuple[Finding, ...]:
        office, file = self._office, paper.file

        def look_up() -> None:
            """The lines that the checks will ask for, before the form is known."""
            for customer in customers_for(paper.arrival, paper.sender, office.journal.customers()):
                office.directory.warm(customer.bin)

        return read_form(file.data, file.name, office.rules, self._reader, paper.watch, look_up)

    def want_documents(self, read: Iterable[tuple[Paper, Read]]) -> bool:
        """Whether one of these forms may have to be proved by documents."""
        forms = (result.form for _, result in read if result.form is not None)
        return any(self._office.rules.forms[form.form].documents != "never" for form in forms)

    def form_of(self, data: bytes, name: str) -> str:
        """Code of the form in a workbook; '' when it is none of ours."""
        result = read_form(data, name, self._office.rules, self._reader)
        return result.form if isinstance(result, FormTable) else ""

    def decide(self, paper: Paper, read: Read, then: Then | None = None) -> Submission:
        """One form's decision, recorded with its facts and its answer; `then` is done in the same transaction."""
        return self._record(self.judge(paper, read), then)

    def judge(self, paper: Paper, read: Read) -> Judged:
        """One form's decision; nothing is written."""
        same = read.same_as
        if same is None and paper.ordinal > 1:  # perhaps by this very letter, which holds it twice
            same = self._posted_before(paper)
        if same:
            return self._repeat(paper, same)
        if read.form is None:
            submission = _submission(paper, self._office, "", "", Outcome.REJECTED)
            return Judged(paper, submission, self._word(read.findings))
        return self._judge_form(paper, read.form)

    def _word(self, findings: Iterable[Finding]) -> tuple[WordedFinding, ...]:
        return tuple(word_all(findings, self._office.rules))

    def _posted_before(self, paper: Paper) -> Submission | None:
        posted = self._office.journal.posted_with_bytes(sha256(paper.file.data))
        may = (same for same in posted if self._may_repeat(paper, same))
        return next((same for same in may if not self._came_later(paper, same)), None)

    def _came_later(self, paper: Paper, same: Submission) -> bool:
        """Whether the copy decided before this paper came for a later month: this one is no repetition of it."""
        rules = self._office.rules
        rule = rules.forms[same.form]
        timeless = rule.operator or bool(rule.held)
        return not timeless and calendar_month(paper.complete_at, rules) < calendar_month(same.complete_at, rules)

    def _may_repeat(self, paper: Paper, same: Submission) -> bool:
        """Only whose form it was hears its first answer again."""
        operators = self._office.rules.forms[same.form].operator
        if paper.customer:
            return same.customer == paper.customer
        if not paper.sender:
            return operators == (paper.arrival.mailbox == LOAD)
        customers = customers_for(paper.arrival, paper.sender, self._office.journal.customers())
        return not operators and same.customer in {customer.bin for customer in customers}

    def _repeat(self, paper: Paper, same: Submission) -> Judged:
        """Same bytes: nothing posts, the first answer is given again, unless it is not true any more (money.md,
        duplicate)."""
        duplicate = replace(
            _submission(paper, self._office, same.form, same.customer, Outcome.DUPLICATE),
            month=same.month,
            rows_read=same.rows_read,
            duplicate_of=same.id,
        )
        gone = self._overtaken(paper, same)
        if gone:
            return Judged(paper, duplicate, self._word([gone.finding(paper.file.name, same)]))
        first = self._office.journal.findings_of(same.arrival, same.id)
        again = Finding("submission.duplicate", value=paper.file.name, facts={"first": same.id})
        return Judged(paper, duplicate, (*self._word([again]), *first))

    def _overtaken(self, paper: Paper, same: Submission) -> Overtaken | None:
        """What acts instead of the rows of an earlier posted copy; None when they all act."""
        if not may_be_overtaken(self._office, same):
            return None
        form = self._read_before(paper) or self._read_now(paper)
        if isinstance(form, FormTable) and form.form == same.form:
            return overtaken(self._office, same, form, paper.arrival.received_at)
        return Overtaken(same.rows_read, (same.replaced_by,)) if same.replaced_by else None

    def _judge_form(self, paper: Paper, form: FormTable) -> Judged:
        office = self._office
        rule = office.rules.forms[form.form]
        known = identify(
            office, paper.arrival, paper.sender, paper.complete_at, form, rule, paper.customer, proven=paper.proven
        )
        stated = _stated_month(form)
        month, deferred = month_of(paper.complete_at, stated, office.rules)
        timeless = rule.operator or bool(rule.held)  # counts in no month
        replaces, wrong = replaced_whole(office, form, rule, known.customer)
        case = Case(
            rule=rule,
            form=form,
            context=what_checks_know(office, known.customer, form.form, month, paper.arrival.received_at, replaces),
            customer=known.customer,
            calendar=calendar_month(paper.complete_at, office.rules),
            month=month,
            deferred=deferred and not timeless,
            stated=stated,
            documents=paper.documents,
            closed=not timeless and office.months.is_closed(month),
            earlier=lambda: self._earlier(rule, known.customer, month, replaces, paper),
            replaced=lambda: self._replaced(rule, known.customer, replaces),
            findings=(*known.findings, *wrong),
            at_receipt=(month, False) if timeless else month_of(paper.arrival.received_at, stated, office.rules),
            complete_on=to_almaty(paper.complete_at).date(),
            broken=paper.broken,
            confirmed=bool(paper.again and paper.again.confirmed),
        )
        return self._judged(paper, case, replaces, timeless)

    def _judged(self, paper: Paper, case: Case, replaces: str, timeless: bool) -> Judged:
        """The decision about a case. `timeless`: it counts in no month."""
        office, form, rule, month = self._office, case.form, case.rule, case.month
        verdict = refuse_reversals(office, rule, decide(case), form.letters)
        bin_ = case.customer.bin if case.customer else ""
        submission = replace(
            _submission(paper, office, form.form, bin_, verdict.outcome),
            month=None if timeless else month,
            rows_read=form.rows.num_rows,
            documents="; ".join(paper.documents),
            replaces=replaces,
            changes=verdict.changes,
            held_for=verdict.held_for,
        )
        findings = self._word(verdict.findings)
        if not verdict.outcome.posted:
            keep_month = submission.month if verdict.outcome is Outcome.HELD else None
            task = form_task(office, paper.arrival, submission, paper.sender, form.rows)
            return Judged(paper, replace(submission, month=keep_month), findings, task=task)
        if rule.operator:
            submission = replace(submission, month=month_of_register(office, rule, verdict.rows))
        submission = replace(submission, rows_posted=verdict.rows.num_rows)
        old = office.journal.submission(replaces) if replaces else None
        if old and old.outcome is Outcome.HELD:
            findings += self._word([Finding("replaces.held", value=old.id)])
        return Judged(paper, submission, findings, verdict.rows, case.customer, case.deferred, form.letters)

    def _record(self, judged: Judged, then: Then | None) -> Submission:
        """The commit point: decision, findings and the names of the facts, all or nothing. Facts and the answer are
        written before it."""
        journal, submission, findings = self._office.journal, judged.submission, judged.findings
        posted = None
        if judged.rows is not None:
            submission = replace(submission, sequence=journal.next_sequence())
            posted = self._post(judged, submission)
            findings += self._word(place_findings(posted.findings, judged.letters)) if posted else ()
        answer = keep_answer(self._office, self._reader, judged.paper.file, submission, findings, judged.paper.watch)
        with journal.transaction() as connection:
            submission = keep_task(connection, self._office, submission, judged.task)
            journal.record_submission(connection, submission, findings, posted.files if posted else ())
            if answer:
                journal.record_answer(connection, submission.id, answer)
            for also in posted.also if posted else ():
                also(connection)
            if then:
                then(connection, submission)
        return submission

    def _post(self, judged: Judged, submission: Submission) -> PostedFacts | None:
        """Writes the facts; None when every row says what is known already."""
        if judged.rows is None or not judged.rows.num_rows:
            return None
        rule = self._office.rules.forms[submission.form]
        month = submission.month or calendar_month(submission.complete_at, self._office.rules)
        rows = with_letters(judged.rows, judged.letters)
        return post(
            self._office, rule, rows, judged.customer, month, judged.deferred, submission.id, submission.sequence
        )

    def _earlier(
        self, rule: FormRule, customer: Customer | None, month: Period, without: str, paper: Paper
    ) -> pa.Table:
        """Open earlier facts that rows of this form may replace, less the submission replaced whole. Where the month
        belongs to the key, those of later months only in a copy of this very file, or of what happens once."""
        posted = self._office.journal.posted_with_bytes(sha256(paper.file.data)) if rule.per_month else []
        return earlier_rows(
            self._office.home.ledger,
            self._office.journal,
            rule,
            customer.bin if customer else "",
            open_from=None if rule.operator else self._office.months.first_open(),
            only=month if rule.per_month else None,
            without=without,
            copies=frozenset(same.id for same in posted),
        )

    def _replaced(self, rule: FormRule, customer: Customer | None, replaces: str) -> pa.Table:
        """Rows of the submission that this form replaces whole; none without one."""
        if not replaces:
            return pa.table({})
        ledger, journal = self._office.home.ledger, self._office.journal
        bin_ = customer.bin if customer else ""
        return earlier_rows(ledger, journal, rule, bin_, open_from=None, only=None, of=replaces)


def _stated_month(form: FormTable) -> Period | None:
    """`Месяц учёта`; None when it is empty or no month (which reading has told as an error)."""
    cell = form.header.get("month")
    if cell is None or any((f.sheet, f.cell) == (cell.sheet, cell.cell) for f in form.findings):
        return None
    return Period.parse(cell.text)


def _submission(paper: Paper, office: Office, form: str, customer: str, outcome: Outcome) -> Submission:
    return Submission(
        id=paper.id,
        arrival=paper.arrival.number,
        ordinal=paper.ordinal,
        attachment=paper.file.name,
        sha256=sha256(paper.file.data),
        form=form,
        customer=customer,
        outcome=outcome,
        month=None,
        complete_at=paper.complete_at,
        rows_read=0,
        rows_posted=0,
        rules=office.rules.version,
        task=paper.again.task if paper.again else "",
        confirmed=paper.again.confirmed if paper.again else "",
    )
