"""Letters without a form that staff say what they are: each then acts like the form would (law 7, 4.4, 4.5).

What the letter says is written into a form of ours, which takes the way of every form: as of the letter's receipt, from
its sender, who hears what became of it. So it is checked, held and confirmed like one that the Customer filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from inbox_worker.contract.duties import find_awaited_original, receive_original
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival
from inbox_worker.core.time import to_almaty
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.held_for import DOCUMENTS
from inbox_worker.deciding.preview import Preview, preview_held
from inbox_worker.deciding.release import foresee_release, release
from inbox_worker.deciding.written_form import ingest_written, preview_written
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


@dataclass(frozen=True)
class _Written:
    """A form that says what a letter says, as `ingest_written` takes it."""

    form: str
    rows: Sequence[Mapping[str, str]]
    about: str
    at: datetime
    sender: str
    customer: str


def act_on_letter(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> Arrival | None:
    """Let a letter act as what staff say that it is, and finish its task. Return the arrival of the form that was made
    of it, None when none was. Raises LetterError, and the errors of what it does."""
    _require_letter(task)
    written = _write_as(pipeline, task, said)
    arrival = ingest_written(pipeline, **vars(written)) if written else None
    if not written:
        _ACT[said.what](pipeline, task, said, now)
    number = f"{arrival.id}-1" if arrival else said.about
    note = " ".join(filter(None, [said.what, f"→ {number}" if number else "", said.note]))
    with pipeline.office.journal.transaction() as connection:
        pipeline.office.journal.tasks.finish(connection, [task.id], now, find_user(), note)
        record_act(connection, "letter typed", task.id, now, details=note)
    return arrival


def foresee_letter(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> list[Preview]:
    """Return what forms a letter would be or release as what staff say that it is; nothing is kept. Raises as
    `act_on_letter`."""
    _require_letter(task)
    if written := _write_as(pipeline, task, said):
        return [preview_written(pipeline, **vars(written))]
    if said.what == "original":
        find_awaited_original(pipeline.office, said.about, to_almaty(now).date())
    elif said.what == "consent":
        _customer(task, said)
    elif said.what == "other":
        _require_note(said)
    elif said.what == "proof" and not _asked_alone(pipeline, said):
        return preview_held(pipeline.office, foresee_release(pipeline.forms, *_released_by(pipeline, task, said), now))
    return []


def _require_letter(task: Task) -> None:
    if task.kind != LETTER:
        raise LetterError(
            f"{task.id} is no letter without a form, so --as says nothing of it; see `tasks show {task.id}`"
        )


def _write_as(pipeline: Pipeline, task: Task, said: LetterWords) -> _Written | None:
    """Return the form that says what a letter says; None where no form does. Raises LetterError."""
    if said.what == "act":
        if not said.about:
            raise LetterError("a signed act needs --about: the act's number")
        day = said.day or _letter_of(pipeline, task).date()
        signed = pipeline.office.rules.forms["act_response"].column("answer").choices[0]
        row = {"act": said.about, "answer": signed, "answered_on": f"{day:%d.%m.%Y}"}
        return _write_row(pipeline, task, said, "act_response", row)
    if said.what not in ("notice", "withdrawal"):
        return None
    kind = said.kind
    if said.what == "withdrawal":
        wanted = "stop" if said.parameter else "end"
        kind = next(kind for kind, rule in pipeline.office.rules.customer_notices.items() if rule.acts == wanted)
    if not (kind and said.day):
        raise LetterError("a notice needs --kind, as the form has it, and --date, the day of what it tells")
    row = {"kind": kind, "event_on": f"{said.day:%d.%m.%Y}", "parameter": said.parameter, "basis": _ground(task, said)}
    return _write_row(pipeline, task, said, "notice", row)


def _write_row(pipeline: Pipeline, task: Task, said: LetterWords, form: str, row: Mapping[str, str]) -> _Written:
    letter, customer = _letter_of(pipeline, task), _customer(task, said)
    return _Written(form, [row], task.id, letter, task.sender, customer)


def _original(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    receive_original(pipeline.office, said.about, _ground(task, said), now)


def _proof(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    """4.3.5: what was asked for is here: of a held form, which it releases, or of a task, which it finishes."""
    office = pipeline.office
    if asked := _asked_alone(pipeline, said):
        with office.journal.transaction() as connection:
            office.journal.tasks.finish(connection, [asked.id], now, find_user(), f"4.3.5: {_ground(task, said)}")
            record_act(connection, "proof received", asked.id, now, details=task.source)
        return
    release(pipeline.forms, *_released_by(pipeline, task, said), now)


def _asked_by(pipeline: Pipeline, said: LetterWords) -> Task | None:
    return pipeline.office.journal.tasks.find(said.about) if said.about.upper().startswith("T-") else None


def _asked_alone(pipeline: Pipeline, said: LetterWords) -> Task | None:
    """Return the open task that asked for a proof, where no held form waits for it."""
    asked = _asked_by(pipeline, said)
    held = pipeline.office.journal.submissions.get(asked.submission) if asked and asked.submission else None
    return asked if asked and not asked.done_at and not (held and held.waits_for(DOCUMENTS)) else None


def _released_by(pipeline: Pipeline, task: Task, said: LetterWords) -> tuple[str, str]:
    """Return the held form that a proof releases, and what is said of its documents."""
    asked, came = _asked_by(pipeline, said), _letter_of(pipeline, task).date()
    return (asked.submission if asked else said.about), f"{task.source}, {came:%d.%m.%Y}"


def _consent(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    """4.3.8: consent to process personal data, kept as a fact of the Customer."""
    with pipeline.office.journal.transaction() as connection:
        record_act(connection, CONSENT, _customer(task, said), now, details=_ground(task, said))


def _other(pipeline: Pipeline, task: Task, said: LetterWords, now: datetime) -> None:
    _require_note(said)


def _require_note(said: LetterWords) -> None:
    if not said.note:
        raise LetterError("--as other needs --note: what the letter is and what was done")


_ACT = {"original": _original, "proof": _proof, "consent": _consent, "other": _other}


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
