"""The numbers of a Customer's acts of a month: the first, those that cancel, those made anew instead (4.1.11, 4.3.7).

A cancelled act keeps its number for ever; the act that is made instead has the next one and names the old.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from inbox_worker.core.model import Period
from inbox_worker.ledger.closes import NumberedDocument
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.sent_documents import DocumentState, Version

_KIND = "act"
_CANCEL = re.compile(r"act_cancel_(\d+)")


@dataclass(frozen=True)
class NumberedAct:
    """An act with its number. `first`, `last`: the revisions of the month's act that have it, `last` None while none of
    them was cancelled; `ended`: the act that cancels it; `instead_of`: the number that it was made anew for."""

    numbered: NumberedDocument
    first: int
    last: int | None
    ended: NumberedDocument | None
    instead_of: str

    def covers(self, version: Version) -> bool:
        """Return whether a version has this number."""
        own = self.numbered
        if (version.bin, version.month) != (own.customer, str(own.month)) or "cancels" in _made_of(version):
            return False
        return self.first <= version.revision and (self.last is None or version.revision <= self.last)


@dataclass(frozen=True)
class NextAct:
    """The act that a rendering of a month makes now: the kind that its number is given by, its first revision, and the
    number of the cancelled act that it is made instead of, '' for none."""

    kind: str
    first: int
    instead_of: str


def find_acts_in_order(journal: Journal, versions: Sequence[Version]) -> list[NumberedAct]:
    """Return every act in order of number. `versions`: all of acts; a cancelling act that people rejected cancels
    nothing."""
    undone = {
        (version.bin, version.month, version.name)
        for version in versions
        if "cancels" in _made_of(version) and version.state is DocumentState.REJECTED
    }
    series = journal.closes.find_numbered(_KIND)
    of_month = sorted(series, key=lambda one: (str(one.month), one.customer))
    found: list[NumberedAct] = []
    for _, together in groupby(of_month, key=lambda one: (one.month, one.customer)):
        found += _chain(list(together), undone)
    return sorted(found, key=lambda one: one.numbered.number)


FIRST_ACT = NextAct(_KIND, 1, "")


def find_next_acts(journal: Journal, month: Period) -> Mapping[str, NextAct]:
    """Return what a rendering of a month makes for each Customer by БИН: the act that stands, or one instead of that
    which was cancelled. Who is not there gets his FIRST_ACT."""
    found = {}
    for act in find_acts_in_order(journal, journal.documents.versions(months=[str(month)], kinds=[_KIND])):
        if act.numbered.month == month:  # of a Customer the one made last is the last
            known = NextAct(act.numbered.kind, act.first, act.instead_of)
            anew = act.last and NextAct(f"{_KIND}_{act.last + 1}", act.last + 1, act.numbered.number)
            found[act.numbered.customer] = anew or known
    return found


def cancelling_name(month: Period, revision: int) -> str:
    """Return the name of the file that cancels a revision of a month's act."""
    return f"act-{month}-cancels-{revision}.docx"


def _chain(together: Sequence[NumberedDocument], undone: set[tuple[str, str, str]]) -> Iterator[NumberedAct]:
    """Yield a month's acts of one Customer, each with what ended it."""
    ends: dict[int, NumberedDocument] = {}
    for one in together:
        if cancels := _CANCEL.fullmatch(one.kind):
            revision = int(cancels[1])
            if (one.customer, str(one.month), cancelling_name(one.month, revision)) not in undone:
                ends[revision] = one
    instead_of = ""
    acts = [one for one in together if not _CANCEL.fullmatch(one.kind)]
    for act in sorted(acts, key=_first_of):
        first = _first_of(act)
        last = min((revision for revision in ends if revision >= first), default=None)
        yield NumberedAct(act, first, last, ends[last] if last else None, instead_of)
        instead_of = act.number


def _first_of(act: NumberedDocument) -> int:
    return int(act.kind.partition("_")[2] or 1)


def _made_of(version: Version) -> dict[str, object]:
    made_of: dict[str, object] = version.entry.get("made_of", {})
    return made_of
