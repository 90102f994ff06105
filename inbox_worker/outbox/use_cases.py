"""Work of people with the outbox: approve, reject, send and cancel documents, send bills to consumers.

The command line calls these functions, and so does any other face. Each takes what is asked for, who asks and when; it
returns records, and raises UseError for a mistake in use and JobError for what cannot be done. Use them inside
`office.lock_for_writing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from inbox_worker.core.errors import JobError, UseError
from inbox_worker.core.model import Period
from inbox_worker.core.time import to_almaty
from inbox_worker.forms.day_said import UnclearDay, moment_said
from inbox_worker.ledger.sent_documents import DocumentState, Version, find_place
from inbox_worker.month.office import Office
from inbox_worker.outbox import bill_letters
from inbox_worker.outbox.approvals import UNAPPROVED
from inbox_worker.outbox.cancel import cancel_act
from inbox_worker.outbox.manifest import EDIT_OF
from inbox_worker.outbox.order_papers import find_old_orders
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.reconcile import OLD_CLOSE
from inbox_worker.outbox.review import Selection, approve_edits, chosen, look_through, move, unfit_to_move
from inbox_worker.outbox.round import deliver_all
from inbox_worker.outbox.send import send_due
from inbox_worker.outbox.server_state import pause_of
from inbox_worker.outbox.settle import LETTER_WAITS, list_waiting_letters, record_handed_over, settle
from inbox_worker.outbox.transitions import EDITED
from inbox_worker.outbox.trouble import Trouble, remedy_code
from inbox_worker.outbox.waiting import WAITING, OutboxResult
from inbox_worker.settings.texts import NUMBER

_NOT_TAKEN = ("outbox.being_written", "outbox.not_whole", "outbox.another_document", "outbox.another_letter")
_OF_LETTERS = ("outbox.letter_refused", "outbox.letter_uncertain", "outbox.letter_dropped")
_WAYS = (
    "no mail server is configured. Write the smtp block into config.yaml; or name an exchange folder there "
    "(exchange.folder) and write [folder] for the Customer in rules/delivery.yaml, ways; or hand them over and say so: "
    'outbox send PATH --handed "paper, 05.10.2026"'
)
_NAMED = 12  # of each kind of what there is, in one line
_NO_MAIL = "letters cannot be sent: no mail server is configured; write the smtp block into config.yaml"


def approve_documents(office: Office, asked: Selection, who: str, now: datetime) -> OutboxResult:
    """Approve documents, as if they were moved to outbox/approved; those named by a path also after a rejection."""
    states = (*WAITING, DocumentState.REJECTED) if asked.paths else (DocumentState.PENDING,)
    return _review(office, asked, states, DocumentState.APPROVED, who, now)


def reject_documents(office: Office, asked: Selection, who: str, now: datetime) -> OutboxResult:
    """Reject documents, as if they were moved to outbox/rejected."""
    return _review(office, asked, WAITING, DocumentState.REJECTED, who, now)


def send_documents(office: Office, asked: Selection, now: datetime) -> OutboxResult:
    """Deliver approved documents now, as the rules say."""
    wanted = _select(office, (DocumentState.APPROVED,), asked, look_through(office, now).problems)
    ids = {version.id for version in wanted}
    problems, said = _deliver_now(office, ids, now)
    found = _approved_or_sent(office, ids)
    waiting = {version.id for version in chosen(office, (DocumentState.PENDING,), asked)}
    failure = _tell_left(look_through(office, now).problems, ids | waiting, asked.everything)
    if not failure and office.home.config.smtp is None:
        failure = _tell_ways(office, found)
    late = list_waiting_letters(office, ids)
    return OutboxResult(found, [*problems, *late], said, failure or _tell_waiting(late))


def confirm_handover(office: Office, asked: Selection, note: str, who: str, now: datetime) -> OutboxResult:
    """Record that approved documents (named by a path, also sent ones) were handed over; `note`: how and when;
    terms run from that day (4.3.7). Raises UnclearDay: it is none, is to come, or is before a document was made."""
    given = moment_said(note, now)
    seen = look_through(office, now).problems
    states = (DocumentState.APPROVED, DocumentState.SENT) if asked.paths else (DocumentState.APPROVED,)
    wanted = _select(office, states, asked, seen)
    unfit = (*_NOT_TAKEN, OLD_CLOSE)
    old = find_old_orders(office, [version for version in wanted if version.state is DocumentState.APPROVED], now)
    ids, unsure = {v.id for v in wanted}, {problem.version for problem in seen if problem.code in unfit}
    unsure |= {problem.version for problem in old}
    wanted, out = [version for version in wanted if version.id not in unsure], office.journal.documents
    left = [v for v in wanted if all(proof.way != "hand" for proof in out.proofs(v.id))]
    if wanted and not left:
        raise UseError("that they were handed over is recorded already; `outbox list --all --json` shows it")
    for version in left:
        if to_almaty(given).date() < (made := to_almaty(datetime.fromisoformat(version.made_at)).date()):
            raise UnclearDay(
                f"{version.name} was made on {made:%d.%m.%Y}, after {to_almaty(given):%d.%m.%Y}; write the day "
                "on which it was handed over, or none for today"
            )
    found = record_handed_over(office, left, note, who, now, given)
    problems = [*look_through(office, now).problems, *old]
    failure = _tell_left(problems, ids & unsure, everything=False)
    return OutboxResult(_approved_or_sent(office, ids), [*problems, *found], failure=failure)


def cancel_document(office: Office, path: Path, reason: str, now: datetime) -> Path:
    """Put up a reversing act with a number of its own for review, and return where it is."""
    if not reason:
        raise UseError("--reason needs words")
    look_through(office, now)
    return cancel_act(office, path, reason, now)


def send_bill_letters(
    office: Office, month: Period, limit: int | None, now: datetime
) -> tuple[bill_letters.BillsReport, Sequence[str], str]:
    """Send approved bills of single accounts to consumers, at most `limit` letters now. Return how far they are, lines
    about the mail server, and why letters were left, '' when none was."""
    if office.home.config.smtp is None:
        raise JobError(_NO_MAIL)
    report = bill_letters.send_bills(office, month, now, limit, look_through(office, now).blocked)
    said = send_due(office, now, asked_now=True)
    settle(office, now)
    report = bill_letters.after(office, report, now)
    return report, said, _tell_waiting([one for one in report.problems if one.code == LETTER_WAITS])


def _approved_or_sent(office: Office, ids: Collection[int]) -> list[Version]:
    return [v for v in chosen(office, (DocumentState.APPROVED, DocumentState.SENT)) if v.id in ids]


def _select(
    office: Office,
    states: Collection[DocumentState],
    asked: Selection,
    problems: Collection[Problem],
    to: DocumentState | None = None,
) -> list[Version]:
    """Return the documents asked for. Raises JobError for a file that is not taken yet, with what keeps it."""
    if not (asked.paths or asked.month or asked.customer or asked.kinds or asked.everything):
        raise UseError("which documents? Name a PATH, --month, --customer or --kind, or say --all")
    for path in asked.paths:
        if not path.exists():
            moved = find_place(office.home.outbox, path)
            where = f"it lies in {moved} now" if moved else "`outbox list` shows what there is"
            raise UseError(f"no such file or folder: {path}; {where}")
    found = chosen(office, states, asked)
    if to is DocumentState.APPROVED:
        found = [version for version in found if version.state is not to or EDIT_OF in version.entry]
    if asked.paths and not found:
        for problem in problems:
            place = (office.home.outbox / problem.path).resolve()
            if problem.code in _NOT_TAKEN and any(place.is_relative_to(path.resolve()) for path in asked.paths):
                raise JobError(problem.line(office.say))
        raise UseError(f"{asked.paths[0]} is no document that waits for this; `outbox list` shows what does")
    return found


def _review(
    office: Office,
    asked: Selection,
    states: Collection[DocumentState],
    to: DocumentState,
    who: str,
    now: datetime,
) -> OutboxResult:
    seen, out = look_through(office, now).problems, office.journal.documents
    begun = out.begun()
    wanted = _select(office, states, asked, seen, to)
    if not (wanted or asked.paths or asked.everything or chosen(office, tuple(DocumentState), asked)):
        raise UseError(_tell_none(chosen(office, states)))
    approving = to is DocumentState.APPROVED
    unfit = [*unfit_to_move(office, wanted, now), *find_old_orders(office, wanted, now)] if approving else []
    free = [v for v in wanted if v.id not in begun and not _is_barred([*seen, *unfit], v, to)]
    problems = [*(_move(office, free, to, who, now) if free else seen), *unfit]
    moved = {version.id for version in free}
    found = [version for version in out.versions((to,)) if version.id in moved]
    failure = ""
    if len(free) < len(wanted):
        failure = (
            f"documents left: {len(wanted) - len(free)} of {len(wanted)}; they are on their way, or something must be "
            "mended first"
        )
    return OutboxResult(found, problems, failure=failure)


def _tell_none(waiting: Collection[Version]) -> str:
    """Tell that nothing is as it was asked for, and what there is."""
    if not waiting:
        return "no document waits for this; `outbox list --all` shows what there is"
    there = (
        ("--kind", {version.kind for version in waiting}),
        ("--month", {version.month for version in waiting}),
        ("--customer", {version.bin for version in waiting if version.bin}),
    )
    named = [
        f"{option} {', '.join(sorted(each)[:_NAMED])}{', ...' if len(each) > _NAMED else ''}"
        for option, each in there
        if each
    ]
    return f"no document that waits for this is so; there is {'; '.join(named)}"


def _is_barred(problems: Collection[Problem], version: Version, to: DocumentState) -> bool:
    """Tell whether something must be mended first: a document out of date may be rejected, an edit may be either."""
    codes = {problem.code for problem in problems if problem.version == version.id}
    only_to_reject = {"outbox.newer_waits", "outbox.receipt_went", OLD_CLOSE, UNAPPROVED}
    harmless = {EDITED} | (only_to_reject if to is DocumentState.REJECTED else set())
    return bool(codes - harmless)


def _move(
    office: Office, versions: Sequence[Version], to: DocumentState, who: str, now: datetime
) -> Collection[Problem]:
    """Move documents; an edit of what was being sent becomes a revision when it is approved."""
    edits = [version for version in versions if to is DocumentState.APPROVED and EDIT_OF in version.entry]
    approve_edits(office, edits, who, now)
    return move(office, [version for version in versions if version not in edits], to, who, now).problems


def _deliver_now(office: Office, ids: Collection[int], now: datetime) -> tuple[Collection[Problem], list[str]]:
    """Deliver those documents and send their letters; once more where the server says only now that one is too
    large."""
    mail, said = office.home.config.smtp is not None, list[str]()
    problems = deliver_all(office, now, wanted=lambda version: version.id in ids, dropped_too=True)
    said += send_due(office, now, asked_now=True) if mail else []
    settled = settle(office, now)
    if mail and any(problem.trouble == Trouble.LARGE for problem in settled):
        problems = [*problems, *deliver_all(office, now, wanted=lambda version: version.id in ids)]
        said += send_due(office, now, asked_now=True)
        settled = settle(office, now)
    pause = pause_of(office.home)
    if pause and not said:
        remedy = office.say(remedy_code(Trouble(pause)), letter=NUMBER)
        said.append(office.say("letters.wait", remedy=remedy))
    return [*(problem for problem in problems if problem.code not in _OF_LETTERS), *settled], said


def _tell_left(problems: Collection[Problem], asked: Collection[int], everything: bool) -> str:
    """Tell of documents that were asked for, wait in `approved` and do not leave before something is mended. One that
    is not whole, or another's, may not be known as approved yet."""
    left = {
        problem.path
        for problem in problems
        if problem.path.startswith(f"{DocumentState.APPROVED}/")
        and (problem.version in asked or (everything and problem.code in _NOT_TAKEN))
    }
    return f"documents left: {len(left)}; something must be mended first" if left else ""


def _tell_waiting(waiting: Collection[Problem]) -> str:
    """Tell of letters that the mail server did not take."""
    count = len({problem.letter for problem in waiting})
    how = "they go by themselves (`run`, `once`) when it takes them, at once by `deliveries --again --all` and this"
    return f"letters that wait for the mail server: {count}; {how}" if count else ""


def _tell_ways(office: Office, found: Collection[Version]) -> str:
    """Tell the ways that are open where Customers' documents wait for a mail server."""
    kind = office.rules.delivery.kind
    left = [v for v in found if v.state is DocumentState.APPROVED and kind(v.kind).to in ("customer", "bank")]
    return f"documents that wait: {len(left)} of {len(found)}; {_WAYS}" if left else ""
