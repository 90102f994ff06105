"""Codes as the ledger has them: an account, house, meter or payment's number that was written another way (4.3.1).

Leading zeros that a spreadsheet took away, look-alike letters, dashes, blanks, `№` and case are mended where exactly
one known code fits, with a warning that shows both and names the difference. Where several fit the row is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.deciding.payment_numbers import numbers_known
from inbox_worker.deciding.table import CheckedTable, Context
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.likeness import are_alike, are_spelled_alike, code_skeleton, difference, look_the_same
from inbox_worker.settings.texts import Texts

_MAKES_CODES = ("new_houses", "directory")  # accounts and houses are new there: only the same spelling in other letters
_DEFINES = ("customers", "directory", "banks", "house_contracts")  # registers that say what is known
_MOST_SHOWN = 5


@dataclass
class _Mending:
    """What is mended in one column: row -> the known code; rows where several fit -> these."""

    column: str
    mended: dict[int, str] = field(default_factory=dict)
    several: dict[int, list[str]] = field(default_factory=dict)

    def take(self, index: int, written: str, fitting: Iterable[str]) -> None:
        """Notes what fits a row's code."""
        found = sorted(set(fitting) - {written})
        if len(found) == 1:
            self.mended[index] = found[0]
        elif found:
            self.several[index] = found


def restore_codes(
    form: FormTable, rule: FormRule, context: Context, earlier: Callable[[], pa.Table]
) -> tuple[FormTable, list[Finding]]:
    """The form with codes as the ledger has them, and what there is to say of each that was written another way.

    `earlier`: the earlier rows of the form's kind (payments, for a bank's register).
    """
    findings: list[Finding] = []
    for name, mend in (("account", _accounts), ("house", _houses), ("meter", _meters)):
        if any(column.name == name for column in rule.columns) and rule.form not in _DEFINES:
            form, told = _mended(form, rule, context, mend(form, rule, context))
            findings += told
    if rule.form == "bank_register":
        mending = _Mending("number")
        for index, written, fitting, several_matter in numbers_known(form.rows, earlier()):
            if several_matter or len(fitting) == 1:
                mending.take(index, written, fitting)
        form, told = _mended(form, rule, context, mending)
        findings += told
    return form, findings


def told_apart(written: str, known: Sequence[str], texts: Texts) -> dict[str, str]:
    """Known codes as a finding shows them beside the one written: what looks the same has its difference named."""
    ru, kk = [], []
    for code in known:
        words = difference(written, code, texts) if look_the_same(written, code) else None
        ru.append(texts.say("ru", "likeness.in_form", known=code, difference=words.ru) if words else code)
        kk.append(texts.say("kk", "likeness.in_form", known=code, difference=words.kk) if words else code)
    return {"known": ", ".join(ru) or "—", "known_kk": ", ".join(kk) or "—"}


def _accounts(form: FormTable, rule: FormRule, context: Context) -> _Mending:
    known = context.codes("account") if rule.operator else pc.unique(_texts(context.lines["account"]))
    return _among(form, rule, "account", known, zeros=rule.form not in _MAKES_CODES)


def _houses(form: FormTable, rule: FormRule, context: Context) -> _Mending:
    known = context.codes("house") if rule.operator else pc.unique(_texts(context.lines["house"]))
    return _among(form, rule, "house", known, zeros=False)


def _among(form: FormTable, rule: FormRule, name: str, known: pa.Array, zeros: bool) -> _Mending:
    """Codes of a column that are none of the known ones, each beside those that it may be."""
    mending, written = _Mending(name), form.rows.column(name).combine_chunks()
    strangers = pc.and_(pc.is_valid(written), pc.invert(pc.is_in(written, value_set=known)))
    if not len(known) or not pc.any(strangers).as_py():
        return mending
    alike = are_spelled_alike if rule.form in _MAKES_CODES else are_alike
    by_skeleton: dict[str, list[str]] = {}
    by_digits: dict[str, list[str]] = {}
    for code in known.to_pylist():
        by_skeleton.setdefault(code_skeleton(code), []).append(code)
        if zeros:
            by_digits.setdefault(code.lstrip("0"), []).append(code)
    for index in pc.indices_nonzero(strangers).to_pylist():
        code = written[index].as_py()
        fitting = by_digits.get(code.lstrip("0")) or by_skeleton.get(code_skeleton(code), [])
        mending.take(index, code, (k for k in fitting if alike(k, code) or k.lstrip("0") == code.lstrip("0")))
    return mending


def _meters(form: FormTable, rule: FormRule, context: Context) -> _Mending:
    """Meters of the row's own line; a number that lost its leading zeros, too."""
    mending = _Mending("meter")
    if rule.operator or not {"account", "service"} <= set(form.rows.column_names):
        return mending
    table = CheckedTable(form, rule, context.rules)
    strange = table.places_in(context.lines, ["account", "service", "meter"]) < 0
    if not strange.any():
        return mending
    meters: dict[tuple[str, str], list[str]] = {}
    for account, service, meter in context.lines[["account", "service", "meter"]].dropna().itertuples(index=False):
        meters.setdefault((account, service), []).append(meter)
    for index in table.where(strange):
        account, service, written = (table.value(index, name) for name in ("account", "service", "meter"))
        if written is not None:
            own = meters.get((str(account), str(service)), [])
            zeros = [m for m in own if code_skeleton(m).lstrip("0") == code_skeleton(written).lstrip("0")]
            mending.take(index, written, [m for m in own if are_alike(m, written)] or zeros)
    return mending


def _mended(form: FormTable, rule: FormRule, context: Context, mending: _Mending) -> tuple[FormTable, list[Finding]]:
    if not mending.mended and not mending.several:
        return form, []
    table, name = CheckedTable(form, rule, context.rules), mending.column
    texts = table.texts
    findings = [_told(table, index, name, known, texts) for index, known in mending.mended.items()]
    for index, several in mending.several.items():
        facts = told_apart(str(table.value(index, name)), several[:_MOST_SHOWN], texts)
        code = "register.account_ambiguous" if rule.form == "bank_register" and name == "account" else "code.ambiguous"
        findings.append(table.finding(code, index, name, **facts))
    codes = form.rows.column(name).to_pylist()
    for index, known in mending.mended.items():
        codes[index] = known
    place = form.rows.column_names.index(name)
    return replace(form, rows=form.rows.set_column(place, name, pa.array(codes, pa.string()))), findings


def _told(table: CheckedTable, index: int, column: str, known: str, texts: Texts) -> Finding:
    written = str(table.value(index, column))
    if column == "account" and written.lstrip("0") == known.lstrip("0"):
        return table.finding("account.zeros_restored", index, column, account=known)
    words = difference(written, known, texts)
    return table.finding("code.alike", index, column, known=known, difference=words.ru, difference_kk=words.kk)


def _texts(column: pd.Series[Any]) -> pa.Array:
    return pa.array(column, pa.string(), from_pandas=True)
