"""4.3.2.1: a tariff that its letter, or a text of its row, limits to a part or a time waits until a person asks."""

from __future__ import annotations

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line
from tests.support.papers import SCAN, File


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("A", "1001", "heating", tariff="80", area="50")
    )


office = copies_of(town)
ROW = {"service": "maintenance", "base": "м²", "tariff": "12", "from_month": "10.2026", "basis": "Протокол 7"}
SIGNED = "\nС уважением, Айгуль\nул. Абая 10, 2 этаж, кв. 5"


def sent(office: TownOffice, text: str = "", name: str = "tariffs.xlsx", **row: str) -> Answer:
    book = File(name, office.form("tariffs", [{**ROW, **row}]))
    return office.mail([book, SCAN], received="2026-08-20", text=text)


@pytest.mark.quick(0, 1, 2, 3)
@pytest.mark.parametrize(
    "text",
    [
        "Тариф временный, до 31.12.2026.",
        "Просим применять тарифы только\nдля 2 подъезда.",
        "Цена не распространяется на квартиры 5 и 6.",
        "Тариф 31.12.2026 дейін қолданылады.",
        "Новый тариф прошу применить только до конца отопительного сезона.",
        "Просим применять с января по март.",
        "Тариф устанавливается на три месяца.",
        "Тариф на 1 квартал 2027 года.",
        "Просим ввести разово.",
        "Тариф действует до 04.2027.",
        "Тариф көктемге дейін қолданылады.",
        "Жаңа тариф сәуірге дейін.",
        "Үш айға енгізуіңізді сұраймыз.",
    ],
)
def test_a_letter_that_limits_its_tariff_lets_it_wait(office: TownOffice, text: str) -> None:
    answer = sent(office, f"Здравствуйте!\n{text}{SIGNED}")
    assert (answer.outcome, answer.finding("letter.limited")["value"]) == ("held", " ".join(text.split()))
    [posted] = office.confirm(answer.id, "звонок", "2026-08-21")
    assert posted.outcome.posted and len(office.facts("tariffs")) == 1


def test_a_files_name_that_limits_its_tariff_lets_it_wait(office: TownOffice) -> None:
    assert "letter.limited" in sent(office, name="тарифы временные.xlsx").codes


@pytest.mark.parametrize(
    "text",
    [
        "Направляем тарифы на 2027 год.",
        "Тарифы на октябрь 2026 года, с октября.",
        "Тарифы во вложении.",
        "Офис: 2 этаж, кв. 5",
        "Бизнес-центр «Центр», 2 этаж",
    ],
)
def test_other_words_of_a_letter_limit_nothing(office: TownOffice, text: str) -> None:
    """Nor does the address of the sender."""
    assert sent(office, f"Добрый день!\n{text}{SIGNED}").outcome == "accepted"


@pytest.mark.parametrize(
    ("basis", "outcome"),
    [
        ("Протокол 7 с 15.10.2026", "held"),
        ("15.11.2026 бастап қолданылады", "held"),
        ("Протокол 7, тариф с 01.10.2026", "accepted"),
        ("Договор с 01.01.2025, протокол от 15.11.2026", "accepted"),
    ],
)
def test_a_tariff_that_its_text_begins_later_waits(office: TownOffice, basis: str, outcome: str) -> None:
    answer = sent(office, basis=basis)
    assert (answer.outcome, "tariff.begins_later" in answer.codes) == (outcome, outcome == "held")


@pytest.mark.parametrize(
    ("text", "account", "outcome"),
    [
        ("Отключение было только во 2 подъезде.", "", "held"),
        ("Авария: без воды были кв. 1-20.", "", "held"),
        ("Отключение было только во 2 подъезде.", "1001", "accepted"),  # the account is the part
        ("Авария на ЦТП, акт во вложении.", "", "accepted"),
    ],
)
def test_4_3_2_3_a_letter_that_limits_days_of_a_house_lets_them_wait(
    office: TownOffice, text: str, account: str, outcome: str
) -> None:
    row = {"house": "" if account else "H-1", "account": account, "service": "heating", "days": "5"}
    row |= {"from_date": "03.08.2026", "to_date": "07.08.2026"}
    book = File("days.xlsx", office.form("undelivered", [row]))
    answer = office.mail([book], received="2026-08-20", text=f"Добрый день!\n{text}{SIGNED}")
    assert (answer.outcome, "letter.limited" in answer.codes) == (outcome, outcome == "held")


@pytest.mark.quick(0, 1, 2, 3, 4)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Просим применять тариф с 1 октября по 31 декабря 2026 года.", "letter.limited"),
        ("Тариф 31 желтоқсанға дейін қолданылады.", "letter.limited"),
        ("Просим ввести тариф после подписания протокола.", "letter.limited"),
        ("Тариф вводится с 15.10.2026.", "tariff.begins_later"),
        ("Тариф вводим с февраля.", "tariff.begins_otherwise"),
        ("Тариф с 15 ноября.", "tariff.begins_otherwise"),
        ("Просим применить с 10.2027.", "tariff.begins_otherwise"),
        ("Жаңа тариф қаңтардан бастап енгізіледі.", "tariff.begins_otherwise"),
        ("Прежний тариф действовал с января, новый вводим с октября.", ""),
        ("Тариф с октября 2026 года, по решению от 3 августа 2026 года.", ""),
        ("Просим не применять этот тариф к магазину.", "letter.limited"),
        ("Тариф для юридических лиц.", "letter.limited"),
        ("Просим установить тариф 45 тенге за м2.", "tariff.said_otherwise"),
        ("Пока не применяйте, протокол не подписан.", "letter.not_to_count"),
        ("Тариф вводится с 01.10.2026, протокол от 15 июля 2026 года.", ""),
        ("Просим установить тариф 12,00 тг вместо 10 тенге.", ""),
        ("Сумма по счёту 45 тенге.", ""),
    ],
)
def test_what_a_letter_says_of_its_tariff_is_compared_with_the_form(office: TownOffice, text: str, code: str) -> None:
    answer = sent(office, f"Добрый день!\n{text}{SIGNED}")
    assert (answer.outcome, code in answer.codes or not code) == ("held" if code else "accepted", True)


@pytest.mark.parametrize(
    "text",
    ["Тариф указан неверно, верный 13.", "Это проект, собрание ещё не состоялось.", "Кроме магазина на первом этаже.",
     "Оставьте старый тариф.", "Перед внесением согласуйте с нами.", "Тариф бекітілген жоқ."],
)  # fmt: skip
def test_a_letter_that_doubts_its_tariff_is_read_by_a_person(office: TownOffice, text: str) -> None:
    answer = sent(office, f"Добрый день!\n{text}{SIGNED}")
    assert (answer.outcome, "task.remark" in answer.codes) == ("accepted", True)


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("text", "house", "waits"),
    [
        ("Просим установить тариф по дому H-2.", "H-1", True),
        ("Просим установить тариф по дому Н 2.", "H-1", False),  # two words are no code
        ("Просим установить тариф по домам H-1, H-2.", "H-1", False),
        ("Просим установить тариф по дому H-2.", "", False),  # of every house
        ("Просим установить тариф по дому 2.", "H-1", False),
    ],
)
def test_a_letter_about_another_house_lets_its_tariff_wait(
    office: TownOffice, text: str, house: str, waits: bool
) -> None:
    office.load_directory(line("A", "2001", "maintenance", tariff="10", area="50", house="H-2"))
    answer = sent(office, text, house=house)
    assert (answer.outcome, "house.said_otherwise" in answer.codes) == ("held" if waits else "accepted", waits)
