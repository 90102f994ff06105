"""One page of a Customer's contract: agreement, people, houses, lines, prices, acts, duties, tasks, money."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date
from typing import Any

from inbox_worker.contract.act_life import find_acts
from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.events import find_force_majeure, find_house_contracts
from inbox_worker.contract.money_of import add_up_money
from inbox_worker.contract.prices import describe_prices
from inbox_worker.contract.settlement import NotSettledYet, settle_contract
from inbox_worker.contract.sources import DutySources
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.month.office import Office


class NoSuchCustomer(UseError):
    """The register has no Customer of that БИН."""


def describe_contract(office: Office, bin_: str, on: date) -> dict[str, Any]:
    """Return all that is known of a Customer's contract at the end of a day. Raises NoSuchCustomer.

    Agreement, people and requisites are those of the register's version of the day.
    """
    customer = office.journal.customers.on(on).get(bin_)
    if customer is None:
        raise NoSuchCustomer(f"there is no customer {bin_!r} in the register of {on}; `load` it, or look at the number")
    lines = office.directory.lines(bin_, Period.of(on)).select(["account", "service", "house"]).to_pylist()
    each = {(row["account"], row["service"]): row for row in lines}  # a line may have several meters
    houses = Counter(house for house, _ in {(row["house"], row["account"]) for row in lines})
    services = Counter(service for _, service in each)
    money, sources = add_up_money(office, bin_, on), DutySources(office, on)
    return {
        "customer": bin_,
        "on": on.isoformat(),
        "agreement": _agreement(customer, on, sources.left.get(bin_, date.max)),
        "people": {"head": customer.head, "contact": customer.contact, "phone": customer.phone,
                   "emails": list(customer.emails), "address": customer.address},
        "requisites": {"bic": customer.bic, "iban": customer.iban, "kbe": customer.kbe,
                       "own_account": customer.own_account, "own_bic": customer.own_bic},
        "told": _versions(office, bin_, on),
        "houses": [{"house": house, "accounts": count} for house, count in sorted(houses.items())],
        "house_contracts": [one.as_json(on) for one in find_house_contracts(sources, bin_)],
        "force_majeure": [one.as_json() for one in find_force_majeure(sources) if one.customer == bin_],
        "stops": _stops(sources, lines, bin_),
        "consents": _consents(sources, bin_),
        "lines": [{"service": code, "lines": count} for code, count in sorted(services.items())],
        **describe_prices(sources, customer, sorted(services)),
        "settlement": _settlement(sources, bin_),
        "acts": [act.as_json() for act in find_acts(office, on) if act.customer == bin_ and act.dated <= on],
        "duties": [duty.as_json(on) for duty in find_duties(office, on) if bin_ in duty.customer],
        "tasks": _tasks(office, bin_, on),
        "money": {
            "month": str(money.month or ""),
            **{name: str(value) for name, value in money.sums.items()},
            "fees_12_months": str(money.fees),
            "claims_cap": str(money.claims_cap),
        },
    }  # fmt: skip


def _settlement(sources: DutySources, bin_: str) -> dict[str, str]:
    """Return what is open when the contract has ended (10.11); nothing while it goes on or its last month is open."""
    with suppress(NotSettledYet):
        return settle_contract(sources, bin_).as_json()
    return {}


def _versions(office: Office, bin_: str, on: date) -> list[dict[str, str]]:
    """Return what was stated of the Customer by that day, by whom, and from when it counts."""
    return [
        {"from": one.begins.isoformat(), "stated": to_almaty(one.stated_at).date().isoformat(),
         "by": one.stated_by, "source": one.submission}
        for one in office.journal.customers.versions(bin_) if to_almaty(one.stated_at).date() <= on
    ]  # fmt: skip


def _stops(sources: DutySources, lines: list[dict[str, Any]], bin_: str) -> list[dict[str, str | int]]:
    """Return what of the Customer's lines is left out of bills: from which day, by which clause, how many of the day's
    lines it takes. Those that the Customer gave up are among them (10.1)."""
    return [
        {
            "from": stop["from_date"].isoformat(),
            "until": stop["to_date"].isoformat() if stop["to_date"] else "",
            "service": stop["service"] or "", "house": stop["house"] or "", "account": stop["account"] or "",
            "lines": len({
                (line["account"], line["service"]) for line in lines
                if all(stop[of] in (None, line[of]) for of in ("account", "house", "service"))
            }),
            "clause": stop["clause"] or "", "reason": stop["reason"] or "", "source": stop["submission"],
        }
        for stop in sources.find_rows("stops") if stop["customer"] == bin_
    ]  # fmt: skip


def _consents(sources: DutySources, bin_: str) -> list[dict[str, str]]:
    """Return the Customer's consents to process personal data that were recorded by that day (4.3.8)."""
    return [{"on": act.at[:10], "by": act.who, "details": act.details} for act in sources.find_consents(bin_)]


def _tasks(office: Office, bin_: str, on: date) -> list[dict[str, str]]:
    """Return the Customer's tasks made by that day, with their state at its end."""
    made = [task for task in office.journal.tasks.all() if to_almaty(task.made_at).date() <= on]
    return [
        {"task": task.id, "kind": task.kind, "due": task.due.isoformat(), "clause": task.clause,
         "state": "open" if task.done_at and to_almaty(task.done_at).date() > on else task.state(on)}
        for task in made if bin_ in task.customer
    ]  # fmt: skip


def _agreement(customer: Customer, on: date, left: date) -> dict[str, str]:
    """Return the agreement with its last day: by the register, or that on which the last house `left` (10.7)."""
    until = None if (last := min(customer.valid_until or date.max, left)) == date.max else last
    state = "ended" if until and until < on else "not begun" if customer.contract_date > on else "in force"
    return {
        "name": customer.name, "kind": customer.kind, "contract": customer.contract,
        "from": customer.contract_date.isoformat(), "until": until.isoformat() if until else "", "state": state,
        "attested_until": customer.attested_until.isoformat() if customer.attested_until else "",
        "utilities": "yes" if customer.utilities else "no",
        "no_depersonalised": "yes" if customer.no_depersonalised else "no",
    }  # fmt: skip
