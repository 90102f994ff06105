"""Уведомления: notices of the operator to a Customer, one page in both languages (4.3.5, 4.6, 10.2, 10.5, 10.12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.templates import fill_docx
from inbox_worker.documents.view import clean, show_date
from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.notice_rules import NoticeRule
from inbox_worker.settings.rules import Rules

NOTICE_TEMPLATE = "notice.docx"


@dataclass(frozen=True)
class OperatorNotice:
    """A notice that has its number. `about`: what it is about, in each language; `day`: the day that it speaks of,
    None where it speaks of none; `days`: the term that it starts."""

    kind: str
    rule: NoticeRule
    number: str
    dated: date
    about: Bilingual
    day: date | None = None
    days: int = 0


def render_notice(notice: OperatorNotice, customer: Customer, operator: Operator, template: bytes) -> Rendered:
    """Render a notice as a Word document made of `template` (templates/documents/notice.docx).

    The Customer's details are those given: of the day of the notice. Raises TemplateProblem when the template is
    broken.
    """
    values: dict[str, Any] = {
        "number": notice.number,
        "date": show_date(notice.dated),
        "clause": notice.rule.clause,
        "title_ru": clean(notice.rule.title.ru),
        "title_kk": clean(notice.rule.title.kk),
        "text_ru": _paragraphs(notice, notice.rule.text.ru, notice.about.ru, customer),
        "text_kk": _paragraphs(notice, notice.rule.text.kk, notice.about.kk, customer),
        "customer": {
            name: clean(getattr(customer, name)) for name in ("name", "address", "bin", "head", "contact", "phone")
        },
        "operator": {**vars(operator), "contacts": clean(operator.contacts)},
    }
    return Rendered(
        kind=NOTICE_DOCUMENT,
        file_name=f"notice-{notice.kind}-{notice.number}.docx",
        data=fill_docx(NOTICE_TEMPLATE, template, values),
        template=f"{NOTICE_TEMPLATE}@{sha256(template)[:16]}",
    )


def _paragraphs(notice: OperatorNotice, text: str, about: str, customer: Customer) -> list[str]:
    facts = {
        "about": about,
        "day": show_date(notice.day) if notice.day else "",
        "days": str(notice.days),
        "contract": customer.contract,
        "contract_date": show_date(customer.contract_date),
    }
    return [clean(line.format_map(facts)) for line in text.splitlines() if line.strip()]


def days_of(kind: str, rules: Rules) -> int:
    """Return the length of the term that a notice starts or reminds of."""
    for rule in rules.duties.values():
        if kind in (rule.notice, rule.begins_with, rule.then.notice):
            return abs(rule.term.days or 0)
    return 0
