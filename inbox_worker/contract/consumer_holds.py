"""Reasons that keep the name of a consumer who left although its term is over: letters and documents that are still
kept, words of other rows, the journal (4.1.12, 4.2.4, 8.10).

A name is taken out when nothing else of the home holds it, or goes with it: what is half gone is never called gone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inbox_worker.contract.former_consumers import FormerConsumer
from inbox_worker.contract.retention import KeptItem
from inbox_worker.core.hashes import require
from inbox_worker.core.model import Period
from inbox_worker.ledger.journal_texts import read_texts_that_stay
from inbox_worker.ledger.personal_data import find_named_aside, read_words
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.office import Office
from inbox_worker.month.rewriting import list_personal_files
from inbox_worker.settings.delivery_rules import EXPORT

# Columns of facts in people's own words.
_WORDS = ("basis", "reason", "payer", "purpose", "parameter", "document")
_WAITING = (DocumentState.PENDING, DocumentState.APPROVED)
_MONTH = "[0-9][0-9][0-9][0-9]-[01][0-9]"  # as a folder is named
_OF_EXPORTS = Period(1900, 1)  # an export tells of years before its own month (4.1.14)
_SHORTEST = 4  # letters: a shorter name makes nobody known, and is part of other words
_AT_ONCE = 100  # names
_ANSWERED = timedelta(31)  # answers leave within days; what came before the end is answered by then


def find_clearable(
    office: Office, former: Sequence[FormerConsumer], on: date, kept: Sequence[KeptItem]
) -> list[FormerConsumer]:
    """Return the consumers who left, those whose term is over with what else holds their names in `kept`. `kept`:
    letters and documents that stay."""
    over = {one.account: one for one in former if one.is_over(on) and one.places.files}
    if not over:
        return [*former]
    names, papers = _read_names(office, over), _Papers(office, kept)
    found = {account: list(papers.keep(one)) for account, one in over.items()}
    aside = find_named_aside(office.home.ledger, over)
    for why, accounts in (("words", _named_in_words(office, names)), ("journal", _named_in_journal(office, names)),
                          ("leftover", [one for _, those in aside for one in those])):  # fmt: skip
        for account in accounts:
            found[account].append(why)
    return [replace(one, kept=tuple(dict.fromkeys(found.get(one.account, one.kept)))) for one in former]


class _Papers:
    """Letters, documents and workbooks that stay, each asked of the journal once."""

    def __init__(self, office: Office, kept: Sequence[KeptItem]) -> None:
        documents, closed = office.journal.documents, {str(month) for month in list_closed_months(office)}
        versions = documents.versions()
        months = {one.id: _OF_EXPORTS if one.kind == EXPORT else Period.parse(one.month) for one in versions}
        self._operator, self._kept = office.home.operator.bin, kept
        self._months = {f"document {number}": month for number, month in months.items()}
        self._months |= {f"letter {one.letter}": months[one.document] for one in documents.proofs() if one.letter}
        self._waiting = [(version.bin, months[version.id]) for version in versions if version.state in _WAITING]
        for state in _WAITING:  # the journal knows what a pass over the outbox has seen
            folders = (path.parent for path in (office.home.outbox / state.value).glob(f"{_MONTH}/*/*"))
            self._waiting += [(one.name.partition(" ")[0], Period.parse(one.parent.name)) for one in set(folders)]
            exports = (office.home.outbox / state.value).glob(f"{_MONTH}/*/{EXPORT}-*")
            self._waiting += [(path.parent.name.partition(" ")[0], _OF_EXPORTS) for path in exports]
        files = list_personal_files(office.journal, office.home.path)
        self._old = {file.path.relative_to(office.home.path).as_posix() for file in files if not file.has_hash}
        self._unclosed = any(one.name not in closed for one in (office.home.ledger / "books").glob("*/"))

    def keep(self, one: FormerConsumer) -> Iterator[str]:
        """Yield what may hold the name and stays: conservatively, for to keep too long is mended next month."""
        last, owners = Period.of(one.since), {*one.customers, self._operator}
        forms = {form.rpartition("-")[0] for form in one.places.forms}
        yield from ("document" if item.kind == "documents" else "letter" for item in self._kept
                    if item.item in forms or self._may_hold(item, one, owners))  # fmt: skip
        if any(bin_ in owners and month <= last for bin_, month in self._waiting):
            yield "document"
        if self._old.intersection(one.places.closes):
            yield "old_close"
        if self._unclosed:
            yield "unclosed"

    def _may_hold(self, item: KeptItem, one: FormerConsumer, owners: Collection[str]) -> bool:
        """A document, or a letter with one, tells of its month; any other letter of what was before it."""
        if item.customer and not set(item.customer.split(" ")).intersection(owners):
            return False
        if month := self._months.get(item.item):
            return month <= Period.of(one.since)
        return item.since <= one.since + (_ANSWERED if item.kind == "sent_letters" else timedelta(0))


def _read_names(office: Office, accounts: Collection[str]) -> Mapping[str, set[str]]:
    """Return the accounts of every name and e-mail address of theirs."""
    asked, found = pa.array(sorted(accounts), pa.string()), dict[str, set[str]]()
    for file in list_personal_files(office.journal, office.home.path):
        if file.has_hash:
            for account, words in read_words(require(file.path, file.sha256), file.kind, asked).items():
                for word in words:
                    found.setdefault(word.strip().casefold(), set()).add(account)
    return {name: those for name, those in found.items() if sum(map(str.isalpha, name)) >= _SHORTEST}


def _named_in_words(office: Office, names: Mapping[str, set[str]]) -> set[str]:
    """Find whom facts name in words of people, whatever account they are of: a payer, a reason."""
    found = set[str]()
    for file in office.journal.facts.since(0):
        path = office.home.ledger / file.path
        there = [name for name in _WORDS if name in pq.read_schema(require(path, file.sha256)).names]
        for column in pq.read_table(path, columns=there).columns if there else ():
            if pa.types.is_string(column.type):
                found |= _find_in(column, names)
    return found


def _named_in_journal(office: Office, names: Mapping[str, set[str]]) -> set[str]:
    """Find whom texts of the journal name, but those that go with the name."""
    found = set[str]()
    for texts in read_texts_that_stay(office.journal.database):
        found |= _find_in(pa.chunked_array([pa.array(texts, pa.string())]), names)
    return found


def _find_in(texts: pa.ChunkedArray, names: Mapping[str, set[str]]) -> set[str]:
    """Return the accounts whose names stand in any of the texts, in letters of whatever case."""
    found, known = set[str](), sorted(names)
    for begin in range(0, len(known), _AT_ONCE):
        some = known[begin : begin + _AT_ONCE]
        hits = texts.filter(pc.match_substring_regex(texts, "|".join(map(re.escape, some)), ignore_case=True))
        said = "\n".join(hits.to_pylist()).casefold()
        found |= {account for name in some if name in said for account in names[name]}
    return found
