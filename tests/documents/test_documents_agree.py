"""Documents of random towns against the close and among themselves: every total to the tiyn (4.1.8, 4.1.11)."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import CloseData, Rendered
from inbox_worker.documents.act import act_rows
from inbox_worker.documents.bill import SUMS
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.month_data import MonthFacts, customers_of
from inbox_worker.outbox.publish import orders_of, render
from inbox_worker.outbox.publish_bills import month_bills
from inbox_worker.workbooks.cells import CellReader
from tests.documents.made import column, flat, money, opened
from tests.month.test_oracle import customer_row, directory_rows, hand_in_forms, load_register, load_stops, text
from tests.support.office import TownOffice
from tests.support.oracle import Town
from tests.support.towns import FIRST, OWNERS, Story, build_story

QUIET = settings(
    deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None,
    phases=[Phase.generate],
)  # fmt: skip
ADDED = {  # columns whose total is that of the close
    "turnover": ("Оборотная ведомость", {
        "Начислено": "charged", "Недопоставка": "undelivered", "Перерасчёт": "recalculated", "Пеня": "penalty",
        "Оплачено": "paid", "Перенесено": "moved",
    }),
    "bill_rows": ("Строки счетов", {
        "Долг (+), аванс (−)": "opening", "Начислено": "charged", "Пеня": "penalty", "Оплачено": "paid",
        "Недопоставка и перерасчёт": "undelivered recalculated", "Перенесено": "moved", "К оплате": "closing",
    }),
}  # fmt: skip
PLACE = ("Адрес", "Кв.", "ФИО")
KINDS = ("turnover", "distribution", "debtors", "bill_rows", "payments", "directory")


@pytest.mark.slow
@settings(QUIET, max_examples=1)
@given(seed=st.integers(0, 2**32))
def test_all_documents_of_a_random_town_agree(seed: int, reader: CellReader) -> None:
    live(build_story(Random(seed), months=2), reader)


@pytest.mark.slow
@settings(QUIET, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_all_documents_of_many_towns_agree(seed: int, reader: CellReader) -> None:
    """The same over three months and many more towns."""
    live(build_story(Random(seed), months=3), reader)


def live(story: Story, reader: CellReader) -> None:
    with tempfile.TemporaryDirectory() as folder, TownOffice(Path(folder), reader) as office:
        registered = [known for known in story.lines if known.told is None]
        town = Town(lines=list(registered), first=FIRST, contracts=dict(story.contracts))
        office.load_customers(*(customer_row(name, story) for name in OWNERS))
        office.load_directory(*(row for known in registered for row in directory_rows(known)))
        for events in story.months:
            hand_in_forms(office, town, events)
            load_stops(office, town, events)
            for register in events.registers:
                load_register(office, town, register, f"{text(events.month)}-28")
            office.close(text(events.month))
            agree(MonthFacts(office.office, Period.parse(text(events.month))))


def agree(facts: MonthFacts) -> None:
    office, paid = facts.office, Decimal(0)
    whole = facts.of(list(facts.customers))
    for order in orders_of(facts, customers_of(facts), KINDS):
        data = order.data
        rendered = render(order)
        made = {document.kind: document for document in rendered if document.file_name.endswith(".xlsx")}
        beside = {document.kind: flat(document.data) for document in rendered if document.file_name.endswith(".csv")}
        sums = {name: sum(data.lines.column(name).to_pylist(), Decimal(0)) for name in SUMS}
        opened = data.lines.column("opening").to_pylist()
        debit = sum((value for value in data.lines.column("closing").to_pylist() if value > 0), Decimal(0))
        fees = sum(data.payments.column("fee").to_pylist(), Decimal(0))

        assert total(made["turnover"], "Оборотная ведомость", "Долг на конец") == debit
        for name, owed in (("начало", opened), ("конец", data.lines.column("closing").to_pylist())):
            sides = [total(made["turnover"], "Оборотная ведомость", f"{side} на {name}")
                     for side in ("Долг", "Аванс")]  # fmt: skip
            assert sides == [sum((max(sign * value, Decimal(0)) for value in owed), Decimal(0)) for sign in (1, -1)]
        assert total(made["debtors"], "Задолжники", "Долг") == debit
        assert total(made["debtors"], "По услугам", "Долг") == debit
        in_bills = billed_rows(data, facts)
        billed = {name: sum((row[name] for row in in_bills), Decimal(0)) for name in SUMS}
        for kind, (sheet, heads) in ADDED.items():
            of_close = billed if kind == "bill_rows" else sums
            for head, names in heads.items():
                assert total(made[kind], sheet, head) == sum(of_close[name] for name in names.split()), (kind, head)
        for sheet, head in (("По банкам и услугам", "Принято банком"), ("Платежи", "Принято банком")):
            assert total(made["distribution"], sheet, head) == sums["paid"]
        assert total(made["distribution"], "Платежи", "Удержано исполнителем") == fees
        assert total(made["payments"], "Платежи", "Принято") == sums["paid"]
        assert sum(row.cost for row in act_rows(data, office.rules)) == fees
        gaps, _ = column(made["distribution"].data, "Контроль", "Расхождение")
        assert len(gaps) == 3 and not any(gaps)
        for head, name in (("Начислено", "charged"), ("Оплачено", "paid")):
            assert sum((Decimal(row[head]) for row in beside["turnover"]), Decimal(0)) == sums[name]
        _directory_agrees(beside, data, facts)
        paid += sums["paid"]
    _bills_agree(facts, whole)
    _protocol_agrees(facts, whole, paid)


def _directory_agrees(made: Mapping[str, list[dict[str, str]]], data: CloseData, facts: MonthFacts) -> None:
    """Every line that was charged stands in the directory, with the tariff and area it was charged by unless its sum
    was told (4.3.2.5, 4.3.9), at the address that the bill rows show; and it has no line that the close has not.
    """
    rules = facts.office.rules
    told_sums = set(facts.engine.connection.execute("select customer, account, service from fixed_sums").fetchall())
    shown = {(row["Лицевой счёт"], row["Код услуги"]): row for row in made["directory"]}
    lines = {(row["account"], row["service"]): row for row in data.lines.to_pylist()}
    assert set(shown) <= set(lines)
    for key, line in lines.items():
        assert key in shown or not line["charged"], key
        if line["charged"] and (line["customer"], *key) not in told_sums:
            assert number(shown[key]["Тариф"]) == line["tariff"], key
            if rules.service(key[1]).base == "м²":
                assert number(shown[key]["Площадь, м²"]) == line["quantity"], key
    for row in made["bill_rows"]:
        known = shown.get((row["Лицевой счёт"], row["Код услуги"]))
        assert known is None or [known[head] for head in PLACE] == [row[head] for head in PLACE]


def billed_rows(data: CloseData, facts: MonthFacts) -> list[dict[str, Any]]:
    """Lines of the close that stand in bills: stopped ones are left out (10.3)."""
    rows, key = data.lines.to_pylist(), ("account", "customer", "service")
    customers = sorted({row["customer"] for row in rows})
    stopped = {tuple(row[name] for name in key) for row in facts.stopped_lines(customers).to_pylist()}
    return [row for row in rows if tuple(row[name] for name in key) not in stopped]


def number(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.0001"))


def _bills_agree(facts: MonthFacts, whole: CloseData) -> None:
    """Bills have every line of the close that is billed once, with its sums; what is to pay is all that it owes."""
    style = style_of(facts.office.home, facts.office.rules, facts.month)
    bills = [bill for _, bill in month_bills(facts)]
    lines = {(bill.account, line.customer, line.service): line.sums for bill in bills for line in bill.lines}
    close = billed_rows(whole, facts)
    key = ("account", "customer", "service")
    assert lines == {tuple(row[name] for name in key): {name: row[name] for name in SUMS} for row in close}
    shown = {bill["account"]: bill for bill in bills_data(bills, style)["bills"]}
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for row in close:
        owed[row["account"]] += max(row["closing"], Decimal(0))
    assert {account: told(bill["pay"]) for account, bill in shown.items()} == owed


def _protocol_agrees(facts: MonthFacts, whole: CloseData, paid: Decimal) -> None:
    office = facts.office
    protocol = render_close_protocol(facts.protocol(), {}, office.home.operator, office.rules)
    for sheet in ("По заказчикам", "По услугам"):
        assert total(protocol, sheet, "Оплачено") == paid
        for name, head in (("opening", "Сальдо начальное"), ("closing", "Сальдо конечное")):
            assert total(protocol, sheet, head) == sum(whole.lines.column(name).to_pylist(), Decimal(0))
    gaps, _ = column(protocol.data, "Проверки", "Расхождение")
    assert len(gaps) == 4 and not any(gaps)
    for sheet in opened(protocol.data).worksheets[:3]:
        assert 0 in [
            cell for row in sheet.iter_rows(max_row=6, values_only=True) for cell in row
        ]  # the live check above the table


def total(document: Rendered, sheet: str, head: str) -> Decimal:
    return money(column(document.data, sheet, head)[1])


def told(shown: str) -> Decimal:
    return Decimal(shown.replace("\xa0", "").replace(",", "."))
