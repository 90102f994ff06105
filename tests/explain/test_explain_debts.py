"""A penalty and a payment's part lead to the cells that they come from, and the sums that are told add up (law 4)."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.suspense_acts import assign_payment
from inbox_worker.documents.debtors import AGES
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.proof_check import check_proof
from inbox_worker.explain.proof_pack import write_proof
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.table_figures import TableFigures
from inbox_worker.ledger.acts import ASSIGN
from inbox_worker.month.assign import Belongs
from inbox_worker.month.months import list_closed_months
from inbox_worker.month.suspense import find_waiting
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

NUMBER = r"(-?\d+,\d\d)"
TERM = rf"\(?{NUMBER}\)?"  # behind a sign


def town(office: TownOffice) -> None:
    """1 000.00 of maintenance and 500.00 of intercom a month; maintenance owed 600.00 of old."""
    office.load_customers(customer("A"), customer("C"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50", balance="600"),
        line("C", "1001", "intercom", base="кв.", tariff="500", balance="300"),
    )
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": 0, "cap": "100", "from_date": "09.2026"}
    office.ingest("penalty_notice", [{"service": "Содержание дома", "basis": "№ 5", **terms}], received="2026-08-20")
    office.load_payments(payment("1001", "450.00", day="10.09.2026", number="1"))
    past = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-1100"}
    office.ingest("recalculations", [past], received="2026-09-20")
    office.close("2026-09")
    office.load_payments(
        payment("1001", "100.00", day="05.10.2026", number="2"),
        payment("1001", "3000.00", day="28.10.2026", number="3"),
        payment("1001", "-100.00", day="29.10.2026", number="2"),
        now="2026-10-30",
    )
    office.close("2026-10")
    office.load_payments(payment("1001", "10.00", day="02.11.2026", number="4"), now="2026-11-03")
    office.close("2026-11")


office = copies_of(town, "module")
changed_office = copies_of(town)


def told(office: TownOffice, month: str, field: str, owner: str = "A", service: str = "maintenance") -> str:
    figures = Figures(office.office, Sources(office.office), Period.parse(month), "1001")
    return "\n".join(figures.explain(field, Where(bin_of(owner), "1001", service)))


def number(text: str) -> D:
    return D(text.replace(",", "."))


@pytest.mark.quick(0)
@pytest.mark.parametrize("month", ["2026-10", "2026-11"])
def test_the_debt_of_each_span_is_told_by_what_it_is_made_of(office: TownOffice, month: str) -> None:
    """debt = balance without penalty + the month's minus - not overdue yet - paid before; each of these is that of the
    penalty's own days (4.1.6)."""
    text = told(office, month, "penalty")
    rows = re.findall(rf"дней (\d+): долг {NUMBER}, (\d+,\d+) % годовых × (\d+,\d+)", text)
    spans = [debt for _, debt, *_ in rows]
    made = re.findall(rf"долг {NUMBER} = сальдо без пени {NUMBER} \+ минус месяца {TERM} − ещё не просрочено {TERM}"
                      rf" − оплачено до этого дня {TERM}", text)  # fmt: skip
    assert spans and [debt for debt, *_ in made] == spans
    counted = sum(int(days) * number(debt) * number(rate) * number(times) for days, debt, rate, times in rows)
    assert re.findall(rf"сумма \(долг × ставка × коэффициент\) {NUMBER}", text) == [f"{counted:.2f}".replace(".", ",")]
    for debt, balance, less, later, paid in (map(number, found) for found in made):
        assert debt == balance + less - later - paid
    if month == "2026-11":
        assert any(number(paid) for *_, paid in made) and any(number(less) for _, _, less, *_ in made)


def test_a_penalty_leads_to_the_first_balance_and_to_every_payment(office: TownOffice) -> None:
    """Through the closing of the month before, which explains itself down to `Сальдо` of the directory."""
    text = told(office, "2026-11", "penalty")
    forms = ("«Уведомление о пене»", "«Справочник лицевых счетов»", "«Перерасчёты за прошлый период»")
    figures = ("сальдо конечное 09.2026", "= сальдо строки, новой для учёта: 600,00", "платежа № 1 ", "платежа № 2 ")
    for part in forms + figures:
        assert part in text, (part, text)
    assert text.count("«Уведомление о пене»") == 1  # the penalty of the month before is none of the debt


def test_a_balance_of_penalty_leads_to_what_it_is_made_of(office: TownOffice) -> None:
    """Of November: what October left, its own penalty, and what payments paid of it, each with its cell."""
    for month in ("2026-10", "2026-11"):
        text = told(office, month, "closing_penalty")
        found = re.search(rf"пеня: {NUMBER} на начало \+ {NUMBER} начислено − {NUMBER} оплачено", text)
        assert found, text
        opening, penalty, paid = map(number, found.groups())
        own = text.partition("пеня на начало — конечная месяца")[0] if not opening else text
        assert (not penalty) or "«Уведомление о пене»" in own
        assert sum(map(number, re.findall(rf"^  пени оплачено {NUMBER} из платежа", text, re.M))) == paid
        assert bool(opening) == ("пеня на начало — конечная месяца" in text)


def test_terms_have_no_noughts_behind_them_and_a_base_is_named_as_its_reader_does(office: TownOffice) -> None:
    """«16,5000 % годовых × 1,500000» stood there, and «негізі кв.» in Kazakh."""
    assert "16,5 % годовых × 1,5" in told(office, "2026-11", "penalty")
    assert "по базе кв.;" in told(office, "2026-11", "quantity", "C", "intercom")
    kazakh = replace(office.office, language="kk")
    figures = Figures(kazakh, Sources(kazakh), Period.parse("2026-11"), "1001")
    assert "негізі пәтер;" in "\n".join(figures.explain("quantity", Where(bin_of("C"), "1001", "intercom")))


def test_numbers_below_zero_stand_in_brackets_behind_a_sign(changed_office: TownOffice) -> None:
    """Of 3 000.00 taken back, its penalty too; «− Оплачено -2000,00» stood there."""
    office = changed_office
    office.load_payments(payment("1001", "-3000.00", day="01.12.2026", number="3"), now="2026-12-03")
    closing, penalty = told(office, "2026-12", "closing"), told(office, "2026-12", "closing_penalty")
    assert re.search(r"= Сальдо начальное -?\d+,\d\d \+ Начислено 1000,00 .* − Оплачено \(-\d+,\d\d\) \+ ", closing)
    assert re.search(r"пеня: .* начислено − \(-\d+,\d\d\) оплачено = ", penalty)
    november = told(office, "2026-11", "penalty")
    assert "+ минус месяца (-" in november
    assert not re.search(r"[−+×/] ([^\W\d][^-+−(=;:]* )?-\d", closing + penalty + november)


def test_a_payments_part_names_its_share_of_the_step(office: TownOffice) -> None:
    """450.00 over opening debts of 600.00 and 300.00: 300.00 and 150.00 (money.md, payments, step 1)."""
    for owner, service, said in (("A", "maintenance", "300,00 = 450,00 × 600,00 / 900,00"),
                                 ("C", "intercom", "150,00 = 450,00 × 300,00 / 900,00")):  # fmt: skip
        assert f"в долг на начало {said}" in told(office, "2026-09", "paid", owner, service)


def test_the_parts_that_are_told_are_those_that_were_posted(office: TownOffice) -> None:
    """Each step, what it paid whole and what it shared; a reversal leads to the payment that it takes back."""
    for owner, service in (("A", "maintenance"), ("C", "intercom")):
        text = told(office, "2026-10", "paid", owner, service)
        parts = re.findall(rf"^ {{4}}в (?:долг на начало|начисление месяца|пеню месяца|аванс .+?) {NUMBER}", text, re.M)
        back = re.findall(rf"{NUMBER}: банк CASPKZKA отозвал платёж № 2 29.10", text)
        total = re.match(rf".*?= {NUMBER}", text)
        assert total and sum(map(number, [*parts, *back])) == number(total[1]), text
        assert "всё, чего ждала строка" in text and "в аванс" in text and "банк отозвал платёж" in text


def test_a_reversal_names_how_its_payment_was_posted(office: TownOffice) -> None:
    """100.00 over openings 1 300.00 and 650.00: 66.67 and 33.33 (money.md, payments, step 1); all of it goes back."""
    for owner, service, said in (("A", "maintenance", "66,67 = 100,00 × 1300,00 / 1950,00"),
                                 ("C", "intercom", "33,33 = 100,00 × 650,00 / 1950,00")):  # fmt: skip
        text = told(office, "2026-10", "paid", owner, service)
        back = text[text.index("банк отозвал платёж") :]
        assert "так сам платёж был разнесён в 10.2026:" in back and "возвращено" not in back
        assert f"в долг на начало {said}" in back


def test_a_part_that_is_taken_back_a_month_later_is_divided_by_what_was_left(changed_office: TownOffice) -> None:
    """450.00 was 300.00 and 150.00; of it 50.00 and then 40.00 go back, by 300.00 and 150.00, then by 266.67 and
    133.33."""
    office = changed_office
    office.load_payments(
        payment("1001", "-50.00", day="01.12.2026", number="1"),
        payment("1001", "-40.00", day="02.12.2026", number="1"),
        now="2026-12-03",
    )
    text = told(office, "2026-12", "paid")
    assert "возвращено 33,33 = 50,00 × 300,00 / 450,00" in text
    assert "возвращено 26,67 = 40,00 × 266,67 / 400,00" in text
    assert text.count("так сам платёж был разнесён в 09.2026:") == 2
    assert text.count("в долг на начало 300,00 = 450,00 × 600,00 / 900,00") == 2


@pytest.mark.slow
def test_shares_are_those_of_the_close_that_stood_when_it_was_posted(changed_office: TownOffice) -> None:
    """After the month before was closed again the debts are others; the payment was posted by those of then."""
    office = changed_office
    before = told(office, "2026-10", "paid")
    for month in ("2026-11", "2026-10", "2026-09"):
        office.reopen(month)
    office.load_payments(payment("1001", "50.00", day="11.09.2026", number="9"), now="2026-12-01")
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    assert "× " in before and told(office, "2026-10", "paid") == before


@pytest.mark.slow
def test_what_cannot_be_counted_again_is_no_share(changed_office: TownOffice) -> None:
    """By other rules an open month awaited another penalty: the parts stand as posted, and no share is made up. A close
    says what it was."""
    office = changed_office
    rules = office.office.rules
    algorithm = rules.penalties.algorithm.model_copy(update={"year_days": 36})
    penalties = rules.penalties.model_copy(update={"algorithms": {rules.penalties.use: algorithm}})
    changed = replace(office.office, rules=replace(rules, penalties=penalties))
    for month in (None, *reversed(list_closed_months(office.office))):
        if month:
            office.reopen(str(month))
        figures = Figures(changed, Sources(changed), Period.parse("2026-10"), "1001")
        text = "\n".join(figures.explain("paid", Where(bin_of("A"), "1001", "maintenance")))
        is_open = month is not None and month <= Period.parse("2026-10")
        assert ("доли разноски не повторить" in text) is is_open, (month, text)
        if is_open:
            break


def pack_of(
    office: TownOffice, month: str, kind: str, cell: str, target: Path
) -> tuple[set[str], list[dict[str, Any]]]:
    """The kinds of the forms in the proof of a figure of A's document, and the acts in it; everything in it agrees."""
    rendered = render_documents(office.office, Period.parse(month), [kind], bin_of("A"), moment("2027-01-05"))
    statement = next(path for path in rendered if path.suffix == ".xlsx")
    write_proof(office.office, str(statement), cell, target, moment("2027-01-06"))
    problems, proof = check_proof(target)
    assert problems == []
    with zipfile.ZipFile(target) as pack:
        return {form["kind"] for form in proof["forms"]}, [*map(json.loads, pack.read("chain.jsonl").splitlines())]


def test_a_proof_of_a_penalty_holds_the_letters_of_its_debt(office: TownOffice, tmp_path: Path) -> None:
    kinds, _ = pack_of(office, "2026-11", "turnover", "Содержание дома!K4", tmp_path / "p.zip")
    assert kinds == {"penalty_notice", "directory", "bank_register", "recalculations"}


@pytest.mark.slow
def test_a_proof_of_what_was_paid_holds_the_act_that_assigned_a_payment(
    changed_office: TownOffice, tmp_path: Path
) -> None:
    """Also while the month is open, when no close comes after the act."""
    office = changed_office
    office.load_payments(payment("1010", "7.00", day="03.12.2026", number="5"), now="2026-12-04")
    [waiting] = find_waiting(office.office)
    assign_payment(office.office, waiting.id, Belongs("1001", bin_of("A")), "звонок", moment("2026-12-05"))
    _, acts = pack_of(office, "2026-12", "payments", "E8", tmp_path / "p.zip")
    assert ASSIGN in {act["act"] for act in acts if act["subject"] == waiting.payment}


@pytest.mark.slow
def test_a_proof_of_a_payment_s_part_holds_what_its_weights_are_made_of(office: TownOffice, tmp_path: Path) -> None:
    """2 000.00 over openings 1 300.00 and 650.00 less 66.67 and 33.33 that No. 2 took: the lines' figures are led on to
    the forms of A, whose part it is; of C they are told, and none of its letters is in the pack (4.7)."""
    kinds, _ = pack_of(office, "2026-10", "payments", "E10", tmp_path / "p.zip")
    assert kinds == {"directory", "bank_register", "penalty_notice"}
    with zipfile.ZipFile(tmp_path / "p.zip") as pack:
        text = pack.read("explanation.json").decode()
    weights = re.findall(rf"(Содержание дома|Домофон) \([^)]+\), заказчик [^:]*: ([^,]+), вес {NUMBER}", text)
    assert [(service, step, number(weight)) for service, step, weight in weights] == [
        ("Содержание дома", "в долг на начало", D("1233.33")), ("Домофон", "в долг на начало", D("616.67")),
        ("Домофон", "в начисление месяца", D("500.00")), ("Содержание дома", "в пеню месяца", D("1.02")),
        ("Содержание дома", "в аванс по начислению месяца", D("1000.00")),
        ("Домофон", "в аванс по начислению месяца", D("500.00")),
    ]  # fmt: skip
    taken = re.findall(rf"из {NUMBER} платежи месяца, разнесённые раньше, взяли {NUMBER}", text)
    assert [(number(figure), number(sum_)) for figure, sum_ in taken] == [
        (D("1300.00"), D("66.67")), (D("650.00"), D("33.33")),
    ]  # fmt: skip
    assert "вес — по тому, что было известно" not in text


def test_a_proof_of_a_part_taken_back_holds_the_weights_of_its_payment(office: TownOffice, tmp_path: Path) -> None:
    """No. 2 took 66.67 of maintenance's 1 300.00: that opening is led on to the forms that it is made of."""
    kinds, _ = pack_of(office, "2026-10", "payments", "E12", tmp_path / "p.zip")
    assert kinds == {"directory", "bank_register"}
    with zipfile.ZipFile(tmp_path / "p.zip") as pack:
        text = pack.read("explanation.json").decode()
    assert "отозвал платёж № 2" in text
    weights = re.findall(rf"(Содержание дома|Домофон) \([^)]+\), заказчик [^:]*: ([^,]+), вес {NUMBER}", text)
    assert [(service, step, number(weight)) for service, step, weight in weights] == [
        ("Содержание дома", "в долг на начало", D("1300.00")), ("Домофон", "в долг на начало", D("650.00")),
    ]  # fmt: skip


@pytest.mark.slow
def test_weights_of_facts_that_changed_since_are_told_as_of_then(changed_office: TownOffice) -> None:
    """The draft's charge was 1 000.00 when the payment was posted; the area became 60,00 after it."""
    office = changed_office
    office.load_payments(payment("1001", "9000.00", day="03.12.2026", number="5"), now="2026-12-04")
    office.load_directory(line("A", "1001", "maintenance", tariff="20", area="60", start="12.2026"), now="2026-12-05")
    figures = TableFigures(office.office, Sources(office.office, to_start=True), Period(2026, 12), "1001")
    where = Where(bin_of("A"), "1001", "maintenance", day="2026-12-03")
    text = "\n".join(figures.explain("payments.amount", where))
    assert "вес 1000,00\n" in text and "Начислено: 1200,00" in text
    assert "вес — по тому, что было известно, когда платёж разнесён" in text


@pytest.mark.quick(0)
@pytest.mark.parametrize("month", ["2026-09", "2026-11"])
def test_a_part_of_a_debt_by_age_is_the_sum_of_what_its_months_left_unpaid(office: TownOffice, month: str) -> None:
    """The rule alone was told, and the whole debt: nobody could see how 2–3 months' part came about (4.1.8)."""
    ages = MonthFacts(office.office, Period.parse(month)).ages([bin_of("A"), bin_of("C")]).to_pylist()
    assert len(ages) == 2 and (month != "2026-09" or any(row["age_before"] for row in ages))
    figures = TableFigures(office.office, Sources(office.office), Period.parse(month))
    for row in ages:
        where = Where(row["customer"], row["account"], row["service"])
        for age in AGES:
            head, *lines = figures.explain(f"debt.{age}", where)
            assert f" = {row[age]:f} тенге из ".replace(".", ",") in head, head
            owed = [number(found[1]) for one in lines if (found := re.search(rf"не оплачено {NUMBER}", one))]
            assert age == "age_before" or sum(owed) == row[age], (age, lines)
        account = "\n".join(figures.explain("debt.age_1", Where(row["customer"], row["account"])))
        assert f"часть долга = {row['age_1']:f}".replace(".", ",") in account
