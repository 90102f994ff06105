"""Secrets, ways to log in, and failures as one clear line that holds no secret."""

from __future__ import annotations

import base64
import json
import logging
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from mailbox_home import NOW, SECRET, MailHome, mail
from mailbox_script import ScriptedServer
from mailbox_server import PASSWORD, PATIENCE
from typer.testing import CliRunner

from inbox_worker.cli.homes import check_home
from inbox_worker.cli.main import app, run_command
from inbox_worker.receiving import imap_login as mailbox_login
from inbox_worker.receiving.imap import BYTES_A_BATCH, Listed, first_batch, try_mailbox
from inbox_worker.receiving.imap_idle import Alarm, Client, wait
from inbox_worker.receiving.imap_login import LoginRefused, MailboxError, connect, secret_of, words_of
from inbox_worker.receiving.mail_trouble import MailEvent
from inbox_worker.service.worker import Worker
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.home import load_home
from inbox_worker.settings.log import ServiceLog
from inbox_worker.settings.mailboxes import Imap

TOKEN = "ya29.token-of-today"


def imap(**more: object) -> Imap:
    return Imap.model_validate({"host": "127.0.0.1", "user": "k", **more})


def test_password_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_PASSWORD", "s e c r e t")
    assert secret_of(imap(password_env="SOME_PASSWORD"), tmp_path) == "s e c r e t"
    monkeypatch.delenv("SOME_PASSWORD")
    with pytest.raises(MailboxError, match="SOME_PASSWORD is not set"):
        secret_of(imap(password_env="SOME_PASSWORD"), tmp_path)


def test_password_from_a_file_of_the_home_or_systemds_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home, given = tmp_path / "home", tmp_path / "credentials"
    for folder, words in ((home, "of the home\n"), (given, "of systemd\n")):
        folder.mkdir()
        (folder / "mail-password").write_text(words)
    settings = imap(password_file="mail-password")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert secret_of(settings, home) == "of the home"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert secret_of(settings, home) == "of systemd"
    assert secret_of(imap(password_file=str(home / "mail-password")), tmp_path) == "of the home"
    assert secret_of(imap(password_file="$CREDENTIALS_DIRECTORY/mail-password"), home) == "of systemd"


def test_a_password_file_of_another_editor(tmp_path: Path) -> None:
    """Windows' own editor begins a file with a mark that nobody sees and ends the line in its way."""
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfs e c r e t\r\n")
    assert secret_of(imap(password_file="secret"), tmp_path) == "s e c r e t"


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read"), (b"\n", "is empty"), (b"\xff", "cannot be")])
def test_a_password_file_that_gives_none(content: bytes | None, told: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(MailboxError, match=told):
        secret_of(imap(password_file="secret"), tmp_path)


def test_token_of_a_command_is_carried_by_xoauth2(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"print({TOKEN!r})"]
    with ScriptedServer("IMAP4rev1 AUTH=XOAUTH2 MOVE") as server:
        client = connect(imap(port=server.port, tls="none", token_command=command), tmp_path)
        client.logout()
    assert server.secret == f"user=k\x01auth=Bearer {TOKEN}\x01\x01"


def test_a_token_command_that_fails_does_not_tell_its_stderr(tmp_path: Path) -> None:
    for code in (f"import sys; sys.exit({TOKEN!r})", "pass"):
        with pytest.raises(MailboxError, match="gave no token") as failed:
            secret_of(imap(token_command=[sys.executable, "-c", code]), tmp_path)
        assert TOKEN not in str(failed.value)
    with pytest.raises(MailboxError, match="cannot be run"):
        secret_of(imap(token_command=["/nowhere/at-all"]), tmp_path)


def test_a_token_command_that_hangs_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_login, "_TOKEN_SECONDS", 1)
    written = tmp_path / "child"
    command = ["sh", "-c", f"sleep 1000 & echo $! > {written}; wait"]
    with pytest.raises(MailboxError, match="gave no token in 1 s"):
        secret_of(imap(token_command=command), tmp_path)
    until = time.monotonic() + PATIENCE
    while _lives(int(written.read_text())):
        assert time.monotonic() < until


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def test_a_server_that_repeats_the_secret_is_not_quoted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"print({TOKEN!r})"]
    with ScriptedServer("IMAP4rev1 AUTH=XOAUTH2 MOVE", login="NO") as server:
        with pytest.raises(LoginRefused) as refused:
            connect(imap(port=server.port, tls="none", token_command=command), tmp_path)
        assert TOKEN not in str(refused.value) and "***" in str(refused.value)


@pytest.mark.parametrize("log_in", ["{}", "\0k\0{}", "user=k\1auth=Bearer {}\1\1"])
def test_a_secret_as_log_ins_encode_it_is_not_quoted(log_in: str) -> None:
    coded = base64.b64encode(log_in.format(TOKEN).encode()).decode()
    assert words_of(ValueError(f"BAD {coded} is no command"), "k", TOKEN) == "BAD *** is no command"


def test_words_of_a_server_stay_on_one_line() -> None:
    told = words_of(ValueError("no\r\n2026-08-20 IW-000001 accepted\x1b[2J" + "x" * 500))
    assert "\n" not in told and "\x1b" not in told and len(told) <= 200


def test_no_log_line_holds_the_password(home: MailHome, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("imapclient").propagate = True
        try:
            home.deliver(mail(1))
            caplog.clear()
            home.once()
        finally:
            logging.getLogger("imapclient").propagate = False
    assert home.outcomes() == ["accepted"]
    words = caplog.text
    assert PASSWORD not in words
    assert base64.b64encode(PASSWORD.encode()).decode()[:10] not in words
    assert "AUTHENTICATE" not in words


def test_a_log_has_an_event_and_the_mailbox_and_no_word_of_the_servers(
    home: MailHome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever watches logs needs one event for the same trouble, and no name of an account belongs there."""
    monkeypatch.setenv(SECRET, "not-the-password")
    home.settings(port=home.server.tls)
    config = yaml.safe_load((home.path / "config.yaml").read_text("utf-8"))
    config["mailboxes"]["bigoperators"]["imap"]["port"] = 1
    (home.path / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    with pytest.raises(MailboxError), Worker(load_home(home.path), ServiceLog("json")) as worker:
        worker.once(NOW)
    lines = sorted(capsys.readouterr().err.splitlines(), key=lambda line: json.loads(line)["mailbox"])
    first, second = ({name: fact for name, fact in json.loads(line).items() if name != "at"} for line in lines)
    assert first == {"event": MailEvent.UNREACHABLE, "level": "warning", "mailbox": "bigoperators"}
    assert second == {"event": MailEvent.REFUSED, "level": "warning", "mailbox": "korrektirovki"}


def test_check_names_every_mailboxs_problem(home: MailHome, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_home(home.path) == []
    config = yaml.safe_load((home.path / "config.yaml").read_text("utf-8"))
    config["mailboxes"]["korrektirovki"]["imap"]["ca_file"] = ""
    config["mailboxes"]["bigoperators"]["imap"]["port"] = 1
    (home.path / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    first, second = check_home(home.path)
    assert first.startswith("mailbox korrektirovki: the certificate of 127.0.0.1") and "ca_file" in first
    assert second.startswith("mailbox bigoperators: 127.0.0.1:1 cannot be reached")
    monkeypatch.setenv(SECRET, "not-the-password")
    monkeypatch.setenv("INBOX_WORKER_HOME", str(home.path))
    home.settings(ca_file=str(home.server.ca), port=home.server.tls)
    ran = CliRunner().invoke(app, ["check"])
    assert ran.exit_code == 1
    assert ran.stdout.count("отказал во входе") == 2 and "not-the-password" not in ran.stdout


def test_once_with_a_refused_log_in_is_one_line_and_exit_1(
    home: MailHome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECRET, "not-the-password")
    monkeypatch.setattr(sys, "argv", ["inbox-worker", "--home", str(home.path), "once"])
    monkeypatch.setenv("INBOX_WORKER_HOME", "")
    with pytest.raises(SystemExit) as ended:
        run_command()
    assert ended.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("inbox-worker: ящик ") and "отказал во входе" in last


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password_file": "also"}, "exactly one of"),
        ({"password_env": ""}, "exactly one of"),
        ({"folder": "processed"}, "is where letters come in"),
        ({"idle_seconds": 0}, "idle_seconds: must be above 0"),
        ({"passwort": "x"}, "passwort"),
        ({"tls": "sometimes"}, "implicit"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(home: MailHome, changes: dict[str, object], told: str) -> None:
    home.settings(**changes)
    with pytest.raises(ConfigError, match=told) as refused:
        load_home(home.path)
    assert "imap" in str(refused.value)


def test_two_mailboxes_in_one_folder_of_an_account_are_refused(home: MailHome) -> None:
    """Each letter would be two arrivals, and answered twice. Two folders of one account are well."""
    home.settings(user="same")
    with pytest.raises(ConfigError, match="korrektirovki and bigoperators read the same folder of one account"):
        load_home(home.path)
    file = home.path / "config.yaml"
    config = yaml.safe_load(file.read_text("utf-8"))
    config["mailboxes"]["bigoperators"]["imap"]["folder"] = "Big"
    file.write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    load_home(home.path)


def test_news_in_one_packet_with_the_answer_to_idle_are_heard() -> None:
    """They lie in Python's buffer then, where no poll of the socket sees them."""
    with ScriptedServer(idle=b"+ idling\r\n* 1 EXISTS\r\n") as server:
        client = Client("127.0.0.1", server.port, ssl=False, timeout=5)
        client.login("k", "x")
        client.select_folder("INBOX")
        since = time.monotonic()
        wait(client, 20, 0)
        assert time.monotonic() - since < 5
        client.logout()
    assert server.heard[-3:] == ["IDLE", "NOOP", "LOGOUT"]


def test_a_waiting_connection_is_woken_by_the_alarm_once() -> None:
    with ScriptedServer() as server:
        client = Client("127.0.0.1", server.port, ssl=False, timeout=5)
        client.alarm = Alarm()
        client.login("k", "x")
        client.select_folder("INBOX")
        since = time.monotonic()
        threading.Timer(0.1, client.alarm.ring).start()
        wait(client, 20, 0)
        assert time.monotonic() - since < 5
        rested = time.monotonic()
        wait(client, 0.3, 0)  # the ring was heard: it does not end the next wait
        assert time.monotonic() - rested >= 0.3
        client.logout()
        client.alarm.close()


def test_a_batch_is_bounded_by_bytes_and_a_large_letter_is_one_of_its_own() -> None:
    half = BYTES_A_BATCH // 2
    listed = [Listed(uid, size, None) for uid, size in enumerate([half, half, 1, BYTES_A_BATCH * 4, 5], 1)]
    limit = BYTES_A_BATCH * 8
    assert [one.uid for one in first_batch(listed, limit)] == [1, 2]
    assert [one.uid for one in first_batch(listed[3:], limit)] == [4]
    assert [one.uid for one in first_batch(listed[2:], BYTES_A_BATCH)] == [3, 4, 5]  # of letter 4 only the head


def test_a_folder_that_is_not_there_is_told(home: MailHome) -> None:
    settings = load_home(home.path).config.mailboxes["korrektirovki"].imap
    assert settings is not None
    missing = settings.model_copy(update={"folder": "Nowhere"})
    assert "Nowhere of" in try_mailbox(missing, home.path) and "cannot be opened" in try_mailbox(missing, home.path)
