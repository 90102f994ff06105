"""The input and output of documents: figures of a close, the operator, the rendered bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inbox_worker.core.model import Period


@dataclass(frozen=True)
class CloseData:
    """A month's close of one Customer (or of all), as documents and ledger workbooks need it.

    `lines`: the columns of lines.parquet (interface.md) plus `house, address, flat, name` (strings), `area`
    DECIMAL(18,3), `residents` (int64), sorted by account, customer, service. `payments`: a row a payment and
    line: `payment, bank` (strings), `paid_on` (date), `number, account, customer, service` (strings), `amount,
    penalty_part, fee, transfer` DECIMAL(18,2), `percent` DECIMAL(9,4), `submission, sheet` (strings), `row` (int32).
    `sha256` is the hash of the close they were taken from. `stepped`: Customers and services with lines charged by more
    than one step of consumption, of which `tariff` is the first step's (4.3.2.1).
    """

    month: Period
    number: int  # 1 for the first close of the month, 2 for the first re-close, ...
    lines: Any
    payments: Any
    sha256: str
    stepped: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Rendered:
    """A document's bytes, ready for the outbox, with what its figures mean (for `explain`).

    `figures` maps a place in the document (a cell address, or a name like `total`) to the ledger's name for it.
    `anew`: the number of a document that is made instead of a cancelled one; '' of all others.
    """

    kind: str
    file_name: str
    data: bytes
    template: str  # 'act.docx@<sha256 first 16>' or '' when the layout is in code
    figures: Mapping[str, str] = field(default_factory=dict)
    anew: str = ""


@dataclass(frozen=True)
class Operator:
    """The operator's own details (Исполнитель, section 11), from config.yaml: what documents print of us."""

    bin: str
    name: str
    name_kk: str
    address: str
    iban: str
    bank: str
    bic: str
    head: str
    head_position: str
    contacts: str = ""  # telephones, e-mail: a field of the act's head
    kbe: str = ""  # for those who pay by a bank's transfer
