"""`report`: the month on one page for staff, in `ledger/reports/<month>.html`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from inbox_worker.contract.act_life import ActState, find_acts
from inbox_worker.core.files import below, write_atomic
from inbox_worker.core.hashes import difference
from inbox_worker.core.model import Outcome, Period
from inbox_worker.core.queries import read_query
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.documents.month_page import Came, MonthPage, Sums, Waiting, render_month_page
from inbox_worker.documents.view import show_sum
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.months import gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.shown_files import REPORTS
from inbox_worker.outbox.cover_letters import document_kind
from inbox_worker.outbox.folders import RECEIPTS, is_scrap
from inbox_worker.outbox.manifest import ManifestProblem, read_entries
from inbox_worker.settings.calendar import deadline_moment
from inbox_worker.settings.office_rules import EVERY_FORM

_ASTRAY = (LetterState.BOUNCED, LetterState.REFUSED, LetterState.UNCERTAIN)
_HELD = ("documents", "confirmation")
_LOST = read_query(__file__, "report_suspense")


def write_report(office: Office, month: Period, on: date) -> Path:
    """Write the page as of a day and tell where it lies. Figures are the close's, or the draft's before it."""
    facts = MonthFacts(office, month)
    home = office.home
    page = month_page(facts, on)
    path = home.ledger / REPORTS / f"{month}.html"
    write_atomic(path, render_month_page(page, home.document_template))
    return path


def month_page(facts: MonthFacts, on: date, moment: datetime | None = None) -> MonthPage:
    """Return all that the page shows. `moment`: the facts are of an office as it was then."""
    office, month, texts = facts.office, facts.month, facts.office.rules.texts.written
    names = {bin: customer.name for bin, customer in office.journal.customers.on(month.last_day).items()}
    customers = [Sums(names.get(row.name, row.name), row.charged, row.paid, row.debt, row.advance)
                 for row in _sums(facts, "customer")]  # fmt: skip
    state = texts.both("report.closed", number=facts.number) if facts.closed else texts.both("report.preliminary")
    if moment:
        state = f"{state}; {texts.both('report.as_of', at=_moment(moment))}"
    return MonthPage(
        month=month,
        state=state,
        operator=office.home.operator,
        deadline=deadline_moment(month.plus(-1), office.rules, EVERY_FORM),
        came=list(_came(office, month)),
        customers=sorted(customers, key=lambda row: row.name.casefold()),
        houses=_sums(facts, "house"),
        waiting=[*_find_waiting(office, month, moment), *_acts(office, month, on)],
        texts=texts,
    )


def _sums(facts: MonthFacts, by: str) -> list[Sums]:
    nowhere = facts.office.rules.texts.written.both("report.no_house")
    query = read_query(__file__, "report_sums", by=by)
    return [Sums(*row) for row in facts.connection.execute(query, {"nowhere": nowhere}).fetchall()]


def _came(office: Office, month: Period) -> Iterator[Came]:
    """Forms received after their last month's deadline up to the end of the month before this one: those late for
    this month are among them. An arrival without a form counts by its own outcome.
    """
    rules, names = office.rules, office.rules.deadlines.deadlines
    last, this = ({form: deadline_moment(month.plus(back), rules, form) for form in names} for back in (-2, -1))
    forms: dict[int, list[tuple[str, Outcome]]] = {}
    for submission in office.journal.submissions.all():
        forms.setdefault(submission.arrival, []).append((submission.form, submission.outcome))
    for arrival in office.journal.arrivals.all():
        at = to_almaty(arrival.received_at)
        if arrival.mailbox == "load" or arrival.outcome is None or at.date() >= month.first_day:
            continue
        failed = [(EVERY_FORM, Outcome.FAILED)] if arrival.outcome is Outcome.FAILED else []  # beside decided forms
        for form, outcome in forms.get(arrival.number, []) + failed or [(EVERY_FORM, arrival.outcome)]:
            name = form if form in this else EVERY_FORM
            if at > last[name]:
                yield Came(outcome.value, this[name] - at)


def _find_waiting(office: Office, month: Period, moment: datetime | None) -> Iterator[Waiting]:
    """Held forms, tasks, letters not decided, files that failed, payments without an account, letters astray, and
    documents to review."""
    texts = office.rules.texts.written
    arrivals = {arrival.number: arrival for arrival in office.journal.arrivals.all()}
    tasks = office.journal.tasks.open()
    for submission in office.journal.submissions.all():
        if submission.outcome is Outcome.HELD and not submission.replaced_by:
            since = _moment(arrivals[submission.arrival].received_at)
            replies = ", ".join(task.id for task in tasks if task.speaks_of(submission.id))
            since += "; " + texts.both("report.replies", tasks=replies) if replies else ""
            which = f"{submission.id} {submission.attachment}"
            for what in submission.held_for:
                if what in _HELD:
                    yield Waiting(texts.both(f"report.held_{what}"), which, since)
    for task in tasks:
        note = texts.both("report.task_due", due=f"{task.due:%d.%m.%Y}", clause=task.clause)
        yield Waiting(texts.both("report.task"), f"{task.id} {task.about} {task.what}", note)
    for arrival in office.journal.arrivals.find_undecided():
        yield Waiting(texts.both("report.undecided"), f"{arrival.id} {arrival.source}", _moment(arrival.received_at))
    for arrival in office.journal.arrivals.find_failed():
        yield Waiting(
            texts.both("report.failed"),
            f"{arrival.id} {arrival.source}",
            f"{_moment(arrival.received_at)}; inbox-worker retry {arrival.id}",
        )
    lost = _suspense(office, month)
    for file in find_damaged_suspense(office):
        yield Waiting(texts.both("report.damaged"), file, f"inbox-worker restore BACKUP --only {file}")
    if lost:
        total = show_sum(sum((amount for _, amount in lost), Decimal(0)))
        reasons = Counter(texts.both(f"suspense.{reason}") for reason, _ in lost)
        why = "; ".join(f"{reason}: {count}" for reason, count in sorted(reasons.items()))
        yield Waiting(texts.both("report.suspense"), f"{total} {texts.both('heading.tenge')}", why, len(lost))
    yield from _letters(office, month)
    yield from _under_review(office, _pending_then(office, month) if moment else _pending_now(office, month))


_SHOWN = {ActState.REFUSED: "{0.number} {0.task}", ActState.CANCELLED: "{0.number} → {0.ended_by}"}


def _acts(office: Office, month: Period, on: date) -> Iterator[Waiting]:
    """The month's acts by where they are in their lives; the numbers of those refused (4.3.7)."""
    texts, found = office.rules.texts.written, [act for act in find_acts(office, on) if act.month == month]
    for state in ActState:
        acts = [act for act in found if act.state is state]
        shown = _SHOWN.get(state, "")
        refused = ", ".join(shown.format(act).strip() for act in acts) if shown else ""
        if acts:
            words = texts.both(f"report.act_{state.name.lower()}")
            yield Waiting(texts.both("report.acts"), words, refused, len(acts))


def _pending_then(office: Office, month: Period) -> Counter[tuple[str, str]]:
    """Count what an earlier journal says was under review, by kind and folder."""
    versions = office.journal.documents.versions((DocumentState.PENDING,), [str(month)])
    return Counter((version.kind, version.folder) for version in versions)


def _pending_now(office: Office, month: Period) -> Counter[tuple[str, str]]:
    """Count the files in `outbox/pending` by kind and folder."""
    found = Counter[tuple[str, str]]()
    for folder in sorted((office.home.outbox / "pending" / str(month)).glob("*/")):
        try:
            entries = read_entries(folder)
        except ManifestProblem:  # the look at the outbox tells it; here its files are counted as of no kind
            entries = {}
        names = (path.relative_to(folder).as_posix() for path in below(folder) if path.is_file())
        for name in names:
            if name in entries or not is_scrap(name):
                found[entries.get(name, {}).get("kind", ""), folder.name] += 1
    return found


def _under_review(office: Office, found: Counter[tuple[str, str]]) -> Iterator[Waiting]:
    """Yield a row a kind of document that waits for review: how many files, of how many Customers."""
    for kind in sorted({kind for kind, _ in found}, key=lambda kind: (kind == "", kind)):
        of_kind = {folder: count for (of, folder), count in found.items() if of == kind}
        owners, words = (
            sum(f != RECEIPTS and not f.startswith(office.home.operator.bin) for f in of_kind),
            office.rules.texts.spoken.both(document_kind(kind)),
        )
        texts = office.rules.texts.written
        note = texts.both("report.of_customers", count=owners) if owners else ""
        yield Waiting(texts.both("report.under_review"), words, note, sum(of_kind.values()))


def _letters(office: Office, month: Period) -> Iterator[Waiting]:
    """Documents of the month that came back, were refused or may be lost; of bills how many."""
    out, texts = office.journal.documents, office.rules.texts.written
    bills: Counter[LetterState] = Counter()
    for proof in out.proofs(states=_ASTRAY, months=[str(month)]):
        version = out.version(proof.document)
        if version and version.account:
            bills[proof.state] += 1
        elif version:
            which = f"{version.folder}/{version.name}"
            yield Waiting(texts.both(f"report.{proof.state.name.lower()}"), which, f"{proof.recipient}: {proof.answer}")
    for state, count in bills.items():
        yield Waiting(texts.both(f"report.{state.name.lower()}"), texts.both("report.bills"), "", count)


def find_damaged_suspense(office: Office) -> list[str]:
    """Return files of payments in suspense, below the home, that are not what the journal names: the page is written
    without them, and says so."""
    files = ((office.home.ledger / file.path, file.sha256) for file in office.journal.facts.files("suspense"))
    return [path.relative_to(office.home.path).as_posix() for path, digest in files if difference(path, digest)]


def _suspense(office: Office, month: Period) -> list[tuple[str, Decimal]]:
    """Reason and sum of payments of the month that stand on no line; those that found one since, or were taken back,
    are none. Files of facts that are damaged are left out and named; no facts of other kinds are read."""
    facts, damaged = gather_facts(office, month), find_damaged_suspense(office)
    whole = [file for file in facts.by_kind["suspense"] if f"ledger/{file.path}" not in damaged]
    with replace(facts, by_kind={**facts.by_kind, "suspense": whole}).connect(kinds=("suspense",)) as connection:
        return connection.execute(_LOST, {"month": month.first_day}).fetchall()


def _moment(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M}"
