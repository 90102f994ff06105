"""Compare what was withheld and printed with the prices as they are written now: a price that is changed in place, not
by a `from` of its own, changes nothing that was withheld, but it must not stay unseen (5.1, 5.2, 10.5, 4.1.11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pyarrow.compute as pc

from inbox_worker.core.model import Period
from inbox_worker.ledger.facts import read_facts
from inbox_worker.month.fees import find_fee_percent
from inbox_worker.month.months import is_closed
from inbox_worker.month.office import Office
from inbox_worker.settings.rules import RulesError

_KEY = ("customer", "service", "paid_on", "percent")
_ACT, _VAT_INSIDE = "act", "vat_inside:"


@dataclass(frozen=True)
class ChangedPrice:
    """Payments of some days that one price was withheld of, where the price of those days says another now.

    `withheld`, `written`: per cent of a payment; `written` is None where no price counts any more. `own`: it is the
    price of the Customer's own agreement (4.8), and `customers` names whose. `payments`: how many, of `amount` tenge
    together; `closed`: the months among theirs that are closed.
    """

    withheld: Decimal
    written: Decimal | None
    own: bool
    customers: tuple[str, ...]
    first: date
    last: date
    payments: int
    amount: Decimal
    closed: tuple[Period, ...]


@dataclass(frozen=True)
class ChangedVat:
    """An act that was made with another VAT than its month has now; `printed`, `written`: per cent."""

    month: str
    customer: str
    name: str
    printed: Decimal
    written: Decimal


def find_changed_prices(office: Office, since: Period | None = None) -> list[ChangedPrice]:
    """Return where fees in the ledger are not those of the prices as they are written now, by the days concerned.

    `since`: only payments of that month and later, for what is asked often must not cost more with every year. A fee by
    a schedule's commission (4.3.9) is of no price. Nothing is computed anew.
    """
    found: dict[tuple[Decimal, Decimal | None, str], ChangedPrice] = {}
    listed: dict[tuple[str, str, date], Decimal | None] = {}
    for (customer, service, day, withheld), payments, amount, month in _each_withheld(office, since):
        key = customer, service, day
        if key not in listed:
            listed[key] = _find_written(office, *key)
        if (written := listed[key]) == withheld:
            continue
        known = office.journal.customers.on(day).get(customer)
        own = known is not None and known.price is not None
        one = ChangedPrice(
            withheld.normalize(), written.normalize() if written is not None else None, own, (customer,), day, day,
            payments, amount, (month,) if is_closed(office, month) else (),
        )  # fmt: skip
        whose = customer if own else ""
        before = found.get((withheld, written, whose))
        found[withheld, written, whose] = _join(before, one) if before else one
    return sorted(found.values(), key=lambda one: (one.first, one.customers, one.withheld))


def find_changed_vat(office: Office) -> list[ChangedVat]:
    """Return the acts that left for review or further with another VAT than rules/prices.yaml has for their month."""
    newest = {(one.month, one.bin): one for one in office.journal.documents.versions(kinds=[_ACT])}
    found = []
    for (month, customer), act in sorted(newest.items()):
        figure = str(act.entry.get("figures", {}).get("vat", ""))
        if figure.startswith(_VAT_INSIDE):
            printed = Decimal(figure.removeprefix(_VAT_INSIDE))
            written = office.rules.vat_percent(Period.parse(month).first_day)
            if printed != written:
                found.append(ChangedVat(month, customer, act.name, printed, written))
    return found


def describe_changed_prices(office: Office, since: Period | None = None) -> list[str]:
    """Write every price and VAT that was changed in place as staff read it, in the language of the home. `since`: as
    find_changed_prices has it."""
    say, none = office.say, office.say("price.none")
    lines = []
    for one in find_changed_prices(office, since):
        code = "price.changed_own" if one.own else "price.changed"
        lines.append(say(
            code, withheld=f"{one.withheld:f}", written=none if one.written is None else f"{one.written:f}",
            customers=", ".join(one.customers), first=one.first, last=one.last, payments=one.payments,
            amount=one.amount, closed=", ".join(map(str, one.closed)) or "—",
        ))  # fmt: skip
    for vat in find_changed_vat(office):
        facts = {"month": vat.month, "customer": vat.customer, "name": vat.name}
        lines.append(say("price.changed_vat", **facts, printed=f"{vat.printed:f}", written=f"{vat.written:f}"))
    return lines


def _each_withheld(
    office: Office, since: Period | None
) -> Iterator[tuple[tuple[str, str, date, Decimal], int, Decimal, Period]]:
    """Yield what was withheld by a price: whose, service, day and per cent; of how many payments, of which sum, in
    which month. A file at a time, for payments are many."""
    files = office.journal.facts.files("allocations")
    for file in (one for one in files if since is None or one.month >= since):
        rows = read_facts(office.home.ledger, "allocations", [file], [*_KEY, "amount", "commission"])
        priced = rows.filter(pc.and_(pc.is_null(rows.column("commission")), pc.is_valid(rows.column("percent"))))
        for row in priced.group_by(list(_KEY)).aggregate([("amount", "sum"), ("amount", "count")]).to_pylist():
            key = row["customer"], row["service"], row["paid_on"], row["percent"]
            yield key, row["amount_count"], row["amount_sum"], file.month


def _find_written(office: Office, customer: str, service: str, day: date) -> Decimal | None:
    try:
        return find_fee_percent(office, customer, service, day)
    except RulesError:  # its line was taken out of the list
        return None


def _join(one: ChangedPrice, other: ChangedPrice) -> ChangedPrice:
    return replace(
        one,
        customers=tuple(sorted({*one.customers, *other.customers})),
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        payments=one.payments + other.payments,
        amount=one.amount + other.amount,
        closed=tuple(sorted({*one.closed, *other.closed})),
    )
