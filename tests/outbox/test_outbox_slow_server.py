"""4.1.2, 10.12: a server that answers after we stopped waiting has the letter, or not: it is shown, not repeated."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

from inbox_worker.core import waits
from inbox_worker.core.locks import hold_lock, holder_of
from inbox_worker.core.model import Language
from inbox_worker.core.translated import translator
from inbox_worker.core.users import find_user
from inbox_worker.month import office
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.outbox.papers_home import MONTH, give, listed, make_home, rows
from tests.support.here import Runner
from tests.support.mail_sink import Server, Sink


class LateSink(Sink):
    """Takes a letter, and answers only when it is told to: after our time-out."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.on_data = self._wait

    def _wait(self) -> None:
        assert self.answers.wait(60)


@pytest.mark.slow
def test_an_answer_after_the_time_out(reader: CellReader, runner: Runner, tmp_path: Path) -> None:
    sink = LateSink()
    with Server(sink) as server:
        home = make_home(tmp_path / "home", reader, ["turnover"], smtp=server.port)
        config = home / "config.yaml"
        config.write_text(config.read_text("utf-8").replace("timeout: 5", "timeout: 0.3, answer_timeout: 0.3"), "utf-8")
        give(runner, home, "outbox", "approve", "--all")
        give(runner, home, "outbox", "send", "--all")
        sink.answers.set()
        for command in (("outbox", "send", "--all"), ("once",), ("once",)):
            give(runner, home, *command)
        assert len(sink.letters) == 1, "it is not sent again"
        (letter,) = rows(home, "select state, tries, last_answer from deliveries")
        assert (letter["state"], letter["tries"]) == ("uncertain", 1) and "no answer after the letter" in letter[
            "last_answer"
        ]
        found = listed(runner, home)
        states = {(one["state"], one["deliveries"][0]["state"]) for one in found["documents"]}
        assert states == {("approved", "uncertain")}
        assert {problem["code"] for problem in found["problems"]} == {"outbox.letter_uncertain"}
        assert all("first@a.example" in problem["ru"] for problem in found["problems"])
        shown = json.loads(give(runner, home, "deliveries", "--json").out)
        assert [one["state"] for one in shown["deliveries"]] == ["uncertain"]
        give(runner, home, "deliveries", "--again", "1")  # the Customer says that it is not there
        give(runner, home, "once")
        give(runner, home, "once")
        first, second = (str(got.message["Message-ID"]) for got in sink.letters)
        assert first == second, "a reader that has both sees one"
        assert [row["state"] for row in listed(runner, home, "--all")["documents"]] == ["sent"] * 2
        assert listed(runner, home)["problems"] == []


def test_bills_behind_a_slow_letter_still_go(reader: CellReader, runner: Runner, tmp_path: Path) -> None:
    """One consumer's letter is uncertain; the others' wait for the server, and none goes twice."""
    sink = LateSink()
    with Server(sink) as server:
        home = make_home(tmp_path / "home", reader, ["bills"], smtp=server.port)
        config = home / "config.yaml"
        config.write_text(config.read_text("utf-8").replace("timeout: 5", "timeout: 0.3, answer_timeout: 0.3"), "utf-8")
        give(runner, home, "outbox", "approve", "--all")
        give(runner, home, "bills", "send", MONTH, code=1)
        sink.answers.set()
        letters = rows(home, "select id, recipient, state from deliveries order by id")
        assert [letter["state"] for letter in letters].count("uncertain") == 1
        for letter in letters:
            if letter["state"] == "retry":  # in a minute by itself
                give(runner, home, "deliveries", "--again", str(letter["id"]))
        answer = json.loads(give(runner, home, "bills", "send", MONTH, "--json").out)
        assert answer["letters"] == {"sent": 2, "uncertain": 1}
        assert [problem["code"] for problem in answer["problems"]] == ["outbox.letter_uncertain"]
        assert sorted(got.recipients[0] for got in sink.letters) == sorted(letter["recipient"] for letter in letters)


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("language", "awaited", "busy"),
    [("ru", "он ещё не сказал, принял ли его", "работает другой inbox-worker"),
     ("kk", "қабылдағанын әлі айтқан жоқ", "басқа inbox-worker жұмыс істеп жатыр"),
     ("en", "does not say yet whether it takes it", "another inbox-worker is busy")],
)  # fmt: skip
def test_a_person_hears_what_is_awaited_and_others_who_has_the_home(
    reader: CellReader, runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language,
    awaited: str, busy: str,
) -> None:  # fmt: skip
    """`outbox send` holds the home while a mail server is silent (546): it said nothing, nor why others waited."""
    monkeypatch.setattr(waits, "_QUIET", 0.0)
    monkeypatch.setattr(office, "_LOCK_SECONDS", 0.01)
    heard, sink = list[str](), Sink()

    def look() -> None:
        """A command of another person, while the server keeps its answer back."""
        for _ in range(1000):
            with pytest.raises(office.Busy) as told, office.lock_for_writing(load_home(home)):
                pass
            heard[:] = [str(told.value)]
            if "the mail server" in heard[0]:
                break

    with Server(sink) as server:
        home = make_home(tmp_path / "home", reader, ["turnover"], smtp=server.port)
        give(runner, home, "outbox", "approve", "--all")
        sink.on_data = look
        sent = runner.run("--home", home, "--lang", language, "outbox", "send", "--all", "--json")
    assert sent.code == 0 and json.loads(sent.out)["problems"] == []
    (line,) = (line for line in sent.err.splitlines() if awaited in line)
    assert re.search(r"first@a\.example.* \d\d:\d\d:\d\d|\d\d:\d\d:\d\d.*first@a\.example", line)
    said = translator(language)(heard[0])
    assert busy in said and awaited in said and find_user() in said
    assert "`inbox-worker outbox send --all --json`" in said
    with office.lock_for_writing(load_home(home)):
        assert "the mail server" not in holder_of(home / "ledger" / ".lock")


def test_letters_that_another_sender_takes_are_told(reader: CellReader, runner: Runner, tmp_path: Path) -> None:
    """The service sends just then: the command said nothing and its letters did not leave."""
    with Server(Sink()) as server:
        home = make_home(tmp_path / "home", reader, ["turnover"], smtp=server.port)
        give(runner, home, "outbox", "approve", "--all")
        with hold_lock(home / "ledger" / ".sending.lock"):
            sent = give(runner, home, "--lang", "ru", "outbox", "send", "--all")
    assert "письма сейчас отправляет другой inbox-worker: `inbox-worker" in sent.err and "он возьмёт и эти" in sent.err
