"""Columns of every kind of fact: `name`, a text, or `name:type`. Every row says where it came from (`submission`,
`sheet`, `row`) and which earlier row it takes the place of (`replaces_*`; null for a new row)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import pyarrow as pa

from inbox_worker.core.accounts import Keys

PERCENT = pa.decimal128(9, 4)
_TYPES = {
    "": pa.string(),
    "date": pa.date32(),
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "row": pa.int32(),
    "money": pa.decimal128(18, 2),
    "tariff": pa.decimal128(18, 4),
    "quantity": pa.decimal128(18, 3),
    "percent": PERCENT,
    "stated": pa.decimal128(18, 4),  # a per cent in somebody's words
    "number": pa.decimal128(18, 6),
}
_COMMON = (
    "customer month:date submission sequence:whole sheet row:row replaces_submission replaces_sheet replaces_row:row"
)
_OWN = {
    "tariffs": "service house base tariff:tariff from_month:date applies_from:date basis category threshold:quantity",
    "recalculations": "account service past_month:date amount:money basis",
    # rollover: what the meter counts before it starts from zero again; null = it did not
    "meter_readings": "account service meter previous:quantity current:quantity taken_on:date rollover:quantity",
    # meter, current: the one taken off, and its last reading
    "meter_change": """
        account service meter current:quantity new_meter initial:quantity changed_on:date rollover:quantity
    """,
    "undelivered": "account house service from_date:date to_date:date days:whole reason",
    # services: codes joined by `;`
    "new_houses": "house address flat account name area:quantity residents:whole services from_date:date basis",
    "directory_corrections": """
        account indicator was becomes name area:quantity residents:whole service from_date:date basis
    """,
    "service_charges": "account service tariff:tariff charged:money balance:money",
    "repair_schedule": """
        account flat service pay_month:date charge:money operator_fee:money bank_fee:money total:money
    """,
    # cap: per cent of the debt
    "penalty_notice": "service rate:stated coefficient:number grace_days:whole cap:stated from_date:date basis",
    "requisites": "indicator was becomes bin bic iban kbe emails changed_on:date name address contact phone",
    "representative": "name role iin minutes appointment changed_on:date",
    "house_exit": "house left_on:date reason learned_on:date new_body",
    "stops": "account house service from_date:date to_date:date reason clause",
    # clause: the one whose term counts; ends: the contract's last day; until: of what extends terms
    "notice": """
        kind event_on:date parameter basis clause service house ends:date attested_until:date until:date
        own_account own_bic banned changed_on:date
    """,
    # of a house with its Customer (4.3.11): from a day to another, or without an end
    "house_contracts": "house since:date until:date document",
    "request": "kind parameter since:date",
    "act_response": "act answer answered_on:date reason",
    "directory": """
        house address flat account name area:quantity residents:whole service base tariff:tariff meter
        reading:quantity from_month:date balance:money email category
    """,
    "customers": """
        bin name kind contract contract_date:date valid_until:date emails bic iban kbe head address utilities:flag
        attested_until:date own_account own_bic no_depersonalised:flag price:stated contact phone
        counts_from:date
    """,
    "banks": """
        bic name emails iban format commission:stated order_limit:money transfer_fee:money require_statement:flag
    """,
    # what a bank answered to orders: scope = order, message of so many, or file
    "order_answers": "scope number:whole many:whole answer reason amount:money bank",
    "bank_register": "payment bank paid_on:date number account payee service amount:money",
    # a line of an account's statement; occurrence: which of the lines of that day, reference and side it is, by its sum
    "bank_statement": """
        bank iban day:date reference side occurrence:whole debit:money credit:money payer payer_id payer_account purpose
        reversal:flag
    """,
    # what the account had before the first day of a statement's lines and after the last
    "statement_balances": "iban first:date last:date opening:money closing:money",
    # commission: of a line paid by a schedule, both commissions in `commission_of` tenge (4.3.9); null: the fee is
    # `percent` of the price list; reverses: the payment that a reversal takes back
    "allocations": """
        payment bank paid_on:date number account service amount:money opening_part:money month_part:money
        opening_penalty_part:money penalty_part:money advance_part:money percent:percent
        commission:money commission_of:money fee:money reverses
    """,
    "suspense": "payment bank paid_on:date number account payee service amount:money reason",
    # what staff said of a payment in suspense, and what a reversal takes back of it: less at the account that the bank
    # named, more at the one where it stands. other: the account on the other side
    "reassigned": "payment bank paid_on:date number account other amount:money reason",
}


def _schema(columns: str) -> pa.Schema:
    named = (column.partition(":") for column in columns.split())
    return pa.schema([(name, _TYPES[kind]) for name, _, kind in named])


SCHEMAS: dict[str, pa.Schema] = {kind: _schema(f"{_COMMON} {own}") for kind, own in _OWN.items()}

KEYS = {  # columns that a computed month may keep as whole numbers, with their types then (month/town.py)
    "account": "account_key",
    "customer": "customer_key", "meter_customer": "customer_key", "bin": "customer_key",
    "service": "service_key", "meter_service": "service_key",
}  # fmt: skip
NO_KEYS = "no_keys"  # of the type of a key, a column called like it; no rows
_NUMBERS = frozenset(KEYS.values())
_SQL = {pa.string(): "varchar", pa.date32(): "date", pa.bool_(): "boolean", pa.int64(): "bigint", pa.int32(): "integer"}


@lru_cache(maxsize=200)
def declare(schema: pa.Schema, keys: Keys = Keys.TEXTS) -> str:
    """Write what follows `create table` and the name of an empty table."""
    types = {
        field.name: _SQL.get(field.type) or f"decimal({field.type.precision}, {field.type.scale})" for field in schema
    }
    return declare_types(types, keys)


def declare_types(types: Mapping[str, str], keys: Keys) -> str:
    """Write the same by columns and their types; whole numbers stand in the place of keys as texts."""
    if keys is Keys.NUMBERS:
        types = {name: KEYS.get(name, type_) for name, type_ in types.items()}
    if _NUMBERS.isdisjoint(types.values()):
        return "(" + ", ".join(f'"{name}" {type_}' for name, type_ in types.items()) + ")"
    columns = (
        f'{type_ if type_ in _NUMBERS else f"cast(null as {type_})"} as "{name}"' for name, type_ in types.items()
    )
    return f"as select {', '.join(columns)} from {NO_KEYS}"
