"""Codes as the ledger has them: an account, house, meter or payment's number that was written another way (4.3.1).

Leading zeros that a spreadsheet took away, look-alike letters, dashes, blanks, `№` and case are mended where exactly
one known code fits, with a warning that shows both and names the difference. Where several fit the row is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.act_answers import ACT_RESPONSE, act_meant
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, rows_of
from inbox_worker.settings.likeness import (
    address_parts,
    address_stems,
    are_alike,
    are_spelled_alike,
    code_skeleton,
    differ_by_letters,
    differ_by_zeros,
    difference,
    look_the_same,
    within_name,
    without_name,
)

_MAKES_CODES = ("new_houses", "directory")  # accounts and houses are new there: only the same spelling in other letters
_DEFINES = ("customers", "directory", "banks", "house_contracts")  # registers that say what is known
_MOST_SHOWN = 5
_PLAIN = r"^\d+$"
_PAYMENT = ["bank", "account", "number", "paid_on", "amount"]


@dataclass
class _Mending:
    """Keeps what is mended in one column: row -> the known code; rows where several fit -> these; rows that say an
    address."""

    column: str
    mended: dict[int, str] = field(default_factory=dict)
    several: dict[int, list[str]] = field(default_factory=dict)
    addressed: set[int] = field(default_factory=set)

    def take(self, index: int, written: str, fitting: Iterable[str]) -> None:
        """Notes what fits a row's code."""
        found = sorted(set(fitting) - {written})
        if len(found) == 1:
            self.mended[index] = found[0]
        elif found:
            self.several[index] = found


def restore_codes(table: CheckedTable, case: Case, earlier: Callable[[], pa.Table]) -> list[Finding]:
    """Puts the codes as the ledger has them into the table; returns what there is to say of each that was written
    another way. `earlier`: gives the earlier rows of the form's kind (payments, for a bank's register)."""
    findings: list[Finding] = []
    for name, mend in (("account", _accounts), ("house", _houses), ("meter", _meters)):
        if any(column.name == name for column in case.rule.columns) and case.rule.form not in _DEFINES:
            findings += _mend(table, mend(table, case))
    if case.rule.form == ACT_RESPONSE:
        known, words = case.act_dates(), table.words_before.get("act", ())
        written = table.form.rows.column("act").to_pylist()
        table.put("act", pa.array([one and act_meant(one, known, words) for one in written], pa.string()))
    if case.rule.form == "bank_register":
        mending = _Mending("number")
        for index, written, fitting, several_matter in _numbers_known(table.form.rows, earlier()):
            if several_matter or len(fitting) == 1:
                mending.take(index, written, fitting)
        findings += _mend(table, mending)
    return findings


def name_differences(table: CheckedTable, written: str, known: Sequence[str]) -> dict[str, str]:
    """Write known codes as a finding shows them beside the one written: what looks the same has its difference
    named."""
    ru, kk = [], []
    for code in known:
        words = difference(written, code, table.texts) if look_the_same(written, code) else None
        ru.append(table.texts.say("ru", "likeness.in_form", known=code, difference=words.ru) if words else code)
        kk.append(table.texts.say("kk", "likeness.in_form", known=code, difference=words.kk) if words else code)
    return {"known": ", ".join(ru) or "—", "known_kk": ", ".join(kk) or "—"}


def meters_by_line(case: Case) -> dict[tuple[str, str], list[str]]:
    """Collect the meters of the Customer's lines by account and service."""
    meters: dict[tuple[str, str], list[str]] = {}
    for account, service, meter in rows_of(case.lines, "account", "service", "meter"):
        if meter is not None:
            meters.setdefault((account, service), []).append(meter)
    return meters


def _accounts(table: CheckedTable, case: Case) -> _Mending:
    mending = _among(table, "account", _known_codes(case, "account"), zeros=table.rule.form not in _MAKES_CODES)
    return _with_zeros(mending, table, case)


def _houses(table: CheckedTable, case: Case) -> _Mending:
    known = _known_codes(case, "house")
    mending, written = _among(table, "house", known, zeros=False), table.form.rows.column("house").combine_chunks()
    mending = _with_zeros(mending, table, case)
    if case.rule.operator or case.rule.form in _MAKES_CODES or not case.bin:
        return mending
    strange = pc.and_(pc.is_valid(written), pc.invert(pc.is_in(written, value_set=known)))
    rows = [i for i in pc.indices_nonzero(strange).to_pylist() if i not in mending.mended and i not in mending.several]
    words, endings = (table.words_before.get(name, ()) for name in ("address", "address_end"))
    codes = set(known.to_pylist())
    places = [(address_parts(at, words), house) for at, house in case.houses_at() if house in codes] if rows else []
    stems = [(address_stems(at, endings), house) for at, house in places]
    for index in rows:
        parts = address_parts(written[index].as_py(), words)
        if len(parts) > 1 and any(part.isdigit() for part in parts):
            fitting = _houses_at(places, parts) or _houses_at(stems, address_stems(parts, endings))
            mending.take(index, written[index].as_py(), fitting)
            mending.addressed.add(index)
    return mending


def _houses_at(places: Sequence[tuple[tuple[str, ...], str]], parts: tuple[str, ...]) -> set[str]:
    """Return the houses whose address ends as these parts say."""
    return {house for at, house in places if at[-len(parts) :] == parts}


def _known_codes(case: Case, name: str) -> pa.Array:
    """Codes of the whole ledger for a register, else of the Customer's lines."""
    return case.codes(name) if case.rule.operator else pc.drop_null(pc.unique(case.lines[name]))


def _among(table: CheckedTable, name: str, known: pa.Array, zeros: bool) -> _Mending:
    """Codes of a column that are none of the known ones, each beside those that it may be."""
    mending, written = _Mending(name), table.form.rows.column(name).combine_chunks()
    strangers = pc.and_(pc.is_valid(written), pc.invert(pc.is_in(written, value_set=known)))
    if not len(known) or not pc.any(strangers).as_py():
        return mending
    alike = are_spelled_alike if table.rule.form in _MAKES_CODES else are_alike
    by_skeleton: dict[str, list[str]] = {}
    by_digits: dict[str, list[str]] = {}
    for code in known.to_pylist():
        by_skeleton.setdefault(code_skeleton(code), []).append(code)
        if zeros:
            by_digits.setdefault(code.lstrip("0"), []).append(code)
    strange = {index: written[index].as_py() for index in pc.indices_nonzero(strangers).to_pylist()}
    bare = {code: _bare(table, name, code) for code in strange.values()}
    cut = any(code != rest for code, rest in bare.items())  # then a code with such a word of its own may be meant, too
    words = table.words_before.get(name, ())
    named = {code: within_name(code, words) for code in known.to_pylist() if cut and not code.isdigit()}

    def fit(code: str) -> list[str]:
        fitting = by_digits.get(code.lstrip("0")) or by_skeleton.get(code_skeleton(code), [])
        return [one for one in fitting if alike(one, code) or one.lstrip("0") == code.lstrip("0")]

    for index, code in strange.items():
        others = [one for one, rest in named.items() if rest and alike(rest, bare[code])]
        mending.take(index, code, fit(code) or [*fit(bare[code]), *(others if bare[code] != code else ())])
    return mending


def _with_zeros(mending: _Mending, table: CheckedTable, case: Case) -> _Mending:
    """Return the mending with codes of letters and numbers whose numbers lack zeros before them: `A-6` is A-006, unless
    somebody else's code is spelled so."""
    name, written = mending.column, table.form.rows.column(mending.column).combine_chunks()
    if table.rule.form in _MAKES_CODES or table.rule.operator:
        return mending
    known = _known_codes(case, name)
    strange = pc.and_(pc.is_valid(written), pc.invert(pc.is_in(written, value_set=known)))
    places = [
        i for i in pc.indices_nonzero(strange).to_pylist() if i not in mending.mended and i not in mending.several
    ]
    left = {i: written[i].as_py() for i in places}
    lettered = [code for code in known.to_pylist() if not code.isdigit()] if left else []
    if not lettered:
        return mending
    others = set(case.codes(name).to_pylist())
    for index, code in left.items():
        if not code.isdigit() and code not in others:
            bare = _bare(table, name, code)
            mending.take(index, code, [one for one in lettered if differ_by_zeros(one, bare)])
    return mending


def _meters(table: CheckedTable, case: Case) -> _Mending:
    """Meters of the row's own line; a number that lost its leading zeros, or the letters before it, too."""
    mending = _Mending("meter")
    if case.rule.operator or not {"account", "service"} <= set(table.form.rows.column_names):
        return mending
    strange = table.places_in(case.lines, ["account", "service", "meter"]) < 0
    if not strange.any():
        return mending
    meters = meters_by_line(case)
    for index in table.where(strange):
        account, service, written = (table.value(index, name) for name in ("account", "service", "meter"))
        if written is not None:
            bare = _bare(table, "meter", written)
            own = meters.get((str(account), str(service)), [])
            whole = [m for m in own if are_alike(m, written)]
            zeros = [m for m in own if code_skeleton(m).lstrip("0") == code_skeleton(bare).lstrip("0")]
            words = table.words_before.get("meter", ()) if bare != written else ()
            cut = [m for m in own if are_alike(m, bare) or are_alike(within_name(m, words), bare)]
            bare_number = [m for m in own if differ_by_letters(m, bare)]
            mending.take(index, written, whole or cut or zeros or bare_number)
    return mending


def _bare(table: CheckedTable, name: str, code: str) -> str:
    """Return a code without the word before it: `счётчик ХВ-104477`, `дом A-001`."""
    return without_name(code, table.words_before.get(name, ()))


def _mend(table: CheckedTable, mending: _Mending) -> list[Finding]:
    if not mending.mended and not mending.several:
        return []
    name = mending.column
    findings = [
        _describe_likeness(table, index, name, known, addressed=index in mending.addressed)
        for index, known in mending.mended.items()
    ]
    for index, several in mending.several.items():
        facts = name_differences(table, str(table.value(index, name)), several[:_MOST_SHOWN])
        of_register = table.rule.form == "bank_register" and name == "account"
        code = "register.account_ambiguous" if of_register else "code.ambiguous"
        findings.append(table.make_finding(code, index, name, **facts))
    if mending.mended:
        codes = table.form.rows.column(name).to_pylist()
        for index, known in mending.mended.items():
            codes[index] = known
        table.put(name, pa.array(codes, pa.string()))
    return findings


def _describe_likeness(table: CheckedTable, index: int, column: str, known: str, *, addressed: bool) -> Finding:
    written = str(table.value(index, column))
    if column == "account" and written.lstrip("0") == known.lstrip("0"):
        return table.make_finding("account.zeros_restored", index, column, account=known)
    bare = _bare(table, column, written)
    words = table.texts.words("likeness.word") if bare != written else difference(written, known, table.texts)
    words = table.texts.words("likeness.address") if addressed else words
    return table.make_finding("code.alike", index, column, known=known, difference=words.ru, difference_kk=words.kk)


def _numbers_known(rows: pa.Table, earlier: pa.Table) -> Iterator[tuple[int, str, list[str], bool]]:
    """Row, its number, the known numbers it may be, and whether several of them are a reason to refuse.

    A reversal is looked for among all payments of its bank and account, these of its own register included; a payment
    among those of its day, for then it was sent before. Numbers of digits alone differ only from others.
    """
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(rows.column("number"), _PLAIN)), False)
    old = _beside(rows, earlier, bool(pc.any(odd).as_py()))
    if not pc.any(odd).as_py() and not old.num_rows:
        return
    before, ever = _by_code(old.to_pylist()), _by_code([*old.to_pylist(), *_payments(rows).to_pylist()])
    for index, row in enumerate(rows.select(_PAYMENT).to_pylist()):
        if None in row.values():
            continue
        back = row["amount"] < Decimal(0)
        there = (ever if back else before).get((row["bank"], row["account"], code_skeleton(row["number"])), set())
        numbers = {number for number, day in there if back or day == row["paid_on"]}
        fitting = [number for number in numbers if are_alike(number, row["number"])]
        if fitting and row["number"] not in fitting:
            yield index, row["number"], fitting, back


def _by_code(payments: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], set[tuple[str, date]]]:
    """Numbers and days of payments by bank, account and what their number is to a person."""
    found: dict[tuple[str, str, str], set[tuple[str, date]]] = {}
    for row in payments:
        if row["number"]:
            key = (row["bank"], row["account"], code_skeleton(row["number"]))
            found.setdefault(key, set()).add((row["number"], row["paid_on"]))
    return found


def _beside(rows: pa.Table, earlier: pa.Table, odd: bool) -> pa.Table:
    """Earlier payments of the accounts asked; where all numbers are digits alone, those whose numbers are not."""
    if not earlier.num_rows:
        return rows.slice(0, 0)
    there = pc.is_in(earlier.column("account"), value_set=rows.column("account").combine_chunks())
    old = _payments(earlier.filter(there))
    return old if odd else old.filter(pc.invert(pc.match_substring_regex(old.column("number"), _PLAIN)))


def _payments(rows: pa.Table) -> pa.Table:
    """Rows that pay; only reversals are looked for among them."""
    return rows.select(_PAYMENT).filter(pc.greater(rows.column("amount"), pa.scalar(Decimal(0), pa.decimal128(18, 2))))
