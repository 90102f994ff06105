"""The law of review as a table: every state in the journal beside every place of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.outbox.folders import RECEIPTS, CustomerFolder, FolderFile, Outbox
from inbox_worker.outbox.reconcile import Known, Reconciled, reconcile

ACT, FOLDER = "act-2026-09.docx", "050140000011 ТОО «A»"
ONE = Version(
    1, "2026-09", FOLDER[:12], FOLDER, ACT, "act", "", "ours", "ours", DocumentState.PENDING, 1, 1, "", "", {}
)  # fmt: skip


def compared(version: Version, where: str, begun: bool = False, finished: bool = False, sha256: str = "") -> Reconciled:
    """What is found where the version's file is in a state's folder, or nowhere ('')."""
    lying: tuple[FolderFile, ...] = ()
    entries = {}
    if where:
        place = CustomerFolder(where, version.month, FOLDER)
        lying = (FolderFile(place, ACT, Path(ACT), sha256 or version.sha256),)
        entries = {place: {}}
    numbers = {1} if begun else set(), {1} if finished else set()
    return reconcile(Outbox(lying, entries, {}, ()), Known([version], *numbers))


def told(found: Reconciled) -> str:
    """The step or the code, in one word."""
    assert len(found.steps) + len(found.problems) <= 1
    steps, codes = [f"→ {step.state}" for step in found.steps], [problem.code for problem in found.problems]
    return "".join(steps + codes).removeprefix("outbox.")


PLACES = ("pending", "approved", "rejected", "sent", "")


@pytest.mark.parametrize(
    ("state", "begun", "finished", "expected"),
    [
        ("pending", False, False, ("", "→ approved", "→ rejected", "sent_by_hand", "gone")),
        ("approved", False, False, ("→ pending", "", "→ rejected", "sent_by_hand", "gone")),
        ("rejected", False, False, ("→ pending", "→ approved", "", "sent_by_hand", "")),
        ("approved", True, False, ("on_its_way", "", "on_its_way", "sent_by_hand", "gone")),
        ("approved", True, True, ("on_its_way", "", "on_its_way", "→ sent", "gone")),
        ("approved", False, True, ("→ pending", "", "→ rejected", "→ sent", "gone")),
        ("sent", True, True, ("was_sent", "was_sent", "was_sent", "", "gone")),
        ("replaced", False, False, ("outdated", "outdated", "outdated", "sent_by_hand", "")),
    ],
    ids=["pending", "approved", "rejected", "leaving", "arrived", "returned", "sent", "replaced"],
)
def test_every_place_of_a_file_has_its_step_or_problem(
    state: str, begun: bool, finished: bool, expected: tuple[str, ...]
) -> None:
    lying = "" if state == "replaced" else ONE.sha256_now
    version = replace(ONE, state=DocumentState(state), sha256_now=lying)
    assert tuple(told(compared(version, where, begun, finished)) for where in PLACES) == expected


def test_other_bytes_are_an_amendment_until_it_leaves_and_a_problem_after() -> None:
    approved, sent = replace(ONE, state=DocumentState.APPROVED), replace(ONE, state=DocumentState.SENT)
    (step,) = compared(approved, "approved", sha256="edited").steps
    assert (step.state, step.sha256_now) == (DocumentState.APPROVED, "edited")
    assert told(compared(approved, "approved", begun=True, sha256="edited")) == "on_its_way"
    assert told(compared(sent, "sent", begun=True, finished=True, sha256="edited")) == "sent_changed"


def test_another_version_in_a_folder_replaces_what_waits() -> None:
    newer = replace(ONE, id=2, sha256="newer", sha256_now="newer")
    place = CustomerFolder("pending", ONE.month, FOLDER)
    file = FolderFile(place, ACT, Path(ACT), "newer")
    (step,) = reconcile(Outbox((file,), {place: {}}, {}, ()), Known([ONE, newer])).steps
    assert (step.version.id, step.state, step.sha256_now) == (1, DocumentState.REPLACED, "")


def test_bytes_of_another_document_are_never_taken() -> None:
    other = replace(ONE, id=2, name="turnover-2026-08.xlsx", month="2026-08", sha256="theirs")
    place = CustomerFolder("approved", ONE.month, FOLDER)
    file = FolderFile(place, ACT, Path(ACT), "theirs")
    found = reconcile(Outbox((file,), {place: {}}, {}, ()), Known([ONE], elsewhere={"theirs": [other]}))
    assert told(found) == "another_document" and found.problems[0].more == other.place


ANSWER = replace(ONE, bin="", folder=RECEIPTS, name="iw-1.eml", kind="receipt", entry={"message_id": "<1@a>"})


def answer_lying(state: str, sha256: str = "ours", message_id: str | None = None) -> Outbox:
    place = CustomerFolder(state, ONE.month, RECEIPTS)
    file = FolderFile(place, ANSWER.name, Path(ANSWER.name), sha256, message_id=message_id)
    return Outbox((file,), {place: {}}, {}, ())


def test_an_answer_to_a_sender_goes_by_the_same_table_in_words_of_its_own() -> None:
    """It is not rendered again, so nobody is sent to `documents` for it."""
    assert told(reconcile(answer_lying("approved"), Known([ANSWER]))) == "→ approved"
    assert told(reconcile(Outbox((), {}, {}, ()), Known([ANSWER]))) == "receipt_gone"
    replaced = replace(ANSWER, state=DocumentState.REPLACED, sha256_now="")
    assert told(reconcile(answer_lying("pending"), Known([replaced]))) == "receipt_outdated"


def test_an_answer_that_needs_no_review_any_more_is_replaced() -> None:
    assert told(reconcile(Outbox((), {}, {}, ()), Known([ANSWER], withdrawn={1}))) == "→ replaced"
    leaving = Known([replace(ANSWER, state=DocumentState.APPROVED)], begun={1}, withdrawn={1})
    assert told(reconcile(Outbox((), {}, {}, ()), leaving)) == "receipt_gone", "one on its way is never withdrawn"


@pytest.mark.parametrize(
    ("message_id", "expected"), [("<1@a>", "→ approved"), ("<2@a>", "another_letter"), ("", "another_letter")]
)
def test_an_edit_of_an_answer_is_taken_with_its_own_message_id_only(message_id: str, expected: str) -> None:
    found = reconcile(answer_lying("approved", "edited", message_id), Known([ANSWER]))
    assert told(found) == expected
