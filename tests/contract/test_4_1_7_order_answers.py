"""4.1.7: what a bank answers to orders ends them once; rejected money is ordered again under a new number."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import make_orders
from inbox_worker.month.places import find_places
from inbox_worker.receiving.store import Incoming
from tests.support.fixtures import copies_of
from tests.support.office import Answer, Row, TownOffice, customer, line, moment, payment
from tests.support.papers import File

NOW = moment("2026-09-09T11:00:00")
OWN, FAR = "KZ248562203110182134", "KZ75125KZT1001300335"


def build(office: TownOffice) -> None:
    """Orders 1 and 2 of the file IW-CASPKZKA-1: 494.00 to A's bank, 296.40 to B's."""
    office.load_customers(customer("A", bic="KCJBKZKX", iban=OWN), customer("B", bic="NBRKKZKX", iban=FAR))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("B", "1002", "lift", base="кв.", tariff="500"),
    )  # fmt: skip
    office.load_payments(payment("1001", "500"), payment("1002", "300", number="2"), now="2026-09-08")
    distribute(office.office, NOW)
    assert [order.amount for order in make_orders(office.office, NOW)] == [D("494.00"), D("296.40")]


office = copies_of(build)


def take(office: TownOffice, data: bytes, name: str = "answer.xml", now: str = "2026-09-10") -> Answer:
    return office._answer(office._pipeline.ingest(Incoming(data, name, "load", moment(now))))


def states(office: TownOffice) -> list[str]:
    return [order.state.value for order in office.office.journal.transfers.orders()]


def status(code: str, reason: str = "") -> str:
    return f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>нет счёта</AddtlInf></StsRsnInf>" if reason else ""


def told(number: int, code: str, reason: str = "", amount: str = "") -> str:
    money = f'<OrgnlTxRef><Amt><InstdAmt Ccy="KZT">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>IW-{number}</OrgnlEndToEndId><TxSts>{code}</TxSts>"
        f"{status(code, reason)}{money}</TxInfAndSts>"
    )


def pain(*each: str, group: str = "", message: str = "IW-CASPKZKA-1") -> bytes:
    payments = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId>{''.join(each)}</OrgnlPmtInfAndSts>"
    sts = f"<GrpSts>{group}</GrpSts>" if group else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-09-10T09:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{sts}"
        f"</OrgnlGrpInfAndSts>{payments if each else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


def test_pain_002_ends_each_order_by_its_own_answer_and_tells_of_the_rejected(office: TownOffice) -> None:
    answer = take(office, pain(told(1, "ACSC", amount="494"), told(2, "RJCT", "AC01", "296.40"), group="PART"))
    assert answer.outcome == "accepted" and sorted(answer.codes) == ["answer.rejected", "answer.taken"]
    finding = answer.finding("answer.rejected")
    assert "ТОО «B»" in finding["message"] and "AC01 нет счёта" in finding["message"]
    assert states(office) == ["transferred", "rejected"]
    proof = office.office.journal.transfers.orders()[1].proof
    assert proof == f"{answer.id}/2; AC01 нет счёта"
    places = find_places(office.office)
    assert (places.transferred, places.distributed, places.lost) == (D("494.00"), D("296.40"), 0)


def test_an_answer_in_an_envelope_or_in_utf_16_is_the_same(office: TownOffice) -> None:
    head, _, body = pain(told(1, "ACSC"), told(2, "RJCT", "AC01")).decode().partition("?>")
    inside = f'{head}?><BizMsgEnvlp xmlns="urn:swift:xsd:envelope">{body}</BizMsgEnvlp>'
    assert take(office, inside.replace("UTF-8", "UTF-16").encode("utf-16")).outcome == "accepted"
    assert states(office) == ["transferred", "rejected"]


def test_a_refused_file_does_not_say_what_became_of_its_orders(office: TownOffice) -> None:
    answer = take(office, pain(told(1, "ACSC"), told(2, "RJCT", "AC01"), told(9, "ACSC"), group="PART"))
    assert (answer.outcome, answer.codes) == ("rejected", ["answer.no_order"])
    assert states(office) == ["ordered", "ordered"]


def test_a_rejected_order_goes_again_once_under_a_new_number(office: TownOffice) -> None:
    take(office, pain(told(2, "RJCT", "AC01")))
    [again] = make_orders(office.office, moment("2026-09-11"))
    assert (again.number, again.amount) == (3, D("296.40"))
    repeated = take(office, pain(told(2, "RJCT", "AC04")), now="2026-09-12")  # the bank tells it another way
    assert repeated.outcome == "rejected" and states(office) == ["ordered", "rejected", "ordered"]
    assert make_orders(office.office, moment("2026-09-12")) == []
    late = take(office, pain(told(2, "ACSC")), now="2026-09-12")
    assert late.codes == ["answer.contradicts"] and states(office) == ["ordered", "rejected", "ordered"]


@pytest.mark.parametrize(
    ("group", "expected", "code"),
    [
        ("RJCT", ["rejected", "rejected"], "answer.rejected"),
        ("ACSC", ["transferred", "transferred"], "answer.taken"),
        ("ACCP", ["ordered", "ordered"], "answer.taken"),
        ("PART", ["ordered", "ordered"], "answer.partly"),
    ],
)
def test_an_answer_to_the_file_is_of_all_its_orders(
    office: TownOffice, group: str, expected: list[str], code: str
) -> None:
    answer = take(office, pain(group=group))
    assert (states(office), answer.codes) == (expected, [code])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pain(told(9, "RJCT")), "answer.no_order"),
        (pain(told(1, "RJCT", amount="494.01")), "answer.sum_differs"),
        (pain(told(1, "XXXX")), "value.not_a_choice"),
        (pain(told(1, "RJCT")).replace(b"IW-1", b"ZZ-1"), "answer.not_ours"),
        (pain(told(1, "RJCT"))[:-40], "answer.damaged"),
        (pain(), "answer.partly"),
        (pain(told(1, "RJCT", amount="494")).replace(b'"KZT"', b'"USD"'), "statement.currency"),
        (b"{1:F01BANK}{2:O196BANK}{4:\r\n:20:X\r\n:21:IW1-1\r\n:76:/NOTE/thanks\r\n-}", "answer.words"),
        (b"{1:F21BANK}{4:{177:2609101000}}", "answer.damaged"),
        (b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>', "answer.none"),
    ],
)
def test_what_is_not_understood_ends_no_order_and_says_why(office: TownOffice, data: bytes, code: str) -> None:
    answer = take(office, data)
    assert answer.outcome == "rejected" and code in answer.codes, answer.report
    assert states(office) == ["ordered", "ordered"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{1:F21BANK0000}{4:{177:2609101000}{451:1}{405:D01}{108:IW1-1}}", ["rejected", "ordered"]),
        ("{1:F21BANK0000}{4:{177:2609101000}{451:0}{108:IW1-1}}", ["ordered", "ordered"]),
        (
            "{1:F01BANK0000}{2:O1961000N}{4:\r\n:20:A1\r\n:21:IW2-1\r\n:76:/REJT/AC01\r\n//closed\r\n-}",
            ["ordered", "rejected"],
        ),
    ],
)
def test_a_message_of_mt102_is_refused_by_its_reference(office: TownOffice, text: str, expected: list[str]) -> None:
    answer = take(office, text.encode(), "answer.txt")
    assert answer.outcome == "accepted", answer.report
    assert states(office) == expected


def test_staff_type_what_a_bank_answered(office: TownOffice) -> None:
    row: Row = {"scope": "поручение", "number": "1", "answer": "отклонено", "reason": "счёт закрыт"}
    assert office.load("order_answers", [row], "2026-09-10").outcome == "accepted"
    assert states(office) == ["rejected", "ordered"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"scope": "поручение", "number": "1", "answer": "исполнено", "bank": "HSBKKZKX"}, "answer.another_bank"),
        ({"scope": "файл", "number": "1", "many": "3", "answer": "отклонено"}, "answer.count_differs"),
    ],
)
def test_what_staff_type_must_fit_the_bank_and_the_file(office: TownOffice, row: Row, code: str) -> None:
    answer = office.load("order_answers", [row], "2026-09-10")
    assert answer.outcome == "rejected" and code in answer.codes
    assert states(office) == ["ordered", "ordered"]


def test_another_banks_letter_ends_no_order(office: TownOffice) -> None:
    banks = [
        {"bic": bic, "name": bic, "emails": f"b@{bic.lower()}.example", "format": "1C"}
        for bic in ("CASPKZKA", "HSBKKZKX")
    ]
    office.load("banks", banks)
    home = office.office.home
    config = home.config.model_copy(update={"authserv_id": "mx.alseco.example"})
    office.office.__dict__["home"] = replace(home, config=config)
    data = File("answer.xml", pain(told(1, "RJCT")))
    proven = {"Authentication-Results": "mx.alseco.example; dmarc=pass header.from=hsbkkzkx.example"}
    answer = office.mail([data], received="2026-09-10", sender="b@hsbkkzkx.example", headers=proven)
    assert "answer.another_bank" in answer.codes and states(office) == ["ordered", "ordered"]
