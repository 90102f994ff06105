"""Letters as they really come: every oddity a pair of bytes and what must be read out of them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_worker.receiving.letter import Message
from inbox_worker.receiving.message import parse_message

WORKBOOK = b"PK\x03\x04" + bytes(range(256))
RECEIVED = "from mx.example by box.example; Tue, 25 Aug 2026 23:59:59 +0500"


def letter(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["Received"] = RECEIVED
    made["From"] = headers.pop("sender", "ТОО «Жұлдыз» <Office@Zhuldyz.example>")
    made["Subject"] = "Показания за сентябрь"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("Добрый день!\n")
    return made


def with_workbook(name: str = "показания.xlsx") -> EmailMessage:
    made = letter()
    made.add_attachment(WORKBOOK, maintype="application", subtype="octet-stream", filename=name)
    return made


def raw(head: bytes, body: bytes = b"text") -> bytes:
    return head + b"\r\n\r\n" + body


def file_part(part_head: bytes, outer: bytes = b"multipart/mixed") -> Message:
    """A message of one text and one part with the given raw part headers."""
    return parse_message(
        b"From: a@x.example\r\nContent-Type: " + outer + b'; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\n" + part_head + b"\r\n\r\nPK\x03\x04zip\r\n--b--\r\n"
    )


def test_plain_letter_with_a_workbook_is_read() -> None:
    message = parse_message(with_workbook().as_bytes())
    assert message.senders == ("office@zhuldyz.example",)
    assert message.subject == "Показания за сентябрь"
    assert message.text == "Добрый день!"
    assert [(a.name, a.data, a.inline) for a in message.attachments] == [("показания.xlsx", WORKBOOK, False)]
    assert message.findings == ()


def test_receipt_time_is_the_topmost_received_never_the_date() -> None:
    made = letter(Date="Mon, 03 Aug 2026 10:00:00 +0500")
    made["Received"] = "from sender by relay; Mon, 03 Aug 2026 10:00:00 +0500"
    assert parse_message(made.as_bytes()).received_at == datetime(2026, 8, 25, 18, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "from a by b",
        "from a by b; no date",
        "a; Mon, 99 Aug 2026 10:00:00 +0500",
        "a;",
        "; 1 Jan 0150 00:00 +0500",
        "a; Mon, 3 Aug 99999999999999999999 10:00:00 +0500",
        "a; Mon, 3 Aug 2026 10:00:00 +999999",
    ],
)
def test_receipt_time_that_is_no_date_is_none_and_that_is_said(value: str) -> None:
    head = f"Received: {value}\r\nReceived: x; Mon, 03 Aug 2026 10:00:00 +0500\r\nFrom: a@x.example"
    message = parse_message(raw(head.encode()))
    assert message.received_at is None
    assert [(finding.code, finding.value) for finding in message.findings] == [("message.receipt_time", value)]


def test_received_without_a_known_zone_counts_as_utc() -> None:
    message = parse_message(raw(b"Received: a; Mon, 03 Aug 2026 10:00:00 -0000\r\nFrom: a@x.example"))
    assert message.received_at == datetime(2026, 8, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A <a@x.example>, b@Y.example", ("a@x.example", "b@y.example")),
        ('"boss@c.example" <forger@x.example>', ("forger@x.example",)),
        ("boss@c.example <forger@x.example>", ("boss@c.example", "forger@x.example")),
        ("<a@x.example> <b@y.example>", ("a@x.example", "b@y.example")),
        ("team: a@x.example, b@y.example;", ("a@x.example", "b@y.example")),
        ("a@x.example (b@y.example)", ("a@x.example",)),
        ("MAILER-DAEMON", ()),
        ("<>", ()),
        ("", ()),
        ('"' * 3000 + "<a@x.example>", ("a@x.example",)),
    ],
)
def test_senders_are_all_addresses_of_from(value: str, expected: tuple[str, ...]) -> None:
    assert parse_message(raw(f"From: {value}\r\nSubject: x".encode())).senders == expected


def test_every_one_of_very_many_from_headers_is_seen() -> None:
    head = b"\r\n".join(b"From: a%d@x.example" % number for number in range(50))
    assert len(parse_message(raw(head)).senders) == 50


def test_senders_of_two_from_headers_are_both_seen() -> None:
    message = parse_message(raw(b"From: a@x.example\r\nFrom: b@y.example"))
    assert message.senders == ("a@x.example", "b@y.example")


@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "koi8-r"])
def test_raw_headers_and_names_without_encoding_are_read(charset: str) -> None:
    head = "From: Управляющая компания <a@x.example>\r\nSubject: Тарифы за сентябрь".encode(charset)
    assert parse_message(raw(head)).subject == "Тарифы за сентябрь"
    assert parse_message(raw(head)).senders == ("a@x.example",)
    part = 'Content-Disposition: attachment; filename="Перерасчёт за май.xlsx"'.encode(charset)
    assert file_part(part).attachments[0].name == "Перерасчёт за май.xlsx"


def test_kazakh_letters_in_the_old_code_page_are_read() -> None:
    head = 'Content-Disposition: attachment; filename="Есептегіш көрсеткіштері.xlsx"'.encode("kz1048")
    assert file_part(head).attachments[0].name == "Есептегіш көрсеткіштері.xlsx"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"Content-Type: a/b; name*=UTF-8''%D0%9E%D1%82.xlsx", "От.xlsx"),
        (b"Content-Disposition: attachment; filename*=windows-1251''%CE%F2.xlsx", "От.xlsx"),
        (b"Content-Disposition: attachment; filename*=nonsense''%CE%F2.xlsx", "От.xlsx"),
        (
            b"Content-Disposition: attachment;\r\n filename*0*=UTF-8''%D0%9E;\r\n filename*1*=%D1%82.xls",
            "От.xls",
        ),
        (b'Content-Disposition: attachment; filename="=?utf-8?B?0J7Rgi54bHN4?="', "От.xlsx"),
        (b"Content-Disposition: attachment; filename==?utf-8?B?0J7Rgi54bHN4?=", "От.xlsx"),
        (b"Content-Disposition: attachment; filename=a b c.xlsx", "a b c.xlsx"),
        (b'Content-Type: application/x; name="=?koi8-r?Q?=E1=CB=D4.xlsx?="', "Акт.xlsx"),
        (b'Content-Disposition: attachment; filename="a\xe2\x80\xaexslx.exe"', "a xslx.exe"),
        (b"Content-Type: application/vnd.ms-excel", "attachment-2.xlsx"),
        (b"Content-Disposition: attachment", "attachment-2.xlsx"),
    ],
)
def test_attachment_names(head: bytes, name: str) -> None:
    assert [a.name for a in file_part(head).attachments] == [name]


def test_a_name_that_begins_again_and_again_costs_no_time() -> None:
    """30 parts whose name begins 6 000 times: 5 s each when every beginning was followed to the end."""
    part = b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; %s\r\n\r\nx\r\n"
    parts = b"".join(part % (b"filename*=" * 6_000) for _ in range(30))
    head = b"From: a@b.kz\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    before = process_time()
    read = parse_message(head + parts + b"--b--\r\n")
    assert process_time() - before < 30 and len(read.attachments) == 30


@pytest.mark.parametrize(
    ("head", "outer", "inline"),
    [
        (
            b"Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Disposition: inline",
            b"multipart/mixed",
            True,
        ),
        (b"Content-Type: image/png\r\nContent-Disposition: inline", b"multipart/mixed", False),
        (b"Content-Type: image/png\r\nContent-ID: <1>", b"multipart/related", True),
        (b"Content-Type: image/png\r\nContent-Disposition: attachment", b"multipart/mixed", False),
        (b"Content-Type: application/pdf\r\nContent-ID: <1>", b"multipart/related", False),
    ],
)
def test_only_pictures_of_the_letters_text_are_inline(head: bytes, outer: bytes, inline: bool) -> None:
    assert file_part(head, outer).attachments[0].inline is inline


def test_forwarded_letter_gives_its_files_and_the_outer_sender_counts() -> None:
    outer = letter(sender="staff@customer.example")
    outer.add_attachment(with_workbook("внутри.xlsx"))
    message = parse_message(outer.as_bytes())
    assert message.senders == ("staff@customer.example",)
    assert [(a.name, a.data) for a in message.attachments] == [("внутри.xlsx", WORKBOOK)]


def test_forwarded_letter_packed_in_base64_gives_its_files() -> None:
    packed = EmailMessage()
    packed.set_content(with_workbook("внутри.xlsx").as_bytes(), maintype="application", subtype="x", cte="base64")
    body = packed.as_bytes().split(b"\n\n", 1)[1]
    message = parse_message(
        raw(b"From: a@x.example\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", body)
    )
    assert [(a.name, a.data) for a in message.attachments] == [("внутри.xlsx", WORKBOOK)]


def test_html_letter_is_read_as_words() -> None:
    html = "<head><title>t</title></head><p>Тарифы &amp; акты</p><script>alert(1)</script><div>Протокол №7</div>"
    head = b"From: a@x.example\r\nContent-Type: text/html; charset=utf-8"
    assert parse_message(raw(head, html.encode())).text == "Тарифы & акты\nПротокол №7"


def test_plain_text_is_preferred_and_cut_at_100_kb() -> None:
    made = letter()
    made.add_alternative("<p>другое</p>", subtype="html")
    assert parse_message(made.as_bytes()).text == "Добрый день!"
    assert len(parse_message(raw(b"From: a@x.example", b"a" * 300_000)).text) == 100_000


def test_unknown_and_wrong_charsets_are_guessed() -> None:
    body = "Прилагаем показания".encode("cp1251")
    for charset in (b"nonsense", b"utf-8", b"us-ascii"):
        head = b"From: a@x.example\r\nContent-Type: text/plain; charset=" + charset
        assert parse_message(raw(head, body)).text == "Прилагаем показания"


def test_references_come_from_both_headers_and_first_values_are_kept() -> None:
    head = (
        b"From: a@x.example\r\nReferences: <1@a> <2@b>\r\nIn-Reply-To: <2@b>\r\nMessage-ID: <3@c>\r\n"
        b"Precedence: bulk\r\nPrecedence: first-class\r\nAuto-Submitted: auto-replied"
    )
    message = parse_message(raw(head))
    assert (message.message_id, message.references) == ("<3@c>", ("<1@a>", "<2@b>"))
    assert message.headers["precedence"] == "bulk"
    assert message.headers["auto-submitted"] == "auto-replied"
    assert "list-id" not in message.headers


def test_winmail_is_told() -> None:
    part = b'Content-Type: application/ms-tnef; name="winmail.dat"'
    assert [f.code for f in file_part(part).findings] == ["message.winmail"]


NESTED = b"From: a@x.example\r\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000)
)


@pytest.mark.parametrize("data", [b"", b"\x00" * 50, WORKBOOK, b"\r\n\r\n", b"no headers here", NESTED])
def test_what_is_no_letter_gives_a_finding(data: bytes) -> None:
    message = parse_message(data)
    assert [f.code for f in message.findings] == ["message.unreadable"]
    assert message.attachments == ()


def test_senders_survive_a_letter_that_cannot_be_taken_apart() -> None:
    assert parse_message(NESTED).senders == ("a@x.example",)


def test_multipart_without_a_boundary_is_unreadable() -> None:
    message = parse_message(raw(b"From: a@x.example\r\nContent-Type: multipart/mixed", b"--b\r\n\r\nx"))
    assert [f.code for f in message.findings] == ["message.unreadable"]


NASTY = [
    b"Content-Type: text/plain; charset*=utf-8''%FF%FE",
    b"Content-Type: text/plain; charset=\xff\xfe",
    b'Content-Type: ;;;="',
    b"Content-Type: text/plain; charset=hex",
    b"Content-Type: text/plain; charset=idna",
    b"Content-Disposition: \xd0; filename*=''''%",
    b"Content-Disposition: attachment; filename*99999999999999999999=a",
    b"Content-Disposition: attachment; filename*0*=a''b; filename*0*=c",
    b"Content-Transfer-Encoding: x-uuencode",
    b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=rot13",
    b"Message-ID: <[]>\r\nTo: <@>\r\nReply-To: =?",
    b"Message-ID: [",
    b"From: =?utf-16?B?2AA=?= <a@x.example>",
    b"From: a@[\r\nSubject: =?utf-8?B?====?=",
    b"From: \r\n\t\r\n .\r\nDate: \xff",
    b"Subject: =?utf-8?q?=ED=A0=80?=\r\nFrom: (((((\r\nReceived: ;",
    b"MIME-Version: x.y.z(\r\nContent-ID: <",
    b"From: " + b"(" * 20_000,
    b"From: " + b"a" * 200_000,
    b"Content-Type: multipart/mixed; boundary=" + b'"' * 20_000,
]


@pytest.mark.parametrize("head", NASTY)
def test_nasty_headers_never_raise(head: bytes) -> None:
    for data in (
        head,
        raw(head),
        raw(b"From: a@x.example\r\n" + head, b"=FF\r\nbegin 644 a\r\nM"),
        raw(head, NASTY[0]),
    ):
        _storable(parse_message(data))
    _storable(file_part(head))


def _storable(message: Message) -> None:
    """Everything read can be stored: no surrogates, no control characters in one-line values."""
    lines = [
        *message.senders,
        message.subject,
        message.message_id,
        *message.references,
        *message.headers.values(),
    ]
    lines += [a.name for a in message.attachments]
    for line in lines:
        assert line == " ".join(line.encode("utf-8").decode("utf-8").split())
        assert all(letter >= " " for letter in line)
    message.text.encode("utf-8")
    assert message.received_at is None or message.received_at.tzinfo is not None


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_random_bytes_never_raise(data: bytes) -> None:
    _storable(parse_message(data))


SAMPLE = with_workbook().as_bytes()
HEADS = st.sampled_from(
    [
        b"From",
        b"Subject",
        b"Content-Type",
        b"Content-Disposition",
        b"Content-Transfer-Encoding",
        b"Message-ID",
        b"Received",
        b"To",
        b"References",
        b"Return-Path",
        b"MIME-Version",
    ]
)


@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=6)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_mutated_letters_never_raise(changes: list[tuple[int, bytes]]) -> None:
    data = SAMPLE
    for place, piece in changes:
        data = data[:place] + piece + data[place + 1 :]
    _storable(parse_message(data))


SIGNS = st.text(alphabet="<>@\"()[];:,.=?*'%\\ aж\r\n\t\x00", max_size=40).map(lambda text: text.encode("utf-8"))


@given(st.lists(st.tuples(HEADS, SIGNS), max_size=6), st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_header_values_never_raise(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    _storable(parse_message(raw(b"\r\n".join(name + b": " + value for name, value in headers), body)))
