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


def odd_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield every oddity of the mail with the outcome it must have."""
    yield from _senders(writer)
    yield from _ways(writer)
    yield from _repeat_letters(writer)
    yield from _replace_letters(writer)
    yield _two_forms(writer)
    yield _write_oversized(writer)
    yield from _robots(writer)


def _minus(writer: TownWriter, turn: int, slug: str, expect: str, note: str, owner: Member | None = None) -> TownLetter:
    """Return a small recalculation of the turn's customer; with `owner` the form is another customer's."""
    member = _member(writer, turn)
    whose = owner or member
    rows = recalculation_rows(writer, whose, 3, 17 + turn)
    file = File("Перерасчёт.xlsx", writer.form(whose, "recalculations", rows, HABITS[turn % 4]))
    return writer.letter(member, f"odd-{slug}", "recalculations", writer.moment(), (file,), expect, note)


def _member(writer: TownWriter, turn: int) -> Member:
    members = bodies(writer)
    return members[(turn * 5 + 2) % len(members)]


def _senders(writer: TownWriter) -> Iterator[TownLetter]:
    letter = _minus(writer, 0, "stranger", "quarantined", "отправителя нет в реестре заказчиков")
    yield replace(letter, sender="bukhgalter@neizvestny.example", who="Неизвестный отправитель")
    letter = _minus(writer, 1, "two-from", "quarantined", "два адреса в From")
    yield replace(letter, more_senders=("second@neizvestny.example",))
    owner = _member(writer, 3)
    yield _minus(writer, 2, "foreign-bin", "rejected", "известный отправитель, но БИН другого заказчика", owner)
    letter = _minus(writer, 4, "wrong-case", "accepted", "адрес отправителя другими буквами")
    yield replace(letter, sender=letter.sender.upper())
    several = next(member for member in bodies(writer) if len(member.record.emails) > 1)
    rows = recalculation_rows(writer, several, 2, 35)
    file = File("Перерасчёт.xlsx", writer.form(several, "recalculations", rows, HABITS[3]))
    note = "второй из нескольких адресов заказчика"
    letter = writer.letter(several, "odd-second-address", "recalculations", writer.moment(), (file,), "accepted", note)
    yield replace(letter, sender=several.record.emails[1])


def _ways(writer: TownWriter) -> Iterator[TownLetter]:
    letter = _minus(writer, 5, "wrong-mailbox", "accepted", "форма не в тот почтовый ящик: принята с замечанием")
    yield replace(letter, mailbox="bigoperators")
    letter = _minus(writer, 6, "forwarded", "accepted", "пересланное письмо: форма внутри message/rfc822")
    yield replace(letter, forwards=True, subject=f"Fwd: {letter.subject}")


def _repeat_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield the same bytes again, in a new letter: duplicates of posted forms."""
    member = _member(writer, 7)
    files = (tariffs_file(writer, member, HABITS[4], 6), File("Протокол.pdf", pdf("Protokol No 21")))
    note = "тарифы с документом"
    tariffs = writer.letter(member, "odd-tariffs-once", "tariffs", writer.moment(3, 12), files, "accepted", note)
    minus = replace(_minus(writer, 8, "minus-once", "accepted", "перерасчёт в минус"), at=writer.moment(3, 12))
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


def _replace_letters(writer: TownWriter) -> Iterator[TownLetter]:
    """Yield the same keys with other values: the later ones replace the earlier."""
    member = _member(writer, 9)
    rows = recalculation_rows(writer, member, 3, 1)
    proof = File("Протокол.pdf", pdf("Protokol No 31"))
    for day, percent, kind, note in (
        (6, 4, "first", "будет исправлено следующей формой"),
        (14, 7, "second", "исправление: те же ключи, другие значения"),
    ):
        amount = Decimal(-125_050 * percent).scaleb(-2)
        changed = [{**row, "amount": amount - turn} for turn, row in enumerate(rows)]
        book = writer.form(member, "recalculations", changed, HABITS[6])
        slug = f"odd-correction-{kind}"
        files = (File("Перерасчёт.xlsx", book),)
        yield writer.letter(
            member, slug, "recalculations", writer.at(day, 11, 30), files, "accepted", f"перерасчёт: {note}"
        )
        slug = f"odd-tariff-correction-{kind}"
        pair = (tariffs_file(writer, member, HABITS[1], percent), proof)
        yield writer.letter(member, slug, "tariffs", writer.at(day, 12, 45), pair, "accepted", f"тарифы: {note}")


def _two_forms(writer: TownWriter) -> TownLetter:
    letter = _minus(writer, 10, "two-forms", "accepted", "две формы и документ в одном письме")
    more = (tariffs_file(writer, _member(writer, 10), HABITS[7], 5), File("Протокол.pdf", pdf("Protokol No 44")))
    return replace(letter, files=letter.files + more)


def _write_oversized(writer: TownWriter) -> TownLetter:
    letter = _minus(writer, 11, "oversized", "rejected", "вложения больше 25 МБ вместе, хотя каждое меньше")
    filler = writer.rng.randbytes(57 * 1024)
    half = writer.rules.limits.attachments_total // 2 + 1024
    scans = tuple(File(f"скан {turn}.jpg", jpeg(f"scan {turn}", half, filler)) for turn in (1, 2))
    return replace(letter, files=letter.files + scans)


def _robots(writer: TownWriter) -> Iterator[TownLetter]:
    member = _member(writer, 12)
    away = "Я в отпуске до 31 числа.\nМен айдың 31-іне дейін демалыстамын.\n"
    question = "Когда будет акт за август?\nТамыз айының актісі қашан болады?\n"
    news = "Еженедельная рассылка. Апталық хабарлама.\n"
    of_list = (("List-Id", "<novosti.zhkh.example>"), ("Precedence", "bulk"))
    automatic = (("Auto-Submitted", "auto-replied"),)
    for slug, note, subject, text, headers in (
        ("auto-reply", "автоматический ответ", "Автоответ: нет на месте / Автожауап", away, automatic),
        ("no-attachment", "письмо без вложений", "Вопрос / Сұрақ", question, ()),
        ("list", "рассылка", "Новости отрасли", news, of_list),
    ):
        letter = writer.letter(member, f"odd-{slug}", "recalculations", writer.moment(), (), "ignored", note)
        yield replace(letter, subject=subject, text=text, headers=headers)
    bounce = writer.letter(member, "odd-bounce", "recalculations", writer.moment(), (), "ignored", "отчёт о недоставке")
    yield replace(
        bounce,
        sender=f"mailer-daemon@{member.domain}.example",
        who="Mail Delivery System",
        subject="Undelivered Mail Returned to Sender",
        text="Your message could not be delivered.\n",
        headers=automatic,
        report=True,
    )
