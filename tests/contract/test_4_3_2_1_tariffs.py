"""4.3.2.1: tariffs, new or changed, per service and perhaps per house; which one a line is charged by."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line
from tests.support.papers import SCAN, File


def tariff(value: str, start: str = "09.2026", service: str = "maintenance", base: str = "м²", **more: object) -> Row:
    return {"service": service, "base": base, "tariff": value, "from_month": start, **more}


def town(office: TownOffice) -> None:
    """Two houses, 10 m² each, 30 tenge a metre by the directory since September."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10", house="H-1"),
        line("A", "1002", "maintenance", tariff="30", area="10", house="H-2"),
    )


office = copies_of(town)


def send(office: TownOffice, *rows: Row, received: str = "2026-08-20", month: str = "") -> str:
    return office.ingest("tariffs", rows, received=received, month=month, documents=[SCAN]).outcome


def charged(office: TownOffice, month: str) -> tuple[D, D]:
    lines = office.drafted(month)
    one, two = (next(v for k, v in lines.items() if k[0] == account) for account in ("1001", "1002"))
    return one["charged"], two["charged"]


def recalculated(office: TownOffice, month: str) -> D:
    return next(v for k, v in office.drafted(month).items() if k[0] == "1001")["recalculated"]


def test_charge_is_tariff_by_quantity_rounded_once_half_up(office: TownOffice) -> None:
    """Worked example 1: 65.30 m² x 31.4155 = 2 051.432150 -> 2 051.43; half a tiyn goes up."""
    office.load_directory(
        line("A", "1003", "maintenance", tariff="31.4155", area="65.3"),
        line("A", "1004", "maintenance", tariff="0.0050", area="1"),
        line("A", "1005", "maintenance", tariff="0.0049", area="1.01"),
    )
    by_account = {key[0]: row for key, row in office.drafted("2026-09").items()}
    assert by_account["1003"]["charged"] == D("2051.43")
    assert by_account["1004"]["charged"] == D("0.01")
    assert by_account["1005"]["charged"] == D("0.00")


def test_latest_start_not_after_the_month_wins(office: TownOffice) -> None:
    """Of several tariffs the one with the latest `Действует с` not after the month counts."""
    assert send(office, tariff("32", "08.2026"), tariff("35", "10.2026")) == "accepted"
    assert charged(office, "2026-09") == (D("300.00"), D("300.00"))  # the directory's of September is later than August
    assert charged(office, "2026-10") == (D("350.00"), D("350.00"))


def test_at_a_tie_a_form_beats_the_directory_and_a_house_beats_none(office: TownOffice) -> None:
    """With the same `Действует с` a form's tariff wins over the directory's, one for the house over one for all."""
    assert send(office, tariff("40", house="H-1"), tariff("35")) == "accepted"
    assert charged(office, "2026-09") == (D("400.00"), D("350.00"))


def test_a_later_tariff_for_all_beats_an_older_one_for_the_house(office: TownOffice) -> None:
    """The house breaks ties only: a later start wins over it."""
    assert send(office, tariff("40", "08.2026", house="H-1"), tariff("35")) == "accepted"
    assert charged(office, "2026-09") == (D("350.00"), D("350.00"))


def test_4_1_4_on_time_tariff_of_a_past_month_recalculates_each_month_since(office: TownOffice) -> None:
    """On time with a past `Действует с`: a recalculation a line and month, the months' charges stay as they were."""
    office.close("2026-09")
    office.close("2026-10")
    assert send(office, tariff("33", "09.2026"), received="2026-10-20") == "accepted"
    office.close("2026-11")
    line_now = office.line("2026-11", "1001", "maintenance")
    assert (line_now["charged"], line_now["recalculated"]) == (D("330.00"), D("60.00"))
    assert office.line("2026-09", "1001", "maintenance")["charged"] == D("300.00")
    rows = [r for r in office.table("2026-11", "recalculations") if r["account"] == "1001"]
    assert [(str(r["past_month"])[:7], r["amount"]) for r in rows] == [("2026-09", D("30.00")), ("2026-10", D("30.00"))]
    assert recalculated(office, "2026-12") == 0  # once


@pytest.mark.slow
def test_a_second_past_tariff_recalculates_only_its_difference(office: TownOffice) -> None:
    """What earlier tariffs already recalculated is not recalculated again."""
    office.close("2026-09")
    send(office, tariff("33", "09.2026"), received="2026-09-20")
    office.close("2026-10")
    assert office.line("2026-10", "1001", "maintenance")["recalculated"] == D("30.00")
    send(office, tariff("34", "09.2026"), received="2026-10-20")
    assert recalculated(office, "2026-11") == D("20.00")  # September and October, 1 tenge more a metre


def test_late_tariff_applies_from_its_own_month_only(office: TownOffice) -> None:
    """Received after the 25th: no month before its accounting month changes."""
    office.close("2026-09")
    assert send(office, tariff("33", "09.2026"), received="2026-09-26") == "deferred"
    assert charged(office, "2026-10") == (D("300.00"), D("300.00"))
    assert charged(office, "2026-11") == (D("330.00"), D("330.00"))
    assert recalculated(office, "2026-11") == 0


def test_tariff_of_a_later_month_leaves_an_open_earlier_month_alone(office: TownOffice) -> None:
    """A form counted in October changes nothing in September's draft, even while September is open."""
    assert send(office, tariff("33", "09.2026"), received="2026-09-20") == "accepted"
    assert charged(office, "2026-09")[0] == D("300.00")
    assert charged(office, "2026-10")[0] == D("330.00") and recalculated(office, "2026-10") == D("30.00")


@pytest.mark.slow
def test_late_correction_does_not_take_the_tariff_from_the_month_it_was_on_time_for(office: TownOffice) -> None:
    """A late row with the key of one on time replaces it from its own accounting month on."""
    assert send(office, tariff("40"), received="2026-08-20") == "accepted"
    assert send(office, tariff("41"), received="2026-08-28") == "deferred"
    assert charged(office, "2026-09")[0] == D("400.00")
    assert charged(office, "2026-10")[0] == D("410.00") and recalculated(office, "2026-10") == 0


def test_tariff_of_a_base_is_for_lines_of_that_base(office: TownOffice) -> None:
    """Water by meter and water by residents: a tariff a cubic metre is not charged a resident."""
    office.load_customers(customer("B", utilities=True))
    office.load_directory(
        line("B", "1001", "cold_water", base="чел.", residents=3, tariff="10"),
        line("B", "1002", "cold_water", base="счётчик", meter="M", reading="5", tariff="20"),
    )
    row = tariff("100", service="cold_water", base="чел.")
    assert office.ingest("tariffs", [row], by="B", received="2026-08-20", documents=[SCAN]).outcome == "accepted"
    by_account = {k[0]: v for k, v in office.drafted("2026-09").items() if k[2] == "cold_water"}
    assert by_account["1001"]["charged"] == D("300.00")
    assert by_account["1002"]["tariff"] == D("20.0000")


def test_bases_are_named_in_kazakh(office: TownOffice) -> None:
    office.load_customers(customer("C"))
    office.load_directory(line("C", "3001", "intercom", base="кв.", tariff="10"))
    row = tariff("30", service="intercom", base="чел.")
    answer = office.ingest("tariffs", [row], by="C", received="2026-08-20", documents=[SCAN])
    finding = answer.finding("tariff.base_differs")
    assert "«чел.» не та, по которой начисляется услуга: кв." in finding["message"]
    assert "«адам» негізі қызмет есептелетін негіз емес: пәтер" in finding["message_kk"]
    assert finding["message"].endswith(": кв."), "the sentence's full stop is the word's own"


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        (tariff("30", service="heating"), "service.not_yours", "A10"),
        (tariff("30", house="H-9"), "house.unknown", "B10"),
        (tariff("30", base="чел."), "tariff.base_differs", "C10"),
        (tariff("-1"), "value.negative", "D10"),
        (tariff("30", "10.2027"), "month.too_far", "E10"),
    ],
)  # fmt: skip
def test_a_tariff_that_cannot_be_right_is_rejected_with_its_cell(
    office: TownOffice, row: Row, code: str, cell: str
) -> None:
    """Another's service, an unknown house, another base, a minus, over 12 months ahead: nothing is posted."""
    answer = office.ingest("tariffs", [row], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.finding(code)["cell"] == cell
    assert charged(office, "2026-09")[0] == D("300.00")


def test_who_writes_an_address_for_a_house_hears_its_codes(office: TownOffice) -> None:
    answer = office.ingest("tariffs", [tariff("30", house="ул. Абая, 1")], received="2026-08-20", documents=[SCAN])
    assert "«ул. Абая, 1» нет среди ваших (H-1, H-2)." in answer.finding("house.unknown")["message"]


def test_of_many_houses_the_first_codes_are_named(office: TownOffice) -> None:
    office.load_directory(*(line("A", f"20{i}", "maintenance", house=f"K-{i}", tariff="1") for i in range(10, 25)))
    answer = office.ingest("tariffs", [tariff("30", house="X")], received="2026-08-20", documents=[SCAN])
    assert answer.finding("house.unknown")["message"].endswith("K-16, K-17, …).")


@pytest.fixture
def metered(office: TownOffice) -> None:
    """Water of 3 people at 100 each in September; from October by a meter, told without a tariff. 1004 has no meter."""
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1003", "cold_water", base="чел.", tariff="100", residents=3),
        line("A", "1003", "cold_water", base="счётчик", residents=3, meter="M1", reading="0", start="10.2026"),
        line("A", "1004", "cold_water", base="чел.", tariff="100", residents=1),
    )


def water(office: TownOffice, month: str, what: str = "charged") -> D:
    return next(D(row[what]) for key, row in office.drafted(month).items() if key[0] == "1003")


@pytest.mark.usefixtures("metered")
def test_a_tariff_of_another_base_does_not_fit_the_line(office: TownOffice) -> None:
    """10 m³ in October: not 10 x 100 a resident; 500 once 50 a m³ are told."""
    reading = {"account": "1003", "service": "cold_water", "meter": "M1", "current": "10", "taken_on": "20.09.2026"}
    office.ingest("meter_readings", [reading], received="2026-09-20")
    assert (water(office, "2026-09"), water(office, "2026-10")) == (D("300.00"), D("0.00"))
    assert send(office, tariff("50", "10.2026", "cold_water", "счётчик"), received="2026-09-20") == "accepted"
    assert (water(office, "2026-09"), water(office, "2026-10")) == (D("300.00"), D("500.00"))


@pytest.mark.usefixtures("metered")
def test_a_past_month_is_counted_again_by_the_base_it_was_charged_by(office: TownOffice) -> None:
    """Told in November since September: 110 a resident changes September by 30, 50 a m³ nothing of it."""
    for month in ("2026-09", "2026-10"):
        office.close(month)
    rows = tariff("110", "09.2026", "cold_water", "чел."), tariff("50", "09.2026", "cold_water", "счётчик")
    answer = office.ingest("tariffs", rows, received="2026-10-20", documents=[SCAN])
    assert answer.outcome == "accepted", answer.findings
    assert water(office, "2026-11", "recalculated") == D("30.00")


@pytest.mark.parametrize("written", ["все дома", "По всем домам", "все", "барлығы", "Барлық үйлер"])
def test_every_house_is_an_empty_cell_and_words_for_it_are_told_so(office: TownOffice, written: str) -> None:
    answer = office.ingest("tariffs", [tariff("32", house=written)], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, answer.errors) == ("rejected", ["house.every"])
    assert "оставьте ячейку пустой" in answer.finding("house.every")["remedy"]


@pytest.mark.parametrize(("start", "month", "told"), [("09.2026", "", True), ("10.2026", "", False)])
def test_a_tariff_of_a_closed_month_says_what_is_counted_again(
    office: TownOffice, start: str, month: str, told: bool
) -> None:
    office.close("2026-09")
    answer = office.ingest("tariffs", [tariff("40", start)], received="2026-09-20", month=month, documents=[SCAN])
    assert (answer.outcome, "tariff.months_recounted" in answer.codes) == ("accepted", told)
    assert recalculated(office, "2026-10") == (D("100.00") if told else D("0.00"))
    if told:
        assert "09.2026" in answer.finding("tariff.months_recounted")["message"]


def test_a_tariff_of_all_houses_names_those_that_keep_their_own(office: TownOffice) -> None:
    assert send(office, tariff("50", house="H-1")) == "accepted"
    answer = office.ingest("tariffs", [tariff("60")], received="2026-08-21", documents=[SCAN])
    told = answer.finding("tariff.houses_keep")
    assert (answer.outcome, "H-1" in told["message"], "H-2" in told["message_kk"]) == ("accepted", True, False)
    assert charged(office, "2026-09") == (D("500.00"), D("600.00"))
    later = office.ingest("tariffs", [tariff("70", "10.2026")], received="2026-08-21", documents=[SCAN])
    assert "tariff.houses_keep" not in later.codes and charged(office, "2026-10") == (D("700.00"), D("700.00"))


@pytest.mark.parametrize(
    "words", ["Подключить услугу, протокол 7", "Протокол 7 о введении услуги", "Қызметті қосу, хаттама 7"]
)
def test_words_that_a_service_is_to_begin_are_answered_that_a_tariff_puts_none_on(
    office: TownOffice, words: str
) -> None:
    """It prices lines that are there: who waited for it to begin by this form heard nothing."""
    answer = office.ingest("tariffs", [{**tariff("32"), "basis": words}], received="2026-08-20", documents=[SCAN])
    told = answer.finding("words.beyond")
    assert (answer.outcome, told["severity"]) == ("accepted", "warning")
    assert "«Корректировки справочника»" in told["message"] and "«Анықтамалықты түзету»" not in told["message"]


def test_letter_that_asks_to_begin_a_service_with_a_tariff_is_answered_so(office: TownOffice) -> None:
    book = File("tariffs.xlsx", office.form("tariffs", [tariff("32")]))
    answer = office.mail([book, SCAN], received="2026-08-20", text="Просим подключить услугу с сентября.")
    assert answer.finding("words.beyond")["value"] == "Просим подключить услугу с сентября."
    plain = office.mail([File("tariffs.xlsx", office.form("tariffs", [tariff("33")])), SCAN], received="2026-08-20")
    assert "words.beyond" not in plain.codes


@pytest.mark.parametrize(("value", "outcome"), [("32", "rejected"), ("0", "accepted")])
def test_words_that_a_service_is_to_end_are_asked_about_unless_the_tariff_is_0(
    office: TownOffice, value: str, outcome: str
) -> None:
    row = {**tariff(value), "basis": "Отключить услугу, протокол 7"}
    answer = office.ingest("tariffs", [row], received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, "words.opposite" in answer.codes) == (outcome, outcome == "rejected")


def test_every_house_that_keeps_its_own_tariff_is_named_or_said_to_be_more(office: TownOffice) -> None:
    """Whoever must send a row for each of them cannot find out the rest otherwise."""
    houses = [f"A-{number:03d}" for number in range(1, 42)]
    office.load_directory(*(line("A", f"7{house[2:]}", "maintenance", tariff="30", house=house) for house in houses))
    own = [tariff("50", house=house) for house in houses]
    office.ingest("tariffs", own, received="2026-08-20", documents=[SCAN])
    told = office.ingest("tariffs", [tariff("60")], received="2026-08-21", documents=[SCAN]).finding(
        "tariff.houses_keep"
    )
    assert "A-001, A-002," in told["message"] and told["message"].endswith("A-040, ….")


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("of_house", "of_all", "kept"),
    [
        ("население", "", True),
        ("", "население", True),
        ("население", "население", True),
        ("население", "юридические лица", False),
    ],
)
def test_a_house_keeps_its_own_tariff_whatever_the_categories(
    office: TownOffice, of_house: str, of_all: str, kept: bool
) -> None:
    """A row with a house goes before one with a category."""
    office.ingest(
        "tariffs", [{**tariff("50", house="H-1"), "category": of_house}], received="2026-08-20", documents=[SCAN]
    )
    answer = office.ingest("tariffs", [{**tariff("60"), "category": of_all}], received="2026-08-21", documents=[SCAN])
    assert (answer.outcome, "tariff.houses_keep" in answer.codes) == ("accepted", kept)


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize("house", ["H-1, H-2", "H-1;H-2", "н-1 H-2", "H-1, H-2, H-9", "H-1-H-2", "H-1, H-9"])
def test_several_houses_in_a_cell_are_asked_for_one_a_row(office: TownOffice, house: str) -> None:
    answer = office.ingest("tariffs", [tariff("40", house=house)], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and [c for c in answer.codes if c[:5] == "house"] == ["house.several"]
    rows = [tariff("40", house="H-1"), tariff("40", house="H-2")]
    assert office.ingest("tariffs", rows, received="2026-08-20", documents=[SCAN]).outcome == "accepted"


@pytest.mark.parametrize("house", ["H-9, H-8", "H-1, кв. 5", "H-9"])
def test_a_cell_with_one_code_or_none_known_is_an_unknown_house(office: TownOffice, house: str) -> None:
    answer = office.ingest("tariffs", [tariff("40", house=house)], received="2026-08-20", documents=[SCAN])
    assert "house.unknown" in answer.codes and "house.several" not in answer.codes
