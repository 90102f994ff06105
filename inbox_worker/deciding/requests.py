"""Requests of Customers that the program does by itself (rules/requests.yaml); every other one is a task (4.1.16)."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.settings.calendar import order_begins

REQUEST = "request"
USUAL_FORMATS = ("xlsx", "csv")


def is_made_by_program(case: Case) -> bool:
    """Return whether every row of a request is of a kind that the program does by itself."""
    kinds = case.form.rows.column("kind").to_pylist() if case.rule.form == REQUEST else []
    return bool(kinds) and all(kind in case.rules.requests for kind in kinds)


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
