"""Checks of what the directory holds: corrections (4.3.2.4, 4.3.2) and houses newly taken on (4.3.2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.new_codes import find_odd_codes
from inbox_worker.deciding.several_codes import find_several_flats
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.forms.values import letters_for_digits
from inbox_worker.ledger.facts import read_facts
from inbox_worker.settings.likeness import digit_like

_NOTHING = frozenset({"", "-", "нет", "жоқ", "пусто", "0", "отсутствует"})  # how an empty `Было` is written


@check
def account_is_new(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that a newly taken account has none of the services yet, and stands in no other house of the Customer, and
    that it and its house are plain codes (4.3.2.2)."""
    standing, houses = set(rows_of(case.lines, "account", "service")), dict(rows_of(case.lines, "account", "house"))
    own = case.lines
    found = [one for name in ("account", "house") for one in find_odd_codes(table, name, own[name].to_pylist())]
    found += find_several_flats(table, "flat")
    for index, (account, house, services) in enumerate(rows_of(table.form.rows, "account", "house", "services")):
        if account is None or account not in houses:
            continue
        if house is not None and houses[account] != house:
            found.append(
                table.make_finding("account.other_house", index, "house", account=account, known=houses[account])
            )
        there = [s for s in (services or "").split(";") if (account, s) in standing]
        if there:
            known = [case.rules.service(service) for service in there]
            facts = {"service": ", ".join(s.ru for s in known), "service_kk": ", ".join(s.kk for s in known)}
            found.append(table.make_finding("line.exists", index, "services", account=account, **facts))
    return found


@check
def account_of_digits(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that no letter stands for a digit in an account that is not known yet, where others of the form are of
    digits: `1002000l` would become an account with a bill of its own. Beside 10020001 it is refused, alone warned of.
    """
    accounts = pc.drop_null(pc.unique(table.column("account")))
    digits = pc.match_substring_regex(accounts, r"^\d+$")
    if not pc.any(digits).as_py() or pc.all(digits).as_py():
        return []
    known, written = set(case.codes("account").to_pylist()), set(accounts.filter(digits).to_pylist())
    letters = {one: letters_for_digits(one) for one in accounts.filter(pc.invert(digits)).to_pylist()}
    found = []
    for index in table.where(table.among("account", [one for one, of in letters.items() if of and one not in known])):
        account = str(table.value(index, "account"))
        meant = "".join(digit_like(sign) or sign for sign in account)
        code = "value.letter_for_digit" if meant in written | known else "account.letter_for_digit"
        found.append(table.make_finding(code, index, "account", letter=letters[account]))
    return found


@check
def correction_stands(table: CheckedTable, case: Case, name: str, area: str, residents: str) -> list[Finding]:
    """Warn where a row says another area, other residents or another name than a correction of the account does: who
    only repeats what the register said before takes back no correction (4.3.2.4). One for a column, at its first row.

    `name`, `area`, `residents`: the `Показатель` of corrections of each.
    """
    kind, found = "directory_corrections", list[Finding]()
    indicators = {"name": name, "area": area, "residents": residents}
    if not (files := case.office.journal.facts.files(kind)):
        return found
    wanted = ("account", "indicator", "from_date", *indicators)
    corrections = read_facts(case.office.home.ledger, kind, files, wanted).sort_by("from_date")
    for column, indicator in indicators.items():
        of = corrections.filter(pc.equal(corrections.column("indicator"), indicator))
        corrected = dict(rows_of(of, "account", column))  # the latest stays
        rows = table.where(table.among("account", corrected) & table.find_filled(column))
        differing = [i for i in rows if table.value(i, column) != corrected[table.value(i, "account")]]
        if differing:
            first = differing[0]
            account = table.value(first, "account")
            facts = {"account": account, "known": show(corrected[account]), "count": str(len(differing))}
            found.append(table.make_finding("directory.correction_stands", first, column, **facts))
    return found


@check
def account_free(table: CheckedTable, case: Case, services_in: str, house_in: str = "", add: str = "") -> list[Finding]:
    """Hold for a person an account that stands under another house, a service of another Customer on it, or a utility
    line that nobody asked for (4.3.2.2, 2.1.7). Names what stands there, never whose.

    `services_in`: the column of the services put on the account; `house_in`: that of its house, '' without one;
    `add`: the `Показатель` of rows that put one on, '' = all do.
    """
    asked = table.find_filled("account") & table.find_filled(services_in)
    adding = table.where(asked & table.among("indicator", [add]) if add else asked)
    accounts = sorted({str(table.value(index, "account")) for index in adding})
    others = case.lines_of_others(accounts)
    houses: dict[str, list[str]] = {}
    for line in others:
        houses.setdefault(line["account"], []).append(str(line["house"]))
    taken = {(line["account"], line["service"]) for line in others}
    mine, found = set(case.lines["account"].to_pylist()), []
    for index in adding:
        account, place = str(table.value(index, "account")), table.value(index, house_in) if house_in else None
        elsewhere = [known for known in houses.get(account, ()) if place and skeleton(known) != skeleton(str(place))]
        if elsewhere:
            places = _describe_place(table, sorted(set(elsewhere)), own=account in mine)
            found.append(table.make_finding("account.stands_elsewhere", index, house_in, account=account, **places))
        for code in str(table.value(index, services_in)).split(";"):
            named = case.rules.service(code)
            facts = {"account": account, "service": named.ru, "service_kk": named.kk}
            if (account, code) in taken:
                found.append(table.make_finding("service.of_another", index, services_in, **facts))
            if named.utility and case.customer and not case.customer.utilities:
                found.append(table.make_finding("service.utility_not_asked", index, services_in, **facts))
    return found


def _describe_place(table: CheckedTable, houses: list[str], *, own: bool) -> dict[str, str]:
    """Where an account stands. Its houses are named only to a Customer who has a line on it: else a guessed account
    would tell where its people live."""
    if not own:
        words = table.texts.words("fact.house_untold")
        return {"known": words.ru, "known_kk": words.kk}
    return {"known": ", ".join(houses)}


@check
def correction_fits_lines(table: CheckedTable, case: Case, add: str, remove: str) -> list[Finding]:
    """Check that a service to take away stands on the account, one to add does not (4.3.2.4).

    Earlier corrections in force that begin before the row count as done.
    """
    standing = set(rows_of(case.lines, "account", "service"))
    asked = table.among("indicator", [add, remove]) & table.find_filled("service")
    rows = table.where(asked & table.among("account", case.lines["account"]))
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
    """Check that `Было`, when given, is what the directory holds for the account (4.3.2.4).

    `fields`: which field of the directory each `Показатель` speaks of. An earlier correction in force that begins
    before the row says what the directory will hold by then. A row whose `Стало` stands already changes nothing, from
    whatever it starts: it is told, and refuses no other row.
    """
    stated = table.find_filled("was") & table.among("indicator", fields)
    rows = table.where(stated & table.among("account", case.lines["account"]))
    if not rows:
        return []
    before, found = _by_account(case.facts("directory_corrections")), []
    held: dict[str, list[dict[str, Any]]] = {}
    for line in case.lines.to_pylist():
        held.setdefault(line["account"], []).append(line)
    for index in rows:
        account, indicator = str(table.value(index, "account")), str(table.value(index, "indicator"))
        field = fields[indicator]
        known = list(dict.fromkeys(line[field] for line in held[account] if line[field] is not None))
        for fact in before.get(account, ()):
            if fact["indicator"] == indicator and _sooner(fact["from_date"], table.value(index, "from_date")):
                known = [fact[field]]
        was, becomes = (
            case.rules.vocabulary.unit_behind.sub("", str(table.value(index, name))) for name in ("was", "becomes")
        )
        if not _says(was, known):
            stands = len(known) == 1 and _says(becomes, known)
            code = "correction.stands_already" if stands else "correction.old_differs"
            shown = ", ".join(sorted(map(show, known))) or "—"
            found.append(table.make_finding(code, index, "was", known=shown, account=account))
    return found


@check
def no_line_of_kind(table: CheckedTable, case: Case, kind: str, indicators: Sequence[str]) -> list[Finding]:
    """Name, area and residents are refused where a utility supplier's line stands on the account (4.3.2)."""
    rows = table.where(table.among("indicator", indicators) & table.among("account", case.lines["account"]))
    accounts = sorted({str(table.value(index, "account")) for index in rows})
    supplied = case.accounts_with_kind(kind, accounts)
    return [
        table.make_finding(
            "correction.utility_supplier", index, "indicator", account=str(table.value(index, "account"))
        )
        for index in rows
        if table.value(index, "account") in supplied
    ]


def _by_account(facts: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Corrections in force, those that begin earlier first, by account."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for fact in facts.sort_by([(name, "ascending") for name in ("from_date", "sequence", "row")]).to_pylist():
        grouped.setdefault(fact["account"], []).append(fact)
    return grouped


def _sooner(one: Any, other: Any) -> bool:
    return isinstance(one, date) and isinstance(other, date) and one < other


def _says(text: str, known: Sequence[Any]) -> bool:
    """Tell whether a written old value is one of the known: numbers by value, texts without case, blanks and signs."""
    if text.strip().casefold() in _NOTHING and all(not value for value in known):
        return True
    try:
        number = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return any(skeleton(text) == skeleton(str(value)) for value in known)
    return any(isinstance(value, Decimal | int) and number == value for value in known)
