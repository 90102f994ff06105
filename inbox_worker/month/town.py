"""A town's facts for one month in one DuckDB: the files that the month asks for, and keys as whole numbers.

`account`, `customer` and `service` are ENUM types in the order of their texts: the steps read them like texts, but
joins, groups and sorts work on whole numbers. A key that the types do not know raises one of UNKNOWN_KEY, so that no
fact is lost; the month is computed with texts then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from inbox_worker.core.accounts import EVERY_ACCOUNT, Accounts, Keys
from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.queries import execute, quote_sql, read_query
from inbox_worker.ledger.facts import select_stored, show_in_force
from inbox_worker.ledger.lines.steps import know_month
from inbox_worker.ledger.questions import FEW_ROWS
from inbox_worker.ledger.schemas import KEYS, SCHEMAS, declare

KINDS = (
    "directory", "new_houses", "directory_corrections", "house_exit", "meter_change", "stops", "customers", "notice",
    "tariffs", "meter_readings", "service_charges", "repair_schedule", "recalculations", "undelivered",
    "penalty_notice", "allocations", "bank_register", "suspense", "reassigned",
)  # fmt: skip
_TELL_ACCOUNTS = (
    "directory", "new_houses", "directory_corrections", "meter_change", "service_charges", "repair_schedule",
    "recalculations",
)  # fmt: skip
_AS_TEXT = ("bank_register", "suspense", "reassigned")  # banks name accounts and services that nobody knows
_READ_ONCE = ("allocations", "bank_register", "suspense", "reassigned")  # others are asked several times: they are kept
MONTHS_BEFORE = {  # how far steps look back: to the month before for the days that a penalty counts (4.1.6)
    "allocations": 1, "bank_register": 0, "suspense": 0, "reassigned": 0, "recalculations": 0,
}  # fmt: skip
_UNASKED = {"directory": ("email",)}
_KNOWN_ACCOUNT = "if(known_key is null and account is not null, error('not known: ' || account), known_key) as account"
UNKNOWN_KEY = (duckdb.ConversionException, duckdb.InvalidInputException)  # a cast of a key and the error raise these


def list_since(files: Sequence[FactFile], since: Period) -> list[FactFile]:
    """List the files of a month or a later one, by the month that the journal knows. Older ones posted after the first
    of them are among them: their rows may replace rows of it."""
    places = [place for place, file in enumerate(files) if file.month >= since]
    return list(files[places[0] :]) if places else []


@dataclass(frozen=True)
class KeyedTown:
    """The facts of the town, or of a range of its accounts: `first` is the first month to be computed, `last` the month
    asked for."""

    ledger: Path
    by_kind: Mapping[str, Sequence[FactFile]]
    services: Sequence[str]
    first: Period
    last: Period
    accounts: Accounts = EVERY_ACCOUNT

    def show(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give the connection the types of the keys and every kind of fact in force, as the steps ask for them."""
        self._make_types(connection)
        for kind in KINDS:
            files = self.by_kind.get(kind, ())
            if files:
                what = "view" if kind in _READ_ONCE and _count(files) > FEW_ROWS else "table"
                connection.execute(f"create temp {what} every_{kind} as {self._query(connection, kind, files)}")
            else:
                empty = declare(SCHEMAS[kind], Keys.TEXTS if kind in _AS_TEXT else Keys.NUMBERS)
                execute(connection, f"create temp table every_{kind} {empty}")
            show_in_force(connection, self.ledger, kind, files)

    def _query(self, connection: duckdb.DuckDBPyConnection, kind: str, files: Sequence[FactFile]) -> str:
        if kind == "meter_readings" and self.first == self.last and not _has_steps(connection):
            return self._lately_read(connection)
        return self._rows(connection, kind, files)

    def _lately_read(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Query the readings of the month and the one before; earlier ones only of meters that were not read in both
        or were replaced. Of the others nothing earlier is asked: they are counted from the month before, and nothing is
        estimated of them."""
        files, since = self.by_kind["meter_readings"], self.first.plus(-1)
        late, early = [f for f in files if f.month >= since], [f for f in files if f.month < since]
        if not late or not early:
            return self._rows(connection, "meter_readings", files)
        for name, some in (("late", late), ("early", early)):
            rows = self._rows(connection, "meter_readings", some)
            connection.execute(f"create temp {'table' if name == 'late' else 'view'} {name}_readings as {rows}")
        know_month(connection, self.last)
        return read_query(__file__, "lately_read")

    def _make_types(self, connection: duckdb.DuckDBPyConnection) -> None:
        files = {kind: found for kind in _TELL_ACCOUNTS if (found := self.by_kind.get(kind))}
        stored = [select_stored(connection, self.ledger, kind, found, self.accounts) for kind, found in files.items()]
        asked = ["select '' as account where false", *(f"select account from ({query})" for query in stored)]  # noqa: S608
        accounts = " union all ".join(asked)
        connection.execute(f"create temp table told_accounts as select distinct account from ({accounts})")  # noqa: S608
        connection.execute(read_query(__file__, "account_keys"))
        customers = {file.customer for kind in KINDS for file in self.by_kind.get(kind, ())}
        if files_of_register := self.by_kind.get("customers"):
            register = select_stored(connection, self.ledger, "customers", files_of_register)
            bins = f"select distinct bin from ({register}) where bin is not null"  # noqa: S608
            customers.update(bin_ for (bin_,) in connection.execute(bins).fetchall())
        for name, keys in (("customer_key", customers), ("service_key", self.services)):
            connection.execute(f"create temp type {name} as enum ({', '.join(map(quote_sql, sorted(keys)))})")
        connection.execute(read_query(__file__, "no_keys"))

    def _rows(self, connection: duckdb.DuckDBPyConnection, kind: str, files: Sequence[FactFile]) -> str:
        """Query every column, those that no step asks for as null. Readings of an account that has no line count for
        nothing."""
        stored = select_stored(connection, self.ledger, kind, files, self.accounts)
        if kind in _AS_TEXT:
            return stored
        return number_keys(stored, SCHEMAS[kind].names, known=kind != "meter_readings", unasked=_UNASKED.get(kind, ()))


def number_keys(query: str, names: Sequence[str], *, known: bool = True, unasked: Collection[str] = ()) -> str:
    """Write these columns of a query with keys as whole numbers; an account is found by a join. `known`: a
    key that is in no register is an error, else null. `unasked`: texts that are null here."""
    columns = {name: _cast_key(name, known=known) for name in names}
    columns |= {name: f"cast(null as varchar) as {name}" for name in unasked}
    joined = "left join account_keys on known_text = account" if "account" in names else ""
    if joined:
        columns["account"] = _KNOWN_ACCOUNT if known else "known_key as account"
    return f"select {', '.join(columns.values())} from ({query}) {joined}"  # noqa: S608


def _cast_key(name: str, *, known: bool) -> str:
    type_ = KEYS.get(name)
    if type_ is None:
        return f'"{name}"'
    return f'{"cast" if known else "try_cast"}("{name}" as {type_}) as "{name}"'


def number_services(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives the table `services` the types of the keys."""
    execute(connection, read_query(__file__, "numbered_services"))


def _count(files: Sequence[FactFile]) -> int:
    return sum(file.rows for file in files)


def _has_steps(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a tariff by steps of consumption is known: then months that a reading covers are asked for."""
    asked = read_query(__file__, "tariff_steps")
    return bool(execute(connection, asked).fetchall()[0][0])
