"""Named checks: rules/forms/*.yaml says which a form needs and with what parameters.

Each check takes the form's rows and what the ledger knows, and answers with findings; it changes nothing.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding import (  # noqa: F401 - importing a module registers its checks
    answer_checks,
    bank_checks,
    closed_checks,
    compared_checks,
    directory_checks,
    house_contract_checks,
    meter_checks,
    notice_checks,
    party_checks,
    past_months,
    plausibility_checks,
    register_checks,
    requests,
    schedule_checks,
    statement_checks,
    tariff_checks,
    tariff_effects,
    undelivered_checks,
)
from inbox_worker.deciding.alike import restore_codes
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.letters_in_codes import find_lettered
from inbox_worker.deciding.opposite_checks import find_opposite_rows
from inbox_worker.deciding.repeated_rows import find_repeated
from inbox_worker.deciding.several_codes import find_several
from inbox_worker.deciding.table import ALONE, CHECKS, CheckedTable, check, rows_of, show, show_sum

_EVERY_HOUSE = (
    r"\W*(?:(?:по |для )?все(?:м|х|го)?(?: (?:дом(?:а|ам|ов)|мжд))?|барлы[ғг]ы|барлы[қк] үй(?:лер)?(?:ге)?|бәрі)\W*"
)


@check
def not_negative(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Check that the value is not below zero."""
    return table.each("value.negative", pc.less(table.column(column), 0), column)


@check
def positive(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Check that the value is above zero (a bank's payment)."""
    return table.each("value.not_positive", pc.less_equal(table.column(column), 0), column)


@check
def not_zero(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Check that the value is not zero; it may have a sign (a bank's payment, or one taken back)."""
    return table.each("value.zero", pc.equal(table.column(column), 0), column)


@check
def account_of_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the account carries a line of the Customer (4.3.1)."""
    strangers = table.strangers("account", case.lines["account"])
    if not strangers:
        return []  # else every code of the ledger is looked up
    elsewhere = case.accounts_elsewhere(sorted({table.value(index, "account") for index in strangers}))
    codes = {i: "account.foreign" if table.value(i, "account") in elsewhere else "account.unknown" for i in strangers}
    codes |= dict.fromkeys(find_several(table, "account", strangers, case.codes("account")), "value.several")
    lettered = dict(find_lettered(table, "account", strangers, case.codes("account")))
    return [lettered.get(index) or table.make_finding(code, index, "account") for index, code in codes.items()]


@check
def line_of_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the account is the Customer's and carries the service (4.3.1, 2.1.7)."""
    found = account_of_customer(table, case)
    stands = table.places_in(case.lines, ["account", "service"]) >= 0
    for index in table.where(table.among("account", case.lines["account"]) & table.find_filled("service") & ~stands):
        found.append(table.service_finding("line.unknown", index, account=show(table.value(index, "account"))))
    return found


@check
def service_of_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the Customer has this service on some account."""
    strangers = table.strangers("service", case.lines["service"])
    return [table.service_finding("service.not_yours", index) for index in strangers]


@check
def house_of_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the house, when one is named, has accounts with the Customer's lines."""
    strangers = table.strangers("house", case.lines["house"])
    if not strangers:
        return []
    house = table.frame["house"]
    unknown = pd.Series(range(len(table)), index=house.index).isin(strangers)
    every = unknown & house.fillna("").str.fullmatch(_EVERY_HOUSE, case=False)
    may_lack = "account" not in table.frame and not table.rule.column("house").required
    every = every if may_lack else every & False
    found = find_several(table, "house", strangers, case.lines["house"])
    several = pd.Series(range(len(table)), index=house.index).isin(found)
    return [
        *table.each("house.every", every, "house"),
        *table.each("house.several", several & ~every, "house"),
        *table.each("house.unknown", unknown & ~every & ~several, "house", known=case.houses_named),
    ]


@check
def base_is(table: CheckedTable, case: Case, base: str) -> list[Finding]:
    """Check that the line is charged by this base (a reading needs a metered line)."""
    lines, keys = case.lines, ["account", "service"]
    places = table.places_in(lines, keys)
    has_base = pc.equal(lines["base"], base)
    if (places >= 0).all() and pc.all(has_base.take(pa.array(places))).as_py():
        return []
    right = table.places_in(lines.filter(has_base), keys) >= 0
    other = table.places_in(lines.filter(pc.invert(has_base)), keys) >= 0
    return [table.service_finding("line.not_metered", i) for i in table.where(other & ~right)]


@check
def base_of_service(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a tariff is stated for the base that the Customer's lines of that service are charged by."""
    bases: dict[str, set[str]] = {}
    for service, base in set(rows_of(case.lines, "service", "base")):
        bases.setdefault(service, set()).add(base)
    return [
        table.make_finding(
            "tariff.base_differs", index, "base", **table.name_bases(*sorted(bases[service])).facts("known")
        )
        for index, (service, base) in enumerate(rows_of(table.form.rows, "service", "base"))
        if base and service in bases and base not in bases[service]
    ]


@check
def month_within(table: CheckedTable, case: Case, column: str, months_ahead: int, months_back: int) -> list[Finding]:
    """Check that a month in a column lies within so many months of the month of account."""
    last, first = case.month.plus(months_ahead), case.month.plus(-months_back)
    months, clause = table.column(column), table.rule.clause
    ahead, old = pc.greater(months, last.first_day), pc.less(months, first.first_day)
    found = table.each("month.too_far", ahead, column, limit=last.form_text, clause=clause)
    return found + table.each("month.too_old", old, column, limit=first.form_text, clause=clause)


@check
def past_month_within(table: CheckedTable, case: Case, months: int) -> list[Finding]:
    """Check that a recalculation is for one of the 36 months before the month of account (money.md, 4.3.2.4), and for
    none after the contract's end: months before it are settled in full (10.11)."""
    first = case.month.plus(-months)
    months = table.column("past_month")
    facts = {"month": case.month.form_text, "limit": first.form_text}
    not_past, too_old = pc.greater_equal(months, case.month.first_day), pc.less(months, first.first_day)
    found = table.each("recalculation.month_not_past", not_past, "past_month", **facts)
    found += table.each("recalculation.too_old", too_old, "past_month", **facts)
    until = case.customer.valid_until if case.customer else None
    for index in table.where(pc.greater(months, until)) if until else ():
        month = table.show_value("past_month", table.value(index, "past_month"))
        found.append(table.make_finding("contract.ended", index, "past_month", until=show(until), month=month))
    return found


@check
def account_or_house(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a row of undelivered days names an account or a house, one of the two (4.3.2.3)."""
    return table.each("undelivered.no_place", table.find_filled("account") == table.find_filled("house"), "account")


@check
def span_in_order(table: CheckedTable, case: Case, first: str = "from_date", last: str = "to_date") -> list[Finding]:
    """Check that `По` is not before `С`."""
    rows = table.where(pc.less(table.column(last), table.column(first)))
    return [table.make_finding("days.reversed", i, last, start=show(table.value(i, first))) for i in rows]


@check
def utility_service(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that undelivered days are stated for utility services only (4.1.5)."""
    utilities = [service.code for service in case.rules.services if service.utility]
    return [table.service_finding("service.not_utility", i) for i in table.strangers("service", utilities)]


@check
def days_match(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that `Дней` = `По` − `С` + 1, within one month that is not after the month of account."""
    found = []
    for index, (start, end, days) in enumerate(rows_of(table.form.rows, "from_date", "to_date", "days")):
        if start is None or end is None or days is None:
            continue
        expected = (end - start).days + 1
        if expected < 1:
            found.append(table.make_finding("days.reversed", index, "to_date", start=show(start)))
        elif Period.of(start) != Period.of(end):
            found.append(table.make_finding("days.two_months", index, "to_date", start=show(start)))
        elif days != expected:
            found.append(table.make_finding("days.mismatch", index, "days", expected=str(expected)))
        elif Period.of(start) > case.month:
            found.append(table.make_finding("days.future", index, "from_date", month=case.month.form_text))
    return found


@check
def customer_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that every line of the directory belongs to a registered Customer."""
    return [table.make_finding("customer.unknown", i, "bin") for i in table.strangers("bin", case.customers)]


@check
def base_has_quantity(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a line charged by area, residents or meter has them; sewerage may follow its water's meter."""
    found = []
    for base, column in (("м²", "area"), ("чел.", "residents"), ("счётчик", "meter")):
        bare = table.among("base", [base]) & ~table.find_filled(column)
        if column == "meter":
            bare &= ~table.among("service", [service.code for service in case.rules.services if service.of])
        found += table.each("directory.no_quantity", bare, column)
    return found


@check
def control_row(table: CheckedTable, case: Case) -> list[Finding]:
    """Refuse whole a register whose control count or sum differs from its rows (4.1.7). What could not be read refuses
    it by itself: without it the register would differ."""
    form = table.form
    if "layout.line" in {finding.code for finding in form.findings}:
        return []
    count, total = len(table), pc.sum(table.column("amount")).as_py() or Decimal(0)
    if form.control_count is None and form.control_sum is None:
        return [Finding("register.no_control")]
    found = []
    if form.control_count is not None and form.control_count != count:
        found.append(_control("register.count_differs", str(form.control_count), str(count)))
    read = table.column("amount").null_count == 0
    if form.control_sum is not None and read and form.control_sum != total:
        found.append(_control("register.sum_differs", show_sum(form.control_sum), show_sum(total)))
    return found


def run_checks(table: CheckedTable, case: Case, *, alone: bool = False) -> list[Finding]:
    """Run all checks of the form, for all findings at once. Codes in the table become those that the ledger has.
    `alone`: only those that ask the ledger nothing."""
    found = [] if alone else restore_codes(table, case, lambda: case.earlier)
    found += find_repeated(table)
    if not alone:
        found += [*find_opposite_rows(table, case), *compared_checks.find_other_customer(table, case)]
        found += compared_checks.find_other_name(case)
        found += [*compared_checks.find_other_accounts(table, case), *compared_checks.find_other_month(table, case)]
    for entry in table.rule.checks:
        if not alone or entry.check in ALONE:
            found += CHECKS[entry.check](table, case, **entry.parameters)
    return found


def _control(code: str, stated: str, counted: str) -> Finding:
    return Finding(code, value=stated, facts={"stated": stated, "counted": counted})
