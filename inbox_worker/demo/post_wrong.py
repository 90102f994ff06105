"""Mistyped forms: each has one mistake, and each is rejected whole."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from inbox_worker.demo.customers import Member
from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.paper import pdf
from inbox_worker.demo.post_plain import bodies
from inbox_worker.demo.sheets import Style, Value, odd_file
from inbox_worker.demo.writer import HABITS, TownWriter, reading_rows, recalculation_rows, tariff_rows

Row = dict[str, Value]


def wrong_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield rejected letters: values, accounts, services, months, columns, files."""
    yield from _recalculations(writer)
    yield from _tariffs(writer)
    yield from _readings(writer)
    yield _days(writer)
    yield from _files(writer)


def _recalculations(writer: TownWriter) -> Iterator[TownLetter]:
    members = bodies(writer)
    first, other = members[0], members[1]
    foreign = writer.town.places(other, writer.town.services(other)[0])[0].account.number
    far = writer.month.plus(16).form_text
    cases: tuple[tuple[str, Row, str], ...] = (
        ("text-in-sum", {"amount": "тысяча двести"}, "в сумме текст"),
        ("unknown-account", {"account": "99999999"}, "лицевого счёта нет в справочнике"),
        ("foreign-account", {"account": foreign}, "лицевой счёт чужого дома"),
        ("unknown-service", {"service": "Охрана подъезда"}, "такой услуги нет"),
    )
    for index, (slug, change, note) in enumerate(cases):
        rows = recalculation_rows(writer, first, 4, 12 + index)
        rows[2 % len(rows)].update(change)
        yield _letter(writer, first, slug, "recalculations", rows, note, style=HABITS[index])
    rows = recalculation_rows(writer, other, 3, 20)
    yield _letter(writer, other, "far-month", "recalculations", rows, "месяц учёта слишком далеко", month=far)
    style = Style(dropped=("amount",))
    rows = recalculation_rows(writer, other, 3, 21)
    yield _letter(writer, other, "missing-column", "recalculations", rows, "нет столбца «Сумма»", style=style)


def _tariffs(writer: TownWriter) -> Iterator[TownLetter]:
    member = writer.town.of_role("lift")[0]
    proof = File("Протокол.pdf", pdf("Protokol No 3"))
    rows = tariff_rows(writer, member)
    rows[0]["from_month"] = writer.month.plus(16).form_text
    yield _letter(writer, member, "far-tariff", "tariffs", rows, "тариф действует слишком далеко", more=(proof,))
    rows = tariff_rows(writer, member)
    rows[0]["base"] = "м²"
    yield _letter(writer, member, "wrong-base", "tariffs", rows, "база не та, что у услуги", more=(proof,))


def _readings(writer: TownWriter) -> Iterator[TownLetter]:
    supplier = [member for member in writer.town.providers("cold_water") if not member.manages][0]
    places = writer.town.places(supplier, "cold_water")
    cases: tuple[tuple[str, Row, str], ...] = (
        ("no-such-day", {"taken_on": f"31.02.{writer.reception.year}"}, "31 февраля"),
        ("foreign-meter", {"meter": "ХВ-000001"}, "прибора нет на этой строке"),
    )
    for index, (slug, change, note) in enumerate(cases):
        rows = reading_rows(writer, places[5 * index : 5 * index + 5])
        rows[1].update(change)
        yield _letter(writer, supplier, slug, "meter_readings", rows, note)
    rows = reading_rows(writer, places[10:15])
    meter = places[10].line.meters[0]
    rows[0]["current"] = meter.reading - Decimal("1.5")
    yield _letter(writer, supplier, "below-last", "meter_readings", rows, "показание ниже прежнего")
    place = next(place for place in places if not place.house.keeper.record.utilities)
    note = "показания прислал орган управления, у которого нет коммунальных строк"
    yield _letter(writer, place.house.keeper, "no-utilities", "meter_readings", reading_rows(writer, [place]), note)


def _days(writer: TownWriter) -> TownLetter:
    member = [supplier for supplier in writer.town.providers("heating") if not supplier.manages][0]
    account = writer.town.places(member, "heating")[-1].account.number
    row: Row = {
        "account": account,
        "service": writer.service("heating"),
        "from_date": writer.day(3),
        "to_date": writer.day(7),
        "days": 6,
        "reason": "Авария",
    }
    return _letter(writer, member, "days-mismatch", "undelivered", [row], "число дней не сходится с датами")


def _files(writer: TownWriter) -> Iterator[TownLetter]:
    members = bodies(writer)
    cases = (
        ("encrypted", "Тарифы с паролем.xlsx", odd_file("encrypted"), "книга под паролем"),
        ("empty", "Перерасчёт.xlsx", odd_file("empty"), "пустой файл, 0 байт"),
        ("pdf-as-xlsx", "Форма.xlsx", pdf("Perraschet"), "PDF под именем .xlsx"),
    )
    for index, (slug, name, data, note) in enumerate(cases):
        member = members[(index + 2) % len(members)]
        file = (File(name, data),)
        yield writer.letter(member, f"wrong-{slug}", "recalculations", writer.moment(), file, "rejected", note)


def _letter(
    writer: TownWriter,
    member: Member,
    slug: str,
    code: str,
    rows: list[Row],
    note: str,
    *,
    style: Style = HABITS[0],
    month: str | None = None,
    more: tuple[File, ...] = (),
) -> TownLetter:
    book = writer.form(member, code, rows, style, month=month)
    files = (File("Форма.xlsx", book), *more)
    at = writer.moment(21, 24) if code == "meter_readings" else writer.moment(10, 20)
    return writer.letter(member, f"wrong-{slug}", code, at, files, "rejected", f"ошибка: {note}")
