"""4.3.2, 4.3.2.4: corrections of the directory; names, areas and residents only from the 1st and without utilities."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line

SUPPLIER = "поставщик коммунальных услуг"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", kind=SUPPLIER))
    here = {"area": "65.3", "residents": 3, "name": "Қасымов Ерлан"}
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", **here),
        line("A", "1002", "maintenance", tariff="10", **here),
        line("B", "1002", "heating", tariff="10", **here),
        line("B", "1003", "heating", tariff="10", **here),
    )


office = copies_of(town)


def correction(
    what: str, becomes: object, was: object = "", account: str = "1001", start: str = "09.2026"
) -> dict[str, object]:
    return {"account": account, "indicator": what, "was": was, "becomes": becomes, "from_date": start}


def test_every_kind_of_correction_posts_typed(office: TownOffice) -> None:
    answer = office.ingest(
        "directory_corrections",
        [
            correction("ФИО", "Қасымова Айгүл", "қасымов ерлан"),
            correction("площадь", "66,10", "65,30"),
            correction("Тұратындар", 0, 3),
            correction("Добавить услугу", "лифт"),
            correction("Добавить услугу", "Домофон"),
            correction("Убрать услугу", "Үйді күтіп ұстау", start="01.10.2026"),
        ],
        received="2026-08-20",
    )
    assert answer.outcome == "accepted" and answer.codes == ["tariff.none_yet"] * 2, answer.findings
    facts = office.facts("directory_corrections")
    typed = [tuple(fact[name] for name in ("name", "area", "residents", "service")) for fact in facts]
    assert typed == [
        ("Қасымова Айгүл", None, None, None), (None, D("66.100"), None, None), (None, None, 0, None),
        (None, None, None, "lift"), (None, None, None, "intercom"), (None, None, None, "maintenance"),
    ]  # fmt: skip
    assert [str(fact["from_date"]) for fact in facts][-1] == "2026-10-01"


@pytest.mark.quick(*range(0, 16, 3))
@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        (correction("Площадь", "0"), "value.not_positive", "D"),
        (correction("Площадь", "большая"), "value.not_a_number", "D"),
        (correction("Проживает", "2,5"), "value.not_whole", "D"),
        (correction("Проживает", "-1"), "value.negative", "D"),
        (correction("Добавить услугу", "Бассейн"), "service.unknown", "D"),
        (correction("Добавить услугу", "Содержание дома"), "line.exists", "D"),
        (correction("Убрать услугу", "Лифт"), "line.unknown", "D"),
        (correction("Площадь", "66", was="64"), "correction.old_differs", "C"),
        (correction("Площадь", "66", was="64 м²"), "correction.old_differs", "C"),
        (correction("ФИО", "Иванов", was="Кв"), "correction.old_differs", "C"),
        (correction("ФИО", "Иванов", was="Петров"), "correction.old_differs", "C"),
        (correction("Площадь", "66", start="15.09.2026"), "date.not_first", "E"),
        (correction("Площадь", "66", start="01.2030"), "month.too_far", "E"),
        (correction("Цвет", "синий"), "value.not_a_choice", "B"),
        (correction("Площадь", "66", account="1003"), "account.foreign", "A"),
        (correction("Площадь", "66", account="7777"), "account.unknown", "A"),
    ],
)
def test_a_wrong_correction_is_refused_at_its_cell(
    office: TownOffice, row: dict[str, object], code: str, cell: str
) -> None:
    answer = office.ingest("directory_corrections", [row], received="2026-08-20")
    assert answer.outcome == "rejected" and answer.codes == [code]
    assert answer.finding(code)["cell"].rstrip("0123456789") == cell


@pytest.mark.parametrize("what", ["Аты жөні", "АТЫ–ЖӨНІ", "аты жони", "Атыжөні"])
def test_a_choice_is_read_without_its_dash(office: TownOffice, what: str) -> None:
    answer = office.ingest("directory_corrections", [correction(what, "Қасымова Айгүл")], received="2026-08-20")
    assert answer.outcome == "accepted" and answer.codes == [], answer.findings


def test_each_language_lists_choices_in_its_own_words(office: TownOffice) -> None:
    answer = office.ingest("directory_corrections", [correction("Түсі", "көк")], received="2026-08-20")
    finding = answer.finding("value.not_a_choice")
    assert "ФИО; Площадь; Проживает" in finding["message"]
    assert "Аты-жөні; Ауданы; Тұратындар; Қызмет қосу" in finding["message_kk"] and "ФИО" not in finding["message_kk"]


@pytest.mark.parametrize(("what", "becomes"), [("ФИО", "Ким А."), ("Площадь", "66"), ("Проживает", "4")])
def test_4_3_2_refused_where_a_utility_suppliers_line_stands(office: TownOffice, what: str, becomes: str) -> None:
    answer = office.ingest("directory_corrections", [correction(what, becomes, account="1002")], received="2026-08-20")
    assert answer.outcome == "rejected" and answer.codes == ["correction.utility_supplier"]
    assert answer.finding("correction.utility_supplier")["clause"] == "4.3.2"


def test_services_may_change_where_a_utility_suppliers_line_stands(office: TownOffice) -> None:
    row = correction("Добавить услугу", "Лифт", account="1002")
    assert office.ingest("directory_corrections", [row], received="2026-08-20").outcome == "accepted"


@pytest.mark.parametrize("was", ["65,3 кв.м", "65,30 м2", "65.3 м²"])
def test_an_old_value_may_have_its_unit(office: TownOffice, was: str) -> None:
    office.ingest("directory_corrections", [correction("Площадь", "65,3")], received="2026-08-10")
    later = correction("Площадь", "67", was=was, start="10.2026")
    assert office.ingest("directory_corrections", [later], received="2026-08-11").codes == []


def test_what_stands_already_is_told_and_refuses_no_other_row(office: TownOffice) -> None:
    """Another Customer of the account told it first; the whole form was refused for its `Было`."""
    assert office.ingest("directory_corrections", [correction("Площадь", "66,1")], received="2026-08-10").codes == []
    again, other = (
        correction("Площадь", "66,10 м²", was="65,3", start="10.2026"),
        correction("Проживает", "4", start="10.2026"),
    )
    answer = office.ingest("directory_corrections", [again, other], received="2026-08-11")
    assert (answer.outcome, answer.codes) == ("accepted", ["correction.stands_already"]), answer.findings
    assert [fact["residents"] for fact in office.facts("directory_corrections")][-1] == 4
    wrong = correction("Площадь", "67", was="65,3", start="11.2026")
    assert office.ingest("directory_corrections", [wrong], received="2026-08-12").codes == ["correction.old_differs"]


def test_the_old_value_is_that_of_an_earlier_correction(office: TownOffice) -> None:
    """What an accepted correction changed is what the next one finds; its own date may be corrected still."""
    assert office.ingest("directory_corrections", [correction("Площадь", "66,1")], received="2026-08-10").codes == []
    later = correction("Площадь", "67", was="66,1", start="10.2026")
    assert office.ingest("directory_corrections", [later], received="2026-08-11").codes == []
    stale = correction("Площадь", "68", was="65,3", start="10.2026")
    assert office.ingest("directory_corrections", [stale], received="2026-08-12").codes == ["correction.old_differs"]
    again = correction("Площадь", "66,2", was="65,3")
    assert office.ingest("directory_corrections", [again], received="2026-08-13").codes == ["row.replaced"]


def test_a_service_added_before_is_not_added_again_but_may_be_removed(office: TownOffice) -> None:
    add, remove = (
        correction(f"{what} услугу", "Лифт", start=start)
        for what, start in (("Добавить", "09.2026"), ("Убрать", "10.2026"))
    )
    assert office.ingest("directory_corrections", [add], received="2026-08-10").codes == ["tariff.none_yet"]
    twice = office.ingest("directory_corrections", [{**add, "from_date": "10.2026"}], received="2026-08-11")
    assert twice.codes == ["line.exists"]
    assert office.ingest("directory_corrections", [remove], received="2026-08-12").codes == []


def test_the_same_correction_again_changes_nothing(office: TownOffice) -> None:
    office.ingest("directory_corrections", [correction("Площадь", "66,10")], received="2026-08-10")
    again = office.ingest("directory_corrections", [correction("Площадь", "66,1")], received="2026-08-11")
    assert again.codes == ["row.unchanged"] and again.submissions[0]["rows_posted"] == 0
