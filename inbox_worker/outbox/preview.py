"""Templates tried on a made-up month: by `check`, and by `documents --preview` for those who restyle them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inbox_worker.core.files import read_small_file, write_atomic
from inbox_worker.core.model import Arrival, Changes, Outcome, Period, Severity, Submission, WordedFinding
from inbox_worker.core.rendered import Rendered
from inbox_worker.core.time import ALMATY
from inbox_worker.documents.act import TEMPLATE as ACT
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_pdf import render_bills, style_of
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.debtors import render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.distribution import render_distribution
from inbox_worker.documents.month_page import TEMPLATE as MONTH_PAGE
from inbox_worker.documents.month_page import render_month_page
from inbox_worker.documents.notice import NOTICE_TEMPLATE as NOTICE
from inbox_worker.documents.notice import OperatorNotice, days_of, render_notice
from inbox_worker.documents.payments import render_payments
from inbox_worker.documents.pdf import find_soffice, to_pdf
from inbox_worker.documents.templates import TemplateProblem
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.documents.view import last_day
from inbox_worker.outbox.receipt import Book, FormAnswer, Receipt, render_receipt
from inbox_worker.outbox.receipt_words import ReceiptProblem, words_mistakes
from inbox_worker.outbox.sample import BIN, MONTH, NAME, Sample, sample
from inbox_worker.receiving.letter_language import receipts_folder
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules


def write_preview(home: Home, rules: Rules, folder: Path) -> list[Path]:
    """Write one of every document, made of a made-up month, into the folder. Raises TemplateProblem."""
    made = sample(home.operator, rules)
    documents = [_act(home, rules, made), *_workbooks(home, rules, made), _bills(home, rules, made)]
    documents += _notices(home, rules, made)
    soffice = find_soffice()
    if soffice is not None:
        documents += to_pdf(documents[:1], soffice, home.fonts)
    documents.append(_month_page(home, made))
    for document in documents:
        write_atomic(folder / document.file_name, document.data)
    return [folder / document.file_name for document in documents]


def check_templates(home: Home, rules: Rules) -> list[str]:
    """Find what is wrong with the templates that staff may restyle: a name that data do not have, a broken tag."""
    made = sample(home.operator, rules)
    tried: list[Callable[[], Rendered]] = [
        lambda: _act(home, rules, made), lambda: _bills(home, rules, made), lambda: _month_page(home, made),
        lambda: _notices(home, rules, made)[0],
    ]  # fmt: skip
    return list(_problems(tried))


def check_receipts(home: Home) -> list[str]:
    """Find what keeps the words and templates of receipts from being used: one with everything in it is written for
    trial."""
    mistakes = words_mistakes(receipts_folder(home))
    if mistakes:
        return [str(mistake) for mistake in mistakes]
    moment = datetime(2026, 8, 20, 12, tzinfo=ALMATY)
    arrival = Arrival(1, "", "", "a.eml", moment, "", "", outcome=Outcome.REJECTED)
    title, finding = Bilingual(ru="-", kk="-"), WordedFinding("a.b", Severity.ERROR, "a", "A1", *("-",) * 6)
    answers = []
    for place, outcome in enumerate((o for o in Outcome if o is not Outcome.IGNORED), 1):
        number = f"{arrival.id}-{place}"
        form = Submission(number, 1, place, "a", "", "a", "", outcome, Period(2026, 9), moment, 1, 1, "", "a")
        books: list[Book] = ["marked", "listed", "marked_too_large"]
        answers += [FormAnswer(form, title, "-", (finding, finding), None, book, "-") for book in books]
        answers.append(FormAnswer(form, None, "-", (), form, "marked", "-"))
    answers.append(FormAnswer(form, title, "-", (replace(finding, code="submission.overtaken"),), form))
    known = replace(form, outcome=Outcome.ACCEPTED, rows_posted=0, changes=Changes(unchanged=1))
    answers.append(FormAnswer(known, title, "-", ()))
    held = replace(form, outcome=Outcome.HELD, held_for=("documents", "confirmation", "task"), task="-", month=None)
    posted = replace(form, outcome=Outcome.ACCEPTED, confirmed="-", month=None)
    parted = [replace(held, held_for=(what,)) for what in ("documents", "confirmation", "task")]
    answers += [FormAnswer(one, title, "-", ()) for one in (held, *parted, posted)]
    try:
        render_receipt(Receipt(arrival, answers, (finding,), home.operator, "-", 1), receipts_folder(home))
        for whole in (Outcome.REJECTED, Outcome.QUARANTINED, Outcome.FAILED):
            letter = replace(arrival, outcome=whole)
            render_receipt(Receipt(letter, (), (finding,), home.operator, "-", 1), receipts_folder(home))
        letter = replace(arrival, outcome=Outcome.HELD)
        for worded in (finding, replace(finding, severity=Severity.WARNING)):
            render_receipt(Receipt(letter, (), (worded,), home.operator, "-", 1, "-"), receipts_folder(home))
    except ReceiptProblem as error:
        return [str(error)]
    return []


def _problems(tried: list[Callable[[], Rendered]]) -> Iterator[str]:
    for render in tried:
        try:
            render()
        except TemplateProblem as problem:
            yield str(problem)


def _act(home: Home, rules: Rules, made: Sample) -> Rendered:
    template = read_small_file(home.document_template(ACT))
    number, dated = f"{MONTH.year}-00001", last_day(MONTH)
    return render_act(made.close, made.customer, home.operator, rules, number, dated, template)


def _notices(home: Home, rules: Rules, made: Sample) -> list[Rendered]:
    template, words = read_small_file(home.document_template(NOTICE)), Bilingual(ru="«…»", kk="«…»")
    return [
        render_notice(
            OperatorNotice(
                kind, rule, f"N-{MONTH.year}-{place:05d}", last_day(MONTH), words, last_day(MONTH), days_of(kind, rules)
            ),
            made.customer, home.operator, template,
        )
        for place, (kind, rule) in enumerate(rules.notices.items(), 1)
    ]  # fmt: skip


def _bills(home: Home, rules: Rules, made: Sample) -> Rendered:
    return render_bills(made.bills, style_of(home, rules, MONTH), f"bills-{MONTH}-sample.pdf")


def _month_page(home: Home, made: Sample) -> Rendered:
    page = render_month_page(made.page, home.document_template)
    return Rendered("report", f"report-{MONTH}.html", page, MONTH_PAGE)


def _workbooks(home: Home, rules: Rules, made: Sample) -> list[Rendered]:
    whose = made.close, made.customer, home.operator, rules
    return [
        *render_turnover(*whose),
        *render_distribution(*whose),
        *render_debtors(*whose, made.ages, made.last_payments),
        *render_bill_rows(*whose, made.directory),
        *render_payments(*whose),
        *render_directory(made.directory, *whose),
        render_close_protocol(made.protocol, {BIN: NAME}, home.operator, rules),
    ]
