"""A sender's text in an answer is text: never markup, never a header, never another recipient."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reply_office import AnsweringOffice

from inbox_worker.core.model import Arrival, Outcome, Period, Severity, Submission, WordedFinding
from inbox_worker.core.rendered import Operator
from inbox_worker.core.text import one_line
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.replies import reply_subject
from inbox_worker.outbox.compose import Letter, compose, identifiers
from inbox_worker.outbox.receipt import FormAnswer, Receipt, render_receipt
from inbox_worker.outbox.send import send_due
from inbox_worker.settings.form_rules import Bilingual
from tests.support.mail_sink import Sink
from tests.support.office import ROOT, Row, moment
from tests.support.papers import File

RECEIPTS = ROOT / "templates" / "receipts"
NOW = datetime(2026, 8, 20, 12, tzinfo=ALMATY)
NASTY = "<script>alert(1)</script>\r\nBcc: all@x.example\r\n\r\n<img src=http://x.example/a.png> & \"'{{7*7}}\u202e"
PIECES = [
    *("<b>", "]]>", "&lt;", "{0}", "{number}", "{{ 1 }}", "{% raw %}", "Bcc: x@y.kz", "=?utf-8?q?a?=", "."),
    *("\r\n", "\n", "\r", "\x0b", "\x00", "\x85", "\u2028", "\u202e", "\ud800"),
]
TEXT = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


class Tags(HTMLParser):
    """The skeleton of a page: its tags with their attributes; and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def receipt(text: str) -> Receipt:
    """A rejected form in which everything a sender can write is that text."""
    arrival = Arrival(12, "", "korrektirovki", text, NOW, "", "", text, text, Outcome.REJECTED)
    form = Submission(
        "IW-000012-1", 12, 1, text, "", "tariffs", text, Outcome.HELD, Period(2026, 9), NOW, 3, 0, "", documents=text
    )
    finding = WordedFinding("a.b", Severity.ERROR, text, "A1", text, text, text, text, text, "4.3.2")
    answer = FormAnswer(
        form, Bilingual(ru="Тарифы", kk="Тарифтер"), text, [finding], None, "marked", "IW-000012-1.xlsx"
    )
    operator = Operator("1", "АО", "АҚ", "Алматы", "", "", "", "", "")
    return Receipt(arrival, [answer], [finding], operator, "we@alseco.example", 20)


def letter(text: str) -> Letter:
    page = render_receipt(receipt(text), RECEIPTS)
    subject = reply_subject(text, "IW-000012")
    thread = (text, "<a@b.kz>", f"<{text}@x.kz>")
    return Letter("we@alseco.example", text, "we@alseco.example", "a@a.kz", subject, "<m@alseco.example>",
                  datetime(2026, 8, 20, tzinfo=UTC), *page, thread=thread)  # fmt: skip


PLAIN = Tags(render_receipt(receipt("слово"), RECEIPTS)[1]).found
LINES = len(render_receipt(receipt("слово"), RECEIPTS)[0].splitlines())


@settings(max_examples=150, deadline=None)
@given(TEXT.filter(lambda text: one_line(text) != ""))
def test_the_page_has_the_same_tags_whatever_was_written(text: str) -> None:
    written, html = render_receipt(receipt(text), RECEIPTS)
    page = Tags(html)
    assert page.found == PLAIN
    assert one_line(text)[:100] in "".join(page.words).replace("\n", " ") or len(one_line(text)) > 400
    assert len(re.split(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", written)) == LINES + 1


WORDS = ["Перерасчёт", "за", "период", "—", "ОСИ", "«Жұлдыз»", "A12", "x"]
LONG = st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(LONG, LONG)
def test_no_space_between_words_is_lost_where_a_header_is_folded(subject: str, name: str) -> None:
    """A long subject read «за прошлыйпериод». Decoded by the older reader: the new one adds spaces of its own."""
    message = message_from_bytes(compose(replace(letter(""), subject=subject, sender_name=name)))
    assert _decoded(message["Subject"]) == subject[:150].strip()
    assert _decoded(parseaddr(message["From"])[0]) == name


def _decoded(header: str) -> str:
    return str(make_header(decode_header(header)))


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_the_letter_has_the_same_headers_whatever_was_written(text: str) -> None:
    data = compose(letter(text))
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    wanted = "From To Reply-To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress"
    assert names == [*(name.encode() for name in wanted.split()), b"MIME-Version", b"Content-Type"]
    assert max(len(line) for line in data.split(b"\r\n")) <= 998 and data.isascii()
    message = cast(EmailMessage, message_from_bytes(data, policy=default))
    assert [address.addr_spec for address in message["To"].addresses] == ["a@a.kz"]
    assert [address.addr_spec for address in message["From"].addresses] == ["we@alseco.example"]
    assert "[IW-000012]" in message["Subject"]
    assert compose(letter(text)) == data, "the same letter, the same bytes"


@given(st.lists(TEXT | st.just("<a@b.kz>"), max_size=30))
def test_only_identifiers_stand_in_a_thread(found: list[str]) -> None:
    kept = identifiers(found)
    assert len(kept) <= 20 and all(re.fullmatch(r"<[!-~]+>", one) for one in kept)
    assert ("<a@b.kz>" in kept) == ("<a@b.kz>" in found)


def test_nothing_is_fetched_when_the_page_is_opened() -> None:
    html = render_receipt(receipt("слово"), RECEIPTS)[1]
    assert not re.search(r"https?:|src=|href=|url\(|@import|<script|<link", html)


def test_nasty_names_through_the_whole_house(answering: AnsweringOffice, sink: Sink) -> None:
    """In the subject, the file's name and the cell."""
    row: Row = {"account": NASTY, "service": "maintenance", "past_month": "06.2026", "amount": NASTY}
    book = File(NASTY.replace("\r\n", " ") + ".xlsx", answering.form("recalculations", [row]))
    answering.mail([book], received="2026-08-20", headers={"Comments": "1"}, text=NASTY)
    assert send_due(answering.office, moment("2026-08-20T12:00:00")) == []
    (got,) = sink.letters
    assert got.recipients == ["office@a.example"] and got.message["Bcc"] is None
    tags = Tags(got.html)
    assert not [one for one in tags.found if isinstance(one, tuple) and one[0] in ("script", "img")]
    assert "<script>alert(1)</script>" in "".join(tags.words)


@pytest.mark.parametrize("field", ["letter", "rejected_until"])
def test_staff_may_change_the_words(field: str, answering: AnsweringOffice, sink: Sink) -> None:
    own = answering.folder / "templates"
    shutil.copytree(ROOT / "templates", own)
    words = (own / "receipts" / "words.yaml").read_text("utf-8")
    words = re.sub(rf"(?m)^({field}:\n  ru: )\".*\"$", r'\1"Наши слова & <знаки>"', words)
    (own / "receipts" / "words.yaml").write_text(words, "utf-8")
    row: Row = {"account": "1", "service": "maintenance", "past_month": "06.2026", "amount": "-1"}
    answering.ingest("recalculations", [row], received="2026-08-20")
    assert send_due(answering.office, moment("2026-08-20T12:00:00")) == []
    assert "Наши слова &amp; &lt;знаки&gt;" in sink.letters[0].html
