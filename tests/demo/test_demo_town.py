"""The town's registers: who lives there, what is billed, what banks brought; equal bytes by seed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from demo_forms import Form, Truth, number, read_form

from inbox_worker.core.files import sha256_file
from inbox_worker.core.identifiers import valid_bin, valid_iban
from inbox_worker.demo import Story, build_town
from inbox_worker.settings.rules import Rules

ACCOUNTS = 900


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.slow
def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path, demo_rules: Rules) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        build_town(tmp_path / name, accounts=300, seed=seed, rules=demo_rules)
    one, two, three = (hashes(tmp_path / name) for name in ("one", "two", "three"))
    assert len(one) > 100
    assert one == two
    assert one["registers/directory.xlsx"] != three["registers/directory.xlsx"]


@pytest.mark.parametrize(("customers", "accounts"), [(19, 4000), (42, 40)])
def test_a_town_too_small_is_refused_with_a_reason(
    tmp_path: Path, demo_rules: Rules, customers: int, accounts: int
) -> None:
    with pytest.raises(ValueError, match="at least"):
        build_town(tmp_path, customers=customers, accounts=accounts, rules=demo_rules)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.quick("20-200")
@pytest.mark.parametrize(("customers", "accounts"), [(20, 200), (70, 700)])
def test_towns_of_other_sizes(tmp_path: Path, demo_rules: Rules, customers: int, accounts: int) -> None:
    story = build_town(tmp_path, customers=customers, accounts=accounts, rules=demo_rules)
    form = read_form(demo_rules, "customers.xlsx", story.registers[0].read_bytes())
    assert len(form.rows) == len({row["bin"] for row in form.rows}) == customers
    assert len({row["emails"] for row in form.rows}) == customers


def test_customers_of_every_kind_with_valid_requisites(registers: tuple[Form, Form], demo_rules: Rules) -> None:
    rows = registers[0].rows
    assert len(rows) == 42
    assert {row["kind"] for row in rows} == set(demo_rules.forms["customers"].column("kind").choices)
    for row in rows:
        assert valid_bin(row["bin"]) and valid_iban(row["iban"])
        assert re.fullmatch(r"[A-Z]{4}KZ[A-Z0-9]{2}", row["bic"])
        assert row["kbe"] in ("17", "19")
        assert all(box.strip().endswith(".example") for box in row["emails"].split(";"))
    assert sum(";" in row["emails"] for row in rows) == 2
    suppliers = [row for row in rows if row["kind"] == "поставщик коммунальных услуг"]
    assert suppliers and all(row["utilities"] == "да" for row in suppliers)
    assert any(row["utilities"] == "да" for row in rows if row["kind"] == "орган управления")


def test_every_customer_has_lines(registers: tuple[Form, Form]) -> None:
    assert {row["bin"] for row in registers[0].rows} == {row["bin"] for row in registers[1].rows}


def test_names_use_letters_that_only_kazakh_has(registers: tuple[Form, Form]) -> None:
    people = "".join(row["name"] for row in registers[1].rows).lower()
    firms = "".join(row["name"] for row in registers[0].rows).lower()
    assert set("әғқңөұүһі") <= set(people)
    assert len(set("әғқңөұүһі") & set(firms)) >= 6
    assert "иванов" in people


def test_directory_accounts_lines_and_balances(registers: tuple[Form, Form]) -> None:
    lines: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    houses: dict[str, set[str]] = defaultdict(set)
    for row in registers[1].rows:
        assert isinstance(row["account"], str) and row["account"].isdigit()
        assert row["from_month"] == "09.2026"
        lines[row["account"]][row["bin"], row["service"]] += 1
        houses[row["account"]].add(row["house"])
        again = lines[row["account"]][row["bin"], row["service"]] > 1
        assert (row["balance"] == "") == again
    assert len(lines) == ACCOUNTS
    assert all(4 <= len(of_account) <= 8 for of_account in lines.values())
    assert all(len(of_account) == 1 for of_account in houses.values())
    assert len({int(account) for account in lines}) == ACCOUNTS
    assert any(account.startswith("0") for account in lines)
    assert any(max(of_account.values()) == 2 for of_account in lines.values())
    signs = Counter((row["balance"] > 0) - (row["balance"] < 0) for row in registers[1].rows if row["balance"] != "")
    assert signs[0] > signs[1] > signs[-1] > 0


def test_a_tariff_is_one_per_house_and_has_four_places(registers: tuple[Form, Form]) -> None:
    tariffs = defaultdict(set)
    for row in registers[1].rows:
        tariffs[row["bin"], row["house"], row["service"]].add(row["tariff"])
        assert round(row["tariff"], 4) == row["tariff"] > 0
    assert all(len(values) == 1 for values in tariffs.values())


def test_4_1_7_bank_registers(story: Story, demo_rules: Rules, truth: Truth) -> None:
    """Control rows match but for the register that must be refused; most accounts pay, a few are unknown."""
    steps = [step for step in story.steps if step.kind == "register"]
    assert [step.expect for step in steps].count("rejected") == 1 and len(steps) == 6
    accounts = {account for _, account, _ in truth.lines}
    paid: list[str] = []
    named = 0
    for step in steps:
        assert step.path is not None
        form = read_form(demo_rules, step.path.name, step.path.read_bytes())
        total = sum(Decimal(str(row["amount"])) for row in form.rows)
        control = dict(zip(form.columns, form.last, strict=True))
        right = number(control["number"]) == len(form.rows) and Decimal(str(control["amount"])) == total
        assert right == (step.expect == "accepted")
        assert all(row["paid_on"] < step.at.date() and row["amount"] > 0 for row in form.rows)
        assert all(row["paid_on"].month == 9 for row in form.rows)
        for row in form.rows:
            if row["payee"] and row["service"]:
                named += 1
                service = demo_rules.service_names[row["service"].lower().replace(" ", "")]
                assert (row["payee"], row["account"], service) in truth.lines
        if right:
            paid += [row["account"] for row in form.rows]
    assert 0.6 < len(set(paid) & accounts) / len(accounts) < 0.8
    assert len(set(paid) - accounts) == 3
    assert 0 < named < len(paid) / 4
