"""Checks of what a Customer tells about itself: requisites, head, acts, notices, penalty (4.3.3, 4.3.7, 4.1.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.core.money import round_money
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.payee_accounts import is_of_bank
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show, show_sum
from inbox_worker.ledger.act_answers import REVISION
from inbox_worker.settings.calendar import add_days

_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}|\b(19|20)\d{2}\b")

_LEAST_DIGITS = 4  # of a short number


@check
def old_requisite_matches(table: CheckedTable, case: Case, fields: Mapping[str, str]) -> list[Finding]:
    """Check that `Было`, when given, is what the register or a later confirmed notice told last (4.3.3)."""
    if case.customer is None:
        return []
    found, rows = [], table.where(table.find_filled("was") & table.among("indicator", fields))
    noticed = _latest_requisites(case) if rows else {}
    for index in rows:
        indicator = str(table.value(index, "indicator"))
        held = getattr(case.customer, fields[indicator])
        known = noticed.get(indicator) or ("; ".join(held) if isinstance(held, tuple) else str(held))
        if skeleton(str(table.value(index, "was"))) != skeleton(known):
            found.append(table.make_finding("requisite.old_differs", index, "was", known=known or "—"))
    return found


@check
def bic_of_iban(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns where ИИК and БИК, as they are after the form, are not of one bank: payments would come back (4.3.3)."""
    if case.customer is None:
        return []
    accounts, banks = table.where(table.find_filled("iban")), table.where(table.find_filled("bic"))
    bic = str(table.value(banks[-1], "bic")) if banks else case.customer.bic
    stated = [(index, str(table.value(index, "iban"))) for index in accounts]
    stated = stated or [(index, case.customer.iban) for index in banks]
    return [
        table.make_finding("bic.not_of_iban", index, "becomes", iban=iban, bic=bic, bank_code=iban[4:7])
        for index, iban in stated
        if not is_of_bank(case.rules, iban, bic)
    ]


def _latest_requisites(case: Case) -> dict[str, str]:
    """What confirmed notices told since the register was loaded last, the latest of each requisite."""
    facts = case.facts("requisites").sort_by([("sequence", "ascending"), ("row", "ascending")])
    later = facts.filter(pc.greater(facts["sequence"], case.register_sequence()))
    return dict(rows_of(later, "indicator", "becomes"))


@check
def date_within(
    table: CheckedTable,
    case: Case,
    column: str,
    days_back: int,
    days_ahead: int,
    usual_back: int | None = None,
    usual_ahead: int | None = None,
) -> list[Finding]:
    """Check that a date lies within so many days of the day the form came: outside, it is a slip of the pen.

    Inside that, but outside the usual days, it is warned of.
    """
    first, last = _days_around(case, days_back, days_ahead)
    dates = table.column(column)
    absurd = pc.or_(pc.less(dates, first), pc.greater(dates, last))
    facts = {"first": show(first), "last": show(last), "clause": table.rule.clause}
    found = table.each("date.absurd", absurd, column, **facts)
    first, last = _days_around(
        case,
        days_back if usual_back is None else usual_back,
        days_ahead if usual_ahead is None else usual_ahead,
    )
    facts |= {"first": show(first), "last": show(last)}
    unlikely = pc.and_not(pc.or_(pc.less(dates, first), pc.greater(dates, last)), absurd)
    return found + table.each("date.unlikely", unlikely, column, **facts)


def _days_around(case: Case, back: int, ahead: int) -> tuple[date, date]:
    return case.received_on - timedelta(days=back), case.received_on + timedelta(days=ahead)


@check
def notice_in_time(
    table: CheckedTable, case: Case, column: str, working_days: int = 0, calendar_days: int = 0
) -> list[Finding]:
    """Warns when a notice came later than so many working or calendar days from the date in a column.

    Requisites and heads: 3 working days (4.3.3, 4.3.4); a house that leaves: 2 calendar days (4.3.11).
    """
    term = (working_days, "working") if working_days else (calendar_days, "calendar")
    filled = table.where(table.find_filled(column))
    return [f for index in filled for f in tell_late_notice(table, case, index, column, term, table.rule.clause)]


def tell_late_notice(
    table: CheckedTable, case: Case, index: int, column: str, term: tuple[int, str], clause: str
) -> list[Finding]:
    """Return a warning where a notice came after so many working or calendar days from the date in a column."""
    days, count = term
    due = add_days(table.value(index, column), days, count, case.rules)
    if case.received_on <= due:
        return []
    facts = {"due": show(due), "late": str((case.received_on - due).days), "allowed": str(days)}
    facts |= {"received": show(case.received_on), "clause": clause}
    kind = table.texts.words(f"fact.{count}_days")
    return [table.make_finding("notice.late", index, column, **facts, kind=kind.ru, kind_kk=kind.kk)]


@check
def has_date(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warns when a document is named without its date (4.3.4)."""
    return [
        table.make_finding("paper.no_date", index, column)
        for index in table.where(table.find_filled(column))
        if not _DATE.search(str(table.value(index, column)))
    ]


@check
def refusal_has_reason(table: CheckedTable, case: Case, refusal: str) -> list[Finding]:
    """Check that an act is refused with a reason, or it counts as not answered; warn of one that is signed with a
    remark, which a person must read (4.3.7)."""
    refused, said = table.among("answer", [refusal]), table.find_filled("reason")
    found = table.each("act.no_reason", refused & ~said, "reason")
    return found + table.each("act.remark", table.find_filled("answer") & ~refused & said, "reason")


@check
def act_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of an act's number that was never given to this Customer (4.1.11), and of an answer of a day before the
    act's own."""
    acts, found = case.act_dates(), list[Finding]()
    for index in range(len(table)):
        written, answered = table.value(index, "act"), table.value(index, "answered_on")
        number = re.sub(REVISION, "", written) if written else ""  # a revision has its act's number
        if number and number not in acts:
            found.append(table.make_finding("act.unknown", index, "act"))
        elif number and answered and answered < acts[number]:
            found.append(table.make_finding("act.answered_before", index, "answered_on", dated=show(acts[number])))
    return found


@check
def percent_not_share(table: CheckedTable, case: Case, column: str, least: str) -> list[Finding]:
    """Warns of a per cent below `least`: 0,1 is more likely a tenth written as a share (4.1.6)."""
    percent = table.column(column)
    small = pc.and_(pc.greater(percent, 0), pc.less(percent, Decimal(least)))
    return table.each("percent.small", small, column)


@check
def own_price(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Check that a price of a Customer's own agreement is from 0 to less than 100 per cent of a payment (4.8)."""
    price = table.column(column)
    small = table.each("value.negative", pc.less(price, 0), column)
    return small + table.each("price.absurd", pc.greater_equal(price, 100), column)


@check
def telephone(table: CheckedTable, case: Case, column: str, at: str = "") -> list[Finding]:
    """Warn of a telephone with too few digits to be called (6.2.7). `at`: the column that its sender sees."""
    return [
        table.make_finding("phone.unusual", index, at or column)
        for index in table.where(table.find_filled(column))
        if sum(map(str.isdigit, str(table.value(index, column)))) < _LEAST_DIGITS
    ]


@check
def penalty_example(table: CheckedTable, case: Case, debt: str, days: int) -> list[Finding]:
    """Tells what the notice's terms make of a sample debt overdue for so many days: the sender sees the algorithm."""
    algorithm, sample = case.rules.penalties.algorithm, Decimal(debt)
    found = []
    for index, terms in enumerate(rows_of(table.form.rows, "rate", "coefficient", "grace_days", "cap")):
        if None in terms:
            continue
        rate, coefficient, grace, cap = terms
        if min(rate, coefficient, cap) <= 0 or grace < 0:
            continue
        if algorithm.rate == "base":
            rate = case.rules.penalties.base_rate(case.received_on)
        limit = round_money(sample * min(cap, Decimal(100)) / 100)
        full = round_money(sample * rate * coefficient * days / (100 * algorithm.year_days))
        facts = {
            "debt": show_sum(sample), "days": str(days), "rate": show(rate), "coefficient": show(coefficient),
            "year": str(algorithm.year_days), "penalty": show_sum(min(full, limit)), "limit": show_sum(limit),
            "due": str(algorithm.due_day), "grace": str(grace),
        }  # fmt: skip
        found.append(table.make_finding("penalty.example", index, "rate", **facts))
    return found


@check
def penalty_begins(table: CheckedTable, case: Case) -> list[Finding]:
    """Tell of a notice that says a day before its month of account: days before that month take no penalty (4.1.6)."""
    first = case.month.first_day
    begins = table.column("from_date").to_pylist()
    return [
        table.make_finding("penalty.no_days_before", index, "from_date", since=show(first), month=case.month.form_text)
        for index, day in enumerate(begins)
        if day is not None and day < first
    ]


@check
def sender_of_kind(table: CheckedTable, case: Case, kinds: Sequence[str]) -> list[Finding]:
    """Warn of a form that the contract asks of Customers of some kinds only. It forbids it to nobody, and what comes is
    proven by documents (4.3.1); what the form changes is told, for the sender may have meant another one."""
    if case.customer is None or case.customer.kind in kinds:
        return []
    kazakh = case.rules.forms["customers"].column("kind").kazakh
    said, said_kk = case.customer.kind, kazakh.get(case.customer.kind, case.customer.kind)
    facts = {**case.rule.facts, "kinds": "; ".join(kinds), "kinds_kk": "; ".join(kazakh.get(one, one) for one in kinds),
             "value_kk": said_kk, "name": case.customer.name, "clause": case.rule.clause}  # fmt: skip
    return [Finding("customer.kind_other", value=said, facts=facts)]
