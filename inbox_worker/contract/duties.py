"""Every term of both parties that the program can see, with its proof when it was met (rules/duties.yaml).

A rule says what starts a duty; for each such start there is one function here that finds them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from inbox_worker.contract.act_life import ActState, find_acts
from inbox_worker.contract.duty import Duty, distribution_due, due_after, due_in_month
from inbox_worker.contract.events import extend_terms, find_house_contract_duties, find_notice
from inbox_worker.contract.incidents import find_incidents
from inbox_worker.contract.month_duties import find_house_duties, find_month_duties
from inbox_worker.contract.notice_duties import find_notice_duties
from inbox_worker.contract.prices import find_price_duties
from inbox_worker.contract.request_duties import find_request_duties
from inbox_worker.contract.sources import MET, ORIGINAL, DutySources
from inbox_worker.core.errors import UseError
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.office import Office
from inbox_worker.settings.duty_rules import DutyRule


class NoSuchDuty(UseError):
    """Nobody owes what staff named; the text says how to find what is owed."""


def find_duties(office: Office, on: date) -> list[Duty]:
    """Return every duty that has started by a day: overdue first, then open ones, then those met, each by its day."""
    sources, found = DutySources(office, on), list[Duty]()
    for name, rule in office.rules.duties.items():
        if rule.watch:
            found += [duty for duty in _FIND[rule.starts](name, rule, sources) if duty.starts <= on]
    order = ("overdue", "open", "met")
    said, silent = sources.met_by_staff, {name for name, rule in office.rules.duties.items() if rule.silence}
    longer = extend_terms([_met_by_staff(duty, said) for duty in found], sources)
    known = [_end_silently(duty, on) if duty.duty in silent else duty for duty in longer]
    return sorted(known, key=lambda one: (order.index(one.state(on)), one.due, one.duty, one.customer, one.source))


def meet_duty(office: Office, duty: str, source: str, by: str, now: datetime) -> Duty:
    """Record that staff saw a duty met, and how. Raises NoSuchDuty for one that nobody owes or that is met."""
    today = to_almaty(now).date()
    for one in find_duties(office, today):
        if (one.duty, one.source) == (duty, source) and one.state(today) != "met":
            with office.journal.transaction() as connection:
                record_act(connection, MET, f"{duty} {source}", now, details=by)
            return replace(one, met_on=today, met_by=by)
    raise NoSuchDuty(f"{duty} {source} is not owed now; `duties --json` shows duty and source of what is")


def receive_original(office: Office, submission: str, by: str, now: datetime) -> Duty:
    """Record that the original of a form's scans is here (4.6). Raises NoSuchDuty where none is awaited."""
    today = to_almaty(now).date()
    awaited = find_awaited_original(office, submission, today)
    with office.journal.transaction() as connection:
        record_act(connection, ORIGINAL, submission, now, details=by)
    return replace(awaited, met_on=today, met_by=by or ORIGINAL)


def find_awaited_original(office: Office, submission: str, today: date) -> Duty:
    """Return the duty to bring the original of a form's scans (4.6). Raises NoSuchDuty where none is awaited."""
    for one in find_duties(office, today):
        if office.rules.duties[one.duty].starts == "scan" and one.source == submission and one.state(today) != "met":
            return one
    raise NoSuchDuty(f"no original is awaited for {submission}; `duties` shows for which forms one is")


def _end_silently(duty: Duty, on: date) -> Duty:
    """End a term that nothing is owed of any more when it is over: silence has an effect of its own."""
    over = duty.met_on is None and duty.due < on
    return replace(duty, met_on=duty.due, met_by=ActState.SILENT.value) if over else duty


def _met_by_staff(duty: Duty, said: Mapping[str, tuple[date, str]]) -> Duty:
    known = said.get(f"{duty.duty} {duty.source}")
    return replace(duty, met_on=known[0], met_by=known[1]) if known and duty.met_on is None else duty


# --- a function for each start ------------------------------------------------------------------------------------


def _find_tasks(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """A task is owed by whom its rule names, until its own day, by its own clause."""
    for task in sources.office.journal.tasks.all():
        done = to_almaty(task.done_at).date() if task.done_at else None
        proof = " ".join(filter(None, (task.id, task.done_by, task.note))) if done else ""
        start = to_almaty(task.made_at).date()
        yield Duty(name, task.clause, rule.who, task.customer, task.id, start, task.due, done, proof)


def _find_acts(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """An act that was delivered is answered, or silence answers for the Customer when the day is over (4.3.7)."""
    for act in find_acts(sources.office, sources.on):
        if act.delivered_on is None or act.due is None or (rule.handed and not act.handed):
            continue
        own = act.due - timedelta(act.longer)  # before force majeure, which makes every term longer
        due = due_in_month(rule, act.month, sources.office.rules) if rule.handed else own
        answered = (act.ended_on, act.ended_by) if act.ended_on else (act.answered_on, act.answer)
        yield Duty(name, rule.clause, rule.who, act.customer, act.number, act.delivered_on, due, *answered)


def _find_scans(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Scans that prove a posted form wait for their originals; what staff released by paper waits for none (4.6)."""
    for form in sources.posted:
        rule_of_form = sources.office.rules.forms[form.form]
        if not form.documents or form.id in sources.on_paper or rule_of_form.operator:
            continue
        if rule_of_form.documents == "never":  # what came beside it proves nothing
            continue
        start = to_almaty(form.complete_at).date()
        due, said = due_after(rule.term, start, sources.office.rules), sources.originals.get(form.id)
        met_on, proof = said if said else (None, "")
        yield Duty(name, rule.clause, rule.who, form.customer, form.id, start, due, met_on, proof)


def _find_registers(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Yield the duty to distribute what a bank told, by bank and day of payment: met when the bank has the statement
    (4.1.7)."""
    office, came = sources.office, {form.id: form for form in sources.posted}
    files = office.journal.facts.files("bank_register")
    rows = read_facts(office.home.ledger, "bank_register", files, ["bank", "paid_on", "submission"]) if files else None
    named = rows.select(["submission", "bank", "paid_on"]).to_pylist() if rows is not None else []
    for submission, bank, paid_on in sorted({tuple(row.values()) for row in named}):
        if (form := came.get(submission)) is not None:
            start = to_almaty(form.complete_at).date()
            due, met = distribution_due(office.rules, start, paid_on), sources.find_statement(bank, paid_on, form)
            yield Duty(name, rule.clause, rule.who, "", f"{submission} {bank} {paid_on}", start, due, *met)


def _find_facts(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Something happened on a day that a form names; the form itself is the notice, in time or late."""
    office, came = sources.office, {form.id: to_almaty(form.complete_at).date() for form in sources.posted}
    files = office.journal.facts.files(rule.form)
    rows = read_facts(office.home.ledger, rule.form, files).to_pylist() if files else []
    named = [row for row in rows if row[rule.column] and all(row[of] in among for of, among in rule.when.items())]
    for submission, customer, day in sorted({(row["submission"], row["customer"], row[rule.column]) for row in named}):
        due, met = due_after(rule.term, day, office.rules), came.get(submission)
        start = min(day, due, met or day)  # who tells beforehand owes it by then; who tells late, by its day
        yield Duty(name, rule.clause, rule.who, customer, submission, start, due, met, submission)


def _find_in_register(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """A day of the register of Customers comes near; a register with a later day starts the term anew.
    Fields of it nobody owes any more when the contract has ended, nor those that stood in the Customer's first row:
    when they were told is not known."""
    for customer in sources.customers if sources.register_has(rule.fields) else ():
        day: date | None = getattr(customer, rule.column, None)
        ended = bool(rule.fields and customer.valid_until and customer.valid_until < sources.on)
        if day is not None and not ended:
            due = due_after(rule.term, day, sources.office.rules)
            start = day if due >= day else min(customer.contract_date, due)
            source = f"{rule.column} {day}"
            met = (
                sources.find_fields(customer, rule.fields)
                if rule.fields
                else find_notice(sources, rule, customer.bin, rule.column, day)
            )
            if not (rule.fields and sources.is_first_row(customer, met[1])):
                yield Duty(name, rule.clause, rule.who, customer.bin, source, start, due, *met)


def _find_incidents(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """The national centre is told of an incident; staff say when it was (4.1.17)."""
    for one in find_incidents(sources.office):
        met_on = datetime.fromisoformat(one.notified_at).date() if one.notified_at else None
        proof = next((step.details for step in one.steps if met_on and step.at == one.notified_at), "")
        start = to_almaty(one.found_at).date()
        yield Duty(name, rule.clause, rule.who, "", one.number, start, one.due, met_on, proof)


_FIND: Mapping[str, Callable[[str, DutyRule, DutySources], Iterator[Duty]]] = {
    "month": find_month_duties,
    "house": find_house_duties,
    "task": _find_tasks,
    "act": _find_acts,
    "scan": _find_scans,
    "register": _find_registers,
    "fact": _find_facts,
    "customer": _find_in_register,
    "incident": _find_incidents,
    "house_contract": find_house_contract_duties,
    "notice": find_notice_duties,
    "price": find_price_duties,
    "request": find_request_duties,
}
