"""`bank statements`, `bank orders`, `bank settle`: banks' money by command; a kill at any step loses none (4.1.7)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.settings.rules import load_rules
from tests.cli.centre import Centre
from tests.support.office import ROOT, Row, bin_of, payment
from tests.support.papers import workbook

DAYS = ("--from", "2026-09-01", "--to", "2026-09-30")
BANK = {"bic": "CASPKZKA", "name": "АО «Банк»", "emails": "b@bank.example", "format": "1C"}


@pytest.fixture
def paid(centre: Centre, tmp_path: Path) -> Centre:
    """Two payments that found their lines, and one that did not."""
    rows = [payment("1", "1000"), payment("2", "50.50", number="2"), payment("77", "7", number="3")]
    load(centre, tmp_path, "bank_register", *rows, Количество=3, Сумма="1057.50")
    return centre


def load(centre: Centre, folder: Path, form: str, *rows: Row, **head: object) -> None:
    file = folder / f"{form}.xlsx"
    file.write_bytes(workbook(load_rules(ROOT / "rules").forms[form], rows, head, form))
    assert centre.run("load", file).code == 0


def read(centre: Centre, *arguments: str) -> Any:
    return json.loads(centre.run("bank", *arguments, "--json").out)


def test_money_goes_from_a_register_to_the_customers_account(paid: Centre, tmp_path: Path) -> None:
    load(paid, tmp_path, "banks", BANK)
    assert read(paid, "statements", "--date", "2026-09-04") == {"statements": []}
    [one] = read(paid, "statements", "--date", "2026-09-05")["statements"]
    assert (one["bank"], one["date"], one["received"], one["fee"], one["to_transfer"]) == (
        "CASPKZKA", "2026-09-05", "1050.50", "12.61", "1037.89",
    )  # fmt: skip
    assert (paid.home / one["file"]).is_file()
    made = read(paid, "orders")
    assert [(o["customer"], o["sum"], o["state"]) for o in made["orders"]] == [
        (bin_of("A"), "988.00", "ordered"), (bin_of("B"), "49.89", "ordered"),
    ]  # fmt: skip
    assert made["waiting"] == [] and {(paid.home / o["file"]).suffix for o in made["orders"]} == {".txt"}
    assert paid.run("bank", "settle", "1").code == 2
    settle = ("bank", "settle", "1", "--transferred", "звонок", "--lang", "en")
    tried = paid.run(*settle, "--dry-run").out
    assert "It would be: order 1 (transferred)" in tried and "звонок. Nothing is recorded" in tried
    assert [o["state"] for o in read(paid, "orders", "--all")["orders"]] == ["ordered", "ordered"]
    told = paid.run(*settle).out
    assert "order 1 (transferred)" in told and "звонок" in told and "take it back: bank settle 1 --rejected" in told
    assert paid.run(*settle, "--dry-run").code == 2, "it is transferred already"
    reject = ("bank", "settle", "2", "--rejected", "счёт закрыт")
    assert "Стало бы: поручение 2 (отклонено; деньги ждут)" in paid.run(*reject, "--dry-run").out
    told = paid.run(*reject).out
    assert "отклонено; деньги ждут)" in told and "Назад не берётся ни одной командой" in told
    places = read(paid, "reconcile", *DAYS)["places"]
    assert (places["suspense"], places["transferred"], places["distributed"]) == ("7.00", "988.00", "49.89")
    assert places["lost"] == "0.00" and places["orders"] == 0
    told = read(paid, "orders")
    assert [o["number"] for o in told["orders"]] == [3] and [o["number"] for o in told["rejected"]] == [2]
    assert [(o["number"], o["instead"]) for o in read(paid, "orders", "--all")["orders"]] == [
        (1, None),
        (2, [3]),
        (3, None),
    ]
    paid.run("bank", "settle", "3", "--rejected", "и этот")
    paid.run("bank", "orders")
    assert [o["instead"] for o in read(paid, "orders", "--all")["orders"]] == [None, [4], [4], None], (
        "of each that had it"
    )
    assert "деньги в поручении № 4" in paid.run("bank", "orders", "--all").out
    shown = paid.run("bank", "reconcile", *DAYS, "--lang", "en").out
    assert "received 1 057,50 = suspense 7,00" in shown and "Orders that nothing confirms: 1, 49,89" in shown


def test_what_waits_is_told_with_its_reason(paid: Centre, tmp_path: Path) -> None:
    load(paid, tmp_path, "banks", {**BANK, "transfer_fee": "100"})
    paid.run("bank", "statements")
    made = read(paid, "orders")
    assert [o["customer"] for o in made["orders"]] == [bin_of("A")]
    assert [(w["customer"], w["amount"], w["why"]) for w in made["waiting"]] == [(bin_of("B"), "49.89", "payee.small")]
    assert "Сумма не больше платы за перевод" in paid.run("bank", "orders").out


def test_money_that_left_by_no_order_is_told_when_registers_and_statements_are_compared(
    paid: Centre, tmp_path: Path
) -> None:
    load(paid, tmp_path, "banks", {**BANK, "iban": "KZ28722S000001013958"})
    assert read(paid, "reconcile", *DAYS)["debits"] == []
    line: Row = {
        "iban": "KZ28722S000001013958", "bank": "CASPKZKA", "side": "расход", "occurrence": 1, "day": "10.09.2026",
        "reference": "31", "debit": "5000.00", "purpose": "за мебель",
    }  # fmt: skip
    load(paid, tmp_path, "bank_statement", line, Сумма="-5000.00")
    assert read(paid, "reconcile", *DAYS)["debits"] == [], "a centre that orders by hand was told of each debit"
    paid.run("bank", "statements")
    paid.run("bank", "orders")
    [one] = read(paid, "reconcile", *DAYS)["debits"]
    assert (one["amount"], one["reference"], one["orders"]) == ("5000.00", "31", [])
    shown = paid.run("bank", "reconcile", *DAYS, "--lang", "en").out
    assert "Left without an order: 10.09.2026, № 31, 5 000,00" in shown and "за мебель" in shown


def test_an_order_that_came_back_is_told_with_its_cause_in_the_readers_language(paid: Centre, tmp_path: Path) -> None:
    load(paid, tmp_path, "banks", BANK)
    paid.run("bank", "statements")
    paid.run("bank", "orders")
    assert paid.run("outbox", "reject", "--kind", "payment_orders").code == 0
    told = {name: paid.run("bank", "orders", "--lang", name).out for name in ("ru", "kk", "en")}
    assert [o["state"] for o in read(paid, "orders", "--all")["orders"]] == ["rejected"] * 2 + ["ordered"] * 2
    causes = {"ru": "файл отклонён при проверке", "kk": "файл тексеруде қабылданбады", "en": "rejected at review"}
    for name, cause in causes.items():
        assert told[name].count(cause) == 2 and "file rejected" not in told[name], told[name]
    assert "деньги в поручении № 3" in told["ru"] and "деньги в поручении № 4" in told["ru"]


def money(home: Path) -> list[Any]:
    with closing(sqlite3.connect(home / "ledger" / "journal.db")) as journal:
        parts = "select distribution, customer, knp, received, fee, payment_order from transfers order by number"
        orders = "select number, batch, customer, iban, amount, state from payment_orders order by number"
        return [journal.execute(query).fetchall() for query in (parts, orders)]


@pytest.mark.slow
def test_a_kill_at_any_step_loses_and_doubles_nothing(paid: Centre, tmp_path: Path) -> None:
    before = shutil.copytree(paid.home, tmp_path / "before")
    for command in ("statements", "orders"):
        trial = shutil.copytree(before, tmp_path / "trial")
        ran = paid.runner.run("bank", command, "--home", trial, last=0)
        after, files = money(trial), names(trial)
        assert ran.code == 0 and files
        for step in range(1, len(ran.steps) + 1):
            home, told = (
                shutil.copytree(before, tmp_path / "home-of-a-kill"),
                f"{command} {step}: {ran.steps[step - 1]}",
            )
            assert paid.runner.run("bank", command, "--home", home, last=step).killed, told
            assert paid.runner.run("bank", command, "--home", home).code == 0, told
            assert (money(home), names(home)) == (after, files), told
            shutil.rmtree(home)
        shutil.rmtree(before)
        trial.rename(before)


def names(home: Path) -> list[str]:
    found = (path for path in (home / "outbox").rglob("*") if path.is_file() and path.name != "manifest.json")
    return sorted(path.relative_to(home).as_posix() for path in found)
