"""Each end of an attempt, against a real server: sent, refused, later, uncertain, or a server that is not there."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from inbox_worker.core.addresses import is_mailable
from inbox_worker.outbox.slow_answers import SlowAnswer
from inbox_worker.outbox.smtp import Answer, Post, Result, SmtpDown, SmtpLoginRefused, hear, wire_form
from inbox_worker.settings.config import SmtpConfig
from tests.support.mail_sink import SECRET, USER, Server, Sink
from tests.support.ports import free_port

LETTER = b"Subject: 1\r\n\r\n.dot\r\nend\r\n"


def settings(port: int, **more: object) -> SmtpConfig:
    return SmtpConfig.model_validate({"host": "127.0.0.1", "port": port, "tls": "none", "timeout": 5, **more})


def attempt(post: Post, to: str = "a@a.example", told: list[str] | None = None) -> Answer:
    def before_data() -> bool:
        if told is not None:
            told.append(to)
        return True

    answer = post.send("we@alseco.example", to, LETTER, before_data)
    assert isinstance(answer, Answer)
    return answer


def test_a_letter_arrives_byte_for_byte(server: Server, sink: Sink) -> None:
    told: list[str] = []
    sink.on_data = lambda: told.append("data")
    with Post(settings(server.port), "") as post:
        assert attempt(post, told=told) == Answer(Result.SENT, "250 taken")
    assert told == ["a@a.example", "data"]
    assert sink.letters[0].data == LETTER
    assert (sink.letters[0].sender, sink.letters[0].recipients) == ("we@alseco.example", ["a@a.example"])


def test_several_letters_take_one_session(server: Server, sink: Sink) -> None:
    with Post(settings(server.port), "") as post:
        assert [attempt(post).result for _ in range(3)] == [Result.SENT] * 3
    assert (len(sink.letters), sink.sessions) == (3, 1)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("550 no such user", Result.REFUSED),
        ("552 mailbox full", Result.REFUSED),
        ("450 greylisted", Result.RETRY),
        ("451 later", Result.RETRY),
        ("452 no space", Result.RETRY),
    ],
)
@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_refused_or_later(answer: str, result: Result, stage: str, server: Server, sink: Sink) -> None:
    told: list[str] = []
    getattr(sink, stage).append(answer)
    with Post(settings(server.port), "") as post:
        assert attempt(post, told=told) == Answer(result, answer)
        assert told == ([] if stage == "rcpt" else ["a@a.example"])
        assert attempt(post).result is Result.SENT, "the next letter of the session is not touched"
    assert len(sink.letters) == 1


@pytest.mark.parametrize(
    ("answer", "result"), [("251 taken", Result.SENT), ("nonsense", Result.UNCERTAIN), ("354 go on", Result.UNCERTAIN)]
)
def test_odd_answers_to_a_whole_letter(answer: str, result: Result, server: Server, sink: Sink) -> None:
    """Any 2xx takes it (RFC 5321, 4.2.1); after what is no answer nobody knows, and repeating could double it."""
    sink.data.append(answer)
    with Post(settings(server.port), "") as post:
        assert attempt(post).result is result


def test_a_server_that_wants_no_letter_has_taken_none() -> None:
    """It says 250 to DATA itself: not one byte of the letter has left."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_always_250, args=(listening,))
        thread.start()
        with Post(settings(listening.getsockname()[1]), "") as post:
            assert attempt(post).result is Result.RETRY
        thread.join()


def _always_250(listening: socket.socket) -> None:
    link = listening.accept()[0]
    with link, link.makefile("rb") as lines:
        link.sendall(b"220 here\r\n")
        for _ in lines:
            link.sendall(b"250 yes\r\n")


def test_a_connection_lost_after_data_is_uncertain(server: Server, sink: Sink) -> None:
    sink.drop_after_data = True
    with Post(settings(server.port), "") as post:
        answer = attempt(post)
        assert answer.result is Result.UNCERTAIN and "no answer after the letter" in answer.text
        assert len(sink.letters) == 1, "it did arrive: to repeat it would double it"
        sink.drop_after_data = False
        assert attempt(post).result is Result.SENT


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("said", "result", "told"),
    [
        (b"", Result.RETRY, "the connection broke amid the letter"),
        (b"552 5.3.4 too large\r\n", Result.REFUSED, "552 5.3.4 too large"),
        (b"451 4.7.1 not now\r\n", Result.RETRY, "451 4.7.1 not now"),
        (b"250 taken\r\n", Result.RETRY, "250 taken"),
    ],
)
def test_a_connection_cut_amid_a_letter_has_delivered_nothing(said: bytes, result: Result, told: str) -> None:
    """No server takes a letter whose end it has not seen; it was left to people, as one that may have arrived."""
    large = b"Subject: 1\r\n\r\n" + b"0123456789abcde\n" * 1_000_000
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_hang_up_amid_a_letter, args=(listening, said))
        thread.start()
        with Post(settings(listening.getsockname()[1]), "") as post:
            answer = post.send("we@alseco.example", "a@a.example", large, lambda: True)
        thread.join()
    assert isinstance(answer, Answer) and answer.result is result and told in answer.text


def _hang_up_amid_a_letter(listening: socket.socket, said: bytes) -> None:
    link = listening.accept()[0]
    with link, link.makefile("rb") as lines:
        link.sendall(b"220 here\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                break
            link.sendall(b"250 yes\r\n")
        link.sendall(b"354 go on\r\n")
        lines.read(100_000)
        link.sendall(said)


def test_an_answer_that_takes_long_is_heard_after_other_letters(server: Server, sink: Sink) -> None:
    """RFC 5321, 4.5.3.2.6: a server may take ten minutes over a whole letter; after 30 s it was left to people."""
    sink.answers_after["slow@a.example"] = 1
    with Post(settings(server.port, timeout=0.2), "") as post:
        slow = post.send("we@alseco.example", "slow@a.example", LETTER, lambda: True)
        assert isinstance(slow, SlowAnswer) and not slow.is_there(0) and not slow.is_over()
        assert attempt(post).result is Result.SENT
    assert slow.is_there(5) and hear(slow) == Answer(Result.SENT, "250 taken")
    assert (len(sink.letters), sink.sessions) == (2, 2)


def test_an_answer_that_never_comes_is_uncertain(server: Server, sink: Sink) -> None:
    sink.answers_after["slow@a.example"] = 9
    with Post(settings(server.port, timeout=0.1, answer_timeout=0.1), "") as post:
        slow = post.send("we@alseco.example", "slow@a.example", LETTER, lambda: True)
    assert isinstance(slow, SlowAnswer) and slow.is_over()
    answer = hear(slow)
    assert answer.result is Result.UNCERTAIN and "no answer after the letter" in answer.text


def test_an_answer_that_came_with_the_word_to_begin_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_answer_at_once, args=(listening,))
        thread.start()
        with Post(settings(listening.getsockname()[1], timeout=0.5), "") as post:
            assert attempt(post) == Answer(Result.SENT, "250 taken unseen")
        thread.join()


def _answer_at_once(listening: socket.socket) -> None:
    link = listening.accept()[0]
    with link, link.makefile("rb") as lines:
        link.sendall(b"220 here\r\n")
        for line in lines:
            link.sendall(b"354 go on\r\n250 taken unseen\r\n" if line.startswith(b"DATA") else b"250 yes\r\n")
            if line == b".\r\n":
                return


@pytest.mark.slow
def test_the_time_of_a_silent_server_is_not_that_of_a_slow_line() -> None:
    """A letter of 25 MB over a slow line took longer than `timeout`, and never left."""
    large = b"Subject: 1\r\n\r\n" + b"0123456789abcde\n" * 800_000
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_read_slowly, args=(listening,))
        thread.start()
        with Post(settings(listening.getsockname()[1], timeout=0.3), "") as post:
            answer = post.send("we@alseco.example", "a@a.example", large, lambda: True)
        if isinstance(answer, SlowAnswer) and answer.is_there(9):  # the kernel still had some of the letter
            answer = hear(answer)
        thread.join()
    assert answer == Answer(Result.SENT, "250 taken")


def _read_slowly(listening: socket.socket) -> None:
    link = listening.accept()[0]
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    pause = threading.Event()
    with link, link.makefile("rb") as lines:
        link.sendall(b"220 here\r\n")
        while not lines.readline().startswith(b"DATA"):
            link.sendall(b"250 yes\r\n")
        link.sendall(b"354 go on\r\n")
        letter = b""
        while not letter.endswith(b"\r\n.\r\n"):
            letter = letter[-5:] + link.recv(1 << 18)
            pause.wait(0.02)
        link.sendall(b"250 taken\r\n")


def test_a_connection_lost_before_data_is_made_again(server: Server, sink: Sink) -> None:
    sink.drop_at_rcpt = 1
    with Post(settings(server.port), "") as post:
        assert attempt(post).result is Result.SENT
    assert (len(sink.letters), sink.sessions) == (1, 2)


def test_a_server_that_always_drops_is_down(server: Server, sink: Sink) -> None:
    sink.drop_at_rcpt = 9
    with Post(settings(server.port), "") as post, pytest.raises(SmtpDown):
        attempt(post)
    assert not sink.letters


def test_421_ends_the_session_not_the_letter(server: Server, sink: Sink) -> None:
    sink.rcpt.append("421 closing")
    with Post(settings(server.port), "") as post:
        assert attempt(post).result is Result.SENT
    assert sink.sessions == 2


def test_nobody_listens() -> None:
    with pytest.raises(SmtpDown, match="127.0.0.1"), Post(settings(free_port()), ""):
        pass


def test_false_from_the_journal_keeps_the_letter_here(server: Server, sink: Sink) -> None:
    with Post(settings(server.port), "") as post:
        assert post.send("we@alseco.example", "a@a.example", LETTER, lambda: False) is None
        assert attempt(post, "b@b.example").result is Result.SENT
    assert [got.recipients for got in sink.letters] == [["b@b.example"]]


@pytest.mark.parametrize("password", [SECRET, "тайна"])
def test_starttls_with_our_own_certificate_and_log_in(password: str, certificate: Path) -> None:
    sink = Sink()
    how = {"tls": "starttls", "ca_file": str(certificate / "cert.pem"), "user": USER, "password_env": "UNUSED"}
    with Server(sink, certificate, password=password) as server, Post(settings(server.port, **how), password) as post:
        assert attempt(post).result is Result.SENT
    assert sink.letters[0].encrypted


def test_implicit_tls(certificate: Path) -> None:
    sink = Sink()
    how = {"tls": "implicit", "ca_file": str(certificate / "cert.pem")}
    with Server(sink, certificate, implicit=True) as server, Post(settings(server.port, **how), "") as post:
        assert attempt(post).result is Result.SENT
    assert len(sink.letters) == 1


def test_an_unknown_certificate_stops_everything(certificate: Path) -> None:
    with Server(Sink(), certificate) as server:
        post = Post(settings(server.port, tls="starttls"), "")
        with pytest.raises(SmtpDown, match="CERTIFICATE_VERIFY_FAILED"), post:
            pass


def test_a_server_without_tls_is_not_talked_to(server: Server, sink: Sink) -> None:
    with pytest.raises(SmtpDown, match="STARTTLS"), Post(settings(server.port, tls="starttls"), ""):
        pass
    with pytest.raises(SmtpDown, match="(?i)ssl"), Post(settings(server.port, tls="implicit"), ""):
        pass
    assert not sink.letters


@pytest.mark.parametrize("wrong", ["wrong", "неверный"])
def test_a_wrong_password_is_no_letters_fault(wrong: str, certificate: Path) -> None:
    how = {"tls": "starttls", "ca_file": str(certificate / "cert.pem"), "user": USER, "password_env": "UNUSED"}
    with Server(Sink(), certificate, password=SECRET) as server:
        post = Post(settings(server.port, **how), wrong)
        with pytest.raises(SmtpDown, match="535"), post:
            pass


@pytest.mark.parametrize("password", [SECRET, "тайна"])
def test_a_server_that_repeats_the_password_is_not_quoted(password: str) -> None:
    """What it says goes into the journal's acts and the log."""
    coded = [b64encode(words.encode()).decode() for words in (password, f"\0{USER}\0{password}")]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_repeat, args=(listening, [password, *coded]))
        thread.start()
        how = {"user": USER, "password_env": "UNUSED"}
        with pytest.raises(SmtpLoginRefused) as raised, Post(settings(listening.getsockname()[1], **how), password):
            pass
        thread.join()
    assert all(form not in str(raised.value) for form in (password, *coded))
    assert "535" in str(raised.value) and str(raised.value).count("***") == 3


def _repeat(listening: socket.socket, words: list[str]) -> None:
    link = listening.accept()[0]
    with link, link.makefile("rb") as lines:
        link.sendall(b"220 here\r\n")
        for line in lines:
            if line.upper().startswith(b"EHLO"):
                link.sendall(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif line.startswith(b"AUTH"):
                link.sendall(f"535 not {' '.join(words)}\r\n".encode())
            else:
                link.sendall(b"221 bye\r\n")


ODD = ["", "a", "a@", "@b", "a b@c.kz", "a@b.kz\r\nRCPT TO:<x@y.kz>", "<a@b.kz>", "имя@b.kz", "a@b_c.kz", ".a@b.kz"]
ODD.append("a" * 250 + "@b.kz")


@pytest.mark.parametrize("address", ODD)
def test_what_is_no_address_is_never_given_to_a_server(address: str, server: Server, sink: Sink) -> None:
    assert not is_mailable(address)
    with Post(settings(server.port), "") as post:
        assert attempt(post, address).result is Result.REFUSED
    assert not sink.letters


def test_lines_of_a_letter_never_end_it_early() -> None:
    assert wire_form(b"a\n.\nb\r.c\r\n") == b"a\r\n..\r\nb\r\n..c\r\n.\r\n"
