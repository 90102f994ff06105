"""Other rule files that name forms and their columns: spellings of headers, deadlines of single forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from inbox_worker.core.text import fold
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.office_rules import EVERY_FORM, Deadlines
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.settings.yaml_files import Document, Place


def unknown_name(document: Document, place: Place, words: str, name: str, known: Collection[str]) -> Iterator[Mistake]:
    """Yield a mistake for a name that is not known, with the nearest one that is."""
    if name not in known:
        yield document.mistake(place, f"{words.format(name)}; {suggest(name, known)}")


def deadline_conflicts(document: Document, file: Deadlines, forms: Sequence[FormRule]) -> Iterator[Mistake]:
    """Yield deadlines of forms that are not there, or count in no month. Without forms nothing is judged."""
    known = [EVERY_FORM, *(form.form for form in forms)]
    timeless = [form.form for form in forms if form.operator or form.held]
    for name in file.deadlines if forms else ():
        yield from unknown_name(document, ("deadlines", name), "there is no form {!r}", name, known)
        if name in timeless:
            words = f"{name!r} counts in no month, so a deadline has no effect; remove it"
            yield document.mistake(("deadlines", name), words)


def vocabulary_conflicts(document: Document, vocabulary: Vocabulary, forms: Sequence[FormRule]) -> Iterator[Mistake]:
    """Yield names that no form's column has: their spellings would have no effect. Without forms nothing is judged."""
    columns = [column for form in forms for column in form.columns]
    headers = {fold(name): name for c in columns for name in c.names}
    for name in vocabulary.headers if forms else ():
        if fold(name) not in headers:
            yield document.mistake(("headers", name), f"no column is called so; {suggest(name, headers.values())}")
    for name in vocabulary.meant if forms else ():
        known = [column.name for column in columns]
        yield from unknown_name(document, ("meant", name), "no form has such a column", name, known)
