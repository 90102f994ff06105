"""Security incidents: opened, noted and closed by people, each step an act of the chain (4.1.17).

An incident is what its acts say: nothing of it can be changed afterwards, and no other record is kept of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from inbox_worker.contract.duty import due_after
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Language, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.acts import INCIDENT, RecordedAct, find_acts, find_acts_named, record_act
from inbox_worker.month.office import Office

DUTY = "operator.incident"  # its term in rules/duties.yaml
_OPEN, _NOTE, _NOTIFIED, _CLOSE = (f"{INCIDENT} {step}" for step in ("open", "note", "notified", "close"))
_ARRIVAL, _ACT = re.compile(r"IW-(\d{6,})(-\d+)?", re.IGNORECASE), re.compile(r"act (\d+)", re.IGNORECASE)
_LONGEST = 4000  # signs of one text


class IncidentError(UseError):
    """An incident cannot be opened, noted or closed as asked; the text tells what to do."""


@dataclass(frozen=True)
class Incident:
    """An incident. `about`: numbers of arrivals and acts, and words for what is outside of the journal; `customers`:
    whose data it touches; `notified_at`: when the national centre had the notice; `steps`: acts about it, in order."""

    number: str
    found_at: datetime
    what: str
    about: tuple[str, ...]
    customers: tuple[str, ...]
    due: date
    steps: tuple[RecordedAct, ...] = field(default=())
    notified_at: str = ""
    closed_at: str = ""

    def as_json(self, on: date) -> dict[str, Any]:
        """Return it for programs, as it stood at the end of a day."""
        notified = self.notified_at and datetime.fromisoformat(self.notified_at).date() <= on
        return {
            "incident": self.number, "state": "closed" if self.closed_at else "open", "what": self.what,
            "found_at": self.found_at.isoformat(), "opened_at": self.steps[0].at, "opened_by": self.steps[0].who,
            "about": list(self.about), "customers": list(self.customers), "clause": "4.1.17",
            "due": self.due.isoformat(), "notified_at": self.notified_at, "closed_at": self.closed_at,
            "notice": "met" if notified else "overdue" if self.due < on else "open",
            "notes": [{"at": one.at, "who": one.who, "act": one.act.removeprefix(f"{INCIDENT} "), "text": one.details}
                      for one in self.steps[1:]],
        }  # fmt: skip


def find_incidents(office: Office) -> list[Incident]:
    """Return every incident, in order of number."""
    found: dict[str, Incident] = {}
    term = office.rules.duties[DUTY].term
    for act in find_acts_named(office.journal.database, _OPEN, _NOTE, _NOTIFIED, _CLOSE):
        if act.act == _OPEN:
            said = json.loads(act.details)
            at = datetime.fromisoformat(said["found_at"])
            due = due_after(term, to_almaty(at).date(), office.rules)
            found[act.subject] = Incident(
                act.subject, at, said["what"], tuple(said["about"]), tuple(said["customers"]), due, (act,)
            )
            continue
        one = found[act.subject]
        one = replace(one, steps=(*one.steps, act))
        if act.act == _NOTIFIED and not one.notified_at:  # the first notice counts
            one = replace(one, notified_at=act.at)
        elif act.act == _CLOSE:
            one = replace(one, closed_at=act.at)
        found[act.subject] = one
    return list(found.values())


def open_incident(
    office: Office, what: str, about: Sequence[str], customers: Sequence[str], found_at: datetime, now: datetime
) -> Incident:
    """Open an incident. Raises IncidentError for words that are missing, a number that nothing has, a Customer who is
    not in the register, or a moment to come."""
    if found_at > now:
        raise IncidentError(f"--found {found_at.isoformat()} is still to come; it is when the incident was noticed")
    known = office.journal.customers.on(to_almaty(now).date())
    unknown = [bin_ for bin_ in customers if bin_ not in known]
    if unknown:
        raise IncidentError(f"there is no customer {unknown[0]!r} in the register; compare the digits")
    said = {
        "what": _words(what), "found_at": to_almaty(found_at).isoformat(), "customers": list(customers),
        "about": [_resolve(office, one) for one in about],
    }  # fmt: skip
    number = f"INC-{len(find_incidents(office)) + 1:06d}"
    with office.journal.transaction() as connection:
        record_act(connection, _OPEN, number, now, details=json.dumps(said, ensure_ascii=False))
    return find_incident(office, number)


def note_incident(office: Office, number: str, text: str, now: datetime, notified: bool = False) -> Incident:
    """Add what was found or done. `notified`: the national centre has the notice, and the text says how; the duty is
    met by it. Raises IncidentError for an incident that is not there."""
    return _add(office, number, _NOTIFIED if notified else _NOTE, text, now)


def close_incident(office: Office, number: str, text: str, now: datetime) -> Incident:
    """Close an incident, with what was done about it. A notice that is still owed stays owed. Raises IncidentError for
    one that is closed."""
    if find_incident(office, number).closed_at:
        raise IncidentError(f"{number} is closed already; `incident note` adds what comes later")
    return _add(office, number, _CLOSE, text, now)


def find_incident(office: Office, number: str) -> Incident:
    """Return an incident by its number. Raises IncidentError."""
    for one in find_incidents(office):
        if one.number == number.strip().upper():
            return one
    raise IncidentError(f"there is no incident {number}; `incident list` shows them")


def write_notice(office: Office, incident: Incident, language: Language) -> str:
    """Write the notice for the national centre in one language: who, what, since when, whose data, what was done."""
    texts, operator = office.rules.texts.written, office.home.operator
    facts = {
        "number": incident.number, "what": incident.what, "bin": operator.bin, "address": operator.address,
        "name": operator.name_kk if language == "kk" else operator.name, "contacts": operator.contacts or "—",
        "head": " ".join(filter(None, (operator.head_position, operator.head))) or "—",
        "found": f"{to_almaty(incident.found_at):%d.%m.%Y %H:%M}", "due": f"{incident.due:%d.%m.%Y}",
        "about": _list(_about_lines(office, incident, language)),
        "affected": _list(_list_customers(office, incident, language)),
        "measures": _list(f"{_show(one.at)} {one.details}" for one in incident.steps[1:]),
    }  # fmt: skip
    return texts.say(language, "incident.notice", **facts)


def _add(office: Office, number: str, act: str, text: str, now: datetime) -> Incident:
    incident = find_incident(office, number)
    with office.journal.transaction() as connection:
        record_act(connection, act, incident.number, now, details=_words(text))
    return find_incident(office, incident.number)


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise IncidentError("it needs words: what was found, or what was done")
    if len(words) > _LONGEST:
        raise IncidentError(f"a text has at most {_LONGEST} signs; put the rest into another note")
    return words


def _resolve(office: Office, about: str) -> str:
    """Return what an incident is about as it is kept: a number must be one that the journal gave."""
    words = _words(about)
    if found := _ARRIVAL.fullmatch(words):
        return office.journal.arrivals.get(int(found[1])).id
    if found := _ACT.fullmatch(words):
        number = int(found[1])
        if not any(act.number == number for act in find_acts(office.journal.database, number)[:1]):
            raise IncidentError(f"there is no act {number}; `audit list` shows them")
        return f"act {number}"
    return words


def _about_lines(office: Office, incident: Incident, language: Language) -> Iterator[str]:
    texts = office.rules.texts.written
    for one in incident.about:
        if found := _ARRIVAL.fullmatch(one):
            arrival = office.journal.arrivals.get(int(found[1]))
            decided = texts.say(language, f"decided.{arrival.outcome or 'undecided'}")
            known = arrival.stated_sender or arrival.sender, arrival.mailbox, decided
            yield f"{one}: {_show(arrival.received_at.isoformat())}, {', '.join(filter(None, known))}"
        elif found := _ACT.fullmatch(one):
            act = find_acts(office.journal.database, int(found[1]))[0]
            code = f"acted.{act.act.replace(' ', '_')}"
            done = texts.say(language, code) if code in texts else f"«{act.act}»"
            named = texts.say(language, "incident.act", number=act.number)
            yield f"{named}: {_show(act.at)}, {act.who} ({act.origin}), {done} {act.subject}"
        else:
            yield one


def _list_customers(office: Office, incident: Incident, language: Language) -> Iterator[str]:
    """Yield whose data it touches: Customers, and how many of their consumers (order 481 asks for the list, which is
    the directory of accounts, 4.1.16)."""
    day = to_almaty(incident.found_at).date()
    known = office.journal.customers.on(day)
    for bin_ in incident.customers:
        accounts = office.directory.lines(bin_, Period.of(day)).column("account").unique()
        name = known[bin_].name if bin_ in known else "—"
        yield office.rules.texts.written.say(language, "incident.affected", bin=bin_, name=name, accounts=len(accounts))


def _list(lines: Iterator[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines) or "  —"


def _show(at: str) -> str:
    return f"{to_almaty(datetime.fromisoformat(at)):%d.%m.%Y %H:%M}"
