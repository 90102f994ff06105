"""Everyday letters: tariffs, recalculations and undelivered days, with and without their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from inbox_worker.demo.customers import Member
from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.paper import jpeg, pdf
from inbox_worker.demo.sheets import Style, Value
from inbox_worker.demo.writer import HABITS, TownWriter, recalculation_rows, sum_of, tariff_rows

TARIFFS_WITH_PAPERS = 12
_RECALCULATION_NAMES = ("Перерасчёт.xlsx", "Қайта есептеу.xlsx", "pereraschet.xlsx", "Книга1.xlsx")


def plain_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield tariffs, recalculations and undelivered days: accepted with documents, held without."""
    yield from _tariffs(writer)
    yield from _tariffs_without_papers(writer)
    yield from _recalculations(writer)
    yield from _report_undelivered(writer)


def bodies(writer: TownWriter) -> list[Member]:
    """Return customers that are no suppliers of utilities, in the register's order."""
    return writer.town.of_role(
        "osi", "company", "manager", "lift", "intercom", "cctv", "cleaning", "waste", "gas_maintenance"
    )


def tariffs_file(writer: TownWriter, member: Member, style: Style, percent: int, per_house: bool = True) -> File:
    """Return a form of tariffs of the customer's first service."""
    rows = tariff_rows(writer, member, percent, per_house)
    return File(f"Тарифы {writer.month}.xlsx", writer.form(member, "tariffs", rows, style))


def _tariffs(writer: TownWriter) -> Iterator[TownLetter]:
    members = bodies(writer)
    for index in range(TARIFFS_WITH_PAPERS):
        member = members[index % len(members)]
        file = tariffs_file(writer, member, HABITS[index % len(HABITS)], 3 + index % 6, per_house=index % 3 != 2)
        proof = (
            File("Протокол собрания.pdf", pdf(f"Protokol No {index + 1}"))
            if index % 2 == 0
            else File("скан.jpg", jpeg(f"scan {index}"))
        )
        note = "тарифы с подтверждающим документом"
        yield writer.letter(
            member,
            f"tariffs-{index + 1}-{member.domain}",
            "tariffs",
            writer.moment(),
            (file, proof),
            "accepted",
            note,
        )


def _tariffs_without_papers(writer: TownWriter) -> Iterator[TownLetter]:
    members = bodies(writer)
    kinds = (
        ("staff", "тарифы без документов: ждут, документы примет сотрудник на бумаге"),
        ("reply", "тарифы без документов: ждут ответа с документом"),
        ("logo", "тарифы, из вложений только логотип в подписи: это не документ"),
        ("stays", "тарифы без документов: так и не дождались"),
    )
    for index, (kind, note) in enumerate(kinds):
        member = members[(TARIFFS_WITH_PAPERS + index) % len(members)]
        files = [tariffs_file(writer, member, HABITS[index], 9)]
        if kind == "logo":
            files.append(File("logo.jpg", jpeg("logo"), inline=True))
        held = writer.letter(
            member, f"tariffs-held-{kind}", "tariffs", writer.moment(4, 16), tuple(files), "held", note
        )
        yield held
        if kind == "reply":
            yield _answer(held)


def _answer(held: TownLetter) -> TownLetter:
    return replace(
        held,
        slug="tariffs-held-reply-papers",
        at=held.at + timedelta(days=2, hours=3),
        subject=f"Re: {held.subject}",
        text="Досылаем протокол собрания к форме тарифов.\nТарифтер нысанына жиналыс хаттамасын жолдаймыз.\n",
        expect="accepted",
        note_ru="ответ с протоколом: освобождает ожидавшую форму тарифов",
        files=(File("Протокол № 9.pdf", pdf("Protokol No 9")),),
        answers=held.slug,
        releases=held.slug,
    )


def _recalculations(writer: TownWriter) -> Iterator[TownLetter]:
    members = bodies(writer)
    notes = {
        "minus": ("accepted", "перерасчёт в минус: документы не нужны"),
        "plus": ("accepted", "перерасчёт в плюс с актом"),
        "bare-plus": ("held", "перерасчёт в плюс без документов: ждёт"),
    }
    for index, kind in enumerate(("minus",) * 8 + ("plus",) * 4 + ("bare-plus",) * 3):
        member = members[(3 + index * 2) % len(members)]
        expect, note = notes[kind]
        rows = recalculation_rows(writer, member, 3 + index % 9, 2 + index, plus=kind != "minus")
        total = sum_of(rows) if index % 2 else None
        book = writer.form(member, "recalculations", rows, HABITS[(index + 4) % len(HABITS)], total=total)
        files = [File(_RECALCULATION_NAMES[index % len(_RECALCULATION_NAMES)], book)]
        if kind == "plus":
            files.append(File("Акт.pdf", pdf(f"Akt No {index}")))
        slug = f"recalculations-{kind}-{index + 1}"
        yield writer.letter(member, slug, "recalculations", writer.moment(), tuple(files), expect, note)


def _report_undelivered(writer: TownWriter) -> Iterator[TownLetter]:
    suppliers = writer.town.providers("heating")
    outside = [member for member in suppliers if not member.manages] or suppliers
    by_account, by_house = outside[0], outside[-1]
    places = writer.town.places(by_account, "heating")
    common: dict[str, Value] = {"service": writer.service("heating"), "reason": "Авария на теплотрассе"}
    rows: list[Mapping[str, Value]] = [
        {
            **common,
            "account": place.account.number,
            "from_date": writer.day(3),
            "to_date": writer.day(7),
            "days": 5,
        }
        for place in places[:12]
    ]
    yield _undelivered_letter(writer, by_account, "accounts", rows, "дни без отопления по лицевым счетам")
    planned = writer.month.first_day
    houses = list(dict.fromkeys(place.house.code for place in writer.town.places(by_house, "heating")))
    rows = [
        {
            **common,
            "house": code,
            "from_date": planned.replace(day=7),
            "to_date": planned.replace(day=11),
            "days": 5,
            "reason": "Плановое отключение, опрессовка",
        }
        for code in houses[-3:]
    ]
    yield _undelivered_letter(writer, by_house, "houses", rows, "плановое отключение отопления по домам")


def _undelivered_letter(
    writer: TownWriter, member: Member, kind: str, rows: list[Mapping[str, Value]], note: str
) -> TownLetter:
    file = File("Недопоставка.xlsx", writer.form(member, "undelivered", rows, HABITS[1]))
    return writer.letter(member, f"undelivered-{kind}", "undelivered", writer.moment(12, 20), (file,), "accepted", note)
