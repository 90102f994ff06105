"""Lists of words, in vocabulary.yaml, tasks.yaml and forms, and entries of findings.yaml that a home has as some
version shipped them: they follow the program, as untouched templates do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from inbox_worker.core.files import sha256

_SIGNS = 12  # of a hash that is kept
_FORMS_OWN = (
    "narrowing",
    "limiting",
    "for_some",
    "opposite",
    "beyond",
    "uncounted",
    "zones",
)  # keys of forms with words alone
_TOGETHER = ("compared", "checks")  # without its check a column that is compared would be read by nobody
Place = tuple[str, ...]


def follow_shipped(shipped: Any, own: Any, place: Place = ()) -> Any:
    """Return a home's words, with today's lists in the place of those that some version shipped just so, and today's
    keys where its keys are those of some version. What a home changed is its own: words that it took out stay out."""
    if isinstance(shipped, dict) and isinstance(own, dict):
        found = {
            key: follow_shipped(shipped[key], one, (*place, key)) if key in shipped else one for key, one in own.items()
        }
        return {**shipped, **found} if not place or was_shipped(place, own) else found
    return shipped if _is_followed(place, own) else own


def follow_form(name: str, shipped: Any, own: Any) -> Any:
    """Return a home's form with today's words by which it is read, where those that it has are of some version; a key
    that came later, where its keys are. Columns, parameters of checks and what else a form does stay the home's own."""
    if not isinstance(own, dict) or not _name_columns(shipped) <= _name_columns(own):
        return own  # one that lacks a column lacks more than words
    older, found = was_shipped((name,), own), dict(own)
    for key in _FORMS_OWN:
        if key in shipped and (key in own or older):
            found[key] = follow_shipped(shipped[key], own[key], (name, key)) if key in own else shipped[key]
    if all(_is_followed((name, key), own[key]) if key in own else older for key in _TOGETHER):
        found |= {"compared": shipped["compared"]} if "compared" in shipped else {}
        there = {entry.get("check") for entry in own.get("checks", ())}
        found["checks"] = [*own.get("checks", ()), *(one for one in shipped["checks"] if one["check"] not in there)]
    return found


def follow_entries(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a home's findings, with today's entry in the place of each that some version shipped just so: its words,
    what staff do about it, and whether its form waits. One that a home worded anew stays whole."""
    return {
        code: shipped[code] if code in shipped and was_shipped((code,), list_entry(entry)) else entry
        for code, entry in own.items()
    }


def list_entry(entry: Any) -> list[str]:
    """Return what an entry says, to be marked."""
    return [f"{key}: {value}" for key, value in entry.items()] if isinstance(entry, Mapping) else []


def _name_columns(form: Mapping[str, Any]) -> set[str]:
    """Return the names of a form's columns, which its checks name."""
    listed = [*_entries(form, "columns"), *_entries(form, "parts")]
    return {str(one.get("name")) for one in listed if isinstance(one, dict)}


def _entries(form: Mapping[str, Any], key: str) -> list[Any]:
    return form[key] if isinstance(form.get(key), list) else []


def _is_followed(place: Place, own: Any) -> bool:
    return isinstance(own, list) and was_shipped(place, own)


def list_form_words(name: str, form: Mapping[str, Any]) -> Iterator[tuple[Place, Iterable[Any]]]:
    """Yield what of a form is followed, and its own keys, with their places."""
    yield (name,), form
    for key in (*_FORMS_OWN, *_TOGETHER):
        yield from list_words(form.get(key), (name, key))


def list_words(words: Any, place: Place = ()) -> Iterator[tuple[Place, Iterable[Any]]]:
    """Yield each list of words and each map's keys below its top, with its place."""
    if isinstance(words, Mapping):
        if place:
            yield place, words
        for key, below in words.items():
            yield from list_words(below, (*place, key))
    elif isinstance(words, list):
        yield place, words


def was_shipped(place: Place, words: Iterable[Any]) -> bool:
    """Return whether some version shipped these words at that place."""
    return mark_words(place, words) in _read_marks()


@cache
def _read_marks() -> frozenset[str]:
    """The marks of every list and entry that a version shipped, today's among them: a change adds its own, and takes
    none away."""
    return frozenset(Path(__file__).with_name("shipped_marks.txt").read_text("ascii").split())


def mark_words(place: Place, words: Iterable[Any]) -> str:
    """Return the mark of a list, whatever its order: so it is known again in a home."""
    signs = sorted(json.dumps(one, sort_keys=True, default=str) if isinstance(one, dict) else str(one) for one in words)
    return sha256(json.dumps([place, signs]).encode())[:_SIGNS]
