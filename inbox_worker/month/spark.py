"""Computes the steps of a month on a Spark Connect server: a cluster, or one program like Sail.

The facts in force go there as Arrow tables, each step's SELECT is carried to Spark's SQL by sqlglot, and its rows come
back as Arrow with the types that DuckDB gives them. What the close writes and proves is read from DuckDB as ever.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from inbox_worker.core.errors import JobError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_WHERE = "ledger.spark.remote in config.yaml (or INBOX_WORKER_SPARK)"
_LONGEST = 300  # characters of what the server says
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # a sum that does not fit is an error, not null
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # no digit after the point is given up for one before it
    "spark.sql.session.timeZone": "UTC",
}
_MESSAGE = 48 * 2**20  # bytes of a table at once; the client sends 128 MiB at most
_CHANNEL = [("grpc.keepalive_time_ms", 310_000), ("grpc.keepalive_timeout_ms", 60_000)]  # Spark forbids it more often
# What any other way to count would change in a sum: each must be what DuckDB makes of it.
_PROBES = {
    "cast('92233720368.9999999' as decimal(18, 7)) * cast(31 as bigint) * "
    "cast('0.032258064516129032' as decimal(19, 18))": Decimal("92233720368.9999991621302370480000008"),
    "round(cast('-2.345' as decimal(18, 3)), 2)": Decimal("-2.35"),
    "cast(cast('0.125' as decimal(18, 3)) as decimal(18, 2))": Decimal("0.13"),
    "cast('-7.50' as decimal(18, 2)) % cast('2' as decimal(18, 0))": Decimal("-1.50"),
    "cast(7 as bigint) div cast(2 as bigint)": 3,
    "greatest(cast(null as bigint), cast(1 as bigint))": 1,
    "case when 'а' < 'я' and 'Я' < 'а' then 1 else 0 end": 1,
}


class SparkFault(JobError):
    """The Spark engine cannot be used, broke off, or counts otherwise than DuckDB; the text says what to do."""


class SparkSteps:
    """Computes steps in a session of its own. Raises SparkFault when the server cannot be reached or breaks off."""

    def __init__(self, remote: str) -> None:
        self._shown = _without_token(remote)
        self._given: set[str] = set()  # tables that the session has as they stand
        self._session = _open(remote)
        with self._name_server():
            for name, value in _SETTINGS.items():
                self._session.conf.set(name, value)
        self._prove()

    def answer(self, connection: duckdb.DuckDBPyConnection, step: str, select: str) -> str:
        """Compute a step's rows out of the connection's tables. Return a query of them in its own types."""
        carried = self._carry(connection, select)
        with self._name_server(step):
            rows = self._session.sql(carried).toArrow()
        columns = [(name, type_) for name, type_, *_ in connection.execute(f"describe {select}").fetchall()]
        _require_same(step, columns, rows.schema)
        connection.register("spark_rows", rows)
        casts = ", ".join(f'cast("{name}" as {type_}) as "{name}"' for name, type_ in columns)
        return f"select {casts} from spark_rows"  # noqa: S608

    def show(self, connection: duckdb.DuckDBPyConnection, step: str, select: str) -> None:
        """Make a step a view of the session."""
        carried = self._carry(connection, select)
        with self._name_server(step):
            self._session.sql(carried).createOrReplaceTempView(step)
        self._given.add(step)

    def forget(self) -> None:
        """Forget what the server was given: another month begins, with tables of the same names."""
        self._given.clear()

    def close(self) -> None:
        """End the session; its tables are gone."""
        self._session.stop()

    def _carry(self, connection: duckdb.DuckDBPyConnection, select: str) -> str:
        """Give the server what the step reads, and return its SQL."""
        carried, tables = carry(select)
        for name in sorted(tables - self._given):
            self._give(connection, name)
        return carried

    def _give(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        described = connection.execute(f"describe {name}").fetchall()
        types = {column: "BIGINT" if type_ == "HUGEINT" else type_ for column, type_, *_ in described}
        columns = ", ".join(f'cast("{column}" as {type_}) as "{column}"' for column, type_ in types.items())
        rows = connection.sql(f"select {columns} from {name}").to_arrow_table()  # noqa: S608
        with self._name_server(name):
            parts = _parts(rows)
            for place, part in enumerate(parts):
                self._session.createDataFrame(part).createOrReplaceTempView(f"{name}_{place}")
            # of a table without rows the client sends no types
            nulls = ", ".join(f'cast(null as {type_}) as "{column}"' for column, type_ in types.items())
            views = [f"select {nulls} where false", *(f"select * from {name}_{place}" for place in range(len(parts)))]  # noqa: S608
            self._session.sql(carry(" union all ".join(views))[0]).createOrReplaceTempView(name)
        self._given.add(name)

    def _prove(self) -> None:
        asked = ", ".join(f"{text} as p{place}" for place, text in enumerate(_PROBES))
        with self._name_server():
            found = list(self._session.sql(f"select {asked}").toArrow().to_pylist()[0].values())
        for (text, expected), value in zip(_PROBES.items(), found, strict=True):
            if value != expected:
                raise SparkFault(
                    f"the engine at {self._shown} counts {text} as {value}, not {expected}: a month computed there "
                    "would be another; close with --engine duckdb"
                )

    @contextmanager
    def _name_server(self, what: str = "at its start") -> Iterator[None]:
        """Turn what the client raises into a SparkFault that names the server."""
        import grpc
        from pyspark.errors import PySparkException

        try:
            yield
        except (PySparkException, grpc.RpcError) as error:
            self._session.release_session_on_close = False  # who is not there takes no farewell
            words = " ".join(str(error).split())
            details = re.search(r'details = "(.+?)"', words)  # of an error of the line
            words = (details[1] if details else words)[:_LONGEST]
            raise SparkFault(
                f"the Spark engine at {self._shown} broke off ({what}): {words}. "
                f"Nothing was closed or changed. See that the server runs and {_WHERE} names it, then try again; or "
                "use --engine duckdb"
            ) from error


def _open(remote: str) -> SparkSession:
    warnings.filterwarnings("ignore", module=r"pyspark\.")  # what matters there is raised, too
    try:
        import sqlglot  # noqa: F401
        from pyspark.errors import PySparkException
        from pyspark.sql.connect.client.core import DefaultChannelBuilder
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        wanted = "months are computed by Spark (ledger.engine), and its client is not installed here"
        raise SparkFault(f"{wanted}: pip install 'inbox-worker[spark]'") from error
    try:
        session = SparkSession(DefaultChannelBuilder(remote, _CHANNEL))
    except PySparkException as error:
        raise SparkFault(f"{_without_token(remote)} is no address of a Spark Connect server: mend {_WHERE}") from error
    patience = DefaultPolicy(max_retries=4, initial_backoff=200, backoff_multiplier=2.0, max_backoff=2000)
    session.client.set_retry_policies([patience])
    return session


def _parts(rows: pa.Table) -> list[pa.Table]:
    """Cut a table into parts that fit a message; none of a table without rows."""
    at_once = max(1, rows.num_rows * _MESSAGE // max(1, rows.nbytes))
    return [rows.slice(begin, at_once) for begin in range(0, rows.num_rows, at_once)]


def _without_token(remote: str) -> str:
    """The address without its parameters: a token may be among them."""
    return remote.partition("/;")[0]


@lru_cache(maxsize=200)
def carry(select: str) -> tuple[str, frozenset[str]]:
    """Return a step's SELECT, which is DuckDB's SQL, as Spark's, and the tables that it reads."""
    import sqlglot
    from sqlglot import ErrorLevel
    from sqlglot import expressions as exp

    tree = sqlglot.parse_one(select, read="duckdb")
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = frozenset(table.name for table in tree.find_all(exp.Table)) - named
    text = tree.sql("spark", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    return text, tables


_KINDS = {
    "VARCHAR": "string", "DATE": "date32[day]", "BOOLEAN": "bool", "DOUBLE": "double",
    "INTEGER": "int", "BIGINT": "int", "HUGEINT": "int",
}  # fmt: skip


def _require_same(step: str, columns: list[tuple[str, str]], schema: pa.Schema) -> None:
    """Refuse rows that would have to be rounded, or read as something else, to become those of DuckDB."""
    wanted = [
        (name, _KINDS.get(type_) or re.sub(r"DECIMAL\(\d+,(\d+)\)", r"decimal \1", type_)) for name, type_ in columns
    ]
    found = [(field.name, _kind(field.type)) for field in schema]
    if wanted != found:
        differ = [
            f"{theirs[0]} {theirs[1]} for {ours[0]} {ours[1]}"
            for ours, theirs in zip_longest(wanted, found, fillvalue=("nothing", ""))
            if ours != theirs
        ]
        raise SparkFault(
            f"the Spark engine gives {step} other columns than DuckDB: {', '.join(differ)}; use --engine duckdb"
        )


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"decimal {type_.scale}"
    return "int" if pa.types.is_integer(type_) else str(type_).removeprefix("large_")
