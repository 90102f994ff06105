"""Checks of what is said twice: where a column, a title or the letter contradicts the rows, one is a slip (4.1.15)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, FormTable, Period
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show, show_sum
from inbox_worker.forms.compared import CUSTOMER
from inbox_worker.forms.days_in_words import find_asked_months, find_months
from inbox_worker.forms.sheet_words import judge_bin
from inbox_worker.forms.values import read_scaled, written_sum
from inbox_worker.settings.likeness import code_skeleton

_ALIKE = 0.7  # of two surnames: an ending, a Kazakh letter, a slip
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LONG = 4  # letters: the first such word is the name where the kind of a company, in capitals, stands before it
_FLAT = re.compile(r"(?<!\d)\d+ ?[-/]? ?[^\W\d_]?$")
_NUMBERS = re.compile(r"(?<![\w.])\d{5,}(?![\w])")  # that may be accounts
_MOST_MONTHS, _LONGEST = 6, 120  # told of a contradiction
_PLACES = 3  # that a meter shows
_TIYN, _EXACT = Decimal("0.01"), 6  # by which rounded sums may differ; places of a sum that a formula gives
_DASHES = ("-", "–", "—")


@check
def flat_as_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of rows whose flat is another than that of their account: one of the two is a slip. One finding."""
    return _compare(table, "flat", lambda: _look_up(table, case, "flat"), _is_other_flat, "account.other_flat")


@check
def holder_as_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of rows that name somebody else than the directory has on their account. One finding."""
    return _compare(table, "holder", lambda: _look_up(table, case, "name"), _is_other_person, "account.other_holder")


@check
def house_as_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of rows that name, or stand under a heading that names, another house of the Customer than that of their
    account. One finding."""
    codes = {code_skeleton(house) for house in pc.unique(case.lines["house"]).to_pylist() if house}

    def is_other(text: str, known: str) -> bool:
        return code_skeleton(text) in codes and code_skeleton(text) != code_skeleton(known)

    return _compare(table, "house", lambda: _look_up(table, case, "house"), is_other, "account.house_differs")


@check
def usage_as_read(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of rows whose consumption is another than the current reading less the previous one. One finding."""
    return _compare(table, "usage", lambda: _count_used(table), _is_other_number, "reading.usage_differs")


@check
def sum_as_difference(table: CheckedTable, case: Case, *, column: str) -> list[Finding]:
    """Return an error for each row whose sum is another than what should have been charged less what was: columns say
    both. What was and became may be residents or days: there only a sum of the other sign is asked about."""
    found, beside = list[Finding](), dict[int, Decimal]()
    for before, after, exact in (("charged", "due", True), ("was", "becomes", False)):
        due = dict(_read_beside(table, after))
        for index, text in _read_beside(table, before):
            was, is_now, amount = _read_sum(text), _read_sum(due.get(index, "")), table.value(index, column)
            if was is None or is_now is None or amount is None:
                continue
            known = is_now - was
            beside |= {index: known} if known else {}
            if abs(known - amount) > _TIYN if exact else known * amount < 0:
                facts = {"was": text, "due": due[index], "known": show_sum(known)}
                found.append(table.make_finding("recalculation.not_difference", index, column, **facts))
    return found or _find_other_differences(table, column, beside)


def _find_other_differences(table: CheckedTable, column: str, beside: Mapping[int, Decimal]) -> list[Finding]:
    """Return an error for each row whose column of differences says another sum than the row's own. `beside`: what
    columns give, by the row's place: they prove the sign, and a difference may be theirs, of residents or days."""
    found = []
    for index, text in _read_beside(table, "difference"):
        said, amount, known = _read_sum(text), table.value(index, column), beside.get(index)
        if said is None or amount is None:
            continue
        off = said - amount if known is None else min((abs(said) - abs(one) for one in (amount, known)), key=abs)
        if abs(off) > _TIYN:
            sheet, row = str(table.value(index, "sheet")), int(table.value(index, "row"))
            cell = f"{table.form.letters[sheet]['difference']}{row}"
            facts = {**_header_of(table, "difference"), "known": show_sum(amount)}
            found.append(Finding("recalculation.other_difference", sheet, cell, text, facts, row))
    return found


def _header_of(table: CheckedTable, name: str) -> dict[str, str]:
    return next(one.facts for one in table.rule.compared if one.name == name)


@check
def months_as_said(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn where a title, the sheet's or the file's name, or the letter says a month that is neither that of a row nor
    the month of account nor that in which it came. One finding, for the first."""
    if not len(table):
        return []
    dated = [column for column in table.rule.columns if column.type in ("month", "date", "first_day")]
    days = {day for column in dated for day in table.column(column.name).to_pylist() if day}
    if not days and any(column.required for column in dated):  # none was read
        return []
    months = {(day.year, day.month) for day in (*days, case.received_on)} | {(case.month.year, case.month.month)}
    months |= {(0, month) for _, month in months}
    for sheet, cell, text in (*table.form.titles, ("", "", case.file.name), ("", "", case.words)):
        named = find_months(text)
        if named and months.isdisjoint(named):
            text = next((line for line in text.splitlines() if find_months(line)), text)
            about = sorted({Period.of(day) for day in days} or {case.month}, key=str)
            facts = {"about": ", ".join(month.form_text for month in about[:_MOST_MONTHS])}
            return [Finding("month.said_otherwise", sheet, cell, text.strip()[:_LONGEST], facts)]
    return []


def find_other_customer(table: CheckedTable, case: Case) -> list[Finding]:
    """Return an error for each row that names, by БИН or by name, another Customer than the one whose form it is: it
    would be charged to the wrong one (4.1.15)."""
    own, found = case.customer, []
    if own is None:
        return []
    others = [_name_words(one.name) for bin_, one in case.customers.items() if bin_ != own.bin]
    for label in CUSTOMER:
        for index, text in _read_beside(table, label):
            if label == "customer":
                other = any(map(str.isdigit, text)) and (judge_bin(text).value or text) != own.bin
            else:
                other = _is_other_name(_name_words(text), _name_words(own.name), others)
            if other:
                sheet, row = str(table.value(index, "sheet")), int(table.value(index, "row"))
                cell, facts = f"{table.form.letters[sheet][label]}{row}", {"bin": own.bin, "customer": own.name}
                found.append(Finding("row.other_customer", sheet, cell, text, facts, row))
    return found


def find_other_name(case: Case) -> list[Finding]:
    """Return an error where the name above a form is another Customer's than the БИН beside it: whoever sends forms for
    several of them changed one of the two (4.1.15). A name is another's by a word that only that one has."""
    cell, own = case.form.header.get("customer_name"), case.customer
    said = _name_words(cell.text) if cell else frozenset()
    if cell is None or own is None or not said or said & _name_words(own.name) == _name_words(own.name):
        return []
    names = {bin_: _name_words(one.name) for bin_, one in case.customers.items()}
    counts = Counter(word for words in names.values() for word in words)
    named = {bin_ for bin_, words in names.items() if any(counts[word] == 1 for word in words & said)}
    if not named or own.bin in named:
        return []
    facts = {"bin": own.bin, "customer": own.name}
    return [Finding("header.other_customer", cell.sheet, cell.cell, cell.text, facts)]


def find_other_month(table: CheckedTable, case: Case) -> list[Finding]:
    """Return a warning where the letter asks to count its form in another month than it counts in (4.1.15)."""
    if case.timeless or case.rule.operator or not len(table):
        return []
    asking = [line for line in case.words.splitlines() if find_asked_months(line)]
    months = {number for line in asking for number in find_asked_months(line)}
    if not months or case.month.month in months:
        return []
    return [Finding("month.asked_otherwise", value=asking[0].strip()[:_LONGEST], facts={"month": case.month.form_text})]


def find_other_accounts(table: CheckedTable, case: Case) -> list[Finding]:
    """Return a warning where the letter names accounts of the Customer, and its form is about none of them: one of the
    two is a slip (4.1.15)."""
    if case.customer is None or "account" not in table.form.rows.column_names or not len(table):
        return []
    lines = case.lines["account"]
    named = pa.array(dict.fromkeys(_NUMBERS.findall(case.words)), pa.string())
    known = named.filter(pc.is_in(named, value_set=lines.combine_chunks())).to_pylist() if len(named) else []
    there = {one for other in (table.form, *(one.form for one in case.beside)) for one in _accounts_of(other)}
    if not known or not there.isdisjoint(known):
        return []
    shown = ", ".join(known[:_MOST_MONTHS])
    return [
        Finding(
            "account.said_otherwise", value=shown, facts={"form": case.rule.title.ru, "form_kk": case.rule.title.kk}
        )
    ]


def _accounts_of(form: FormTable) -> list[str]:
    return form.rows.column("account").to_pylist() if "account" in form.rows.column_names else []


@lru_cache(maxsize=5_000)  # the names of all Customers, for every form
def _name_words(text: str) -> frozenset[str]:
    return frozenset(map(skeleton, re.findall(r"[^\W_]+", text)))


def _is_other_name(said: frozenset[str], own: frozenset[str], others: list[frozenset[str]]) -> bool:
    """Return whether a name has more words of another Customer's than of one's own: a consumer's has none of either."""
    shared = len(said & own)
    return any(len(said & other) > shared for other in others)


def _count_used(table: CheckedTable) -> list[str]:
    """Return for each row the current reading less the previous one, '' where a meter began anew."""
    readings = rows_of(table.form.rows, "previous", "current")
    return ["" if None in (was, now) or now < was else show(now - was) for was, now in readings]


def _look_up(table: CheckedTable, case: Case, field: str) -> list[str]:
    """Return for each row what the directory has of its account, '' where it has nothing, or several things."""
    by_account: dict[str, set[str]] = {}
    for account, value in rows_of(case.lines, "account", field):
        by_account.setdefault(str(account), set()).update([value] if value else [])
    if field == "name":
        for fact in case.facts("directory_corrections").to_pylist():
            by_account.setdefault(str(fact["account"]), set()).update([fact["name"]] if fact["name"] else [])
    accounts = table.column("account").to_pylist()
    return ["\n".join(sorted(by_account.get(str(account), ()))) for account in accounts]


def _compare(
    table: CheckedTable, name: str, ask: Callable[[], list[str]], differs: Callable[[str, str], bool], code: str
) -> list[Finding]:
    """Return a warning at the first row that says another thing than is known, with how many do. `ask`: gives what is
    known of each row, a line for each of several things."""
    said = list(_read_beside(table, name))
    known = ask() if said else []
    odd = [(i, text) for i, text in said if known[i] and all(differs(text, one) for one in known[i].split("\n"))]
    if not odd:
        return []
    index, text = odd[0]
    sheet, row = str(table.value(index, "sheet")), int(table.value(index, "row"))
    at = table.form.letters[sheet].get(name, "")  # a heading between rows has no column
    cell = f"{at}{row}" if at else ""
    account = show(table.value(index, "account"))
    facts = {"account": account, "count": str(len(odd))}
    facts |= {} if name == "holder" else {"known": known[index]}  # whose account it is, who writes it need not hear
    return [Finding(code, sheet, cell, text, facts, row)]


def _read_beside(table: CheckedTable, name: str) -> Iterator[tuple[int, str]]:
    """Yield the rows, by their place, of which a compared column says something."""
    beside = table.form.beside
    for index, (sheet, row) in enumerate(rows_of(table.form.rows, "sheet", "row") if beside else ()):
        if text := beside.get(sheet, {}).get(name, {}).get(row, ""):
            yield index, text


def _is_other_flat(text: str, known: str) -> bool:
    """Return whether two flats differ: their numbers at the end, with a letter or without.

    >>> _is_other_flat("кв. 17", "17"), _is_other_flat("175Б-1", "1"), _is_other_flat("017", "17")
    (False, False, False)
    >>> _is_other_flat("7", "17"), _is_other_flat("нет", "17")
    (True, False)
    """
    flats = [_FLAT.search(" ".join(one.split())) for one in (text, known)]
    numbers = {code_skeleton(flat[0].lstrip("0")) for flat in flats if flat}
    return None not in flats and len(numbers) > 1


def _is_other_person(text: str, known: str) -> bool:
    """Return whether none of the words of a name is like the surname that is known. A name in Latin letters may be,
    and words without a capital are none."""
    names, words = _WORDS.findall(known), [skeleton(word) for word in _WORDS.findall(text)]
    long = [name for name in names if len(name) >= _LONG] if names and names[0].isupper() else []
    telling = {skeleton(name) for name in (*names[:1], *long[:1])}
    if not telling or not words or text.isascii() or text == text.lower():
        return False
    return all(SequenceMatcher(None, name, word).ratio() < _ALIKE for name in telling for word in words)


def _read_sum(text: str) -> Decimal | None:
    """Return a sum that stands in a cell, 0 of a dash; None where there is none, or more than a number."""
    if text.strip() in _DASHES:
        return Decimal(0)
    read = read_scaled(written_sum(text), _EXACT)
    return Decimal(read).scaleb(-_EXACT) if isinstance(read, int) else None


def _is_other_number(text: str, known: str) -> bool:
    number = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    found = re.fullmatch(r"\d+(?:\.(\d+))?", number)
    if found is None:
        return False
    unit = Decimal(1).scaleb(-min(len(found[1] or ""), _PLACES))
    read = Decimal(known.replace(" ", "").replace(",", "."))
    return abs(Decimal(number) - read) >= unit  # rounded either way it is the same
