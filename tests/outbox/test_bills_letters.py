"""4.1.2: approved bills reach consumers by e-mail, one letter a bill, throttled, resumable; bounces are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from inbox_worker.core.model import Customer, Period
from inbox_worker.ledger.letters import LetterState
from inbox_worker.month.office import Office
from inbox_worker.outbox.bill_letters import BillsReport, send_bills
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.settle import settle
from inbox_worker.settings.config import BillMailConfig
from tests.outbox.desk import MONTH, NOW, Desk
from tests.outbox.post import Counter, Post, files_of
from tests.support.office import TownOffice, line

LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def owner(desk: Desk) -> Customer:
    """The operator's own folder: a bill has lines of many Customers."""
    operator = desk.office.home.operator
    return replace(desk.customer("A"), bin=operator.bin, name=operator.name)


def put_up(desk: Desk, owner: Customer, accounts: Sequence[str] = ("1001", "1002", "1003"), text: str = "1") -> None:
    names = [f"bill-{MONTH}-{account}.pdf" for account in accounts]
    desk.render(names=names, owner=owner, text=text)


def approve(desk: Desk) -> None:
    (desk.root / "approved").mkdir(exist_ok=True)
    (desk.root / "pending" / MONTH).rename(desk.root / "approved" / MONTH)
    assert desk.look().problems == []


def throttled(office: Office, per_minute: int) -> Office:
    config = office.home.config.model_copy(update={"bill_mail": BillMailConfig(per_minute=per_minute)})
    return replace(office, home=replace(office.home, config=config))


def send(desk: Desk, post: Post, limit: int | None = None, office: Office | None = None) -> BillsReport:
    report = send_bills(office or desk.office, Period.parse(MONTH), NOW, limit)
    post.send_due(NOW)
    settle(desk.office, NOW)
    return report


def state(desk: Desk, account: str) -> str:
    return next(v.state.value for v in desk.out.versions() if v.account == account)


def test_one_letter_a_bill_with_the_pdf_and_no_other_accounts(
    desk: Desk, owner: Customer, post: Post, counter: Counter
) -> None:
    put_up(desk, owner)
    desk.look()
    report = send(desk, post)
    assert (report.queued_now, report.unapproved, counter.letters) == (0, 3, [])
    approve(desk)
    report = send(desk, post)
    assert (report.queued_now, report.left, report.without_address) == (2, 0, 1)
    assert sorted(to for to, _ in counter.letters) == ["flat1@home.example", "flat2@home.example"]
    for to, letter in counter.letters:
        account = "1001" if to.startswith("flat1") else "1002"
        (name,) = files_of(letter)
        assert name == f"bill-{MONTH}-{account}.pdf"
        text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert account in text and "лицевому счёту" in text and "дербес шоты" in text
    assert [state(desk, account) for account in ("1001", "1002", "1003")] == ["sent", "sent", "approved"]
    assert dict(send(desk, post).states) == {"sent": 2} and len(counter.letters) == 2


def test_the_latest_address_of_the_directory(
    office: TownOffice, desk: Desk, owner: Customer, post: Post, counter: Counter
) -> None:
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.3", email="new@home.example;also@home.example")
    )
    put_up(desk, owner, ["1001"])
    approve(desk)
    send(desk, post)
    assert sorted(to for to, _ in counter.letters) == ["also@home.example", "new@home.example"]


def test_bills_by_house_are_found_by_their_folder(desk: Desk, owner: Customer, post: Post) -> None:
    desk.render(names=["bills/H-1/1001.pdf", "bills-2026-09-H-1.pdf"], owner=owner)
    approve(desk)
    assert send(desk, post).queued_now == 1
    assert state(desk, "1001") == "sent" and state(desk, "") == "approved", "the house's file is for the printer"


def test_so_many_a_minute_and_the_rest_later(desk: Desk, owner: Customer, post: Post, counter: Counter) -> None:
    put_up(desk, owner)
    approve(desk)
    slow = throttled(desk.office, 1)
    assert [(r.queued_now, r.left) for r in (send(desk, post, office=slow), send(desk, post, office=slow))] == [
        (1, 1),
        (0, 1),
    ]
    assert send_bills(slow, Period.parse(MONTH), LATER).queued_now == 1
    assert send_bills(slow, Period.parse(MONTH), LATER + timedelta(hours=1)).queued_now == 0


def test_a_limit_and_going_on(desk: Desk, owner: Customer, post: Post, counter: Counter) -> None:
    put_up(desk, owner)
    approve(desk)
    assert [send(desk, post, limit=1).queued_now for _ in range(3)] == [1, 1, 0]
    assert len(counter.letters) == 2


def test_the_service_sends_them_by_itself(desk: Desk, owner: Customer, post: Post, counter: Counter) -> None:
    put_up(desk, owner)
    approve(desk)
    assert pass_outbox(desk.office, NOW) == []
    post.send_due(NOW)
    assert pass_outbox(desk.office, NOW) == []
    assert len(counter.letters) == 2 and state(desk, "1001") == "sent"


def test_a_refused_letter_leaves_the_bill_unsent(office: TownOffice, desk: Desk, owner: Customer, post: Post) -> None:
    office.load_directory(
        line("B", "1003", "lift", base="чел.", residents=2, tariff="300", email="nobody@home.example")
    )
    put_up(desk, owner, ["1003"])
    approve(desk)
    send(desk, post)
    assert [p.state for p in desk.out.proofs()] == [LetterState.REFUSED]
    assert state(desk, "1003") == "approved" and send(desk, post).queued_now == 0


def test_a_bill_changed_while_we_look_is_not_sent(desk: Desk, owner: Customer, post: Post) -> None:
    put_up(desk, owner, ["1001"])
    approve(desk)
    (path,) = (desk.root / "approved").rglob("bill-*.pdf")
    path.write_bytes(b"not what was approved")
    assert send(desk, post).queued_now == 0
