"""4.1.17: who may write the journal beside the program is told: guards and hashes find a change, not a right to one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from inbox_worker.month.verify import notes
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import TownOn
from tests.support.office import customer
from tests.support.postgres import Postgres


def test_a_role_that_may_write_the_journal_is_named_with_its_rights(
    tmp_path: Path, reader: CellReader, server: Postgres, url: str
) -> None:
    home, name = tmp_path / "home", make_url(url).database or ""
    with TownOn(home, reader, url) as town:
        town.load_customers(customer("A"))
    with server.asked(name) as connection:
        granted = connection.execute(b"select count(*) from pg_class where relname = 'acts' and relacl is null")
    limits = home / "rules" / "limits.yaml"
    limits.write_text(limits.read_text("utf-8") + "# ours\n", "utf-8")
    told = notes(load_home(home))
    assert granted.fetchone() == (1,) and [line for line in told if "rules have changed" in line], told
    roles = ("reader_of_reports", "writer_of_rows", "writer_of_a_column")
    with server.asked(name) as connection:
        for role in roles:
            connection.execute(f"create role {role}".encode())
        connection.execute(b"grant select on all tables in schema public to reader_of_reports")
    assert not [line for line in notes(load_home(home)) if "the role " in line], "who only reads changes nothing"
    with server.asked(name) as connection:
        connection.execute(b"grant update, delete on acts, closes to writer_of_rows")
        connection.execute(b"grant update (received_at) on arrivals to writer_of_a_column")
        connection.execute(b"grant insert on tasks to public")
    told = [line.partition(";")[0] for line in notes(load_home(home)) if "the role " in line]
    assert told == [
        "the role PUBLIC of the database may write the journal (tables 1: INSERT)",
        "the role writer_of_a_column of the database may write the journal (tables 1: UPDATE)",
        "the role writer_of_rows of the database may write the journal (tables 2: DELETE, UPDATE)",
    ]
    with server.asked(name) as connection:
        for role in roles:
            connection.execute(f"drop owned by {role}; drop role {role}".encode())
