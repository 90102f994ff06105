"""4.3.7: an act is signed, refused with a reason, or accepted by silence after three working days from its delivery."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.cli.screens import show_contract
from inbox_worker.contract.act_life import ActLife, find_acts
from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Period
from inbox_worker.forms.day_said import moment_said
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.outbox.listing import documents_json
from inbox_worker.outbox.settle import record_handed_over
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, moment


def make_act(office: TownOffice) -> None:
    """Give Customer A's act of September its number."""
    office.load_customers(customer("A"))
    office.office.journal.closes.document_number(Period(2026, 9), bin_of("A"), "act", date(2026, 10, 5))


def end_contract(office: TownOffice) -> None:
    office.load_customers(customer("A", valid_until="31.08.2026"))


office = copies_of(make_act)
ended_office = copies_of(end_contract)


def deliver(office: TownOffice, at: str, state: LetterState = LetterState.SENT, revision: int = 1) -> None:
    """Put a version of the act on record, and what became of its letter."""
    kept = DocumentState.SENT if state is LetterState.SENT else DocumentState.APPROVED
    documents = office.office.journal.documents
    version = Version(
        0, "2026-09", bin_of("A"), "A", "act-2026-09.docx", "act", "", at, at, kept, revision, 1, at, at
    )  # fmt: skip
    with office.office.journal.transaction() as connection:
        number = documents.add(connection, version)
        documents.prove(connection, Proof(number, "mail", "office@a.example", state, at, 7, at, at))


def answer(office: TownOffice, received: str, **row: object) -> str:
    told = {"act": "2026-00001", "answer": "подписан", "answered_on": "07.10.2026", **row}
    return office.ingest("act_response", [told], received=received).id


def life(office: TownOffice, on: str) -> ActLife:
    [act] = find_acts(office.office, date.fromisoformat(on))
    return act


@pytest.mark.quick(*range(0, 22, 3))
@pytest.mark.parametrize(
    ("change", "outcome", "codes"),
    [
        ({}, "accepted", ["act.accepted"]),
        ({"answer": "Қол қойылды"}, "accepted", ["act.accepted"]),
        ({"answer": "отказ", "reason": "Не согласны с суммой"}, "held", ["act.refused"]),
        ({"answer": "Отказано"}, "rejected", ["act.no_reason"]),
        ({"answer": "может быть"}, "rejected", ["value.not_a_choice"]),
        ({"answered_on": "21.10.2026"}, "rejected", ["date.absurd"]),
        ({"act": "2026-00001 ред. 2"}, "accepted", ["act.accepted"]),
        ({"act": "№ 2026-00001"}, "accepted", ["act.accepted"]),
        ({"act": "Акт № 2026–00001 от 05.10.2026"}, "accepted", ["act.accepted"]),
        (
            {"act": "Акт выполненных работ (оказанных услуг) № 2026-00001 от 5 октября 2026 года"},
            "accepted",
            ["act.accepted"],
        ),
        ({"act": "05.10.2026 жылғы № 2026-00001 актісі"}, "accepted", ["act.accepted"]),
        ({"act": "2026-00001 (кроме лифта)"}, "held", ["act.unknown"]),
        ({"act": "не 2026-00001"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 и 2026-00005"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 от 31.08.2026"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 от 05.10.2025"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 от 05.10.2026 г. подписан с замечаниями"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 на сумму 1,00"}, "held", ["act.unknown"]),
        ({"act": "2026-00001 (отменяющий)"}, "held", ["act.unknown"]),
        ({"act": "2020-77777"}, "held", ["act.unknown"]),
        ({"act": "12026-00001"}, "held", ["act.unknown"]),
        ({"answer": "Согласны"}, "accepted", ["act.accepted"]),
    ],
)
def test_an_answer_to_an_act(office: TownOffice, change: dict[str, object], outcome: str, codes: list[str]) -> None:
    """A signed act needs nobody; a refusal, and an act that we never made, are a person's work. No month is named."""
    row = {"act": "2026-00001", "answer": "подписан", "answered_on": "14.10.2026", **change}
    found = office.ingest("act_response", [row], received="2026-10-20")
    assert (found.outcome, found.month) == (outcome, None)
    assert sorted(found.codes) == sorted([*codes, "task.received"] if outcome == "held" else codes)
    assert bool(found.submissions[0]["task"]) == (outcome == "held")
    expected = {"accepted": "accepted", "held": "refused", "rejected": "made"}[outcome]
    assert life(office, "2026-10-20").state == ("made" if "act.unknown" in codes else expected)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"answered_on": "04.10.2026"}, "act.answered_before"), ({"reason": "но дом A-003 не наш"}, "act.remark")],
)
def test_a_signature_that_raises_a_question_is_a_persons_work(
    office: TownOffice, change: dict[str, object], code: str
) -> None:
    """An answer of a day before the act's own, and a signature with a remark: accepted alone they would be lost."""
    row = {"act": "2026-00001", "answer": "подписан", "answered_on": "05.10.2026", **change}
    found = office.ingest("act_response", [row], received="2026-10-20")
    assert (found.outcome, bool(found.submissions[0]["task"])) == ("held", True)
    assert found.finding(code)["severity"] == "warning"


def test_a_number_written_as_in_the_heading_is_the_same_act(office: TownOffice) -> None:
    """A later answer about the act replaces the earlier one, however its number is written."""
    deliver(office, "2026-10-06T17:00:00+05:00")
    answer(office, "2026-10-07", act="№ 2026-00001", answer="отказ", reason="сумма")
    assert life(office, "2026-10-08").state == "refused"
    answer(office, "2026-10-08", act="2026-00001 от 05.10.2026")
    assert life(office, "2026-10-09").state == "accepted"


@pytest.mark.parametrize(
    ("delivered", "last", "silent"),
    [
        ("2026-10-06T17:00:00+05:00", "2026-10-09", "2026-10-10"),  # Tuesday
        ("2026-10-08T23:59:59+05:00", "2026-10-13", "2026-10-14"),  # Thursday: over the weekend
        ("2026-10-22T09:00:00+05:00", "2026-10-28", "2026-10-29"),  # Thursday; Monday 26.10 is off for the 25th
    ],
)
def test_silence_accepts_on_the_acts_date(office: TownOffice, delivered: str, last: str, silent: str) -> None:
    assert life(office, "2026-10-05").state == "made"
    deliver(office, delivered)
    act = life(office, last)
    assert (act.state, act.due, act.accepted_on) == ("delivered", date.fromisoformat(last), None)
    act = life(office, silent)
    assert (act.state, act.accepted_on) == ("accepted by silence", date(2026, 10, 5))
    assert life(office, last).state == "delivered"  # as it stood then


def test_an_answer_ends_the_duty_and_the_later_answer_holds(office: TownOffice) -> None:
    deliver(office, "2026-10-06T17:00:00+05:00")
    refusal = answer(office, "2026-10-07", answer="отказ", reason="сумма")
    act = life(office, "2026-10-30")
    assert (act.state, act.answer, act.task, act.reason) == ("refused", refusal, "T-000001", "сумма")
    [duty] = [d for d in find_duties(office.office, date(2026, 10, 7)) if d.duty == "customer.act"]
    assert (duty.source, duty.due, duty.met_by) == ("2026-00001", date(2026, 10, 9), refusal)
    signed = answer(office, "2026-10-08")
    act = life(office, "2026-10-30")
    assert (act.state, act.answer, act.accepted_on) == ("accepted", signed, date(2026, 10, 7))
    assert life(office, "2026-10-07").state == "refused"
    [row] = documents_json(office.office, office.office.journal.documents.versions(), moment("2026-10-30"))
    assert row["act"]["state"] == "accepted" and row["act"]["answer"] == signed


def test_what_was_not_delivered_is_not_accepted_by_silence(office: TownOffice) -> None:
    deliver(office, "2026-10-06T17:00:00+05:00", LetterState.BOUNCED)
    assert life(office, "2026-12-31").state == "made"
    assert [d for d in find_duties(office.office, date(2026, 12, 31)) if d.duty == "customer.act"] == []


def test_a_later_version_is_answered_anew(office: TownOffice) -> None:
    deliver(office, "2026-10-06T17:00:00+05:00")
    answer(office, "2026-10-07")
    deliver(office, "2026-10-20T10:00:00+05:00")
    assert life(office, "2026-10-21").state == "delivered"
    assert life(office, "2026-10-24").state == "accepted by silence"  # Friday 23.10 was the last day


def test_an_answer_of_the_day_is_none_to_a_revision_made_after_it(
    office: TownOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed in the morning; another close gives 37.42 for 30.20 at noon. Before it is delivered, what was signed is
    accepted, and the revision by nobody; after it the term runs anew."""
    deliver(office, "2026-10-06T17:00:00+05:00")
    answer(office, "2026-10-07T10:00:00")
    deliver(office, "2026-10-07T12:00:00+05:00", LetterState.REFUSED, revision=2)
    assert life(office, "2026-10-07").state == "accepted"
    rows = documents_json(office.office, office.office.journal.documents.versions(), moment("2026-10-07T13:00"))
    assert {row["revision"]: row["act"]["state"] for row in rows} == {1: "accepted", 2: "made"}
    page = describe_contract(office.office, bin_of("A"), date(2026, 10, 7))
    assert (page["acts"][0]["state"], page["acts"][0]["waiting"]) == ("accepted", "2")
    show_contract(page, {name: rule.ru for name, rule in office.office.rules.duties.items()}, office.office.say)
    said = " ".join(capsys.readouterr().out.split())
    assert "2026-00001 2026-09 05.10.2026 принят; ред. 2 с другими суммами ещё не вручена" in said
    deliver(office, "2026-10-07T14:00:00+05:00", revision=2)
    act = life(office, "2026-10-07")
    assert (act.state, act.due, act.answer, act.waiting) == ("delivered", date(2026, 10, 12), "", 0)
    answer(office, "2026-10-07T15:00:00", answered_on="07.10.2026")
    assert life(office, "2026-10-08").state == "accepted"


def test_a_replaced_answer_does_not_count(office: TownOffice) -> None:
    first = answer(office, "2026-10-07", answer="отказ", reason="сумма")
    row = {"act": "2026-00001", "answer": "подписан", "answered_on": "07.10.2026"}
    office.ingest("act_response", [row], received="2026-10-08", replaces=first)
    assert life(office, "2026-10-30").state == "accepted"


def _force_majeure(office: TownOffice, begins: str, until: str, received: str) -> None:
    row = {"kind": "форс-мажор", "event_on": begins, "parameter": until, "basis": "справка"}
    assert office.ingest("notice", [row], received=received).outcome == "accepted"


def _term(office: TownOffice, name: str, on: str) -> tuple[str, str, str]:
    day = date.fromisoformat(on)
    [duty] = [one for one in find_duties(office.office, day) if one.duty == name]
    return duty.due.isoformat(), duty.state(day), duty.met_by


def test_9_3_silence_accepts_no_act_while_force_majeure_makes_the_term_longer(office: TownOffice) -> None:
    """Delivered on Tuesday the 6th, to be answered by Friday the 9th; from the 8th to the 14th: seven days more."""
    deliver(office, "2026-10-06T17:00:00+05:00")
    _force_majeure(office, "08.10.2026", "14.10.2026", "2026-10-09T09:00:00")
    for on in ("2026-10-10", "2026-10-16"):
        assert _term(office, "customer.act", on) == ("2026-10-16", "open", "")
        act = life(office, on)
        assert (act.state, act.due, act.accepted_on) == ("delivered", date(2026, 10, 16), None)
    assert _term(office, "customer.act", "2026-10-17") == ("2026-10-16", "met", "accepted by silence")
    act = life(office, "2026-10-17")
    assert (act.state, act.accepted_on) == ("accepted by silence", date(2026, 10, 5))


def test_9_3_other_silent_terms_wait_as_well(ended_office: TownOffice) -> None:
    """4.1.14: a month to ask for the reports after the contract ended on the 31st of August."""
    office = ended_office
    assert _term(office, "customer.export", "2026-10-01")[:2] == ("2026-09-30", "met")
    _force_majeure(office, "28.09.2026", "04.10.2026", "2026-09-30")
    assert _term(office, "customer.export", "2026-10-01") == ("2026-10-07", "open", "")
    assert _term(office, "customer.export", "2026-10-08") == ("2026-10-07", "met", "accepted by silence")


@pytest.mark.parametrize("answered", ["подписан", "отказ"])
def test_an_act_handed_over_counts_from_the_day_that_staff_name(office: TownOffice, answered: str) -> None:
    """Recorded after the answer came: without the day of the note the answer would not count, and silence would
    accept what the Customer refused."""
    place = Version(
        0, "2026-09", bin_of("A"), "A", "act-2026-09.docx", "act", "", "", "", DocumentState.SENT, 1, 1,
        moment("2026-10-05T10:00").isoformat(), moment("2026-10-05T10:00").isoformat(),
    )  # fmt: skip
    documents = office.office.journal.documents
    with office.office.journal.transaction() as connection:
        documents.add(connection, place)
    reply = answer(office, "2026-10-07", answer=answered, reason="сумма" if answered == "отказ" else "")
    [version] = documents.versions(kinds=["act"])
    given, now = moment_said("бумага, 06.10.2026", moment("2026-10-12")), moment("2026-10-12")
    record_handed_over(office.office, [version], "бумага, 06.10.2026", "command:aliya", now, given)
    act = life(office, "2026-10-30")
    assert (act.delivered_on, act.answer) == (date(2026, 10, 6), reply)
    assert act.state == ("accepted" if answered == "подписан" else "refused")
