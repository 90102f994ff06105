"""4.1.7: a transfer that came back by a line of the statement waits to be sent again, with a task, in every format."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.core.errors import UseError
from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.bank_money import reconcile_banks
from inbox_worker.month.confirming import settle_manually
from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import make_orders
from inbox_worker.month.places import find_places
from tests.support.bank_statements import camt053
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, moment, payment

TRANSIT, OWN = "KZ28722S000001013958", "KZ248562203110182134"
BACK = "Возврат платежа по п/п № 1 от 10.09.2026, счёт закрыт"


def build(office: TownOffice) -> None:
    """Order 1: 98.80 to A; order 2: 98.80 to A again."""
    office.load_customers(customer("A", bic="KCJBKZKX", iban=OWN))
    office.load_directory(line("A", "1002", "maintenance", tariff="10", area="70"))
    bank: Row = {"bic": "CASPKZKA", "name": "АО «Банк»", "emails": "b@bank.example", "format": "1C", "iban": TRANSIT}
    assert office.load("banks", [bank]).outcome == "accepted"
    for number in ("1", "2"):
        office.load_payments(payment("1002", "100", number=number), now="2026-09-08")
        distribute(office.office, moment("2026-09-08"))
        make_orders(office.office, moment("2026-09-09"))


office = copies_of(build)


def of_1c(*purposes: str) -> bytes:
    """Order 1 leaves, then credits of its sum come from the bank's own account, which 1C does not mark as returns."""
    total = 98.80 * (len(purposes) - 1)
    rows = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={TRANSIT}", "СекцияРасчСчет",
        "ДатаНачала=10.09.2026", "ДатаКонца=11.09.2026", f"РасчСчет={TRANSIT}", "НачальныйОстаток=1000.00",
        f"КонечныйОстаток={1000 + total:.2f}", "КонецРасчСчет", "СекцияДокумент=Платежное поручение",
        "НомерДокумента=1", "ДатаОперации=10.09.2026", "СуммаРасход=98.80", f"ПлательщикИИК={TRANSIT}",
        f"ПолучательИИК={OWN}", "НазначениеПлатежа=Платежи потребителей", "КонецДокумента",
    ]  # fmt: skip
    for number, purpose in enumerate(purposes, 700):
        rows += [
            "СекцияДокумент=Мемориальный ордер", f"НомерДокумента={number}", "ДатаОперации=11.09.2026",
            "СуммаПриход=98.80", "ПлательщикИИК=KZ75125KZT1001300335", f"ПолучательИИК={TRANSIT}",
            f"НазначениеПлатежа={purpose}", "КонецДокумента",
        ]  # fmt: skip
    return "\r\n".join([*rows, "КонецФайла", ""]).encode("cp1251")


def of_camt() -> bytes:
    def entry(day: str, side: str, reference: str, more: str) -> str:
        return f"""<Ntry><Amt Ccy="KZT">98.80</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-09-{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
<Refs><EndToEndId>IW-1</EndToEndId></Refs>{more}</TxDtls></NtryDtls></Ntry>"""

    paid = f"<RltdPties><CdtrAcct><Id><IBAN>{OWN}</IBAN></Id></CdtrAcct></RltdPties>"
    back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></RtrInf>"
    return camt053(entry("10", "DBIT", "B55", paid) + entry("11", "CRDT", "B60", back), closing="100.00")


def of_mt() -> bytes:
    lines = [
        ":20:S", f":25:{TRANSIT}", ":28C:1/1", ":60F:C260910KZT1000,00",
        ":61:2609100910D98,80NTRFNONREF//1", f":86:190?20Payments?31{OWN}", ":61:2609110911RD98,80NRTINONREF//B60",
        ":86:190?20AC04 IW-1 closed", ":62F:C260911KZT1000,00", "-", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def take(office: TownOffice, data: bytes) -> None:
    answer = office.hand_in_bytes(data, received="2026-09-12", mailbox="load")
    assert answer.outcome == "accepted", answer.report


def states(office: TownOffice) -> list[str]:
    return [order.state.value for order in office.office.journal.transfers.orders()]


@pytest.mark.quick(0)
@pytest.mark.parametrize("data", [of_1c(BACK), of_camt(), of_mt()], ids=["1c", "camt053", "mt940"])
def test_money_that_came_back_by_a_line_waits_again_with_a_task_and_stands_on_both_lines(
    office: TownOffice, data: bytes
) -> None:
    """One file has the transfer and its return. The return is no consumers' money; a file told again does nothing."""
    take(office, data)
    assert states(office) == ["rejected", "ordered"]
    first = office.office.journal.transfers.orders()[0]
    assert len([part for part in first.proof.split("; ") if part.startswith("IW-000006-1/")]) == 2, first.proof
    [task] = office.office.journal.tasks.all()
    assert (task.kind, task.customer, task.about) == ("order_back", bin_of("A"), "order 1")
    assert "№ 1" in task.what and "98,80" in task.what and ("закрыт" in task.what or "AC04" in task.what)
    assert str(task.due) == "2026-09-14"
    days = reconcile_banks(office.office, date(2026, 9, 9), date(2026, 9, 12))
    assert sum(day.credited for day in days) == 0
    [again] = make_orders(office.office, moment("2026-09-12"))
    assert (again.number, again.amount) == (3, D("98.80")) and find_places(office.office).lost == 0
    take(office, data.replace(b"\r\n", b"\n") if b"\r\n" in data else data + b"\n")
    assert states(office) == ["rejected", "ordered", "ordered"] and len(office.office.journal.tasks.all()) == 1


@pytest.mark.parametrize(
    "purpose",
    [
        "Зачисление по реестру № 1",  # the number and the sum, but it says nothing of a return
        "Возврат по договору займа от 1.09.2026",  # a return that names no order: parts of a date are no number
        "Возврат платежа по п/п № 21",
    ],
)
def test_another_credit_of_the_same_sum_takes_no_order_back(office: TownOffice, purpose: str) -> None:
    take(office, of_1c(purpose))
    assert states(office) == ["transferred", "ordered"] and office.office.journal.tasks.all() == []
    days = reconcile_banks(office.office, date(2026, 9, 1), date(2026, 9, 12))
    assert sum(day.credited for day in days) == D("98.80")


def test_two_returns_take_back_the_orders_that_they_name(office: TownOffice) -> None:
    """Of two orders of one sum each return is of its own, also of one whose transfer no statement has shown."""
    take(office, of_1c(BACK.replace("№ 1", "№ 2"), BACK))
    assert states(office) == ["rejected", "rejected"]
    orders = office.office.journal.transfers.orders()
    assert "№ 1 " in orders[0].proof and "№ 2 " in orders[1].proof
    [task] = office.office.journal.tasks.all()
    assert "№ 1, 2" in task.what and "197,60" in task.what


def test_a_banks_answer_that_rejects_leaves_a_task_too(office: TownOffice) -> None:
    row: Row = {"scope": "поручение", "number": "2", "answer": "отклонено", "reason": "AC01"}
    assert office.load("order_answers", [row], "2026-09-10").outcome == "accepted"
    [task] = office.office.journal.tasks.all()
    assert states(office) == ["ordered", "rejected"] and "№ 2" in task.what and "AC01" in task.what


def test_staff_reject_no_order_whose_money_left_by_a_statement(office: TownOffice) -> None:
    """It would be ordered twice; an order that staff alone called transferred they may still call rejected."""
    take(office, of_1c())
    with pytest.raises(UseError, match=r"statement IW-000006-1/\d+ says .* order 1 left"):
        settle_manually(office.office, 1, OrderState.REJECTED, "звонок", moment("2026-09-12"))
    assert states(office) == ["transferred", "ordered"] and make_orders(office.office, moment("2026-09-12")) == []
    settle_manually(office.office, 2, OrderState.TRANSFERRED, "звонок", moment("2026-09-12"))
    settle_manually(office.office, 2, OrderState.REJECTED, "банк перезвонил", moment("2026-09-12"))
    assert states(office) == ["transferred", "rejected"]
