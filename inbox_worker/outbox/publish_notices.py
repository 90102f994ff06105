"""Notices of the operator into the outbox: what staff ask for, and what a term calls for (4.3.5, 4.6, 10.2, 10.5).

A notice is numbered once for what it is about: made again it is the same document.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.contract.prices import PRICES, day_of_prices, prices_of
from inbox_worker.contract.settlement import NotSettledYet, find_ended_on, settle_contract
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_small_file, sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.money import show_ru
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.notice import NOTICE_TEMPLATE, OperatorNotice, days_of, render_notice
from inbox_worker.documents.view import show_short
from inbox_worker.month.office import Office
from inbox_worker.outbox.place import put_up
from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.office_rules import ANY
from inbox_worker.settings.rules import Rules

SETTLEMENT = "settlement"  # the notice of what is open when a contract has ended (10.11)
_KEY = 13  # hex digits: the kind that a number is given by has room for so many
_PREFIX = "N-"


@dataclass(frozen=True)
class DueNotice:
    """A notice to be made. `about`: what it is about, as the journal names it; `words`: as people read it."""

    kind: str
    customer: str
    about: str
    words: Bilingual
    day: date | None = None

    @property
    def key(self) -> str:
        """Return the kind that it is numbered by: one for each thing that a Customer is told of."""
        mark = sha256(f"{self.kind} {self.about} {self.day}".encode())
        return f"{NOTICE_DOCUMENT}_{mark[:_KEY]}"


def make_notice(office: Office, kind: str, bin_: str, about: str, day: date | None, now: datetime) -> Path:
    """Put a notice that staff ask for up for review, and return where it is. The same again is the same notice.

    Raises UnknownCustomer; UseError for an unknown kind, or where the notice's words need what was not given.
    """
    rule = office.rules.notices.get(kind)
    if rule is None:
        raise UseError(f"there is no notice {kind!r}; there are: {', '.join(office.rules.notices)}")
    if kind == SETTLEMENT:
        office.journal.customers.require_known(bin_)
        return put_up_notice(office, _settle(DutySources(office, to_almaty(now).date()), bin_), now)
    if rule.asks_for("about") and not about:
        raise UseError(f"--about is needed: the words of {kind} say what it is about")
    if rule.asks_for("day") and day is None:
        raise UseError(f"--day is needed: the words of {kind} name a day")
    office.journal.customers.require_known(bin_)
    return put_up_notice(office, DueNotice(kind, bin_, about, Bilingual(ru=about or "-", kk=about or "-"), day), now)


def put_up_due_notices(office: Office, now: datetime, only: str = "") -> list[Path]:
    """Put up for review whatever notice a term calls for now and that was not made yet; `only`: one Customer's."""
    known = {
        str(version.entry.get("made_of", {}).get("number"))
        for version in office.journal.documents.versions(kinds=[NOTICE_DOCUMENT])
    }
    made = []
    for notice in find_due_notices(office, to_almaty(now).date()):
        numbered = office.journal.closes.find_number(notice.customer, notice.key)
        if only in ("", notice.customer) and (numbered is None or numbered.number not in known):
            made.append(put_up_notice(office, notice, now))
    return made


def find_due_notices(office: Office, on: date) -> Iterator[DueNotice]:
    """Find the notices that terms call for: those that a term begins with, and those that follow when it was missed."""
    for duty in find_duties(office, on):
        rule, state = office.rules.duties[duty.duty], duty.state(on)
        if rule.begins_with and state != "met":
            yield _notice_of(office, rule.begins_with, duty)
        if rule.then.notice and state == "overdue":
            yield _notice_of(office, rule.then.notice, duty)
    sources = DutySources(office, on)
    for customer in sources.customers:
        if find_ended_on(sources, customer.bin):
            with suppress(NotSettledYet):  # its last month is not closed
                yield _settle(sources, customer.bin)


def put_up_notice(office: Office, notice: DueNotice, now: datetime) -> Path:
    """Render a notice and put it up for review, numbered and dated as it was the first time."""
    today, closes = to_almaty(now).date(), office.journal.closes
    numbered = closes.find_number(notice.customer, notice.key)
    month = numbered.month if numbered else Period.of(today)
    number, dated = closes.document_number(month, notice.customer, notice.key, today, prefix=_PREFIX)
    made = OperatorNotice(
        notice.kind, office.rules.notices[notice.kind], number, dated, notice.words, notice.day,
        days_of(notice.kind, office.rules),
    )  # fmt: skip
    customer = office.journal.customers.at(now)[notice.customer]
    template = read_small_file(office.home.document_template(NOTICE_TEMPLATE))
    rendered = render_notice(made, customer, office.home.operator, template)
    made_of = {"close": "", "close_number": "0", "rules": office.rules.version, "notice": notice.kind,
               "number": number, "about": notice.about}  # fmt: skip
    [path] = put_up(office, month, customer, [rendered], made_of, now)
    return path


def _settle(sources: DutySources, bin_: str) -> DueNotice:
    """Name the sums that are open when a contract has ended (10.11). Raises NotSettledYet."""
    found, texts = settle_contract(sources, bin_), sources.office.rules.texts.written
    words = [texts.words(f"settlement.{name}", sum=show_ru(value)) for name, value in found.sums.items()]
    if found.open_acts:
        words.append(texts.words("settlement.acts", acts=", ".join(found.open_acts)))
    head = texts.words("settlement.month", month=found.month.form_text)
    ru, kk = (f"{getattr(head, of)}: {'; '.join(getattr(each, of) for each in words)}." for of in ("ru", "kk"))
    return DueNotice(SETTLEMENT, bin_, f"settlement {found.until}", Bilingual(ru=ru, kk=kk), found.until)


def _notice_of(office: Office, kind: str, duty: Duty) -> DueNotice:
    day = duty.starts
    if (starts := office.rules.duties[duty.duty].starts) == "customer":
        day = date.fromisoformat(duty.source.rpartition(" ")[2])
    elif starts == "price":
        day = day_of_prices(duty.source)
    words = Bilingual(ru=duty.source, kk=duty.source)
    if kind == PRICES:
        customer = office.journal.customers.on(day).get(duty.customer)
        words = _price_words(office.rules, day, customer)
    elif form := office.journal.submissions.get(duty.source):
        title = office.rules.forms[form.form].title
        words = Bilingual(ru=f"«{title.ru}» {form.id}", kk=f"«{title.kk}» {form.id}")
    return DueNotice(kind, duty.customer, duty.source, words, day)


def _price_words(rules: Rules, day: date, customer: Customer | None) -> Bilingual:
    """Name the prices that begin on a day for Customers of this kind: service and per cent."""
    any_service = rules.texts.written.words("notice.any_service")
    parts: tuple[list[str], list[str]] = ([], [])
    for price in prices_of(rules.prices, day, customer.kind) if customer else ():
        named = any_service if price.service == ANY else rules.service(price.service)
        for part, name in zip(parts, (named.ru, named.kk), strict=True):
            part.append(f"{name} — {show_short(price.percent)} %")
    ru, kk = ("; ".join(part) or "—" for part in parts)
    return Bilingual(ru=ru, kk=kk)
