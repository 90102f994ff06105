"""`deliveries`: what staff see of letters and how they decide about one, by the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reply_office import AnsweringOffice

from inbox_worker.core.model import Language
from inbox_worker.ledger.letters import (
    ANEW,
    DROPPED,
    ELSEWHERE,
    INTERRUPTED,
    NOTICE,
    SENT_AGAIN,
    TELLS_MORE,
    LetterState,
)
from inbox_worker.outbox.anchor_letters import KIND
from inbox_worker.outbox.digest import DIGEST
from inbox_worker.outbox.recorded_answers import word_answer
from inbox_worker.outbox.send import send_due
from inbox_worker.settings.texts import Say, shipped_texts
from tests.support.here import Runner
from tests.support.mail_sink import Sink
from tests.support.office import Row, moment

NOW = moment("2026-08-20T12:00:00")
ROW: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}


def test_staff_decide_about_an_uncertain_letter(answering: AnsweringOffice, sink: Sink, runner: Runner) -> None:
    home = ("--home", answering.folder)
    sink.drop_after_data = True
    answering.ingest("recalculations", [ROW], received="2026-08-20")
    send_due(answering.office, NOW)
    sink.drop_after_data = False
    shown = runner.run("deliveries", *home)
    assert (
        "неизвестно, дошло ли" in shown.out
        and "ответ" in shown.out
        and "IW-000003" in shown.out
        and "office@a.example" in shown.out
    )
    assert runner.run("once", *home).code == 0
    assert len(sink.letters) == 1, "the service does not repeat it"
    dropped = runner.run("deliveries", "--drop", "1", "--json", *home)
    (known,) = json.loads(dropped.out)["deliveries"]
    assert (known["state"], known["message_id"]) == ("dropped", sink.letters[0].message["Message-ID"])
    assert "IW-000003" not in runner.run("deliveries", *home).out, "nothing is left to decide"
    every = runner.run("deliveries", "--all", *home).out
    assert "IW-000003" in every and "не отправлять решил сотрудник, 20" in every and "staff" not in every
    assert runner.run("deliveries", "--again", "1", *home).code == 0
    assert runner.run("once", *home).code == 0
    assert len(sink.letters) == 2
    twice = runner.run("deliveries", "--again", "1", *home)
    assert (twice.code, twice.err.count("\n")) == (2, 1) and "letter 1 is sent" in twice.err


def test_the_service_says_once_what_people_must_decide(
    answering: AnsweringOffice, sink: Sink, runner: Runner, tmp_path: Path
) -> None:
    sink.rcpt.append("550 no such user \x1b[31m")
    answering.ingest("recalculations", [ROW], received="2026-08-20")
    said = runner.run("once", "--home", answering.folder)
    assert said.code == 0 and "letter 1 to office@a.example is refused: 550 no such user ?[31m" in said.err
    assert runner.run("once", "--home", answering.folder).err == ""


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_every_state_of_a_letter_and_our_own_words_have_their_text(language: Language) -> None:
    say = Say(shipped_texts().spoken, language)
    assert len({say(f"letter_state.{state}") for state in LetterState}) == len(LetterState)
    for kind in ("receipt", NOTICE, "document", "bill", DIGEST, KIND):
        assert say(f"letter_kind.{kind}")
    for recorded in (SENT_AGAIN, DROPPED, ANEW, ELSEWHERE, TELLS_MORE, INTERRUPTED):
        worded = word_answer(f"{recorded}, 2026-08-20", say)
        assert worded.endswith(", 2026-08-20") and (language == "en") is worded.isascii()
    assert word_answer("550 5.1.1 No such user", say) == "550 5.1.1 No such user"
