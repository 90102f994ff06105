"""A small billing centre for tests: registers and forms are real workbooks, taken through the real pipeline.

office.load_customers(customer("A"), customer("B", utilities=True))
office.load_directory(line("A", account="1001", service="maintenance", tariff="31.4155", area="65.30"))
answer = office.ingest("recalculations", [{...}], received="2026-08-20")
office.close("2026-09")
office.line("2026-09", "1001", "maintenance")["closing"]
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Self

import pyarrow.parquet as pq
from sqlalchemy import event

from inbox_worker.core.model import Arrival, Outcome, Period, Submission
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.decide import Decision
from inbox_worker.deciding.forms import FormDecider
from inbox_worker.deciding.open_office import open_office
from inbox_worker.deciding.release import confirm, release
from inbox_worker.deciding.report import arrival_json
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.months import Closed, Draft, close_month, draft_month, gather_facts, reopen_month
from inbox_worker.month.office import Office as Opened
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.support.lent import lent
from tests.support.papers import File, letter, workbook
from tests.support.shared_patch import SharedPatch

ROOT = Path(__file__).parents[2]
BINS = {  # valid numbers of invented customers
    "A": "050140000011", "B": "050140000021", "C": "050140000031", "D": "050140000041", "E": "050140000051",
}  # fmt: skip
Row = Mapping[str, object]
TODAY = date(2026, 12, 31)  # where what is asked does not hang on the day


def bin_of(customer: str) -> str:
    """The БИН of customer 'A', 'B', ...; a real БИН stays as it is."""
    return BINS.get(customer, customer)


def email_of(customer: str) -> str:
    return f"office@{customer.lower()}.example"


def customer(name: str, *, kind: str = "управляющая компания", utilities: bool = False, **more: object) -> Row:
    """A row of the register of customers."""
    return {
        "bin": bin_of(name), "name": f"ТОО «{name}»", "kind": kind, "contract": f"{name}-1",
        "contract_date": "01.08.2025", "emails": email_of(name), "bic": "CASPKZKA",
        "iban": "KZ28722S000001013958", "kbe": "17", "utilities": "да" if utilities else "нет",
        "contact": "Сейтқали Дәурен", "phone": "+7 727 300 00 00", **more,
    }  # fmt: skip


def line(
    owner: str,
    account: str,
    service: str,
    *,
    base: str = "м²",
    start: str = "09.2026",
    house: str = "H-1",
    **more: object,
) -> Row:
    """A row of the directory; `area`, `residents`, `tariff`, `balance`, `meter`, `reading` as needed."""
    return {
        "bin": bin_of(owner), "house": house, "address": f"г. Алматы, ул. Абая, {house}", "flat": account,
        "account": account, "service": service, "base": base, "from_month": start, **more,
    }  # fmt: skip


def payment(
    account: str, amount: str, *, day: str = "05.09.2026", number: str = "1", to: str = "", **more: object
) -> Row:
    """A row of a bank's register; `to` names the customer paid."""
    return {
        "bank": "CASPKZKA", "paid_on": day, "number": number, "account": account, "amount": amount,
        "payee": bin_of(to), **more,
    }  # fmt: skip


def _iso(day: str) -> str:
    """A day as it is written in a form, as 2026-09-05; any other text is no day, and no later than any."""
    return "-".join(reversed(day.split("."))) if re.fullmatch(r"\d\d\.\d\d\.\d{4}", day) else ""


@dataclass(frozen=True)
class Answer:
    """What the sender (or staff) hears of one arrival."""

    arrival: Arrival
    report: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        return str(self.report["outcome"])

    @property
    def submissions(self) -> list[Mapping[str, Any]]:
        return list(self.report["submissions"])

    @property
    def id(self) -> str:
        """The number of the only form."""
        assert len(self.submissions) == 1, self.report
        return str(self.submissions[0]["submission"])

    @property
    def month(self) -> str | None:
        assert len(self.submissions) == 1, self.report
        month = self.submissions[0]["month"]
        return None if month is None else str(month)

    @property
    def findings(self) -> list[Mapping[str, str]]:
        """Of the arrival and its forms."""
        return [*self.report["findings"], *(f for s in self.submissions for f in s["findings"])]

    @property
    def codes(self) -> list[str]:
        return [finding["code"] for finding in self.findings]

    @property
    def errors(self) -> list[str]:
        """Codes of what keeps a form or a row from posting."""
        return [finding["code"] for finding in self.findings if finding["severity"] == "error"]

    def finding(self, code: str) -> Mapping[str, str]:
        """The one finding of that code."""
        found = [f for f in self.findings if f["code"] == code]
        assert len(found) == 1, f"{code} in {self.codes}"
        return found[0]


def moment(text: str) -> datetime:
    """'2026-08-20' or a full time; Almaty unless a zone is written."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=ALMATY)


@cache
def empty_journal() -> bytes:
    """A new home's journal. Its migrations, which have tests of their own, take longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        open_journal(f"sqlite:///{path}").database.dispose()
        return path.read_bytes()


# This process does not wait for the disk. What a kill or a power cut leaves is proved by processes of their own
# (tests/faults/killer.py, tests/support/service.py), which do.
unsynced = SharedPatch(os, "fsync", lambda handle: None).needed


def _not_synced(connection: Any, *_: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def make_bare_home(folder: Path) -> Path:
    """A home of the shipped settings and rules, and nothing else; what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, copy in (("config.yaml", shutil.copyfile), ("rules", shutil.copytree)):
        if not (folder / name).exists():
            copy(ROOT / name, folder / name)
    return folder


class TownOffice:
    """One home. Times are given; nothing looks at the clock."""

    def __init__(
        self,
        folder: Path,
        reader: CellReader,
        *,
        rows_at_once: int | None = None,
        threads: int = 1,
        spark: str = "",
    ) -> None:
        """`spark`: the address of the server that computes months; '' = DuckDB does.

        `rows_at_once`: how many rows of the directory a month is computed of at once; None = as shipped.

        `threads`: of the close; one is faster for a small town, and files of tests run side by side.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._configure(folder)
        make_bare_home(folder)
        config = folder / "config.yaml"
        text = re.sub(r"(?m)^  threads: \d+", f"  threads: {threads}", config.read_text("utf-8"))
        if spark:
            text = text.replace("ledger:\n", f'ledger:\n  engine: spark\n  spark: {{remote: "{spark}"}}\n', 1)
        if rows_at_once is not None:
            text = re.sub(r"(?m)^  rows_at_once: \d+", f"  rows_at_once: {rows_at_once}", text)
        config.write_text(text, "utf-8")
        self.folder = folder
        self.reader = reader
        journal = folder / "ledger" / "journal.db"
        journal.parent.mkdir(exist_ok=True)
        if not journal.exists():
            journal.write_bytes(empty_journal())
        self._letters = 0
        self._books = 0
        self._enter()

    def _enter(self) -> None:
        self._open = ExitStack()
        self._open.enter_context(unsynced())
        self._open.enter_context(lent())
        self.office: Opened = self._open.enter_context(open_office(load_home(self.folder)))
        if self.office.journal.database.engine.dialect.name == "sqlite":
            event.listen(self.office.journal.database.engine, "checkout", _not_synced)
        self._pipeline = Pipeline(self.office, self.reader)

    def step_by_residents(self, *services: str) -> None:
        """`steps: resident` of these services in services.yaml."""
        rules = self.office.rules
        told = (s.model_copy(update={"steps": "resident"}) if s.code in services else s for s in rules.services)
        self.office = replace(self.office, rules=replace(rules, services=tuple(told)))
        self._pipeline = Pipeline(self.office, self.reader)

    def limit(self, **most: int) -> None:
        """Other values in limits.yaml."""
        rules = self.office.rules
        self.office = replace(self.office, rules=replace(rules, limits=rules.limits.model_copy(update=most)))
        self._pipeline = Pipeline(self.office, self.reader)

    def ask_mail_server(self, name: str) -> None:
        """`authserv_id`: the server whose Authentication-Results tell whether a sender is proven."""
        home = self.office.home
        self.office = replace(
            self.office, home=replace(home, config=home.config.model_copy(update={"authserv_id": name}))
        )
        self._pipeline = Pipeline(self.office, self.reader)

    @classmethod
    def copied(cls, home: Path, folder: Path, reader: CellReader, letters: int, books: int) -> Self:
        """A copy of the home of an office that is closed and has had so many letters and workbooks."""
        shutil.copytree(home, folder)
        copy = cls.stored(folder, reader)
        copy._letters, copy._books = letters, books
        return copy

    @property
    def numbers(self) -> tuple[int, int]:
        """How many letters and workbooks it has had."""
        return self._letters, self._books

    @classmethod
    def stored(cls, folder: Path, reader: CellReader, sent: int = 100) -> Self:
        """An office of a home that lies in `folder` already; letters and workbooks are numbered from `sent` on."""
        office = cls.__new__(cls)
        office.__dict__.update(folder=folder, reader=reader, _letters=sent, _books=sent)
        office._enter()
        return office

    def _configure(self, folder: Path) -> None:
        shutil.copyfile(ROOT / "config.yaml", folder / "config.yaml")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # -- what comes in

    def load(self, form: str, rows: Sequence[Row], now: str = "", **head: object) -> Answer:
        """Staff load a register; a bank's register gets its true control row unless `head` says another, and comes on
        the last day of its payments unless `now` says another."""
        now = now or max(["2026-08-01", *(_iso(str(row["paid_on"])) for row in rows if "paid_on" in row)])
        if form == "bank_register":
            total = sum((Decimal(str(row["amount"])) for row in rows), Decimal(0))
            head = {"Количество": len(rows), "Сумма": total, **head}
        raw = workbook(self.office.rules.forms[form], rows, head, self._next_book())
        return self._answer(self._pipeline.ingest(Incoming(raw, f"{form}.xlsx", "load", moment(now))))

    def load_customers(self, *rows: Row) -> Answer:
        return self._posted(self.load("customers", rows))

    def load_directory(self, *rows: Row, now: str = "2026-08-01") -> Answer:
        return self._posted(self.load("directory", rows, now))

    def load_payments(self, *rows: Row, now: str = "") -> Answer:
        last = max(_iso(str(row["paid_on"])) for row in rows)
        return self._posted(self.load("bank_register", rows, now or max("2026-09-06", last)))

    def form(self, form: str, rows: Sequence[Row], *, by: str = "A", month: str = "", replaces: str = "") -> bytes:
        """A customer's workbook."""
        head = {"БИН заказчика": bin_of(by), "Заказчик": by, "Месяц учёта": month, "Заменяет": replaces}
        return workbook(self.office.rules.forms[form], rows, head, self._next_book())

    def ingest(
        self, form: str, rows: Sequence[Row], *, received: str, by: str = "A", month: str = "", replaces: str = "",
        documents: Sequence[File] = (), mailbox: str = "",
    ) -> Answer:  # fmt: skip
        """A letter of the customer with one form and, perhaps, documents."""
        book = File(f"{form}.xlsx", self.form(form, rows, by=by, month=month, replaces=replaces))
        box = mailbox or self.office.rules.forms[form].mailbox
        return self.mail([book, *documents], received=received, by=by, mailbox=box)

    def mail(
        self, files: Sequence[File], *, received: str, by: str = "A", mailbox: str = "korrektirovki", text: str = "",
        references: str = "", message_id: str = "", sender: str = "", headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """A letter as real e-mail bytes."""
        self._letters += 1
        identity = message_id or f"<{self._letters}@{by.lower()}.example>"
        raw = letter(sender or email_of(by), files, identity, text, references, headers or {})
        return self._answer(self._pipeline.ingest(Incoming(raw, f"{self._letters}.eml", mailbox, moment(received))))

    def hand_in(self, form: str, rows: Sequence[Row], *, received: str, by: str = "A", month: str = "") -> Answer:
        """A bare workbook, handed in by staff."""
        return self.hand_in_bytes(
            self.form(form, rows, by=by, month=month), received=received, mailbox=self.office.rules.forms[form].mailbox
        )

    def hand_in_bytes(self, raw: bytes, *, received: str, mailbox: str = "korrektirovki") -> Answer:
        return self._answer(self._pipeline.ingest(Incoming(raw, "form.xlsx", mailbox, moment(received))))

    def decide_bytes(self, raw: bytes, now: str) -> Decision:
        """What would become of a file that staff load; nothing is kept."""
        arrival = Incoming(raw, "form.xlsx", "load", moment(now)).as_arrival()
        [case] = self._pipeline.forms.read(arrival, self._pipeline.forms.open(arrival, raw))[0]
        return self._pipeline.forms.decide(case)

    def release(self, identifier: str, documents: str, now: str) -> list[Submission]:
        return release(self._pipeline.forms, identifier, documents, moment(now))

    def confirm(self, identifier: str, by: str, now: str) -> list[Submission]:
        return confirm(self._pipeline.forms, identifier, by, moment(now))

    @property
    def pipeline(self) -> Pipeline:
        return self._pipeline

    @property
    def forms(self) -> FormDecider:
        """The steps of a form, for what staff ask of a held one."""
        return self._pipeline.forms

    # -- months

    def draft(self, month: str, engine: str = "") -> Draft:
        return draft_month(self.office, Period.parse(month), engine)

    def close(self, month: str, now: str = "2027-12-31", *, dry_run: bool = False) -> Closed:
        return close_month(self.office, Period.parse(month), moment(now), dry_run)

    def reopen(self, month: str, reason: str = "проверка", now: str = "2027-12-31") -> None:
        reopen_month(self.office, Period.parse(month), reason, moment(now))

    # -- what stands in the ledger

    def table(self, month: str, name: str) -> list[dict[str, Any]]:
        """Rows of a table of the month's close."""
        path = self.office.home.ledger / "closes" / month / f"{name}.parquet"
        return [dict(row) for row in pq.read_table(path).to_pylist()]

    def lines(self, month: str) -> dict[tuple[str, str, str], dict[str, Any]]:
        """(account, БИН, service) -> row of lines.parquet."""
        rows = self.table(month, "lines")
        return {(row["account"], row["customer"], row["service"]): row for row in rows}

    def line(self, month: str, account: str, service: str, owner: str = "A") -> dict[str, Any]:
        return self.lines(month)[(account, bin_of(owner), service)]

    def drafted(self, month: str) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Lines of a month not closed."""
        rows = gather_facts(self.office, Period.parse(month)).engine().compute(Period.parse(month)).lines.to_pylist()
        return {(row["account"], row["customer"], row["service"]): row for row in rows}

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """Every posted row of a kind, in order of posting."""
        files = self.office.journal.facts.files(kind)
        return [dict(row) for file in files for row in pq.read_table(self.office.home.ledger / file.path).to_pylist()]

    def parts(self, month: str) -> list[dict[str, Any]]:
        """Rows of payments.parquet in order of payment number, then account, service order."""
        order = self.office.rules.service_order
        rows = self.table(month, "payments")
        return sorted(rows, key=lambda r: (r["number"], r["account"], order[r["service"]], r["customer"]))

    def _next_book(self) -> str:
        self._books += 1
        return f"тетрадь {self._books}"

    def _answer(self, arrival: Arrival) -> Answer:
        assert arrival.outcome is not Outcome.FAILED, f"a fault of ours: {arrival.why}"
        return Answer(arrival, arrival_json(self.office.journal, arrival, self.office.home.archive))

    def _posted(self, answer: Answer) -> Answer:
        assert answer.arrival.outcome in (Outcome.ACCEPTED, Outcome.DEFERRED), answer.report
        return answer
