"""Whatever the bytes are, a letter gets a verdict (4.1.15): random bytes, and odd letters spoilt further."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inbox_worker.core.model import Arrival, Customer
from inbox_worker.core.time import ALMATY
from inbox_worker.receiving.cms import read_cms
from inbox_worker.receiving.message import parse_message
from inbox_worker.receiving.opening import open_arrival
from inbox_worker.receiving.screening import screen
from inbox_worker.settings.home import Home, load_home
from inbox_worker.settings.rules import load_rules
from tests.support.office import ROOT

pytestmark = pytest.mark.slow


LETTERS = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.eml")) if path.stat().st_size < 8_000]
RULES = load_rules(ROOT / "rules")
HOME = Home(ROOT, load_home(ROOT).config.model_copy(update={"authserv_id": "mx.alseco.example"}))
CUSTOMERS = {"1": Customer(*("1", "A", "", "", None, None, ("office@a.example",), "", "", "", "", "", False))}  # type: ignore[arg-type]
HEADERS = (b"From", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding", b"Received", b"Subject")
SIGNS = st.text(alphabet="<>@\"()[];:,.=?*'%\\/-_ aж\r\n\t\x00", max_size=30).map(str.encode)
SPOIL = st.tuples(st.floats(0, 1), st.integers(0, 60), st.one_of(st.binary(max_size=8), SIGNS))


def has_a_verdict(raw: bytes) -> None:
    """Screened and opened without an exception; every text can be stored."""
    message = parse_message(raw)
    screen(message, HOME.config.our_addresses, "mx.alseco.example")
    arrival = Arrival(1, "", "korrektirovki", "x.eml", datetime(2026, 8, 20, tzinfo=ALMATY), "", "")
    opened = open_arrival(arrival, raw, HOME, RULES, CUSTOMERS)
    assert opened.verdict is not None or opened.sender == "office@a.example"
    for text in (opened.text, opened.sender, *(file.name for file in (*opened.forms, *opened.documents))):
        text.encode("utf-8")


@given(st.binary(max_size=600))
@example(b"\r")
@example(b"From: a\r\n\r\n")
@settings(max_examples=150, deadline=None)
def test_random_bytes_get_a_verdict(data: bytes) -> None:
    has_a_verdict(data)


@given(st.sampled_from(LETTERS), st.lists(SPOIL, max_size=8))
@settings(max_examples=250, deadline=None)
def test_spoilt_letters_get_a_verdict(data: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for where, gone, put in changes:
        at = int(where * len(data))
        data = data[:at] + put + data[at + gone :]
    has_a_verdict(data)


@given(
    st.sampled_from(LETTERS), st.lists(st.tuples(st.sampled_from(HEADERS), SIGNS), min_size=1, max_size=5), st.data()
)
@settings(max_examples=150, deadline=None)
def test_letters_with_any_headers_get_a_verdict(
    data: bytes, more: list[tuple[bytes, bytes]], draw: st.DataObject
) -> None:
    """Headers of nonsense at the start of any line, parts' headers included."""
    starts = [0, *(at + 2 for at in range(len(data)) if data[at : at + 2] == b"\r\n")][:200]
    at = draw.draw(st.sampled_from(starts))
    has_a_verdict(data[:at] + b"".join(name + b": " + value + b"\r\n" for name, value in more) + data[at:])


@given(st.binary(max_size=200), st.integers(0, 3000), st.integers(0, 20))
@settings(max_examples=150, deadline=None)
def test_reading_a_container_never_raises(noise: bytes, at: int, gone: int) -> None:
    letter = parse_message(Path(__file__).with_name("detached_signature_beside_the_form.eml").read_bytes())
    data = letter.attachments[1].data
    read_cms(noise)
    read_cms(b"\x30" + noise)
    read_cms(data[:at] + noise + data[at + gone :])
