"""Destruction of what is not kept any more, by two people: one proposes, another destroys (4.1.12, 4.1.14, 8.10).

Law of order: facts and closes without the names of consumers who left, beside their places; the commit that says
`destroying`; `ledger/destroyed.jsonl`; each file away; what was written anew into its place, workbooks with it; the
certificate; the commit that says `destroyed`. After a kill the same command goes on; what is half done is never called
whole. The files count as destroyed, and as written anew, from the first commit on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from inbox_worker.contract.retention import KeptItem, find_items
from inbox_worker.core.files import sha256, sha256_file, sync_folder, write_atomic
from inbox_worker.core.hashes import DESTROYED, trouble
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.certificate import render_certificate
from inbox_worker.ledger.acts import find_user, record_act
from inbox_worker.ledger.bill_recipients import clear_recipients, find_months
from inbox_worker.ledger.destroyed import (
    BROUGHT_BACK,
    DESTROY,
    FINISH,
    GONE,
    PROPOSE,
    Certificate,
    CertificateState,
    CertifiedItems,
    DestroyedFile,
    find_people,
    write_line,
    write_lines,
)
from inbox_worker.month.clock import doubt_clock
from inbox_worker.month.office import Office
from inbox_worker.outbox.clearing import find_cleared, foresee_rewriting, install_all, stage_again
from inbox_worker.outbox.destroyed_again import RetentionError, is_left, read_stated_of
from inbox_worker.outbox.folder_manifests import write_manifests_of
from inbox_worker.outbox.letter_copies import find_copies, remove_copies
from inbox_worker.outbox.vouched import require_vouched
from inbox_worker.settings.likeness import is_same_person


@dataclass(frozen=True)
class Destruction:
    """A destruction that is whole: its certificate, what it is about, and where its document is."""

    certificate: Certificate
    items: CertifiedItems
    document: Path


def propose(office: Office, now: datetime, customer: str = "") -> tuple[Certificate, CertifiedItems]:
    """Propose to destroy all that may go today, or one Customer's. A proposal that waits is withdrawn by it. Raises
    UnknownCustomer; RetentionError when nothing may go, or a file is not what the journal names: that is mended
    first."""
    _require_clock(office, now)
    if customer:
        office.journal.customers.require_known(customer)
    today = to_almaty(now).date()
    known = find_items(office, today)
    going = [one for one in known if one.may_go(today) and (not customer or customer in one.customer.split(" "))]
    accounts = find_cleared(office, today, known, {one.item for one in going}, customer)
    if not going and not accounts:
        raise RetentionError("nothing may be destroyed today; `retention list` tells what is kept and why")
    items = CertifiedItems(_files_of(office, going), accounts, foresee_rewriting(office, accounts))
    with office.journal.transaction() as connection:
        number = office.journal.destroyed.propose(connection, now.isoformat(), find_user(), items)
        record_act(connection, PROPOSE, str(number), now, details=_describe(items), after=items.hash)
    return _find(office, number), items


def destroy(office: Office, number: int, now: datetime) -> Destruction:
    """Destroy what was proposed under a number, or finish what a kill left. Raises RetentionError when whoever proposed
    it asks, or something of it may not go any more."""
    destroyed = office.journal.destroyed
    found = next((one for one in destroyed.all() if one.number == number), None)
    if found is None or found.state not in GONE:
        found = _adopt(office, number, found, now) or found
    if found is None or found.state is CertificateState.WITHDRAWN:
        raise RetentionError(f"there is no proposal {number}; `retention list` shows the one that waits")
    if found.state is CertificateState.DESTROYED and not is_left(office, found):
        raise RetentionError(f"{number} was destroyed on {found.destroyed_at[:10]} already: {found.path}")
    if found.state is CertificateState.PROPOSED:
        _begin(office, found, destroyed.items(number), now)
    _carry_out(office, number)
    return _finish(office, number, now)


def foresee(office: Office, number: int, now: datetime) -> tuple[Certificate, CertifiedItems, list[Path]]:
    """Return what `destroy` would destroy, or finish, and the copies of its letters beside the archive. Raises
    RetentionError as `destroy` does, but for what comes out otherwise when it is written anew: nothing is written."""
    found = next((one for one in office.journal.destroyed.all() if one.number == number), None)
    if found is None or found.state in (CertificateState.WITHDRAWN, CertificateState.DESTROYED):
        raise RetentionError(f"there is no proposal {number}; `retention list` shows the one that waits")
    items = office.journal.destroyed.items(number)
    if found.state is CertificateState.PROPOSED:
        _require_another_person(office, found)
        _require_clock(office, now)
        _require_free(office, found, items, to_almaty(now).date())
    return found, items, [path for _, path in find_copies(office, number)]


def _require_clock(office: Office, now: datetime) -> None:
    """A clock that is ahead would end terms years early."""
    if doubt := doubt_clock(office.journal.database, now, office.rules.retention.clock.days):
        raise RetentionError(
            f"{doubt}; nothing is destroyed before somebody looked at the machine's clock: set it right, or, when it "
            "is, `inbox-worker retention clock --by TEXT`"
        )


def _begin(office: Office, found: Certificate, items: CertifiedItems, now: datetime) -> None:
    who = _require_another_person(office, found)
    _require_clock(office, now)
    _require_still_free(office, found, items, to_almaty(now).date())
    with office.journal.transaction() as connection:
        values = {"state": CertificateState.DESTROYING, "destroyed_at": now.isoformat(), "destroyed_by": who}
        office.journal.destroyed.change(connection, found.number, **values)
        _forget(office, connection, found.number, items)
        details = f"{_describe(items)}; proposed by {found.proposed_by}"
        record_act(connection, DESTROY, str(found.number), now, details=details, after=found.items)


def _require_another_person(office: Office, found: Certificate) -> str:
    """Return who destroys. Raise RetentionError for who proposed it."""
    who = find_user()
    proposed_by, _ = find_people(office.journal.database, found.number)
    if proposed_by != found.proposed_by:
        raise RetentionError(f"certificate {found.number} names another person than the acts do; propose anew")
    if is_same_person(who, proposed_by):
        known = who if who == proposed_by else f"{who}, who is read as {proposed_by},"
        raise RetentionError(f"{known} proposed {found.number}; another person destroys it, under another log-in name")
    return who


def _require_still_free(office: Office, found: Certificate, certified: CertifiedItems, today: date) -> None:
    """Raise RetentionError for what may not go any more; what is written anew is left beside its place."""
    _require_free(office, found, certified, today)
    if not stage_again(office, certified.accounts, certified.rewritten):
        raise RetentionError(
            f"files that proposal {found.number} writes anew were added since, or come out otherwise by this version "
            "of the program; propose anew"
        )


def _require_free(office: Office, found: Certificate, certified: CertifiedItems, today: date) -> None:
    known = find_items(office, today)
    items = {item.item: item for item in known}
    for file in certified.files:
        item = items.get(file.item)
        if item is None or not item.may_go(today) or (file.path, file.sha256) not in item.files:
            why = f" ({', '.join(item.kept)})" if item and item.kept else ""
            raise RetentionError(f"{file.item} of proposal {found.number} may not go any more{why}; propose anew")
    for file in certified.files:
        _require_whole(office.home.path / file.path, file.path, file.sha256)
    free = {one.account for one in find_cleared(office, today, known, {file.item for file in certified.files})}
    if held := sorted({one.account for one in certified.accounts} - free):
        raise RetentionError(f"account {held[0]} of proposal {found.number} may not go any more; propose anew")


def _require_whole(place: Path, path: str, digest: str) -> None:
    what, remedy = trouble(place, digest)
    if what:
        raise RetentionError(f"{path} {what}; {remedy}, before anything is destroyed")


def _carry_out(office: Office, number: int) -> None:
    """Write what is destroyed outside of the journal, in the archive, too, then do away with the files, and put what
    was written anew into its place."""
    write_atomic(office.home.path / DESTROYED, write_lines(office.journal.destroyed, read_stated_of(office)))
    found, items = _find(office, number), office.journal.destroyed.items(number)
    write_atomic(office.home.path / found.lines, write_line(found, items))
    folders = set()
    for file in items.files:
        path = office.home.path / file.path
        path.unlink(missing_ok=True)
        folders.add(path.parent)
    for folder in sorted(folders):
        if folder.is_dir():
            sync_folder(folder)
    remove_copies(office, number)
    if items.accounts:
        install_all(office, items.rewritten)
    months = find_months(office.journal.database, [one.account for one in items.accounts], _documents_of(items))
    for problem in write_manifests_of(office, months):
        raise RetentionError(f"{problem.path}: {problem.more}; mend it, then `retention destroy {number}` goes on")
    if not office.journal.database.forget_what_was():
        raise RetentionError(
            f"another program has been reading the journal for long; end it, then `retention destroy {number}` goes on"
        )


def _finish(office: Office, number: int, now: datetime) -> Destruction:
    found, items = _find(office, number), office.journal.destroyed.items(number)
    path, written = office.home.path / found.path, found.state is CertificateState.DESTROYED
    if written and path.is_file() and sha256_file(path) == found.sha256:
        return Destruction(found, items, path)  # an earlier version may have laid it out otherwise
    data = render_certificate(found, items, office.home.operator, office.rules.texts)
    if written and sha256(data) != found.sha256:
        raise RetentionError(
            f"all that {number} names is destroyed, but {found.path} is not what was written, and this version lays it "
            "out otherwise; restore it from the backup"
        )
    write_atomic(path, data)
    if not written:
        with office.journal.transaction() as connection:
            values = {"state": CertificateState.DESTROYED, "finished_at": now.isoformat(), "sha256": sha256(data)}
            office.journal.destroyed.change(connection, number, **values)
            record_act(connection, FINISH, str(number), now, details=_describe(items), after=sha256(data))
    return Destruction(_find(office, number), items, path)


def _adopt(office: Office, number: int, known: Certificate | None, now: datetime) -> Certificate | None:
    """Take up a certificate that a journal out of an older backup does not know, or knows as a proposal: two people had
    destroyed it."""
    for stated, items in read_stated_of(office):
        if stated.number != number:
            continue
        if known and known.items != stated.items:
            another = f"proposal {number} is another than what was destroyed as {number} before this home was restored"
            raise RetentionError(f"{another}; propose anew: it is destroyed under the next number")
        require_vouched(office, (stated, items), now)
        with office.journal.transaction() as connection:
            office.journal.destroyed.take_up(connection, stated, None if known else items)
            _forget(office, connection, stated.number, items)
            details = f"{_describe(items)}; by {stated.destroyed_by}, {BROUGHT_BACK}"
            record_act(connection, DESTROY, str(number), now, details=details, after=stated.items)
        return stated
    return None


def _forget(office: Office, connection: Connection, number: int, items: CertifiedItems) -> None:
    """Note that no file of these documents is there: their rows stay as the proof, and it is no loss from now on. Take
    out to whom bills of the accounts went."""
    for document in _documents_of(items):
        office.journal.documents.change(connection, document, sha256_now="")
    clear_recipients(connection, number, [one.account for one in items.accounts])


def _documents_of(items: CertifiedItems) -> list[int]:
    return sorted({int(file.item.partition(" ")[2]) for file in items.files if file.kind == "documents"})


def _find(office: Office, number: int) -> Certificate:
    return next(one for one in office.journal.destroyed.all() if one.number == number)


def _files_of(office: Office, items: Sequence[KeptItem]) -> list[DestroyedFile]:
    files = {}
    for item in items:
        for path, digest in item.files:
            place = office.home.path / path
            _require_whole(place, path, digest)
            words = item.item, item.kind, item.customer, item.since.isoformat(), item.clause, item.decided
            files[path] = DestroyedFile(path, digest, place.stat().st_size, *words)
    return [files[path] for path in sorted(files)]


def _describe(items: CertifiedItems) -> str:
    described = f"files {len(items.files)}, bytes {sum(file.size for file in items.files)}"
    cleared = f"; accounts {len(items.accounts)}, written anew {len(items.rewritten)}" if items.accounts else ""
    return described + cleared
