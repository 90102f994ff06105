"""4.1.7: the register of banks, which staff load: where statements of distribution go and how the money leaves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from inbox_worker.ledger.banks import LIST, ONE_C, PAIN, Bank, bank_of, find_banks
from tests.support.office import Row, TownOffice

TRANSIT = "KZ28722S000001013958"


def bank(bic: str = "CASPKZKA", **more: object) -> Row:
    return {"bic": bic, "name": f"АО «{bic}»", "emails": f"bank@{bic.lower()}.example", "format": "1C", **more}


def banks(office: TownOffice) -> Mapping[str, Bank]:
    return find_banks(office.office.journal, office.office.home.ledger)


def test_a_bank_is_as_it_was_told_last(office: TownOffice) -> None:
    first = bank(iban=TRANSIT, commission="0,5", order_limit="1000000", transfer_fee="150", require_statement="да")
    assert office.load("banks", [first, bank("HSBKKZKX")]).outcome == "accepted"
    assert office.load("banks", [bank(emails="a@b.example; c@b.example", format="перечень")]).outcome == "accepted"
    known = banks(office)
    assert sorted(known) == ["CASPKZKA", "HSBKKZKX"]
    assert known["CASPKZKA"].emails == ("a@b.example", "c@b.example") and known["CASPKZKA"].format == LIST
    assert known["CASPKZKA"].iban == "" and known["CASPKZKA"].order_limit is None


def test_all_that_is_told_is_kept(office: TownOffice) -> None:
    told = bank(iban=TRANSIT, commission="0,5", order_limit="1000000", transfer_fee="150,50", require_statement="да")
    office.load("banks", [told])
    assert banks(office)["CASPKZKA"] == Bank(
        "CASPKZKA", "АО «CASPKZKA»", ("bank@caspkzka.example",), TRANSIT, ONE_C, Decimal("0.5"), Decimal("1000000.00"),
        Decimal("150.50"), True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"bic": "CASP"}, "bic.invalid"),
        ({"iban": "KZ28722S000001013959"}, "iban.invalid"),
        ({"emails": "nobody"}, "email.invalid"),
        ({"format": "MT103"}, "value.not_a_choice"),
        ({"transfer_fee": "-1"}, "value.negative"),
        ({"order_limit": "100", "transfer_fee": "150"}, "bank.limit_small"),
        ({"commission": "101"}, "bank.commission_absurd"),
    ],
)
def test_what_cannot_be_right_is_refused_whole(office: TownOffice, wrong: Row, code: str) -> None:
    answer = office.load("banks", [bank("HSBKKZKX"), bank(**wrong)])
    assert (answer.outcome, answer.codes) == ("rejected", [code])
    assert banks(office) == {}


@pytest.mark.parametrize(("commission", "codes"), [("0,005", ["percent.small"]), ("0,05", []), ("0", [])])
def test_a_commission_that_looks_like_a_share_is_warned_of(
    office: TownOffice, commission: str, codes: list[str]
) -> None:
    assert office.load("banks", [bank(commission=commission)]).codes == codes


def test_a_bank_that_is_not_told_of_is_paid_from_the_operators_account() -> None:
    assert bank_of({}, "CASPKZKA").format == PAIN and bank_of({}, "CASPKZKA").iban == ""
