"""Every finding that a check or a decision makes has words in both languages, a remedy and a clause, and a test."""

from __future__ import annotations

import re
import string
from pathlib import Path

from inbox_worker.settings.rules import load_rules

ROOT = Path(__file__).parents[3]
RULES = load_rules(ROOT / "rules")
SUBJECTS = (
    "account|act|attestation|correction|date|days|house|iin|kbe|line|meter|month|notice|paper|percent|reading"
    "|recalculation|requisite|row|schedule|service|tariff|undelivered|value"
)
CODE = re.compile(rf'"((?:{SUBJECTS})\.[a-z_]+)"')
NEW = ("date.not_first", "iin.invalid", "kbe.invalid")


def made_by_checks() -> set[str]:
    found = set(NEW)
    for path in (ROOT / "inbox_worker" / "deciding").glob("*.py"):
        found |= set(CODE.findall(path.read_text("utf-8")))
    return found - {code for code in found if code in RULES.texts.written}


def test_every_code_has_words_a_remedy_and_a_clause() -> None:
    codes = made_by_checks()
    assert len(codes) > 40 and codes <= set(RULES.findings)
    for code in codes:
        rule = RULES.findings[code]
        assert rule.clause and rule.remedy_ru and rule.remedy_kk, code
        assert re.search("[әіңғүұқөһ]", rule.kk + rule.remedy_kk), code


def test_both_languages_tell_the_same_facts() -> None:
    """What is named in Russian is named in Kazakh; a word with a Kazakh form of its own ends in `_kk`."""
    for code in made_by_checks():
        rule = RULES.findings[code]
        russian, kazakh = (
            {(name or "").removesuffix("_kk") for text in texts for _, name, _, _ in string.Formatter().parse(text)}
            for texts in ((rule.ru,), (rule.kk,))
        )
        assert russian == kazakh, code


def test_every_code_of_the_new_checks_is_met_in_a_test() -> None:
    modules = ("directory_checks", "meter_checks", "party_checks", "schedule_checks", "undelivered_checks")
    text = "".join((ROOT / "inbox_worker" / "deciding" / f"{name}.py").read_text("utf-8") for name in modules)
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    untested = {code for code in {*CODE.findall(text), *NEW} if code not in tests}
    assert untested <= {"reading.previous_differs"}, untested
