"""A kill at any step of cancelling an act, of taking in a report about a letter, and of sending real bills: all of it
happens exactly once, or is listed as uncertain (4.1.2, 4.1.11, 10.12).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.outbox.papers_home import (
    MONTH,
    TO_ACCOUNTS,
    give,
    in_rules,
    listed,
    make_home,
    report_about,
    rows,
    state_of,
)
from tests.support.here import Runner
from tests.support.mail_sink import Server, Sink

pytestmark = pytest.mark.slow
ADDRESSES = sorted(address for addresses in TO_ACCOUNTS.values() for address in addresses)


@pytest.fixture(scope="module")
def port(sink: Sink) -> Iterator[int]:
    with Server(sink) as server:
        yield server.port


# --- cancelling ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sent_act(tmp_path_factory: pytest.TempPathFactory, reader: CellReader, runner: Runner) -> Path:
    home = make_home(tmp_path_factory.mktemp("cancel") / "home", reader, ["act"])
    give(runner, home, "outbox", "approve", "--all")
    give(runner, home, "outbox", "send", "--all")
    return home


def cancel(home: Path) -> tuple[str | Path, ...]:
    (act,) = (home / "outbox/sent").rglob(f"act-{MONTH}.docx")
    return ("outbox", "cancel", act, "--reason", "договора нет")


def test_an_act_is_cancelled_once_wherever_the_command_is_killed(
    sent_act: Path, runner: Runner, tmp_path: Path
) -> None:
    trial = shutil.copytree(sent_act, tmp_path / "trial")
    steps = give(runner, trial, *cancel(trial), last=0).steps
    listed(runner, trial)  # takes the new act up
    after = state_of(trial)
    assert [number["kind"] for number in after["numbers"]] == ["act", "act_cancel_1"]
    assert sum("cancels" in path for path in after["outbox"]) == 1
    for step in range(1, len(steps) + 1):
        home, told = shutil.copytree(sent_act, tmp_path / "home"), f"step {step}: {steps[step - 1]}"
        assert runner.run(*cancel(home), "--home", home, last=step).killed, told
        give(runner, home, *cancel(home))
        assert listed(runner, home)["problems"] == [], told
        assert state_of(home) == after, told
        shutil.rmtree(home)


# --- a report about a letter --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def letter_out(
    tmp_path_factory: pytest.TempPathFactory, reader: CellReader, runner: Runner, sink: Sink, port: int,
    soffice: Path, everywhere: str,
) -> Path:  # fmt: skip
    """An act and its PDF reached the mail server; their report lies in `back.eml`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", everywhere)
        home = make_home(tmp_path_factory.mktemp("bounce") / "home", reader, ["act"], smtp=port)
    give(runner, home, "outbox", "approve", "--all")
    give(runner, home, "outbox", "send", "--all")
    (home.parent / "back.eml").write_bytes(report_about(home, "first@a.example"))
    assert len(sink.letters) == 1
    return home


def marks(home: Path) -> dict[str, Any]:
    """What a report leaves behind, without the clock."""
    return {
        "arrivals": rows(home, "select number, outcome from arrivals order by number"),
        "returns": rows(home, "select delivery, arrival, fate, status, said from letter_returns order by id"),
        "proofs": rows(home, "select document, recipient, state, answer from outbox_proofs order by document, id"),
        "letters": rows(home, "select id, recipient, state from deliveries order by id"),
        "findings": rows(home, "select arrival, code from findings order by arrival, code"),
    }


def test_a_report_marks_its_letter_once_wherever_the_program_is_killed(
    letter_out: Path, runner: Runner, sink: Sink, tmp_path: Path
) -> None:
    sink.letters.clear()
    command = ("ingest", letter_out.parent / "back.eml", "--mailbox", "korrektirovki")
    trial = shutil.copytree(letter_out, tmp_path / "trial")
    steps = give(runner, trial, *command, last=0).steps
    give(runner, trial, "once")
    after = marks(trial)
    assert [proof["state"] for proof in after["proofs"]] == ["bounced", "bounced"]  # the act as Word and as PDF
    assert len(after["returns"]) == 1
    for step in range(1, len(steps) + 1):
        home, told = shutil.copytree(letter_out, tmp_path / "home"), f"step {step}: {steps[step - 1]}"
        assert runner.run(*command, "--home", home, last=step).killed, told
        if len(rows(home, "select number from arrivals")) < len(after["arrivals"]):
            give(runner, home, *command)
        for _ in range(2):
            give(runner, home, "once")
        assert marks(home) == after, told
        codes = [problem["code"] for problem in listed(runner, home)["problems"]]
        assert codes == ["outbox.letter_bounced"] * 2, told
        shutil.rmtree(home)
    assert sink.letters == [], "a report is never answered, and its letter never repeated"


# --- bills --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def approved_bills(tmp_path_factory: pytest.TempPathFactory, reader: CellReader, runner: Runner, port: int) -> Path:
    """Real bills under a password, one of them to two addresses and one to none."""
    home = make_home(tmp_path_factory.mktemp("bills") / "home", reader, ["bills"], smtp=port)
    in_rules(home, "bill_password: none", "bill_password: [account_last_4]")
    give(runner, home, "outbox", "approve", "--all")
    return home


SEND = ("bills", "send", MONTH)


def test_each_bill_reaches_each_address_once_wherever_the_sending_is_killed(
    approved_bills: Path, runner: Runner, sink: Sink, tmp_path: Path
) -> None:
    sink.letters.clear()
    trial = shutil.copytree(approved_bills, tmp_path / "trial")
    steps = give(runner, trial, *SEND, last=0).steps
    assert to_whom(sink) == ADDRESSES
    uncertain = set()
    for step in range(1, len(steps) + 1):
        home, told = shutil.copytree(approved_bills, tmp_path / "home"), f"step {step}: {steps[step - 1]}"
        sink.letters.clear()
        assert runner.run(*SEND, "--home", home, last=step).killed, told
        for command in (SEND, ("once",)):
            give(runner, home, *command)
        uncertain.update(prove_sent(home, runner, sink, told))
        shutil.rmtree(home)
    assert uncertain == set(ADDRESSES), "each letter was once killed on its way"


def to_whom(sink: Sink) -> list[str]:
    return sorted(got.recipients[0] for got in sink.letters)


def prove_sent(home: Path, runner: Runner, sink: Sink, told: str) -> set[str]:
    """Every address has its bill in one letter that the server took; one that may lack it is shown. Gives those."""
    report = json.loads(give(runner, home, *SEND, "--json").out)
    letters = rows(home, "select recipient, state, message_id, path from deliveries order by id")
    assert sorted(letter["recipient"] for letter in letters) == ADDRESSES, told
    taken = Counter(str(got.message["Message-ID"]) for got in sink.letters)
    assert max(taken.values(), default=0) <= 1, told
    doubtful = {letter["recipient"] for letter in letters if letter["state"] == "uncertain"}
    codes = [problem["code"] for problem in report["problems"]]
    assert codes == ["outbox.letter_uncertain"] * len(doubtful), told
    for letter in letters:
        assert letter["state"] in ("sent", "uncertain"), (told, letter)
        assert taken[letter["message_id"]] or letter["recipient"] in doubtful, (told, letter)
    for got in sink.letters:
        (kept,) = [letter["path"] for letter in letters if letter["message_id"] == str(got.message["Message-ID"])]
        assert (home / "archive" / kept).read_bytes() == got.data, told
    ways = rows(home, "select d.account, p.recipient, p.state from outbox_proofs p join outbox_documents d"
                      " on d.id = p.document order by p.id")  # fmt: skip
    assert sorted(way["recipient"] for way in ways) == ADDRESSES, told
    assert {way["recipient"] for way in ways if way["state"] == "uncertain"} == doubtful, told
    lying = {path.name: path.parts[-4] for path in (home / "outbox").rglob("bill-*.pdf")}
    for account, addresses in TO_ACCOUNTS.items():
        where = "approved" if doubtful & set(addresses) else "sent"
        assert lying[f"bill-{MONTH}-{account}.pdf"] == where, told
    assert lying[f"bill-{MONTH}-1003.pdf"] == "approved", told
    return doubtful
