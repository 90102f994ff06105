"""Documents of a close that does not stand any more: nobody gets them, and nobody is told the new figures for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.explain import explain_anything
from inbox_worker.ledger.sent_documents import DocumentState, Version
from inbox_worker.month.verify import notes
from inbox_worker.outbox.listing import documents_json
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.review import Selection
from inbox_worker.outbox.use_cases import (
    approve_documents,
    confirm_handover,
    reject_documents,
    send_documents,
)
from inbox_worker.outbox.waiting import OutboxResult, list_documents
from tests.outbox.desk import MONTH, Desk
from tests.support.office import TODAY, TownOffice, moment, payment

NOW, LATER = moment("2026-10-05"), moment("2026-10-06")
OLD = "outbox.old_close"
EVERYTHING = Selection(everything=True)
OF_CLOSE = ("turnover", "distribution", "debtors", "bill_rows", "directory")


def render(office: TownOffice, *kinds: str) -> None:
    render_documents(office.office, Period.parse(MONTH), kinds or OF_CLOSE, "", NOW)


def close_again(office: TownOffice) -> None:
    """What was closed is opened, a payment comes, and the month is closed with other figures."""
    office.reopen(MONTH)
    office.load_payments(payment("1001", "500.00", number="77"), now="2026-09-20")
    office.close(MONTH)


def codes(result: OutboxResult) -> set[str]:
    return {problem.code for problem in result.problems}


def states(office: TownOffice) -> set[tuple[str, str, int]]:
    versions: Sequence[Version] = office.office.journal.documents.versions()
    return {(v.kind, v.state.value, v.close_number) for v in versions}


@pytest.fixture
def closed(desk: Desk) -> TownOffice:
    desk.town.close(MONTH)
    render(desk.town)
    return desk.town


def test_documents_of_a_reopened_month_are_listed_and_not_approved(closed: TownOffice) -> None:
    closed.reopen(MONTH)
    listed = list_documents(closed.office, Selection(), NOW)
    assert codes(listed) == {OLD} and len(listed.problems) == len(listed.documents) == 20
    refused = approve_documents(closed.office, EVERYTHING, "command:aliya", NOW)
    assert refused.failure and refused.documents == []
    assert {state for _, state, _ in states(closed)} == {"pending"}


def test_what_was_approved_before_does_not_leave_after(closed: TownOffice) -> None:
    assert len(approve_documents(closed.office, EVERYTHING, "command:aliya", NOW).documents) == 20
    close_again(closed)
    for result in (
        send_documents(closed.office, EVERYTHING, LATER),
        confirm_handover(closed.office, EVERYTHING, "paper", "command:aliya", LATER),
    ):
        assert OLD in codes(result)
    assert {state for _, state, _ in states(closed)} == {"approved"}
    assert not any(closed.office.journal.documents.proofs())


@pytest.mark.slow
def test_only_the_kinds_that_were_made_anew_may_leave(closed: TownOffice) -> None:
    close_again(closed)
    render(closed, "turnover")
    approved = approve_documents(closed.office, EVERYTHING, "command:aliya", LATER)
    assert {(v.kind, v.close_number) for v in approved.documents} == {("turnover", 2)}
    assert codes(approved) == {OLD}


@pytest.mark.slow
def test_the_same_bytes_made_of_the_new_close_are_free_again(closed: TownOffice) -> None:
    approve_documents(closed.office, Selection(kinds=["directory"]), "command:aliya", NOW)
    close_again(closed)
    render(closed, "directory")
    assert codes(list_documents(closed.office, Selection(kinds=["directory"]), LATER)) == {OLD}, "the other kinds"
    handed = confirm_handover(closed.office, Selection(kinds=["directory"]), "paper", "command:aliya", LATER).documents
    assert {(v.kind, v.state, v.close_number) for v in handed} == {("directory", DocumentState.SENT, 2)}


def test_the_list_marks_what_does_not_leave_as_it_is(closed: TownOffice) -> None:
    close_again(closed)
    render(closed, "turnover")
    listed = list_documents(closed.office, Selection(), LATER).documents
    marked = {row["kind"]: row["old_close"] for row in documents_json(closed.office, listed, LATER)}
    assert marked == {kind: kind != "turnover" for kind in OF_CLOSE}


def test_an_old_document_may_be_rejected(closed: TownOffice) -> None:
    closed.reopen(MONTH)
    rejected = reject_documents(closed.office, EVERYTHING, "command:aliya", NOW)
    assert len(rejected.documents) == 20 and not rejected.failure
    moved = approve_documents(closed.office, Selection(paths=[closed.office.home.outbox]), "command:aliya", NOW)
    assert moved.documents == [], "a rejected one does not come back by a path either"


def test_a_document_of_the_draft_waits_when_the_month_is_closed(desk: Desk) -> None:
    render(desk.town, "bill_rows", "payments")
    desk.town.close(MONTH)
    approved = approve_documents(desk.office, EVERYTHING, "command:aliya", NOW)
    assert {v.kind for v in approved.documents} == {"payments"}, "what the bank paid in stays what it was"
    assert codes(approved) == {OLD}


def test_what_was_sent_of_an_old_close_is_told_until_it_is_made_anew(closed: TownOffice) -> None:
    approve_documents(closed.office, Selection(kinds=["turnover"]), "command:aliya", NOW)
    confirm_handover(closed.office, Selection(kinds=["turnover"]), "paper", "command:aliya", NOW)
    close_again(closed)
    assert "outbox.sent_of_old_close" in codes(list_documents(closed.office, EVERYTHING, LATER))
    assert sum("sent" in line and "turnover" in line for line in notes(closed.office.home)) == 4
    render(closed)
    assert codes(list_documents(closed.office, EVERYTHING, LATER)) == set()
    assert not [line for line in notes(closed.office.home) if "sent" in line]


def test_explain_tells_that_the_figure_on_paper_is_not_the_one_that_stands(closed: TownOffice) -> None:
    path: Path = next((closed.office.home.outbox / "pending").rglob("turnover*.xlsx"))
    before = explain_anything(closed.office, str(path), "", TODAY)
    close_again(closed)
    first, *_ = explain_anything(closed.office, str(path), "", TODAY)
    assert first not in before and "№ 1" in first and f"documents {MONTH}" in first
