"""Texts for people are data: a home's own win, an older home has the program's; a command speaks one language."""

from __future__ import annotations

import ast
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from inbox_worker.cli.support import day_of_text
from inbox_worker.core.model import Language, Outcome
from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS
from inbox_worker.settings.rules import load_rules, rules_version
from inbox_worker.settings.texts import NoText, Spoken, Texts, shipped_texts
from tests.faults.killer import Killer
from tests.support.office import ROOT

FILES = sorted((ROOT / "rules" / "texts").glob("*.yaml"))
ASKING = ("say", "_say", "words", "both", "_subject")  # functions that take a code first
CODE = re.compile(r"[a-z_]+(\.[a-z_0-9]*)+")
# a number of things, and a word whose form depends on it; those that are shortened do not
_NUMBERS = "accounts|count|customers|days|now|files|left|months|payments|rows|tries"
COUNTED = re.compile(rf"\{{(?:{_NUMBERS})\}} (?!(?:дн|сч|за|и|с|на|в|из|по|вместо|тенге|рядом)\b)[а-яё]+")
# English has one form for 1 and another for the rest: «1 lines»
_THINGS = "accounts|acts|closes|customers|documents|files|letters|lines|notices|objects|parts|payments|rows|tasks"
_NO_COUNTS = "figure|houses|last_row|least_customers|length|members|num_rows|sources|states|value"  # limits, sums
COUNTED_IN_ENGLISH = re.compile(rf"\{{(?!{_NO_COUNTS})\w+\}} (?:more |new |of them |of \{{\w+\}} )?(?:{_THINGS})\b")
FILLED = (".html", ".txt", ".yaml", ".typ", ".svg")  # templates that ask for texts


def asked_for() -> Iterator[tuple[str, str]]:
    """Codes that the program's modules name, with the module; of a code made while running what it begins with."""
    for path in sorted((ROOT / "inbox_worker").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                for argument in node.args[:2] if name in ASKING else ():
                    yield from ((path.name, code) for code in _codes(argument))


def _codes(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and CODE.fullmatch(argument.value):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        begins = str(argument.values[0].value)
        yield from [f"{begins}*"] if CODE.fullmatch(begins) else []
    elif isinstance(argument, ast.IfExp):
        yield from (code for branch in (argument.body, argument.orelse) for code in _codes(branch))


def test_every_code_that_a_module_names_has_a_text() -> None:
    texts = shipped_texts()
    known = {*texts.spoken.of, *texts.written.of}
    named = list(asked_for())
    lost = [(module, code) for module, code in named if not _is_known(code, known)]
    assert len(named) > 60
    assert lost == [], "write its words into a file of rules/texts: screens.yaml for what a command says"


def _is_known(code: str, known: set[str]) -> bool:
    return any(one.startswith(code[:-1]) for one in known) if code.endswith("*") else code in known


def test_no_text_is_left_that_nothing_asks_for() -> None:
    """A code stands in the program or a template, or begins or ends as one that is made while running does."""
    names, begins, ends = set[str](), set[str](), set[str]()
    for path in (ROOT / "inbox_worker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                begins |= {str(one.value) for one in node.values[:1] if isinstance(one, ast.Constant)}
                ends |= {str(one.value) for one in node.values[-1:] if isinstance(one, ast.Constant)}
    begins = {one for one in begins if "." in one}
    ends = {one for one in ends if one.startswith(".")}
    templates = "".join(path.read_text("utf-8") for path in (ROOT / "templates").rglob("*") if path.suffix in FILLED)
    codes = {code for file in FILES for code in yaml.load(file.read_bytes(), yaml.CSafeLoader)}
    made = {code for code in codes if any(code.endswith(end) and code.removesuffix(end) in names for end in ends)}
    left = codes - names - made
    assert sorted(one for one in left if one not in templates and not one.startswith(tuple(begins))) == []


def test_no_code_is_in_two_files_and_no_file_lost_a_text() -> None:
    codes = Counter(code for file in FILES for code in yaml.safe_load(file.read_text("utf-8")))
    assert [code for code, times in codes.items() if times > 1] == []
    texts = shipped_texts()
    assert set(codes) == {*texts.spoken.of, *texts.written.of}


def test_no_russian_noun_follows_a_number_that_is_put_in() -> None:
    """«43 файлов», «5 попытки», «за 31 дней»: which form is right depends on the number, so it stands behind a noun."""
    found = [
        f"{file.name}, {code}: {match[0]}"
        for file in (*FILES, ROOT / "rules" / "findings.yaml")
        for code, words in yaml.safe_load(file.read_text("utf-8")).items()
        for language in ("ru", "remedy_ru")
        for match in COUNTED.finditer(words.get(language, ""))
    ]
    assert found == []


def test_no_english_plural_follows_a_number_that_is_put_in() -> None:
    """«1 lines», «1 of 4 documents»: in errors, too."""
    texts = [words.get("en", "") for file in FILES for words in yaml.load(file.read_bytes(), yaml.CSafeLoader).values()]
    texts += [
        entry["en"]
        for file in (ROOT / "inbox_worker" / "core" / "translations").glob("*.yaml")
        if file.name != "help.yaml"
        for entry in yaml.load(file.read_bytes(), yaml.CSafeLoader)
    ]
    assert [match[0] for text in texts for match in COUNTED_IN_ENGLISH.finditer(text)] == []


def test_a_home_made_before_there_were_texts_has_the_programs(home: Path, runner: Killer) -> None:
    before = load_rules(home / "rules").texts
    shutil.rmtree(home / "rules" / "texts")
    assert load_rules(home / "rules").texts == before
    assert runner.run("check", "--home", home).out.startswith("всё в порядке\n")
    assert "Что ждёт человека" in runner.run("tasks", "list", "--home", home).out


def test_a_home_made_before_a_text_has_the_programs(home: Path) -> None:
    file = home / "rules" / "texts" / "screens.yaml"
    whole = yaml.safe_load(file.read_text("utf-8"))
    file.write_text(yaml.safe_dump({"tasks": whole["tasks"]}, allow_unicode=True), "utf-8")
    assert load_rules(home / "rules").texts == shipped_texts()


def test_a_homes_own_text_is_the_one_shown_and_counts_as_a_rule(home: Path, runner: Killer) -> None:
    file, version = home / "rules" / "texts" / "screens.yaml", rules_version(home / "rules")
    file.write_text(file.read_text("utf-8").replace("Что ждёт человека", "Дела отдела"), "utf-8")
    assert "Дела отдела" in runner.run("tasks", "list", "--home", home).out
    assert rules_version(home / "rules") != version


@pytest.mark.parametrize(
    ("language", "title"), [("ru", "Что ждёт человека"), ("kk", "Адам қарауын"), ("en", "What needs")]
)
def test_a_command_speaks_the_language_of_config_and_lang_wins(
    language: str, title: str, home: Path, runner: Killer
) -> None:
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("language: ru ", f"language: {language} "), "utf-8")
    assert title in runner.run("tasks", "list", "--home", home).out
    assert "What needs" in runner.run("tasks", "list", "--home", home, "--lang", "en").out
    assert "Что ждёт" in runner.run("--lang=ru", "tasks", "list", "--home", home).out
    assert '"tasks": []' in runner.run("tasks", "list", "--json", "--home", home).out


def test_an_unknown_language_is_a_mistake_in_use(home: Path, runner: Killer) -> None:
    for options in (["--lang", "de"], ["--lang"], ["--lang="]):
        ran = runner.run("tasks", "list", "--home", home, *options)
        assert (ran.code, ran.out) == (2, "") and "ru, kk" in ran.err and ran.err.count("\n") == 1
    config = home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("language: ru ", "language: kz "), "utf-8")
    assert "'kz' is not known" in runner.run("tasks", "list", "--home", home).err


def test_a_text_or_fact_that_is_not_there_is_said_by_its_code() -> None:
    texts: Texts = shipped_texts().spoken
    with pytest.raises(NoText, match="no.such: there is no such text"):
        texts.say("ru", "no.such")
    with pytest.raises(NoText, match="more: nothing is known of {count}"):
        texts.say("kk", "more")
    with pytest.raises(NoText, match="greeting: it has no text in 'en'"):
        shipped_texts().written.say("en", "greeting")


def test_days_among_the_facts_of_a_text_are_shown_as_people_here_write_them() -> None:
    """Whether code gives a day or its ISO text; a screen in English shows them as its tables do."""
    texts = Texts({"sent": Spoken(ru="с {day} по {to:%d.%m}; {name}", kk="{day} {to:%d.%m} {name}", en="{day} {name}")})
    facts = {"day": date(2026, 9, 1), "to": date(2026, 9, 30), "name": "2026-09-31"}
    assert texts.say("ru", "sent", **facts) == "с 01.09.2026 по 30.09; 2026-09-31", "what is no day stays"
    assert texts.say("kk", "sent", **{**facts, "day": "2026-09-01"}) == "01.09.2026 30.09 2026-09-31"
    assert texts.say("en", "sent", **facts) == "01.09.2026 2026-09-31"


@pytest.mark.parametrize("typed", ["2026-09-01", "01.09.2026", "1.9.2026"])
def test_a_day_is_typed_as_programs_or_as_people_write_it(typed: str) -> None:
    assert day_of_text(typed) == date(2026, 9, 1)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_glossary_has_the_words_of_screens_for_outcomes_and_documents(language: Language) -> None:
    """It said «не решено» and «ждёт документов» of what every screen calls «наша неполадка» and «задержано»."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8").casefold()
    said = shipped_texts().spoken
    kinds = [f"document.{kind}" for kind in DOCUMENT_KINDS]
    words = [said.say(language, code) for code in (*(f"outcome.{one.value}" for one in Outcome), *kinds)]
    assert [word for word in words if word.split(" (")[0].casefold() not in glossary] == []
