"""Effects of a Customer's notice once it counts, beside those in the register of Customers: lines that stop (10.1), a
house's contract that ends (4.3.11), longer terms (9.3), and the question to staff whether lines stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from inbox_worker.core.model import FactFile, Finding, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.held_for import LONGEST_TASK, task_term
from inbox_worker.deciding.notice_checks import NOTICE
from inbox_worker.deciding.table import CheckedTable, show
from inbox_worker.ledger.facts import read_facts, write_facts
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.ledger.tasks import STOP, Task
from inbox_worker.month.stopping import find_lines_left, last_month_of

HOUSE_EXIT = "house_exit"
_CODES = {"stop": "notice.lines_stop", "extend": "notice.terms_longer"}
_ASKED = ("attestation", "house")  # whether lines stop is for a person: the contract says "may"
Row = dict[str, Any]


def tell_notices(case: Case) -> list[Finding]:
    """Return what each row does that the register of Customers does not show, and what staff are asked."""
    found, table = list[Finding](), CheckedTable(case)
    for index, row in enumerate(_rows(case)):
        acts = case.rules.customer_notices[row["kind"]].acts
        facts = {"since": show(row["acts_on"]), "until": show(row.get("until")) or "—"}
        facts |= {} if acts == "extend" else {"clause": row["clause"]}  # 9.2 asks for it, 9.3 says what it does
        if acts in _CODES:
            found.append(table.make_finding(_CODES[acts], index, "kind", **facts))
        if acts in _ASKED:
            facts["due"] = show(_decided_by(case, row))
            found.append(table.make_finding("notice.stop_asked", index, "event_on", **facts))
    return found


def tell_last_exit(case: Case) -> list[Finding]:
    """Return what follows when the last of a Customer's houses leaves: its contract ends by itself (10.7)."""
    if case.rule.form == NOTICE:
        return _tell_last_given_up(case)
    if case.rule.form != HOUSE_EXIT or not case.lines.num_rows:
        return []
    rows = case.form.rows.select(["house", "left_on"]).to_pylist()
    last = max(Period.of(row["left_on"]) for row in (*case.facts(HOUSE_EXIT).to_pylist(), *rows))
    left = case.office.directory.lines(case.bin, last.plus(1)).column("house").to_pylist()
    if set(left) - {row["house"] for row in rows}:
        return []
    return [CheckedTable(case).make_finding("contract.left", len(rows) - 1, "house", until=show(last.last_day))]


def _tell_last_given_up(case: Case) -> list[Finding]:
    """Return the same of a notice by which a Customer gives up the last of its lines."""
    rules, rows = case.rules.customer_notices, _rows(case)
    given = [(index, row) for index, row in enumerate(rows) if rules[row["kind"]].acts == "stop"]
    new = [(index, {**row, "from_date": row["acts_on"]}) for index, row in given]
    if not new or not case.lines.num_rows:
        return []
    notices = {row["submission"] for row in case.facts(NOTICE).to_pylist()}
    known = [row for row in case.facts("stops").to_pylist() if row["submission"] in notices]
    exits = [Period.of(row["left_on"]) for row in case.facts(HOUSE_EXIT).to_pylist()]
    stops = [*known, *(stop for _, stop in new)]
    last = max([*exits, *map(last_month_of, stops)])
    lines = case.office.directory.lines(case.bin, last.plus(1)).select(["house", "service"]).to_pylist()
    if find_lines_left(lines, stops, last.plus(1)):
        return []
    return [CheckedTable(case).make_finding("contract.left", new[-1][0], "parameter", until=show(last.last_day))]


def ask_for_stops(case: Case, rows: pa.Table) -> tuple[Task, ...]:
    """Return a task for each row after which lines may stop, with its clause and the day to decide by (4.3.10,
    4.3.11)."""
    if case.rule.form != NOTICE:
        return ()
    made_at = to_almaty(case.acted_at or case.arrival.received_at)
    asked = []
    for row in rows.to_pylist():
        rule = case.rules.customer_notices[row["kind"]]
        if rule.acts in _ASKED:
            what = f"{row['kind']} {show(row['event_on'])}: {row['house'] or ''} {row['basis']}"[:LONGEST_TASK]
            due = _decided_by(case, row)
            asked.append(
                Task(STOP, case.bin, case.sender, what, case.arrival.number, case.id, rule.clause, due, made_at)
            )
    return tuple(asked)


def write_consequences(case: Case, rows: pa.Table, month: Period) -> Iterator[FactFile]:
    """Write what the rows of a notice are for other kinds of facts, under the notice's number: stops of lines, and ends
    of the contracts of houses."""
    found: dict[str, list[Row]] = {"stops": [], "house_contracts": []}
    for row in rows.to_pylist() if case.rule.form == NOTICE else ():
        acts, place = (
            case.rules.customer_notices[row["kind"]].acts,
            {name: row[name] for name in _PLACE} | _owner(case, month),
        )
        if acts == "stop":
            stop = {"house": row["house"], "service": row["service"], "from_date": row["acts_on"]}
            stop |= {"reason": row["basis"], "clause": row["clause"], **_earlier_stop(case, row)}
            found["stops"].append(place | stop)
        if acts == "house":
            found["house_contracts"].append(place | _ended_contract(case, row))
    for kind, made in found.items():
        if made:
            table = pa.Table.from_pylist([{name: one.get(name) for name in SCHEMAS[kind].names} for one in made])
            yield write_facts(case.office.home.ledger, kind, case.bin, month, case.id, table)


_PLACE = ("submission", "sequence", "sheet", "row")


def _owner(case: Case, month: Period) -> Row:
    return {"customer": case.bin, "month": month.first_day}


def _earlier_stop(case: Case, row: Row) -> Row:
    """Return the place of an earlier notice about the same lines: the day told last counts."""
    journal = case.office.journal.facts
    files = journal.files("stops", customer=case.bin)
    notices = {file.submission for file in journal.files(NOTICE, customer=case.bin)}
    same = [
        stop
        for stop in read_facts(case.office.home.ledger, "stops", files).to_pylist()
        if (stop["account"], stop["house"], stop["service"]) == (None, row["house"], row["service"])
        and stop["submission"] in notices
    ]
    return _replace_row(same[-1]) if same else {}


def _ended_contract(case: Case, row: Row) -> Row:
    """Return the contract of a house as it is told now: the one in force then, with its last day; one that nobody
    registered began with the Customer's own."""
    known = [one for one in case.facts("house_contracts").to_pylist() if one["house"] == row["house"]]
    begun = [one for one in known if one["since"] <= row["event_on"]]
    last = max(begun, key=lambda one: one["since"], default=None)
    since = last["since"] if last else min(_date_of_contract(case), row["event_on"])
    ended = {"house": row["house"], "since": since, "until": row["event_on"], "document": row["basis"]}
    return ended | (_replace_row(last) if last else {})


def _replace_row(row: Row) -> Row:
    return {f"replaces_{name}": row[name] for name in ("submission", "sheet", "row")}


def _date_of_contract(case: Case) -> date:
    return case.customer.contract_date if case.customer else date.max


def _decided_by(case: Case, row: Row) -> date:
    """Return the day by which staff decide: that of the event, but not before their own term."""
    day: date = row["event_on"]
    return max(day, task_term(case.rules, STOP, case.received_on)[1])


def _rows(case: Case) -> list[Row]:
    return list(case.form.rows.to_pylist()) if case.rule.form == NOTICE else []
