"""Logs: nobody's text forges a line, and no person's name or secret gets into one."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from worker_home import NOW, Place

from inbox_worker.ledger.database import JournalError
from inbox_worker.ledger.postgres import remedy_of_server
from inbox_worker.service.worker import Worker
from inbox_worker.settings.log import ServiceLog, Style, fault_facts, json_line, one_line

HOSTILE = [
    'a\n{"event": "decided", "outcome": "accepted"}',
    "\u202egnp.xlsx\u2066",
    "\x1b[2J\x07\x00\x7f\x85\u2028\u2029\r",
    "\ud800 lone",
    "Жұлдыз «ә» № 5",
    '"}, {"',
]
ANY = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


def raw(text: str) -> list[str]:
    """Characters that can move a cursor, turn a line round or begin a new one."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]


def test_a_log_that_takes_nothing_stops_no_letter(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of the logs is full: the service ended at the first decision, and again after each start."""
    (place.readings / "a.xlsx").write_bytes(place.workbook("readings-cold_water-samal"))
    (place.readings / "b.xlsx").write_bytes(b"no workbook")
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:  # what it holds is lost at its end
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "stderr", full)
        service_log = ServiceLog("json")
        with Worker(place.home, service_log) as worker:
            worker.once(NOW)
    assert sorted(outcome for _, _, outcome in place.outcomes()) == ["accepted", "rejected"]
    assert service_log.list_problems() == ("the log cannot be written reason=No space left on device count=2",)


@given(ANY, ANY)
def test_any_text_stays_one_valid_json_line(text: str, other: str) -> None:
    line = json_line({"event": text, "more": [other]})
    assert raw(line) == []
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"event": text, "more": [other]}


@given(ANY)
def test_any_text_stays_one_line_for_people(text: str) -> None:
    assert raw(one_line(text)) == []


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1251"])
@pytest.mark.parametrize("style", ["json", "plain"])
@given(ANY, ANY)
def test_the_voice_says_one_line_each_in_any_encoding(style: Style, encoding: str, text: str, fact: str) -> None:
    said = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    told = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", said)
        patch.setattr(sys, "stderr", told)
        service_log = ServiceLog(style)
        service_log.say(text, text, fact=fact)
        service_log.problem(text, text, fact=fact)
        service_log.problem(text, text, fact=fact)
    for stream in (said, told):
        stream.seek(0)
        written = stream.read()
        assert written.endswith("\n") and raw(written[:-1]) == []
        if style == "json":
            line = json.loads(written)
            assert line["fact"] == fact
            assert line["event"] == (text or "")
    assert all(raw(problem) == [] for problem in service_log.list_problems())


def test_a_log_line_has_the_facts_and_not_the_words_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    service_log = ServiceLog("json")
    service_log.say("IW-000003 Иванов И.И..xlsx accepted", "decided", arrival="IW-000003", code=None)
    line = json.loads(capsys.readouterr().out)
    at = line.pop("at")
    assert at.endswith("+05:00")
    assert line == {"event": "decided", "level": "info", "arrival": "IW-000003"}


def test_a_standing_problem_is_said_once_and_again_when_it_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    service_log = ServiceLog("json")
    for _ in range(3):
        service_log.problem("disk full", "not decided", error="OSError")
        service_log.next_round()
    assert service_log.list_problems() == ("not decided error=OSError",)
    assert capsys.readouterr().err.count("\n") == 1
    service_log.next_round()
    assert service_log.list_problems() == ()
    service_log.problem("disk full", "not decided", error="OSError")
    assert capsys.readouterr().err.count("\n") == 1


def test_an_errors_text_stays_out_of_the_log() -> None:
    missing = FileNotFoundError(2, "No such file or directory", "/home/Иванов И.И..xlsx")
    told = {"error": "FileNotFoundError", "reason": "No such file or directory", "folder": "/home"}
    assert fault_facts(missing) == told, "the folder is named, its file is not"
    barred = PermissionError(13, "Permission denied", "/home/outbox/approved/2026-09/050140000011 ИП Иванов/act.docx")
    assert fault_facts(barred)["folder"] == "/home/outbox/approved/2026-09"
    assert (
        fault_facts(JournalError("the journal /home/j.db is damaged"))["reason"] == "the journal /home/j.db is damaged"
    )
    assert fault_facts(ValueError("Иванов И.И.")) == {"error": "ValueError", "reason": None}


def test_a_full_disk_of_the_journals_server_is_told_with_its_mend() -> None:
    """Only "OperationalError" stood in the log. What quotes a row has another class."""
    import psycopg.errors

    said = "could not extend file: No space left on device [53100]"
    full = OperationalError("insert", None, psycopg.errors.DiskFull(said))
    assert fault_facts(full) == {"error": "OperationalError", "reason": said}
    assert remedy_of_server(full) == "make room on the disk of the journal's server, then try again"
    wrong = OperationalError("insert", None, psycopg.errors.InvalidTextRepresentation("Иванов"))
    assert fault_facts(wrong)["reason"] is None


def test_a_librarys_warning_is_one_line_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    hook = sys.excepthook
    try:
        with ServiceLog("json").speaks_for_libraries():
            logging.getLogger("some.library").warning("cannot read %s", "Иванов\n.xlsx")
            logging.getLogger("some.library").info("not said")
    finally:
        sys.excepthook = hook
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["library"], line["level"]) == ("a library's warning", "some.library", "warning")
    assert "Иванов" not in json.dumps(line, ensure_ascii=False)


def test_a_bug_of_ours_ends_in_one_line_with_its_place_and_not_its_text() -> None:
    program = (
        "from inbox_worker.settings.log import ServiceLog\n"
        "with ServiceLog('json').speaks_for_libraries():\n"
        "    raise KeyError('Иванов\\n')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 1 and ran.stdout == ""
    line = json.loads(ran.stderr)
    assert (line["level"], line["error"]) == ("critical", "KeyError")
    assert line["places"] == "<string>:3 <module>"
