"""The directory as of a month: which lines stand on which accounts, their meters and last counted values.

Lines come of the register, of houses newly taken on and of corrections, and go with corrections, houses that leave
and the contract's end (4.1.16, 4.3.2.2, 4.3.2.4, 4.3.11, 10.1); the close's own steps say which stand. The last counted
value of a meter is its latest reading of an earlier month, the reading it was put in with (7.2), else `Показание` of
its first row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import FactFile, Period
from inbox_worker.core.queries import read_query
from inbox_worker.ledger.facts import read_facts, register
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.line_facts import COLUMNS, lines_in_force, with_counted
from inbox_worker.ledger.questions import scratch

Stand = Callable[[duckdb.DuckDBPyConnection, Period], None]  # makes `standing_rows` of the facts
KINDS = ("directory", "new_houses", "directory_corrections", "house_exit", "meter_change", "notice")
_REGISTER = "customers"  # the operator's register says when a contract ended
_COLUMNS = (*COLUMNS, "from_month", "reading")  # of the register
_PLACES = ["house", "address"]
_TARIFFS = ["service", "base", "house", "category", "tariff"]
_DATED = ["account", *_TARIFFS, "from_month"]
_STANDING = read_query(__file__, "standing_meters")


_MOST_LINES = 400_000  # kept in memory, of all Customers
_CODES: dict[tuple[Path, str], tuple[list[str], pa.Array]] = {}  # of the home and column asked last
_SEEN: OrderedDict[tuple[str, Period, str], tuple[object, pa.Table]] = OrderedDict()  # latest last


class Directory:
    """Reads the directory out of the facts; remembers answers until the facts change, over the service's passes too.

    `rules`: version of the rules that `stand` goes by.
    """

    def __init__(self, ledger: Path, journal: Journal, stand: Stand, rules: str) -> None:
        self._ledger = ledger
        self._journal = journal
        self._stand = stand
        self._rules = rules
        self._register: tuple[list[str], pa.Table] | None = None

    def lines(
        self,
        customer: str,
        month: Period,
        *,
        also: str = "",
        without: str = "",
        open_from: Period | None = None,
        replaces: str = "",
    ) -> pa.Table:
        """Return the lines of a Customer in force on the 1st of the month, a row a line and meter.

        `also`: `ended` = lines that stood before, too; `meters` = meters replaced on this 1st or the one before;
        `changed` = meters taken off by a notice of this month, which may be corrected.
        Facts of the kind `without` count only of months before `open_from` (the first open one; None = all are
        open): what may be corrected still says nothing about a form of its own kind. Nor do facts of the submission
        `replaces`, which the form replaces whole.

        Columns: account, service, base, house, flat, name, meter, area, residents, last (counted value), usual
        (average monthly consumption of the last six months, null without history).
        """
        files = self._every_file(customer, month, without, open_from, replaces)
        state = (self._rules, *((f.kind, f.sha256) for kind in files.values() for f in kind))
        known = _SEEN.get((customer, month, also))
        if known and known[0] == state:
            _SEEN.move_to_end((customer, month, also))
            return known[1]
        directory = self._read_register(files["directory"])
        owner = self._journal.customers.find_loaded(customer)
        ended = owner is not None and owner.valid_until is not None and owner.valid_until < month.first_day
        if not ended and _is_plain(files, directory, also):
            standing = lines_in_force(directory, month.first_day)
        else:
            standing = self._in_force(files, month, also)
        readings = read_facts(self._ledger, "meter_readings", files["meter_readings"])
        changes = read_facts(self._ledger, "meter_change", files["meter_change"])
        table = with_counted(standing, directory, readings, month.first_day, changes)
        _remember((customer, month, also), state, table)
        return table

    def tariffs(self, customer: str) -> pa.Table:
        """Return the tariffs that the register tells of a Customer's lines, once each: service, base, house, category,
        tariff."""
        files = self._journal.facts.files("directory", customer=customer) if customer else []
        rows = read_facts(self._ledger, "directory", files, _TARIFFS).select(_TARIFFS)
        return rows.group_by(_TARIFFS).aggregate([])

    def tariffs_by_account(self, customer: str, service: str, base: str) -> pa.Table:
        """Return the tariffs, perhaps empty, that the register tells of a Customer's lines of a service and base, a row
        a line and date."""
        files = self._journal.facts.files("directory", customer=customer) if customer else []
        rows = read_facts(self._ledger, "directory", files, _DATED).select(_DATED)
        same = pc.and_(pc.equal(rows["service"], service), pc.equal(rows["base"], base))
        return rows.filter(same).group_by(_DATED).aggregate([])

    def addresses(self, customer: str) -> pa.Table:
        """Return the addresses that the register and new houses tell of a Customer's houses, once each: house,
        address."""
        places = [
            read_facts(self._ledger, kind, self._journal.facts.files(kind, customer=customer), _PLACES).select(_PLACES)
            for kind in (("directory", "new_houses") if customer else ())
        ]
        return pa.concat_tables(places).group_by(_PLACES).aggregate([]) if places else pa.table({})

    def _every_file(
        self, customer: str, month: Period, without: str, open_from: Period | None, replaces: str
    ) -> dict[str, list[FactFile]]:
        files = {
            kind: [file for file in self._files(kind, customer, without, open_from) if file.submission != replaces]
            for kind in KINDS
        }
        files["directory_corrections"] += self._corrections_of_others(customer, files)
        readings = self._journal.facts.files("meter_readings", customer=customer)
        files[_REGISTER] = list(self._journal.facts.files(_REGISTER))
        files["meter_readings"] = [file for file in readings if file.month < month]
        return files

    def warm(self, customer: str) -> None:
        """Reads a Customer's register into memory: it will be asked for."""
        self._read_register(self._journal.facts.files("directory", customer=customer))

    def _read_register(self, files: Sequence[FactFile]) -> pa.Table:
        hashes = [file.sha256 for file in files]
        if self._register is None or self._register[0] != hashes:
            self._register = hashes, read_facts(self._ledger, "directory", files, _COLUMNS)
        return self._register[1]

    def _in_force(self, files: Mapping[str, Sequence[FactFile]], month: Period, also: str) -> pa.Table:
        """What stands by the close's own steps: houses taken on, corrections and exits count."""
        connection = self._ask({kind: files[kind] for kind in (*KINDS, _REGISTER)})
        self._stand(connection, month)
        query = connection.sql(_STANDING, params={"month": month.first_day, "also": also})
        table: pa.Table = query.to_arrow_table()
        return table

    def _files(self, kind: str, customer: str, without: str, open_from: Period | None) -> list[FactFile]:
        files = self._journal.facts.files(kind, customer=customer)
        if kind != without:
            return files
        return [file for file in files if open_from is not None and file.month < open_from]

    def _corrections_of_others(self, customer: str, files: Mapping[str, Sequence[FactFile]]) -> list[FactFile]:
        """Corrections that other Customers told, where any is of an account of this one: name, area and residents are
        the account's (4.3.2.4)."""
        others = [f for f in self._journal.facts.files("directory_corrections") if f.customer != customer]
        if not others:
            return []
        corrected = read_facts(self._ledger, "directory_corrections", others, ("account",)).column("account")
        mine = [self._read_register(files["directory"]).column("account")]
        mine += [read_facts(self._ledger, "new_houses", files["new_houses"], ("account",)).column("account")]
        return others if any(pc.any(pc.is_in(corrected, pc.unique(own))).as_py() for own in mine) else []

    def _ask(self, files: Mapping[str, Sequence[FactFile]]) -> duckdb.DuckDBPyConnection:
        """Give the thread's connection these kinds of facts in force."""
        connection = scratch(sum(file.rows for those in files.values() for file in those))
        for kind, those in files.items():
            register(connection, self._ledger, kind, those)
        return connection

    def accounts_anywhere(self, accounts: Sequence[str]) -> set[str]:
        """Find which of these accounts any Customer has: tells a stranger's account from an unknown one."""
        return self._accounts_with_lines(None, accounts, None)

    def codes(self, column: str) -> pa.Array:
        """Return every `account` or `house` that any Customer has, once each; kept until their facts change, for every
        register of a bank asks."""
        files = {kind: self._journal.facts.files(kind) for kind in ("directory", "new_houses")}
        stand = [file.sha256 for some in files.values() for file in some]
        known = _CODES.get((self._ledger, column))
        if known is None or known[0] != stand:
            tables = [read_facts(self._ledger, kind, some, [column]) for kind, some in files.items() if some]
            found = pa.concat_tables(tables).column(column) if tables else pa.chunked_array([], pa.string())
            known = stand, pc.unique(pc.drop_null(found).cast(pa.string()))
            _CODES.clear()
            _CODES[self._ledger, column] = known
        return known[1]

    def accounts_of(self, customers: Collection[str], accounts: Sequence[str], month: Period) -> set[str]:
        """Find which of these accounts carry a line of one of these Customers in the month."""
        return self._accounts_with_lines(customers, accounts, month)

    def of_others(self, customer: str, accounts: Sequence[str], month: Period) -> list[dict[str, str]]:
        """Return the lines of other Customers in force on the 1st of the month on these accounts: account, service,
        house, customer."""
        owners, asked = self._owners(accounts) - {customer}, pa.array(accounts, pa.string())
        found = []
        for owner in sorted(owners):
            lines = self.lines(owner, month).select(["account", "service", "house"])
            rows = lines.filter(pc.is_in(lines["account"], asked)).to_pylist()
            found += [{**row, "customer": owner} for row in rows]
        return found

    def _owners(self, accounts: Sequence[str]) -> set[str]:
        """Every Customer who ever had a line on one of these accounts."""
        connection = self._ask({kind: self._journal.facts.files(kind) for kind in ("directory", "new_houses")})
        connection.register("asked", pa.table({"account": pa.array(accounts, pa.string())}))
        rows = connection.execute(read_query(__file__, "customers_of_accounts"))
        return {row[0] for row in rows.fetchall()}

    def _accounts_with_lines(
        self, customers: Collection[str] | None, accounts: Sequence[str], month: Period | None
    ) -> set[str]:
        files = {
            kind: [f for f in self._journal.facts.files(kind) if customers is None or f.customer in customers]
            for kind in ("directory", "new_houses")
        }
        if not any(files.values()):
            return set()
        connection = self._ask(files)
        connection.register("asked", pa.table({"account": pa.array(accounts, pa.string())}))
        rows = connection.execute(read_query(__file__, "accounts_with_lines"), {"month": month and month.first_day})
        return {row[0] for row in rows.fetchall()}

    def first_month(self) -> Period | None:
        """Return the earliest `Действует с` of the directory: its fact files are filed under it."""
        return min((file.month for file in self._journal.facts.files("directory")), default=None)


def _is_plain(files: Mapping[str, Sequence[FactFile]], directory: pa.Table, also: str) -> bool:
    """Tell whether only the register says what stands, and no meter was replaced: then no steps are needed."""
    if any(files[kind] for kind in KINDS if kind != "directory"):
        return False
    return also != "meters" or pc.count_distinct(directory.column("from_month")).as_py() <= 1


def _remember(question: tuple[str, Period, str], state: object, lines: pa.Table) -> None:
    _SEEN[question] = (state, lines)
    _SEEN.move_to_end(question)
    while len(_SEEN) > 1 and sum(len(known) for _, known in _SEEN.values()) > _MOST_LINES:
        _SEEN.popitem(last=False)
