"""4.3.2.5, 4.3.10: a service entity's file of consumers; gas maintenance only with a live attestation."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.papers import SCAN


def town(office: TownOffice, attested: str = "") -> None:
    office.load_customers(customer("A", kind="субъект сервиса", attested_until=attested), customer("B"))
    office.load_directory(
        line("A", "1001", "intercom", base="кв.", tariff="450"),
        line("A", "1001", "gas_maintenance", base="кв.", tariff="300"),
        line("B", "1002", "intercom", base="кв.", tariff="450"),
    )


def row(service: str = "Домофон", **more: object) -> dict[str, object]:
    return {"account": "1001", "service": service, "tariff": "450", "charged": "450,00", "balance": "-150,50", **more}


def test_charges_wait_for_documents_and_post_with_a_signed_balance(office: TownOffice) -> None:
    town(office)
    assert office.ingest("service_charges", [row()], received="2026-08-20").outcome == "held"
    posted = office.ingest("service_charges", [row(charged=451)], received="2026-08-20", documents=[SCAN])
    assert posted.outcome == "accepted" and posted.month == "2026-09"
    assert [str(fact["balance"]) for fact in office.facts("service_charges")] == ["-150.50"]


@pytest.mark.slow
def test_each_month_has_a_file_of_its_own(office: TownOffice) -> None:
    town(office)
    for month, received, told in (("2026-09", "2026-08-20", []), ("2026-10", "2026-09-20", ["balance.differs"])):
        answer = office.ingest("service_charges", [row()], received=received, documents=[SCAN])
        assert (answer.month, answer.codes) == (month, told)
    changed = office.ingest("service_charges", [row(charged="500")], received="2026-09-21", documents=[SCAN])
    assert set(changed.codes) == {"row.replaced", "balance.differs", "charge.differs_from_tariff"}


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("change", "told"),
    [({}, []), ({"charged": "900"}, ["900"]), ({"tariff": "0"}, ["450"]), ({"tariff": "4,5"}, ["450"])],
)
def test_a_charge_beside_its_tariff_is_told_and_counts_as_stated(
    office: TownOffice, change: dict[str, object], told: list[str]
) -> None:
    town(office)
    answer = office.ingest("service_charges", [row(**change)], received="2026-08-20", documents=[SCAN])
    found = [finding["value"] for finding in answer.findings if finding["code"] == "charge.differs_from_tariff"]
    assert (answer.outcome, found) == ("accepted", told)
    charged = office.drafted("2026-09")["1001", bin_of("A"), "intercom"]["charged"]
    assert charged == D(str(row(**change)["charged"]).replace(",", "."))


@pytest.mark.quick(0, 2, 4)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": "1002"}, "account.foreign"),
        ({"account": "5"}, "account.unknown"),
        ({"service": "Лифт"}, "line.unknown"),
        ({"charged": "-1"}, "value.negative"),
        ({"tariff": "1,23456"}, "value.too_precise"),
    ],
)
def test_a_wrong_row_is_refused(office: TownOffice, change: dict[str, object], code: str) -> None:
    town(office)
    answer = office.ingest("service_charges", [row(**change)], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.errors == [code]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("attested", "outcome", "codes"),
    [
        ("", "accepted", ["attestation.unknown"]),
        ("31.08.2026", "rejected", ["attestation.expired"]),
        ("01.09.2026", "accepted", []),
        ("31.12.2027", "accepted", []),
    ],
)
def test_4_3_10_gas_maintenance_needs_an_attestation_that_lives_in_the_month(
    office: TownOffice, attested: str, outcome: str, codes: list[str]
) -> None:
    town(office, attested)
    answer = office.ingest("service_charges", [row("ВДГО"), row()], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, [c for c in answer.codes if c != "documents.needed"]) == (outcome, codes)


def test_the_customers_charge_stands_for_its_month_only(office: TownOffice) -> None:
    """October: 412.37 from the file, whatever tariff x quantity is; November has no file: the tariff in force."""
    office.load_customers(customer("A", kind="субъект сервиса"))
    office.load_directory(line("A", "1001", "intercom", base="кв.", tariff="500", start="10.2026", balance="10"))
    row = {"account": "1001", "service": "Домофон", "tariff": "450", "charged": "412,37", "balance": "-999"}
    answer = office.ingest("service_charges", [row], received="2026-09-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes == ["charge.differs_from_tariff", "balance.differs"]
    assert "10" in answer.finding("balance.differs")["message"]
    first, second = office.drafted("2026-10"), office.drafted("2026-11")
    key = next(iter(first))
    assert (first[key]["opening"], first[key]["tariff"], first[key]["charged"]) == (D("10"), D("450"), D("412.37"))
    assert (second[key]["opening"], second[key]["charged"]) == (D("422.37"), D("500.00"))


def test_a_line_new_to_the_ledger_opens_with_the_stated_debt_once(office: TownOffice) -> None:
    """An overpayment of 150 opens the line; next month the same figure is compared and told, not posted again."""
    office.load_customers(customer("A", kind="субъект сервиса"))
    office.load_directory(line("A", "1001", "intercom", base="кв.", start="10.2026"))
    row = {"account": "1001", "service": "Домофон", "tariff": "450", "charged": "450", "balance": "-150"}
    assert office.ingest("service_charges", [row], received="2026-09-20", documents=[SCAN]).codes == []
    office.close("2026-10")
    known = office.line("2026-10", "1001", "intercom")
    assert (known["opening"], known["closing"]) == (D("-150"), D("300"))
    again = office.ingest("service_charges", [row], received="2026-10-20", documents=[SCAN])
    assert again.outcome == "accepted" and again.codes == ["balance.differs"]
    office.close("2026-11")
    known = office.line("2026-11", "1001", "intercom")
    assert (known["opening"], known["charged"], known["closing"]) == (D("300"), D("450"), D("750"))


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("субъект сервиса", False),
        ("обслуживание газового оборудования", False),
        ("управляющая компания", True),
        ("ИП по домофонам", True),
    ],
)
def test_whom_the_clause_does_not_name_is_told_what_the_form_does(office: TownOffice, kind: str, told: bool) -> None:
    """The contract forbids it to nobody, and documents prove it."""
    office.load("customers", [customer("A", kind=kind)])
    office.load_directory(line("A", "1001", "intercom", base="кв.", tariff="450"))
    answer = office.ingest("service_charges", [row(balance="0")], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted" and set(answer.codes) == ({"customer.kind_other"} if told else set())
    if told:
        words = answer.finding("customer.kind_other")["message_kk"]
        assert "сервис субъектісі" in words and "субъект сервиса" not in words and "управляющая" not in words
