"""Staff vouch for a quarantined letter: it is decided anew, as if its sender were known (6.2.7)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from inbox_worker.core.errors import UseError
from inbox_worker.core.hashes import read_proven
from inbox_worker.core.model import Arrival, Finding, Outcome, WordedFinding
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.wording import word
from inbox_worker.ledger.acts import record_act
from inbox_worker.month.office import Office
from inbox_worker.receiving.decoding import clean
from inbox_worker.receiving.message import parse_message
from inbox_worker.receiving.opening import customers_of

_NUMBER = re.compile(r"IW-(\d{6,9})", re.IGNORECASE)
_BY_LIMIT = 60


class AdmitError(UseError):
    """An arrival cannot be admitted as asked; the text tells what to do."""


def admit(pipeline: Pipeline, identifier: str, as_customer: str, by: str, now: datetime) -> Arrival:
    """Decides a quarantined arrival anew, or a program's letter that waits for a person (robot_letters.py). Its time of
    receipt, and with it its month, stays.

    `as_customer`: БИН of the customer whose letter it is; '' when its only From address is registered by now. The
    letter then counts as sent from that customer's registered address, which is where answers go. Who vouched and
    when stays with the arrival as the finding `sender.admitted`. Raises AdmitError, NoSuchArrival.
    """
    office = pipeline.office
    arrival, vouched = vouch(office, identifier, as_customer, by, now)
    sender, customers = arrival.stated_sender, arrival.customers
    with office.journal.transaction() as connection:
        office.journal.arrivals.admit(connection, arrival.number, sender, customers, [vouched])
        record_act(connection, "admit", arrival.id, now, details=f"{sender}; {by}")
        if waiting := office.journal.tasks.of_arrival(arrival.number):  # of a program's letter
            office.journal.tasks.finish(connection, [waiting], now, by, "admit")
    return pipeline.decide_or_set_aside(office.journal.arrivals.get(arrival.number))


def vouch(
    office: Office, identifier: str, as_customer: str, by: str, now: datetime
) -> tuple[Arrival, WordedFinding]:  # fmt: skip
    """Return the arrival as if its sender were known, and the finding that says who vouches for it. Nothing is
    written. Raises AdmitError, NoSuchArrival."""
    arrival = _find_quarantined(office, identifier)
    findings = office.journal.submissions.findings_of(arrival.number)
    if any(finding.code == "message.unreadable" for finding in findings):
        raise AdmitError(f"{arrival.id} cannot be read, whoever sent it; ask the customer to send it again")
    sender = _find_address(office, as_customer, now) if as_customer else _own_sender(office, arrival, now)
    customers = tuple(customer.bin for customer in customers_of(sender, office.journal.customers.at(now)))
    vouched = word(_describe_admission(arrival, findings, sender, by, now), office.rules)
    return replace(arrival, outcome=None, stated_sender=sender, customers=customers), vouched


def _find_quarantined(office: Office, identifier: str) -> Arrival:
    found = _NUMBER.fullmatch(identifier.strip())
    if not found:
        raise AdmitError(f"{identifier!r} is no number of an arrival; it looks like IW-000012")
    arrival = office.journal.arrivals.get(int(found[1]))
    robot = any(one.code == "task.robot" for one in office.journal.submissions.findings_of(arrival.number))
    if arrival.outcome is not Outcome.QUARANTINED and not (robot and arrival.outcome is Outcome.IGNORED):
        state = arrival.outcome.value if arrival.outcome else "not decided yet"
        raise AdmitError(f"{arrival.id} is not in quarantine: it is {state}")
    return arrival


def _find_address(office: Office, bin_: str, now: datetime) -> str:
    customer = office.journal.customers.at(now).get(bin_)
    if customer is None or not customer.emails:
        raise AdmitError(f"{bin_} is no customer in the register; load the register, or mend the БИН")
    return customer.emails[0].casefold()


def _own_sender(office: Office, arrival: Arrival, now: datetime) -> str:
    """The letter's own sender, who stands in the register by now."""
    stated = arrival.stated_sender.casefold()
    senders = (stated,) if stated else parse_message(_raw(office, arrival)).senders
    if len(senders) != 1 or not customers_of(senders[0], office.journal.customers.at(now)):
        listed = ", ".join(senders) or "no sender"
        raise AdmitError(f"{arrival.id} is from {listed}, which is no single registered address; add --as-customer БИН")
    return senders[0]


def _raw(office: Office, arrival: Arrival) -> bytes:
    return read_proven(office.home.archive / arrival.raw, arrival.sha256)


def _describe_admission(arrival: Arrival, earlier: list[WordedFinding], sender: str, by: str, now: datetime) -> Finding:
    facts = {
        "at": f"{to_almaty(now):%d.%m.%Y %H:%M:%S}",
        "was": arrival.sender or "—",
        "why": ", ".join(finding.code for finding in earlier),
        "as": sender,
    }
    return Finding("sender.admitted", value=clean(by)[:_BY_LIMIT], facts=facts)
