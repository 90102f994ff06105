"""The `ledger` block of config.yaml: where journal, facts and closes are, and what computes a month."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from inbox_worker.settings.shapes import Misplaced, Strict, must_be

_MEMORY = r"(?=[0-9.]*[1-9])[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B"
_LEAST_MEMORY = 100_000_000  # bytes; with less a close of a small house stops
_EARLIER_ROWS_AT_ONCE = 150_000  # slower than the whole town at once, and homes made then still say it
_JOURNALS = ("sqlite", "postgres", "postgresql", "postgresql+psycopg")


def memory_bytes(memory: str) -> float:
    """Return an amount of memory in bytes; `KiB` is taken for `KB`."""
    number, unit = re.findall(r"([0-9.]+) ?([KMGT]?)", memory.upper())[0]
    thousands: int = " KMGT".index(unit or " ")
    return float(number) * float(1000**thousands)


_Memory = Annotated[
    str,
    must_be(re.compile(_MEMORY, re.IGNORECASE).fullmatch, "{!r} is no amount of memory; write it like 4GB or 800MB"),
    must_be(lambda text: memory_bytes(text) >= _LEAST_MEMORY, "{!r} is too little for a close; write 100MB or more"),
]


class SparkConfig(Strict):
    """A Spark Connect server; an address with a token comes as INBOX_WORKER_SPARK."""

    remote: Annotated[
        str,
        must_be(
            re.compile(r"sc://[^\s/;@]+(/;(?!.*token=)\S*)?").fullmatch,
            "is no address like sc://host:15002; one with a token is given as INBOX_WORKER_SPARK in the environment",
        ),
    ]


class S3Config(Strict):
    """Say how the storage is reached. Keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or from
    the file that AWS_SHARED_CREDENTIALS_FILE names, never from here.

    `endpoint`: of a storage that is not Amazon's. `ca_file`: what its certificate is proved by, where the machine does
    not know it. `seconds`: a storage that is silent for so long is away; each request is tried three times in them.
    """

    endpoint: Annotated[
        str,
        must_be(
            re.compile(r"|https?://(\[[0-9A-Fa-f:]+\]|[^\s/@:?#\[\]]+)(:\d{1,5})?").fullmatch,
            "is no address like https://s3.example:9000, without keys and path",
        ),
    ] = ""
    region: str = ""
    ca_file: str = ""
    seconds: Annotated[float, Field(ge=1)] = 20


class LedgerConfig(Strict):
    journal: str = "sqlite:///ledger/journal.db"
    storage: Annotated[
        str,
        must_be(
            re.compile(r"|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?").fullmatch,
            "is no place like s3://BUCKET/FOLDER; keys are given in the environment, the server as ledger.s3.endpoint",
        ),
    ] = ""
    s3: S3Config = S3Config()
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark: SparkConfig | None = None
    threads: int = Field(default=2, ge=1)
    memory: _Memory = "4GB"
    rows_at_once: int = Field(default=2_000_000, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _drop_earlier_default(cls, values: Any) -> Any:
        """Read the ranges that earlier versions shipped, beside the memory that they shipped, as chosen by nobody."""
        if not isinstance(values, dict) or values.get("rows_at_once") != _EARLIER_ROWS_AT_ONCE:
            return values
        if values.get("memory", "4GB") != "4GB":
            return values
        return {name: value for name, value in values.items() if name != "rows_at_once"}

    @model_validator(mode="after")
    def _has_storage_for_its_server(self) -> Self:
        if not self.storage and self.s3 != S3Config():
            raise Misplaced(("s3",), "says how a storage is reached, and ledger.storage names none")
        return self

    @field_validator("journal")
    @classmethod
    def _names_a_database(cls, text: str) -> str:
        """Return the text may hold a password that somebody wrote there: no line repeats it."""
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            url = None
        no_file = url is not None and url.drivername == "sqlite" and (url.host or url.database in (None, ":memory:"))
        if url is None or url.drivername not in _JOURNALS or no_file:
            raise ValueError(
                "is no address like sqlite:///ledger/journal.db or postgresql+psycopg://USER@HOST/DATABASE"
            )
        if url.password is not None or "password" in url.query:
            raise ValueError(
                "a password does not belong here; write it into .pgpass of the service's user, or give the whole "
                "address as INBOX_WORKER_JOURNAL in the environment (deploy/README.md)"
            )
        return text
