"""Texts for people as data: rules/texts/*.yaml, in Russian and Kazakh; what a command says, in English, too.

A file is codes with a text a language. Its own texts win over those that travel with the program, which fill in what
a home made earlier lacks. Names in braces are facts that the code gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Language
from inbox_worker.core.text import fill_in
from inbox_worker.settings.duty_rules import DutyRule
from inbox_worker.settings.form_rules import Bilingual, Category, FindingRule, Service
from inbox_worker.settings.home import shipped_path
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.shapes import fill, fill_entries
from inbox_worker.settings.shipped_rules import repeats_shipped
from inbox_worker.settings.text_conflicts import text_conflicts
from inbox_worker.settings.yaml_files import read_document

CONTRACT: tuple[Language, ...] = ("ru", "kk")  # the languages of the contract
NUMBER = "№"  # in place of the number of a letter where a text speaks of any


class ShownDay(date):
    """A day that is shown as people here write it: `01.09.2026`."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or "%d.%m.%Y")


class Spoken(Bilingual):
    """A text in every language that a command speaks."""

    en: Annotated[str, Field(min_length=1)]


class NoText(JobError):
    """The program asks for a text or names a fact that the files do not have: a fault of ours."""

    def __init__(self, code: str, lacking: str) -> None:
        super().__init__(f"rules/texts: {code}: {lacking}")


@dataclass(frozen=True)
class Texts:
    """Texts by their codes, which are the same in no two files."""

    of: Mapping[str, Bilingual]

    def __contains__(self, code: str) -> bool:
        return code in self.of

    def words(self, code: str, **facts: object) -> Bilingual:
        """Return a text in Russian and Kazakh, its facts filled in. Raises NoText."""
        return Bilingual(ru=self.say("ru", code, **facts), kk=self.say("kk", code, **facts))

    def both(self, code: str, **facts: object) -> str:
        """Return a text in both languages on one line: `Услуга / Қызмет`; once where they are the same."""
        words = self.words(code, **facts)
        return words.ru if words.ru == words.kk else f"{words.ru} / {words.kk}"

    def say(self, language: Language, code: str, **facts: object) -> str:
        """Return a text in one language, its facts filled in. Raises NoText."""
        words = self.of.get(code)
        if words is None:
            raise NoText(code, "there is no such text; write it there")
        text = getattr(words, language, "")
        if not text:
            raise NoText(code, f"it has no text in {language!r}")
        shown = {name: _as_shown(value) for name, value in facts.items()}
        try:
            return fill_in(str(text), shown)
        except KeyError as error:
            raise NoText(code, f"nothing is known of {{{error.args[0]}}}") from error


@dataclass(frozen=True)
class Say:
    """Texts in the language of whoever reads."""

    texts: Texts
    language: Language

    def __call__(self, code: str, **facts: object) -> str:
        """Return a text, its facts filled in. Raises NoText."""
        return self.texts.say(self.language, code, **facts)

    def of(self, words: Bilingual | Category | Service | DutyRule) -> str:
        """Return a text of rules/ in this language; who reads English gets the Russian one where there is no other."""
        return str(getattr(words, self.language, "") or words.ru)

    def of_staff(self, rule: FindingRule, number: str = NUMBER) -> str:
        """Return what staff do about such a finding of the letter with this number, '' where there is nothing: today's
        rules say it, for today's commands do it, and no answer does."""
        text = rule.staff_kk if self.language == "kk" else ""
        return fill_in(text or rule.staff_ru, {"number": number})


def show_day(text: str) -> str:
    """Return a day's text in ISO 8601 as people here write it; any other text as it is."""
    if len(text) != _ISO or not text[4] == text[7] == "-":
        return text
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text


def _as_shown(fact: object) -> object:
    if isinstance(fact, str):
        return show_day(fact)
    return ShownDay(fact.year, fact.month, fact.day) if type(fact) is date else fact


_ISO = len("2026-09-01")
_SPOKEN = ("screens", "outbox", "explain")  # what a command says
_WRITTEN = ("letters", "documents", "staff")  # what is sent or printed in both languages of the contract
FOLDER = "texts"


@dataclass(frozen=True)
class AllTexts:
    """Every file of rules/texts/."""

    spoken: Texts
    written: Texts


def read_texts(rules: Path) -> tuple[AllTexts, list[Mistake]]:
    """Return the texts of a folder of rules, and every mistake: codes and names in braces that the program does not
    have, languages that are missing. Where a file has mistakes the shipped one replaces it."""
    folder, mistakes = rules / FOLDER, list(_strange_files(rules / FOLDER))
    found = {name: _read_shipped(name) for name in (*_SPOKEN, *_WRITTEN)}
    for name, ours in found.items():
        document = read_document(folder / f"{name}.yaml")
        if not document.path.exists() or repeats_shipped(document, f"{FOLDER}/{name}.yaml"):
            continue
        filled, wrong = fill(document, Mapping[str, Spoken] if name in _SPOKEN else Mapping[str, Bilingual])
        own: Mapping[str, Bilingual] | None = filled
        mistakes += wrong
        if own is not None:
            mistakes += text_conflicts(document, _bare(own), _bare(ours))
            found[name] = {**ours, **own}
    return _all(found), mistakes


def shipped_texts() -> AllTexts:
    """Return the texts that travel with the program: for a command that has no home to speak for."""
    return _all({name: _read_shipped(name) for name in (*_SPOKEN, *_WRITTEN)})


def _all(found: Mapping[str, Mapping[str, Bilingual]]) -> AllTexts:
    spoken, written = (
        {code: words for name in of for code, words in found[name].items()} for of in (_SPOKEN, _WRITTEN)
    )
    return AllTexts(Texts(spoken), Texts(written))


@cache
def _read_shipped(name: str) -> Mapping[str, Bilingual]:
    """Return the shipped texts of a file; mistakes in them are reported where they are the ones looked at."""
    document = read_document(shipped_path("rules") / FOLDER / f"{name}.yaml")
    return fill_entries(document, Spoken if name in _SPOKEN else Bilingual)


def _bare(texts: Mapping[str, Bilingual]) -> Mapping[str, Mapping[str, str]]:
    return {code: words.model_dump() for code, words in texts.items()}


def _strange_files(folder: Path) -> Iterator[Mistake]:
    """Yield files that nobody reads: a misspelt name would leave its texts without effect."""
    names = [f"{name}.yaml" for name in (*_SPOKEN, *_WRITTEN)]
    for path in sorted(folder.glob("*")):
        if path.name not in names:
            yield Mistake(str(path), "", f"no texts have this name; {suggest(path.name, names)}; move copies out")
