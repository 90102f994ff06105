"""Finds what is wrong with the folders of rules before any file is read: lost, closed, or with files nobody reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from inbox_worker.core.files import unreadable
from inbox_worker.settings.home import shipped_path
from inbox_worker.settings.mistakes import Mistake, suggest


def find_unread_folders(folder: Path) -> list[Mistake]:
    """Find the folder or its `forms`, when it is not there or cannot be read. No other folder takes its place: by the
    shipped rules the fees would be others than those that the house has agreed."""
    for place, name in ((folder, "rules"), (folder / "forms", "rules/forms")):
        try:
            next(place.iterdir(), None)
        except (FileNotFoundError, NotADirectoryError):
            copy = f"cp -R {shipped_path(name)} {place}"
            words = f"is no folder; restore it from the backup, or copy the shipped one and put your rates in: `{copy}`"
            return [Mistake(str(place), "", words)]
        except OSError as error:
            return [Mistake(str(place), "", unreadable(error))]
    return []


def find_strange_files(folder: Path, known: Collection[str]) -> Iterator[Mistake]:
    """Find YAML files that nobody reads: a misspelt name would leave its rules without effect."""
    for path in sorted((*folder.glob("*.y*ml"), *(folder / "forms").glob("*.yml"))):
        if path.name not in known:
            hint = "write .yaml" if path.parent.name == "forms" else suggest(path.name, known)
            yield Mistake(str(path), "", f"no rule file has this name; {hint}; move copies out of rules/")
