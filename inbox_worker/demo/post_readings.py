"""Letters with meter readings: whole districts of the suppliers, ОСИ with their own water, odd wrappings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from inbox_worker.demo.customers import Member
from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.paper import make_zip
from inbox_worker.demo.sheets import Filled, Style, csv_cp1251
from inbox_worker.demo.town import LinePlace
from inbox_worker.demo.writer import HABITS, Rows, TownWriter, reading_rows

_PARTS = {"cold_water": 5, "hot_water": 1, "electricity": 4, "gas": 2}
_SKIPPED = 33  # every so many flats nobody is at home


def reading_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield every metered service of every customer that bills it; the big ones send several letters."""
    for service, parts in _PARTS.items():
        for member in writer.town.providers(service):
            at_home, _ = at_home_and_not(writer.town.places(member, service))
            count = 1 if member.manages else parts
            for part in range(count):
                rows = reading_rows(writer, at_home[part::count])
                if rows:
                    yield _letter(writer, member, service, part, rows)
    yield from _correct_reading(writer)


def at_home_and_not(places: Sequence[LinePlace]) -> tuple[list[LinePlace], list[LinePlace]]:
    """Return the lines whose meters were read, and those where nobody opened."""
    read = [place for index, place in enumerate(places) if index % _SKIPPED != _SKIPPED - 1]
    missed = [place for index, place in enumerate(places) if index % _SKIPPED == _SKIPPED - 1]
    return read, missed or list(places[-1:])


def _letter(writer: TownWriter, member: Member, service: str, part: int, rows: Rows) -> TownLetter:
    style = HABITS[(part + len(service)) % len(HABITS)]
    file, note = _wrap_form(writer, member, service, part, rows, style)
    slug = f"readings-{service}-{member.domain}-{part + 1}"
    return writer.letter(member, slug, "meter_readings", writer.moment(20, 24), (file,), "accepted", note)


def _wrap_form(
    writer: TownWriter, member: Member, service: str, part: int, rows: Rows, style: Style
) -> tuple[File, str]:
    name = f"Показания {part + 1}"
    if (service, part) == ("electricity", 0):
        filled = Filled(rows, member.bin, member.record.name, writer.month.form_text)
        data = csv_cp1251(writer.rules.forms["meter_readings"], filled, Style())
        return File(f"{name}.csv", data), "показания в .csv (cp1251)"
    book = writer.form(member, "meter_readings", rows, style)
    if (service, part) == ("gas", 0):
        return File("pokazaniya.zip", make_zip("pokazaniya.xlsx", book)), "показания в архиве .zip"
    return File(f"{name}.xlsx", book), f"показания, строк: {len(rows)}"


def _correct_reading(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield one meter read wrongly, then again rightly: the second value replaces the first though it is lower."""
    member = writer.town.providers("electricity")[0]
    _, missed = at_home_and_not(writer.town.places(member, "electricity"))
    right = reading_rows(writer, missed[:1])
    wrong = [{**right[0], "current": _more(right[0]["current"])}]
    for day, rows, kind, note in (
        (21, wrong, "mistaken", "показание с ошибкой в большую сторону"),
        (23, right, "corrected", "исправленное показание того же прибора: заменяет прежнее"),
    ):
        file = File("Показание.xlsx", writer.form(member, "meter_readings", rows, HABITS[2]))
        slug = f"readings-{kind}"
        at = writer.at(day, 15, 20)
        letter = writer.letter(member, slug, "meter_readings", at, (file,), "accepted", note)
        yield replace(letter, subject=f"{letter.subject} ({kind})")


def _more(value: object) -> Decimal:
    return Decimal(str(value)) + 40
