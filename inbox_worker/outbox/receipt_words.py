"""The words of answers to senders, a language at a time: words.yaml of the home, else the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Period
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.home import is_earlier_template, shipped_path
from inbox_worker.settings.mistakes import Mistake
from inbox_worker.settings.rules import read_yaml
from inbox_worker.settings.shapes import fill
from inbox_worker.settings.text_conflicts import text_conflicts
from inbox_worker.settings.yaml_files import read_document

_MONTHS = {"ru": "LLLL y", "kk": "y 'жылғы' LLLL"}


class ReceiptProblem(JobError):
    """The words or templates of receipts cannot be used; the text says which file and what is wrong with it."""

    def __init__(self, folder: Path, problem: object) -> None:
        copy = f"cp -R {shipped_path('templates')}/receipts/. {folder}"
        super().__init__(f"{folder}: {problem}; mend it, or take the shipped files: `{copy}`")


def words_mistakes(folder: Path) -> list[Mistake]:
    """Find what is wrong in words.yaml beside the words that travel with the program: codes and names in braces."""
    document = read_document(folder / "words.yaml")
    filled, mistakes = fill(document, Mapping[str, Bilingual])
    theirs, _ = fill(read_document(shipped_path("templates") / "receipts" / "words.yaml"), Mapping[str, Bilingual])
    if filled is None or theirs is None:
        return mistakes
    own, known_texts = ({code: both.model_dump() for code, both in words.items()} for words in (filled, theirs))
    return list(text_conflicts(document, own, known_texts))


def receipt_template(folder: Path, name: str) -> Template:
    """Return the home's own template, or the shipped one where the home has what an earlier version shipped. Raises
    TemplateNotFound."""
    is_earlier = is_earlier_template(folder / name)
    return _templates(shipped_path("templates") / "receipts" if is_earlier else folder).get_template(name)


@lru_cache(maxsize=4)
def _templates(folder: Path) -> Environment:
    """Return the templates, compiled once; one that staff change is compiled again."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=4)
def receipt_words(file: Path, changed: int) -> Mapping[str, Bilingual]:
    """Return the words, read again when the file has changed; one that a home made earlier has not yet is the shipped
    one."""
    ours = read_yaml(shipped_path("templates") / "receipts" / "words.yaml")
    return {code: Bilingual.model_validate(both) for code, both in {**ours, **read_yaml(file)}.items()}


class Speaker:
    """Words of one language, names in braces filled in."""

    def __init__(self, words: Mapping[str, Bilingual], language: str) -> None:
        self._words = words
        self.language = language

    def __call__(self, code: str, language: str = "", **facts: object) -> str:
        return str(getattr(self._words[code], language or self.language)).format(**facts)

    def month(self, month: Period) -> str:
        """Return `сентябрь 2026`, `2026 жылғы қыркүйек`."""
        return format_date(month.first_day, _MONTHS[self.language], locale=self.language).lower()

    def of(self, words: Bilingual) -> str:
        return str(getattr(words, self.language))
