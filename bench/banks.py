"""A month of banks: every register loaded, each bank's days distributed, what is passed on ordered (4.1.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from bench.measure import MIB, Result, in_fresh_process
from bench.registers import PAID, SERVICES, write_register
from bench.samples import Line, customers, fill_home
from inbox_worker.demo.sheets import Value

BANKS = ("CASPKZKA", "HSBKKZKX", "KCJBKZKX")
DAYS = 20
MOST_SECONDS, MOST_MEMORY = 180.0, 2048


def banks(folder: Path, quick: bool) -> Result:
    """1.2 million payments of 400 000 accounts with three lines each, in a register for each of three banks on twenty
    days, from raw bytes to the files of statements and orders; in seconds of CPU of all processes together."""
    accounts, owners = (2_000, 5) if quick else (400_000, 100)
    home, each = folder / "home", customers(owners)
    names = [f"{10_000_000 + n}" for n in range(accounts)]
    part = accounts // owners
    fill_home(home, {
        one: [Line(name, service) for name in names[n * part : (n + 1) * part] for service in SERVICES]
        for n, one in enumerate(each)
    })  # fmt: skip
    registers, count = folder / "registers", 0
    registers.mkdir()
    for turn, bank in enumerate(BANKS):
        for day in range(DAYS):
            rows = list(_payments(names[day::DAYS], bank, day + 1, turn))
            count += write_register(home, registers / f"{day:02d}-{bank}.xlsx", rows)
    found = in_fresh_process("bench.banks_once", [str(home), str(registers)])
    steps = {name: found[name] for name in ("load", "distribute", "statements", "orders", "places")}
    total, memory = sum(steps.values()), found["peak"] / MIB
    shown = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items())
    return Result(
        "banks",
        (
            f"{count} payments of {accounts} accounts, {owners} Customers, {len(BANKS) * DAYS} registers",
            f"{total:.1f} s of CPU = {shown} (target: under {MOST_SECONDS:g} s)",
            f"{found['orders_made']:.0f} orders; peak memory {memory:.0f} MiB with the reader "
            f"(target: under {MOST_MEMORY} MiB)",
        ),
        total < MOST_SECONDS and memory < MOST_MEMORY,
    )


def _payments(names: list[str], bank: str, day: int, turn: int) -> Iterator[Mapping[str, Value]]:
    """Each account of the day pays a sum of its own at each bank."""
    for place, name in enumerate(names):
        amount = Decimal(100 + (place * 7919 + turn * 31 + day) % 1_500_000) / 100
        paid = date(PAID.year, PAID.month, day)
        yield {"bank": bank, "paid_on": paid, "number": f"{turn}{day:02d}{place}", "account": name, "amount": amount}
