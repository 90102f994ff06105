"""The digest of a working morning for staff: what is overdue, what comes, what waits, on one page by e-mail.

In the language of config.yaml. Each part shows its first lines and tells how many more there are; where many terms are
due, those of one kind are one line, so that none hides the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from sqlalchemy import Connection

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.office import Office
from inbox_worker.outbox.compose import letter_page
from inbox_worker.outbox.cover_letters import Wording, document_kind
from inbox_worker.outbox.letters import queue_letter
from inbox_worker.settings.texts import Say

DIGEST = "digest"
_MOST = 12  # lines of a part: the whole stays on a page
_TASK = "operator.task"  # tasks have a part of their own
_AHEAD = timedelta(days=7)
_BY_PEOPLE = (LetterState.UNCERTAIN, LetterState.REFUSED)


@dataclass(frozen=True)
class DigestPart:
    """A heading with the `count` of what its lines tell of."""

    heading: str
    count: int
    lines: Sequence[str]


def write_digest(connection: Connection, office: Office, about: str, now: datetime) -> int:
    """Queue the digest of a day (`about`) to each of the staff, in the caller's transaction. Return how many letters.

    Without a mail server or addresses there is none.
    """
    staff = office.home.config.staff if office.home.config.smtp else ()
    words = word_digest(office, now) if staff else None
    for address in staff:
        if words:
            queue_letter(connection, office, DIGEST, address, words, (), now, about=about)
    return len(staff)


def word_digest(office: Office, now: datetime) -> Wording:
    """Write the digest as it stands at a moment: plain text, and html of the same words."""
    say, today = office.say, to_almaty(now).date()
    subject = say("digest.subject", day=f"{today:%d.%m.%Y}")
    parts = [part for part in _parts(office, today) if part.lines]
    text, html = [subject], [f"<h2>{escape(subject)}</h2>"]
    for part in parts:
        heading = f"{part.heading} ({part.count})"
        text += ["", heading, *(f"  - {line}" for line in part.lines)]
        html.append(f"<h3>{escape(heading)}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in part.lines)}</ul>")
    if not parts:
        text += ["", say("digest.nothing")]
        html.append(f"<p>{escape(say('digest.nothing'))}</p>")
    return Wording(subject, "\n".join(text) + "\n", letter_page("".join(html), say.language))


def _parts(office: Office, today: date) -> Iterator[DigestPart]:
    say = office.say
    owed = [d for d in find_duties(office, today) if d.duty != _TASK and d.state(today) != "met"]
    owed.sort(key=lambda duty: (duty.who != "operator", duty.due))
    yield _of_duties(office, "digest.overdue", [d for d in owed if d.due < today])
    yield _of_duties(office, "digest.today", [d for d in owed if d.due == today])
    yield _of_duties(office, "digest.week", [d for d in owed if today < d.due <= today + _AHEAD])
    tasks = [
        f"{task.due:%d.%m.%Y} {say(f'task.{task.state(today)}')}  {task.id} {task.clause}  {task.what}"
        for task in office.journal.tasks.open()
    ]
    yield _list_first(say, "digest.tasks", tasks, "tasks list")
    held = [
        f"{form.id}  {say.of(office.rules.forms[form.form].title)}  {_name(office, form.customer, today)}"
        for form in office.journal.submissions.all()
        if form.outcome.value == "held" and not form.replaced_by
    ]
    yield _list_first(say, "digest.held", held, "tasks list")
    failed = [f"{one.id} {one.mailbox}/{one.source}" for one in office.journal.arrivals.find_failed()]
    yield _list_first(say, "digest.failed", failed, "retry --all")
    states = DocumentState.PENDING, DocumentState.APPROVED
    waiting = Counter((v.state, v.month, v.kind) for v in office.journal.documents.versions(states))
    documents = [
        f"{say(f'version.{state.value}')}, {month}: {say(document_kind(kind))} — {count}"
        for (state, month, kind), count in sorted(waiting.items())
    ]
    yield _list_first(say, "digest.outbox", documents, "outbox list")
    letters = [
        f"№ {one.id} {one.recipient}: {say(f'letter_state.{one.state.value}')}"
        for one in office.journal.letters.all(_BY_PEOPLE)
    ]
    yield _list_first(say, "digest.letters", letters, "deliveries")


def _list_first(say: Say, code: str, lines: Sequence[str], command: str) -> DigestPart:
    """Return a part of the first lines; `command` shows all of them."""
    left = len(lines) - _MOST
    more = [say("digest.more", count=left, command=command)] if left > 0 else []
    return DigestPart(say(code), len(lines), [*lines[:_MOST], *more])


def _of_duties(office: Office, code: str, duties: Sequence[Duty]) -> DigestPart:
    say = office.say
    if len(duties) > _MOST:
        return DigestPart(say(code), len(duties), [*_by_kind(office, duties), say("digest.each", command="duties")])
    lines = [
        "  ".join(filter(None, (
            f"{duty.due:%d.%m.%Y} {duty.clause} {say(f'duty.{duty.who}')}:", say.of(office.rules.duties[duty.duty]),
            _name(office, duty.customer, duty.due), duty.source,
        )))
        for duty in duties
    ]  # fmt: skip
    return DigestPart(say(code), len(lines), lines)


def _by_kind(office: Office, duties: Sequence[Duty]) -> Iterator[str]:
    """Yield a line a kind of duty: its first and last day, how many there are."""
    kinds: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in duties:
        kinds[duty.who, duty.duty].append(duty)
    for (who, kind), found in kinds.items():
        days = sorted({duty.due for duty in found})
        span = "–".join(f"{day:%d.%m.%Y}" for day in (days if len(days) == 1 else (days[0], days[-1])))
        title = office.say.of(office.rules.duties[kind])
        yield f"{span} {found[0].clause} {office.say(f'duty.{who}')}:  {title} — {len(found)}"


def _name(office: Office, bin_: str, on: date) -> str:
    customer = office.journal.customers.on(on).get(bin_)
    return customer.name if customer else bin_
