"""No file whatever ends the worker: every mutation of a valid file gets an outcome, in time, and posts whole or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from making import csv, members, ods, xls, xlsx, zipped
from odd_books import BOOKS, HEADER, TOP

from inbox_worker.receiving.store import Incoming
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import BINS, TownOffice, customer, email_of, line, moment
from tests.support.papers import File, letter

BOUNDED = settings(
    derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
ROWS = [[f"100{n}", "Холодная вода", f"М{n}", None, 50 + n, "20.08.2026"] for n in range(1, 6)]
FORM = [*TOP[:3], ["БИН заказчика", BINS["A"]], *TOP[4:], HEADER, *ROWS]
BOOK = xlsx(FORM)
SEEDS: dict[str, bytes] = {
    "a.xlsx": BOOK,
    "b.xls": xls(FORM),
    "c.ods": ods(FORM),
    "d.csv": csv(FORM),
    "e.zip": zipped({"форма.xlsx": BOOK}),
    "f.eml": letter(email_of("A"), [File("форма.xlsx", BOOK)], "<1@a>", "", "", {}),
}
PARTS = [n for n in members(BOOK) if n.startswith("xl/") or n == "[Content_Types].xml"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:
    with TownOffice(tmp_path_factory.mktemp("fuzz") / "home", reader) as office:
        office.load_customers(customer("A", utilities=True))
        office.load_directory(
            *(
                line("A", account=r[0], service="cold_water", base="счётчик", tariff="5", meter=r[2], reading="1")
                for r in ROWS
            )
        )
        yield office


def cut(data: bytes, draw: Callable[..., int]) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def flipped(data: bytes, draw: Callable[..., int]) -> bytes:
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 12))):
        changed[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(changed)


def doubled(data: bytes, draw: Callable[..., int]) -> bytes:
    """A stretch stands twice, or is gone."""
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 400)))
    return data[:end] + data[start:] if draw(st.booleans()) else data[:start] + data[end:]


def inside(data: bytes, draw: Callable[..., int]) -> bytes:
    """A sound zip around a spoilt part: the parser meets it, not the unpacker."""
    parts = members(BOOK)
    name = draw(st.sampled_from(PARTS))
    spoil = draw(st.sampled_from([cut, flipped, doubled]))
    return zipped({**parts, name: spoil(parts[name], draw)})


def digits(data: bytes, draw: Callable[..., int]) -> bytes:
    """Numbers of the sheet's XML become huge, negative, nothing."""
    parts = members(BOOK)
    name = draw(st.sampled_from(PARTS))
    text = parts[name].decode()
    places = [n for n, c in enumerate(text) if c.isdigit()]
    at = draw(st.sampled_from(places)) if places else 0
    odd = draw(st.sampled_from(["99999999999", "-1", "", "1e400", "NaN", "0", "\u0661", "4294967296"]))
    return zipped({**parts, name: (text[:at] + odd + text[at + 1 :]).encode()})


def prove(town: TownOffice, data: bytes, name: str, files: int = 1) -> None:
    limits, journal = town.office.rules.limits, town.office.journal
    started = time.monotonic()
    answer = town._answer(town._pipeline.ingest(Incoming(data, name, "bigoperators", moment("2026-08-20"))))
    assert time.monotonic() - started < limits.file_seconds * files
    assert answer.arrival.outcome is not None
    for submission in answer.submissions:
        facts = [file for file in journal.facts.files() if file.submission == submission["submission"]]
        written = sum(pq.read_metadata(town.office.home.ledger / file.path).num_rows for file in facts)
        assert written == submission["rows_posted"]
        if submission["outcome"] not in ("accepted", "deferred"):
            assert written == 0
            assert submission["findings"]
    assert journal.arrivals.find_undecided() == []


def play(town: TownOffice, examples: int) -> None:
    spoilers = [cut, flipped, doubled, inside, inside, digits, digits]

    @settings(BOUNDED, max_examples=examples)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(SEEDS)))
        spoil = data.draw(st.sampled_from(spoilers))
        if spoil in (inside, digits):
            name = "a.xlsx"
        prove(town, spoil(SEEDS[name], data.draw), name)

    run()
    town.office.journal.database.dispose()
    loose = {p.relative_to(town.office.home.ledger).as_posix() for p in _facts(town)}
    assert loose == {file.path for file in town.office.journal.facts.files()}
    fresh = xlsx([*FORM[:-1], [*ROWS[-1][:4], 99, ROWS[-1][5]]])
    sound = town._answer(town._pipeline.ingest(Incoming(fresh, "a.xlsx", "bigoperators", moment("2026-08-21"))))
    assert sound.outcome in ("accepted", "duplicate")


def _facts(town: TownOffice) -> Iterator[Path]:
    return (town.office.home.ledger / "facts").rglob("*.parquet")


def test_mutations_of_valid_files_always_get_an_outcome(town: TownOffice) -> None:
    play(town, 60)


@pytest.mark.slow
def test_many_mutations_of_valid_files_always_get_an_outcome(town: TownOffice) -> None:
    play(town, 1500)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_the_corpus_through_the_pipeline(town: TownOffice, every: int) -> None:
    """The odd files, as bare workbooks and in a letter all at once."""
    books = list(BOOKS.items())[::every]
    for name, make in books:
        prove(town, make(), name)
    files = [File(name, make()) for name, make in books]
    prove(town, letter(email_of("A"), files, "<all@a>", "", "", {}), "all.eml", len(files))
