"""Slips of the pen in YAML: a key misspelt, a value of another kind; one of them in each file at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Slip:
    """Data with one mistake, and the key where it is."""

    data: Any
    place: Place

    @property
    def key(self) -> str:
        return ".".join(map(str, self.place))


def read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506


def write(path: Path, data: Any) -> None:
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, "utf-8")


def misspelt(data: Any) -> Iterator[Slip]:
    """Every key with its last letters changed about, once for each shape: entries of a list are alike."""
    for place in _places(data):
        if isinstance(place[-1], str):
            wrong = f"{place[-1]}x"
            changed, parent = _copied(data, place)
            items = [(wrong if key == place[-1] else key, value) for key, value in parent.items()]
            parent.clear()
            parent.update(items)
            yield Slip(changed, (*place[:-1], wrong))


def of_another_kind(data: Any) -> Iterator[Slip]:
    """Every single value as one of another kind."""
    for place in _places(data):
        changed, parent = _copied(data, place)
        value = parent[place[-1]]
        if not isinstance(value, dict | list):
            parent[place[-1]] = _wrong(value)
            yield Slip(changed, place)


def _wrong(value: Any) -> Any:
    if isinstance(value, bool):
        return "perhaps"
    if isinstance(value, str) and not value.replace(".", "").isdigit():
        return 12.5
    return "many" if not isinstance(value, str) else ["many"]


def _copied(data: Any, place: Place) -> tuple[Any, Any]:
    """A copy, and what holds the place in it."""
    changed = parent = copy.deepcopy(data)
    for part in place[:-1]:
        parent = parent[part]
    return changed, parent


def _places(data: Any) -> Iterator[Place]:
    seen: set[tuple[object, ...]] = set()
    for place in _walk(data, ()):
        shape = tuple("[]" if isinstance(part, int) else part for part in place)
        if shape not in seen:
            seen.add(shape)
            yield place


def _walk(data: Any, place: Place) -> Iterator[Place]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*place, key)
        yield from _walk(value, (*place, key))
