"""A YAML file of an operator, read with the line of every key: what cannot be read is a `Mistake`, never an exception.

Refused are keys written twice, dates that are none (2026-08-32), tags, merge keys and aliases that contain themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from inbox_worker.core.files import read_small_file, unreadable
from inbox_worker.settings.mistakes import Mistake

Place = tuple[str | int, ...]  # the keys and list positions that lead to a value
_TEXT = "tag:yaml.org,2002:str"
_DEEPEST = 40  # keys below each other: no file of ours has more than eight


@dataclass(frozen=True)
class Document:
    """A file's data with the line of every key; `mistakes` of the YAML itself (then `data` lacks those parts)."""

    path: Path
    data: Any
    lines: Mapping[Place, int] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    def mistake(self, place: Place, text: str) -> Mistake:
        """Return a mistake at a place of this file; its line is that of the nearest key that is written."""
        known = next((place[:end] for end in range(len(place), 0, -1) if place[:end] in self.lines), ())
        return Mistake(str(self.path), ".".join(map(str, place)), text, self.lines.get(known, 0))


def read_document(path: Path) -> Document:
    """Read a file of YAML. A missing or unreadable file is a mistake, too."""
    try:
        text = read_small_file(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Document(path, None, mistakes=(Mistake(str(path), "", _unread(path, error)),))
    data, lines, mistakes = _read_text(text)
    return Document(path, data, lines, tuple(replace(mistake, file=str(path)) for mistake in mistakes))


@lru_cache(maxsize=100)
def _read_text(text: str) -> tuple[Any, Mapping[Place, int], tuple[Mistake, ...]]:
    """Return data, lines and mistakes without a file: shipped files are read beside the home's, which are mostly the
    same, and of files that are read anew one has changed."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = f"cannot be read as YAML: {error.problem or error.context}; look at this line and the one above it"
        return None, {}, (Mistake("", "", words, mark.line + 1 if mark else 0),)
    except yaml.reader.ReaderError as error:
        words = f"the sign U+{int(error.character):04X} may not stand in a text; remove it"
        return None, {}, (Mistake("", "", words, text.encode().count(b"\n", 0, error.position) + 1),)
    except (yaml.YAMLError, RecursionError) as error:
        return None, {}, (Mistake("", "", f"cannot be read as YAML: {error}"),)
    if node is None:
        return None, {}, (Mistake("", "", "is empty; copy the shipped file here"),)
    reading = _NodeReader()
    return reading.value(node, ()), reading.lines, tuple(reading.mistakes)


def _unread(path: Path, error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "cannot be read: it is not UTF-8; save it as UTF-8"
    if isinstance(error, FileNotFoundError) and not path.is_symlink():
        return "is not there; copy the shipped file here"
    return unreadable(error)


class _NodeReader:
    """Turns nodes into data and remembers lines and mistakes."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.mistakes: list[Mistake] = []
        self._plain = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, place: Place) -> Any:
        """Return a node's data."""
        self.lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > _DEEPEST:
            self._wrong(place[:3], node, "is nested without end; write it out without & and *")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _read_mapping(self, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
                self._wrong(place, key_node, "a key must be a plain word; write it out")
                continue
            key = self._scalar(key_node, (*place, key_node.value))
            if key in found:
                self._wrong((*place, key), key_node, f"the key {key!r} stands twice; remove one")
                continue
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*place, key))
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        if node.tag == _TEXT:  # nearly all
            return node.value
        try:
            return self._plain.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            kind = node.tag.rsplit(":", 1)[-1]
            right = "a date such as 2026-08-31" if kind == "timestamp" else "a text in quotes"
            self._wrong(place, node, f"{node.value!r} cannot be; write {right}")
            return None

    def _wrong(self, place: Place, node: yaml.Node, text: str) -> None:
        key = ".".join(map(str, place))
        self.mistakes.append(Mistake("", key, text, node.start_mark.line + 1))
