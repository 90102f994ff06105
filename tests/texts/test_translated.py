"""Staff read what goes wrong in their own language: every error, problem and remedy of the code has its words."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import typer
import yaml

from inbox_worker.cli.main import app
from inbox_worker.core.model import Language, Outcome
from inbox_worker.core.translated import FOLDER, Translator, read_help, read_patterns
from inbox_worker.settings.texts import shipped_texts
from tests.support.here import Runner

PACKAGE = Path(__file__).parents[2] / "inbox_worker"
HEADS = (
    "Arguments", "Options", "Commands", "[required]", "[default: {}]", "Show this message and exit.", "Usage:",
    "[OPTIONS]", "COMMAND [ARGS]...", "TEXT", "NUMBER", "FILE",
)  # fmt: skip
CYRILLIC = re.compile("[\u0400-\u04ff]")
HOLE = re.compile(r"\{\w+\}")
SENTENCE = re.compile(r"[a-z]{2,} [a-z{]|[a-z}] [a-z]{2,}")
NO_SENTENCE = re.compile(r"^<|\b(?:select|create)\b", re.IGNORECASE)
TELLING = ("LedgerProblem", "Mistake", "Misshapen", "mistake", "problem", "as_job_error")


@cache
def trees() -> dict[Path, ast.Module]:
    """The program's modules."""
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def entries() -> list[dict[str, str]]:
    """All translations."""
    return [entry for file in sorted(FOLDER.glob("*.yaml")) for entry in yaml.load(file.read_bytes(), yaml.CSafeLoader)]


def test_every_error_of_the_code_has_russian_and_kazakh_words() -> None:
    known = {HOLE.sub("{}", entry["en"]).strip("; ") for entry in entries()}
    lacking = [f"{path.relative_to(PACKAGE)}: {text}" for path, text in told() if text.strip("; ") not in known]
    assert lacking == [], "write it in en, ru and kk into the file of its room, inbox_worker/core/translations"


def test_no_text_is_translated_that_the_code_does_not_say() -> None:
    """`assembled.txt` beside this file lists those that are put together of parts while the program runs."""
    code = [
        re.sub(r"%[sd]", "{}", text) for tree in trees().values() for node in ast.walk(tree) for text in texts_of(node)
    ]
    assembled = (Path(__file__).parent / "assembled.txt").read_text("utf-8").splitlines()
    elsewhere = "".join((FOLDER / name).read_text("utf-8") for name in ("libraries.yaml", "help.yaml"))
    said = "\n".join([*code, *assembled])
    shapes = {HOLE.sub("{}", entry["en"]).strip("; ") for entry in entries() if entry["en"] not in elsewhere}
    remedy = "take it out of the translations, or list it in assembled.txt if parts make it (`{!r}`, too)"
    assert [shape for shape in sorted(shapes) if shape not in said] == [], remedy
    assert [line for line in assembled if line not in shapes or line in "\n".join(code)] == [], "not needed any more"


def test_a_translation_names_the_same_facts_and_commands() -> None:
    wrong = []
    for entry in entries():
        for language in ("ru", "kk"):
            facts = Counter(HOLE.findall(entry[language])) - Counter(HOLE.findall(entry["en"]))
            commands = {word for word in words_of_commands(entry["en"]) if word not in entry[language]}
            wrong += [f"{language}: {entry['en']}: {[*facts, *commands]}"] if facts or commands else []
    assert wrong == []


def test_no_text_is_translated_twice_and_none_is_left_in_english() -> None:
    shapes = Counter(HOLE.sub("{}", entry["en"]).strip("; ") for entry in entries())
    assert [text for text, times in shapes.items() if times > 1] == []
    left = [entry["en"] for entry in entries() for words in (entry["ru"], entry["kk"]) if not CYRILLIC.search(words)]
    assert left == []


@pytest.mark.parametrize(("language", "said"), [
    ("ru", "inbox-worker: команды 'clos' нет; может быть, 'close'?"),
    ("kk", "inbox-worker: 'clos' пәрмені жоқ; мүмкін, 'close'?"),
    ("en", "inbox-worker: No such command 'clos'. Did you mean 'close'?"),
])  # fmt: skip
def test_a_mistake_in_use_is_told_in_the_language_that_is_asked_for(
    tmp_path: Path, runner: Runner, language: str, said: str
) -> None:
    ran = runner.run("--home", tmp_path, "--lang", language, "clos")
    assert (ran.code, ran.err.strip()) == (2, said)


def test_an_error_speaks_the_homes_language_even_where_its_config_is_wrong(tmp_path: Path, runner: Runner) -> None:
    home = tmp_path / "home"
    runner.run("init", home)
    config = home / "config.yaml"
    config.write_text(re.sub(r"(?m)^language:.*", "language: kk\nnosuch: 1", config.read_text("utf-8")), "utf-8")
    ran = runner.run("--home", home, "close", "2026-08", environment={"INBOX_WORKER_LANG": ""})
    assert ran.code == 2
    assert "мұндай кілт жоқ" in ran.err


def test_texts_put_together_are_translated_part_by_part_and_a_strange_part_stays() -> None:
    say = Translator("ru")
    assert say("/a/b c.xlsx: Permission denied; the moon is full") == "/a/b c.xlsx: нет прав доступа; the moon is full"
    assert say("no words of ours") == "no words of ours"
    assert Translator("en")("Permission denied") == "Permission denied"


def test_a_word_that_some_pattern_has_is_not_translated_among_others() -> None:
    say = Translator("ru")
    assert say("no statement of the account does.") == "no statement of the account does."
    assert say("x: there is no such key; known are language, mailboxes …").endswith("есть такие: language, mailboxes …")
    assert say("(close 1 of 2026-09 named it)") == "(файл назван здесь: закрытие № 1 месяца 2026-09)"


@pytest.mark.parametrize("part", ["; ", ": ", "x is not there; ", " ", "{path} ", "it lies in "])
def test_a_strangers_words_take_no_time(part: str) -> None:
    """A name of a file may stand in an error: what weighs all its parts would hang the service."""
    text = f"{part * (4_900 // len(part))}Permission denied"
    begun = process_time()
    Translator("ru")(text)
    assert process_time() - begun < 2


def test_what_stands_in_a_text_as_a_fact_is_translated_too_and_names_stay() -> None:
    told = Translator("kk")("Invalid value for 'N': 'x' is not a valid integer.")
    assert told == "'N' үшін берілген мән жарамайды: 'x' — бүтін сан емес"


def test_days_and_moments_among_facts_are_told_as_people_write_them() -> None:
    """An error said `2026-12-01T02:53:33+05:00`, and every text beside it `01.12.2026`; months are typed, and stay."""
    done = "T-000001 is done already: 2026-12-01T02:53:33+05:00, anna"
    assert Translator("ru")(done) == "T-000001 уже выполнена: 01.12.2026 02:53:33, anna"
    assert Translator("en")(done) == done
    absent = "there is no customer '1234' in the register of 2026-12-01; `load` it, or look at the number"
    assert "01.12.2026" in Translator("kk")(absent)
    assert Translator("ru")("2026-12-01T02:53:33+05:00") == "01.12.2026 02:53:33", "a moment alone"
    far = "2035-01 is too far ahead: name 2026-10, the first open month, or 2026-11, which follows it"
    assert "2035-01" in Translator("ru")(far)


def test_every_pattern_finds_its_own_text() -> None:
    lost = []
    for pattern in read_patterns():
        facts = [f"<{name}>" for name in pattern.names]
        text = "".join(word + fact for word, fact in zip(pattern.words, [*facts, ""], strict=True))
        said = Translator("ru")(text)
        kept = [f"<{name}>" for name in pattern.names if f"{{{name}}}" in pattern.said["ru"]]
        lost += [text] if said == text or any(fact not in said for fact in kept) else []
    assert lost == []


def words_of_commands(text: str) -> set[str]:
    """Commands and options within backticks: words that must be typed as they are."""
    quoted = re.findall(r"`([^`]+)`", text)
    return {word for one in quoted for word in one.split() if re.fullmatch(r"-{0,2}[a-z][a-z-]+", word)}


def told() -> Iterator[tuple[Path, str]]:
    """Every text with words that an error, a problem or a mistake is made of, its facts as `{}`."""
    errors = names_of_errors()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in errors:
                calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and called(one) == "__init__"]
            else:
                calls = [node] if isinstance(node, ast.Call) and called(node) in (*errors, *TELLING) else []
            for argument in (value for one in calls for value in [*one.args, *(word.value for word in one.keywords)]):
                yield from ((path, text) for text in texts_of(argument) if SENTENCE.search(text))
            if isinstance(node, ast.Return | ast.Yield) and node.value:
                yield from ((path, text) for text in texts_of(node.value) if is_sentence(text))


def is_sentence(text: str) -> bool:
    """Return whether a text that a function gives is one for people, by its words; an error may be made of it."""
    words = re.findall(r"\b[a-z]{2,}\b", text)
    return len(words) >= 4 and bool(SENTENCE.search(text)) and not NO_SENTENCE.search(text)


def names_of_errors() -> set[str]:
    """Our exceptions that a command prints: UseError, JobError and whatever is made of them."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"UseError", "JobError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def texts_of(node: ast.AST) -> Iterator[str]:
    """A literal with its facts as `{}`; of a choice both."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        yield text.replace("{{}}", "{}")
    elif isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_command_and_option_says_what_it_does_in_the_language_of_the_home(language: Language) -> None:
    words, asked = read_help(language), list(described(typer.main.get_command(app)))
    assert len(asked) > 200
    lacking = sorted({text for text in asked if not CYRILLIC.search(words.get(text, ""))})
    assert lacking == [], "write it in en, ru and kk into inbox_worker/core/translations/help.yaml"
    assert sorted(words.keys() - set(asked) - set(HEADS)) == [], "nothing says these any more"


def test_help_is_told_in_the_language_that_is_asked_for(tmp_path: Path, runner: Runner) -> None:
    told = {one: runner.run("--home", tmp_path, "--lang", one, "outbox", "--help").out for one in ("ru", "kk", "en")}
    assert "Команды" in told["ru"] and "Пәрмендер" in told["kk"] and "Commands" in told["en"]
    first = {one: next(line.strip() for line in text.splitlines() if line.strip()) for one, text in told.items()}
    assert first == {
        "ru": "Как писать: inbox-worker outbox [ПАРАМЕТРЫ] КОМАНДА [АРГУМЕНТЫ]...",
        "kk": "Жазылуы: inbox-worker outbox [ПАРАМЕТРЛЕР] ПӘРМЕН [АРГУМЕНТТЕР]...",
        "en": "Usage: inbox-worker outbox [OPTIONS] COMMAND [ARGS]...",
    }


def test_a_value_is_named_in_words_and_a_flag_has_none(tmp_path: Path, runner: Runner) -> None:
    """`<list[str]>` and `<bool>` are types of the code."""
    said = runner.run("--home", tmp_path, "--lang", "kk", "outbox", "approve", "--help").out
    assert re.search(r"--kind +МӘТІН", said) and re.search(r"--json +Бір", said) and not re.search(r"<\w+", said), said
    assert re.search(r"--keep +NUMBER", runner.run("--home", tmp_path, "--lang", "en", "backup", "--help").out)


@pytest.mark.parametrize("words", [(), ("tasks",), ("bank",), ("bank", "suspense")])
def test_a_group_alone_says_what_it_is_in_the_language_of_the_home(
    words: tuple[str, ...], tmp_path: Path, runner: Runner
) -> None:
    ran = runner.run("--home", tmp_path, "--lang", "kk", *words)
    assert ran.code == 2 and "Пәрмендер" in ran.out + ran.err


def described(command: Any) -> Iterator[str]:
    """What each command and each option says of itself."""
    for one in (command, *command.params):
        if getattr(one, "help", None):
            yield " ".join(one.help.split())
    for part in getattr(command, "commands", {}).values():
        yield from described(part)


def test_an_outcome_within_a_sentence_is_said_as_the_screen_says_it() -> None:
    """`admit` said «решение — ignored»; outcomes have their words in rules/texts/screens.yaml."""
    for language in ("ru", "kk"):
        for outcome in Outcome:
            said = Translator(language)(f"IW-000004 is not in quarantine: it is {outcome.value}")
            assert said.endswith(shipped_texts().spoken.say(language, f"outcome.{outcome.value}")), said


@pytest.mark.parametrize("text", [
    "lines without a tariff, charged 0.00: 2: maintenance of 221140022041 (2); lift of 221140022041 (1); ...",
    "2026-09 has no such earlier close; there are: none",
    "File is not a zip file",
    "IW-000103, posting 71, commit 413",
])  # fmt: skip
def test_no_english_is_left_within_a_sentence(text: str) -> None:
    known = {"lift", "maintenance", "IW"}  # codes and numbers
    for language in ("ru", "kk"):
        assert set(re.findall("[A-Za-z]+", Translator(language)(text))) - {*known, "zip"} == set()


def test_a_language_that_there_is_not_is_told_in_that_of_the_home(tmp_path: Path, runner: Runner) -> None:
    (tmp_path / "config.yaml").write_text("language: kk\n", "utf-8")
    ran = runner.run("--home", tmp_path, "--lang", "fr", "tasks", "list")
    assert ran.code == 2 and "'fr' тілі жоқ" in ran.err
