"""A small ledger's life, command by command, and what the ledger must look like after each."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect

from inbox_worker.settings.rules import Rules, load_rules
from tests.support.here import Runner
from tests.support.journals import NUMBERED_BY_DATABASE
from tests.support.office import ROOT, bin_of, customer, line, make_bare_home, payment
from tests.support.papers import SCAN, File, letter, workbook
from tests.support.postgres import Postgres

BEFORE, AFTER = "2026-08-20T10:00:00", "2026-08-21T10:00:00"
State = dict[str, Any]


@dataclass(frozen=True)
class Command:
    """A command of the life; without a name it is done and not killed. `again`: the outcome of the same file's second
    arrival, or '' when there is none.

    `again_code`: exit code of the same command when the first run had done all its work.
    """

    name: str
    arguments: tuple[str | Path, ...]
    again: str = "duplicate"
    again_code: int = 0


@dataclass(frozen=True)
class Station:
    """A command with the home as it stood before, the steps of its whole run and the ledger after it. `database`: of
    that home's journal where PostgreSQL has it."""

    command: Command
    before: Path
    steps: tuple[str, ...]
    after: State
    database: str = ""

    def copy(self, home: Path, server: Postgres | None) -> dict[str, str]:
        """The home as it stood before, with a journal of its own. Gives the environment that names it."""
        shutil.copytree(self.before, home)
        return {"INBOX_WORKER_JOURNAL": server.fresh(like=self.database)} if server else {}


@dataclass(frozen=True)
class Town:
    """Homes to copy and a register to load: the facts of its customer A are small, those of B large."""

    with_customers: Path
    with_directory: Path
    directory: Path


def build_stations(folder: Path, killer: Runner, server: Postgres | None = None) -> Iterator[Station]:
    """Plays the life once, whole; with the journal in PostgreSQL where a server is given."""
    home = folder / "home"
    make_bare_home(home)
    named = {"INBOX_WORKER_JOURNAL": server.fresh()} if server else {}
    for number, command in enumerate(_life(folder, load_rules(ROOT / "rules"))):
        before = folder / f"before-{number}"
        shutil.copytree(home, before)
        database = _database(server.fresh(like=_database(named["INBOX_WORKER_JOURNAL"]))) if server else ""
        ran = killer.run(*command.arguments, "--home", home, last=0, environment=named)
        assert ran.code == 0, (command.name, ran.err)
        if command.name:
            yield Station(command, before, ran.steps, state_of(home, named), database)


def _database(url: str) -> str:
    return url.rpartition("/")[2]


def _life(folder: Path, rules: Rules) -> Iterator[Command]:
    def book(name: str, form: str, *rows: Any, **head: Any) -> Path:
        path = folder / name
        path.write_bytes(workbook(rules.forms[form], rows, head, name))
        return path

    def own(name: str, form: str, by: str, *rows: Any, replaces: str = "") -> Path:
        return book(name, form, *rows, **{"БИН заказчика": bin_of(by), "Заменяет": replaces})

    def mail(name: str, by: str, identity: str, *files: Path | File, references: str = "") -> Path:
        parts = [f if isinstance(f, File) else File(f.name, f.read_bytes()) for f in files]
        path = folder / name
        path.write_bytes(letter(f"office@{by.lower()}.example", parts, identity, "", references, {}))
        return path

    def ingest(name: str, path: Path, mailbox: str, at: str = BEFORE, again: str = "duplicate") -> Command:
        return Command(name, ("ingest", path, "--mailbox", mailbox, "--received-at", at), again)

    customers = book("customers.xlsx", "customers", customer("A"), customer("B", utilities=True))
    yield Command("load of customers into a new home", ("load", customers))
    lines = (
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30", balance="300"),
        line("A", "1002", "maintenance", tariff="31.4155", area="48.00", balance="-500"),
        line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10", balance="40"),
    )
    yield Command("load of the directory", ("load", book("directory.xlsx", "directory", *lines)))
    readings = own("readings.xlsx", "meter_readings", "B", _reading("17.5"))
    minus = own("minus.xlsx", "recalculations", "B", _recalculation("1001", "cold_water", "-12.34"))
    yield ingest("a letter with two forms", mail("two.eml", "B", "<1@b>", readings, minus), "bigoperators")
    twins = own("twin.xlsx", "recalculations", "A", _recalculation("1002", "maintenance", "-7"))
    pair = mail("twins.eml", "A", "<2@a>", twins, File("copy.xlsx", twins.read_bytes()))
    yield ingest("a letter with the same form twice", pair, "korrektirovki")
    corrected = own("fixed.xlsx", "meter_readings", "B", _reading("18"), replaces="IW-000003-1")
    yield ingest("a form that replaces another", corrected, "bigoperators", AFTER)
    tariffs = own("tariffs.xlsx", "tariffs", "A", _tariff("35"))
    held = ingest("a form held for documents", mail("held.eml", "A", "<3@a>", tariffs), "korrektirovki", again="held")
    yield held
    reply = mail("reply.eml", "A", "<4@a>", SCAN, references="<3@a>")
    yield ingest("a reply with the documents", reply, "korrektirovki", AFTER, "held")
    plus = own("plus.xlsx", "recalculations", "A", _recalculation("1001", "maintenance", "55"))
    yield ingest("a plus held for documents", plus, "korrektirovki", again="held")
    paper = ("release", "IW-000008", "--documents", "бумага, 20.08.2026")
    yield Command("release by staff", paper, "", 2)
    details = own("details.xlsx", "requisites", "A", _bank_details(), _bank_name())
    yield ingest("new bank details", mail("details.eml", "A", "<5@a>", details), "korrektirovki", again="held")
    yield Command("confirm by staff", ("confirm", "IW-000009-1", "--by", "звонок"), "", 2)
    yield Command("a task done", ("tasks", "done", "T-000001", "--note", "банк известен по БИК"), "", 2)
    yield Command("", ("outbox", "list"))  # letters of that change are put up for review, with the clock in them
    bank = book(
        "bank.xlsx", "bank_register", payment("1001", "1000"), payment("404", "5", number="2"), Количество=2, Сумма=1005
    )
    yield Command("load of a bank's register", ("load", bank))
    yield Command("draft", ("draft", "2026-09"), "")
    yield Command("close", ("close", "2026-09"), "", 1)
    yield Command("reopen", ("reopen", "2026-09", "--reason", "проверка"), "", 1)
    yield Command("close again with the same figures", ("close", "2026-09"), "", 1)


def _reading(current: str) -> dict[str, object]:
    return {"account": "1001", "service": "cold_water", "meter": "M1", "current": current}


def _recalculation(account: str, service: str, amount: str) -> dict[str, object]:
    return {"account": account, "service": service, "past_month": "06.2026", "amount": amount}


def _bank_name() -> dict[str, str]:
    """What the register has no column for: staff see to it."""
    return {"indicator": "Банк", "becomes": "АО «Bank RBK»", "changed_on": _bank_details()["changed_on"]}


def _bank_details() -> dict[str, object]:
    return {"indicator": "ИИК", "becomes": "KZ75125KZT1001300335", "changed_on": "18.08.2026"}


def _tariff(value: str) -> dict[str, object]:
    return {"service": "maintenance", "base": "м²", "tariff": value, "from_month": "09.2026"}


def _without_home(value: object) -> object:
    """A text without the place of its home: a copy of the home is compared with it."""
    return re.sub(r"/\S*/(archive|ledger|inbox)/", r"HOME/\1/", value) if isinstance(value, str) else value


def state_of(home: Path, named: Mapping[str, str] | None = None) -> State:
    """The ledger: the journal's rows without the clock's, every named fact and every close byte for byte. `named`: the
    environment that names another journal than the home's own.

    A fact on disk that the journal does not name, or a temporary file, stands in `loose`.
    """
    state: State = {}
    own = f"sqlite:///{home / 'ledger' / 'journal.db'}"
    engine = create_engine((named or {}).get("INBOX_WORKER_JOURNAL", own))
    with engine.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            if table == "journal_state":  # it counts commits: more after a kill
                continue
            rows = connection.exec_driver_sql(f"select * from {table}").mappings()  # noqa: S608
            placed = [{k: _without_home(v) for k, v in row.items()} for row in rows]
            if table == "acts":  # each run of a command is one
                placed = [row for row in placed if row["act"] != "command"]
            if table == "outbox_documents":  # letters to review are written by whatever runs next
                placed = [row for row in placed if row["kind"] != "receipt"]
            if engine.dialect.name == "postgresql" and table in NUMBERED_BY_DATABASE:  # a kill leaves a gap
                placed = [{k: v for k, v in row.items() if k != "id"} for row in placed]
            state[table] = sorted((_without_clock(table, row) for row in placed), key=_order)
    engine.dispose()
    ledger = home / "ledger"
    state["facts"] = {row["path"]: _hash(ledger / row["path"]) for row in state["fact_files"]}
    assert state["facts"] == {row["path"]: row["sha256"] for row in state["fact_files"]}
    state["close bytes"] = _bytes_of(ledger / "closes", "*.parquet")
    state["archive"] = {
        path: digest  # a letter to review names the last act, and so is another after a kill
        for path, digest in _bytes_of(home / "archive", "*").items()
        if not path.startswith("letters/")
    }
    loose = {*_bytes_of(ledger / "facts", "*"), *_bytes_of(ledger / "closes", "*")}
    state["loose"] = sorted(
        loose - set(state["close bytes"]) - {path.removeprefix("facts/") for path in state["facts"]}
    )
    return state


def _order(row: dict[str, Any]) -> list[tuple[int, str]]:
    return [(value, "") if isinstance(value, int) else (0, str(value)) for value in row.values()]


def _bytes_of(folder: Path, pattern: str) -> dict[str, str]:
    files = [path for path in folder.rglob(pattern) if path.is_file()]
    return {path.relative_to(folder).as_posix(): _hash(path) for path in sorted(files)}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _without_clock(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Moments of recording differ from run to run; so do the receipt times of what staff load now."""
    if table == "closes":
        row = {**row, "made_at": "", "reopened_at": bool(row["reopened_at"])}
    if table == "watched_files":
        row = {**row, "seen": ""}
    if table == "acts":
        row = {
            **row,
            "at": "",
            "before": "",
            "after": "",
            "hash": "",
            "number": 0,
        }  # hashes of rows with moments in them
    if table == "customer_versions":
        row = {**row, "stated_at": "", "begins": row["begins"] == row["stated_at"][:10]}
    if table == "deliveries":
        row = {**row, "created_at": "", "sha256": "", "path": ""}  # written for review by whatever runs next
    if table == "outbox_moves":
        row = {**row, "at": "", "sha256": ""}
    if table == "tasks":
        row = {**row, "done_at": bool(row["done_at"])}
    if table == "arrivals" and row["mailbox"] == "load":
        row["received_at"] = ""
    if table == "submissions" and row["form"] in ("customers", "directory", "bank_register"):
        row["complete_at"] = ""
    return row
