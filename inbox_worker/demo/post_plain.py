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


def plain_letters(desk: TownWriter) -> Iterator[TownLetter]:
    """Yield tariffs, recalculations and undelivered days: accepted with documents, held without."""
    yield from _tariffs(desk)
    yield from _tariffs_without_papers(desk)
    yield from _recalculations(desk)
    yield from _undelivered(desk)


def bodies(desk: TownWriter) -> list[Member]:
    """Return customers that are no suppliers of utilities, in the register's order."""
    return desk.town.of_role(
        "osi", "company", "manager", "lift", "intercom", "cctv", "cleaning", "waste", "gas_maintenance"
    )


def tariffs_file(desk: TownWriter, member: Member, style: Style, percent: int, per_house: bool = True) -> File:
    """Return a form of tariffs of the customer's first service."""
    rows = tariff_rows(desk, member, percent, per_house)
    return File(f"Тарифы {desk.month}.xlsx", desk.form(member, "tariffs", rows, style))


def _tariffs(desk: TownWriter) -> Iterator[TownLetter]:
    members = bodies(desk)
    for index in range(TARIFFS_WITH_PAPERS):
        member = members[index % len(members)]
        file = tariffs_file(desk, member, HABITS[index % len(HABITS)], 3 + index % 6, per_house=index % 3 != 2)
        proof = (
            File("Протокол собрания.pdf", pdf(f"Protokol No {index + 1}"))
            if index % 2 == 0
            else File("скан.jpg", jpeg(f"scan {index}"))
        )
        note = "тарифы с подтверждающим документом"
        yield desk.letter(
            member,
            f"tariffs-{index + 1}-{member.domain}",
            "tariffs",
            desk.moment(),
            (file, proof),
            "accepted",
            note,
        )


def _tariffs_without_papers(desk: TownWriter) -> Iterator[TownLetter]:
    members = bodies(desk)
    kinds = (
        ("staff", "тарифы без документов: ждут, документы примет сотрудник на бумаге"),
        ("reply", "тарифы без документов: ждут ответа с документом"),
        ("logo", "тарифы, из вложений только логотип в подписи: это не документ"),
        ("stays", "тарифы без документов: так и не дождались"),
    )
    for index, (kind, note) in enumerate(kinds):
        member = members[(TARIFFS_WITH_PAPERS + index) % len(members)]
        files = [tariffs_file(desk, member, HABITS[index], 9)]
        if kind == "logo":
            files.append(File("logo.jpg", jpeg("logo"), inline=True))
        held = desk.letter(member, f"tariffs-held-{kind}", "tariffs", desk.moment(4, 16), tuple(files), "held", note)
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


def _recalculations(desk: TownWriter) -> Iterator[TownLetter]:
    members = bodies(desk)
    notes = {
        "minus": ("accepted", "перерасчёт в минус: документы не нужны"),
        "plus": ("accepted", "перерасчёт в плюс с актом"),
        "bare-plus": ("held", "перерасчёт в плюс без документов: ждёт"),
    }
    for index, kind in enumerate(("minus",) * 8 + ("plus",) * 4 + ("bare-plus",) * 3):
        member = members[(3 + index * 2) % len(members)]
        expect, note = notes[kind]
        rows = recalculation_rows(desk, member, 3 + index % 9, 2 + index, plus=kind != "minus")
        total = sum_of(rows) if index % 2 else None
        book = desk.form(member, "recalculations", rows, HABITS[(index + 4) % len(HABITS)], total=total)
        files = [File(_RECALCULATION_NAMES[index % len(_RECALCULATION_NAMES)], book)]
        if kind == "plus":
            files.append(File("Акт.pdf", pdf(f"Akt No {index}")))
        slug = f"recalculations-{kind}-{index + 1}"
        yield desk.letter(member, slug, "recalculations", desk.moment(), tuple(files), expect, note)


def _undelivered(desk: TownWriter) -> Iterator[TownLetter]:
    suppliers = desk.town.providers("heating")
    outside = [member for member in suppliers if not member.manages] or suppliers
    by_account, by_house = outside[0], outside[-1]
    places = desk.town.places(by_account, "heating")
    common: dict[str, Value] = {"service": desk.service("heating"), "reason": "Авария на теплотрассе"}
    rows: list[Mapping[str, Value]] = [
        {
            **common,
            "account": place.account.number,
            "from_date": desk.day(3),
            "to_date": desk.day(7),
            "days": 5,
        }
        for place in places[:12]
    ]
    yield _undelivered_letter(desk, by_account, "accounts", rows, "дни без отопления по лицевым счетам")
    planned = desk.month.first_day
    houses = list(dict.fromkeys(place.house.code for place in desk.town.places(by_house, "heating")))
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
    yield _undelivered_letter(desk, by_house, "houses", rows, "плановое отключение отопления по домам")


def _undelivered_letter(
    desk: TownWriter, member: Member, kind: str, rows: list[Mapping[str, Value]], note: str
) -> TownLetter:
    file = File("Недопоставка.xlsx", desk.form(member, "undelivered", rows, HABITS[1]))
    return desk.letter(member, f"undelivered-{kind}", "undelivered", desk.moment(12, 20), (file,), "accepted", note)
