"""The register of banks: where a statement of distribution goes and how a bank's money leaves (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from inbox_worker.ledger.facts import read_facts
from inbox_worker.ledger.journal import Journal

ONE_C, PAIN, LIST, MT102 = "1C", "pain.001.001.09", "XLSX", "MT102"  # as the form's choices are written
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Bank:
    """A bank as the register tells it. `iban`: the account its orders are paid from, '' = the operator's own;
    `format`: ONE_C, MT102, LIST or a version of pain.001; `commission`: per cent of what it received; `order_limit`:
    the largest order, None = no limit; `transfer_fee`: a sum that is not above it waits for more."""

    bic: str
    name: str
    emails: tuple[str, ...]
    iban: str
    format: str
    commission: Decimal
    order_limit: Decimal | None
    transfer_fee: Decimal
    require_statement: bool


def find_banks(journal: Journal, ledger: Path) -> Mapping[str, Bank]:
    """Return the banks by БИК, as they were told last."""
    rows = read_facts(ledger, "banks", journal.facts.files("banks")).to_pylist()
    return {
        row["bic"]: Bank(
            bic=row["bic"],
            name=row["name"],
            emails=tuple(row["emails"].split(";")),
            iban=row["iban"] or "",
            format=row["format"],
            commission=row["commission"] or _ZERO,
            order_limit=row["order_limit"] or None,
            transfer_fee=row["transfer_fee"] or _ZERO,
            require_statement=bool(row["require_statement"]),
        )
        for row in rows
    }


def bank_of(banks: Mapping[str, Bank], bic: str) -> Bank:
    """Return a bank; one that the register does not have gets its list and pain.001, from the operator's account."""
    return banks.get(bic) or Bank(bic, bic, (), "", PAIN, _ZERO, None, _ZERO, False)
