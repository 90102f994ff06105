"""Tables of the journal about money that is passed on: statements of distribution, parts, payment orders (4.1.7)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Dialect, Integer, Table, TypeDecorator, UniqueConstraint

from inbox_worker.core.money import TIYN
from inbox_worker.ledger.outbox_tables import metadata as metadata
from inbox_worker.ledger.text_types import LongText, Typed, day_text, month_text, second_text


class OrderState(StrEnum):
    """Life of a payment order. What a rejected one would have moved waits again."""

    ORDERED = "ordered"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"


class PartKind(StrEnum):
    """Kinds of parts of a statement: of lines of a house, of communal services (7.1), and the operator's fee that
    was withheld (4.2.5)."""

    HOUSE = "house"
    UTILITY = "utility"
    FEE = "fee"


class Tiyn(TypeDecorator[Decimal]):
    """A sum of money, kept in whole tiyn so that the database can add it up."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value / TIYN)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else int(value) * TIYN


distributions = Table(
    "distributions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bank", LongText(11), nullable=False),
    Column("day", day_text(), nullable=False),
    Column("month", month_text(), nullable=False),
    Column("place", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    Column("upto", Integer, nullable=False),
    Column("made_at", second_text(), nullable=False),
    UniqueConstraint("bank", "day", "place"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("distribution", Integer, nullable=False, index=True),
    Column("customer", LongText(12), nullable=False),
    Column("knp", LongText(3), nullable=False),
    Column("received", Tiyn(), nullable=False),
    Column("fee", Tiyn(), nullable=False),
    Column("payment_order", Integer, nullable=False, index=True),
    Column("what", Typed(7, PartKind), nullable=False, default=PartKind.HOUSE),
    Column("rejected_orders", LongText(), nullable=False, server_default=""),
)

payment_orders = Table(
    "payment_orders",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bank", LongText(11), nullable=False),
    Column("batch", Integer, nullable=False, index=True),
    Column("customer", LongText(12), nullable=False),
    Column("name", LongText(), nullable=False),
    Column("bic", LongText(11), nullable=False),
    Column("iban", LongText(34), nullable=False),
    Column("kbe", LongText(4), nullable=False),
    Column("knp", LongText(3), nullable=False),
    Column("payer_iban", LongText(34), nullable=False),
    Column("amount", Tiyn(), nullable=False),
    Column("purpose", LongText(), nullable=False),
    Column("made_at", second_text(), nullable=False),
    Column("state", Typed(12, OrderState), nullable=False, index=True),
    Column("proof", LongText(), nullable=False),
)
