"""The law of review as a table: by what the journal knows of a version and where its file is, a step or a problem.

By hand a document may go between pending, approved and rejected until it is on its way; only the program puts it into
`sent`, and there it stays unchanged. All else is told, and nothing is done about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

TAKE, REPLACE, NOTHING = "take", "replace", ""
GONE, OUTDATED, EDITED = "outbox.gone", "outbox.outdated", "outbox.edited_meanwhile"
DESTROYED = "outbox.destroyed"  # by certificate (8.10): wherever its file is, it is not taken again


class Life(Enum):
    """The place of a version on its way, as the journal knows it."""

    NEW = auto()  # only a manifest names it
    WAITING = auto()  # pending or approved
    RETURNED = auto()  # it went and came back: it may go again
    LEAVING = auto()
    ARRIVED = auto()  # everything about it is settled, and it is not in `sent` yet
    SENT = auto()
    REJECTED = auto()
    REPLACED = auto()
    RENEWED = auto()  # replaced once, and rendered again with the same bytes


@dataclass(frozen=True)
class Transition:
    """The next state of a version whose file is in a folder of review (pending, approved, rejected), is in `sent`, is
    nowhere, or is nowhere while another version of the document is there: a step (TAKE the file as it lies, REPLACE),
    NOTHING, or the code of a problem. A file that is as the journal has it is no problem."""

    in_review: str
    in_sent: str
    nowhere: str
    superseded: str


_MANUALLY_SENT = "outbox.sent_by_hand"
TRANSITIONS: Mapping[Life, Transition] = {
    Life.NEW: Transition(TAKE, _MANUALLY_SENT, NOTHING, NOTHING),
    Life.WAITING: Transition(TAKE, _MANUALLY_SENT, GONE, REPLACE),
    Life.RETURNED: Transition(TAKE, TAKE, GONE, REPLACE),
    Life.LEAVING: Transition("outbox.on_its_way", _MANUALLY_SENT, GONE, GONE),
    Life.ARRIVED: Transition("outbox.on_its_way", TAKE, GONE, GONE),
    Life.SENT: Transition("outbox.was_sent", "outbox.sent_changed", GONE, GONE),
    Life.REJECTED: Transition(TAKE, _MANUALLY_SENT, NOTHING, NOTHING),
    Life.REPLACED: Transition(OUTDATED, _MANUALLY_SENT, NOTHING, NOTHING),
    Life.RENEWED: Transition(TAKE, _MANUALLY_SENT, NOTHING, NOTHING),
}
# What is told of an answer to a sender instead: it is not rendered again, and a letter is sent only once.
OF_RECEIPTS: Mapping[str, str] = {
    GONE: "outbox.receipt_gone",
    OUTDATED: "outbox.receipt_outdated",
    EDITED: "outbox.receipt_went",
}
