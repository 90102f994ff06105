"""Values that a rule list knows or that prove themselves: services, bases, choices, БИН, БИК, IBAN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inbox_worker.identity import valid_bic, valid_bin, valid_iban
from inbox_worker.rules import LOOKALIKES, Rules, fold, skeleton
from inbox_worker.rules import Column as ColumnRule

_YES = frozenset(map(fold, ("да", "иә", "ия", "yes", "true", "1", "y", "д", "бар")))
_NO = frozenset(map(fold, ("нет", "жоқ", "жок", "no", "false", "0", "n", "н", "-")))
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"]+@[^@\s<>()\[\],;:\"]+\.[^@\s<>()\[\],;:\".]{2,}")


@dataclass(frozen=True)
class Verdict:
    """A value as the ledger keeps it, or None; the finding's code, '' when there is nothing to say."""

    value: str | bool | None
    code: str = ""


Judge = Callable[[str], Verdict]


def judges(rules: Rules, column: ColumnRule) -> Judge | None:
    """How values of a column's type are judged; None for types without a list or a proof."""
    if column.type == "choice":
        return _choice(column)
    if column.type == "service":
        return _known(rules.service_names, "service.unknown")
    if column.type == "services":
        return _services(rules)
    if column.type == "base":
        return _known(rules.base_names, "base.unknown")
    return _PROVED.get(column.type)


def _known(names: Mapping[str, str], code: str) -> Judge:
    by_skeleton = {name.translate(LOOKALIKES): value for name, value in names.items()}

    def judge(text: str) -> Verdict:
        found = names.get(fold(text)) or by_skeleton.get(skeleton(text))
        return Verdict(found, "" if found else code)

    return judge


def _services(rules: Rules) -> Judge:
    """Names of services parted by `;` (or commas, or lines) -> codes joined by `;` in the bill's order."""
    one = _known(rules.service_names, "service.unknown")

    def judge(text: str) -> Verdict:
        verdicts = [one(name) for name in re.split(r"[;,\n]", text) if name.strip()]
        if not verdicts or any(verdict.code for verdict in verdicts):
            return Verdict(None, "service.unknown")
        codes = {str(verdict.value) for verdict in verdicts}
        return Verdict(";".join(sorted(codes, key=rules.service_order.__getitem__)))

    return judge


def _choice(column: ColumnRule) -> Judge:
    known = {skeleton(choice): choice for choice in column.choices}
    for choice, names in column.spellings.items():
        known |= {skeleton(name): choice for name in names}

    def judge(text: str) -> Verdict:
        if found := known.get(skeleton(text)):
            return Verdict(found)
        return Verdict(text, "value.unusual") if column.open else Verdict(None, "value.not_a_choice")

    return judge


def judge_bin(text: str) -> Verdict:
    """A БИН or ИИН of 12 digits with a right check digit."""
    digits = re.sub(r"[.,]0{1,2}$", "", re.sub(r"\s", "", text))
    # a spreadsheet drops the leading zeros of a number: a БИН always has 12 digits
    digits = digits.zfill(12) if re.fullmatch(r"\d{9,11}", digits) else digits
    return Verdict(digits) if valid_bin(digits) else Verdict(None, "bin.invalid")


def _iin(text: str) -> Verdict:
    """An ИИН is proved like a БИН; its birth-date part is never judged."""
    return Verdict(judge_bin(text).value) if judge_bin(text).value else Verdict(None, "iin.invalid")


def _kbe(text: str) -> Verdict:
    """Residence (1 or 2) and sector (1 to 9)."""
    code = re.sub(r"\s", "", text)
    return Verdict(code) if re.fullmatch(r"[12][1-9]", code) else Verdict(None, "kbe.invalid")


def _bic(text: str) -> Verdict:
    code = re.sub(r"\s", "", text).upper()
    return Verdict(code) if valid_bic(code) else Verdict(None, "bic.invalid")


def _iban(text: str) -> Verdict:
    code = re.sub(r"\s", "", text).upper()
    return Verdict(code) if valid_iban(code) else Verdict(None, "iban.invalid")


def _emails(text: str) -> Verdict:
    found = [part for part in re.split(r"[;,\s]+", text.lower()) if part]
    good = found and all(_EMAIL.fullmatch(part) for part in found)
    return Verdict(";".join(found)) if good else Verdict(None, "email.invalid")


def _yes_no(text: str) -> Verdict:
    folded = fold(text)
    if folded in _YES or folded in _NO:
        return Verdict(folded in _YES)
    return Verdict(None, "value.not_yes_no")


_PROVED: Mapping[str, Judge] = {
    "bin": judge_bin,
    "iin": _iin,
    "kbe": _kbe,
    "bic": _bic,
    "iban": _iban,
    "emails": _emails,
    "yes_no": _yes_no,
}
