"""Named checks: rules/forms/*.yaml says which a form needs and with what parameters.

Each check takes the form's rows and what the ledger knows, and answers with findings; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding import (  # noqa: F401 - importing a module registers its checks
    directory_checks,
    meter_checks,
    party_checks,
    penalty_checks,
    schedule_checks,
    tariff_checks,
    undelivered_checks,
)
from inbox_worker.deciding.alike import told_apart
from inbox_worker.deciding.registry import CHECKS as CHECKS
from inbox_worker.deciding.registry import check, service_finding
from inbox_worker.deciding.table import CheckedTable, Context, show

_EVERY_HOUSE = (
    r"\W*(?:(?:по |для )?все(?:м|х|го)?(?: (?:дом(?:а|ам|ов)|мжд))?|барлы[ғг]ы|барлы[қк] үй(?:лер)?(?:ге)?|бәрі)\W*"
)


@check
def not_negative(table: CheckedTable, context: Context, column: str) -> list[Finding]:
    """The value may be zero but not below it."""
    return table.each("value.negative", table.frame[column] < 0, column)


@check
def positive(table: CheckedTable, context: Context, column: str) -> list[Finding]:
    """The value must be above zero (a bank's payment)."""
    return table.each("value.not_positive", table.frame[column] <= 0, column)


@check
def not_zero(table: CheckedTable, context: Context, column: str) -> list[Finding]:
    """The value may have a sign, but is not zero (a bank's payment, or one taken back)."""
    return table.each("value.zero", table.frame[column] == 0, column)


@check
def line_of_customer(table: CheckedTable, context: Context) -> list[Finding]:
    """The account is the Customer's and carries the service (4.3.1, 2.1.7)."""
    frame = table.frame
    named = frame["account"].notna()
    own = frame["account"].isin(context.lines["account"])
    line = table.places_in(context.lines, ["account", "service"]) >= 0
    strangers = table.where(named & ~own)
    asked = sorted({str(table.value(i, "account")) for i in strangers})
    elsewhere = context.elsewhere(asked) if asked else set()
    found = []
    for index in strangers:
        foreign = str(table.value(index, "account")) in elsewhere
        found.append(table.finding("account.foreign" if foreign else "account.unknown", index, "account"))
    both = named & own & frame["service"].notna() & ~line
    for index in table.where(both):
        account = show(table.value(index, "account"))
        found.append(service_finding(table, context, "line.unknown", index, account=account))
    return found


@check
def service_of_customer(table: CheckedTable, context: Context) -> list[Finding]:
    """The Customer has this service on some account."""
    frame = table.frame
    missing = frame["service"].notna() & ~frame["service"].isin(context.lines["service"])
    return [service_finding(table, context, "service.not_yours", i) for i in table.where(missing)]


@check
def house_of_customer(table: CheckedTable, context: Context) -> list[Finding]:
    """The house, when one is named, has accounts with the Customer's lines."""
    house = table.frame["house"]
    unknown = house.notna() & ~house.isin(context.lines["house"])
    every = unknown & house.fillna("").str.fullmatch(_EVERY_HOUSE, case=False)
    every = every if "account" not in table.frame else every & False
    return [*table.each("house.every", every, "house"), *table.each("house.unknown", unknown & ~every, "house")]


@check
def base_is(table: CheckedTable, context: Context, base: str) -> list[Finding]:
    """The line is charged by this base (a reading needs a metered line)."""
    lines, keys = context.lines, ["account", "service"]
    places = table.places_in(lines, keys)
    if (places >= 0).all() and (lines["base"].take(places) == base).all():
        return []
    right = table.places_in(lines[lines["base"] == base], keys) >= 0
    if right.all():
        return []
    other = table.places_in(lines[lines["base"] != base], keys) >= 0
    return [service_finding(table, context, "line.not_metered", i) for i in table.where(other & ~right)]


@check
def base_of_service(table: CheckedTable, context: Context) -> list[Finding]:
    """A tariff is stated for the base that the Customer's lines of that service are charged by."""
    bases = context.lines.groupby("service")["base"].agg(lambda column: sorted(set(column))).to_dict()
    found = []
    for index, (service, base) in enumerate(zip(table.frame["service"], table.frame["base"], strict=True)):
        known = bases.get(service) if isinstance(service, str) else None
        if known and isinstance(base, str) and base not in known:
            found.append(table.finding("tariff.base_differs", index, "base", known=", ".join(known)))
    return found


@check
def month_within(
    table: CheckedTable, context: Context, column: str, months_ahead: int, months_back: int
) -> list[Finding]:
    """A month in a column lies within so many months of the month of account."""
    last, first = context.month.plus(months_ahead), context.month.plus(-months_back)
    months, clause = table.frame[column], table.rule.clause
    ahead = table.each("month.too_far", months > last.first_day, column, limit=last.form_text, clause=clause)
    old = table.each("month.too_old", months < first.first_day, column, limit=first.form_text, clause=clause)
    return ahead + old


@check
def past_month_within(table: CheckedTable, context: Context, months: int) -> list[Finding]:
    """A recalculation is for one of the 36 months before the month of account (money.md, 4.3.2.4)."""
    first = context.month.plus(-months)
    column = table.frame["past_month"]
    facts = {"month": context.month.form_text, "limit": first.form_text}
    not_past = column >= context.month.first_day
    found = table.each("recalculation.month_not_past", not_past, "past_month", **facts)
    return found + table.each("recalculation.too_old", column < first.first_day, "past_month", **facts)


@check
def meter_on_line(table: CheckedTable, context: Context) -> list[Finding]:
    """The meter's number is one of the line's meters."""
    keys = ["account", "service", "meter"]
    known_meter = table.places_in(context.lines, keys) >= 0
    if known_meter.all():
        return []
    known_line = table.places_in(context.lines, keys[:2]) >= 0
    wrong = known_line & ~known_meter & table.frame["meter"].notna().to_numpy(dtype=bool)
    meters: dict[tuple[str, str], list[str]] = {}
    for account, service, meter in context.lines[keys].dropna().itertuples(index=False):
        meters.setdefault((account, service), []).append(meter)
    return [_meter_finding(table, meters, index) for index in table.where(wrong)]


@check
def account_or_house(table: CheckedTable, context: Context) -> list[Finding]:
    """A row of undelivered days names an account or a house, one of the two (4.3.2.3)."""
    account, house = table.frame["account"].notna(), table.frame["house"].notna()
    return table.each("undelivered.no_place", account == house, "account")


@check
def span_in_order(table: CheckedTable, context: Context) -> list[Finding]:
    """`По` is not before `С`."""
    first, last = table.frame["from_date"], table.frame["to_date"]
    rows = table.where(last < first)
    return [table.finding("days.reversed", i, "to_date", start=show(table.value(i, "from_date"))) for i in rows]


@check
def utility_service(table: CheckedTable, context: Context) -> list[Finding]:
    """Undelivered days are stated for utility services only (4.1.5)."""
    utilities = [service.code for service in context.rules.services if service.utility]
    service = table.frame["service"]
    wrong = service.notna() & ~service.isin(utilities)
    return [service_finding(table, context, "service.not_utility", i) for i in table.where(wrong)]


@check
def days_match(table: CheckedTable, context: Context) -> list[Finding]:
    """`Дней` = `По` − `С` + 1, within one month that is not after the month of account."""
    found = []
    for index, row in enumerate(table.frame[["from_date", "to_date", "days"]].itertuples(index=False)):
        start, end, days = row
        if not (isinstance(start, date) and isinstance(end, date)) or pd.isna(days):
            continue
        expected = (end - start).days + 1
        if expected < 1:
            found.append(table.finding("days.reversed", index, "to_date", start=show(start)))
        elif Period.of(start) != Period.of(end):
            found.append(table.finding("days.two_months", index, "to_date", start=show(start)))
        elif days != expected:
            found.append(table.finding("days.mismatch", index, "days", expected=str(expected)))
        elif Period.of(start) > context.month:
            found.append(table.finding("days.future", index, "from_date", month=context.month.form_text))
    return found


@check
def customer_known(table: CheckedTable, context: Context) -> list[Finding]:
    """Every line of the directory belongs to a registered Customer."""
    column = table.frame["bin"]
    return table.each("customer.unknown", column.notna() & ~column.isin(list(context.customers)), "bin")


@check
def base_has_quantity(table: CheckedTable, context: Context) -> list[Finding]:
    """A line charged by area, residents or meter has them; sewerage may follow its water's meter."""
    frame = table.frame
    follows = [service.code for service in context.rules.services if service.of]
    no_area = (frame["base"] == "м²") & frame["area"].isna()
    no_people = (frame["base"] == "чел.") & frame["residents"].isna()
    no_meter = (frame["base"] == "счётчик") & frame["meter"].isna() & ~frame["service"].isin(follows)
    found = table.each("directory.no_quantity", no_area, "area")
    found += table.each("directory.no_quantity", no_people, "residents")
    return found + table.each("directory.no_quantity", no_meter, "meter")


@check
def one_house_per_account(table: CheckedTable, context: Context) -> list[Finding]:
    """An account is one address: its rows name one house and one flat (2.1.11)."""
    frame = table.frame
    places = frame.drop_duplicates(["account", "house", "flat"])
    twice = places[places.duplicated("account")]["account"]
    last_rows = ~frame.duplicated("account", keep="last") & frame["account"].isin(twice)
    return table.each("directory.two_addresses", last_rows, "account")


@check
def control_row(table: CheckedTable, context: Context) -> list[Finding]:
    """A register whose control count or sum differs from its rows is refused whole (4.1.7)."""
    form = table.form
    count, total = len(table.frame), sum(table.frame["amount"].dropna(), Decimal(0))
    if form.control_count is None and form.control_sum is None:
        return [Finding("register.no_control")]
    found = []
    if form.control_count is not None and form.control_count != count:
        found.append(_control("register.count_differs", str(form.control_count), str(count)))
    if form.control_sum is not None and form.control_sum != total:
        found.append(_control("register.sum_differs", show(form.control_sum), show(total)))
    return found


def repeated_keys(table: CheckedTable, key: tuple[str, ...]) -> list[Finding]:
    """Two rows of one form with the same key contradict each other: which is meant is not ours to guess.

    A row whose key could not be read repeats nothing: its cell has a finding of its own.
    """
    keys = table.keys(key)
    if keys.null_count == 0 and pc.count_distinct(keys).as_py() == len(keys):
        return []
    frame = table.frame[~_unread(table, key)]
    columns = [*key, "taken_back"] if table.rule.signed else list(key)
    again = frame.duplicated(subset=columns, keep="first")
    if not again.any():
        return []
    firsts = frame.groupby(columns, dropna=False)["row"].transform("first")
    return [
        table.finding("row.repeated", int(index), _shown(table, key, int(index)), first=str(int(firsts.loc[index])))
        for index in again.index[again]
    ]


def _unread(table: CheckedTable, key: tuple[str, ...]) -> np.ndarray:
    """Mask of rows with a cell of their key that is missing or no value of its column."""
    told = {(finding.sheet, finding.cell) for finding in table.form.findings if finding.row}
    mask = np.zeros(len(table.frame), dtype=bool)
    if told:
        for index in table.where(table.frame[list(key)].isna().any(axis=1)):
            empty = [name for name in key if table.value(index, name) is None]
            mask[index] = any(table.place(index, name) in told for name in empty)
    return mask


def run_checks(table: CheckedTable, context: Context) -> list[Finding]:
    """All checks of the form, all findings at once."""
    found = repeated_keys(table, table.rule.key)
    for entry in table.rule.checks:
        found += CHECKS[entry.check](table, context, **entry.parameters)
    return found


def _control(code: str, stated: str, counted: str) -> Finding:
    return Finding(code, value=stated, facts={"stated": stated, "counted": counted})


def _shown(table: CheckedTable, key: tuple[str, ...], index: int) -> str:
    return next((name for name in key if table.value(index, name) is not None), key[0])


def _meter_finding(table: CheckedTable, meters: Mapping[tuple[str, str], list[str]], index: int) -> Finding:
    account, service = str(table.value(index, "account")), str(table.value(index, "service"))
    known = told_apart(str(table.value(index, "meter")), sorted(meters.get((account, service), [])), table.texts)
    return table.finding("meter.unknown", index, "meter", account=account, **known)
