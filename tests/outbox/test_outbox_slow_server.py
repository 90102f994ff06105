"""4.1.2, 10.12: a server that answers after we stopped waiting has the letter, or not: it is shown, not repeated."""

from __future__ import annotations

import json
import threading
from pathlib import Path

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
