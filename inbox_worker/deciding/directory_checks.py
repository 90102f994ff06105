"""Checks of what the directory holds: corrections (4.3.2.4, 4.3.2) and houses newly taken on (4.3.2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from inbox_worker.core.model import Finding
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show
from inbox_worker.settings.texts import Texts

_NOTHING = frozenset({"", "-", "нет", "жоқ", "пусто", "0", "отсутствует"})  # how an empty `Было` is written


@check
def account_of_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """The account carries a line of the Customer (4.3.1)."""
    account = table.frame["account"]
    strangers = table.where(account.notna() & ~account.isin(case.lines["account"]))
    asked = sorted({str(table.value(index, "account")) for index in strangers})
    elsewhere = case.accounts_elsewhere(asked)
    codes = {index: str(table.value(index, "account")) in elsewhere for index in strangers}
    return [table.finding("account.foreign" if codes[i] else "account.unknown", i, "account") for i in strangers]


@check
def account_is_new(table: CheckedTable, case: Case) -> list[Finding]:
    """A newly taken account has none of the services yet, and stands in no other house of the Customer (4.3.2.2)."""
    standing = set(zip(case.lines["account"], case.lines["service"], strict=True))
    houses = dict(zip(case.lines["account"], case.lines["house"], strict=True))
    found = []
    for index, row in enumerate(table.frame[["account", "house", "services"]].itertuples(index=False)):
        account, house, services = row
        if pd.isna(account) or account not in houses:
            continue
        if not pd.isna(house) and houses[account] != house:
            found.append(table.finding("account.other_house", index, "house", account=account, known=houses[account]))
        there = [] if pd.isna(services) else [s for s in services.split(";") if (account, s) in standing]
        if there:
            known = [case.rules.service(service) for service in there]
            facts = {"service": ", ".join(s.ru for s in known), "service_kk": ", ".join(s.kk for s in known)}
            found.append(table.finding("line.exists", index, "services", account=account, **facts))
    return found


@check
def account_free(table: CheckedTable, case: Case, services_in: str, house_in: str = "", add: str = "") -> list[Finding]:
    """An account that stands under another house, a service of another Customer on it, or a utility line that nobody
    asked for waits for a person (4.3.2.2, 2.1.7). Names what stands there, never whose.

    `services_in`: the column of the services put on the account; `house_in`: that of its house, '' without one;
    `add`: the `Показатель` of rows that put one on, '' = all do.
    """
    asked = table.frame["account"].notna() & table.frame[services_in].notna()
    adding = table.where(asked & (table.frame["indicator"] == add) if add else asked)
    accounts = sorted({str(table.value(index, "account")) for index in adding})
    others = case.lines_of_others(accounts)
    houses: dict[str, list[str]] = {}
    for account, known in zip(others["account"], others["house"], strict=True):
        houses.setdefault(str(account), []).append(str(known))
    taken = set(zip(others["account"], others["service"], strict=True))
    mine, found = set(case.lines["account"]), []
    for index in adding:
        account, place = str(table.value(index, "account")), table.value(index, house_in) if house_in else None
        elsewhere = [known for known in houses.get(account, ()) if place and skeleton(known) != skeleton(str(place))]
        if elsewhere:
            places = _told_place(sorted(set(elsewhere)), own=account in mine, texts=table.texts)
            found.append(table.finding("account.stands_elsewhere", index, house_in, account=account, **places))
        for code in str(table.value(index, services_in)).split(";"):
            named = case.rules.service(code)
            facts = {"account": account, "service": named.ru, "service_kk": named.kk}
            if (account, code) in taken:
                found.append(table.finding("service.of_another", index, services_in, **facts))
            if named.utility and case.customer and not case.customer.utilities:
                found.append(table.finding("service.utility_not_asked", index, services_in, **facts))
    return found


def _told_place(houses: list[str], *, own: bool, texts: Texts) -> dict[str, str]:
    """Where an account stands. Its houses are named only to a Customer who has a line on it: else a guessed account
    would tell where its people live."""
    if not own:
        words = texts.words("fact.house_untold")
        return {"known": words.ru, "known_kk": words.kk}
    return {"known": ", ".join(houses)}


@check
def correction_fits_lines(table: CheckedTable, case: Case, add: str, remove: str) -> list[Finding]:
    """A service to take away stands on the account, one to add does not (4.3.2.4).

    Earlier corrections in force that begin before the row count as done.
    """
    lines = case.lines
    accounts = set(lines["account"])
    standing = set(zip(lines["account"], lines["service"], strict=True))
    asked = table.frame["indicator"].isin([add, remove]) & table.frame["service"].notna()
    rows = table.where(asked & table.frame["account"].isin(accounts))
    before = _by_account(case.facts("directory_corrections")) if rows else {}
    found = []
    for index in rows:
        account, service = str(table.value(index, "account")), str(table.value(index, "service"))
        there = (account, service) in standing
        for fact in before.get(account, ()):
            if fact["service"] == service and _sooner(fact["from_date"], table.value(index, "from_date")):
                there = fact["indicator"] == add
        wanted = table.value(index, "indicator") == remove
        if there != wanted:
            code = "line.unknown" if wanted else "line.exists"
            found.append(table.service_finding(code, index, account=account))
    return found


@check
def old_value_matches(table: CheckedTable, case: Case, fields: Mapping[str, str]) -> list[Finding]:
    """`Было`, when given, is what the directory holds for the account (4.3.2.4).

    `fields`: which field of the directory each `Показатель` speaks of. An earlier correction in force that begins
    before the row says what the directory will hold by then.
    """
    frame = table.frame
    stated = frame["was"].notna() & frame["indicator"].isin(list(fields)) & frame["account"].notna()
    rows = table.where(stated & frame["account"].isin(case.lines["account"]))
    if not rows:
        return []
    asked = frame["account"].iloc[rows].unique()
    lines = case.lines[case.lines["account"].isin(asked)]
    before, found = _by_account(case.facts("directory_corrections")), []
    held = dict(list(lines.groupby("account")))
    for index in rows:
        account, indicator = str(table.value(index, "account")), str(table.value(index, "indicator"))
        field = fields[indicator]
        known = held[account][field].dropna().unique().tolist()
        for fact in before.get(account, ()):
            if fact["indicator"] == indicator and _sooner(fact["from_date"], table.value(index, "from_date")):
                known = [fact[field]]
        if not _says(str(table.value(index, "was")), known):
            shown = ", ".join(sorted(map(show, known))) or "—"
            found.append(table.finding("correction.old_differs", index, "was", known=shown, account=account))
    return found


@check
def no_line_of_kind(table: CheckedTable, case: Case, kind: str, indicators: Sequence[str]) -> list[Finding]:
    """Name, area and residents are refused where a utility supplier's line stands on the account (4.3.2)."""
    frame = table.frame
    own = frame["account"].isin(case.lines["account"])
    rows = table.where(frame["indicator"].isin(list(indicators)) & own)
    accounts = sorted({str(table.value(index, "account")) for index in rows})
    supplied = case.accounts_with_kind(kind, accounts)
    return [
        table.finding("correction.utility_supplier", index, "indicator", account=str(table.value(index, "account")))
        for index in rows
        if table.value(index, "account") in supplied
    ]


def _by_account(facts: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Corrections in force, those that begin earlier first, by account."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for fact in facts.sort_values(["from_date", "sequence", "row"]).to_dict("records"):
        grouped.setdefault(str(fact["account"]), []).append({str(name): value for name, value in fact.items()})
    return grouped


def _sooner(one: Any, other: Any) -> bool:
    return isinstance(one, date) and isinstance(other, date) and one < other


def _says(text: str, known: Sequence[Any]) -> bool:
    """Whether a written old value is one of the known: numbers by value, texts without case, blanks and signs."""
    if text.strip().casefold() in _NOTHING and all(not value for value in known):
        return True
    try:
        number = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return any(skeleton(text) == skeleton(str(value)) for value in known)
    return any(isinstance(value, Decimal | int) and number == value for value in known)
