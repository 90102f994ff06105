"""A journal in PostgreSQL says the same as one in SQLite, row by row, and so do facts, closes and documents."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Outcome, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.take_in import take_in
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.place import place
from inbox_worker.outbox.review import Selection, chosen, look_through, move
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.receiving.store import Incoming
from inbox_worker.workbooks.cells import CellReader
from tests.support.journals import IN_THE_HOME, TownOn, known, lying
from tests.support.office import ROOT, TODAY, customer, line, moment, payment
from tests.support.papers import SCAN, File, letter

LETTERS = sorted((ROOT / "tests/receiving/mail").glob("*.eml"))
MONTH = Period(2026, 9)
_TAIL = "".join(sha256(str(place).encode()) for place in range(128))  # 8 KB that nothing can compress
LONG_IDS = (f"<{_TAIL}@a.example>", f"<{_TAIL}@b.example>")
BEFORE, AFTER = "2026-08-20", "2026-08-27"


def both(tmp_path: Path, reader: CellReader, url: str, live: Callable[[TownOn], None]) -> None:
    """The same life in two homes, and the same left of it."""
    left = []
    for name, journal in (("sqlite", IN_THE_HOME), ("postgres", url)):
        with TownOn(tmp_path / name, reader, journal) as town:
            random.seed(7)  # letters' boundaries
            live(town)
            left.append((known(town.office.journal.database.engine), lying(town.folder)))
            assert town.office.journal.database.engine.dialect.name.startswith(name)
    (rows, files), (rows_there, files_there) = left
    assert {name for name, found in rows.items() if found} >= {"arrivals", "submissions", "findings", "fact_files"}
    for table in rows:
        assert rows_there[table] == rows[table], table
    assert files_there == files


def _life(town: TownOn) -> None:
    """Registers, forms, a close, its documents, their review and delivery; a close anew and its revisions."""
    town.load_customers(customer("A"), customer("B", utilities=True))
    town.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.30", balance="300"),
        line("A", "1002", "maintenance", tariff="31.4155", area="48.00", balance="-500"),
        line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10", balance="40"),
    )
    reading = {"account": "1001", "service": "cold_water", "meter": "M1", "current": "17.5"}
    first = town.ingest("meter_readings", [reading], received=BEFORE, by="B")
    town.ingest("meter_readings", [{**reading, "current": "18"}], received=BEFORE, by="B", replaces=first.id)
    minus = {"account": "1002", "service": "maintenance", "past_month": "06.2026", "amount": "-7"}
    town.ingest("recalculations", [minus], received=BEFORE)
    town.ingest("recalculations", [{**minus, "account": "нет такого", "amount": "тысяча"}], received=BEFORE)
    tariff = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}
    book = town.form("tariffs", [tariff])
    held = town.mail([File("tariffs.xlsx", book)], received=BEFORE, message_id="<held@a.example>")
    assert held.outcome == "held"
    town.mail([SCAN], received=AFTER, references="<held@a.example>")
    plus = town.ingest("recalculations", [{**minus, "amount": "55"}], received=BEFORE)
    town.release(plus.id, "бумага, 20.08.2026", "2026-08-21")
    town.mail([], received=BEFORE, sender="stranger@unknown.example")
    town.load_payments(payment("1001", "1000"), payment("404", "5", number="2"))
    town.close("2026-09", "2026-10-01")
    _publish(town, "2026-10-02")
    town.reopen("2026-09", now="2026-10-03")
    town.close("2026-09", "2026-10-04")
    _publish(town, "2026-10-05")


def _publish(town: TownOn, day: str) -> None:
    now, journal = moment(day), town.office.journal
    close = journal.closes.in_force(MONTH)
    assert close
    for number, whose in enumerate(journal.customers.on(TODAY).values()):
        title, _ = journal.closes.document_number(MONTH, whose.bin, "act", now.date())
        made = [
            Rendered(kind, f"{kind}.xlsx", f"{title} {kind} {day} {number}".encode(), "")
            for kind in ("act", "turnover")
        ]
        made_of = {"close": close.sha256, "close_number": str(close.number), "rules": "r"}
        place(town.office.home.outbox, MONTH, whose, made, made_of, now)
    look_through(town.office, now, everything=True)
    wanted = chosen(town.office, (DocumentState.PENDING,), Selection(month=MONTH))
    move(town.office, wanted, DocumentState.APPROVED, "command:op", now)
    pass_outbox(town.office, now)


def test_a_life_of_a_town(tmp_path: Path, reader: CellReader, url: str) -> None:
    both(tmp_path, reader, url, _life)


@pytest.mark.slow
def test_hostile_texts(tmp_path: Path, reader: CellReader, url: str) -> None:
    """4.1.15: what PostgreSQL itself would not take: NUL, lone surrogates, keys too long for an index, long words where
    short ones are expected. A form's and a letter's text is the sender's, and the sender hears of it."""

    def live(town: TownOn) -> None:
        town.load_customers(customer("A"), customer("B"))
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
        minus = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-7"}
        for words in ("\x00", "a\x00b", "\ud800\udfff", "я" * 30_000):
            pipeline = Pipeline(town.office, reader)
            source = f"{words}.xlsx"
            for raw in (town.form("recalculations", [minus]), words.encode("utf-8", "surrogatepass")):
                pipeline.ingest(
                    Incoming(raw, source, "korrektirovki", moment(BEFORE), stated_sender=f"{words}@a.example")
                )
            pipeline.ingest(Incoming(_sheet(words), source, "korrektirovki", moment(BEFORE)))
            written = words.encode("utf-8", "replace").decode().replace("\x00", "%00")
            town.ingest("recalculations", [minus], received=BEFORE, replaces=written, month=written[:9])
        plus = town.form("recalculations", [{**minus, "amount": "55"}])
        held = [town.mail([File("p.xlsx", plus)], received=BEFORE, message_id=name) for name in LONG_IDS]
        assert [answer.outcome for answer in held] == ["held", "held"]
        reply = f"References: {LONG_IDS[0]}\r\n".encode() + letter("office@a.example", [SCAN], "<1@a>", "", "", {})
        Pipeline(town.office, reader).ingest(Incoming(reply, "reply.eml", "korrektirovki", moment(AFTER)))
        outcomes = [
            town.office.journal.submissions.of_arrival(answer.arrival.number)[0].outcome.value for answer in held
        ]
        assert outcomes == ["deferred", "held"], "a long Message-ID is found again, and not another that begins like it"

    both(tmp_path, reader, url, live)


def _sheet(words: str) -> bytes:
    """A workbook of the old kind with these words in every header cell and a row: its cells may hold anything."""
    sink, book = io.BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("Данные")
    plain = words.encode("utf-8", "replace").decode()[:32_000]
    heads = ("Форма", "Версия", "БИН заказчика", "Заказчик", "Месяц учёта", "Заменяет")
    for row, (label, value) in enumerate(zip(heads, ("recalculations", "1", *[plain] * 4), strict=True)):
        sheet.write(row, 0, label)
        sheet.write(row, 1, value)
    for column, head in enumerate(("Лицевой счёт", "Услуга", "За месяц", "Сумма", "Основание", plain)):
        sheet.write(8, column, head)
        sheet.write(9, column, plain)
    book.save(sink)
    return sink.getvalue()


@pytest.mark.slow
def test_every_odd_letter(tmp_path: Path, reader: CellReader, url: str) -> None:
    """4.3.2, 6.2.7: all of tests/receiving/mail one after another, to a town where earlier ones were decided."""

    def live(town: TownOn) -> None:
        town.load_customers(customer("A"), customer("B"))
        town.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
        pipeline = Pipeline(town.office, reader)
        for path in LETTERS:
            arrival = take_in(pipeline, path, "korrektirovki", None, "", moment("2026-08-21T12:00:00"))
            assert arrival.outcome not in (None, Outcome.FAILED), path.name

    both(tmp_path, reader, url, live)
