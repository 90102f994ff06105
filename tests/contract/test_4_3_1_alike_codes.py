"""4.3.1: an account, house, meter or payment number written another way is the ledger's where only one can be meant."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, bin_of, customer, line, payment


def town(office: TownOffice) -> None:
    metered = {"base": "счётчик", "tariff": "80", "reading": "0"}
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "АВ-1001", "cold_water", house="A-001", meter="ХВ-104477", **metered),
        line("A", "АВ-1001", "cold_water", house="A-001", meter="0071", **metered),
        line("A", "2001", "cold_water", house="11-2", meter="H-1", **metered),
        line("A", "2001", "cold_water", house="11-2", meter="h1", **metered),
        line("A", "1-23", "heating", house="A-002", area="50", tariff="10"),
        line("A", "12-3", "heating", house="A-002", area="50", tariff="10"),
        line("A", "2001", "heating", house="11-2", area="50", tariff="10"),
        line("A", "АВ-1001", "heating", house="A-001", area="50", tariff="10"),
    )


office = copies_of(town)


def reading(account: str = "АВ-1001", meter: str = "ХВ-104477") -> Row:
    return {"account": account, "service": "cold_water", "meter": meter, "current": "5"}


@pytest.mark.parametrize(
    ("meter", "says"),
    [("XB-104477", "латинская X вместо кириллической Х"), ("хв-104477", "заглавные и строчные"), ("ХВ–104477", "тире"),
     ("ХВ 104477", "пробел"), ("№ ХВ-104477", "знак №"), ("ХВ -104477", "пробел")],
)  # fmt: skip
def test_a_meter_written_another_way_is_taken_and_the_difference_named(
    office: TownOffice, meter: str, says: str
) -> None:
    answer = office.ingest("meter_readings", [reading(meter=meter)], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    message = answer.finding("code.alike")["message"]
    assert meter in message and "ХВ-104477" in message and says in message
    assert [fact["meter"] for fact in office.facts("meter_readings")] == ["ХВ-104477"]


def test_a_meter_without_its_leading_zeros_is_the_lines_own(office: TownOffice) -> None:
    answer = office.ingest("meter_readings", [reading(meter="71")], received="2026-08-20")
    assert (answer.codes, office.facts("meter_readings")[0]["meter"]) == (["code.alike"], "0071")


@pytest.mark.parametrize("meter", ["104477", "0104477", "№ 104477", "счётчик 104477"])
def test_a_meter_without_its_letters_is_the_only_one_of_its_line_with_that_number(
    office: TownOffice, meter: str
) -> None:
    answer = office.ingest("meter_readings", [reading(meter=meter)], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    assert office.facts("meter_readings")[0]["meter"] == "ХВ-104477"
    assert "дефис" not in answer.finding("code.alike")["message"], "the dash went with the letters"


@pytest.mark.parametrize("meter", ["ГВ-104477", "04477", "1", "104478", "1-104477"])
def test_other_letters_or_digits_are_another_meter(office: TownOffice, meter: str) -> None:
    answer = office.ingest("meter_readings", [reading(meter=meter)], received="2026-08-20")
    assert (answer.outcome, answer.errors) == ("rejected", ["meter.unknown"])


def test_the_number_of_a_neighbours_meter_is_none_of_the_line(office: TownOffice) -> None:
    answer = office.ingest("meter_readings", [reading("2001", "104477")], received="2026-08-20")
    assert (answer.outcome, answer.errors) == ("rejected", ["meter.unknown"])


def test_a_number_that_two_meters_of_a_line_have_is_asked_about(office: TownOffice) -> None:
    twin = {"base": "счётчик", "tariff": "80", "reading": "0", "meter": "ГВ-104477", "house": "A-001"}
    office.load_directory(line("A", "АВ-1001", "cold_water", **twin))
    answer = office.ingest("meter_readings", [reading(meter="104477")], received="2026-08-20")
    assert (answer.outcome, answer.errors) == ("rejected", ["code.ambiguous", "meter.unknown"])


@pytest.mark.parametrize(
    ("account", "meter"),
    [("л/с АВ-1001", "ХВ-104477"), ("Л/С № АВ-1001", "ХВ-104477"), ("лицевой счет АВ-1001", "счётчик ХВ-104477"),
     ("дербес шот АВ-1001", "ПУ № XB-104477"), ("ЛС: АВ 1001", "есептегіш ХВ-104477")],
)  # fmt: skip
def test_a_word_before_a_code_is_no_part_of_it(office: TownOffice, account: str, meter: str) -> None:
    answer = office.ingest("meter_readings", [reading(account, meter)], received="2026-08-20")
    assert (answer.outcome, set(answer.codes)) == ("accepted", {"code.alike"})
    assert all("слово перед номером" in f["message"] for f in answer.findings)
    [fact] = office.facts("meter_readings")
    assert (fact["account"], fact["meter"]) == ("АВ-1001", "ХВ-104477")


@pytest.mark.parametrize("account", ["л/с АВ-1002", "л/с", "счета АВ-1001", "л/с АВ-1001, 2001"])
def test_a_word_before_what_is_no_known_code_helps_nothing(office: TownOffice, account: str) -> None:
    answer = office.ingest("meter_readings", [reading(account)], received="2026-08-20")
    assert answer.outcome == "rejected" and office.facts("meter_readings") == []


def test_a_code_that_begins_with_such_a_word_stays_itself(office: TownOffice) -> None:
    office.load_directory(
        line("A", "ЛС-7", "cold_water", house="A-001", meter="М-1", base="счётчик", tariff="80", reading="0")
    )
    answer = office.ingest("meter_readings", [reading("ЛС-7", "М-1")], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", [])


def test_two_meters_that_may_be_meant_are_refused_and_both_shown(office: TownOffice) -> None:
    answer = office.ingest("meter_readings", [reading("2001", "Н1")], received="2026-08-20")
    assert answer.outcome == "rejected" and "code.ambiguous" in answer.codes
    message = answer.finding("code.ambiguous")["message"]
    assert "H-1" in message and "h1" in message and "латинской" in message


def test_a_letter_instead_of_a_digit_is_refused_and_named(office: TownOffice) -> None:
    """Two numbers that look the same are never shown without what tells them apart."""
    answer = office.ingest("meter_readings", [reading(meter="ХВ-1О4477")], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("rejected", ["meter.unknown"])
    assert "кириллическая О вместо цифры 0" in answer.findings[0]["message"]


def undelivered(**where: str) -> Row:
    return {"service": "heating", "from_date": "03.08.2026", "to_date": "07.08.2026", "days": "5", **where}


@pytest.mark.parametrize(
    ("house", "known"), [("А-001", "A-001"), ("a 001", "A-001"), ("дом A-001", "A-001"), ("112", "11-2")]
)
def test_a_house_in_other_letters_is_taken(office: TownOffice, house: str, known: str) -> None:
    answer = office.ingest("undelivered", [undelivered(house=house)], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    assert [fact["house"] for fact in office.facts("undelivered")] == [known]


@pytest.fixture
def with_words(office: TownOffice) -> TownOffice:
    """An office that calls one house `дом 1` and one account `ЛС-7`, beside a house `1` and an account `7`."""
    office.load_directory(
        *(line("A", account, "heating", house=house, base="м²", area="50", tariff="100", start="08.2026")
          for account, house in (("ЛС-7", "дом 1"), ("7", "1"))),
        now="2026-08-02",
    )  # fmt: skip
    return office


@pytest.mark.parametrize("house", ["A-1", "А-01", "а1", "A 1"])
def test_a_house_without_the_zeros_of_its_number_is_the_only_one_that_fits(office: TownOffice, house: str) -> None:
    answer = office.ingest("undelivered", [undelivered(house=house)], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    assert "нули впереди" in answer.finding("code.alike")["message"]
    assert [fact["house"] for fact in office.facts("undelivered")] == ["A-001"]


@pytest.mark.parametrize("house", ["1", "001", "A-10", "B-1", "A-011"])
def test_another_number_or_letter_is_another_house(office: TownOffice, house: str) -> None:
    answer = office.ingest("undelivered", [undelivered(house=house)], received="2026-08-20")
    assert (answer.outcome, answer.errors) == ("rejected", ["house.unknown"])


def test_zeros_before_a_number_are_not_put_where_two_houses_fit_or_another_customers_is_spelled_so(
    office: TownOffice,
) -> None:
    office.load_customers(customer("A", utilities=True), customer("B", utilities=True))
    common = {"area": "50", "tariff": "10"}
    office.load_directory(
        line("A", "АВ-1001", "heating", house="A-001", **common),
        line("A", "АВ-1002", "heating", house="C-005", **common),
        line("A", "АВ-1003", "heating", house="C-05", **common),
        line("A", "АВ-1004", "heating", house="D-007", **common),
        line("B", "АВ-1005", "heating", house="D-7", **common),
    )
    for house, code in (("C-5", "code.ambiguous"), ("D-7", "house.unknown")):
        answer = office.ingest("undelivered", [undelivered(house=house)], received="2026-08-20")
        assert answer.outcome == "rejected" and code in answer.errors and not office.facts("undelivered")


def test_an_account_without_the_zeros_of_its_number_is_read(office: TownOffice) -> None:
    office.load_directory(
        line("A", "К-0017", "heating", house="A-001", area="50", tariff="10"),
    )
    answer = office.ingest("undelivered", [undelivered(account="К-17")], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])


@pytest.mark.parametrize("house", ["Дом 1", "ДОМ  1", "дом1", "дом\xa01", "Дом №1"])
def test_a_code_with_its_word_is_meant_before_one_without(with_words: TownOffice, house: str) -> None:
    """What differs by blanks, case and signs alone is nearer than what lacks a word."""
    answer = with_words.ingest("undelivered", [undelivered(house=house)], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    assert [fact["house"] for fact in with_words.facts("undelivered")] == ["дом 1"]


@pytest.mark.parametrize(
    "written", [{"house": "дом.1"}, {"house": "МЖД 1"}, {"account": "л/с 7"}, {"account": "ЛС N 7"}]
)
def test_a_word_that_two_codes_may_have_is_not_cut(with_words: TownOffice, written: dict[str, str]) -> None:
    answer = with_words.ingest("undelivered", [undelivered(**written)], received="2026-08-20")
    assert answer.outcome == "rejected" and "code.ambiguous" in answer.codes


def test_a_dash_elsewhere_is_another_house(office: TownOffice) -> None:
    answer = office.ingest("undelivered", [undelivered(house="1-12")], received="2026-08-20")
    assert (answer.outcome, answer.codes) == ("rejected", ["house.unknown"])


def test_an_account_that_fits_two_is_refused(office: TownOffice) -> None:
    answer = office.ingest("undelivered", [undelivered(account="123")], received="2026-08-20")
    assert answer.outcome == "rejected" and "code.ambiguous" in answer.codes


def test_a_banks_account_in_other_letters_is_paid_and_one_that_fits_two_waits(office: TownOffice) -> None:
    rows = [
        payment("AB-1001", "5.00", number="1"),
        payment("123", "7.00", number="2"),
        payment("999", "9.00", number="3"),
    ]
    answer = office.load("bank_register", rows, "2026-09-06", Количество=3)
    assert answer.outcome == "accepted" and {"code.alike", "register.account_ambiguous"} <= set(answer.codes)
    assert {str(fact["account"]) for fact in office.facts("allocations")} == {"АВ-1001"}
    assert sorted(str(fact["account"]) for fact in office.facts("suspense")) == ["123", "999"]


def test_a_payment_sent_again_with_its_number_in_other_letters_posts_once(office: TownOffice) -> None:
    office.load("bank_register", [payment("2001", "5.00", number="P-9")], "2026-09-06", Количество=1)
    again = office.load("bank_register", [payment("2001", "5.00", number="Р-9")], "2026-09-07", Количество=1)
    assert "code.alike" in again.codes
    assert sum(D(str(fact["amount"])) for fact in office.facts("bank_register")) == D("5.00")
    other = office.load("bank_register", [payment("2001", "6.00", number="Р-9")], "2026-09-08", Количество=1)
    assert other.outcome == "rejected" and {"code.alike", "row.conflict"} <= set(other.codes)


def test_a_reversal_finds_its_payment_by_a_number_in_other_letters(office: TownOffice) -> None:
    office.load("bank_register", [payment("2001", "5.00", number="P-9")], "2026-09-06", Количество=1)
    back = payment("2001", "-5.00", number="Р9", day="06.09.2026")
    assert office.load("bank_register", [back], "2026-09-07", Количество=1).codes == ["code.alike"]
    assert sum(D(str(fact["amount"])) for fact in office.facts("allocations")) == 0


PLACES = {"А-1": "г. Алматы, ул. Абая, 10", "А-2": "г. Алматы, ул. Абая, 10Б", "А-3": "г. Алматы, мкр. 5, 10",
          "А-4": "г. Тараз, ул. Абая, 7", "А-5": "г. Алматы, ул. Абая, 7",
          "А-6": "г. Алматы, ул. Тимирязева, 111", "А-7": "г. Алматы, ул. Толстого, 3",
          "А-8": "г. Алматы, ул. Сәтпаев, 9", "А-9": "г. Алматы, ул. Маметова, 4",
          "А-10": "г. Алматы, ул. Маметовой, 4"}  # fmt: skip


def streets(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True), customer("B"))
    lines = [
        {**line("A", str(3000 + number), "heating", house=house, area="50", tariff="10"), "address": address}
        for number, (house, address) in enumerate(PLACES.items())
    ]
    other = {
        **line("B", "4001", "maintenance", house="B-1", area="50", tariff="1"),
        "address": "г. Алматы, ул. Сатпаева, 1",
    }
    office.load_directory(*lines, other)


town_of_streets = copies_of(streets)


def off(office: TownOffice, house: str) -> Answer:
    row = {"house": house, "service": "heating", "from_date": "03.08.2026", "to_date": "07.08.2026", "days": 5}
    return office.ingest("undelivered", [row], received="2026-08-20")


@pytest.mark.quick(*range(0, 16, 4))
@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("ул. Абая, 10", "А-1"), ("Абая 10", "А-1"), ("г. Алматы, ул. Абая, д. 10", "А-1"),
        ("Абая көшесі, 10-үй", "А-1"),
        ("Абая 10Б", "А-2"), ("абая, 10 б", "А-2"), ("мкр 5, дом 10", "А-3"), ("Тараз, Абая 7", "А-4"),
        ("Алматы қ., Тимирязев көш., 111-үй", "А-6"), ("Тимирязев к-сі, 111", "А-6"), ("Тимирязев 111", "А-6"),
        ("Тимирязев көшесі 111 үй", "А-6"), ("Абай көшесі, 10Б", "А-2"), ("Толстой көшесі, 3-үй", "А-7"),
        ("ул. Сәтпаева, 9", "А-8"), ("ул. Маметовой, 4", "А-10"),
    ],
)  # fmt: skip
def test_a_house_may_be_named_by_its_address(town_of_streets: TownOffice, address: str, house: str) -> None:
    answer = off(town_of_streets, address)
    assert (answer.outcome, answer.codes) == ("accepted", ["code.alike"])
    assert house in answer.finding("code.alike")["message"] and "адрес" in answer.finding("code.alike")["message"]
    assert [fact["house"] for fact in town_of_streets.facts("undelivered")] == [house]


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("ул. Абая, 7", ["code.ambiguous", "house.unknown"]),  # in two towns
        ("Абая 1", ["house.unknown"]), ("Абая 10, кв. 5", ["house.unknown"]), ("Абая", ["house.unknown"]),
        ("10", ["house.unknown"]), ("ул. Сатпаева, 1", ["house.unknown"]),  # of another Customer
        ("Маметов көшесі, 4", ["code.ambiguous", "house.unknown"]), ("Тимирязев көшесі, 11", ["house.unknown"]),
    ],
)  # fmt: skip
def test_an_address_of_two_houses_or_of_none_is_asked_about(
    town_of_streets: TownOffice, address: str, errors: list[str]
) -> None:
    answer = off(town_of_streets, address)
    assert (answer.outcome, answer.errors) == ("rejected", errors)


def test_a_register_names_houses_by_their_codes(town_of_streets: TownOffice) -> None:
    row = {"bin": bin_of("A"), "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    assert town_of_streets.load("stops", [{**row, "house": "Абая 10"}], "2026-09-10").outcome == "rejected"
    assert town_of_streets.load("stops", [{**row, "house": "А-1"}], "2026-09-10").outcome == "accepted"
