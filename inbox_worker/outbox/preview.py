"""Templates tried on a made-up month: by `check`, and by `documents --preview` for those who restyle them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from inbox_worker.core.files import write_atomic
from inbox_worker.core.rendered import Rendered
from inbox_worker.documents.act import TEMPLATE as ACT
from inbox_worker.documents.act import render_act
from inbox_worker.documents.bill_pdf import render_bills
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.debtors import render_debtors
from inbox_worker.documents.directory import render_directory
from inbox_worker.documents.distribution import render_distribution
from inbox_worker.documents.month_page import TEMPLATE as MONTH_PAGE
from inbox_worker.documents.month_page import render_month_page
from inbox_worker.documents.payments import render_payments
from inbox_worker.documents.pdf import find_soffice, to_pdf
from inbox_worker.documents.templates import TemplateProblem
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.documents.view import last_day
from inbox_worker.outbox.publish_bills import style_of
from inbox_worker.outbox.sample import BIN, MONTH, NAME, Sample, sample
from inbox_worker.settings.home import Home
from inbox_worker.settings.rules import Rules


def write_preview(home: Home, rules: Rules, folder: Path) -> list[Path]:
    """Write one of every document, made of a made-up month, into the folder. Raises TemplateProblem."""
    made = sample(home.operator, rules)
    documents = [_act(home, rules, made), *_workbooks(home, rules, made), _bills(home, rules, made)]
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
    ]  # fmt: skip
    return list(_problems(tried))


def _problems(tried: list[Callable[[], Rendered]]) -> Iterator[str]:
    for render in tried:
        try:
            render()
        except TemplateProblem as problem:
            yield str(problem)


def _act(home: Home, rules: Rules, made: Sample) -> Rendered:
    template = home.document_template(ACT).read_bytes()
    number, dated = f"{MONTH.year}-00001", last_day(MONTH)
    return render_act(made.close, made.customer, home.operator, rules, number, dated, template)


def _bills(home: Home, rules: Rules, made: Sample) -> Rendered:
    return render_bills(made.bills, style_of(home, rules, MONTH), f"bills-{MONTH}-sample.pdf")


def _month_page(home: Home, made: Sample) -> Rendered:
    page = render_month_page(made.page, home.document_template)
    return Rendered("report", f"report-{MONTH}.html", page, MONTH_PAGE)


def _workbooks(home: Home, rules: Rules, made: Sample) -> list[Rendered]:
    whose = made.close, made.customer, home.operator, rules
    return [
        render_turnover(*whose),
        render_distribution(*whose),
        render_debtors(*whose, made.ages, made.last_payments),
        render_bill_rows(*whose, made.directory),
        *render_payments(*whose),
        render_directory(made.directory, MONTH, made.customer, home.operator, rules),
        render_close_protocol(made.protocol, {BIN: NAME}, home.operator, rules),
    ]
