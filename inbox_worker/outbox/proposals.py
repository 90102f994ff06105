"""Tasks that nobody's letter made: a month to close (4.1.4), what follows a missed term (4.3.5, 10.2), the audit
(4.1.17). They propose; people decide."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.held_for import LONGEST_TASK, task_term
from inbox_worker.ledger.decision_acts import SERVICE
from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.tasks import Task
from inbox_worker.month.months import find_possible_months, is_closed
from inbox_worker.month.office import Office
from inbox_worker.settings.calendar import add_days

CLOSE, AUDIT, BACKUP = "close", "audit", "backup"


def propose_task(
    connection: Connection, office: Office, kind: str, about: str, what: str, now: datetime, customer: str = "",
    clause: str = "",
) -> Task | None:  # fmt: skip
    """Record a task of the service in the caller's transaction; None when there was one of this kind `about` it."""
    wanted = kind, about, customer
    if any((task.kind, task.submission, task.customer) == wanted for task in office.journal.tasks.all()):
        return None
    moment = to_almaty(now)
    own, due = task_term(office.rules, kind, moment.date())
    task = Task(kind, customer, SERVICE, what[:LONGEST_TASK], 0, about, clause or own, due, moment)
    return office.journal.tasks.add(connection, task)


def propose_for_missed(connection: Connection, office: Office, now: datetime) -> int:
    """Record the task that follows each missed term (`then` of rules/duties.yaml), once. Return how many."""
    today, texts, made = to_almaty(now).date(), office.rules.texts.written, 0
    known = {(task.kind, task.submission, task.customer) for task in office.journal.tasks.all()}
    for (duty, customer), missed in _group_missed(office, today).items():
        rule = office.rules.duties[duty.duty]
        kind = rule.then.task
        if kind and (kind, duty.source, customer) not in known:
            facts = {"source": duty.source, "due": f"{duty.due:%d.%m.%Y}"}
            ru, kk = (texts.words("task.missed", duty=said, **facts) for said in (rule.ru, rule.kk))
            whom = "" if customer else f": {len(missed)} ({', '.join(missed)})"
            what = f"{ru.ru} / {kk.kk}{whom}"
            made += bool(propose_task(connection, office, kind, duty.source, what, now, customer, duty.clause))
    return made


def _group_missed(office: Office, on: date) -> dict[tuple[Duty, str], list[str]]:
    """Group the duties that were missed by the task that follows: of prices that many Customers were not told, one task
    for each price; any other for its Customer. With the БИН of each Customer."""
    found: dict[tuple[str, str, str], tuple[Duty, list[str]]] = {}
    for duty in find_duties(office, on):
        rule = office.rules.duties[duty.duty]
        if rule.then.task and duty.state(on) == "overdue":
            whose = "" if rule.starts == "price" else duty.customer
            found.setdefault((duty.duty, duty.source, whose), (duty, []))[1].append(duty.customer)
    return {(duty, key[2]): customers for key, (duty, customers) in found.items()}


def month_to_close(
    office: Office, month: Period, patience: int, now: datetime
) -> tuple[Period, list[str] | None] | None:
    """Return the first open month up to `month` when every bank that paid in it has told its last banking day, or so
    many working days of the next month have passed; with the banks that have not, None where no bank paid at all.

    None: not yet, or no month is to be closed.
    """
    first, today = find_possible_months(office, now)[0], to_almaty(now).date()
    if office.directory.first_month() is None or first > month:
        return None
    missing = _find_silent_banks(office, first)
    last_wait = add_days(first.last_day, patience, "working", office.rules)
    if today <= last_wait and (missing is None or missing):
        return None
    return first, missing


def finish_closed(office: Office, now: datetime) -> None:
    """Mark proposals to close done when their month is closed."""
    done = [task for task in office.journal.tasks.open() if task.kind == CLOSE and _is_closed(office, task)]
    if done:
        with office.journal.transaction() as connection:
            office.journal.tasks.finish(connection, [task.id for task in done], now, SERVICE, "")


def _is_closed(office: Office, task: Task) -> bool:
    return is_closed(office, Period.parse(task.submission))


def _find_silent_banks(office: Office, month: Period) -> list[str] | None:
    """Return the banks whose payments of the month's last banking day have not come; None when no bank paid at all."""
    files = office.journal.facts.files("bank_register")
    rows = read_facts(office.home.ledger, "bank_register", files, ["bank", "paid_on"]) if files else None
    last: dict[str, date] = {}
    for row in rows.group_by(["bank", "paid_on"]).aggregate([]).to_pylist() if rows is not None else ():
        bank, day = row["bank"], row["paid_on"]
        if Period.of(day) >= month:
            last[bank] = max(day, last.get(bank, day))
    end = add_days(month.plus(1).first_day, -1, "banking", office.rules)
    return sorted(bank for bank, day in last.items() if day < end) if last else None
