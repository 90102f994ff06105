"""4.3.3, 7.1: whoever confirms a new account sees what is suspicious; its sender hears only what he can mend."""

from __future__ import annotations

import pytest

from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.held_forms import held_by_number
from inbox_worker.deciding.release import find_doubts_of
from tests.support.office import Answer, TownOffice, bin_of, customer, moment

OPERATORS, OTHERS, TRANSIT = "KZ28722S000001013958", "KZ86125KZT5004100100", "KZ75125KZT1001300335"


def iban_of(code: str) -> str:
    """Return a valid account of the bank with this code."""
    tail = f"{code}S000001013958"
    rest = int("".join(str(int(sign, 36)) for sign in f"{tail}KZ00")) % 97
    return f"KZ{98 - rest:02}{tail}"


def send(office: TownOffice, **becomes: str) -> Answer:
    names = {"iban": "ИИК", "bic": "БИК"}
    rows = [{"indicator": names[of], "becomes": value, "changed_on": "18.08.2026"} for of, value in becomes.items()]
    return office.ingest("requisites", rows, received="2026-08-20")


def doubts(office: TownOffice, answer: Answer) -> list[str]:
    """Return what the task says, which is what `confirm` prints: without the numbers."""
    [task] = office.office.journal.tasks.open()
    held = held_by_number(office.office.journal, answer.id, "confirmation")
    printed = [line.partition(": ")[2] for line in find_doubts_of(decider(office), held, moment("2026-08-21"))]
    assert task.what.split("; ")[:-1] == printed
    return printed


def decider(office: TownOffice) -> FormDecider:
    return office.forms


@pytest.fixture
def town(office: TownOffice) -> TownOffice:
    office.load_customers(customer("A"), customer("B", iban=OTHERS, bic="NBRKKZKX"))
    bank = {"bic": "NBRKKZKX", "name": "Банк", "emails": "b@bank.example", "format": "1C", "iban": TRANSIT}
    assert office.load("banks", [bank]).outcome == "accepted"
    return office


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("becomes", "words"),
    [
        ({"iban": OPERATORS, "bic": "CASPKZKA"}, ["счёт самого исполнителя"]),
        ({"iban": OTHERS, "bic": "NBRKKZKX"}, [f"счёт другого заказчика: {bin_of('B')}"]),
        ({"iban": TRANSIT, "bic": "NBRKKZKX"}, ["транзитный счёт (Банк)"]),
        ({"iban": iban_of("999"), "bic": "CASPKZKA"}, ["кода банка 999"]),
        ({"iban": iban_of("926"), "bic": "KZKOKZKX"}, ["(Казкоммерцбанк) закрыт с 28.07.2018"]),
        ({"iban": iban_of("856"), "bic": "KCJBKZKX"}, []),
        ({"iban": iban_of("914"), "bic": "SABRKZKA"}, []),
        ({"bic": "CASPKZKAXXX"}, []),
    ],
)
def test_who_confirms_sees_what_is_suspicious_and_its_sender_does_not(
    town: TownOffice, becomes: dict[str, str], words: list[str]
) -> None:
    answer = send(town, **becomes)
    found = doubts(town, answer)
    assert len(found) == len(words) and all(word in one for word, one in zip(words, found, strict=True)), found
    assert answer.codes == ["confirmation.awaited"] and bin_of("B") not in str(answer.report)


@pytest.mark.parametrize(
    "becomes", [{"iban": iban_of("856")}, {"bic": "KCJBKZKX"}, {"iban": iban_of("856"), "bic": "IRTYKZKA"}]
)
def test_a_bic_of_another_bank_than_the_accounts_is_told_to_both(town: TownOffice, becomes: dict[str, str]) -> None:
    answer = send(town, **becomes)
    assert answer.outcome == "held" and answer.finding("bic.not_of_iban")["clause"] == "4.3.3"
    assert len(doubts(town, answer)) == 1


def test_what_became_suspicious_while_it_was_held_is_told_at_the_confirmation(town: TownOffice) -> None:
    answer = send(town, iban=iban_of("856"), bic="KCJBKZKX")
    assert town.load("customers", [customer("C", iban=iban_of("856"), bic="KCJBKZKX")], now="2026-08-21").errors == []
    held = held_by_number(town.office.journal, answer.id, "confirmation")
    [printed] = find_doubts_of(decider(town), held, moment("2026-08-22"))
    assert printed.startswith(f"{answer.id}: ") and bin_of("C") in printed


def test_an_own_account_is_looked_at_as_well(town: TownOffice) -> None:
    row = {"kind": "собственный счёт", "event_on": "01.09.2026", "basis": "Письмо"}
    answer = town.ingest("notice", [{**row, "parameter": f"{OTHERS} IRTYKZKA"}], received="2026-08-20")
    assert answer.finding("bic.not_of_iban")["severity"] == "warning" and answer.outcome == "held"
    assert [bin_of("B") in one for one in doubts(town, answer)] == [True, False]


def test_a_long_name_of_a_file_does_not_push_the_warning_out(town: TownOffice) -> None:
    answer = send(town, iban=OPERATORS, bic="CASPKZKA")
    [task] = town.office.journal.tasks.open()
    assert task.what.startswith("ВНИМАНИЕ") and task.what.endswith("requisites.xlsx") and answer.outcome == "held"
