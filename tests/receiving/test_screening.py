"""Letters that are ignored or quarantined before their forms are read, and the limit of 25 MB."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inbox_worker.core.model import Attachment, Outcome
from inbox_worker.receiving.authentication import authenticate
from inbox_worker.receiving.letter import Message
from inbox_worker.receiving.message import parse_message
from inbox_worker.receiving.screening import attachments_size, screen, too_large
from inbox_worker.settings.rules import load_rules

OURS = frozenset({"korrektirovki@centre.example", "bigoperators@centre.example"})
LIMIT = 26_214_400


def verdicts(head: str, authserv_id: str = "mx.centre.example", *, fetched: bool = False) -> list[tuple[Outcome, str]]:
    message = parse_message(head.encode() + b"\r\n\r\ntext")
    return [(s.outcome, s.finding.code) for s in screen(message, OURS, authserv_id, fetched=fetched)]


GOOD = "From: office@zhuldyz.example\r\nSubject: x"


@pytest.mark.parametrize(
    "more",
    [
        "",
        "Auto-Submitted: no",
        "Auto-Submitted: No; owner-email=a@x.example",
        "X-Auto-Response-Suppress: All",
        "Precedence: first-class",
        "Return-Path: <office@zhuldyz.example>",
        "Content-Type: multipart/mixed; boundary=report\r\n\r\n--report\r\n\r\nx\r\n--report--",
        "Reply-To: korrektirovki@centre.example",
    ],
)
def test_ordinary_letters_go_on(more: str) -> None:
    assert verdicts(f"{GOOD}\r\n{more}".rstrip()) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("Auto-Submitted: auto-replied", "message.automatic"),
        ("Auto-Submitted: (vacation) auto-generated; x=y", "message.automatic"),
        ("X-Autoreply: yes", "message.automatic"),
        ("Return-Path: <>", "message.bounce"),
        ("Return-Path: < >", "message.bounce"),
        ("From: Mail System <Mailer-Daemon@mx.x.example>", "message.bounce"),
        ("X-Failed-Recipients: a@x.example", "message.bounce"),
        (
            "Content-Type: Multipart/Report; report-type=delivery-status; boundary=b\r\n\r\n--b--",
            "message.bounce",
        ),
        ("List-Id: <news.example>", "message.list"),
        ("Precedence: Bulk", "message.list"),
        ("Precedence: list", "message.list"),
        ("Precedence: junk", "message.list"),
    ],
)
def test_letters_of_machines_are_ignored(more: str, code: str) -> None:
    assert verdicts(f"{GOOD}\r\n{more}") == [(Outcome.IGNORED, code)]


def test_bounce_without_a_proper_sender_is_ignored_not_quarantined() -> None:
    assert verdicts("From: MAILER-DAEMON\r\nReturn-Path: <>") == [(Outcome.IGNORED, "message.bounce")]


def test_our_own_mail_is_ignored() -> None:
    assert verdicts("From: Korrektirovki@Centre.example") == [(Outcome.IGNORED, "message.own")]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("Subject: x", "sender.absent"),
        ("From: \r\nSubject: x", "sender.absent"),
        ("From: a@x.example, b@y.example", "sender.several"),
        ("From: a@x.example\r\nFrom: b@y.example", "sender.several"),
        ("From: a@x.example <b@y.example>", "sender.several"),
        ("From: korrektirovki@centre.example, b@y.example", "sender.several"),
    ],
)
def test_doubtful_senders_are_quarantined(head: str, code: str) -> None:
    assert verdicts(head) == [(Outcome.QUARANTINED, code)]


def test_same_address_twice_is_one_sender() -> None:
    assert verdicts("From: A <a@x.example>, a@X.example") == []


def test_unreadable_letter_is_quarantined() -> None:
    assert verdicts(f"{GOOD}\r\nContent-Type: multipart/mixed") == [(Outcome.QUARANTINED, "message.unreadable")]


FAILED = "mx.centre.example; dmarc=fail"


@pytest.mark.parametrize(
    ("results", "code"),
    [
        (FAILED, "sender.not_authenticated"),
        ("MX.centre.example 1; spf=pass smtp.mailfrom=x; dkim=pass; dmarc=fail (p=none)", "sender.not_authenticated"),
        ("mx.centre.example; dmarc=fail; dkim=pass header.d=zhuldyz.example", "sender.not_authenticated"),
        ("mx.centre.example; spf=fail; dkim=fail", "sender.not_authenticated"),
        ("mx.centre.example; spf=fail; dkim=none", "sender.not_authenticated"),
        ("mx.centre.example; spf=softfail smtp.mailfrom=zhuldyz.example", "sender.not_authenticated"),
        ("mx.centre.example; spf=fail; dkim=fail; dkim=pass", "sender.not_authenticated"),
        ("mx.centre.example; spf=softfail; dkim=pass header.d=evil.example", "sender.not_authenticated"),
        ("mx.centre.example; spf=softfail; dkim=pass header.i=@notzhuldyz.example", "sender.not_authenticated"),
        (
            "mx.centre.example; spf=pass smtp.mailfrom=evil.example; dkim=fail header.d=zhuldyz.example",
            "sender.not_authenticated",
        ),
        (
            "mx.centre.example; spf=pass smtp.mailfrom=zhuldyz.example; spf=fail smtp.mailfrom=x.example",
            "sender.not_authenticated",
        ),
        (
            "mx.centre.example; spf=pass smtp.mailfrom=forger@evil.example; dkim=none; dmarc=none",
            "sender.proof_of_another",
        ),
        ("mx.centre.example; spf=none; dkim=pass header.d=evil.example", "sender.proof_of_another"),
        ("mx.centre.example; spf=none smtp.mailfrom=forger@evil.example; dkim=none", "sender.proof_of_another"),
        ("mx.centre.example; dkim=pass header.d=example", "sender.proof_of_another"),
        ("mx.centre.example; spf=hardfail; dkim=none", "sender.not_authenticated"),
        (
            "mx.centre.example; spf=fail; dkim=pass header.d=evil.example header.d=zhuldyz.example",
            "sender.not_authenticated",
        ),
        ('"mx.centre.example"; dmarc=fail', "sender.not_authenticated"),
        ('(our own) "MX.centre.example" 1; dmarc=fail', "sender.not_authenticated"),
        ("mx.centre.example.; dmarc=fail", "sender.not_authenticated"),
        ("mx.centre.example; spf=softfail; dkim=pass header.d=zhuldyz.example", ""),
        ("mx.centre.example; spf=fail; dkim=fail; dkim=pass header.i=@mail.zhuldyz.example", ""),
        ("mx.centre.example; spf=fail; dmarc=pass", ""),
        ("mx.centre.example; spf=pass smtp.mailfrom=office@zhuldyz.example", ""),
        ("mx.centre.example; spf=pass smtp.mailfrom=bounces.zhuldyz.example; dkim=pass header.d=mailer.example", ""),
        ("mx.centre.example; spf=fail smtp.helo=mx.zhuldyz.example; spf=none smtp.mailfrom=zhuldyz.example", ""),
        ("mx.centre.example; dkim=pass header.d=zhuldyz.example (dmarc=fail; dmarc=fail); dmarc=pass", ""),
        ('mx.centre.example; dkim=pass header.d=zhuldyz.example reason="x; dmarc=fail"', ""),
        ("mx.centre.example; spf=none; dkim=none; dmarc=none", ""),
        ("mx.centre.example; spf=none smtp.mailfrom=office@zhuldyz.example; dkim=none", ""),
        ("mx.centre.example; none", ""),
        ("other.example; dmarc=fail", ""),
        ("mx.centre.example.evil.example; dmarc=fail", ""),
        ("", ""),
    ],
)
def test_4_1_17_from_alone_is_no_proof_and_a_pass_counts_for_its_own_domain(results: str, code: str) -> None:
    expected = [(Outcome.QUARANTINED, code)] if code else []
    assert verdicts(f"Authentication-Results: {results}\r\n{GOOD}") == expected


def test_4_1_17_of_several_words_of_our_server_the_worst_counts() -> None:
    """Servers write a header a check; a pass that a forger wrote below ours mends nothing."""
    good = "Authentication-Results: mx.centre.example; dmarc=pass"
    bad = f"Authentication-Results: {FAILED}"
    refuted = [(Outcome.QUARANTINED, "sender.not_authenticated")]
    assert verdicts(f"{good}\r\n{bad}\r\n{GOOD}") == verdicts(f"{bad}\r\n{good}\r\n{GOOD}") == refuted
    ours = "Authentication-Results: mx.centre.example; spf=softfail; dkim=none"
    forged = "Authentication-Results: mx.centre.example; dkim=pass header.d=zhuldyz.example"
    assert verdicts(f"{ours}\r\n{forged}\r\n{GOOD}") == refuted
    apart = "Authentication-Results: mx.centre.example; spf=softfail"
    assert verdicts(f"{apart}\r\n{forged}\r\n{GOOD}") == []


def test_4_1_17_a_domain_in_cyrillic_is_its_ascii_form() -> None:
    head = "From: office@\u0436\u04b1\u043b\u0434\u044b\u0437.\u049b\u0430\u0437"
    domain = head.partition("@")[2].encode("idna").decode()
    told = f"Authentication-Results: mx.centre.example; spf=fail; dkim=pass header.d={domain}"
    assert verdicts(f"{told}\r\n{head}") == []


def test_4_1_17_a_fetched_letter_without_a_word_of_our_server_is_quarantined() -> None:
    other = "Authentication-Results: other.example; dmarc=pass"
    assert verdicts(GOOD, fetched=True) == verdicts(f"{other}\r\n{GOOD}", fetched=True)
    assert verdicts(GOOD, fetched=True) == [(Outcome.QUARANTINED, "sender.result_absent")]
    assert verdicts(f"Authentication-Results: mx.centre.example; none\r\n{GOOD}", fetched=True) == []
    assert verdicts(GOOD, authserv_id="", fetched=True) == []  # `check` warns of that


@pytest.mark.parametrize(
    "vain",
    [
        "spf=pass smtp.helo=zhuldyz.example",
        "spf=pass",
        "spf=pass header.from=zhuldyz.example",
        "dkim=pass header.d=evil.example header.d=zhuldyz.example",
    ],
)
def test_4_1_17_a_pass_for_nobody_knows_whom_is_no_word_about_the_sender(vain: str) -> None:
    told = f"Authentication-Results: mx.centre.example; {vain}\r\n{GOOD}"
    assert verdicts(told, fetched=True) == [(Outcome.QUARANTINED, "sender.result_absent")]
    message = parse_message(told.encode() + b"\r\n\r\ntext")
    assert not authenticate(message, "mx.centre.example").proven


@pytest.mark.parametrize("server", ['"mx.centre.example"', "mx.centre.example."])
def test_4_1_17_our_servers_name_may_be_quoted_or_end_in_a_dot(server: str) -> None:
    told = f"Authentication-Results: {server}; dkim=pass header.d=zhuldyz.example\r\n{GOOD}"
    assert verdicts(told, fetched=True) == []
    assert authenticate(parse_message(told.encode() + b"\r\n\r\ntext"), "mx.centre.example").proven


def test_a_filter_behind_our_server_does_not_hide_its_word() -> None:
    """It adds a header of its own above ours; nobody outside can."""
    above, bad = "Authentication-Results: scanner.local; x-virus=none", f"Authentication-Results: {FAILED}"
    good = "Authentication-Results: mx.centre.example; dmarc=pass"
    assert verdicts(f"{above}\r\n{bad}\r\n{GOOD}") == [(Outcome.QUARANTINED, "sender.not_authenticated")]
    assert verdicts(f"{above}\r\n{good}\r\n{GOOD}") == []


def test_without_a_name_of_our_server_authentication_is_not_asked() -> None:
    assert verdicts(f"Authentication-Results: {FAILED}\r\n{GOOD}", authserv_id="") == []


def message_of(*sizes: int) -> Message:
    files = tuple(Attachment(f"{size}.xlsx", bytes(size), inline=size < 100) for size in sizes)
    return Message(("a@x.example",), "", "", "", (), None, files, {})


def test_size_is_of_all_attachments_decoded() -> None:
    assert attachments_size(message_of(10, 200, 3000)) == 3210


def test_4_3_2_exactly_25_mb_are_allowed_and_a_byte_more_is_not() -> None:
    assert too_large(message_of(LIMIT - 10, 10), LIMIT) is None
    finding = too_large(message_of(LIMIT - 10, 11), LIMIT)
    assert finding is not None
    assert (finding.code, finding.value) == ("message.too_large", "26 214 401")
    assert finding.facts == {"size": "26 214 401", "limit": "26 214 400", "limit_mb": "25"}


def test_every_finding_of_this_stage_has_its_words() -> None:
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text("utf-8") for path in (root / "inbox_worker/receiving").glob("*.py"))
    codes = set(re.findall(r"Finding\(\s*\"([a-z_.]+)\"", sources))
    assert {"message.unreadable", "message.too_large", "sender.several"} <= codes
    assert codes <= load_rules(root / "rules").findings.keys()
