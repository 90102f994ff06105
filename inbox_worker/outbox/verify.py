"""The whole ledger proven again: files by hash, acts, closes computed anew, workbooks, documents. `ledger verify` and
`check --deep` are this; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from inbox_worker import __version__
from inbox_worker.contract.changed_prices import describe_changed_prices
from inbox_worker.core.files import sha256
from inbox_worker.core.hashes import hash_of
from inbox_worker.core.model import Period
from inbox_worker.core.progress import follow
from inbox_worker.core.scratch import make_spill
from inbox_worker.deciding.open_office import open_office
from inbox_worker.deciding.quarantine import find_changed_letters, find_changed_notes
from inbox_worker.documents.ledger_books import find_changed_books
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.certificate_tables import CertificateState
from inbox_worker.ledger.closes import CloseRecord
from inbox_worker.ledger.mark import NAME
from inbox_worker.ledger.place import begins_anew
from inbox_worker.ledger.row_numbers import find_foreign_rows
from inbox_worker.ledger.row_proofs import find_wrong_states
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL
from inbox_worker.ledger.storage import StorageDown
from inbox_worker.ledger.verify import JOURNAL, NO_CLOSE, LedgerProblem
from inbox_worker.month.anchors import ANCHORS, anchor_problems
from inbox_worker.month.audit import audit_problems
from inbox_worker.month.customer_proof import find_changed_customers
from inbox_worker.month.frozen import CloseWriter, file_hashes
from inbox_worker.month.months import find_close, gather_facts
from inbox_worker.month.office import Office
from inbox_worker.month.parts import part_of_close, whole_of
from inbox_worker.month.shared_anchors import gather_anchors
from inbox_worker.month.shown_files import find_changed_files
from inbox_worker.month.timestamps import stamp_problems
from inbox_worker.month.transfer_proof import find_wrong_transfers
from inbox_worker.month.verified import Verified
from inbox_worker.month.verified_record import NAME as VERIFIED
from inbox_worker.month.verified_record import find_changed_copy, find_lost_records
from inbox_worker.month.verify import verify
from inbox_worker.month.watched import find_hidden_changes
from inbox_worker.outbox.approvals import find_unapproved
from inbox_worker.outbox.letter_copies import find_copies
from inbox_worker.outbox.manifest_proof import find_wrong_manifests
from inbox_worker.settings.home import Home

_READ_AGAIN = (
    "this run read everything again, and wrote it anew; rows changed before it are not known any more: compare them "
    "with a backup, or answer for it: `inbox-worker audit accept-rows --reason TEXT`"
)
_WRITTEN_ANEW = "this run of `inbox-worker ledger verify` put its own there: what comes after it is known again"
_ANCHORS_BACK = (
    "put them back from the backup or from what the auditor was sent (`audit.mail`); who answers for their loss says "
    "`inbox-worker audit accept-anchors --reason TEXT`"
)
_FOREIGN_ROWS = (
    "see who did it and what stands there; restore the journal, or answer for it: `inbox-worker audit accept-rows "
    "--reason TEXT`"
)
_UNAPPROVED = "is approved by the journal, and no act of a person approved these bytes"
_SEE_WHO = (
    "see who changed the journal, or turned `review` on in rules/delivery.yaml while it waited (`audit list`); restore "
    "the journal, or put the document back into pending and approve it anew"
)
_SHUT = ("cannot be", "is damaged", "does not belong")
_COMPUTED = "look what changed: rules, a step of the program, or the close; `reopen` and `close` make it anew"
_BOOKS = "write it again: `inbox-worker ledger books {month}`"
_NAME_CLOSED = "name a closed month by --month"
_EARLIER = "{file} is of an earlier version and holds all that it should; `ledger books {month}` writes it anew"
_COPY = "is a copy of a letter that was destroyed"
_NOT_AS_IT_CAME = "is not the letter as it came"
_FROM_THE_ARCHIVE = "do not believe it; the letter itself is in archive: `explain` names its file"
_NOTE = "{file} says otherwise than its letters' findings and today's texts do: `explain` tells what was found"
_NOT_OF_OURS = "see who put it there, and move it away"


def verify_ledger(
    home: Home, month: Period | None = None, customer: str = "", known: Verified | None = None
) -> list[LedgerProblem]:
    """Return everything that differs, where, since when, and what mends it. `month`, `customer` (a БИН) narrow what is
    computed and rendered again; files, the journal and the acts are always proven whole. `known`: closes and workbooks
    that an earlier run found whole, not computed again while nothing that they come of has changed. Raises
    UnknownCustomer."""
    known = known or Verified()
    found = verify(home, deep=True)
    if any(_keeps_shut(problem, home) for problem in found) or begins_anew(home):
        return found
    with open_office(home, proved=False) as office:
        if customer and not found:
            office.journal.customers.require_known(customer)
        found += [LedgerProblem(JOURNAL, f"says that {what}", "", RESTORE_JOURNAL) for what in _acts(office)]
        with office.journal.database.connect_for_queries() as connection:
            rows = [*known.seen.compare(connection), *find_wrong_states(connection)]
            foreign_rows = find_foreign_rows(connection)
        found += [LedgerProblem(JOURNAL, f"says that {what}", "", RESTORE_JOURNAL) for what in rows]
        found += [LedgerProblem(JOURNAL, f"says that {what}", "", _FOREIGN_ROWS) for what in foreign_rows]
        lacking = [problem.file for problem in found if problem.file.startswith("ledger/")]
        broken = {"closes" if name.startswith("ledger/closes/") else "facts" for name in lacking}
        if any(problem.file.startswith("s3://") for problem in found):
            broken.add("facts")  # what comes of them cannot be computed, or waits for the storage
        if any(problem.what.endswith(NO_CLOSE) for problem in found):
            broken |= {"facts", "closes"}  # a month that is closed without a close opens none after it
        if "facts" not in broken:
            changed = [*find_changed_customers(office.journal, office.home.ledger), *find_wrong_transfers(office)]
            found += [LedgerProblem(JOURNAL, f"says that {what}", "", RESTORE_JOURNAL) for what in changed]
        if not broken:
            found += _closes(office, month, customer, known)
        found += [LedgerProblem(f"outbox/{one.path}", _UNAPPROVED, "", _SEE_WHO) for one in find_unapproved(office)]
        found += [*find_changed_files(office.home, office.journal.database), *_quarantine(office, known)]
        return [*found, *find_wrong_manifests(office, month, customer), *_outside(office)]


def find_changed_rules(home: Home) -> list[str]:
    """Return the prices that were changed in place after they were charged (5.1, 10.5): the ledger is whole, its rules
    are not those that it was made by."""
    with open_office(home, proved=False) as office:
        return describe_changed_prices(office)


def _keeps_shut(problem: LedgerProblem, home: Home) -> bool:
    """Tell whether the home cannot be opened for this problem, so that nothing more can be asked."""
    if problem.file == str(home.ledger / NAME):
        return True
    return problem.file == JOURNAL and problem.what.startswith(_SHUT)


def _quarantine(office: Office, known: Verified) -> Iterator[LedgerProblem]:
    """Find what staff would believe of letters in quarantine and is not so; a note may be of earlier texts."""
    outbox, journal = office.home.outbox, office.journal
    ended = (one.number for one in journal.destroyed.all() if one.state is CertificateState.DESTROYED)
    for number, path in find_copies(office, *ended):
        remedy = f"`inbox-worker retention destroy {number}` removes it"
        yield LedgerProblem(path.relative_to(office.home.path).as_posix(), _COPY, f"certificate {number}", remedy)
    for path in find_changed_letters(outbox, journal):
        yield LedgerProblem(path.relative_to(office.home.path).as_posix(), _NOT_AS_IT_CAME, "", _FROM_THE_ARCHIVE)
    for path in find_changed_notes(outbox, journal, office.rules.texts.written):
        known.remarks.append(_NOTE.format(file=path.relative_to(office.home.path).as_posix()))


def _outside(office: Office) -> Iterator[LedgerProblem]:
    """Find what is wrong with what lies beside the journal and says what it was: anchors, the record of runs."""
    acts = find_acts(office.journal.database)
    try:
        data, lost = gather_anchors(office.home, acts), find_lost_records(acts, office.home)
        changed = find_changed_copy(acts, office.home)
    except StorageDown:
        return  # told by `verify`
    for what in anchor_problems(acts, data):
        yield LedgerProblem(f"ledger/{ANCHORS}", f"is not what the chain of acts says: {what}", "", _ANCHORS_BACK)
    if changed:
        yield LedgerProblem(changed, "is not the record that was put there", "", _WRITTEN_ANEW)
    yield from (LedgerProblem(f"ledger/{VERIFIED}", what, "", _READ_AGAIN) for what in lost)


def _acts(office: Office) -> list[str]:
    hidden = find_hidden_changes(office.home.path, office.journal.database)
    return [*audit_problems(office.journal), *hidden, *stamp_problems(office.home.ledger)]


def _closes(office: Office, month: Period | None, customer: str, known: Verified) -> Iterator[LedgerProblem]:
    records = [one for one in office.journal.closes.all() if not one.reopened_at and month in (None, one.month)]
    if month and not records:
        yield LedgerProblem(JOURNAL, f"names no close of {month}, so nothing of it is proven", "", _NAME_CLOSED)
    for record in follow(records, "closing"):
        name = str(record.month)
        made_of = _made_of(office, record)
        if known.closes.pop(name, "") == made_of:
            known.closes[name] = made_of
        else:
            known.computed.append(name)
            wrong = list(_computed_anew(office, record))
            yield from wrong
            known.closes |= {} if wrong else {name: made_of}
        yield from _books(office, record, customer, made_of, known)


def _books(
    office: Office, record: CloseRecord, customer: str, made_of: str, known: Verified
) -> Iterator[LedgerProblem]:
    """Compare the workbooks with the close, unless they are as they were when they were compared last."""
    month = str(record.month)
    there = sorted((office.home.ledger / "books" / month).glob("*.xlsx"))
    state = sha256(json.dumps([made_of, *((path.name, hash_of(path)) for path in there)]).encode())
    if known.books.pop(month, "") == state:
        known.books[month] = state
        return
    wrong = list(find_changed_books(office, record.month, customer))
    named, remedy = f"close {record.number} of {month}", _BOOKS.format(month=month)
    for book in wrong:
        name = book.path.relative_to(office.home.path).as_posix()
        if book.earlier:
            known.remarks.append(_EARLIER.format(file=name, month=month))
        elif book.strange:
            yield LedgerProblem(name, str(book), named, _NOT_OF_OURS if book.path.exists() else remedy)
        else:
            yield LedgerProblem(name, f"differs from the close: {book}", named, remedy)
    if not wrong and not customer:
        known.books[month] = state


def _made_of(office: Office, record: CloseRecord) -> str:
    """Return a hash over all that a close comes of: facts, the close before, rules, the program; and over itself."""
    before = office.journal.closes.in_force(record.month.plus(-1))
    facts = [(file.path, file.sha256) for file in office.journal.facts.files(upto=record.sequence)]
    own = [
        record.sha256,
        record.number,
        before.sha256 if before else "",
        office.rules.version,
        office.home.version,
        __version__,
    ]
    return sha256(json.dumps([own, facts]).encode())


def _computed_anew(office: Office, record: CloseRecord) -> Iterator[LedgerProblem]:
    """Compute the close of the facts that it saw and the balances that the month before ended with, so identities from
    month to month are proven, too. Bytes may differ by the version of the writer, rows may not."""
    close, named = find_close(office, record.month), f"close {record.number} of {record.month}"
    where = close.folder.relative_to(office.home.path)
    facts = gather_facts(office, record.month, upto=record.sequence)
    with make_spill(office.home.ledger, "verify") as spare:
        with CloseWriter(Path(spare) / str(record.month)) as writer:
            whole = whole_of(facts.parts(record.month, part_of_close), writer)
            if whole.broken:
                what = f"does not reconcile: {'. '.join(map(str, whole.broken))}"
                yield LedgerProblem(where.as_posix(), what, named, _COMPUTED)
                return
            writer.finish()
        now, rules = file_hashes(writer.folder), office.rules.version
        changed = f" (rules {record.rules} then, {rules} now)" if rules != record.rules else ""
        for name in sorted(close.files.keys() | now.keys()):
            if close.files.get(name) != now.get(name) and not _same_rows(close.folder, writer.folder, name):
                file = (where / f"{name}.parquet").as_posix()
                yield LedgerProblem(file, f"differs from what its facts come to{changed}", named, _COMPUTED)


def _same_rows(one: Path, other: Path, name: str) -> bool:
    paths = [folder / f"{name}.parquet" for folder in (one, other)]
    return all(path.exists() for path in paths) and pq.read_table(paths[0]).equals(pq.read_table(paths[1]))
