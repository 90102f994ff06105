"""Values that a rule list knows or that prove themselves: services, bases, choices, БИН, БИК, IBAN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from inbox_worker.core.identifiers import valid_bic, valid_bin, valid_iban
from inbox_worker.core.text import bare_skeleton, fold, skeleton, write_latin
from inbox_worker.forms.text_values import SCIENTIFIC
from inbox_worker.forms.values import letters_for_digits
from inbox_worker.settings.form_rules import ColumnRule
from inbox_worker.settings.rules import Rules

AND = r"\s+(?:и|және|мен|бен|пен)\s+"  # between two of a list
_YES = frozenset(map(fold, ("да", "иә", "ия", "yes", "true", "1", "y", "д", "бар")))
_NO = frozenset(map(fold, ("нет", "жоқ", "жок", "no", "false", "0", "n", "н", "-")))
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"]+@[^@\s<>()\[\],;:\"]+\.[^@\s<>()\[\],;:\".]{2,}")


_BIN_LABEL = re.compile(r"(?i)^\s*(БИН|БСН|ИИН|ЖСН)(\s*/\s*(ИИН|ЖСН))?\W*(?=\d)")
_NUMBER_OF_LIST = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?=\D)")  # `1. Содержание дома`
_PARTS = re.compile(r"[/()]")  # between names of one thing
_ONE_OF = re.compile(r"(?<!\S)1\s+")
_ALIKE = 0.72  # of a name's letters in their order: «Отоплене», «Холодн. вода»; not «Охрана»
_LONGEST_NAME = 60
_MOST_COMPARED = 300  # unknown names of a column: a file of nothing else must not take us seconds


@dataclass(frozen=True)
class ReadWord:
    """A value as the ledger keeps it, or None; the finding's code, '' when there is nothing to say.

    `wrong`: of a cell that names several, those that cannot be right, a finding each; () = the whole cell.
    `facts`: further facts of the findings of each, by the wrong text ('' = the whole cell).
    `likely`: what an unknown value seems to be: never posted, but what else is wrong with its row is told at once.
    """

    value: str | bool | None
    code: str = ""
    wrong: tuple[str, ...] = ()
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    likely: str | None = None


Judge = Callable[[str], ReadWord]


def judges(rules: Rules, column: ColumnRule) -> Judge | None:
    """Return the function that judges the values of a column; None for types without a list or a proof."""
    if column.type == "services":
        return _services(rules)
    if column.type in ("choice", "service", "base", "category", "yes_no"):
        return _in_both_languages(_judge_listed(rules, column))
    return _PROVED.get(column.type)


def _judge_listed(rules: Rules, column: ColumnRule) -> Judge:
    if column.type == "choice":
        return _choice(column)
    if column.type == "service":
        return _service(rules)
    if column.type == "base":
        return judge_base(rules)
    return _judge_category(rules) if column.type == "category" else _yes_no


def _in_both_languages(one: Judge) -> Judge:
    """Return a judge that also takes a value as blanks list it, `Холодная вода / Суық су`, or with its short name
    behind it, `Холодная вода (ХВС)`: each part must be known by itself and mean the same."""

    def judge(text: str) -> ReadWord:
        verdict = one(text)
        written = [part.strip() for part in _PARTS.split(text) if part.strip()]
        if not verdict.code or len(written) < 2:
            return verdict
        parts = [one(part) for part in written]
        same = len({part.value for part in parts}) == 1 and not any(part.code for part in parts)
        return parts[0] if same else verdict

    return judge


def _judge_known(names: Mapping[str, str], code: str) -> Judge:
    @cache  # asked for where a name is not known as it is written
    def by_skeleton() -> Mapping[str, str]:
        return {bare_skeleton(name): value for name, value in names.items()}

    def judge(text: str) -> ReadWord:
        found = names.get(fold(text)) or by_skeleton().get(bare_skeleton(text))
        found = found or by_skeleton().get(bare_skeleton(_NUMBER_OF_LIST.sub("", text)))
        return ReadWord(found, "" if found else code)

    return judge


def judge_base(rules: Rules) -> Judge:
    """Return a judge of bases, which also takes one as a price is said to be for it: `per 1 m²`."""
    one = _judge_known(rules.base_names, "base.unknown")
    words = "|".join(map(re.escape, rules.vocabulary.named.get("price", ())))
    around = re.compile(rf"(?i)^\s*(?:(?:{words})\s+)?(?:1\s+)?|\s+(?:{words})\s*$")

    def judge(text: str) -> ReadWord:
        verdict = one(text)
        if not verdict.code or len(text) > _LONGEST_NAME:
            return verdict
        bare = (one(cut) for cut in (_ONE_OF.sub("", text), around.sub("", text)) if cut != text)
        return next((found for found in bare if not found.code), verdict)

    return judge


def _service(rules: Rules) -> Judge:
    """Return a judge of a service's name; for an unknown one it suggests the nearest name, or lists all."""
    one, meant = _judge_known(rules.service_names, "service.unknown"), _suggest_service(rules)

    def judge(text: str) -> ReadWord:
        verdict = one(text)
        if not verdict.code:
            return verdict
        known = meant(text)
        return ReadWord(None, verdict.code, facts={"": known}, likely=rules.service_names.get(fold(known["known"])))

    return judge


def _judge_category(rules: Rules) -> Judge:
    """Return a judge of categories; it gives the code, and of an unknown one a finding with every name."""
    one, every = _judge_known(rules.category_names, "category.unknown"), rules.categories
    known = {"known": "; ".join(c.ru for c in every), "known_kk": "; ".join(c.kk for c in every)}

    def judge(text: str) -> ReadWord:
        verdict = one(text)
        return ReadWord(None, verdict.code, facts={"": known}) if verdict.code else verdict

    return judge


def _services(rules: Rules) -> Judge:
    """Return a judge of services parted by `;`, commas or lines; it gives codes joined by `;` in the bill's order."""
    one, meant = _in_both_languages(_judge_known(rules.service_names, "service.unknown")), _suggest_service(rules)

    def judge(text: str) -> ReadWord:
        written = [name.strip() for name in re.split(r"[;,\n]", text) if name.strip()]
        names = [name for whole in written for name in ([whole] if not one(whole).code else re.split(AND, whole))]
        verdicts = {name: one(name) for name in names}
        wrong = tuple(name for name, verdict in verdicts.items() if verdict.code)
        if wrong or not names:
            return ReadWord(None, "service.unknown", wrong, {name: meant(name) for name in wrong or ("",)})
        codes = {str(verdict.value) for verdict in verdicts.values()}
        return ReadWord(";".join(sorted(codes, key=rules.service_order.__getitem__)))

    return judge


def _suggest_service(rules: Rules) -> Callable[[str], dict[str, str]]:
    """Return facts of an unknown service: the name most like it in both languages, else all names. Further names of
    several words are not compared: `Обслуживание бассейна` is no `Обслуживание домофона`."""
    compared: dict[str, list[str]] = {}

    @cache  # asked for where a service is not known
    def names() -> Mapping[str, str]:
        every = [(one, (one.ru, one.kk, *(name for name in one.names if " " not in name))) for one in rules.services]
        return {skeleton(name): one.code for one, known in every for name in known}

    def facts(text: str) -> dict[str, str]:
        written = skeleton(text)
        if written not in compared and len(compared) < _MOST_COMPARED and len(written) <= _LONGEST_NAME:
            near = [name for name in names() if name[:1] == written[:1]]  # `Водоснабжение` is no `Газоснабжение`
            compared[written] = get_close_matches(written, near, 1, _ALIKE)
        if not (found := compared.get(written)):
            every = rules.services
            return {"known": "; ".join(s.ru for s in every), "known_kk": "; ".join(s.kk for s in every)}
        service = rules.service(names()[found[0]])
        return {"known": service.ru, "known_kk": service.kk}

    return facts


def _choice(column: ColumnRule) -> Judge:
    known = {bare_skeleton(choice): choice for choice in column.choices}
    words = {bare_skeleton(choice): len(choice.split()) for choice in column.choices}
    for choice, names in (*column.spellings.items(), *((c, (word,)) for c, word in column.kazakh.items())):
        known |= {bare_skeleton(name): choice for name in names}
        words |= {bare_skeleton(name): len(name.split()) for name in names}

    def judge(text: str) -> ReadWord:
        if found := known.get(bare_skeleton(text)):
            return ReadWord(found)
        if column.open:
            return ReadWord(text, "value.unusual")
        alike = [name for name in known if words[name] == len(text.split())]  # a further word may turn the sense
        near = get_close_matches(bare_skeleton(text), alike, 2, _ALIKE) if len(text) <= _LONGEST_NAME else []
        likely = {known[name] for name in near}
        return ReadWord(None, "value.not_a_choice", likely=likely.pop() if len(likely) == 1 else None)

    return judge


def judge_bin(text: str) -> ReadWord:
    """Judge a БИН or ИИН of 12 digits with a right check digit. Of a number that a spreadsheet stripped of its leading
    zeros the finding has the digits that were written and what was made of them."""
    digits = re.sub(r"[.,]0{1,2}$", "", re.sub(r"\s", "", _BIN_LABEL.sub("", text)))
    if SCIENTIFIC.fullmatch(digits):
        return ReadWord(None, "value.scientific")
    if re.fullmatch(r"\d{9,11}", digits) and valid_bin(digits.zfill(12)):
        facts = {"count": str(len(digits)), "read": digits.zfill(12)}
        return ReadWord(digits.zfill(12), "bin.zeros_restored", facts={"": facts})
    if valid_bin(digits):
        return ReadWord(digits)
    if letter := letters_for_digits(digits):
        return ReadWord(None, "value.letter_for_digit", facts={"": {"letter": letter}})
    return ReadWord(None, "bin.invalid")


def _iin(text: str) -> ReadWord:
    """Judge an ИИН, which is proved like a БИН; its birth-date part is never judged."""
    verdict = judge_bin(text)
    return verdict if verdict.code != "bin.invalid" else ReadWord(None, "iin.invalid")


def _kbe(text: str) -> ReadWord:
    """Judge a КБе: residence (1 or 2) and sector (1 to 9)."""
    code = re.sub(r"\s", "", text)
    return ReadWord(code) if re.fullmatch(r"[12][1-9]", code) else ReadWord(None, "kbe.invalid")


def _bic(text: str) -> ReadWord:
    code = write_latin(text)
    return ReadWord(code) if valid_bic(code) else ReadWord(None, "bic.invalid")


def _iban(text: str) -> ReadWord:
    code = write_latin(text)
    return ReadWord(code) if valid_iban(code) else ReadWord(None, "iban.invalid")


def _emails(text: str) -> ReadWord:
    found = [part for part in re.split(r"[;,\s]+", text.lower()) if part]
    good = found and all(_EMAIL.fullmatch(part) for part in found)
    mixed = {part: letters for part in found if (letters := _strange_letters(part))}
    if good and mixed:
        return ReadWord(None, "email.mixed_letters", tuple(mixed), {part: {"letter": mixed[part]} for part in mixed})
    return ReadWord(";".join(found)) if good else ReadWord(None, "email.invalid")


def _strange_letters(address: str) -> str:
    """Return the Cyrillic letters of an address that stand in a word of Latin ones; '' where there are none. A word of
    one alphabet alone is a name of that country."""
    words = re.split(r"[\W\d_]+", address)
    mixed = "".join(word for word in words if re.search("[a-z]", word))
    return ", ".join(dict.fromkeys(letter for letter in mixed if 0x400 <= ord(letter) <= 0x4FF))


def says_no(text: str) -> bool:
    """Return whether a cell says no."""
    return fold(text) in _NO


def _yes_no(text: str) -> ReadWord:
    folded = fold(text)
    if folded in _YES or folded in _NO:
        return ReadWord(folded in _YES)
    return ReadWord(None, "value.not_yes_no")


_PROVED: Mapping[str, Judge] = {
    "bin": judge_bin,
    "iin": _iin,
    "kbe": _kbe,
    "bic": _bic,
    "iban": _iban,
    "emails": _emails,
}
