"""Problems of the outbox that people must know and mend: a group that went wrong together in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from os.path import commonpath
from pathlib import PurePosixPath

from inbox_worker.core.translated import translator
from inbox_worker.outbox.trouble import Trouble, remedy_code
from inbox_worker.settings.texts import CONTRACT, NUMBER, Say, Texts

_ABOUT_PLACES = (  # `more` is a path too
    "outbox.another_document", "outbox.astray", "outbox.copy", "outbox.newer_waits", "outbox.twice",
)  # fmt: skip
_SINGLE = ("outbox.unreadable", "outbox.unwritable")  # `path` is a text, or a folder already


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `code` is stable; `version` is 0 when the file is none of ours. `others`: how many more
    files under `folder` it is told of in one line with this one.
    """

    code: str
    path: str
    version: int = 0
    more: str = ""
    others: int = 0
    folder: str = ""
    letter: int = 0  # the delivery's number
    trouble: str = ""  # of the letter: what is to be done about it

    def text(self, say: Say) -> str:
        """Return what is wrong and what to do about it, in one language."""
        facts = {"path": self.path, "count": self.others, "folder": self.folder}
        path = say("outbox.others", **facts) if self.others else self.path
        path = translator(say.language)(path) if self.code == "outbox.unreadable" else path
        words = say(self.code, path=path, more=self.more)
        if not self.trouble or self.code in ("outbox.letter_delayed", "outbox.letter_unconfirmed"):
            return words
        remedy = remedy_code(Trouble(self.trouble), came_back=self.code == "outbox.letter_bounced")
        return f"{words} {say(remedy, letter=self.letter or NUMBER)}"

    def line(self, say: Say) -> str:
        """Return the same behind its code, as the command line and the log for people have it."""
        return f"{self.code}: {self.text(say)}"

    def as_json(self, texts: Texts) -> dict[str, str]:
        """Return the problem as programs read it, with its words in both languages of the contract."""
        ru, kk = (self.text(Say(texts, language)) for language in CONTRACT)
        return {"code": self.code, "path": self.path, "ru": ru, "kk": kk}


def code_of(line: str) -> str | None:
    """Return the code that a problem's line begins with; None of a line without one. A log may know the code, where
    the words name files.

    >>> code_of("outbox.no_mail: «approved/2026-09» ждёт")
    'outbox.no_mail'
    """
    code, _, words = line.partition(": ")
    return code if words and code.startswith("outbox.") else None


def merge_alike(problems: Iterable[Problem]) -> list[Problem]:
    """Return each once, in their order; files of a month in one state that are told the same are one line: when a
    folder was put into a wrong place, people mend the folder.
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        place = problem.path if problem.code in _SINGLE else _top(problem.path)
        more = _top(problem.more) if problem.code in _ABOUT_PLACES else problem.more
        groups.setdefault((problem.code, place, more), []).append(problem)
    return [_line(group) for group in groups.values()]


def _top(path: str) -> str:
    """The state's and the month's folder."""
    return "/".join(PurePosixPath(path).parts[:2])


def _line(group: Sequence[Problem]) -> Problem:
    first = group[0]
    if len(group) == 1:
        return first
    more = first.more
    if first.code in _ABOUT_PLACES:
        more = commonpath([problem.more for problem in group])
    return replace(first, more=more, others=len(group) - 1, folder=commonpath([problem.path for problem in group]))
