"""What the service tells of itself: health file and command, figures, word to the service manager."""

from __future__ import annotations

import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from worker_home import NOW, Hands, Place

from inbox_worker.core.errors import JournalError
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.core.time import Clock
from inbox_worker.month.office import Busy
from inbox_worker.receiving.drop_folder import DropFolders
from inbox_worker.receiving.untaken import UNTAKEN
from inbox_worker.service.health import (
    FOLDER_AWAY,
    STALE_SECONDS,
    Counts,
    Failed,
    HealthReport,
    health_file,
    health_line,
    look_at_health,
)
from inbox_worker.service.metrics import Metrics, MetricsError
from inbox_worker.service.notify import notify
from inbox_worker.service.worker import Worker
from inbox_worker.settings.log import ServiceLog, fault_facts
from inbox_worker.settings.texts import Say, shipped_texts
from tests.support.ports import free_port
from tests.support.service import PATIENCE, ServiceProcess
from tests.support.warm import run_warm


def test_health_names_what_is_never_taken_and_the_log_its_kind_alone(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.corrections / "Иванов Иван.xlsx").symlink_to("/etc/hostname")
    service_log = ServiceLog("json")
    DropFolders(place.home, service_log, Clock()).look(0)
    [line] = capsys.readouterr().err.splitlines()
    facts = {"event": UNTAKEN, "level": "warning", "mailbox": "korrektirovki", "code": "untaken.link"}
    assert {**json.loads(line), **facts} == json.loads(line) and "Иванов" not in line
    report = {
        "healthy": True,
        "mailboxes": {},
        "last_pass": "",
        "undecided": 0,
        "problems": service_log.list_problems(),
    }
    said = health_line(report, Say(shipped_texts().spoken, "en"), place.home)
    assert said.count("inbox/korrektirovki/Иванов Иван.xlsx is a link") == 1 and UNTAKEN not in said
    assert UNTAKEN in health_line(report, Say(shipped_texts().spoken, "en")), "seen by the service alone"


def arrival(place: Place) -> Arrival:
    return Arrival(7, "0" * 64, "bigoperators", "Иванов И.И..xlsx", NOW, "", "x", outcome=Outcome.ACCEPTED)


def test_the_file_says_how_the_service_is(place: Place, hands: Hands) -> None:
    service_log = ServiceLog()
    health_report = HealthReport(place.home, service_log, hands.clock)
    with health_report.lives():
        health_report.count_decision(arrival(place), ["row.duplicate"], 0.5, NOW)
        health_report.record_pass(Counts(1, (Failed("IW-000009", "bigoperators"),), letters_sent=3, letters_waiting=4))
        health_report.record_look([place.corrections], {"bigoperators": 5}, {"bigoperators": False})
        service_log.problem("a.xlsx: bad", "not decided", error="OSError")
        service_log.problem("inbox/korrektirovki is not there", FOLDER_AWAY, mailbox="korrektirovki")
        health_report.beat(at_once=True)
        told = look_at_health(place.home, hands.clock)
    assert told["healthy"] and told["state"] == "running"
    assert told["last_pass"] == told["started"] == NOW.isoformat()
    assert told["last_decision"] == {"at": NOW.isoformat(), "arrival": "IW-000007", "outcome": "accepted"}
    assert (told["undecided"], told["failed"], told["letters"]) == (1, ["IW-000009"], {"sent": 3, "waiting": 4})
    assert told["mailboxes"] == {
        "korrektirovki": {"folder": False, "waiting": 0, "failed": 0, "connected": None},
        "bigoperators": {"folder": True, "waiting": 5, "failed": 1, "connected": False},
        "banks": {"folder": True, "waiting": 0, "failed": 0, "connected": None},
    }
    assert told["problems"] == [f"{FOLDER_AWAY} mailbox=korrektirovki", "not decided error=OSError"]
    assert "Иванов" not in health_file(place.home).read_text("utf-8")
    line = health_line(told, Say(shipped_texts().spoken, "en"))
    assert (
        "failed 1 (IW-000009: inbox-worker retry)" in line
        and "inbox/korrektirovki is away" in line
        and "bigoperators is not reached" in line
        and line.endswith("; not decided error=OSError")
    )
    assert line.count("korrektirovki") == 1, "said once, in the reader's language"
    assert look_at_health(place.home, hands.clock)["why"].startswith("the service was stopped")


def test_health_speaks_the_language_of_its_reader(place: Place, hands: Hands) -> None:
    """The last pass was an ISO moment, a problem the English words of a log."""
    service_log = ServiceLog()
    health_report = HealthReport(place.home, service_log, hands.clock)
    with health_report.lives():
        health_report.record_pass(Counts())
        service_log.problem("outbox.no_mail: x", "outbox: see `inbox-worker outbox list`", code="outbox.no_mail")
        health_report.beat(at_once=True)
        line = health_line(look_at_health(place.home, hands.clock), Say(shipped_texts().spoken, "ru"))
    assert f"последний проход {NOW:%d.%m.%Y %H:%M:%S}" in line and "see" not in line
    assert line.endswith("code=outbox.no_mail") and "`inbox-worker outbox list`" in line


def test_a_log_says_of_a_full_disk_under_the_journal_what_sqlite_says() -> None:
    """Not only `OperationalError`, which sends staff to a database server."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as full:
        connection.execute(text("pragma max_page_count = 1"))
        connection.execute(text("create table a (b text)"))
        connection.execute(text("create table c (d text)"))
    engine.dispose()
    assert fault_facts(full.value) == {"error": "OperationalError", "reason": "database or disk is full"}


def test_an_old_file_is_not_healthy_by_time_passed_not_by_the_clock(place: Place, hands: Hands) -> None:
    health_report = HealthReport(place.home, ServiceLog(), hands.clock)
    with health_report.lives():
        hands.time -= timedelta(days=400)  # somebody sets the clock
        assert look_at_health(place.home, hands.clock)["healthy"]
        hands.time += timedelta(days=800)
        assert look_at_health(place.home, hands.clock)["healthy"]
        hands.later(STALE_SECONDS)
        assert look_at_health(place.home, hands.clock)["healthy"]
        hands.later(1)
        told = look_at_health(place.home, hands.clock)
        assert not told["healthy"] and "nothing was heard" in told["why"]
        health_report.beat()
        assert look_at_health(place.home, hands.clock)["healthy"]


def test_a_disk_without_room_is_not_healthy(place: Place, hands: Hands) -> None:
    """The file of a service that cannot write it may still say that all is well, and an old one that it is silent."""
    with HealthReport(place.home, ServiceLog(), hands.clock).lives():
        assert look_at_health(place.home, hands.clock)["healthy"]
        for _ in range(2):
            told = look_at_health(place.home, hands.clock, least_room=1 << 62)
            assert (told["healthy"], told["reason"]["code"]) == (False, "no_room") and "make room" in told["why"]
            hands.later(STALE_SECONDS + 1)


def test_passes_that_fail_for_long_are_not_healthy(place: Place, hands: Hands) -> None:
    """The journal's server is away or full: nothing is taken or decided, and `health` said that all is well."""
    health_report, why = HealthReport(place.home, ServiceLog(), hands.clock), "could not extend file [53100]"
    with health_report.lives():
        for _ in range(2):
            health_report.fail_pass(why)
            health_report.beat(at_once=True)
            assert look_at_health(place.home, hands.clock)["healthy"], "it may go on by itself"
            hands.later(STALE_SECONDS)
        hands.later(1)
        health_report.fail_pass(why)
        health_report.beat(at_once=True)
        told = look_at_health(place.home, hands.clock)
        assert (told["healthy"], told["reason"]["code"]) == (False, "failing") and why in told["why"]
        health_report.record_pass(Counts())
        health_report.beat(at_once=True)
        assert look_at_health(place.home, hands.clock)["healthy"]


def test_a_pass_that_fails_is_told_to_health_but_for_one_that_staff_keep_waiting(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[str]()
    monkeypatch.setattr(HealthReport, "fail_pass", lambda _, why: told.append(why))
    for error in (Busy("a long command of staff"), JournalError("the journal cannot be used")):
        with Worker(place.home) as worker, monkeypatch.context() as failing:
            failing.setattr(worker, "_pass", Mock(side_effect=error))
            assert worker._patient_pass(due=True) is False
    assert told == ["the journal cannot be used"]


def test_after_a_restart_of_the_machine_the_time_of_day_counts(place: Place, hands: Hands) -> None:
    with HealthReport(place.home, ServiceLog(), hands.clock).lives():
        told = json.loads(health_file(place.home).read_text("utf-8"))
        health_file(place.home).write_text(json.dumps({**told, "boot": "another"}))
        hands.ticks = 5
        assert look_at_health(place.home, hands.clock)["healthy"]
        hands.time += timedelta(seconds=STALE_SECONDS + 1)
        assert not look_at_health(place.home, hands.clock)["healthy"]


def test_it_is_written_once_a_second_at_most(place: Place, hands: Hands) -> None:
    health_report = HealthReport(place.home, ServiceLog(), hands.clock)
    health_report.beat(at_once=True)
    assert not health_file(place.home).exists(), "`once` tells nobody"
    with health_report.lives():
        health_report.beat()
        hands.later(0.5)
        before = health_file(place.home).read_bytes()
        health_report.beat()
        assert health_file(place.home).read_bytes() == before
        hands.later(0.5)
        health_report.beat()
        assert health_file(place.home).read_bytes() != before


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"state": "running", "boot": "", "tick": null}'])
def test_a_torn_file_is_not_healthy(place: Place, hands: Hands, content: str) -> None:
    health_file(place.home).write_text(content)
    told = look_at_health(place.home, hands.clock)
    assert not told["healthy"] and "says nothing" in told["why"]


def test_a_health_file_that_cannot_be_written_is_a_problem_and_no_end(
    place: Place, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    health_file(place.home).mkdir()
    (health_file(place.home) / "x").touch()
    with HealthReport(place.home, ServiceLog(), hands.clock).lives():
        pass
    assert "ledger/health.json cannot be written" in capsys.readouterr().err


def health(place: Place, *options: str) -> tuple[int, str]:
    ran = run_warm("--home", str(place.home.path), "health", *options)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def reports(place: Place) -> Iterator[dict[str, Any]]:
    """What `health` says again and again: the service logs a decision just before it notes it there."""
    for _ in range(int(PATIENCE)):
        code, text = health(place, "--json")
        assert code == 0
        yield json.loads(text)


def metrics_of(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
def port() -> int:
    return free_port()


def test_a_running_service_in_logs_health_and_figures(place: Place, port: int) -> None:
    place.set("# metrics: {port: 9464} ", f"metrics: {{port: {port}}} ")
    assert health(place)[0] == 1
    with ServiceProcess(place.home.path) as running:
        assert json.loads(running.ready())["folders"].count("/inbox/") == 3
        (place.readings / "Иванов Иван.xlsx").write_bytes(place.workbook("readings-cold_water-samal"))
        decided = json.loads(running.line())
        seconds = decided.pop("seconds")
        assert 0 < seconds < PATIENCE
        del decided["at"]
        outcome = decided.pop("outcome")
        facts = {"event": "decided", "level": "info", "arrival": "IW-000003", "mailbox": "bigoperators"}
        assert {key: decided[key] for key in facts} == facts
        told = next(report for report in reports(place) if report["last_decision"])
        assert told["pid"] == running.process.pid
        assert told["last_decision"]["arrival"] == "IW-000003"
        assert health(place, "--lang", "en")[1].startswith("healthy: ")
        figures = metrics_of(port)
        label = f'inbox_worker_arrivals_total{{mailbox="bigoperators",outcome="{outcome}"}} 1.0'
        assert label in figures
        assert "inbox_worker_decision_seconds_count 1.0" in figures
        assert "Иванов" not in figures + "".join(running.out)
        assert running.ended_by(signal.SIGTERM) == 0
    assert running.err == []
    assert json.loads(running.out[-1])["event"] == "stopped"
    assert health(place, "--lang", "en") == (
        1,
        "not healthy: the service was stopped; start it with `inbox-worker run`\n",
    )


def test_figures_are_on_loopback_only_and_a_taken_port_is_told(port: int) -> None:
    metrics = Metrics()
    metrics.count_decision("bigoperators", "accepted", ["row.duplicate", "row.duplicate"], 0.3)
    metrics.record_pass(12.0, 1, 3, 4)
    metrics.record_look({"bigoperators": {"failed": 5, "waiting": 6, "folder": True, "connected": True}}, 7)
    metrics.record_duties({("operator", "overdue"): 2})
    with metrics.serve_metrics(port):
        figures = metrics_of(port)
        with pytest.raises(MetricsError, match="metrics.port"), Metrics().serve_metrics(port):
            pass
        with socket.socket() as other:  # 127.0.0.2 is this machine, but not where we listen
            other.settimeout(5)
            assert other.connect_ex(("127.0.0.2", port)) != 0
    with pytest.raises(urllib.error.URLError):
        metrics_of(port)
    for line in (
        'findings_total{code="row.duplicate"} 2.0', "undecided 1.0", "letters_sent 3.0",
        "letters_waiting 4.0", 'failed{mailbox="bigoperators"} 5.0', 'waiting{mailbox="bigoperators"} 6.0',
        'mailbox_connected{mailbox="bigoperators"} 1.0', "last_pass_timestamp_seconds 12.0", "problems 7.0",
        'duties{state="overdue",who="operator"} 2.0', 'duties{state="open",who="customer"} 0.0',
        'decision_seconds_bucket{le="0.5"} 1.0', 'folder_watched{mailbox="bigoperators"} 1.0',
    ):  # fmt: skip
        assert f"inbox_worker_{line}\n" in figures


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_hears_ready_alive_and_stopping(place: Place, abstract: bool, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        address = f"@inbox-worker-{tmp_path}"[:100] if abstract else str(tmp_path / "notify")
        manager.bind("\0" + address[1:] if abstract else address)
        with ServiceProcess(place.home.path, {"NOTIFY_SOCKET": address}) as running:
            heard = [manager.recv(100), manager.recv(100), manager.recv(100)]
            assert running.ended_by(signal.SIGTERM) == 0
        manager.setblocking(False)
        while True:
            try:
                heard.append(manager.recv(100))
            except BlockingIOError:
                break
    assert heard[0] == b"READY=1"
    assert set(heard[1:-1]) == {b"WATCHDOG=1"}
    assert heard[-1] == b"STOPPING=1"


def test_a_manager_that_is_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")
    assert list(tmp_path.iterdir()) == []


def test_moments_are_almatys(place: Place) -> None:
    assert datetime.fromisoformat(Clock().now().isoformat()).utcoffset() == timedelta(hours=5)
