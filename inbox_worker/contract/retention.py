"""Letters and documents that may be destroyed on a day, by which clause; and what is kept and why.

Nothing goes with an open duty, task or claim, an incident, a held form, a month that is not closed, or a document that
did not reach its reader yet. Nothing is changed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from inbox_worker.contract.keeping import ON_ITS_WAY, KeepingReasons
from inbox_worker.core.model import Arrival, Outcome, Period, Submission
from inbox_worker.core.time import to_almaty
from inbox_worker.month.office import Office

Paths = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KeptItem:
    """A letter or document with its files (path below the home, SHA-256). `since`: the day that its term is counted
    from, `until`: the first day on which it may go, `kept`: codes of what keeps it all the same; () = it may go."""

    item: str
    kind: str
    customer: str
    decided: str
    since: date
    until: date
    clause: str
    files: Paths
    kept: tuple[str, ...] = ()

    def may_go(self, on: date) -> bool:
        """Tell whether it may be destroyed on a day."""
        return self.until <= on and not self.kept


def find_items(office: Office, on: date) -> list[KeptItem]:
    """Return every letter and document that is still there, in order of the day from which it may go."""
    known = KeepingReasons(office, on)
    found = [*_find_letters(known), *_find_sent_letters(known), *_find_documents(known)]
    shared = defaultdict(list)  # the same bytes may have come twice: they go with the last
    for item in found:
        for path, _ in item.files:
            shared[path].append(item)
    others = {id(one) for some in shared.values() if not all(item.may_go(on) for item in some) for one in some}
    kept = [_with(item, "shared") if id(item) in others and item.may_go(on) else item for item in found]
    return sorted(kept, key=lambda item: (item.until, item.kind, item.item))


def _with(item: KeptItem, why: str) -> KeptItem:
    return KeptItem(**{**vars(item), "kept": (*item.kept, why)})


def _find_letters(known: KeepingReasons) -> Iterator[KeptItem]:
    """Yield what came, with the marked workbooks of its answers."""
    office = known.office
    kinds = {Outcome.IGNORED: "ignored", Outcome.QUARANTINED: "quarantined"}
    for arrival in office.journal.arrivals.all():
        forms = known.submissions.get(arrival.number, [])
        files = [(f"archive/{arrival.raw}", arrival.sha256)]
        for form in forms:
            if digest := known.answers.get(form.id):
                files.append((f"archive/answers/{form.id}.xlsx", digest))
        left = tuple(file for file in files if file[0] not in known.gone)
        if not left:
            continue
        customers = sorted({*arrival.customers, *(form.customer for form in forms)} - {""})
        kind = kinds.get(arrival.outcome, "letters") if arrival.outcome else "letters"
        since = to_almaty(arrival.received_at).date()
        until, clause, keeps = known.term(kind, since, customers)
        kept = tuple(dict.fromkeys([*_keeps_letter(known, arrival, forms), *keeps]))
        decided = str(arrival.outcome or "undecided")
        yield KeptItem(arrival.id, kind, " ".join(customers), decided, since, until, clause, left, kept)


def _keeps_letter(known: KeepingReasons, arrival: Arrival, forms: list[Submission]) -> Iterator[str]:
    names = {arrival.id, *(form.id for form in forms)}
    if arrival.outcome in (None, Outcome.FAILED):
        yield "undecided"
    if any(form.outcome is Outcome.HELD for form in forms):
        yield "held"
    if names & set(known.tasks):
        yield "task"
    if names & set(known.owed_sources):
        yield "duty"
    if arrival.id in known.incidents:
        yield "incident"
    if arrival.number in known.waiting:
        yield "undelivered"
    if any(form.outcome.posted and form.month and not known.is_closed(form.month) for form in forms):
        yield "unclosed"


def _find_sent_letters(known: KeepingReasons) -> Iterator[KeptItem]:
    documents = known.office.journal.documents
    bins = {version.id: version.bin for version in documents.versions()}
    owners = {proof.letter: bins[proof.document] for proof in documents.proofs() if proof.letter}
    for letter in known.letters:
        path = f"archive/{letter.path}"
        if not letter.path or path in known.gone:
            continue
        forms = known.submissions.get(letter.arrival, [])
        customers = sorted({owners.get(letter.id, ""), *(form.customer for form in forms)} - {""})
        since = datetime.fromisoformat(letter.created_at).date()
        until, clause, keeps = known.term("sent_letters", since, customers)
        kept = ("undelivered",) if letter.state in ON_ITS_WAY else ()
        item, decided = f"letter {letter.id}", letter.state.value
        yield KeptItem(item, "sent_letters", " ".join(customers), decided, since, until, clause,
                       ((path, letter.sha256),), (*kept, *keeps))  # fmt: skip


def _find_documents(known: KeepingReasons) -> Iterator[KeptItem]:
    acts = {(str(act.month), act.customer): act.number for act in known.office.journal.closes.find_numbered("act")}
    for version in known.versions:
        path = f"outbox/{version.place}"
        if not version.sha256_now or path in known.gone:
            continue
        since = datetime.fromisoformat(version.changed_at).date()
        until, clause, keeps = known.term("documents", since, [version.bin])
        sources = version.month, acts.get((version.month, version.bin), "")
        owed = any((version.bin, source, version.kind) in known.owed_documents for source in sources)
        duty = ["duty"] if owed else []
        kept = [*duty, *([] if known.is_closed(Period.parse(version.month)) else ["unclosed"])]
        yield KeptItem(f"document {version.id}", "documents", version.bin, version.state.value, since, until, clause,
                       ((path, version.sha256_now),), (*kept, *keeps))  # fmt: skip
