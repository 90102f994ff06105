"""Conflicts between texts that a home words anew and the shipped ones: codes and names in braces that are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from inbox_worker.settings.mistakes import Mistake, placeholder_mistake, placeholders, suggest
from inbox_worker.settings.yaml_files import Document

# codes that earlier versions had: a home's own copy of the texts may still hold them
EARLIER = frozenset({
    "heading.on", "sheet.duties.duty_ru", "sheet.duties.duty_kk", "sheet.duties.missed_ru", "sheet.duties.missed_kk",
    "findings.number", "findings.sheet", "findings.row", "findings.column", "findings.cause", "findings.remedy",
    "findings.clause", "findings.code", "column.who", "column.duty", "column.answer_to", "column.to", "column.server",
    "sheet.ru", "sheet.kk", "sheet.close_protocol.ru", "sheet.close_protocol.kk", "explain.parts",
    "health.letters", "section.directory",
})  # fmt: skip
# names that a code's texts had in earlier versions: the program still gives them, for a home's own copy has them
EARLIER_NAMES = {
    "undelivered.overlaps_earlier": {"to"},
    "source.assigned": {"details"},
    "explain.undelivered": {"amount"},
    "task.robot": {"number"},
}
Texts = Mapping[str, Mapping[str, str]]  # code -> field (ru, kk, ...) -> text


def text_conflicts(document: Document, own: Texts, shipped: Texts, always: tuple[str, ...] = ()) -> Iterator[Mistake]:
    """Yield codes that the program does not have, and names in braces that a code's texts do not get.

    A name of the shipped texts counts when they use it twice: in a clone, where they are the ones looked at, a slip
    of the pen cannot vouch for itself. `always`: names that every text gets.
    """
    used = Counter(_bare(name) for texts in shipped.values() for text in texts.values() for name in _names(text))
    for code, texts in own.items():
        if code in EARLIER:
            continue
        if code not in shipped:
            yield document.mistake((code,), f"the program has no such code; {suggest(code, shipped)}")
            continue
        names = {n for text in shipped[code].values() for n in _names(text) if used[_bare(n)] > 1}
        known = {*always, *names, *map(_bare, names), *EARLIER_NAMES.get(code, ())}
        for field, text in texts.items():
            wrong = placeholder_mistake(text, known)
            if wrong:
                yield document.mistake((code, field), wrong)


def _bare(name: str) -> str:
    return name.removesuffix("_kk")


def _names(text: str) -> set[str]:
    try:
        return placeholders(text)
    except ValueError:
        return set()  # reported where it is written
