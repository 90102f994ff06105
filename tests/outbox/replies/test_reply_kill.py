"""A kill at any step between a decision and the server's answer: no answer is lost, none is sent twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from reply_office import configure, smtp

from inbox_worker.settings.rules import load_rules
from tests.faults.killer import Killer
from tests.support.mail_sink import Server, Sink
from tests.support.office import ROOT, bin_of, customer, line
from tests.support.papers import SCAN, File, letter, workbook

pytestmark = pytest.mark.slow


AT = "2026-08-20T10:00:00"
OFFICE = "office@a.example"


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with Killer(tmp_path_factory.mktemp("killer")) as warm:
        yield warm


@dataclass(frozen=True)
class Case:
    """A home before a command, the command, and its steps in a whole run."""

    home: Path
    arguments: tuple[str | Path, ...]
    steps: tuple[str, ...]


@dataclass
class Town:
    """Homes of one customer; letters go to the sink."""

    folder: Path
    killer: Killer
    sink: Sink

    def case(self, name: str) -> Case:
        before = self.folder / f"before-{name}"
        arguments = getattr(self, f"_{name}")(before)
        self.sink.letters.clear()
        trial = shutil.copytree(before, self.folder / f"trial-{name}")
        ran = self.killer.run(*arguments, "--home", trial)
        assert ran.code == 0, ran.err
        return Case(before, arguments, ran.steps)

    def _ingest(self, home: Path) -> tuple[str | Path, ...]:
        """Two forms, one of them with an error: an arrival of two decisions."""
        shutil.copytree(self.folder / "home", home)
        good = self._form("recalculations", account="1001", service="maintenance", past_month="06.2026", amount="-5")
        bad = self._form("recalculations", account="1", service="maintenance", past_month="06.2026", amount="-5")
        return self._mail("two.eml", "<1@a>", File("good.xlsx", good), File("bad.xlsx", bad))

    def _send(self, home: Path) -> tuple[str | Path, ...]:
        """An answer waits to be written and sent."""
        command = self._ingest(home)
        assert self.killer.run(*command, "--home", home).code == 0
        return ("once",)

    def _review(self, home: Path) -> tuple[str | Path, ...]:
        """An answer was approved by moving its file (`reply: review`)."""
        assert self.killer.run(*self._put_up(home), "--home", home).code == 0
        assert self.killer.run("once", "--home", home).code == 0
        [file] = (home / "outbox" / "pending").glob("*/receipts/*.eml")
        approved = home / "outbox" / "approved" / file.parent.relative_to(home / "outbox" / "pending")
        approved.mkdir(parents=True)
        file.rename(approved / file.name)
        return ("once",)

    def _put_up(self, home: Path) -> tuple[str | Path, ...]:
        """An answer is put up for review by the command that decides."""
        command = self._ingest(home)
        with (home / "config.yaml").open("a", encoding="utf-8") as config:
            config.write("\nreply: review\n")
        return command

    def _release(self, home: Path) -> tuple[str | Path, ...]:
        """Staff release a held form whose first answer has gone out."""
        shutil.copytree(self.folder / "home", home)
        self._held(home)
        return ("release", "IW-000003-1", "--documents", "бумага, 20.08.2026")

    def _reply(self, home: Path) -> tuple[str | Path, ...]:
        """The minutes come by letter."""
        shutil.copytree(self.folder / "home", home)
        self._held(home)
        return self._mail("reply.eml", "<2@a>", SCAN, references="<1@a>")

    def _held(self, home: Path) -> None:
        tariff = self._form("tariffs", service="maintenance", base="м²", tariff="35", from_month="09.2026")
        held = self._mail("held.eml", "<1@a>", File("t.xlsx", tariff))
        assert self.killer.run(*held, "--home", home).code == 0
        assert self.killer.run("once", "--home", home).code == 0

    def _form(self, form: str, **row: object) -> bytes:
        rules = load_rules(ROOT / "rules")
        return workbook(rules.forms[form], [row], {"БИН заказчика": bin_of("A")}, "1")

    def _mail(self, name: str, identity: str, *files: File, references: str = "") -> tuple[str | Path, ...]:
        path = self.folder / name
        path.write_bytes(letter(OFFICE, files, identity, "", references, {}))
        return ("ingest", path, "--mailbox", "korrektirovki", "--received-at", AT)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, killer: Killer) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("replies")
    rules, sink = load_rules(ROOT / "rules"), Sink()
    with Server(sink) as server:
        home = folder / "home"
        configure(home, smtp=smtp(server.port), folders={"quiet_seconds": 0.05})
        rows = {"customers": customer("A"), "directory": line("A", "1001", "maintenance", tariff="1", area="1")}
        for form, row in rows.items():
            file = folder / f"{form}.xlsx"
            file.write_bytes(workbook(rules.forms[form], [row], {}, form))
            assert killer.run("load", file, "--home", home).code == 0
        yield Town(folder, killer, sink)


def prove(town: Town, case: Case, step: int, home: Path) -> str:
    """Kills the command at the step, gives it again if it left no arrival, lets the service pass twice; every answer
    was sent once or is uncertain. Gives the state of the last letter."""
    shutil.copytree(case.home, home)
    town.sink.letters.clear()
    told = f"step {step}: {case.steps[step - 1]}"
    before = _deliveries(home)
    assert town.killer.run(*case.arguments, "--home", home, last=step).killed, told
    if case.arguments[0] == "ingest" and not _new_arrivals(home, case):
        assert town.killer.run(*case.arguments, "--home", home).code == 0, told
    if case.arguments[0] == "release":
        assert town.killer.run(*case.arguments, "--home", home).code in (0, 2), told
    for _ in range(2):
        assert town.killer.run("once", "--home", home).code == 0, told
    found = _deliveries(home)
    (new,) = (d for d in found if d not in before or case.arguments[0] == "once")
    sent = [got.message["Message-ID"] for got in town.sink.letters]
    assert new["state"] in ("sent", "uncertain", "review"), told
    assert sent.count(new["message_id"]) == len(sent) <= 1, told
    assert bool(sent) == (new["state"] == "sent") or new["state"] == "uncertain", told
    lying = [path.parts[-4] for path in (home / "outbox").rglob("*.eml")]
    assert lying in ([], [{"review": "pending", "uncertain": "approved"}.get(str(new["state"]), "sent")]), told
    if sent:
        kept = (home / "archive" / str(new["path"])).read_bytes()
        assert kept == town.sink.letters[0].data, told
    shutil.rmtree(home)
    return str(new["state"])


def _new_arrivals(home: Path, case: Case) -> bool:
    return _count(home, "arrivals") > _count(case.home, "arrivals")


def _count(home: Path, table: str) -> int:
    with sqlite3.connect(home / "ledger" / "journal.db") as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608


def _deliveries(home: Path) -> list[dict[str, object]]:
    with sqlite3.connect(home / "ledger" / "journal.db") as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("select * from deliveries order by id")]


NAMES = ("ingest", "send", "put_up", "review", "release", "reply")


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_some_steps(name: str, town: Town, tmp_path: Path) -> None:
    case = town.case(name)
    commits = [n for n, step in enumerate(case.steps, 1) if step == "after commit"]
    commits = commits if name in ("send", "put_up", "review") else commits[-1:]
    states = {prove(town, case, step, tmp_path / str(step)) for step in sorted({*commits, *(n - 1 for n in commits)})}
    assert ("review" in states) == (name == "put_up"), "what was approved is never asked again"
    shutil.rmtree(case.home)
    shutil.rmtree(town.folder / f"trial-{name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_every_step(name: str, town: Town, tmp_path: Path) -> None:
    case = town.case(name)
    states = [prove(town, case, step, tmp_path / str(step)) for step in range(1, len(case.steps) + 1)]
    assert ("review" in states) == (name == "put_up"), "what was approved is never asked again"
    assert ("uncertain" in states) == (name in ("send", "review")), "only a letter on its way can be uncertain"
    shutil.rmtree(case.home)
    shutil.rmtree(town.folder / f"trial-{name}")
