"""Our answer invites a reply; who got it is heard even when his address has left the register (law 7)."""

from __future__ import annotations

import pytest
from reply_office import AnsweringOffice

from inbox_worker.explain.explain import explain_anything
from tests.support.office import TODAY, customer

DETAILS = {"indicator": "ИИК", "becomes": "KZ75125KZT1001300335", "changed_on": "18.08.2026"}


@pytest.mark.parametrize(("sender", "heard"), [("office@a.example", True), ("forger@evil.example", False)])
def test_who_was_written_to_may_object_from_a_former_address(
    answering: AnsweringOffice, sender: str, heard: bool
) -> None:
    """The letter stays in quarantine, unopened; a person reads it beside the form."""
    held = answering.ingest("requisites", [DETAILS], received="2026-08-20")
    [answer] = answering.office.journal.letters.all()
    answering.load_customers(customer("A", emails="new@a.example"))
    came = answering.mail([], received="2026-08-21", sender=sender, references=answer.message_id, text="Это не мы!")
    assert came.outcome == "quarantined"
    replies = answering.office.journal.tasks.replies_about(held.id)
    assert [task.sender for task in replies] == ([sender] if heard else [])
    told = "\n".join(explain_anything(answering.office, held.id, "", TODAY))
    assert all((task.id in told and sender in told) for task in replies) and ("не разобраны" in told) == heard
