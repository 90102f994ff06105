"""Checks of figures beside those that the ledger knows: a slip of the comma, a line that no tariff prices (4.3.1).

Figures are warned of, never refused: the Customer answers for the truth of what it sends (4.3.1), and hears of it at
once. Sums far beyond what is usual wait for a person.
"""

from __future__ import annotations

import re
from decimal import Decimal

from inbox_worker.core.model import Finding
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show

_STEM = 5  # letters by which a word of an address is known, whatever its ending
_STREET = re.compile(r"[^\W\d_]{2}")  # a word, be it the one before a numbered street
_LONG_WORD, _NUMBER = re.compile(r"[^\W\d_]{4,}"), re.compile(r"\d+")
_MORE_THAN_NAME = re.compile(r"(?:\d[ -]?){6}|[-=]+>|→|⇒")  # six digits, an arrow
_PLACE = ("service", "base", "house", "category")  # what a tariff is for
_Known = dict[tuple[str, str], dict[str | None, list[tuple[str | None, Decimal]]]]  # service, base; house; category


@check
def tariff_near_known(table: CheckedTable, case: Case, times: str) -> list[Finding]:
    """Warn of a tariff that is so many `times` more or less than all that the same lines were charged by before, or 0
    where they were charged (4.3.2.1). Of steps only the first is compared."""
    known = _known_tariffs(case)
    found = []
    for index, (*place, threshold, tariff) in enumerate(rows_of(table.form.rows, *_PLACE, "threshold", "tariff")):
        if tariff is None or tariff < 0 or threshold is not None:
            continue  # below zero is refused anyway
        beside = _tariffs_beside(known, *place)
        if beside and _is_far(tariff, min(beside), max(beside), Decimal(times)):
            shown = " — ".join(dict.fromkeys(map(show, (min(beside), max(beside)))))
            found.append(table.make_finding("tariff.far_from_known", index, "tariff", known=shown))
    return found


@check
def figure_near_known(table: CheckedTable, case: Case, column: str, times: str, at_least: str) -> list[Finding]:
    """Warn of an account's area or residents that are so many `times` more or less than the directory's, by more than
    `at_least` (4.3.2.4)."""
    held: dict[str, Decimal] = {}
    for account, value in rows_of(case.lines, "account", column):
        if value is not None:
            held[account] = Decimal(value)
    found = []
    for index, (account, value) in enumerate(rows_of(table.form.rows, "account", column)):
        known = held.get(account)
        if not value or value < 0 or not known or abs(value - known) <= Decimal(at_least):
            continue
        if _is_far(Decimal(value), known, known, Decimal(times)):
            facts = {"account": account, "known": show(known)}
            found.append(table.make_finding("figure.far_from_known", index, column, **facts))
    return found


@check
def figure_usual(
    table: CheckedTable, case: Case, column: str, most: str, least: str = "0", confirm_over: str | None = None
) -> list[Finding]:
    """Warn of a figure, whatever its sign, that is not usual: over `most`, or under `least` and not zero. Over
    `confirm_over` the form waits for a person."""
    found = []
    for index, value in enumerate(table.column(column).to_pylist()):
        if not value:
            continue
        if confirm_over and abs(value) > Decimal(confirm_over):
            facts = {"over": show(Decimal(confirm_over))}
            found.append(table.make_finding("figure.far_beyond", index, column, **facts))
        elif not Decimal(least) <= abs(value) <= Decimal(most):
            facts = {"least": show(Decimal(least)), "most": show(Decimal(most))}
            found.append(table.make_finding("figure.unusual", index, column, **facts))
    return found


@check
def lines_are_priced(table: CheckedTable, case: Case, services_in: str, add: str = "") -> list[Finding]:
    """Warn, once a service and house, of new lines that no tariff of the Customer prices: they would be charged nothing
    until one is sent (4.3.2.2, 4.3.2.4). What its own file (4.3.2.5) or a schedule (4.3.9) charges needs none.

    `services_in`: the column of the services that begin; `add`: the `Показатель` of rows that put one on, '' = all do.
    """
    houses = dict(rows_of(case.lines, "account", "house"))
    priced = set(rows_of(case.facts("tariffs"), "service", "house"))
    stated = {service for (service,) in rows_of(case.facts("service_charges"), "service")}
    named_once, found = set(), []
    rows = table.find_filled("account") & table.find_filled(services_in)
    for index in table.where(rows & table.among("indicator", [add]) if add else rows):
        account = str(table.value(index, "account"))
        house = houses.get(account) if add else table.value(index, "house")
        for code in str(table.value(index, services_in)).split(";"):
            named = case.rules.service(code)
            covered = {(code, None), (code, house)} & priced or code in stated or named.base == "schedule"
            if not covered and (code, house) not in named_once:
                named_once.add((code, house))
                facts = {"service": named.ru, "service_kk": named.kk, "house": house or "—"}
                found.append(table.make_finding("tariff.none_yet", index, services_in, **facts))
    return found


@check
def has_letters(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Check that a name has a letter, and neither a long number (an ИИН, a telephone) nor an arrow between two: all of
    it would be printed in bills."""
    found = []
    for index, value in enumerate(table.column(column).to_pylist()):
        if value and not any(sign.isalpha() for sign in value):
            found.append(table.make_finding("value.no_letters", index, column))
        elif value and _MORE_THAN_NAME.search(value):
            found.append(table.make_finding("name.with_more", index, column))
    return found


@check
def house_is_code(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a new house has a code, where the codes of the Customer's houses have digits: `новый` in its place
    would be one (4.3.2.2)."""
    known = set(case.lines["house"].to_pylist()) - {None}
    houses = table.column("house").to_pylist()
    if not known or not all(map(_NUMBER.search, known)):
        return []
    wordy = [index for index, house in enumerate(houses) if house and house not in known and not _NUMBER.search(house)]
    return [table.make_finding("house.no_number", index, "house", known=case.houses_named) for index in wordy]


@check
def address_has_street(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a new house has its street in its address: a column `House` renamed to `Address` has the number alone
    (4.3.2.2)."""
    addresses = table.column("address").to_pylist()
    bare = [index for index, text in enumerate(addresses) if text and not _STREET.search(text)]
    return [table.make_finding("address.no_street", index, "address") for index in bare]


@check
def houses_agree(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a house code with two addresses, and of a flat of a house that two accounts have: a code or a flat is
    mistyped, or two accounts are one (4.3.2.2, 2.1.11). What earlier forms took in counts as what the register says."""
    addresses, flats = {house: address for address, house in case.houses_at()}, dict[tuple[str, str], str]()
    here = set(table.column("account").to_pylist())
    for rows in (case.lines, case.facts(table.rule.form)):
        for house, flat, account in rows_of(rows, "house", "flat", "account"):
            if account not in here or rows is case.lines:
                flats.setdefault((house, flat), account)
    found = []
    for index, row in enumerate(rows_of(table.form.rows, "house", "address", "flat", "account")):
        house, address, flat, account = row
        if house is None:
            continue
        first = addresses.setdefault(house, address or "")
        if address and not _is_same_place(address, first):
            found.append(table.make_finding("house.two_addresses", index, "address", house=house, known=first))
        if flat and account and (known := flats.setdefault((house, flat), account)) != account:
            found.append(table.make_finding("flat.two_accounts", index, "flat", house=house, account=known))
    return found


def _is_same_place(one: str, other: str) -> bool:
    """Return whether two addresses may be of one house: the same numbers, and one has the other's words."""
    if skeleton(one) == skeleton(other):
        return True
    first, second = ({skeleton(word)[:_STEM] for word in _LONG_WORD.findall(text)} for text in (one, other))
    return _NUMBER.findall(one) == _NUMBER.findall(other) and (first <= second or second <= first)


def _known_tariffs(case: Case) -> _Known:
    """Tariffs over 0 that the Customer's lines were charged by: the latest that a form told for each kind of lines, and
    those of the directory where none did."""
    latest: dict[tuple[str, str, str | None, str | None], Decimal] = {}
    facts = case.facts("tariffs").sort_by([("from_month", "ascending"), ("sequence", "ascending")])
    for service, base, house, category, threshold, tariff in rows_of(facts, *_PLACE, "threshold", "tariff"):
        if threshold is None and tariff:
            latest[service, base, house, category] = tariff
    formed = {(service, base) for service, base, *_ in latest}
    rows = [(*place, tariff) for place, tariff in latest.items()]
    rows += [row for row in rows_of(case.tariffs_of_register(), *_PLACE, "tariff") if row[:2] not in formed]
    known: _Known = {}
    for service, base, house, category, tariff in rows:
        if tariff:
            known.setdefault((service, base), {}).setdefault(house, []).append((category, tariff))
    return known


def _tariffs_beside(known: _Known, service: str, base: str, house: str | None, category: str | None) -> list[Decimal]:
    """The known tariffs that may be of the same lines: a house or a category that one of both does not name is any."""
    houses = known.get((service, base), {})
    those = houses.values() if house is None else (houses.get(house, []), houses.get(None, []))
    return [tariff for some in those for other, tariff in some if category is None or other in (None, category)]


def _is_far(value: Decimal, least: Decimal, most: Decimal, times: Decimal) -> bool:
    """Tell whether it is so many times more than the most, or less than the least, of what is known."""
    return bool(most) and (value > most * times or value * times < least)
