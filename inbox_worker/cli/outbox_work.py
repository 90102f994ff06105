"""What `outbox` and `bills` do: review, delivery, and what is printed of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import typer

from inbox_worker.cli.outbox_screens import listed, problems_json, show_bills, show_listed
from inbox_worker.cli.screens import as_json
from inbox_worker.cli.support import month_not_too_far, month_of_text, now, opened
from inbox_worker.core.errors import JobError, UseError
from inbox_worker.core.model import Period
from inbox_worker.ledger.acts import acting
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox import bill_letters
from inbox_worker.outbox.cancel import cancel_act
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.reconcile import EDIT_OF
from inbox_worker.outbox.review import approve_edits, chosen, look_through, move, unfit_to_move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.send import send_due
from inbox_worker.outbox.server_state import pause_of
from inbox_worker.outbox.settle import record_handed_over, settle
from inbox_worker.outbox.trouble import Trouble, remedy_code
from inbox_worker.settings.texts import NUMBER

_NOT_TAKEN = ("outbox.being_written", "outbox.not_whole", "outbox.another_document")
_OF_LETTERS = ("outbox.letter_refused", "outbox.letter_uncertain", "outbox.letter_dropped")
_WAYS = (
    "no mail server is configured. Write the smtp block into config.yaml; or name an exchange folder there "
    "(exchange.folder) and write [folder] for the Customer in rules/delivery.yaml, ways; or hand them over and say so: "
    'outbox send PATH --handed "paper, 05.10.2026"'
)
_NO_MAIL = "letters cannot be sent: no mail server is configured; write the smtp block into config.yaml"


def list_documents(month: str, customer: str, kinds: list[str], everything: bool, json: bool) -> None:
    """Print what waits for review or for delivery, its age and its deadline; overdue first."""
    with opened() as office:
        look_through(office, now())
        told = settle(office, now())
        problems = [*look_through(office, now(), everything=everything).problems, *told]
        stages = (
            DocumentState.PENDING,
            DocumentState.APPROVED,
            *((DocumentState.SENT, DocumentState.REJECTED) if everything else ()),
        )
        found = chosen(office, stages, _month(month), customer, kinds)
        _print(office, found, problems, json)


def approve_documents(
    paths: list[Path], month: str, customer: str, kinds: list[str], everything: bool, json: bool
) -> None:
    """Approve documents, as if they were moved to outbox/approved."""
    _review((DocumentState.PENDING,), DocumentState.APPROVED, paths, month, customer, kinds, everything, json)


def reject_documents(
    paths: list[Path], month: str, customer: str, kinds: list[str], everything: bool, json: bool
) -> None:
    """Reject documents, as if they were moved to outbox/rejected."""
    stages = (DocumentState.PENDING, DocumentState.APPROVED)
    _review(stages, DocumentState.REJECTED, paths, month, customer, kinds, everything, json)


def send_documents(
    paths: list[Path], month: str, customer: str, kinds: list[str], everything: bool, handed: str, json: bool
) -> None:
    """Deliver approved documents now; `handed`: they were handed over, in words how and when."""
    _asked(paths, month, customer, kinds, everything)
    with opened() as office:
        moment = now()
        seen = look_through(office, moment).problems
        stages = (DocumentState.APPROVED, DocumentState.SENT) if paths and handed else (DocumentState.APPROVED,)
        wanted = _select(office, stages, paths, month, customer, kinds, seen)
        ids = {version.id for version in wanted}
        if handed:
            unsure = {problem.version for problem in seen if problem.code in _NOT_TAKEN}
            wanted = [version for version in wanted if version.id not in unsure]
            left = [v for v in wanted if all(proof.way != "hand" for proof in Documents(office.journal).proofs(v.id))]
            if wanted and not left:
                raise UseError("that they were handed over is recorded already; `outbox list --all --json` shows it")
            told = record_handed_over(office, left, handed, _who(), moment)
            problems: Collection[Problem] = [*look_through(office, moment).problems, *told]
        else:
            problems = _deliver_now(office, ids, moment)
        found = [v for v in chosen(office, (DocumentState.APPROVED, DocumentState.SENT)) if v.id in ids]
        _print(office, found, problems, json)
        if handed:
            return
        asked = ids | {v.id for v in chosen(office, (DocumentState.PENDING,), _month(month), customer, kinds, paths)}
        _tell_left(look_through(office, moment).problems, asked, everything)
        if office.home.config.smtp is None:
            _tell_ways(office, found)


def _tell_left(problems: Collection[Problem], asked: Collection[int], everything: bool) -> None:
    """Raise JobError where documents that were asked for lie in `approved` and do not leave before something is mended.
    One that is not whole, or another's, may not be known as approved yet."""
    left = {
        problem.path
        for problem in problems
        if problem.path.startswith(f"{DocumentState.APPROVED}/")
        and (problem.version in asked or (everything and problem.code in _NOT_TAKEN))
    }
    if left:
        raise JobError(f"{len(left)} documents were left: something must be mended first")


def _month(text: str) -> Period | None:
    return month_of_text(text) if text else None


def _tell_ways(office: Office, found: Collection[Version]) -> None:
    """Raise JobError with the ways that are open where Customers' documents wait for a mail server."""
    left = [
        v for v in found if v.state is DocumentState.APPROVED and office.rules.delivery.kind(v.kind).to == "customer"
    ]
    if left:
        raise JobError(f"{len(left)} of {len(found)} documents wait: {_WAYS}")


def _deliver_now(office: Office, ids: Collection[int], moment: datetime) -> Collection[Problem]:
    """Delivers those documents and sends their letters; once more where the server says only now that one is too
    large."""
    said, mail = list[str](), office.home.config.smtp
    problems = deliver_all(office, moment, wanted=lambda version: version.id in ids, dropped_too=True)
    said += send_due(office, moment) if mail else []
    told = settle(office, moment)
    if mail and any(problem.trouble == Trouble.LARGE for problem in told):
        problems = [*problems, *deliver_all(office, moment, wanted=lambda version: version.id in ids)]
        said += send_due(office, moment)
        told = settle(office, moment)
    pause = pause_of(office.home)
    if pause and not said:
        remedy = office.say(remedy_code(Trouble(pause)), letter=NUMBER)
        said.append(office.say("letters.wait", remedy=remedy))
    for line in said:
        typer.echo(f"inbox-worker: {line}", err=True)
    return [*(problem for problem in problems if problem.code not in _OF_LETTERS), *told]


def cancel_document(path: Path, reason: str) -> None:
    """Put up a reversing act with a number of its own for review."""
    if not reason:
        raise UseError("--reason needs words")
    with opened() as office:
        look_through(office, now())
        typer.echo(str(cancel_act(office, path, reason, now())))


def send_bill_letters(month: str, limit: int | None, json: bool) -> None:
    """Send approved bills of single accounts to consumers, at most `limit` letters now."""
    with opened() as office:
        period = month_not_too_far(office, month)
        moment = now()
        if office.home.config.smtp is None:
            raise JobError(_NO_MAIL)
        blocked = look_through(office, moment).blocked
        report = bill_letters.send_bills(office, period, moment, limit, blocked)
        told = send_due(office, moment)
        settle(office, moment)
        report = bill_letters.after(office, report, moment)
    if json:
        typer.echo(as_json(report.as_json(office.rules.texts.spoken)))
    else:
        show_bills(report, told, office.say)


def _review(
    stages: Collection[DocumentState], to: DocumentState, paths: list[Path], month: str, customer: str,
    kinds: list[str], everything: bool, json: bool,
) -> None:  # fmt: skip
    _asked(paths, month, customer, kinds, everything)
    stages = (
        (*stages, DocumentState.REJECTED, DocumentState.APPROVED) if paths and to is DocumentState.APPROVED else stages
    )
    with opened() as office:
        seen = look_through(office, now())
        begun = Documents(office.journal).begun()
        wanted = _select(office, stages, paths, month, customer, kinds, seen.problems, to)
        told = [*seen.problems, *_unfit(office, wanted, to)]
        free = [v for v in wanted if v.id not in begun and not _barred(told, v, to)]
        problems = [*_move(office, free, to), *told[len(seen.problems) :]] if free else told
        moved = {version.id for version in free}
        found = [version for version in Documents(office.journal).versions((to,)) if version.id in moved]
        _print(office, found, problems, json)
        if len(free) < len(wanted):
            raise JobError(f"{len(wanted) - len(free)} of {len(wanted)} documents were left: they are on their way, or "
                           "something must be mended first")  # fmt: skip


def _unfit(office: Office, versions: Collection[Version], to: DocumentState) -> Collection[Problem]:
    return unfit_to_move(office, list(versions), now()) if to is DocumentState.APPROVED else ()


def _move(office: Office, versions: list[Version], to: DocumentState) -> Collection[Problem]:
    """Moves them; an edit of what was being sent becomes a revision when it is approved."""
    edits = [version for version in versions if _is_edit(version)] if to is DocumentState.APPROVED else []
    approve_edits(office, edits, _who(), now())
    return move(office, [version for version in versions if version not in edits], to, _who(), now()).problems


def _is_edit(version: Version) -> bool:
    return EDIT_OF in version.entry


def _barred(problems: Collection[Problem], version: Version, to: DocumentState) -> bool:
    """A document out of date may be rejected, an edit may be either; any other problem must be mended first."""
    codes = {problem.code for problem in problems if problem.version == version.id}
    return bool(
        codes - {"outbox.edited_meanwhile"} - ({"outbox.newer_waits"} if to is DocumentState.REJECTED else set())
    )


def _asked(path: list[Path] | None, month: str, customer: str, kind: list[str] | None, everything: bool) -> None:
    if not (path or month or customer or kind or everything):
        raise UseError("which documents? Name a PATH, --month, --customer or --kind, or say --all")


def _select(
    office: Office, stages: Collection[DocumentState], paths: list[Path], month: str, customer: str, kinds: list[str],
    problems: Collection[Problem] = (), to: DocumentState | None = None,
) -> list[Version]:  # fmt: skip
    """The documents asked for. Raises JobError for a file that is not taken yet, with what keeps it."""
    for path in paths:
        if not path.exists():
            raise UseError(f"no such file or folder: {path}")
    found = chosen(office, stages, _month(month), customer, kinds, paths)
    if to is DocumentState.APPROVED:
        found = [version for version in found if version.state is not DocumentState.APPROVED or _is_edit(version)]
    if paths and not found:
        for problem in problems:
            place = (office.home.outbox / problem.path).resolve()
            if problem.code in _NOT_TAKEN and any(place.is_relative_to(path.resolve()) for path in paths):
                raise JobError(problem.line(office.say))
        raise UseError(f"{paths[0]} is no document that waits for this; `outbox list` shows what does")
    return found


def _who() -> str:
    return f"command:{acting()}"


def _print(office: Office, versions: list[Version], problems: Collection[Problem], as_json_: bool) -> None:
    rows = listed(office, versions, now())
    if as_json_:
        typer.echo(as_json({"documents": rows, "problems": problems_json(problems, office.rules.texts.spoken)}))
    else:
        show_listed(rows, problems, office.say)
