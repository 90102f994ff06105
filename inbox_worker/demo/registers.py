"""Operator's own workbooks: customers, directory, and the banks' registers of payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from inbox_worker.demo.houses import Account, House, Line
from inbox_worker.demo.names import BANKS
from inbox_worker.demo.sheets import Filled, Style, Value, workbook
from inbox_worker.demo.town import Town
from inbox_worker.settings.rules import Rules

_PAYING = 0.7


@dataclass(frozen=True)
class BankFile:
    """A bank's register: file name, the day after its last payment, whether its control sum is wrong."""

    name: str
    loaded_on: date
    wrong: bool
    data: bytes


def customers_workbook(town: Town, rules: Rules) -> bytes:
    """Return the register of Customers (section 11)."""
    rows = [
        {
            **vars(member.record),
            "emails": "; ".join(member.record.emails),
            "utilities": "да" if member.record.utilities else "нет",
        }
        for member in town.members
    ]
    return workbook(rules.forms["customers"], Filled(rows), Style(sheet="Заказчики", starred=True))


def directory_workbook(town: Town, rules: Rules) -> bytes:
    """Return the directory (4.1.16): a row a line, or a row a meter; a line's first row has the balance."""
    rows = [
        row
        for house in town.houses
        for account in house.accounts
        for line in account.lines
        for row in _directory_rows(town, rules, house, account, line)
    ]
    return workbook(rules.forms["directory"], Filled(rows), Style(sheet="Справочник"), big=True)


def _directory_rows(
    town: Town, rules: Rules, house: House, account: Account, line: Line
) -> Iterator[Mapping[str, Value]]:
    for index, meter in enumerate(line.meters or (None,)):
        yield {
            "bin": line.member.bin,
            "house": house.code,
            "address": house.address,
            "flat": account.flat,
            "account": account.number,
            "name": account.name,
            "area": account.area,
            "residents": account.residents,
            "service": rules.service(line.service).ru,
            "base": line.base,
            "tariff": line.tariff,
            "meter": meter.number if meter else None,
            "reading": meter.reading if meter else None,
            "from_month": town.month.form_text,
            "balance": line.balance if index == 0 else None,
            "email": account.email,
        }


@dataclass(frozen=True)
class _Window:
    bank: str
    name: str
    first: int
    last: int
    wrong: bool = False
    unknown: str = ""  # an account that nobody has: its payment goes to suspense


_WINDOWS = (
    _Window("CASPKZKA", "kaspi-1", 1, 6, unknown="90000017"),
    _Window("HSBKKZKX", "halyk-1", 3, 13, unknown="0099871"),
    _Window("KCJBKZKX", "bcc-1", 7, 18, unknown="90000255"),
    _Window("IRTYKZKA", "forte-1-oshibka", 10, 21, wrong=True),
    _Window("IRTYKZKA", "forte-1", 10, 21),
    _Window("CASPKZKA", "kaspi-2", 14, 26),
)


def bank_files(rng: Random, town: Town, rules: Rules) -> tuple[BankFile, ...]:
    """Return registers of a month's payments: about 70 % of accounts pay, some name БИН and service.

    One register comes with a wrong control sum and again, right, a day later. Three payments name accounts
    that nobody has.
    """
    paying = [account for account in town.accounts if rng.random() < _PAYING]
    rng.shuffle(paying)
    good = [window for window in _WINDOWS if not window.wrong]
    shares = {window.name: paying[index :: len(good)] for index, window in enumerate(good)}
    rows = {window.name: _payments(rng, town, rules, window, shares[window.name]) for window in good}
    files = []
    for window in _WINDOWS:
        content = rows[window.name.removesuffix("-oshibka")]
        day = date(town.month.year, town.month.month, window.last + (1 if window.wrong or window.last < 21 else 2))
        data = _bank_workbook(rules, content, window.wrong)
        files.append(BankFile(f"reestr-{window.name}.xlsx", day, window.wrong, data))
    return tuple(files)


def _payments(
    rng: Random, town: Town, rules: Rules, window: _Window, accounts: list[Account]
) -> list[Mapping[str, Value]]:
    days = sorted(rng.randint(window.first, window.last) for _ in accounts)
    rows: list[Mapping[str, Value]] = []
    number = 1_000_000 * int(BANKS[window.bank]) + 50_000 * window.first
    for index, (account, day) in enumerate(zip(accounts, days, strict=True)):
        rows.append(
            {
                "bank": window.bank,
                "paid_on": date(town.month.year, town.month.month, day),
                "number": str(number + index),
                **_whose(rng, rules, account),
            }
        )
    if rows and window.unknown:
        nobody: dict[str, Value] = {"account": window.unknown, "payee": None, "service": None}
        rows.append({**rows[-1], **nobody, "number": str(number + len(accounts))})
    return rows


def _whose(rng: Random, rules: Rules, account: Account) -> dict[str, Value]:
    """Return what a payment names and its sum in tenge: a line, a customer, or nothing but the account."""
    how = rng.random()
    line = rng.choice(account.lines)
    if how < 0.08:
        amount = abs(line.balance) + line.tariff * (account.area if line.base == "м²" else 3)
        payee, service = line.member.bin, rules.service(line.service).ru
    elif how < 0.12:
        amount, payee, service = account.due / len(account.lines), line.member.bin, None
    else:
        part = rng.choice((100, 100, 100, 100, 100, 60, 40, 150))
        amount, payee, service = account.due * part / 100, None, None
    tenge = max(Decimal(500), amount.quantize(Decimal(1)))
    return {
        "account": account.number,
        "payee": payee,
        "service": service,
        "amount": tenge.quantize(Decimal("0.01")),
    }


def _bank_workbook(rules: Rules, rows: list[Mapping[str, Value]], wrong: bool) -> bytes:
    amounts = [row["amount"] for row in rows]
    total = sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
    control: dict[str, Value] = {"number": len(rows), "amount": total + (Decimal("1500.00") if wrong else 0)}
    return workbook(rules.forms["bank_register"], Filled(rows, total=control), Style(sheet="Реестр"))
