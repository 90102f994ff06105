"""Proofs of the journal and of files: whether it is whole, its numbers have no gaps, and which files it names by which
hash. Every problem at once; nothing is changed."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inbox_worker.core.files import remedy_of
from inbox_worker.core.hashes import lack, trouble_here
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.rewritten import find_current_hashes
from inbox_worker.ledger.soundness import find_unsound, is_shut, tell_unreadable
from inbox_worker.ledger.sqlite import RESTORE_JOURNAL

JOURNAL = "the journal"
_TO_THE_OUTBOX = "put it back from the bin or the backup, or make the month's documents again"
_MOST_NAMED = 20
_REFERENCES = (  # table, its name of a row, its column, the table and column that must have it
    ("submissions", "id", "arrival", "arrivals", "number"),
    ("submissions", "id", "replaces", "submissions", "id"),
    ("submissions", "id", "replaced_by", "submissions", "id"),
    ("submissions", "id", "duplicate_of", "submissions", "id"),
    ("fact_files", "path", "submission", "submissions", "id"),
    ("customers", "bin", "submission", "submissions", "id"),
    ("customer_versions", "bin", "submission", "submissions", "id"),
    ("findings", "id", "arrival", "arrivals", "number"),
    ("answer_files", "submission", "submission", "submissions", "id"),
    ("close_files", "name", "month", "closes", "month"),
    ("outbox_moves", "id", "document", "outbox_documents", "id"),
    ("outbox_proofs", "id", "document", "outbox_documents", "id"),
    ("transfers", "number", "distribution", "distributions", "number"),
    ("transfers", "number", "payment_order", "payment_orders", "number"),
    ("letter_returns", "id", "delivery", "deliveries", "id"),
)
NO_CLOSE = "is closed, and names no close of it"
_OPEN_CLOSES = """
select m.month from months m where m.state = 'closed'
and not exists (select 1 from closes c where c.month = m.month and c.reopened_at = '') order by m.month
"""
_CLOSED_MONTHS = """
select c.month from closes c where c.reopened_at = ''
and not exists (select 1 from months m where m.month = c.month and m.state = 'closed') order by c.month
"""


@dataclass(frozen=True)
class LedgerProblem:
    """Something of the ledger that is not as the journal says. `since`: the submission, close, letter or document that
    named the file; '' when it is the journal itself."""

    file: str
    what: str
    since: str
    remedy: str

    def __str__(self) -> str:
        named = f" ({self.since} named it)" if self.since else ""
        return f"{self.file} {self.what}{named}; {self.remedy}"

    def line(self, translate: Callable[[str], str]) -> str:
        """Return the problem on one line for who reads another language than English."""
        named, what = translate(f"({self.since} named it)") if self.since else "", translate(self.what)
        joint = " " if what == self.what else ": "  # other languages do not go on with the name of a file
        problem = f"{translate(self.file)}{joint}{what} {named}".rstrip()
        return "; ".join(filter(None, (problem, translate(self.remedy))))


@dataclass(frozen=True)
class NamedFile:
    """A file that the journal names, by what. `may_go`: it is where people may take it away, `or_at`: or put it."""

    path: Path
    sha256: str
    since: str
    may_go: bool = False
    or_at: tuple[Path, ...] = ()
    remedy: str = ""  # when it is gone; '' = as of any file

    @property
    def moved(self) -> bool:
        """Tell whether it is not there, and may be elsewhere."""
        return not self.path.exists() and (self.may_go or any(path.is_file() for path in self.or_at))


def journal_problems(journal: Journal, deep: bool) -> list[LedgerProblem]:
    """Find what keeps the journal from being whole and agreeing with itself."""
    broken: list[tuple[str, str]] = []
    try:
        broken.extend(find_unsound(journal, deep))
        if not any(is_shut(what) for what, _ in broken):
            broken.extend(_contents(journal))
    except DBAPIError as error:
        broken.append((tell_unreadable(error), RESTORE_JOURNAL))
    return [LedgerProblem(JOURNAL, what, "", remedy) for what, remedy in broken]


def cannot_be_asked(found: Iterable[LedgerProblem]) -> bool:
    """Tell whether a journal with these problems answers nothing that could be believed."""
    return any(one.file == JOURNAL and is_shut(one.what) for one in found)


def file_problems(files: Iterator[NamedFile], home: Path, deep: bool) -> list[LedgerProblem]:
    """Find files that are not there, cannot be read or, `deep`, are not what the journal names. Of a folder that is
    closed to us one line is told, not one of each file."""
    found: dict[Path, LedgerProblem] = {}
    for file in files:
        what, remedy = trouble_here(file.path, file.sha256) if deep else lack(file.path)
        if not what:
            continue
        if barred := _find_closed_folder(file.path, home):
            found.setdefault(barred, unread(PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(barred))))
        elif not file.moved:
            shown = file.path.relative_to(home) if file.path.is_relative_to(home) else file.path
            known = file.remedy if file.remedy and not file.path.is_file() else remedy
            found.setdefault(file.path, LedgerProblem(shown.as_posix(), what, file.since, known))
    return list(found.values())


def unread(error: OSError) -> LedgerProblem:
    """Return what the disk does not give us, and what to do."""
    return LedgerProblem(
        str(error.filename or JOURNAL), f"cannot be read: {error.strerror or error}", "", remedy_of(error)
    )


def _find_closed_folder(path: Path, home: Path) -> Path | None:
    """The topmost folder of the home above a file that is closed to us."""
    above = [parent for parent in path.parents if parent.is_relative_to(home)]
    return next((one for one in reversed(above) if one.is_dir() and not os.access(one, os.R_OK | os.X_OK)), None)


def kept_files(journal: Journal, home: Path) -> Iterator[NamedFile]:
    """List what is never written again, and was not destroyed by certificate: facts, and letters as they came. Closes
    are in `month/frozen.py`."""
    yield from _still_kept(journal, home, _facts_and_letters(journal, home))


def _still_kept(journal: Journal, home: Path, files: Iterator[NamedFile]) -> Iterator[NamedFile]:
    gone = {home / path for path in journal.destroyed.gone()}
    return (file for file in files if file.path not in gone)


def _facts_and_letters(journal: Journal, home: Path) -> Iterator[NamedFile]:
    now = find_current_hashes(journal.database)
    with journal.database.connect_for_queries() as connection:
        for row in connection.execute(select(t.fact_files).order_by(t.fact_files.c.path)).all():
            yield NamedFile(home / "ledger" / row.path, now.get(row.sha256, row.sha256), row.submission)
        for row in connection.execute(select(t.arrivals).order_by(t.arrivals.c.number)).all():
            yield NamedFile(home / "archive" / row.raw, row.sha256, f"IW-{row.number:06d}")


def named_files(journal: Journal, home: Path) -> Iterator[NamedFile]:
    """List every file that the journal names by its hash and that was not destroyed, but those of closes."""
    return _still_kept(journal, home, _every_file(journal, home))


def _every_file(journal: Journal, home: Path) -> Iterator[NamedFile]:
    yield from _facts_and_letters(journal, home)
    archive = home / "archive"
    with journal.database.connect_for_queries() as connection:
        for row in connection.execute(select(t.answer_files).order_by(t.answer_files.c.submission)).all():
            yield NamedFile(archive / "answers" / f"{row.submission}.xlsx", row.sha256, row.submission)
        letters = select(o.deliveries).where(o.deliveries.c.path != "").order_by(o.deliveries.c.id)
        for row in connection.execute(letters).all():
            yield NamedFile(archive / row.path, row.sha256, f"letter {row.id}")
    yield from _documents(journal, home)
    for one in journal.destroyed.all():
        if one.sha256:
            yield NamedFile(home / one.path, one.sha256, f"certificate {one.number}")


def _documents(journal: Journal, home: Path) -> Iterator[NamedFile]:
    """Approved and sent documents. People may still take back what is approved; what is pending is theirs. One that was
    delivered may lie in `sent` before the journal says so: a kill leaves that, and the next pass takes note."""
    d, p = o.outbox_documents.c, o.outbox_proofs.c
    documents = select(o.outbox_documents).where(d.state.in_(("approved", "sent")), d.sha256_now != "").order_by(d.id)
    proofs = select(o.outbox_proofs).where(p.way == "folder", p.path != "", p.sha256 != "").order_by(p.id)
    with journal.database.connect_for_queries() as connection:
        delivered = set(connection.execute(select(p.document).distinct()).scalars())
        for row in connection.execute(documents).all():
            path = home / "outbox" / row.state / row.month / row.folder / row.name
            below = Path(row.month, row.folder, row.name)
            elsewhere = ("pending", "rejected", *(["sent"] if row.id in delivered else []))
            back = tuple(home / "outbox" / state / below for state in elsewhere)
            named = f"document {row.id}, {row.state}"
            if row.state == "approved":
                yield NamedFile(path, row.sha256_now, named, or_at=back, remedy=_TO_THE_OUTBOX)
            else:
                yield NamedFile(path, row.sha256_now, named)
        for row in connection.execute(proofs).all():
            yield NamedFile(home / row.path, row.sha256, f"document {row.document}, handed over", True)


def _contents(journal: Journal) -> Iterator[tuple[str, str]]:
    yield from ((what, RESTORE_JOURNAL) for look in (_references, _gaps) for what in look(journal))


def _references(journal: Journal) -> Iterator[str]:
    """Rows that speak of rows that are not there."""
    for table, name, column, other, key in _REFERENCES:
        at, to, aim = t.metadata.tables[table], t.metadata.tables[other], f"{other}.{key}"
        source = at.alias("source")
        is_set = source.c[column] != ("" if str(source.c[column].type) != "INTEGER" else 0)
        query = select(source.c[name], source.c[column]).where(
            is_set, ~select(to.c[key]).where(to.c[key] == source.c[column]).correlate(source).exists()
        )
        with journal.database.connect_for_queries() as connection:
            for row in connection.execute(query.limit(_MOST_NAMED)).all():
                named = row[1] if isinstance(row[1], int) else str(row[1])
                yield f"names {named!r} in {table}.{column} of {row[0]!r}, and there is none in {aim}"
    with journal.database.connect_for_queries() as connection:
        for month in connection.execute(text(_OPEN_CLOSES)).scalars().all():
            yield f"says that {month} is closed, and names no close of it"
        for month in connection.execute(text(_CLOSED_MONTHS)).scalars().all():
            yield f"says that {month} is not closed, and names a close of it that nobody reopened"


def _gaps(journal: Journal) -> Iterator[str]:
    """Numbers that were given and are not there: of arrivals, in the order of posting, of documents (4.1.11)."""
    head = journal.database.head()  # first: what comes meanwhile only adds
    s, d = t.submissions.c, t.documents.c
    with journal.database.connect_for_queries() as connection:
        arrivals = set(connection.execute(select(t.arrivals.c.number)).scalars())
        postings = set(connection.execute(select(s.sequence).where(s.sequence > 0)).scalars())
        numbered = connection.execute(select(d.kind, d.number)).all()
    yield from _find_gaps("arrivals", arrivals, head.arrival, "IW-{:06d}")
    yield from _find_gaps("postings", postings, head.sequence, "{}")
    series: dict[tuple[str, str], set[int]] = defaultdict(set)
    for kind, number in numbered:
        year, _, place = number.partition("-")
        if place.isdecimal():
            series[kind.partition("_cancel")[0], year].add(int(place))
    for (kind, year), places in sorted(series.items()):
        yield from _find_gaps(f"documents of kind {kind}", places, 0, year + "-{:05d}")


def _find_gaps(what: str, there: set[int], given: int, shape: str) -> Iterator[str]:
    lacking = sorted(set(range(1, max([given, *there]) + 1)) - there)
    if lacking:
        named = ", ".join(shape.format(number) for number in lacking[:_MOST_NAMED])
        more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        yield f"has a gap in the numbers of {what}: {named}{more}"
