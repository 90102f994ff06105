"""Says the English texts of the code in the language of who reads them: core/translations/*.yaml, a file a room.

Errors, problems and remedies are English in the code: developers read them in logs and programs in JSON. Where staff
read them the patterns of those texts are found again, and said in their language. What no pattern knows stays English.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

import yaml

from inbox_worker.core.files import read_file, read_small_file
from inbox_worker.core.model import LANGUAGES, Language

FOLDER = Path(__file__).parent / "translations"
_HELP = FOLDER / "help.yaml"
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+0[56]:00)?")  # of our own clock, then and now
_HOLE = re.compile(r"\{(\w+)\}")
_JOINTS = re.compile(r"(?<=; )|(?<=: )|(?<=\. )")  # where texts are put together
_LANGUAGE = re.compile(r"""^language:\s*["']?(\w+)""", re.MULTILINE)
_LONGEST_LINE, _LONGEST_NAME, _FEW, _MANY = 5_000, 200, 10, 14  # signs
_MOST_JOINTS = 60
_EDGES = "; "  # how a text begins that goes on another


@dataclass(frozen=True)
class Pattern:
    """A text of the code: the words between its facts, the facts' names, and the text in other languages."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    said: Mapping[str, str]

    def facts(self, text: str) -> Mapping[str, str] | None:
        """Return the facts of a text that has these words, None where it has others. Where a pattern has few words a
        fact is one word."""
        facts, at = list[str](), len(self.words[0])
        if not text.startswith(self.words[0]):
            return None
        for word in self.words[1:]:
            end = text.find(word, at) if len(facts) + 1 < len(self.names) else len(text) - len(word)
            if end < at or not text.startswith(word, end):
                return None
            facts.append(text[at:end])
            at = end + len(word)
        if at < len(text) or (self.length < _FEW and any(" " in fact for fact in facts)):
            return None
        return dict(zip(self.names, facts, strict=True))

    @cached_property
    def longest(self) -> str:
        """The longest of its words: few texts have it."""
        return max(self.words, key=len)

    @cached_property
    def length(self) -> int:
        """Return how many signs of a text these words are."""
        return sum(map(len, self.words))


@dataclass(frozen=True)
class Translator:
    """Texts of the code in one language."""

    language: Language

    def __call__(self, text: str) -> str:
        """Return a text in this language; parts of it that no pattern knows as they are."""
        return text if self.language == "en" else "\n".join(map(self._line, text.split("\n")))

    def _line(self, line: str) -> str:
        patterns = _patterns_in(line)
        return _TakenApart(self.language, patterns).best(line)[1] if patterns else _write_moment(line)


@dataclass(frozen=True)
class _TakenApart:
    """A line that is taken apart. `patterns`: those that it, or a part of it, can have."""

    language: Language
    patterns: Sequence[Pattern]
    known: dict[str, tuple[int, str]] = field(default_factory=dict)

    def best(self, text: str) -> tuple[int, str]:
        """Return how many signs of a text are known words, and the text in the language: of all ways to take it apart
        the one that knows most of it."""
        if text not in self.known:
            ways = [*self._whole(text), *self._part(text)] or [*self._behind_a_name(text)]
            self.known[text] = max(ways, key=lambda way: way[0], default=(0, _write_moment(text)))
        return self.known[text]

    def _whole(self, text: str) -> Iterator[tuple[int, str]]:
        bare = text.strip(_EDGES)
        before, _, after = text.partition(bare) if bare else (text, "", "")
        for pattern in self.patterns:
            facts = pattern.facts(bare)
            if facts is None:
                continue
            inner = {f"{{{name}}}": self.best(fact) for name, fact in facts.items()}
            said = _fill(pattern.said[self.language], {hole: words for hole, (_, words) in inner.items()})
            yield pattern.length + sum(known for known, _ in inner.values()), f"{before}{said}{after}"

    def _part(self, text: str) -> Iterator[tuple[int, str]]:
        for joint in _JOINTS.finditer(text, 1, len(text) - 1):
            (known, said), (more, rest) = self.best(text[: joint.start() - 2]), self.best(text[joint.start() :])
            if known + more:
                yield known + more, said + text[joint.start() - 2 : joint.start()] + rest

    def _behind_a_name(self, text: str) -> Iterator[tuple[int, str]]:
        """Take off what a text begins with: the name of a file or a thing of which the rest is said, in many words."""
        for space in re.finditer(" ", text[:_LONGEST_NAME]):
            for known, said in self._whole(text[space.end() :]):
                if known >= _MANY:
                    yield known, f"{text[: space.end()]}{said}"


def _write_moment(text: str) -> str:
    """Return a day or a moment in ISO 8601 as people here write it; any other text as it is."""
    if not _ISO.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment:%d.%m.%Y %H:%M:%S}" if "T" in text else f"{moment:%d.%m.%Y}"


def _patterns_in(line: str) -> Sequence[Pattern]:
    """Return the patterns that a line may have; none for one put together of so many parts that to weigh all ways to
    take it apart would take long: some of it may be a stranger's."""
    if len(line) > _LONGEST_LINE or len(_JOINTS.findall(line)) > _MOST_JOINTS:
        return []
    return [pattern for pattern in read_patterns() if pattern.longest in line]


def spoken_language(home: Path) -> Language:
    """Return the language that a command speaks, whatever is wrong with config.yaml: the one that is named, else the
    one written there, else Russian; a name that is none of them is none."""
    named = os.environ.get("INBOX_WORKER_LANG", "")
    try:
        written = _LANGUAGE.search(read_small_file(home / "config.yaml").decode("utf-8"))
    except (OSError, UnicodeDecodeError):  # told by whoever reads it for more than its language
        written = None
    asked = (named, written[1] if written else "")
    return next((language for one in asked for language in LANGUAGES if language == one), "ru")


@cache
def translator(language: Language) -> Translator:
    """Return what says texts of the code in a language."""
    return Translator(language)


@cache
def read_patterns() -> tuple[Pattern, ...]:
    """Return every text that has other words, in the order of the files' names; `--help` is read apart."""
    files = sorted(set(FOLDER.glob("*.yaml")) - {_HELP})
    return tuple(_pattern(entry) for file in files for entry in _read(file))


def read_help(language: Language) -> Mapping[str, str]:
    """Return the texts of `--help` in a language, by the English ones."""
    return {entry["en"]: entry[language] for entry in _read(_HELP)}


def _read(file: Path) -> Sequence[Mapping[str, str]]:
    entries: Sequence[Mapping[str, str]] = yaml.load(read_file(file), yaml.CSafeLoader) or ()
    return entries


def _pattern(entry: Mapping[str, str]) -> Pattern:
    said = {language: words.strip(_EDGES) for language, words in entry.items()}
    parts = _HOLE.split(said["en"])
    return Pattern(tuple(parts[::2]), tuple(parts[1::2]), said)


def _fill(words: str, facts: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: facts.get(hole[0], hole[0]), words)
