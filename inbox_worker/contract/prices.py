"""Prove that a price in force is one that was published: to every Customer, 10 calendar days before, with that very sum
(10.5).

What a Customer must be told is named by its day and its sums, so a price that is changed after its notice is another
one: it is owed anew. A price of the Customer's own agreement (4.8) needs no publishing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inbox_worker.contract.duty import Duty, due_after
from inbox_worker.contract.sources import DutySources, FirstDelivery
from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.time import ALMATY, to_almaty
from inbox_worker.month.fees import find_fee_percent
from inbox_worker.month.office import Office
from inbox_worker.month.price_lines import find_written_after
from inbox_worker.settings.duty_rules import DutyRule
from inbox_worker.settings.office_rules import ANY, Price, find_latest

PRICES = "prices"  # the notice that publishes a price
PRICE_DUTY = "operator.prices"  # its term in rules/duties.yaml
_NAMED = "price"
_PUBLISHED = timedelta(days=30)  # so long before the last day a price is to be published
_NEVER = datetime.min.replace(tzinfo=ALMATY)
_LONGEST, _KEY = 40, 12  # of what a task keeps of its source; hex digits for more sums than that has room for


@dataclass(frozen=True)
class ListedPrice:
    """Prices of the list that begin on a day, as a Customer must be told of them.

    `counts_from`: the first day on which they may be charged, None while nobody told the Customer; `published`: the
    notice, with those very sums; `due`: the last day to publish them.
    """

    customer: str
    source: str
    start: date
    due: date
    counts_from: date | None
    published: FirstDelivery | None

    def is_late(self, on: date) -> bool:
        """Return whether it is charged, or will be, without having been published in time, as seen on a day."""
        return on > self.due and (self.counts_from is None or self.counts_from > max(self.start, on))

    def find_state(self, on: date) -> str:
        """Return what publishing it has come to on a day: published, published late, not published yet, or missed."""
        if self.counts_from is not None and (self.published is None or self.published.on <= on):
            return "published" if self.counts_from <= self.start else "published late"
        return "not published" if on <= self.due else "missed"

    def charged_early(self, month: Period) -> bool:
        """Return whether days of a month are charged by it before it may count."""
        last = min(month.last_day, (self.counts_from or date.max) - timedelta(1))
        return max(self.start, month.first_day) <= last


def find_price_duties(name: str, rule: DutyRule, sources: DutySources) -> Iterator[Duty]:
    """Find the prices that each Customer must have been told of before they count (10.5)."""
    for one in find_listed_prices(sources, rule):
        met = (one.published.on, one.published.proof) if one.published else (None, "")
        yield Duty(name, rule.clause, rule.who, one.customer, one.source, one.due - _PUBLISHED, one.due, *met)


def find_listed_prices(sources: DutySources, rule: DutyRule) -> Iterator[ListedPrice]:
    """Find what each Customer is to be told of: prices of the list that begin after he was known here, and those that
    were written after it, whatever day they name.

    A price that counted and stood in the list when the Customer was first known here, or that he signed for, was agreed
    with him.
    """
    published, rules = _find_published(sources), sources.office.rules
    is_after = find_written_after(sources.office.journal.database)
    starts = sorted({price.start for price in rules.prices})
    for customer in sources.customers:
        if customer.valid_until is not None and customer.valid_until < sources.on:
            continue
        first = _first_known(sources, customer.bin)
        known = max(customer.contract_date, first.date())
        agreed = max(first, datetime.combine(customer.contract_date, time.max, first.tzinfo))
        written = {price.start for price in rules.prices if is_after(price, agreed)}
        for start in (one for one in starts if one > known or one in written):
            then = sources.office.journal.customers.on(start).get(customer.bin, customer)
            if then.price is None and (source := name_prices(rules.prices, start, then.kind)):
                earlier = published.get((customer.bin, f"{_NAMED} {start}")) if start <= sources.on else None
                found = published.get((customer.bin, source), earlier)  # notices once named no sum: what began, began
                yield _list_price(sources, rule, customer, start, source, found)


def find_late_prices(office: Office, on: date) -> list[ListedPrice]:
    """Return the prices that were not published in time to a Customer, as seen at the end of a day (10.5)."""
    rule = office.rules.duties[PRICE_DUTY]
    found = find_listed_prices(DutySources(office, on), rule) if rule.watch else ()
    return [one for one in found if one.is_late(on)]


def find_early_charges(office: Office, month: Period, on: date) -> list[ListedPrice]:
    """Return the prices by which days of a month are charged although they may not count yet (10.5)."""
    rule = office.rules.duties[PRICE_DUTY]
    found = find_listed_prices(DutySources(office, on), rule) if rule.watch else ()
    return [one for one in found if one.charged_early(month)]


def name_prices(prices: Sequence[Price], start: date, kind: str) -> str:
    """Name the prices of a day for Customers of a kind by their sums, `price 2026-12-01 1.5`; '' where there are
    none."""
    named = [
        f"{'' if price.service == ANY else price.service} {price.percent.normalize():f}".lstrip()
        for price in prices_of(prices, start, kind)
    ]
    if not named:
        return ""
    words = f"{_NAMED} {start} {', '.join(named)}"
    return words if len(words) <= _LONGEST else f"{_NAMED} {start} {sha256(words.encode())[:_KEY]}"


def prices_of(prices: Sequence[Price], start: date, kind: str) -> list[Price]:
    """Return the prices that begin on a day for Customers of a kind, one a service, in the order of the list."""
    own = [price for price in prices if price.start == start and price.kind in (ANY, kind)]
    return [price for price in own if price is find_latest([p for p in own if p.service == price.service], kind,
                                                           price.service, start)]  # fmt: skip


def day_of_prices(source: str) -> date:
    """Return the day from which prices count that `name_prices` named."""
    return date.fromisoformat(source.split(" ")[1])


def describe_prices(
    sources: DutySources, customer: Customer, services: Sequence[str]
) -> dict[str, list[dict[str, str]]]:
    """Return the Customer's prices of the day by service, those that begin later, and the notices that reached him."""
    office, on = sources.office, sources.on
    clause = "5.1" if customer.price is None else "4.8"
    return {
        "prices": [
            {"service": code, "percent": str(find_fee_percent(office, customer.bin, code, on)), "clause": clause}
            for code in services
        ],
        "coming_prices": _coming_prices(sources, customer),
        "price_notices": [
            {"prices": source, "on": delivery.on.isoformat(), "proof": delivery.proof}
            for whose, source, delivery in find_price_notices(sources) if whose == customer.bin and delivery.on <= on
        ],
    }  # fmt: skip


def _coming_prices(sources: DutySources, customer: Customer) -> list[dict[str, str]]:
    """Return the prices that begin after the day, each with what publishing has come to (10.5), and that of the
    Customer's own agreement that begins (4.8)."""
    on, office = sources.on, sources.office
    rule = office.rules.duties[PRICE_DUTY]
    listed = [one for one in find_listed_prices(sources, rule) if one.customer == customer.bin and one.start > on]
    found = [
        {"from": one.start.isoformat(), "prices": one.source, "clause": rule.clause, "state": one.find_state(on),
         "publish_by": one.due.isoformat()}
        for one in listed
    ]  # fmt: skip
    days = sorted({v.begins for v in office.journal.customers.versions(customer.bin) if v.begins > on})
    before = customer.price
    for day in days:
        price = office.journal.customers.on(day)[customer.bin].price
        if price is not None and price != before:
            found.append({"from": day.isoformat(), "prices": f"{price:f}", "clause": "4.8", "state": "agreed"})
        before = price
    return found


def _list_price(
    sources: DutySources, rule: DutyRule, customer: Customer, start: date, source: str, published: FirstDelivery | None
) -> ListedPrice:
    due, counts_from = due_after(rule.term, start, sources.office.rules), None
    if f"{PRICE_DUTY} {source}" in sources.met_by_staff or (published and published.on <= due):
        counts_from = start  # staff know of an announcement in the office or on the site
    elif published:
        counts_from = published.on + (start - due)
    return ListedPrice(customer.bin, source, start, due, counts_from, published)


def _find_published(sources: DutySources) -> dict[tuple[str, str], FirstDelivery]:
    """The first delivery of each notice of prices, by Customer and by what it named."""
    found: dict[tuple[str, str], FirstDelivery] = {}
    for customer, source, delivery in find_price_notices(sources):
        key = customer, source
        found[key] = min(delivery, found.get(key, delivery), key=lambda one: one.on)
    return found


def find_price_notices(sources: DutySources) -> Iterator[tuple[str, str, FirstDelivery]]:
    """Yield each notice of prices that reached its Customer: whom, which prices, and its delivery."""
    for version, delivery in sources.delivered_notices:
        made_of = version.entry.get("made_of", {})
        if made_of.get("notice") == PRICES:
            yield version.bin, str(made_of.get("about")), delivery


def _first_known(sources: DutySources, customer: str) -> datetime:
    versions = sources.office.journal.customers.versions(customer)
    return min((to_almaty(one.stated_at) for one in versions), default=_NEVER)
