"""Documents that Customers asked for: made and put up by the service, once or every working day (4.1.10, 4.1.14,
4.1.16).

Which kinds of request the program does is said by rules/requests.yaml, at what time standing orders are made by
rules/schedule.yaml. What was made is an act of the service, so that
nothing is made twice and no day is left out when the service did not run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_worker.contract.schedule import PAYMENTS, has_begun
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import find_acts_named, record_act
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.months import MonthError
from inbox_worker.month.office import Office
from inbox_worker.outbox.export import EXPORT, make_export, put_up_export
from inbox_worker.outbox.publish import render_for
from inbox_worker.settings.calendar import add_working_days, is_working_day, order_begins

MADE = "request met"
_LATE = (
    3  # working days in which banks' data of a day still come (4.1.7): its file is made again, and goes if it changed
)


@dataclass(frozen=True)
class DueRequest:
    """One row of a request, of which something is due today: `days` of payments, or this month's document (None);
    `formats`: those asked for, () = the usual ones."""

    submission: str
    row: int
    customer: str
    makes: str
    formats: tuple[str, ...]
    days: tuple[date | None, ...]

    def subject(self, today: date) -> str:
        """Return how acts name that it was made on a day."""
        return f"{self.submission} {self.row} {today}"


def make_requested(office: Office, now: datetime) -> None:
    """Make and put up whatever is due now; what was made today already is not made again."""
    due = _find_due(office, now)
    exports, others = ([one for one in due if (one.makes == EXPORT) is is_export] for is_export in (True, False))
    _make_documents(office, others, now)
    _record_made(office, others, now)
    faults = [fault for one in exports if (fault := _make_export(office, one, now))]
    if faults:
        raise MonthError("; ".join(faults))


def _make_documents(office: Office, due: Sequence[DueRequest], now: datetime) -> None:
    today = to_almaty(now).date()
    wanted: dict[tuple[str, Period, tuple[str, ...]], dict[date | None, set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for one in due:
        for day in one.days:
            wanted[one.makes, Period.of(day or today), one.formats][day].add(one.customer)
    for (makes, month, formats), by_day in wanted.items():
        for day, bins in by_day.items():
            render_for(office, month, makes, bins, [day], now, formats)


def _make_export(office: Office, one: DueRequest, now: datetime) -> str:
    """Make the reports of three years that one row asks for; return what keeps it from being made, '' when it is."""
    try:
        put_up_export(office, make_export(office, one.customer, to_almaty(now).date()), now)
    except MonthError as error:  # the Customer's first close brings it
        return str(error)
    _record_made(office, [one], now)
    return ""


def _record_made(office: Office, made: Sequence[DueRequest], now: datetime) -> None:
    if not made:
        return
    with office.journal.transaction() as connection:
        for one in made:
            subject, details = one.subject(to_almaty(now).date()), f"{one.makes} {one.customer}"
            record_act(connection, MADE, subject, now, who=SERVICE, details=details)


def _find_due(office: Office, now: datetime) -> list[DueRequest]:
    today = to_almaty(now).date()
    files, rules = office.journal.facts.files("request"), office.rules.requests
    if not files:
        return []
    made, begun = _find_made(office), has_begun(office.rules.schedule[PAYMENTS], now)
    found = []
    names = ["customer", "kind", "parameter", "since", "submission", "row"]
    for row in read_facts(office.home.ledger, "request", files, names).to_pylist():
        form = office.journal.submissions.get(row["submission"])
        rule, last = rules.get(row["kind"]), made.get((row["submission"], row["row"]))
        if form is None or form.replaced_by or rule is None:
            continue
        if rule.makes != EXPORT and _is_over(office, row["customer"], today):  # reports of what is over may be asked
            continue
        begins = order_begins(to_almaty(form.complete_at).date(), row["since"], office.rules)
        days: tuple[date | None, ...] = () if last else (None,)
        if rule.every == "working day":
            days = _days_of(office, begins, last, today) if begun else ()
        if days:
            formats = rule.find_formats(row["parameter"])
            found.append(DueRequest(row["submission"], row["row"], row["customer"], rule.makes, formats, days))
    return found


def _days_of(office: Office, begins: date, last: date | None, today: date) -> tuple[date | None, ...]:
    """Return the days whose payments today's files tell: those since the last files, and those before whose data may
    have come late; none before the working day before the order begins."""
    if today < begins or not is_working_day(today, office.rules) or last == today:
        return ()
    first = add_working_days(begins, -1, office.rules)
    since = max(first, min(last or first, add_working_days(today, -_LATE, office.rules)))
    return tuple(since + timedelta(number) for number in range((today - since).days))


def _find_made(office: Office) -> Mapping[tuple[str, int], date]:
    """Return the last day on which something was made of each row of a request."""
    found: dict[tuple[str, int], date] = {}
    for act in find_acts_named(office.journal.database, MADE):
        submission, row, day = act.subject.split(" ")
        found[submission, int(row)] = date.fromisoformat(day)
    return found


def _is_over(office: Office, bin_: str, today: date) -> bool:
    customer = office.journal.customers.on(today).get(bin_)
    return customer is None or (customer.valid_until is not None and customer.valid_until < today)
