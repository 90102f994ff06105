"""The check of a Customer's notices by kind (rules/customer_notices.yaml), and what follows of each row that counts.

A notice that comes too late for its term is warned of, not refused: the contract then ends later, and what happened in
spite of it happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pyarrow as pa

from inbox_worker.core.identifiers import valid_bic, valid_iban
from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.party_checks import tell_late_notice
from inbox_worker.deciding.payee_accounts import is_of_bank
from inbox_worker.deciding.table import CheckedTable, check, show
from inbox_worker.settings.calendar import add_days
from inbox_worker.settings.likeness import are_alike
from inbox_worker.settings.task_rules import CustomerNotice

NOTICE = "notice"
_LASTED = timedelta(days=30)  # of force majeure, after which the contract may end by it (9.4)


@dataclass
class NoticeRow:
    """One row with its kind's rule, and what follows of it. `acts_on`: the day from which it counts; `ends`: the
    contract's last day."""

    table: CheckedTable
    case: Case
    index: int
    rule: CustomerNotice
    event_on: date
    acts_on: date
    clause: str
    service: str | None = None
    house: str | None = None
    own_account: str | None = None
    own_bic: str | None = None
    ends: date | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def parameter(self) -> str:
        return str(self.table.value(self.index, "parameter") or "").strip()

    def tell(self, code: str, column: str = "parameter", **facts: str) -> None:
        """Note a finding at a cell of the row; of the day only where there is one."""
        if column == "event_on" and not self.table.value(self.index, "event_on"):
            return
        self.findings.append(self.table.make_finding(code, self.index, column, clause=self.clause, **facts))


_PUT = {
    "clause": pa.string(), "service": pa.string(), "house": pa.string(), "own_account": pa.string(),
    "own_bic": pa.string(), "ends": pa.date32(), "acts_on": pa.date32(),
}  # fmt: skip


@check
def notice_of_kind(table: CheckedTable, case: Case) -> list[Finding]:
    """Check each notice by its kind: its parameter, and its term (10.1, 10.5, 9.4, 9.2, 4.3.10, 4.3.11, 7.1)."""
    rows = [_read_row(table, case, index) for index in range(len(table))]
    _tell_contradictions([row for row in rows if row])
    for name, kind in _PUT.items():
        table.put(name, pa.array([getattr(row, name) if row else None for row in rows], kind))
    return [finding for row in rows if row for finding in row.findings]


_SAID_ONCE = ("end", "stop", "attestation", "house", "account")  # force majeure may come several times


def _tell_contradictions(rows: Sequence[NoticeRow]) -> None:
    """Tell of rows of one form that say of the same thing two days (or two accounts of one day): which counts nobody
    knows."""
    first: dict[tuple[object, ...], NoticeRow] = {}
    for row in rows:
        if row.rule.acts not in _SAID_ONCE or row.table.value(row.index, "event_on") is None:
            continue
        of_day = row.event_on if row.rule.acts == "account" else None
        before = first.setdefault((row.rule.acts, row.service, row.house, of_day), row)
        if (before.event_on, before.own_account) != (row.event_on, row.own_account):
            row.tell("notice.contradicts", "event_on", first=str(before.table.value(before.index, "row")))


def _read_row(table: CheckedTable, case: Case, index: int) -> NoticeRow | None:
    kind, event_on = table.value(index, "kind"), table.value(index, "event_on") or case.received_on
    if kind is None:
        return None  # reading has told
    rule = case.rules.customer_notices[kind]
    row = NoticeRow(table, case, index, rule, event_on, event_on, rule.clause)
    if read := _READ.get(rule.acts):
        read(row)
    return row


def _end(row: NoticeRow) -> None:
    row.clause = _find_ground(row)
    row.acts_on = _after_term(row)
    until = row.case.customer.valid_until if row.case.customer else None
    if until and until <= row.acts_on:
        row.tell("notice.ends_anyway", "event_on", until=show(until))
    else:
        row.ends = row.acts_on


def _stop(row: NoticeRow) -> None:
    row.clause = _find_ground(row)
    row.acts_on = _after_term(row)
    parts = _require_parts(row)
    known, names = _houses(row.case), row.case.rules.service_names
    for part in parts:
        service, house = names.get(fold(part)), _find_house(part, known)
        if service is None and house is None and row.case.customer is None:
            continue  # whose houses they are is not known
        if service is None and house is None:
            row.tell("notice.part_unknown", part=part)
        elif row.service if service else row.house:
            row.tell("notice.part_second", part=part)
        elif service:
            row.service = service
        else:
            row.house = house
    lines = row.case.lines.select(["house", "service"]).to_pylist()
    if not row.case.customer:
        return
    if row.service and not any(line["service"] == row.service and row.house in (None, line["house"]) for line in lines):
        named = row.case.rules.service(row.service)
        row.tell("service.not_yours", service=named.ru, service_kk=named.kk)


def _extend(row: NoticeRow) -> None:
    until = row.table.value(row.index, "until")
    dated = row.table.value(row.index, "event_on") is not None
    if dated and until and until < row.event_on:
        row.tell("days.reversed", start=show(row.event_on))
    term, known = _term(row), {day for day, _ in _find_events(row.case)}
    if dated and term is not None and row.event_on not in known:  # one told before is told again with its end
        late = tell_late_notice(row.table, row.case, row.index, "event_on", term, row.clause)
        row.findings += [replace(finding, code="notice.force_majeure_late") for finding in late]


def _attestation(row: NoticeRow) -> None:
    _after_term(row)
    checks = (one for form in row.case.rules.forms.values() for one in form.checks if one.check == "attestation_live")
    _tell_without_lines(row, {service for one in checks for service in one.parameters["services"]})


def _tell_without_lines(row: NoticeRow, services: set[str]) -> None:
    """Warn of a notice that can change nothing: the Customer has no line of these services."""
    if row.case.customer and services and not services & set(row.case.lines.column("service").to_pylist()):
        named = [service for service in row.case.rules.services if service.code in services]
        facts = {"services": "; ".join(one.ru for one in named), "services_kk": "; ".join(one.kk for one in named)}
        row.tell("notice.without_lines", "kind", **facts)


def _house(row: NoticeRow) -> None:
    _after_term(row)
    for part in _require_parts(row):
        house = _find_house(part, _houses(row.case))
        if house is None and row.case.customer is None:
            continue
        if house is None:
            row.tell("house.unknown", known=row.case.houses_named)
        elif row.house:
            row.tell("notice.part_second", part=part)
        else:
            row.house = house


def _ban(row: NoticeRow) -> None:
    """4.2.7: the form forbids only; what takes a ban back is for a person."""
    said = f"{row.parameter} {row.table.value(row.index, 'basis') or ''}"
    words = "".join(f" {fold(word)}" for word in said.split())
    if any(f" {' '.join(map(fold, word.split()))}" in words for word in row.rule.lifts):
        row.tell("notice.ban_not_lifted", "basis")


def _account(row: NoticeRow) -> None:
    """7.1: ИИК, and БИК of its bank behind it; without it the bank is known only if it is that of the contract."""
    account, *more = re.split(_label(row, "bic"), " ".join(_require_parts(row)), maxsplit=1)
    if not account:
        return
    words = re.sub(_label(row, "iban"), "", account).upper().split()
    bic = "".join(more).strip(" .,;").upper() or (words.pop() if len(words) > 1 and valid_bic(words[-1]) else "")
    iban = "".join(words).strip(".,;")
    if not valid_iban(iban):
        row.tell("iban.invalid")
    elif bic and not valid_bic(bic):
        row.tell("bic.invalid")
    else:
        customer = row.case.customer
        same_bank = customer is not None and customer.iban[4:7] == iban[4:7]
        row.own_account, row.own_bic = iban, bic or (customer.bic if customer and same_bank else "")
        _tell_without_lines(row, {service.code for service in row.case.rules.services if service.utility})
        if bic and not is_of_bank(row.case.rules, iban, bic):
            row.tell("bic.not_of_iban", iban=iban, bic=bic, bank_code=iban[4:7])


def _label(row: NoticeRow, column: str) -> str:
    """Return the pattern of a label as the register of Customers has it: what stands before an account or its bank."""
    names = row.case.rules.forms["customers"].column(column).names
    return rf"(?i)\b(?:{'|'.join(map(re.escape, names))})\b\W*"


_READ: dict[str, Callable[[NoticeRow], None]] = {
    "end": _end, "stop": _stop, "extend": _extend, "attestation": _attestation, "house": _house,
    "account": _account, "ban": _ban,
}  # fmt: skip


def _require_parts(row: NoticeRow) -> list[str]:
    """Return the parts of a parameter that the kind cannot do without."""
    parts = [part.strip() for part in re.split(r"[;\n]", row.parameter) if part.strip()]
    names, known = row.case.rules.service_names, _houses(row.case)
    for part in [part for part in parts if "," in part and fold(part) not in names and not _find_house(part, known)]:
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        if all(fold(piece) in names or _find_house(piece, known) for piece in pieces):  # several, a comma between
            parts[parts.index(part) : parts.index(part) + 1] = pieces
    if not parts:
        row.tell("value.missing", stood="")
    return parts


def _houses(case: Case) -> set[str]:
    """Return the houses of the Customer's lines, and of its contracts of houses."""
    registered = case.facts("house_contracts").column("house").to_pylist()
    return {house for house in (*case.lines.column("house").to_pylist(), *registered) if house}


def _find_house(written: str, known: set[str]) -> str | None:
    fitting = [written] if written in known else [house for house in known if are_alike(house, written)]
    return fitting[0] if len(fitting) == 1 else None


def _term(row: NoticeRow) -> tuple[int, str] | None:
    """Return days and their count of the term that the row's clause has; None where nobody watches it."""
    for duty in row.case.rules.duties.values():
        if duty.form == NOTICE and duty.clause == row.clause and duty.term.days is not None:
            return duty.term.days, duty.term.count
    return None


def _after_term(row: NoticeRow) -> date:
    """Return the day of the event, or the first one that leaves the term, which is told."""
    days, count = _term(row) or (0, "calendar")
    first = add_days(row.case.received_on, -days, count, row.case.rules)
    if days < 0 and row.event_on < first:
        facts = {"days": str(-days), "received": show(row.case.received_on), "first": show(first)}
        row.tell("notice.term_short" if row.rule.grounds else "notice.term_missed", "event_on", **facts)
    return max(row.event_on, first)


def _find_ground(row: NoticeRow) -> str:
    """Return the clause by which a contract ends: one that `Основание` names, if it gives the right, else the usual."""
    basis = str(row.table.value(row.index, "basis") or "")
    clause = next(_named_grounds(row.rule, basis), row.rule.clause)
    if clause == "9.4" and row.case.customer and not any(_find_long_events(row.case)):
        row.tell("notice.no_force_majeure", "basis", usual=row.rule.clause)
        return row.rule.clause
    return clause


def _named_grounds(rule: CustomerNotice, basis: str) -> Iterator[str]:
    for clause, words in rule.grounds.items():
        number = re.search(rf"(?<![\d.№]){re.escape(clause)}(?!\.?\d)", re.sub(r"№\s+", "№", basis))  # of a letter
        if number or any(fold(word) in fold(basis) for word in words):
            yield clause


def _find_long_events(case: Case) -> Sequence[bool]:
    """Tell of each force majeure of the Customer whether it lasted over 30 days when the notice came (9.4)."""
    known = dict(_find_events(case))  # the end told last
    return [min(until or case.received_on, case.received_on) - start > _LASTED for start, until in known.items()]


def _find_events(case: Case) -> list[tuple[date, date | None]]:
    """Return the force majeure that the Customer told of before: first day, last day where it is told."""
    kinds = {kind for kind, rule in case.rules.customer_notices.items() if rule.acts == "extend"}
    return [(row["event_on"], row["until"]) for row in case.facts(NOTICE).to_pylist() if row["kind"] in kinds]
