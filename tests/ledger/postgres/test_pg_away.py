"""PostgreSQL goes away at any moment of a form's way: nothing is lost or doubled, and the worker goes on by itself."""

from __future__ import annotations

import select
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import DBAPIError

from inbox_worker.core.errors import JournalError, is_environment_down
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.tries import TRIES
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.ledger.journal import open_journal
from inbox_worker.receiving.store import Incoming, keep
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import Home, load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import TownOn, known
from tests.support.office import customer, email_of, line, moment
from tests.support.postgres import Postgres
from tests.support.service import PATIENCE, ServiceProcess

NOW = moment("2026-08-20T12:00:00")
_ACCOUNTS = [str(account) for account in range(1001, 1061)]


@pytest.fixture
def forms(tmp_path: Path, reader: CellReader) -> list[Path]:
    """Forms of one row each, all different."""
    with TownOn(tmp_path / "maker", reader, "sqlite:///ledger/journal.db") as town:
        made = []
        for account in _ACCOUNTS:
            row = {"account": account, "service": "maintenance", "past_month": "06.2026", "amount": "-7"}
            made.append(tmp_path / f"{account}.xlsx")
            made[-1].write_bytes(town.form("recalculations", [row]))
    return made


def _home(folder: Path, reader: CellReader, url: str) -> Home:
    with TownOn(folder, reader, url) as town:
        town.load_customers(customer("A"))
        town.load_directory(*(line("A", account, "maintenance", tariff="30", area="10") for account in _ACCOUNTS))
    config = folder / "config.yaml"
    text = config.read_text("utf-8").replace("quiet_seconds: 2 ", "quiet_seconds: 0.05 ")
    config.write_text(text.replace("scan_seconds: 15 ", "scan_seconds: 0.5 "), "utf-8")
    return load_home(folder)


class _Cutter:
    """Ends every connection to a database right before a step: a statement that writes, or a commit."""

    def __init__(self, server: Postgres, database: str) -> None:
        self._server, self._database = server, database
        self.left = 0  # steps until the cut; 0 = none
        self.cuts: list[str] = []

    def step(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            assert self._server.cut(self._database) > 0
            self.cuts.append(name)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        def statement(_: Any, __: Any, words: str, *___: Any) -> None:
            if words.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                self.step(" ".join(words.split()[:3]))

        def commit(_: Any) -> None:
            self.step("commit")

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", commit)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", statement)
            event.remove(Engine, "commit", commit)


def _rows(home: Home) -> dict[str, Any]:
    """All but where a file was put (the cut may come between its move and the note of it) and what each home says of
    its own config, with what the chain of acts has of that."""
    journal = open_journal(home.journal_url)
    try:
        rows = dict(known(journal.database.engine))
    finally:
        journal.database.dispose()
    own = [row for row in rows["acts"] if row["act"] != "change"]
    acts = [{**row, "number": 0, "hash": "", "after": "" if row["act"] == "anchor" else row["after"]} for row in own]
    del rows["watched_files"]
    acts = [row for row in acts if row["act"] not in ("calendar", "command")]  # by the clock; of each run of a command
    return {**rows, "acts": acts, "arrivals": [{**row, "place": ""} for row in rows["arrivals"]]}


@pytest.mark.slow
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_a_connection_lost_before_any_step(
    tmp_path: Path, reader: CellReader, server: Postgres, forms: list[Path], every: int
) -> None:
    """Every form loses its journal at another step of its way, and is taken at the next pass as if nothing had been."""
    home, calm = (_home(tmp_path / name, reader, server.fresh()) for name in ("cut", "calm"))
    cutter = _Cutter(server, make_url(home.journal_url).database or "")
    with Worker(home) as worker:
        worker.once(NOW)  # the first pass of a home records its rules
    with Worker(home) as worker, cutter.at_work():
        for place, form in list(enumerate(forms, 1))[::every]:
            before = len(cutter.cuts)
            shutil.copy(form, home.inbox / "korrektirovki")
            cutter.left = place
            with suppress(DBAPIError, JournalError):
                worker.once(NOW)
            if len(cutter.cuts) == before:  # a form has fewer steps than that
                break
            worker.once(NOW)
            assert not (home.inbox / "korrektirovki" / form.name).exists(), cutter.cuts[-1]
    done = forms[:place:every]
    steps = {"commit", "INSERT INTO arrivals", "INSERT INTO submissions", "INSERT INTO fact_files"}
    assert every > 1 or steps <= set(cutter.cuts)
    assert 10 < place < len(forms)
    with Worker(calm) as worker:
        for form in done:
            shutil.copy(form, calm.inbox / "korrektirovki")
        worker.once(NOW)
    assert _rows(home) == _rows(calm)


@pytest.mark.slow
def test_a_server_that_goes_down_amid_a_try_blames_no_form(
    tmp_path: Path, reader: CellReader, own_server: Postgres, forms: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where nobody could be told that the try counts as none: three programs had it set aside as our fault."""
    home = _home(tmp_path / "home", reader, own_server.fresh())
    with own_journal(home) as journal:
        incoming = Incoming(forms[0].read_bytes(), "form.xlsx", "korrektirovki", NOW, email_of("A"))
        number = keep(journal, home.archive, incoming).number
    decide = Pipeline.decide

    def lose_journal(pipeline: Pipeline, arrival: Arrival) -> Arrival:
        own_server.crash()
        return decide(pipeline, arrival)

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "decide", lose_journal)
        for _ in range(TRIES):
            with Worker(home) as worker, pytest.raises((DBAPIError, JournalError)):
                worker.once(NOW)
            own_server.start()
    with Worker(home) as worker:
        worker.once(NOW)
    with own_journal(home) as journal:
        arrival = journal.arrivals.get(number)
    assert (arrival.outcome, arrival.tries) == (Outcome.ACCEPTED, 0)


def test_reading_goes_on_after_a_restart(server: Postgres, url: str) -> None:
    """One question fails with the server's end, the next one asks on a new connection."""
    journal = open_journal(url)
    assert journal.arrivals.find_undecided() == []
    server.cut(make_url(url).database or "")
    with pytest.raises(DBAPIError) as caught:
        journal.arrivals.find_undecided()
    assert is_environment_down(caught.value), "no file is to blame"
    assert journal.arrivals.find_undecided() == []
    journal.database.dispose()


@pytest.mark.slow
def test_a_server_killed_while_a_folder_is_taken_in(
    tmp_path: Path, reader: CellReader, own_server: Postgres, forms: list[Path]
) -> None:
    """SIGKILL to all of PostgreSQL, three times among sixty forms, under a running service."""
    home = _home(tmp_path / "home", reader, own_server.fresh())
    with ServiceProcess(home.path) as service:
        service.line(lambda line: "watching" in line)
        for form in forms:
            shutil.copy(form, home.inbox / "korrektirovki")
        for _ in range(3):
            for _ in range(7):
                service.line(lambda line: "decided" in line)
            own_server.crash()
            service.problem(lambda line: "pass failed" in line or "not decided" in line)
            own_server.start()
        until = time.monotonic() + PATIENCE
        while any((home.inbox / "korrektirovki").glob("*.xlsx")):
            assert time.monotonic() < until, service.err
            select.select([], [], [], 0.05)  # a look every 50 ms until all are taken
        service.kill()
    rows = _rows(home)
    assert sorted(row["source"] for row in rows["arrivals"][2:]) == [form.name for form in forms]
    assert {row["outcome"] for row in rows["arrivals"]} <= {"accepted", "deferred"}  # by the day of the test
    assert [row["sequence"] for row in rows["submissions"]] == list(range(1, len(forms) + 3))
    assert {row["tries"] for row in rows["arrivals"]} == {0}
