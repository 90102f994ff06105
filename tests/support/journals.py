"""Homes whose journal lies where the test says, and everything that a journal knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, make_url, select

from inbox_worker.core.files import sha256_file
from inbox_worker.ledger.guards import drop_guards, make_guards
from inbox_worker.ledger.outbox_tables import metadata
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import TownOffice

IN_THE_HOME = "sqlite:///ledger/journal.db"
NUMBERED_BY_DATABASE = (
    "findings",
    "documents",
    "outbox_moves",
    "outbox_proofs",
)  # in their order, with gaps or without


def in_config(home: Path, url: str) -> None:
    """config.yaml names that journal, without its password: the server's `.pgpass` has it (support/postgres.py)."""
    if not url.startswith("sqlite"):
        url = make_url(url)._replace(password=None).render_as_string(hide_password=False)
    config = home / "config.yaml"
    text, changed = re.subn(r'(?m)^  journal: "[^"]*"', lambda _: f'  journal: "{url}"', config.read_text("utf-8"))
    assert changed == 1
    config.write_text(text, "utf-8")


class TownOn(TownOffice):
    """An office of a home whose journal is at `url`; senders' answers wait for review."""

    def __init__(self, folder: Path, reader: CellReader, url: str) -> None:
        self._url = url
        super().__init__(folder, reader)

    def _configure(self, folder: Path) -> None:
        super()._configure(folder)
        in_config(folder, self._url)
        with (folder / "config.yaml").open("a", encoding="utf-8") as config:
            config.write("\nreply: review\nexchange: {folder: exchange}\n")


@contextmanager
def unguarded(connection: Connection) -> Iterator[Connection]:
    """What the owner of the database can do beside the program: no guard of the journal stands in the way."""
    drop_guards(connection)
    yield connection
    make_guards(connection)


def known(engine: Engine) -> Mapping[str, list[dict[str, Any]]]:
    """Every row of the journal, in order."""
    tables = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name == "journal_state":  # whose journal it is
                continue
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            left_out = {"id"} if table.name in NUMBERED_BY_DATABASE else set()
            tables[table.name] = [{k: v for k, v in row.items() if k not in left_out} for row in rows]
    return tables


def lying(home: Path) -> Mapping[str, str]:
    """Every file that the program wrote, by its bytes."""
    folders = (home / name for name in ("ledger", "archive", "outbox", "exchange", "inbox"))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(home).as_posix(): sha256_file(path)
        for path in sorted(files)
        if not path.name.startswith((".", "journal.db", "health")) and path.name != "mark"
    }
