"""4.3.3: changed requisites prove themselves, wait for a person, and are told within 3 working days."""

from __future__ import annotations

import pytest

from tests.support.office import TownOffice, customer

IBAN = "KZ75125KZT1001300335"


def row(what: str = "ИИК", becomes: object = IBAN, was: object = "", changed: str = "18.08.2026") -> dict[str, object]:
    return {"indicator": what, "was": was, "becomes": becomes, "changed_on": changed}


def test_new_requisites_post_typed(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    rows = [
        row("ИИК", "KZ75 125K ZT10 0130 0335", "KZ28 722S 0000 0101 3958"),
        row("БСК", "nbrkkzkx", "CASPKZKA"), row("Кбе", 19, 17),
        row("БИН", "971240003619"), row("Мекенжай", "г. Алматы, ул. Абая, 10"), row("E-mail", "a@b.kz; c@d.kz"),
    ]  # fmt: skip
    answer = office.ingest("requisites", rows, received="2026-08-20")
    assert (answer.outcome, answer.month, answer.codes) == ("held", None, ["confirmation.awaited"]), answer.findings
    assert office.facts("requisites") == []
    [posted] = office.confirm(answer.id, "звонок директору", "2026-09-30")
    told = [finding.code for finding in office.office.journal.submissions.findings_of(posted.arrival, posted.id)]
    assert "confirmation.given" in told and "register.by_hand" in told
    assert (posted.outcome.value, posted.month) == ("accepted", None)
    facts = office.facts("requisites")
    assert [f["indicator"] for f in facts] == ["ИИК", "БИК", "КБе", "БИН", "Адрес", "E-mail"]
    assert (facts[0]["iban"], facts[1]["bic"], facts[2]["kbe"]) == (IBAN, "NBRKKZKX", "19")
    assert (facts[3]["bin"], facts[4]["becomes"], facts[5]["emails"]) == (
        "971240003619", "г. Алматы, ул. Абая, 10", "a@b.kz;c@d.kz",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "becomes", "code"),
    [
        ("ИИК", "KZ75125KZT1001300336", "iban.invalid"),
        ("БИК", "CASPRUKA", "bic.invalid"),
        ("БИН", "971240003618", "bin.invalid"),
        ("КБе", "97", "kbe.invalid"),
        ("E-mail", "нет адреса", "email.invalid"),
    ],
)
def test_a_value_that_does_not_prove_itself_is_refused(office: TownOffice, what: str, becomes: str, code: str) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("requisites", [row(what, becomes)], received="2026-08-20")
    assert answer.outcome == "rejected" and answer.codes == [code]
    assert answer.finding(code)["cell"].startswith("C")


def test_the_old_value_is_that_of_the_register(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("requisites", [row("БИК", "IRTYKZKA", "KKMFKZ2A")], received="2026-08-20")
    assert answer.outcome == "rejected" and "CASPKZKA" in answer.finding("requisite.old_differs")["message"]


def test_another_requisite_is_taken_with_a_warning(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("requisites", [row("Факс", "123")], received="2026-08-20")
    assert answer.outcome == "held" and answer.codes == ["confirmation.awaited", "value.unusual"]


def test_the_old_value_is_that_of_the_last_confirmed_notice(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    first = office.ingest("requisites", [row("БИК", "IRTYKZKA", "CASPKZKA")], received="2026-08-20")
    unconfirmed = office.ingest("requisites", [row("БИК", "HSBKKZKX", "IRTYKZKA")], received="2026-08-21")
    assert unconfirmed.outcome == "rejected" and "CASPKZKA" in unconfirmed.finding("requisite.old_differs")["message"]
    office.confirm(first.id, "звонок", "2026-08-21")
    second = [row("БИК", "HSBKKZKX", "IRTYKZKA", changed="21.08.2026")]
    assert office.ingest("requisites", second, received="2026-08-24").outcome == "held"
    assert office.load("customers", [customer("A", bic="KKMFKZ2A")], now="2026-08-24").outcome == "accepted"
    told = office.ingest("requisites", second, received="2026-08-25")
    assert told.outcome == "rejected" and "KKMFKZ2A" in told.finding("requisite.old_differs")["message"]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("changed", "received", "late"),
    [
        ("18.08.2026", "2026-08-21T23:59:59", None),  # Tuesday -> Friday
        ("18.08.2026", "2026-08-22", "1"),
        ("20.08.2026", "2026-08-25", None),  # Thursday -> Tuesday, over a week-end
        ("20.08.2026", "2026-08-26", "1"),
        ("23.10.2026", "2026-10-29", None),  # Monday 26.10 is off for Republic Day on Sunday
        ("23.10.2026", "2026-10-31", "2"),
    ],
)
def test_a_notice_is_due_in_three_working_days(
    office: TownOffice, changed: str, received: str, late: str | None
) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("requisites", [row(changed=changed)], received=received)
    said = [f for f in answer.findings if f["code"] == "notice.late"]
    assert bool(said) == (late is not None)
    assert answer.outcome == "held"
    if late:
        assert f"опоздание {late} дн." in said[0]["message"] and said[0]["clause"] == "4.3.3"


@pytest.mark.parametrize("changed", ["18.08.2019", "18.08.2062"])
def test_an_absurd_date_is_refused(office: TownOffice, changed: str) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("requisites", [row(changed=changed)], received="2026-08-20")
    assert answer.outcome == "rejected" and "date.absurd" in answer.codes
