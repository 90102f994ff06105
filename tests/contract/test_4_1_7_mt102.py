"""4.1.7: orders as МТ102, held against a checker that knows only the published format."""

from __future__ import annotations

import re
from decimal import Decimal as D

import pytest

from inbox_worker.core.errors import JobError
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.order_files import OrderBatch
from inbox_worker.documents.order_mt102 import write_mt102
from inbox_worker.ledger.transfers import PaymentOrder
from inbox_worker.month.distributing import distribute
from inbox_worker.outbox.publish_orders import put_up_orders
from inbox_worker.settings.office_rules import OrdersFile
from inbox_worker.settings.rules import load_rules
from tests.support.office import ROOT, TownOffice, customer, line, moment, payment

NOW = moment("2026-09-09T11:00:00")
TRANSIT, FIRST, SECOND = "KZ248562203110182134", "KZ28722S000001013958", "KZ75125KZT1001300335"
RULES = load_rules(ROOT / "rules").orders


def iban_is_right(iban: str) -> bool:
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return len(iban) == 20 and int(digits) % 97 == 1


def check(data: bytes, encoding: str = "cp866") -> list[dict[str, object]]:
    """Messages of a file: `bank`, `payer_bank`, `reference`, `payments`; every rule of the format asserted."""
    text = data.decode(encoding)
    assert text.endswith("-}\r\n") and "\n" not in text.replace("\r\n", "")
    messages = re.split(r"(?<=-})\r\n", text)[:-1]
    return [check_message(message.split("\r\n")) for message in messages]


def check_message(lines: list[str]) -> dict[str, object]:
    assert re.fullmatch(r"\{1:F01[^{}]*\}\{2:I102S(CLEAR|GROSS)[0-9]{6}U3003\}\{4:", lines[0]), lines[0]
    assert lines[-1] == "-}" and all(len(one) <= 70 for one in lines[1:])
    fields: list[list[str]] = []
    for one in lines[1:-1]:
        assert "{" not in one and "}" not in one and not one.startswith("-") and one, one
        if re.match(r":[0-9]{2}[A-Z]?:", one):
            fields.append([one])
        else:
            assert not one.startswith(":"), one
            fields[-1].append(one)
    tags = [re.match(r":([0-9]{2}[A-Z]?):", field[0]).group(1) for field in fields]  # type: ignore[union-attr]
    assert tags[:4] == ["20", "52B", "57B", "70"] and tags[-1] == "32A" and (len(tags) - 5) % 5 == 0
    bodies = [[field[0].partition(":")[2].partition(":")[2], *field[1:]] for field in fields]
    [reference], [payer_bank], [payee_bank] = bodies[0], bodies[1], bodies[2]
    assert 1 <= len(reference) <= 16 and all(
        re.fullmatch("[A-Z]{6}[A-Z0-9]{2}", bic) for bic in (payer_bank, payee_bank)
    )
    head = slashed(bodies[3])
    assert set(head) == {"DATE", "SEND", "PSO", "PRT"} and re.fullmatch("[0-9]{6}", head["DATE"])
    assert (head["SEND"], head["PSO"]) == ("07", "01") and head["PRT"] in ("05", "01")
    payments = []
    for place, start in enumerate(range(4, len(tags) - 1, 5), 1):
        assert tags[start : start + 5] == ["21", "32B", "50", "59", "70"] and bodies[start] == [str(place)]
        payments.append(check_payment(bodies[start + 1 : start + 5]))
    day, total = re.fullmatch(r"([0-9]{6})KZT([0-9]+,[0-9]{2})", bodies[-1][0]).groups()  # type: ignore[union-attr]
    assert day == head["DATE"] and money(total) == sum((one["sum"] for one in payments), D(0))
    return {"bank": payee_bank, "payer_bank": payer_bank, "reference": reference, "payments": payments}


def check_payment(bodies: list[list[str]]) -> dict[str, object]:
    amount, payer, payee, words = bodies
    assert re.fullmatch("KZT[0-9]+,[0-9]{2}", amount[0]) and payer[0].startswith("/D/")
    found: dict[str, object] = {"sum": money(amount[0][3:]), "payer": payer[0][3:], "payee": payee[0]}
    assert iban_is_right(payer[0][3:]) and iban_is_right(payee[0])
    for side in (payer[1:], payee[1:]):
        told = slashed(side)
        assert list(told) == ["NAME", "IDN", "IRS", "SECO"] and 1 <= len(told["NAME"]) <= 60
        assert re.fullmatch("[0-9]{12}", told["IDN"]) and told["IRS"] in "12" and re.fullmatch("[0-9A]", told["SECO"])
    told = slashed(words)
    assert list(told) == ["NUM", "VO", "KNP", "ASSIGN"] and told["VO"] == "01" and re.fullmatch("[0-9]{3}", told["KNP"])
    assert len(told["ASSIGN"]) <= 412 and len(words) <= 9
    return {**found, "number": told["NUM"], "knp": told["KNP"], "purpose": told["ASSIGN"],
            "name": slashed(payee[1:])["NAME"]}  # fmt: skip


def slashed(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in lines:
        marked = re.match("/([A-Z]+)/(.*)", one)
        if marked:
            assert marked[1] not in found
            found[marked[1]] = marked[2]
        else:
            last = list(found)[-1]
            found[last] += " " + one.strip()
    return found


def money(text: str) -> D:
    return D(text.replace(",", "."))


def test_a_bank_that_asks_for_mt102_gets_it(office: TownOffice) -> None:
    """A message for each bank that is paid; the orders' numbers, sums, КНП and words are in it."""
    office.load_customers(
        {**customer("A", iban=FIRST), "name": "ТОО «Әлем {Қала}»"}, customer("B", bic="NBRKKZKX", iban=SECOND)
    )
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("B", "1001", "lift", base="кв.", tariff="500")
    )
    row = {"bic": "KCJBKZKX", "name": "Банк", "emails": "b@bank.example", "format": "МТ102", "iban": TRANSIT}
    assert office.load("banks", [row]).outcome == "accepted"
    office.load_payments(payment("1001", "1000.01", bank="KCJBKZKX"), now="2026-09-08")
    distribute(office.office, NOW)
    put = put_up_orders(office.office, NOW)
    [path] = {path for _, path in put}
    messages = check(path.read_bytes())
    assert [one["bank"] for one in messages] == ["CASPKZKA", "NBRKKZKX"]
    assert {one["payer_bank"] for one in messages} == {"KCJBKZKX"}
    told = {one["number"]: one for message in messages for one in message["payments"]}
    for order, _ in put:
        one = told.pop(str(order.number))
        assert (one["sum"], one["payer"], one["payee"], one["knp"]) == (order.amount, TRANSIT, order.iban, order.knp)
        assert one["purpose"] == order.purpose.replace("Қ", "К")
    assert not told and messages[0]["payments"][0]["name"] == 'ТОО "Алем (Кала)"'


def batch(purpose: str, count: int = 1, kbe: str = "17") -> OrderBatch:
    operator = Operator("971240003619", "АО «АЛСЕКО»", "", "", TRANSIT, "", "KCJBKZKX", "", "", kbe=kbe)
    orders = [
        PaymentOrder(n, "KCJBKZKX", 1, "050140000011", "И" * 90, "CASPKZKA", FIRST, "18", "856", TRANSIT,
                     D(f"{n}.05"), purpose, NOW)
        for n in range(1, count + 1)
    ]  # fmt: skip
    return OrderBatch(orders, operator, {})


@pytest.mark.parametrize(
    "purpose",
    ["слово " * 80, "-} {1: :20:X " + "я" * 60 + " :32A:260909KZT1,00 /KNP/999 -минус", "я" * 300, "x", "ы-" * 140],
)
def test_no_purpose_breaks_out_of_its_field(purpose: str) -> None:
    [message] = check(write_mt102(batch(purpose), RULES))
    [one] = message["payments"]
    assert one["knp"] == "856" and one["sum"] == D("1.05")


def test_a_message_has_no_more_payments_than_the_bank_takes() -> None:
    rules: OrdersFile = RULES.model_copy(update={"mt102": RULES.mt102.model_copy(update={"payments": 2})})
    messages = check(write_mt102(batch("плата", 5), rules))
    assert [len(one["payments"]) for one in messages] == [2, 2, 1]
    assert len({one["reference"] for one in messages}) == 3


def test_an_operator_without_a_code_is_told_to_name_it() -> None:
    with pytest.raises(JobError, match="operator.kbe"):
        write_mt102(batch("плата", kbe=""), RULES)
