"""6.2.7: the register of customers: who may send, for whom, with utility lines or without."""

from __future__ import annotations

from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import File

MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}


def send(office: TownOffice, sender: str, past: str, by: str = "A") -> tuple[str, list[str]]:
    book = File("f.xlsx", office.form("recalculations", [{**MINUS, "past_month": past}], by=by))
    answer = office.mail([book], received="2026-08-20", sender=sender)
    return answer.outcome, answer.codes


def test_any_of_the_customers_addresses_may_send(office: TownOffice) -> None:
    """E-mail holds several addresses through a semicolon."""
    office.load_customers(customer("A", emails="office@a.example; Buh@A.Example"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    assert send(office, "buh@a.example", "06.2026")[0] == "accepted"
    assert send(office, "boss@a.example", "05.2026")[0] == "quarantined"


def test_a_register_loaded_again_changes_the_addresses(office: TownOffice) -> None:
    """The old address is a stranger's from then on."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    office.load_customers(customer("A", emails="new@a.example"))
    assert send(office, "office@a.example", "06.2026")[0] == "quarantined"
    assert send(office, "new@a.example", "06.2026")[0] == "accepted"


def test_one_address_of_several_customers_sends_for_each(office: TownOffice) -> None:
    """The БИН in the form tells which."""
    shared = "office@a.example"
    office.load_customers(customer("A"), customer("B", emails=shared))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    assert send(office, shared, "06.2026")[0] == "accepted"
    assert "account.foreign" in send(office, shared, "06.2026", by="B")[1]


def test_a_form_without_a_bin_is_its_senders_if_he_has_one_customer(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    assert send(office, "office@a.example", "06.2026", by="")[0] == "accepted"


def test_utility_lines_are_taken_from_the_register(office: TownOffice) -> None:
    """Changing `Коммунальные строки` to да lets readings in; no answer means нет."""
    office.load_customers(customer("A"))
    meter = line("A", "1001", "cold_water", base="счётчик", meter="M", reading="0", tariff="1")
    office.load_directory(meter)
    row = {"account": "1001", "service": "cold_water", "meter": "M", "current": "5"}
    assert office.ingest("meter_readings", [row], received="2026-08-20").outcome == "rejected"
    office.load_customers(customer("A", utilities=True))
    assert office.ingest("meter_readings", [row], received="2026-08-20").outcome == "accepted"
    assert office.drafted("2026-09")[("1001", bin_of("A"), "cold_water")]["charged"] == 5


def test_a_customer_of_another_kind_is_taken_with_a_warning(office: TownOffice) -> None:
    answer = office.load("customers", [customer("A", kind="кооператив")])
    assert answer.outcome == "accepted" and answer.finding("value.unusual")["severity"] == "warning"


def test_a_contract_that_ends_before_it_begins_is_refused(office: TownOffice) -> None:
    answer = office.load("customers", [customer("C", contract_date="01.08.2025", valid_until="31.07.2025")])
    assert (answer.outcome, answer.codes) == ("rejected", ["days.reversed"])
    assert answer.finding("days.reversed")["message"] == "Действует до: 31.07.2025 — раньше, чем начало (01.08.2025)."
