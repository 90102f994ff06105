"""The way of a message's forms: open -> read -> decide -> commit. A preview is the same without commit.

To open, to read and to decide writes nothing; to commit is one transaction a form (architecture.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.model import Arrival, Attachment, Finding, FormTable, Outcome, Submission
from inbox_worker.deciding.act_answers import ACT_RESPONSE, answers_of
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.claim import UNREAD
from inbox_worker.deciding.corrections import may_be_overtaken
from inbox_worker.deciding.decide import Decision, decide
from inbox_worker.deciding.expiry import ask_about_ended
from inbox_worker.deciding.held_for import find_wanted_documents
from inbox_worker.deciding.identify import identify
from inbox_worker.deciding.letter_words import own_text, speaks_against_own
from inbox_worker.deciding.marked_workbook import keep_answer
from inbox_worker.deciding.order_ends import confirm_fresh
from inbox_worker.deciding.pasted_form import find_pasted_form
from inbox_worker.deciding.payee_accounts import REMEMBERED
from inbox_worker.deciding.post import PostedFacts, post
from inbox_worker.deciding.register_changes import changed_versions, describe_changes
from inbox_worker.deciding.replies import Then, tell_known_addresses
from inbox_worker.deciding.task_making import keep_task
from inbox_worker.deciding.wording import word_all
from inbox_worker.forms.read import read_form
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.banks import find_banks
from inbox_worker.ledger.mail_places import is_fetched
from inbox_worker.month.office import Office
from inbox_worker.receiving.letter_language import languages_of
from inbox_worker.receiving.opening import LOAD, ArchiveDamaged, Opened, file_of, open_arrival
from inbox_worker.receiving.receipt_doubt import doubt_receipt
from inbox_worker.receiving.store import raw_of
from inbox_worker.settings.calendar import calendar_month
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.sniff import Kind, sniff
from inbox_worker.workbooks.supporting_documents import broken_document

_STRANGERS = frozenset({
    "form.unknown", "form.letters_lost", "workbook.lock_file", "workbook.xml_table", "workbook.flat_ods",
    "workbook.numbers", "workbook.dbf", "workbook.old_format", "workbook.bank_format", "workbook.message",
    "workbook.pdf", "workbook.picture", "workbook.words",
})  # fmt: skip
_MAY_HOLD_FIGURES = frozenset({Kind.WORDS, Kind.HTML, Kind.MESSAGE, Kind.OTHER})  # a scan or a photo is a usual proof
_MOST_WAITING = 5  # held forms that a further one is compared with
_TRACE = "workbook.lock_file"  # what Excel leaves beside an open workbook: neither a form nor a document


class FormDecider:
    """The four steps, with what they are done with."""

    def __init__(self, office: Office, reader: CellReader, now: datetime | None = None) -> None:
        """`now`: when it is, where moments of receipt that have not come yet are to be told; nothing is decided by
        it."""
        self.office = office
        self._reader = reader
        self._now = now

    # --- open ---------------------------------------------------------------------------------------------------

    def open(self, arrival: Arrival, raw: bytes | None = None) -> Opened:
        """Open a message: its sender, forms and documents, or why it goes no further. `raw`: its bytes, where it is
        only looked at; else they are in the archive."""
        office = self.office
        data = raw_of(office.home.archive, arrival) if raw is None else raw
        customers = office.journal.customers.at(arrival.received_at)
        fetched = bool(office.home.config.authserv_id) and is_fetched(arrival)
        banks = partial(find_banks, office.journal, office.home.ledger)
        opened = open_arrival(arrival, data, office.home, office.rules, customers, fetched=fetched, banks=banks)
        doubt = doubt_receipt(arrival, data, self._now) if self._now else ()
        pasted = find_pasted_form(opened, office)
        return replace(opened, findings=(*opened.findings, *doubt, *pasted))

    # --- read ---------------------------------------------------------------------------------------------------

    def read(self, arrival: Arrival, opened: Opened, decided: Collection[int] = ()) -> tuple[list[Case], list[Finding]]:
        """Read the forms of a message that wait for a decision (`decided` do not), each with the documents beside it.

        A workbook that is no form, beside one that is, counts as a document, and its sender hears so: he may believe
        that its figures count. So does he of a document of words, a web page or a saved message where no form wants
        documents. Further forms in a workbook are numbered after all files: the first of file 2 of 3 is 5, its second
        8.
        """
        files = list(enumerate(opened.forms, 1))
        every = [self._read_at(arrival, opened, place, file, place in decided) for place, file in files]
        for case in tuple(every):
            for more, form in enumerate(case.form.others, 1):
                place = case.ordinal + more * len(files)
                every.append(self._read_at(arrival, opened, place, case.file, True, form))
        cases = [case for case in every if case.ordinal not in decided]
        known = bool(decided) or any(case.is_form for case in cases)
        strangers = [case for case in cases if known and not case.is_form and _codes(case) & _STRANGERS]
        beside = [case.file.name for case in strangers if _TRACE not in _codes(case)]
        forms = [case for case in cases if case not in strangers]
        wanted = any(case.rule.documents != "never" for case in forms if case.form.form)
        proven, broken = self.prove(opened) if wanted else (opened, ())
        against = wanted and speaks_against_own(opened, self.office.rules.tasks.letter)
        names = () if against else (*(document.name for document in proven.documents), *beside)
        proves = not forms or any(case.form.form and find_wanted_documents(case) for case in forms)
        not_forms = beside if proves else [*beside, *_may_hold_figures(opened)]
        findings = [Finding("attachment.not_a_form", value=name) for name in not_forms]
        findings += [Finding("documents.against", value=arrival.id)] if against and proven.documents else []
        findings += [Finding(_TRACE, value=case.file.name) for case in strangers if _TRACE in _codes(case)]
        return [replace(case, documents=names, broken=broken, beside=_beside(case, every)) for case in forms], findings

    def read_case(self, case: Case) -> Case:
        """Read the file of a case, unless the same bytes were posted before by the same Customer."""
        same = self._posted_before(case)
        if same and not self._has_more(same):
            return replace(case, same_as=same)
        read = replace(case, form=self._form(case))
        return replace(read, same_as=self._posted_before(read)) if same else read

    def _has_more(self, posted: Submission) -> bool:
        """Tell whether the workbook of a posted form held others: perhaps not all of them were posted."""
        beside = self.office.journal.submissions.of_arrival(posted.arrival)
        return any(one.sha256 == posted.sha256 and one.form != posted.form for one in beside)

    def form_of(self, data: bytes, name: str) -> str:
        """Return the code of the form in a workbook; '' when it is none of ours."""
        return _as_form(read_form(data, name, self.office.rules, self._reader)).form

    def prove(self, opened: Opened) -> tuple[Opened, tuple[Finding, ...]]:
        """Return the same with only those documents that open as what they are (4.3.2), and findings about the rest."""
        limits = self.office.rules.limits
        judged = [(document, broken_document(document, self._reader, limits)) for document in opened.documents]
        sound = tuple(document for document, broken in judged if broken is None)
        return replace(opened, documents=sound), tuple(broken for _, broken in judged if broken)

    def _read_at(
        self, arrival: Arrival, opened: Opened, place: int, file: Attachment, surely: bool, form: str = ""
    ) -> Case:
        """Read a file at its place; `surely`: whether or not its bytes were posted before; `form`: which form in it."""
        case = Case(self.office, arrival, place, file, opened.sender, arrival.received_at, proven=opened.proven)
        kazakh = languages_of(opened.text, self.office.home)[0] == "kk"
        case = replace(case, bank=opened.bank, kazakh=kazakh, asked_form=form, words=own_text(opened.text))
        return replace(case, form=self._form(case)) if surely else self.read_case(case)

    def _form(self, case: Case) -> FormTable:
        """What is in the file."""

        def look_up() -> None:
            """The lines that the checks will ask for, before the form is known."""
            for customer in case.own_customers:
                self.office.directory.warm(customer.bin)

        name, rules, form = case.file.name, self.office.rules, case.held.form if case.held else case.asked_form
        return _as_form(read_form(case.file.data, name, rules, self._reader, case.watch, look_up, form))

    # --- decide -------------------------------------------------------------------------------------------------

    def decide(self, case: Case) -> Decision:
        """Look up whose form it is and what it repeats, now that the forms before it are decided; then decide it."""
        same = case.same_as or (self._posted_before(case) if case.ordinal > 1 else None)  # perhaps by this very letter
        if same:
            asked = may_be_overtaken(self.office, same)
            form = (case.form if case.form.form else self._form(case)) if asked else UNREAD
            return decide(replace(case, same_as=same, form=form))
        if not case.form.form:
            return decide(case)
        known = identify(case)
        return decide(replace(known, waiting=self._find_waiting(known)))

    def _find_waiting(self, case: Case) -> tuple[Case, ...]:
        """Read the earlier held forms of a case's kind and Customer, but the one that it replaces, the last ones where
        there are many. One whose bytes are not there any more is left out: that is no fault of this form."""
        said = case.replaces if case.form.header.get("replaces") else ""
        earlier = [one for one in case.held_before if one.id != said]
        return tuple(read for one in earlier[-_MOST_WAITING:] if (read := self._read_waiting(one)))

    def _read_waiting(self, held: Submission) -> Case | None:
        arrival = self.office.journal.arrivals.get(held.arrival)
        try:
            raw = raw_of(self.office.home.archive, arrival)
            file = file_of(arrival, raw, held, self.office.rules)
        except (DamagedFile, ArchiveDamaged):
            return None
        case = Case(self.office, arrival, held.ordinal, file, arrival.sender, held.complete_at, held=held)
        read = replace(case, form=self._form(case))
        return identify(read) if read.form.form == held.form else None

    def _posted_before(self, case: Case) -> Submission | None:
        posted = self.office.journal.submissions.posted_with_bytes(case.sha256)
        form = case.form.form
        same_form = [same for same in posted if not form or same.form == form]
        return next((same for same in same_form if _may_repeat(case, same) and not _came_later(case, same)), None)

    # --- commit -------------------------------------------------------------------------------------------------

    def commit(self, decision: Decision, then: Then | None = None) -> Submission:
        """Commit at one point: decision, findings and the names of the facts in one transaction, with what `then` adds.
        Facts and the answer are written before it."""
        case, submission, findings, posted = decision.case, decision.submission, decision.findings, PostedFacts()
        journal = self.office.journal
        if decision.rows is not None:
            sequence = journal.submissions.next_sequence()
            submission, posted = replace(submission, sequence=sequence), post(decision, sequence)
            findings = (*findings, *word_all(posted.findings, case.rules))
        changed = changed_versions(case) if decision.rows is not None else []
        details = describe_changes(case) if changed else ""
        moment = case.acted_at or case.arrival.received_at
        addresses = _find_to_tell(case, submission, moment)
        answer = keep_answer(case, self._reader, submission, findings)
        with journal.transaction() as connection:
            submission = keep_task(connection, self.office, submission, decision.task, decision.asked)
            journal.submissions.record(connection, submission, findings, posted.files)
            if submission.form == ACT_RESPONSE:
                journal.act_answers.record(connection, submission, answers_of(case, submission))
            if answer:
                journal.submissions.record_answer(connection, submission.id, answer)
            if posted.customers:
                journal.customers.load(connection, posted.customers)
            if changed:
                journal.customers.put(connection, changed)
                record_act(connection, "customer changed", case.bin, changed[0].stated_at, details=details)
            if addresses:
                tell_known_addresses(connection, self.office, case.arrival, case.sender, submission, addresses, moment)
            if then:
                then(connection, submission)
        if submission.form in ("bank_statement", "order_answers"):
            confirm_fresh(self.office, submission, moment)  # a kill before it: the next `bank orders` does it
        if submission.form in ("house_contracts", "customers") and submission.outcome.posted:
            ask_about_ended(self.office, moment)  # a kill before it: the next pass does it
        return submission


def _find_to_tell(case: Case, submission: Submission, moment: datetime) -> tuple[str, ...]:
    """Return the addresses that hear of a form that changes the register: when it came, and when it acts (4.3.3)."""
    first = case.held is None and submission.outcome is Outcome.HELD
    if (
        case.customer is None
        or not case.form.form
        or not case.rule.in_register
        or not (first or submission.outcome.posted)
    ):
        return ()
    return case.office.journal.customers.find_addresses(case.bin, moment, REMEMBERED)


def _as_form(read: FormTable | tuple[Finding, ...]) -> FormTable:
    """What reading gave; a table without a code, rows and cells where that is no form of ours."""
    return read if isinstance(read, FormTable) else replace(UNREAD, findings=read)


def _beside(case: Case, every: Collection[Case]) -> tuple[Case, ...]:
    """Return the other forms of a case's kind in its letter."""
    return tuple(one for one in every if one.ordinal != case.ordinal and one.form.form == case.form.form != "")


def _may_hold_figures(opened: Opened) -> list[str]:
    """Return names of documents that may be meant as forms and that no finding names yet."""
    named = {finding.value for finding in opened.findings}
    kinds = [(file.name, sniff(file.data, file.name)) for file in opened.documents if file.name not in named]
    return [name for name, kind in kinds if kind in _MAY_HOLD_FIGURES]


def _codes(case: Case) -> set[str]:
    return {finding.code for finding in case.form.findings}


def _may_repeat(case: Case, same: Submission) -> bool:
    """Only whose form it was hears its first answer again."""
    if case.rules.forms[same.form].corrections == "none":
        return False
    operators = case.rules.forms[same.form].operator
    if case.of_bank:
        return operators
    if case.held and case.held.customer:
        return same.customer == case.held.customer
    if not case.sender:
        return operators == (case.arrival.mailbox == LOAD)
    return not operators and same.customer in {customer.bin for customer in case.own_customers}


def _came_later(case: Case, same: Submission) -> bool:
    """Tell whether the copy decided before this case came for a later month: this one is no repetition of it."""
    rule = case.rules.forms[same.form]
    timeless = rule.operator or bool(rule.held)
    first = calendar_month(same.complete_at, case.rules, same.form)
    return not timeless and calendar_month(case.complete_at, case.rules, same.form) < first
