"""Preview of an arrival as if it came now: it is opened, read and decided, and nothing is committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from inbox_worker.core.model import Arrival, Outcome, WordedFinding
from inbox_worker.deciding.decide import Decision
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.post import foresee
from inbox_worker.deciding.release import waiting_for, with_reply
from inbox_worker.deciding.report import head_json, submission_json
from inbox_worker.deciding.robot_letters import settle_robot
from inbox_worker.deciding.task_making import decide_without_form, word_letter
from inbox_worker.deciding.wording import word_all
from inbox_worker.month.office import Office
from inbox_worker.receiving.store import Incoming


@dataclass(frozen=True)
class Preview:
    """The outcome that an arrival would have; its number is 0, for it has none."""

    arrival: Arrival
    findings: tuple[WordedFinding, ...]
    decisions: tuple[Decision, ...]


def preview(forms: FormDecider, came: Incoming) -> Preview:
    """Decide about an arrival as if it came now. It gets no number, and several previews do not see each other."""
    return preview_arrival(forms, came.as_arrival(), came.raw)


def preview_arrival(
    forms: FormDecider, arrival: Arrival, raw: bytes | None = None, noted: Sequence[WordedFinding] = ()
) -> Preview:  # fmt: skip
    """Decide about an arrival and keep nothing. `raw`: its bytes, None = they are in the archive; `noted`: what was
    found about it before."""
    office, task = forms.office, None
    opened = forms.open(arrival, raw)
    findings, decisions, outcome = list(opened.findings), list[Decision](), opened.verdict
    if outcome is Outcome.HELD:
        outcome, heard, task = settle_robot(forms, arrival, opened)
        findings = list(heard)
    if outcome is None:
        cases, beside = forms.read(arrival, opened)
        findings += beside
        if not cases and waiting_for(forms, arrival, opened):
            proven, broken = forms.prove(opened)
            findings += broken
            held = waiting_for(forms, arrival, proven)
            cases = [with_reply(forms, one, arrival, proven) for one in held]
        decisions = [_with_foreseen(office, forms.decide(case)) for case in cases]
        outcome = Outcome.worst([one.submission.outcome for one in decisions]) if decisions else None
    if outcome is None:
        outcome, notes, task = decide_without_form(office, arrival, opened)
        findings += notes
    shown = replace(arrival, sender=opened.sender, outcome=outcome)
    return Preview(shown, (*noted, *word_letter(findings, task, office.rules)), tuple(decisions))


def preview_held(office: Office, decisions: Sequence[Decision]) -> list[Preview]:
    """Return what held forms that are decided again would come to, by their arrivals."""
    numbers = sorted({one.submission.arrival for one in decisions})
    found = []
    for number in numbers:
        own = tuple(_with_foreseen(office, one) for one in decisions if one.submission.arrival == number)
        outcome = Outcome.worst([one.submission.outcome for one in own])
        found.append(Preview(replace(office.journal.arrivals.get(number), outcome=outcome), (), own))
    return found


def _with_foreseen(office: Office, decision: Decision) -> Decision:
    """Return a decision with what posting would find out, as taking the form in tells it."""
    if decision.rows is None:
        return decision
    foreseen = foresee(decision, office.journal.submissions.next_sequence())
    return replace(decision, findings=(*decision.findings, *word_all(foreseen, office.rules)))


def preview_json(looked: Preview) -> dict[str, Any]:
    """Return the same as `ingest --json` gives of an arrival that is taken in: no numbers, no answer, nothing
    posted."""
    submissions = []
    for decision in looked.decisions:
        shown = submission_json(decision.submission, decision.findings)
        number = shown["submission"] if decision.submission.arrival else None  # a held form of before has its number
        submissions.append({**shown, "submission": number, "answer": None})
    return {
        **head_json(looked.arrival, looked.findings),
        "arrival": looked.arrival.id if looked.arrival.number else None,
        "task": "",
        "submissions": submissions,
    }
