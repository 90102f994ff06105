"""Letters without a form that staff say what they are: each then acts like the form would (law 7, 4.4, 4.5).

What the letter says is written into a form of ours, which takes the way of every form: as of the letter's receipt, from
its sender, who hears what became of it. So it is checked, held and confirmed like one that the Customer filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from inbox_worker.contract.duties import receive_original
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.held_for import DOCUMENTS
from inbox_worker.deciding.release import release
from inbox_worker.deciding.table import show
from inbox_worker.deciding.written_form import ingest_written
from inbox_worker.ledger.acts import CONSENT, find_user, record_act
from inbox_worker.ledger.tasks import LETTER, Task

LetterKind = Literal["notice", "withdrawal", "proof", "act", "original", "consent", "other"]
KINDS: tuple[LetterKind, ...] = get_args(LetterKind)
_LONGEST = 200  # letters of a letter's subject that stand as the ground of what it says


class LetterError(UseError):
    """A letter cannot be what staff say; the text tells what is missing or wrong. Its task stays open."""


@dataclass(frozen=True)
class LetterWords:
    """The words of staff about a letter. `kind`: of a notice, as the form has it; `about`: the number of the form, task
    or act that it is about; `customer`: whose it is, where its sender speaks for several.
    """

    what: LetterKind
    note: str = ""
    kind: str = ""
    day: date | None = None
    parameter: str = ""
    about: str = ""
    customer: str = ""


def act_on_letter(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> Arrival | None:
    """Let a letter act as what staff say that it is, and finish its task. Return the arrival of the form that was made
    of it, None when none was. Raises LetterError, and the errors of what it does."""
    if task.kind != LETTER:
        raise LetterError(
            f"{task.id} is no letter without a form, so --as says nothing of it; see `tasks show {task.id}`"
        )
    arrival = _ACT[said.what](pipeline, task, said, now)
    number = f"{arrival.id}-1" if arrival else said.about
    note = " ".join(filter(None, [said.what, f"→ {number}" if number else "", said.note]))
    with pipeline.office.journal.transaction() as connection:
        pipeline.office.journal.tasks.finish(connection, [task.id], now, find_user(), note)
        record_act(connection, "letter typed", task.id, now, details=note)
    return arrival


def _notice(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> Arrival:
    if not (said.kind and said.day):
        raise LetterError("a notice needs --kind, as the form has it, and --date, the day of what it tells")
    row = {"kind": said.kind, "event_on": show(said.day), "parameter": said.parameter, "basis": _ground(task, said)}
    return _ingest(pipeline, task, said, "notice", row)


def _withdrawal(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> Arrival:
    kinds = pipeline.office.rules.customer_notices.items()
    wanted = "stop" if said.parameter else "end"
    kind = next(kind for kind, rule in kinds if rule.acts == wanted)
    return _notice(pipeline, task, LetterWords(**{**vars(said), "kind": kind}), now)


def _act(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> Arrival:
    if not said.about:
        raise LetterError("a signed act needs --about: the act's number")
    day = said.day or _letter_of(pipeline, task).date()
    signed = pipeline.office.rules.forms["act_response"].column("answer").choices[0]
    row = {"act": said.about, "answer": signed, "answered_on": show(day)}
    return _ingest(pipeline, task, said, "act_response", row)


def _original(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    receive_original(pipeline.office, said.about, _ground(task, said), now)


def _proof(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    """4.3.5: what was asked for is here: of a held form, which it releases, or of a task, which it finishes."""
    office = pipeline.office
    asked = office.journal.tasks.find(said.about) if said.about.upper().startswith("T-") else None
    held = office.journal.submissions.get(asked.submission) if asked and asked.submission else None
    if asked and not asked.done_at and not (held and held.waits_for(DOCUMENTS)):
        with office.journal.transaction() as connection:
            office.journal.tasks.finish(connection, [asked.id], now, find_user(), f"4.3.5: {_ground(task, said)}")
            record_act(connection, "proof received", asked.id, now, details=task.source)
        return
    came = _letter_of(pipeline, task).date()
    release(pipeline.forms, asked.submission if asked else said.about, f"{task.source}, {show(came)}", now)


def _consent(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    """4.3.8: consent to process personal data, kept as a fact of the Customer."""
    with pipeline.office.journal.transaction() as connection:
        record_act(connection, CONSENT, _customer(task, said), now, details=_ground(task, said))


def _other(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    if not said.note:
        raise LetterError("--as other needs --note: what the letter is and what was done")


_ACT = {
    "notice": _notice, "withdrawal": _withdrawal, "proof": _proof, "act": _act, "original": _original,
    "consent": _consent, "other": _other,
}  # fmt: skip


def _ingest(pipeline: Pipeline, task: Task, said: LetterWords, form: str, row: Mapping[str, str]) -> Arrival:
    """Write the letter's words into a form and let it take the way of every form."""
    letter, customer = _letter_of(pipeline, task), _customer(task, said)
    return ingest_written(pipeline, form, [row], task.id, letter, task.sender, customer)


def _letter_of(pipeline: Pipeline, task: Task) -> datetime:
    return to_almaty(pipeline.office.journal.arrivals.get(task.arrival).received_at)


def _customer(task: Task, said: LetterWords) -> str:
    """Return whose letter it is. Raises LetterError where its sender speaks for several and staff name none of them."""
    own = task.customer.split("; ")
    if said.customer and said.customer not in own:
        raise LetterError(f"the letter's sender does not speak for {said.customer}; he speaks for {task.customer}")
    if not said.customer and len(own) > 1:
        raise LetterError(f"its sender speaks for {task.customer}; --customer names one of them")
    return said.customer or own[0]


def _ground(task: Task, said: LetterWords) -> str:
    return f"{task.source}: {said.note or task.what}"[:_LONGEST]
