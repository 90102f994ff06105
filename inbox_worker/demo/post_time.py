"""Letters around the deadline of 4.3.2: the last second, the first second after it, other months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.paper import pdf
from inbox_worker.demo.post_plain import bodies, tariffs_file
from inbox_worker.demo.post_readings import at_home_and_not
from inbox_worker.demo.writer import HABITS, TownWriter, reading_rows, recalculation_rows


def timed_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield letters accepted and deferred by receipt time and `Месяц учёта`; the Date header never counts."""
    last = writer.rules.deadlines.deadlines["forms"].day
    month = writer.month
    after = writer.at(last + 1)
    yield replace(
        _minus(writer, 0, "last-second", writer.at(last, 23, 59, 59), "", "accepted", "последняя секунда срока"),
        dated=writer.at(last + 2, 9, 0),
        note_ru="получено в последнюю секунду срока, заголовок Date лжёт",
    )
    midnight = after.replace(hour=0)
    note = "первая секунда после срока, месяц указан прежний: перенос на следующий"
    yield _minus(writer, 1, "midnight", midnight, month.form_text, "deferred", note)
    yield _missed_readings(writer, midnight.replace(second=5))
    yield _late_tariffs(writer, writer.at(last + 2, 11, 15))
    note = "после срока, но месяц указан следующий: принято на него"
    yield _minus(writer, 2, "late-for-next", after.replace(hour=9), month.plus(1).form_text, "accepted", note)
    note = "заранее: месяц указан на два позже"
    yield _minus(writer, 3, "ahead", writer.at(20, 12, 5), month.plus(2).form_text, "accepted", note)
    note = "в форме прошлый месяц учёта: перенос на месяц по календарю"
    yield _minus(writer, 4, "month-before", writer.at(10, 16, 40), month.plus(-1).form_text, "deferred", note)


def _minus(writer: TownWriter, turn: int, slug: str, at: datetime, month: str, expect: str, note: str) -> TownLetter:
    members = bodies(writer)
    member = members[(turn * 3 + 1) % len(members)]
    rows = recalculation_rows(writer, member, 4, 30 + turn)
    file = File("Перерасчёт.xlsx", writer.form(member, "recalculations", rows, HABITS[turn], month=month))
    return writer.letter(member, f"time-{slug}", "recalculations", at, (file,), expect, note)


def _missed_readings(writer: TownWriter, at: datetime) -> TownLetter:
    member = [supplier for supplier in writer.town.providers("cold_water") if not supplier.manages][0]
    _, missed = at_home_and_not(writer.town.places(member, "cold_water"))
    rows = reading_rows(writer, missed[:10], day=at.day - 1)
    file = File("Показания досыл.xlsx", writer.form(member, "meter_readings", rows, HABITS[0], month=""))
    note = "пять секунд после срока, месяц не указан: перенос"
    return writer.letter(member, "time-late-readings", "meter_readings", at, (file,), "deferred", note)


def _late_tariffs(writer: TownWriter, at: datetime) -> TownLetter:
    members = bodies(writer)
    member = members[-1]
    files = (tariffs_file(writer, member, HABITS[5], 4), File("Протокол.pdf", pdf("Protokol No 12")))
    note = "получено после срока, заголовок Date показывает день до срока: перенос"
    letter = writer.letter(member, "time-late-tariffs", "tariffs", at, files, "deferred", note)
    return replace(letter, dated=at.replace(day=at.day - 3))
