"""4.1.8, 10.12: approved documents reach the Customer by his ways, once, with proof; what is uncertain is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes

import pytest

from inbox_worker.core.files import sha256
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.month.office import Office
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.review import chosen
from inbox_worker.outbox.round import deliver_all, pass_outbox
from inbox_worker.outbox.settle import record_handed_over
from inbox_worker.service.worker import Worker
from inbox_worker.settings.config import ExchangeConfig
from inbox_worker.settings.log import ServiceLog
from tests.outbox.desk import ACT, MONTH, NOW, TURNOVER, Desk, docx, write_at
from tests.outbox.post import Counter, Post, files_of
from tests.support.office import TownOffice, bin_of, customer, moment

LATER = moment("2026-10-05T10:00:00")


def by(office: Office, ways: Mapping[str, Sequence[str]], **more: object) -> Office:
    """The office with other rules of delivery, and an exchange folder."""
    delivery = office.rules.delivery.model_copy(update={"ways": ways, **more})
    config = office.home.config.model_copy(update={"exchange": ExchangeConfig(folder="exchange")})
    return replace(office, rules=replace(office.rules, delivery=delivery), home=replace(office.home, config=config))


def approve(desk: Desk, who: str = "A", names: Sequence[str] = (ACT, TURNOVER)) -> None:
    desk.render(who, names=names)
    for name in names:
        desk.move(name, "pending", "approved", who)


def deliver(desk: Desk, post: Post | None, office: Office | None = None) -> list[str]:
    """A pass, the sending, and the next pass; the codes of what people must mend."""
    told: list[Problem] = list(deliver_all(office or desk.office, NOW))
    if post:
        post.send_due(NOW, (office or desk.office).rules)
        told = list(deliver_all(office or desk.office, LATER))
    return sorted(problem.code for problem in dict.fromkeys(told))


def test_one_letter_to_each_address_with_all_documents_and_proof_of_each(
    desk: Desk, post: Post, counter: Counter
) -> None:
    approve(desk)
    act, turnover = desk.file("approved").read_bytes(), desk.file("approved", TURNOVER).read_bytes()
    assert deliver(desk, post) == []
    assert sorted(to for to, _ in counter.letters) == ["first@a.example", "second@a.example"]
    for _, letter in counter.letters:
        assert files_of(letter) == {ACT: act, TURNOVER: turnover}
        text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "акт выполненных работ" in text and "орындалған жұмыстар актісі" in text and "4.3.7" in text
    assert [desk.state(), desk.state(TURNOVER)] == ["sent", "sent"]
    proofs = desk.proofs()
    assert [(p.way, p.recipient, p.state) for p in proofs] == [
        ("mail", "first@a.example", LetterState.SENT),
        ("mail", "second@a.example", LetterState.SENT),
    ]
    for proof, (_, letter) in zip(proofs, counter.letters, strict=True):
        assert (proof.answer, proof.sent_at, proof.sha256) == ("250 queued as 17", NOW.isoformat(), sha256(act))
        copy = message_from_bytes((desk.office.home.archive / proof.path).read_bytes())
        assert copy["Message-ID"] == proof.message_id == letter["Message-ID"]
    told = desk.manifest("sent")[ACT]["deliveries"]
    assert [(one["recipient"], one["answer"]) for one in told] == [(p.recipient, p.answer) for p in proofs]


def test_nothing_goes_twice_and_nothing_without_approval(desk: Desk, post: Post, counter: Counter) -> None:
    approve(desk, names=[ACT])
    desk.render("B", names=[ACT])
    for _ in range(3):
        assert deliver(desk, post) == []
    assert len(counter.letters) == 2
    assert desk.state(who="B") == "pending"


def test_an_amended_document_is_delivered_as_amended(desk: Desk, post: Post, counter: Counter) -> None:
    approve(desk, names=[ACT])
    words = docx("my words")
    write_at(desk.file("approved"), words)
    assert deliver(desk, post) == []
    assert files_of(counter.letters[0][1]) == {ACT: words}
    assert {p.sha256 for p in desk.proofs()} == {sha256(words)}
    entry = desk.manifest("sent")[ACT]
    assert entry["amended"]["sha256"] == sha256(words) != entry["sha256"]
    assert "amended by hand" in [m.note for m in desk.moves()]


def test_what_is_on_its_way_is_not_moved_or_changed(desk: Desk, post: Post) -> None:
    approve(desk, names=[ACT])
    deliver_all(desk.office, NOW)
    desk.move(ACT, "approved", "pending")
    assert desk.codes() == ["outbox.on_its_way"]
    desk.move(ACT, "pending", "approved").write_bytes(b"too late")
    assert desk.codes() == ["outbox.on_its_way"]
    assert desk.state() == "approved" and not desk.version().amended


def test_what_was_sent_stays(desk: Desk, post: Post) -> None:
    approve(desk, names=[ACT])
    deliver(desk, post)
    sent = desk.file("sent").read_bytes()
    for to in ("pending", "approved", "rejected"):
        desk.move(ACT, "sent", to)
        assert desk.codes() == ["outbox.was_sent"]
        desk.move(ACT, to, "sent")
        assert desk.codes() == []
    desk.file("sent").write_bytes(b"never said so")
    assert desk.codes() == ["outbox.sent_changed"]
    desk.file("sent").write_bytes(sent)
    desk.file("sent").unlink()
    assert desk.codes() == ["outbox.gone"]
    assert desk.state() == "sent" and deliver(desk, post) == [], "the service looks at months in work only"
    desk.render("B", names=[ACT])
    assert deliver(desk, post) == ["outbox.gone"]


def test_an_uncertain_letter_is_shown_and_never_repeated(
    office: TownOffice, desk: Desk, post: Post, counter: Counter
) -> None:
    office.load_customers(customer("A", emails="lost@a.example"))
    approve(desk, names=[ACT])
    assert deliver(desk, post) == ["outbox.letter_uncertain"]
    assert deliver(desk, post) == ["outbox.letter_uncertain"]
    assert len(counter.letters) == 1 and desk.state() == "approved"
    post.drop("lost@a.example", NOW)
    record_handed_over(desk.office, [desk.version()], "нашлось у заказчика", "command:aliya", NOW)
    assert deliver(desk, post) == [] and desk.state() == "sent" and len(counter.letters) == 1


def test_a_refused_address_keeps_the_document_until_people_decide(
    office: TownOffice, desk: Desk, post: Post, counter: Counter
) -> None:
    office.load_customers(customer("A", emails="nobody@a.example;first@a.example"))
    approve(desk, names=[ACT])
    assert deliver(desk, post) == ["outbox.letter_refused"]
    assert [to for to, _ in counter.letters] == ["first@a.example"] and desk.state() == "approved"
    assert [p.answer for p in desk.proofs()] == ["550 no such mailbox", "250 queued as 17"]
    post.drop("nobody@a.example", NOW)
    assert deliver(desk, post) == [] and desk.state() == "sent"


def test_into_the_exchange_folder_without_a_mail_server(desk: Desk) -> None:
    office = by(desk.office, {"default": ("folder",)})
    approve(desk, names=[ACT])
    act = desk.file("approved").read_bytes()
    assert deliver(desk, None, office) == []
    there = office.home.path / "exchange" / desk.folder("sent").name / MONTH / ACT
    assert there.read_bytes() == act and desk.state() == "sent"
    (proof,) = desk.proofs()
    assert office.home.path / proof.path == there and not proof.path.startswith("/")
    assert (proof.way, proof.sha256) == ("folder", sha256(act))


def test_both_ways_and_it_is_sent_when_both_are_gone(desk: Desk, post: Post, counter: Counter) -> None:
    office = by(desk.office, {"default": ("mail",), bin_of("A"): ("folder", "mail")})
    approve(desk, names=[ACT])
    deliver_all(office, NOW)
    assert desk.state() == "approved", "the letter has not left"
    assert deliver(desk, post, office) == [] and desk.state() == "sent"
    assert sorted(p.way for p in desk.proofs()) == ["folder", "mail", "mail"]


def test_another_file_in_the_exchange_folder_is_never_written_over(desk: Desk) -> None:
    office = by(desk.office, {"default": ("folder",)})
    approve(desk, names=[ACT])
    there = office.home.path / "exchange" / desk.folder("sent").name / MONTH / ACT
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another")
    assert deliver(desk, None, office) == ["outbox.exchange_taken"]
    assert there.read_bytes() == b"another" and desk.state() == "approved"


def test_what_cannot_leave_is_told(office: TownOffice, desk: Desk, post: Post) -> None:
    approve(desk, names=[ACT])
    assert deliver(desk, None, desk.town.office) == ["outbox.no_mail"]
    folder = by(desk.office, {"default": ("folder",)})
    assert deliver(desk, None, replace(folder, home=desk.office.home)) == ["outbox.no_exchange"]
    small = by(desk.office, {"default": ("mail",)}, letter_bytes=5)
    assert deliver(desk, post, small) == ["outbox.letter_large"]
    office.load_customers(customer("A", emails="қата@a.example"))
    assert deliver(desk, post) == ["outbox.no_address"]
    assert desk.state() == "approved"


def test_many_documents_go_in_several_letters(desk: Desk, post: Post, counter: Counter) -> None:
    approve(desk)
    most = len(desk.file("approved", TURNOVER).read_bytes()) + 3
    assert deliver(desk, post, by(desk.office, {"default": ("mail",)}, letter_bytes=most)) == []
    first = [letter for to, letter in counter.letters if to == "first@a.example"]
    assert [set(files_of(letter)) for letter in first] == [{ACT}, {TURNOVER}]
    assert ["(1/2)" in str(first[0]["Subject"]), "(2/2)" in str(first[1]["Subject"])] == [True, True]


@pytest.mark.parametrize("free", [True, False])
def test_without_review_only_where_the_rule_says_so(free: bool, desk: Desk, post: Post, counter: Counter) -> None:
    kinds = dict(desk.office.rules.delivery.kinds)
    kinds["payments"] = kinds["payments"].model_copy(update={"review": not free})
    office = by(desk.office, {"default": ("mail",)}, kinds=kinds)
    desk.render(names=["payments-2026-09.xlsx", ACT])
    deliver(desk, post, office)
    assert len(counter.letters) == (2 if free else 0)
    assert desk.state("payments-2026-09.xlsx") == ("sent" if free else "pending") and desk.state(ACT) == "pending"
    assert [m.who for m in desk.moves("payments-2026-09.xlsx")][1:2] == (["rule"] if free else [])


def test_a_rule_that_asks_for_review_stops_what_waits_to_leave_without_it(
    desk: Desk, post: Post, counter: Counter
) -> None:
    kinds = dict(desk.office.rules.delivery.kinds)
    kinds["payments"] = kinds["payments"].model_copy(update={"review": False})
    desk.render(names=["payments-2026-09.xlsx"])
    deliver(desk, None, by(desk.office, {"default": ("mail",)}, kinds=kinds))
    said = post.send_due(NOW)
    assert len(said) == 2 and all("the rules ask for review now" in line for line in said) and counter.letters == []


def test_without_review_an_amended_document_still_waits_for_people(desk: Desk, post: Post) -> None:
    kinds = {"act": desk.office.rules.delivery.kind("act").model_copy(update={"review": False})}
    desk.render(names=[ACT])
    desk.file("pending").write_bytes(b"half a sentence")
    deliver(desk, post, by(desk.office, {"default": ("mail",)}, kinds=kinds))
    assert desk.state() == "pending"


def test_our_own_papers_go_to_nobody(desk: Desk, post: Post, counter: Counter) -> None:
    name = "close_protocol-2026-09.xlsx"
    approve(desk, names=[name])
    assert deliver(desk, post) == [] and counter.letters == [] and desk.state(name) == "approved"


def test_handed_over_by_staff(desk: Desk) -> None:
    approve(desk, names=[ACT])
    desk.look()
    record_handed_over(
        desk.office, chosen(desk.office, (DocumentState.APPROVED,)), "бумага, 05.10.2026", "command:aliya", NOW
    )
    (proof,) = desk.proofs()
    assert (proof.way, proof.recipient, proof.answer) == ("hand", "command:aliya", "бумага, 05.10.2026")
    assert desk.state() == "sent" and desk.look().problems == []


def test_the_pass_says_problems_in_lines(desk: Desk) -> None:
    approve(desk, names=[ACT])
    (line,) = pass_outbox(desk.office, NOW)
    assert line.startswith("outbox.no_mail: ") and ACT in line and "\n" not in line


def test_a_log_names_the_code_of_what_waits_and_no_file(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A log keeps Customers' names out; its line must tell what to look for all the same."""
    approve(desk, names=[ACT])
    with Worker(desk.office.home, ServiceLog("json")) as worker:
        worker.once(NOW)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["code"] for line in lines if line["event"].startswith("outbox")] == ["outbox.no_mail"]
    assert ACT not in json.dumps(lines, ensure_ascii=False)
