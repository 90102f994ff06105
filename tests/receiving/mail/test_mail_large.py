"""Letters too large to be kept as files: many parts, many forms, more than 25 MB (4.3.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mail_letters import MINUS, PDF, file, letter, multi, text
from test_mail_oddities import NOW

from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.report import arrival_json
from inbox_worker.receiving.message import parse_message
from inbox_worker.receiving.store import Incoming
from tests.support.office import TownOffice

pytestmark = pytest.mark.slow


LIMIT = 26_214_400


def codes(office: TownOffice, raw: bytes) -> tuple[str, list[str]]:
    arrival = Pipeline(office.office, office.reader).ingest(Incoming(raw, "large.eml", "korrektirovki", NOW))
    report = arrival_json(office.office.journal, arrival, office.office.home.archive)
    return report["outcome"], [finding["code"] for finding in report["findings"]]


def test_2000_parts_are_read(office: TownOffice) -> None:
    """Every part is looked at: the form is the last of them."""
    parts = [text("x") for _ in range(1_999)]
    assert codes(office, letter(multi(*parts, file()))) == ("accepted", [])


def test_a_letter_of_parts_without_end_is_not_taken_apart(office: TownOffice) -> None:
    """A part may be 7 bytes long: 25 MB of them would take minutes."""
    raw = letter(multi(text())) + b"--=_b1\r\n\r\n" * 500_000
    outcome, told = codes(office, raw)
    assert (outcome, told) == ("quarantined", ["message.unreadable"])


def test_a_letter_of_headers_without_end_is_not_taken_apart() -> None:
    message = parse_message(b"From: a@x.example\r\n" + b"a:\r\n" * 1_100_000)
    assert [finding.code for finding in message.findings] == ["message.unreadable"]
    assert message.senders == ("a@x.example",)


@pytest.mark.parametrize("forms", [5, 6])
def test_4_3_2_too_many_forms(office: TownOffice, forms: int) -> None:
    """As many as the rules let a zip hold are read, each by itself; one more and none is."""
    rules = office.office.rules
    limits = rules.limits.model_copy(update={"zip_members": 5})
    office.office = replace(office.office, rules=replace(rules, limits=limits))
    parts = [file(f"{n}.xlsx", b"no workbook %d" % n) for n in range(forms)]
    found, told = codes(office, letter(multi(text(), *parts)))
    assert found == "rejected"  # none of them is a workbook
    assert told == (["message.too_many_files"] if forms > 5 else [])


@pytest.mark.parametrize(("size", "outcome"), [(LIMIT - len(MINUS), "accepted"), (LIMIT - len(MINUS) + 1, "rejected")])
def test_4_3_2_mb_25_and_a_byte_more(office: TownOffice, size: int, outcome: str) -> None:
    scan = PDF + bytes(size - len(PDF))
    found, told = codes(office, letter(multi(text(), file(), file("scan.pdf", scan, "application/pdf"))))
    assert found == outcome
    assert told == ([] if outcome == "accepted" else ["message.too_large"])
