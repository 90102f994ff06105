"""Requests of Customers that the program does by itself (rules/requests.yaml); every other one is a task (4.1.16)."""

from __future__ import annotations

import re

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.settings.calendar import add_months, order_begins
from inbox_worker.settings.delivery_rules import EXPORT

REQUEST = "request"
USUAL_FORMATS = ("xlsx", "csv")


@check
def address_is_own(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of an e-mail address in `Параметр` that is not the Customer's: what the program makes by itself goes to the
    register's addresses only, so a person sees to that request (4.1.10, 4.3.3)."""
    own = {email.casefold() for email in case.customer.emails} if case.customer else set()
    found = []
    for index, (kind, parameter) in enumerate(rows_of(table.form.rows, "kind", "parameter")):
        words = re.split(r"[\s,;<>()]+", (parameter or "").casefold())
        if case.rules.requests.get(kind) and (others := [word for word in words if "@" in word and word not in own]):
            found.append(table.make_finding("request.other_address", index, "parameter", address=", ".join(others)))
    return found


def is_made_by_program(case: Case) -> bool:
    """Return whether every row of a request is of a kind that the program does by itself. Reports of three years are a
    person's when they are asked for later than a month after the contract's end (4.1.14)."""
    kinds = case.form.rows.column("kind").to_pylist() if case.rule.form == REQUEST else []
    rules = [case.rules.requests.get(kind) for kind in kinds]
    return bool(rules) and all(rule and (rule.makes != EXPORT or _is_in_time(case)) for rule in rules)


def _is_in_time(case: Case) -> bool:
    until = case.customer.valid_until if case.customer else None
    return until is None or case.received_on <= add_months(until, 1)


def tell_requests(case: Case) -> list[Finding]:
    """Return what follows of each row, and from which day."""
    table, found = CheckedTable(case), list[Finding]()
    for index, row in enumerate(case.form.rows.select(["kind", "since", "parameter"]).to_pylist()):
        rule = case.rules.requests[row["kind"]]
        facts = {"since": show(order_begins(case.received_on, row["since"], case.rules)), "clause": rule.clause}
        facts["formats"] = ", ".join(rule.find_formats(row["parameter"]) or USUAL_FORMATS)
        code = "request.once" if rule.every == "once" else "request.standing"
        found.append(table.make_finding(code, index, "kind", **facts))
    return found
