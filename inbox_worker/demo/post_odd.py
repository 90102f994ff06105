"""Odd letters: strangers, too much weight, robots, forwarded and repeated forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from inbox_worker.demo.customers import Member
from inbox_worker.demo.mime import File, TownLetter
from inbox_worker.demo.paper import jpeg, pdf
from inbox_worker.demo.post_plain import bodies, tariffs_file
from inbox_worker.demo.writer import HABITS, TownWriter, recalculation_rows


def odd_letters(desk: TownWriter) -> Iterator[TownLetter]:
    """Yield every oddity of the mail with the outcome it must have."""
    yield from _senders(desk)
    yield from _ways(desk)
    yield from _repeated(desk)
    yield from _replaced(desk)
    yield _two_forms(desk)
    yield _oversized(desk)
    yield from _robots(desk)


def _minus(desk: TownWriter, turn: int, slug: str, expect: str, note: str, owner: Member | None = None) -> TownLetter:
    """Return a small recalculation of the turn's customer; with `owner` the form is another customer's."""
    member = _member(desk, turn)
    whose = owner or member
    rows = recalculation_rows(desk, whose, 3, 17 + turn)
    file = File("Перерасчёт.xlsx", desk.form(whose, "recalculations", rows, HABITS[turn % 4]))
    return desk.letter(member, f"odd-{slug}", "recalculations", desk.moment(), (file,), expect, note)


def _member(desk: TownWriter, turn: int) -> Member:
    members = bodies(desk)
    return members[(turn * 5 + 2) % len(members)]


def _senders(desk: TownWriter) -> Iterator[TownLetter]:
    letter = _minus(desk, 0, "stranger", "quarantined", "отправителя нет в реестре заказчиков")
    yield replace(letter, sender="bukhgalter@neizvestny.example", who="Неизвестный отправитель")
    letter = _minus(desk, 1, "two-from", "quarantined", "два адреса в From")
    yield replace(letter, more_senders=("second@neizvestny.example",))
    owner = _member(desk, 3)
    yield _minus(desk, 2, "foreign-bin", "rejected", "известный отправитель, но БИН другого заказчика", owner)
    letter = _minus(desk, 4, "wrong-case", "accepted", "адрес отправителя другими буквами")
    yield replace(letter, sender=letter.sender.upper())
    several = next(member for member in bodies(desk) if len(member.record.emails) > 1)
    rows = recalculation_rows(desk, several, 2, 35)
    file = File("Перерасчёт.xlsx", desk.form(several, "recalculations", rows, HABITS[3]))
    note = "второй из нескольких адресов заказчика"
    letter = desk.letter(several, "odd-second-address", "recalculations", desk.moment(), (file,), "accepted", note)
    yield replace(letter, sender=several.record.emails[1])


def _ways(desk: TownWriter) -> Iterator[TownLetter]:
    letter = _minus(desk, 5, "wrong-mailbox", "accepted", "форма не в тот почтовый ящик: принята с замечанием")
    yield replace(letter, mailbox="bigoperators")
    letter = _minus(desk, 6, "forwarded", "accepted", "пересланное письмо: форма внутри message/rfc822")
    yield replace(letter, forwards=True, subject=f"Fwd: {letter.subject}")


def _repeated(desk: TownWriter) -> Iterator[TownLetter]:
    """Yield the same bytes again, in a new letter: duplicates of posted forms."""
    member = _member(desk, 7)
    files = (tariffs_file(desk, member, HABITS[4], 6), File("Протокол.pdf", pdf("Protokol No 21")))
    note = "тарифы с документом"
    tariffs = desk.letter(member, "odd-tariffs-once", "tariffs", desk.moment(3, 12), files, "accepted", note)
    minus = replace(_minus(desk, 8, "minus-once", "accepted", "перерасчёт в минус"), at=desk.moment(3, 12))
    for letter, slug in ((tariffs, "odd-tariffs-again"), (minus, "odd-minus-again")):
        yield letter
        yield replace(
            letter,
            slug=slug,
            at=letter.at + timedelta(days=3, minutes=17),
            subject=f"{letter.subject} (повторно / қайталап)",
            expect="duplicate",
            note_ru="тот же файл ещё раз: ничего не проводится",
            files=letter.files[:1],
        )


def _replaced(desk: TownWriter) -> Iterator[TownLetter]:
    """Yield the same keys with other values: the later ones replace the earlier."""
    member = _member(desk, 9)
    rows = recalculation_rows(desk, member, 3, 1)
    proof = File("Протокол.pdf", pdf("Protokol No 31"))
    for day, percent, kind, note in (
        (6, 4, "first", "будет исправлено следующей формой"),
        (14, 7, "second", "исправление: те же ключи, другие значения"),
    ):
        amount = Decimal(-125_050 * percent).scaleb(-2)
        changed = [{**row, "amount": amount - turn} for turn, row in enumerate(rows)]
        book = desk.form(member, "recalculations", changed, HABITS[6])
        slug = f"odd-correction-{kind}"
        files = (File("Перерасчёт.xlsx", book),)
        yield desk.letter(
            member, slug, "recalculations", desk.at(day, 11, 30), files, "accepted", f"перерасчёт: {note}"
        )
        slug = f"odd-tariff-correction-{kind}"
        pair = (tariffs_file(desk, member, HABITS[1], percent), proof)
        yield desk.letter(member, slug, "tariffs", desk.at(day, 12, 45), pair, "accepted", f"тарифы: {note}")


def _two_forms(desk: TownWriter) -> TownLetter:
    letter = _minus(desk, 10, "two-forms", "accepted", "две формы и документ в одном письме")
    more = (tariffs_file(desk, _member(desk, 10), HABITS[7], 5), File("Протокол.pdf", pdf("Protokol No 44")))
    return replace(letter, files=letter.files + more)


def _oversized(desk: TownWriter) -> TownLetter:
    letter = _minus(desk, 11, "oversized", "rejected", "вложения больше 25 МБ вместе, хотя каждое меньше")
    filler = desk.rng.randbytes(57 * 1024)
    half = desk.rules.limits.attachments_total // 2 + 1024
    scans = tuple(File(f"скан {turn}.jpg", jpeg(f"scan {turn}", half, filler)) for turn in (1, 2))
    return replace(letter, files=letter.files + scans)


def _robots(desk: TownWriter) -> Iterator[TownLetter]:
    member = _member(desk, 12)
    away = "Я в отпуске до 31 числа.\nМен айдың 31-іне дейін демалыстамын.\n"
    cases = (
        ("auto-reply", "Автоответ: нет на месте / Автожауап", away, (("Auto-Submitted", "auto-replied"),)),
        (
            "no-attachment",
            "Вопрос / Сұрақ",
            "Когда будет акт за август?\nТамыз айының актісі қашан болады?\n",
            (),
        ),
        (
            "list",
            "Новости отрасли",
            "Еженедельная рассылка. Апталық хабарлама.\n",
            (("List-Id", "<novosti.zhkh.example>"), ("Precedence", "bulk")),
        ),
    )
    notes = {
        "auto-reply": "автоматический ответ",
        "no-attachment": "письмо без вложений",
        "list": "рассылка",
    }
    for slug, subject, text, headers in cases:
        letter = desk.letter(member, f"odd-{slug}", "recalculations", desk.moment(), (), "ignored", notes[slug])
        yield replace(letter, subject=subject, text=text, headers=headers)
    bounce = desk.letter(member, "odd-bounce", "recalculations", desk.moment(), (), "ignored", "отчёт о недоставке")
    yield replace(
        bounce,
        sender=f"mailer-daemon@{member.domain}.example",
        who="Mail Delivery System",
        subject="Undelivered Mail Returned to Sender",
        text="Your message could not be delivered.\n",
        headers=(("Auto-Submitted", "auto-replied"),),
        report=True,
    )
