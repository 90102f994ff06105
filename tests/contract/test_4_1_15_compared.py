"""4.1.15: a column that says again what is known, and says another thing, is told: a row may be a slip."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.support.fixtures import copies_of
from tests.support.office import ROOT, Answer, Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File


def town(office: TownOffice) -> None:
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50", flat="7", name="Үмбетов Әлихан Әбілұлы"),
        line("A", "1002", "maintenance", tariff="10", area="50", flat="8", name="Ким Ольга Петровна"),
        line("A", "1003", "maintenance", tariff="10", area="50", flat="9", name="ТОО «Дәмді нан»"),
        line("A", "1001", "cold_water", base="счётчик", tariff="80", meter="ХВ-104477", reading="100", flat="7"),
    )


office = copies_of(town)
PAST = {"service": "maintenance", "past_month": "06.2026", "amount": "-100", "basis": "Акт 1"}
TWO_PAST = [{**PAST, "account": "1001"}, {**PAST, "account": "1002"}]
READ = {"account": "1001", "service": "cold_water", "meter": "ХВ-104477", "taken_on": "20.08.2026", "previous": "100"}


def sent(office: TownOffice, form: str, rows: list[Row], header: str, cells: list[object]) -> Answer:
    """The form with one column more, a cell for each row."""
    book, sink = openpyxl.load_workbook(io.BytesIO(office.form(form, rows))), io.BytesIO()
    page = book.active
    head = next(row[0].row for row in page.iter_rows() if row[0].value == "Лицевой счёт")
    for place, value in enumerate([header, *cells], head):
        page.cell(place, 20, value)
    book.save(sink)
    box = office.office.rules.forms[form].mailbox
    return office.mail([File("form.xlsx", sink.getvalue())], received="2026-08-20", mailbox=box)


def past(office: TownOffice, header: str, *cells: object) -> Answer:
    rows = [{**PAST, "account": str(1001 + place)} for place in range(len(cells))]
    return sent(office, "recalculations", rows, header, list(cells))


@pytest.mark.parametrize(
    ("header", "flats", "first"),
    [
        ("Квартира", [7, "8"], ""),
        ("№ кв.", ["кв. 7", "кв.8"], ""),
        ("Пәтер", ["ул. Абая 10, кв. 7", "08"], ""),
        ("Квартира", ["нет", None], ""),
        ("Квартира", ["8", "7"], "8"),
        ("№ квартиры", ["7", "78"], "78"),
        ("Кв.", ["17"], "17"),
    ],
)
def test_a_flat_that_is_not_that_of_the_account_is_told(
    office: TownOffice, header: str, flats: list[object], first: str
) -> None:
    answer = past(office, header, *flats)
    assert answer.outcome == "accepted"
    assert [f["value"] for f in answer.findings if f["code"] == "account.other_flat"] == ([first] if first else [])
    assert "column.extra" not in answer.codes


@pytest.mark.parametrize(
    ("header", "names", "first"),
    [
        ("ФИО", ["Үмбетов Ә. Ә.", "Ким О.П."], ""),
        ("Абонент", ["Умбетов Алихан", "КИМ"], ""),
        ("Тұтынушы", ["Umbetov A.", "Ольга Ким"], ""),
        ("ФИО", ["не указано", "-", "Дәмді нан"], ""),
        ("Ф.И.О.", ["Ким О. П.", "Үмбетов Ә."], "Ким О. П."),
        ("ФИО", ["Үмбетов Ә.", "Сидорова Ольга"], "Сидорова Ольга"),
        ("ФИО", ["Үмбетов", "Ким", "Үмбетов Ә."], "Үмбетов Ә."),
    ],
)
def test_a_name_that_is_not_that_of_the_account_is_told(
    office: TownOffice, header: str, names: list[object], first: str
) -> None:
    answer = past(office, header, *names)
    assert answer.outcome == "accepted"
    assert [f["value"] for f in answer.findings if f["code"] == "account.other_holder"] == ([first] if first else [])


@pytest.mark.parametrize(
    ("header", "houses", "first"),
    [
        ("Код дома", ["H-1", "h 1"], ""), ("Дом", ["12", "ул. Абая, 5"], ""), ("Код дома", ["H-1", "H-2"], "H-2"),
        ("Үй", ["Н-2", None], "Н-2"),
    ],
)  # fmt: skip
def test_a_house_that_is_not_that_of_the_account_is_told(
    office: TownOffice, header: str, houses: list[object], first: str
) -> None:
    """A number of a street is no code: only another house of the Customer says that the account may be a slip."""
    office.load_directory(line("A", "2001", "maintenance", tariff="10", area="50", house="H-2"))
    answer = past(office, header, *houses)
    assert answer.outcome == "accepted"
    assert [f["value"] for f in answer.findings if f["code"] == "account.house_differs"] == ([first] if first else [])
    assert "column.extra" not in answer.codes


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (("Дом H-1", "Дом H-2"), "H-2"), (("Дом № H-2, подъезд 1", "H-1 үйі"), "H-2"), (("Дом H-1", "Подъезд 2"), ""),
        (("ул. Абая, 2", "ул. Абая, 5"), ""),
    ],
)  # fmt: skip
def test_a_heading_of_another_house_than_that_of_the_accounts_beneath_is_told(
    office: TownOffice, headings: tuple[str, str], told: str
) -> None:
    """The account decides; under the next heading nothing of the one before is said."""
    office.load_directory(line("A", "2001", "maintenance", tariff="10", area="50", house="H-2"))
    book, sink = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", TWO_PAST))), io.BytesIO()
    page = book.active
    first = next(row[0].row for row in page.iter_rows() if row[0].value == "1001")
    for place, text in zip((first + 1, first), reversed(headings), strict=True):
        page.insert_rows(place)
        page.cell(place, 1, text)
    book.save(sink)
    answer = office.mail([File("form.xlsx", sink.getvalue())], received="2026-08-20")
    assert answer.outcome == "accepted"
    assert [f["value"] for f in answer.findings if f["code"] == "account.house_differs"] == ([told] if told else [])


def test_how_many_rows_contradict_is_told_and_no_name_of_another(office: TownOffice) -> None:
    answer = past(office, "ФИО", "Иванов И.", "Иванов И.", "Дәмді нан")
    told = answer.finding("account.other_holder")
    assert (told["cell"], "Таких строк: 2" in str(told)) == ("T10", True)
    assert "Үмбетов" not in str(told)


def test_a_new_holder_by_a_correction_is_known(office: TownOffice) -> None:
    row = {"account": "1001", "indicator": "ФИО", "becomes": "Сидорова Ольга", "from_date": "01.09.2026"}
    assert office.ingest("directory_corrections", [row], received="2026-08-19").outcome == "accepted"
    assert "account.other_holder" not in past(office, "ФИО", "Сидорова О.").codes


@pytest.mark.parametrize(
    ("header", "used", "told"),
    [
        ("Расход", 7.8, False),
        ("Расход, м3", "7,80", False),
        ("Разница", 8, False),
        ("Шығын", "7", False),
        ("Потребление", "-", False),
        ("Расход", 15.8, True),
        ("Объём", "78", True),
        ("Разница, м3", 9, True),
        ("Расход", 0, True),
    ],
)
def test_a_consumption_that_the_readings_do_not_give_is_told(
    office: TownOffice, header: str, used: object, told: bool
) -> None:
    answer = sent(office, "meter_readings", [{**READ, "current": "107,8"}], header, [used])
    assert (answer.outcome, "reading.usage_differs" in answer.codes) == ("accepted", told)


def test_a_meter_that_ran_over_is_no_contradiction(office: TownOffice) -> None:
    answer = sent(office, "meter_readings", [{**READ, "current": "3"}], "Расход", [99_903])
    assert "reading.usage_differs" not in answer.codes


def between(office: TownOffice, headers: tuple[str, ...], cells: tuple[object, ...], amount: str) -> Answer:
    """A recalculation with more columns and that sum."""
    book = openpyxl.load_workbook(
        io.BytesIO(office.form("recalculations", [{**PAST, "account": "1001", "amount": amount}]))
    )
    page, sink = book.active, io.BytesIO()
    head = next(row[0].row for row in page.iter_rows() if row[0].value == "Лицевой счёт")
    for column, texts in enumerate(zip(headers, cells, strict=True), 7):
        for place, value in enumerate(texts, head):
            page.cell(place, column, value)
    book.save(sink)
    return office.mail([File("form.xlsx", sink.getvalue()), SCAN], received="2026-08-20")


@pytest.mark.parametrize(
    ("headers", "cells", "amount", "outcome"),
    [
        (("Начислено", "Надо"), (500, 400), "-100", "accepted"),
        (("Начислено", "Надо"), (500, 400), "100", "rejected"),
        (("Ошибочно начислено", "Должно быть"), ("1 500,50 тг", "1 400"), "-100,5", "accepted"),
        (("Начислено, тг", "К начислению"), ("1 500,50", "1 400"), "-100", "rejected"),
        (("Есептелген", "Болуы керек"), ("-", 400), "-400", "rejected"),
        (("Есептелген", "Болуы керек"), (33.3333, 22.2222), "-11,11", "accepted"),
        (("Начислено", "Надо"), (500, "по счётчику"), "100", "accepted"),  # nothing to compare
        (("Было", "Стало"), (3, 2), "-240", "accepted"),  # residents
        (("Было", "Стало"), (3, 2), "240", "rejected"),
    ],
)
def test_a_sum_that_is_not_what_should_have_been_less_what_was_is_asked_about(
    office: TownOffice, headers: tuple[str, str], cells: tuple[object, object], amount: str, outcome: str
) -> None:
    answer = between(office, headers, cells, amount)
    assert answer.outcome == outcome
    assert ("recalculation.not_difference" in answer.codes) == (outcome == "rejected")
    assert "column.extra" not in answer.codes


def test_a_sum_of_the_other_sign_is_told_with_all_three_values(office: TownOffice) -> None:
    told = between(office, ("Начислено", "Надо"), (500, 400), "100").finding("recalculation.not_difference")
    assert (told["cell"][0], told["value"]) == ("D", "100")
    assert "«500»" in told["message"] and "«400»" in told["message"] and "-100" in told["message"]


def test_what_was_charged_without_what_should_have_been_is_compared_with_nothing(office: TownOffice) -> None:
    assert "column.extra" in past(office, "Начислено", 500).codes


@pytest.mark.parametrize(
    ("headers", "cells", "amount", "outcome"),
    [
        (("Разница", "Прим."), (-100, ""), "-100", "accepted"),
        (("Айырма, тг", "Прим."), ("-100,00", ""), "-100", "accepted"),
        (("Разница", "Прим."), (100, ""), "-100", "rejected"),
        (("Отклонение", "Прим."), (-1000, ""), "-100", "rejected"),
        (("Разница", "Прим."), ("по акту", ""), "-100", "accepted"),
    ],
)
def test_a_difference_beside_a_sum_is_compared_with_it(
    office: TownOffice, headers: tuple[str, str], cells: tuple[object, object], amount: str, outcome: str
) -> None:
    answer = between(office, headers, cells, amount)
    assert (answer.outcome, "recalculation.other_difference" in answer.codes) == (outcome, outcome == "rejected")


@pytest.mark.parametrize(
    ("before", "after", "difference", "outcome"),
    [
        (("Начислено", 500), ("Надо", 400), 100, "accepted"),  # what was less what should have been
        (("Было", 3), ("Стало", 2), -1, "accepted"),  # residents
        (("Начислено", 500), ("Надо", 400), 10, "rejected"),
    ],
)
def test_a_difference_of_other_columns_has_their_sign(
    office: TownOffice, before: tuple[str, int], after: tuple[str, int], difference: int, outcome: str
) -> None:
    headers, values = (*(one[0] for one in (before, after)), "Разница"), (before[1], after[1], difference)
    answer = between(office, headers, values, "-100")
    assert (answer.outcome, "recalculation.other_difference" in answer.codes) == (outcome, outcome == "rejected")


@pytest.mark.parametrize("header", ["Разница", "Отклонение", "Айырма"])
def test_a_difference_instead_of_the_sum_hears_which_sign_to_write(office: TownOffice, header: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [{**PAST, "account": "1001"}])))
    cell, sink = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "Сумма"), io.BytesIO()
    cell.value = header
    book.save(sink)
    answer = office.mail([File("form.xlsx", sink.getvalue()), SCAN], received="2026-08-20")
    told = answer.finding("column.only_difference")
    assert (answer.outcome, told["cell"], told["value"]) == ("rejected", cell.coordinate, header)
    assert "−100" in told["remedy"] and answer.errors == ["column.only_difference"]


def titled(
    office: TownOffice, *, title: str = "", sheet: str = "", name: str = "f.xlsx", text: str = "Форма"
) -> Answer:
    book, sink = (
        openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [{**PAST, "account": "1001"}]))),
        io.BytesIO(),
    )
    page = book.active
    page.title = sheet or page.title
    page["A1"] = title or page["A1"].value
    book.save(sink)
    return office.mail([File(name, sink.getvalue())], received="2026-08-20", text=text)


@pytest.mark.quick(*range(0, 17, 3))
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"title": "Перерасчёты за июль 2026 года"}, True),
        ({"sheet": "Июль 2026"}, True),
        ({"name": "Перерасчёт_май_2026.xlsx"}, True),
        ({"text": "Добрый день!\nНаправляем перерасчёт за июль."}, True),
        ({"title": "2026 жылғы шілде айының қайта есептеуі"}, True),
        ({"title": "Перерасчёты за 07.2026"}, True),
        ({"title": "Перерасчёты за июнь 2026 года"}, False),  # that of the row
        ({"title": "Перерасчёты за август 2026 года"}, False),  # in which it came
        ({"title": "Учёт: сентябрь 2026"}, False),  # of account
        ({"sheet": "Июнь"}, False),
        ({"name": "Перерасчёт за июнь-июль 2026.xlsx"}, False),
        ({"text": "Направляем перерасчёт за июнь. За май направляли раньше."}, False),
        ({"text": "Акт № 7 от 3 июля 2026 года, протокол от 12.07.2026"}, False),
        ({"title": "Перерасчёты за 2026 год"}, False),
        ({"title": "Перерасчёты за май - июль 2026 года"}, False),  # June is between
        ({"text": "Не проживает с мая 2026 года, просим снять."}, False),
        ({"text": "Перерасчёт с марта по май 2026 года."}, False),
    ],
)
def test_a_month_that_the_rows_are_not_of_is_told(office: TownOffice, said: dict[str, str], told: bool) -> None:
    answer = titled(office, **said)
    assert (answer.outcome, "month.said_otherwise" in answer.codes) == ("accepted", told)
    if told:
        assert "06.2026" in answer.finding("month.said_otherwise")["message"]


def test_the_month_of_a_blanks_sample_is_none_of_its_title(office: TownOffice) -> None:
    """Our own blanks have a row above the table that shows how to fill them in, of another month."""
    book = openpyxl.load_workbook(ROOT / "templates" / "forms" / "recalculations.xlsx")
    assert book.worksheets[0]["C15"].value == "06.2026"
    book.worksheets[0]["B9"].value = bin_of("A")
    for column, text in enumerate(("1001", "Содержание дома", "04.2026", -10, "Акт"), 1):
        book.worksheets[0].cell(17, column).value = text
    sink = io.BytesIO()
    book.save(sink)
    answer = office.mail([File("form.xlsx", sink.getvalue())], received="2026-08-20")
    assert (answer.outcome, "month.said_otherwise" in answer.codes) == ("accepted", False)


def test_where_no_row_was_read_no_month_is_compared(office: TownOffice) -> None:
    answer = office.mail([File("За май 2026.xlsx", office.form("recalculations", []))], received="2026-08-20")
    assert (answer.outcome, "month.said_otherwise" in answer.codes) == ("rejected", False)


@pytest.mark.parametrize(("month", "told"), [("июль-август 2026", False), ("06.2026", True)])
def test_a_refused_form_is_never_told_that_its_rows_are_accepted(office: TownOffice, month: str, told: bool) -> None:
    """Of rows whose months cannot be read it is not known what they are about."""
    book = File(
        "Перерасчёт за июль 2026.xlsx", office.form("recalculations", [{**PAST, "past_month": month, "account": "7"}])
    )
    answer = office.mail([book], received="2026-08-20")
    assert (answer.outcome, "month.said_otherwise" in answer.codes) == ("rejected", told)
    said = [text for finding in answer.findings for text in (finding["message"], finding["message_kk"])]
    assert not any("принято" in text or "қабылданды" in text for text in said)


OWN_BIN, OTHER_BIN = bin_of("A"), bin_of("B")


@pytest.mark.quick(0, 4, 8)
@pytest.mark.parametrize(
    ("header", "said", "refused"),
    [
        ("БИН", [OWN_BIN, None], []),
        ("БИН", [int(OWN_BIN), "—"], []),
        ("БИН", [OWN_BIN, OTHER_BIN], [OTHER_BIN]),
        ("БСН", [OTHER_BIN, int(OTHER_BIN)], [OTHER_BIN, OTHER_BIN.lstrip("0")]),
        ("БИН/ИИН", ["123", OWN_BIN], ["123"]),
        ("Заказчик", ["ТОО «A»", "A"], []),
        ("Заказчик", ["ТОО «A»", "ТОО «B»"], ["ТОО «B»"]),
        ("Тапсырыс беруші", ["B", "ТОО"], ["B"]),
        ("Заказчик", ["Иванов А. П.", None], []),
    ],
)
def test_a_row_that_names_another_customer_is_refused(
    office: TownOffice, header: str, said: list[object], refused: list[str]
) -> None:
    """It was charged to the Customer of the form. Its own, said again, is no news."""
    office.load_customers(customer("A", utilities=True), customer("B"))
    answer = past(office, header, *said)
    assert answer.outcome == ("rejected" if refused else "accepted")
    told = [f for f in answer.findings if f["code"] == "row.other_customer"]
    assert [f["value"] for f in told] == refused and all(OWN_BIN in f["message"] for f in told)
    assert "column.extra" not in answer.codes


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("ТОО «B»", True), ("B ТОО", True), ("ТОО «A»", False), ("A", False), ("ТОО «Ромашка»", False), ("ТОО", False),
        ("ТОО «A» (бывшее ТОО «B»)", False),
    ],
)  # fmt: skip
def test_form_with_the_name_of_another_customer_above_it_is_refused(
    office: TownOffice, name: str, refused: bool
) -> None:
    """Who sends for several changes the name and forgets the БИН; a name that nobody in the register has is no news."""
    office.load_customers(customer("A", utilities=True), customer("B"))
    book, sink = openpyxl.Workbook(), io.BytesIO()
    head = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
    row = ["1001", "Содержание дома", "06.2026", -100, "Акт"]
    for cells in (["Перерасчёт"], ["Форма", "recalculations"], ["БИН", OWN_BIN], ["Заказчик", name], [], head, row):
        book.active.append(cells)
    book.save(sink)
    answer = office.mail([File("form.xlsx", sink.getvalue())], received="2026-08-20")
    assert (answer.outcome, answer.errors) == (("rejected", ["header.other_customer"]) if refused else ("accepted", []))


def test_a_column_of_another_bin_in_a_form_of_few_columns_is_refused(office: TownOffice) -> None:
    """Tariffs without a house would be of every house of the form's Customer."""
    book, sink = openpyxl.Workbook(), io.BytesIO()
    head = ["БИН", "Услуга", "База", "Тариф", "Действует с", "Основание"]
    for row in (["Тарифы"], ["БИН", OWN_BIN], head, [OTHER_BIN, "Содержание дома", "м²", "44", "10.2026", "Пр"]):
        book.active.append(row)
    book.save(sink)
    answer = office.mail([File("tariffs.xlsx", sink.getvalue())], received="2026-08-20")
    assert answer.outcome == "rejected" and "row.other_customer" in answer.codes


def listed(office: TownOffice, *rows: list[object], merged: str = "") -> Answer:
    """Recalculations of accounts 1001 and on under a Customer's БИН, with columns before its own: headers first."""
    head, *cells = rows
    own = ["Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание"]
    book, sink = openpyxl.Workbook(), io.BytesIO()
    for row in (["Перерасчёт"], ["БИН", OWN_BIN], [*head, *own]):
        book.active.append(row)
    for place, row in enumerate(cells):
        book.active.append([*row, str(1001 + place), "Содержание дома", "06.2026", -100, "Акт"])
    if merged:
        book.active.merge_cells(merged)
    book.save(sink)
    return office.mail([File("list.xlsx", sink.getvalue())], received="2026-08-20")


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize("merged", ["", "A4:A5"])
@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ([OWN_BIN, None, None], []),
        ([OTHER_BIN, None, OWN_BIN], ["A4", "A5"]),
        ([OTHER_BIN, None, None], ["A4", "A5", "A6"]),
    ],
)
def test_a_customer_that_stands_once_is_that_of_the_rows_under_it(
    office: TownOffice, merged: str, said: list[object], refused: list[str]
) -> None:
    """Whoever takes out the row with the other БИН alone would leave its further rows to the form's Customer."""
    office.load_customers(customer("A", utilities=True), customer("B"))
    answer = listed(office, ["БИН"], *([one] for one in said), merged=merged)
    assert answer.outcome == ("rejected" if refused else "accepted")
    assert [f["cell"] for f in answer.findings if f["code"] == "row.other_customer"] == refused


@pytest.mark.parametrize(
    ("headers", "said", "refused"),
    [
        (["БИН заказчика", "БИН подрядчика"], [OWN_BIN, OTHER_BIN], []),
        (["БИН подрядчика", "БИН заказчика"], [OTHER_BIN, OWN_BIN], []),
        (["БИН заказчика", "БИН подрядчика"], [OTHER_BIN, OWN_BIN], ["row.other_customer"]),
        (["БИН", "БИН"], [OWN_BIN, OWN_BIN], []),
        (["БИН", "БИН"], [OWN_BIN, OTHER_BIN], ["column.twice"]),
    ],
)
def test_of_two_columns_with_a_bin_the_customers_own_counts(
    office: TownOffice, headers: list[object], said: list[object], refused: list[str]
) -> None:
    office.load_customers(customer("A", utilities=True), customer("B"))
    answer = listed(office, headers, said)
    assert [f["code"] for f in answer.findings if f["severity"] == "error"] == refused


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Просим провести перерасчёт только по счёту 1002.", ""),
        ("Просим провести перерасчёт по счёту 10010001.", ""),
        ("Перерасчёт по л/с 10000002, см. форму.", "10000002"),
        ("Перерасчёт по 10000001 и 10000002.", ""),
        ("Тел. 87017654321, счёт 99999999", ""),
    ],
)
def test_a_letter_about_another_account_than_its_form_is_told(office: TownOffice, words: str, named: str) -> None:
    """The letter asks for one neighbour, the form has the other; phones and strangers' accounts say nothing."""
    office.load_directory(*(line("A", f"1000000{n}", "maintenance", tariff="10", area="50") for n in (1, 2)))
    form = File("form.xlsx", office.form("recalculations", [{**PAST, "account": "10000001"}]))
    answer = office.mail([form], received="2026-08-20", text=words)
    assert (answer.outcome, "account.said_otherwise" in answer.codes) == ("accepted", bool(named))
    if named:
        assert answer.finding("account.said_otherwise")["value"] == named


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Просим провести в октябре.", True),
        ("Добрый день!\nУчтите, пожалуйста, в ноябре 2026", True),
        ("Просим провести в сентябре.", False),
        ("Просим провести. Акт подписан в октябре.", False),
    ],
)
def test_a_month_in_which_the_letter_asks_to_count_is_compared(office: TownOffice, words: str, told: bool) -> None:
    """A form of August counts in September: the wish for another month was heard by nobody."""
    form = File("form.xlsx", office.form("recalculations", [{**PAST, "account": "1001"}]))
    answer = office.mail([form], received="2026-08-20", text=words)
    assert (answer.outcome, "month.asked_otherwise" in answer.codes) == ("accepted", told)
    if told:
        assert "09.2026" in answer.finding("month.asked_otherwise")["message"]
