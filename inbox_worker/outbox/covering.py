"""The words of letters that bring documents and bills, in Kazakh and Russian: plain text and html of the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from inbox_worker.form_rules import Words
from inbox_worker.model import Period
from inbox_worker.office_rules import PasswordPart
from inbox_worker.rendered import Operator

KINDS: Mapping[str, Words] = {
    "act": Words(ru="акт выполненных работ (форма Р-1)", kk="орындалған жұмыстар актісі (Р-1 нысаны)"),
    "turnover": Words(ru="оборотная ведомость", kk="айналым ведомосі"),
    "distribution": Words(ru="ведомость распределения платежей", kk="төлемдерді бөлу ведомосі"),
    "debtors": Words(ru="список задолжников", kk="борышкерлер тізімі"),
    "bill_rows": Words(ru="строки счетов", kk="шот жолдары"),
    "bills": Words(ru="счёт", kk="шот"),
    "payments": Words(ru="файл платежей", kk="төлемдер файлы"),
    "directory": Words(ru="справочник лицевых счетов", kk="дербес шоттар анықтамалығы"),
    "close_protocol": Words(ru="протокол закрытия месяца", kk="айды жабу хаттамасы"),
}
Side = Sequence[str | list[str]]  # paragraphs, and lists of lines
_PARTS: Mapping[PasswordPart, Words] = {
    "account": Words(ru="номер лицевого счёта", kk="дербес шоттың нөмірі"),
    "account_last_4": Words(ru="последние 4 цифры номера лицевого счёта", kk="дербес шот нөмірінің соңғы 4 цифры"),
    "account_last_6": Words(ru="последние 6 цифр номера лицевого счёта", kk="дербес шот нөмірінің соңғы 6 цифры"),
    "flat": Words(
        ru="номер квартиры (без пробелов, буквы строчные)", kk="пәтердің нөмірі (бос орынсыз, кіші әріптермен)"
    ),
}
_OTHER = Words(ru="документ", kk="құжат")
_ACT_RU = (
    "Акт просим подписать или прислать мотивированный отказ в течение трёх рабочих дней со дня получения (п. 4.3.7)."
)
_ACT_KK = "Актіге алған күннен бастап үш жұмыс күні ішінде қол қоюыңызды немесе дәлелді бас тартуыңызды жіберуіңізді "
_ACT_KK += "сұраймыз (4.3.7-т.)."
_REVISED_RU = "Редакция 2 и следующие заменяют отправленные раньше документы с тем же названием."
_REVISED_KK = "2-ші және кейінгі редакциялар бұрын жіберілген аттас құжаттарды ауыстырады."


@dataclass(frozen=True)
class Wording:
    """Subject, text and html of a letter."""

    subject: str
    text: str
    html: str


def kind_words(kind: str) -> Words:
    """What a kind of document is called."""
    return KINDS.get(kind, _OTHER)


def documents_letter(month: Period, files: Sequence[tuple[str, str]], operator: Operator, part: str = "") -> Wording:
    """A letter to a Customer with documents: `files` are (kind, name); `part` like `1/2` when they need several."""
    kinds = {kind for kind, _ in files}
    revised = any(" ред. " in name for _, name in files)
    listed_kk = [f"{kind_words(kind).kk} — {name}" for kind, name in files]
    listed_ru = [f"{kind_words(kind).ru} — {name}" for kind, name in files]
    subject = f"{month.form_text} айының құжаттары / Документы за {month.form_text}" + (f" ({part})" if part else "")
    kk: Side = ["Сәлеметсіз бе!", f"{month.form_text} айының құжаттарын жолдаймыз:", listed_kk]
    ru: Side = ["Здравствуйте!", f"Направляем документы за {month.form_text}:", listed_ru]
    if "act" in kinds:
        kk, ru = [*kk, _ACT_KK], [*ru, _ACT_RU]
    if revised:
        kk, ru = [*kk, _REVISED_KK], [*ru, _REVISED_RU]
    return _letter(subject, kk, ru, operator)


def bill_letter(month: Period, account: str, operator: Operator, password: Sequence[PasswordPart] = ()) -> Wording:
    """A letter to a consumer with the bill of an account.

    `password`: what the PDF's password is made of, () without one. Such a letter does not name the account: who reads
    the letter in another's mailbox must not find the key beside the lock.
    """
    subject = f"{month.form_text} айының шоты / Счёт за {month.form_text}"
    if password:
        made_kk = ", одан кейін бірден ".join(_PARTS[part].kk for part in password)
        made_ru = ", сразу за ним ".join(_PARTS[part].ru for part in password)
        kk: Side = ["Сәлеметсіз бе!", f"{month.form_text} айының төлем құжатын жолдаймыз."]
        ru: Side = ["Здравствуйте!", f"Направляем счёт за {month.form_text}."]
        kk = [*kk, f"Файл құпиясөзбен қорғалған. Құпиясөз — {made_kk}. Дербес шот нөмірі бұрынғы шотта жазылған."]
        ru = [*ru, f"Файл защищён паролем. Пароль — {made_ru}. Номер лицевого счёта напечатан в прежних счетах."]
        return _letter(subject, kk, ru, operator)
    kk = ["Сәлеметсіз бе!", f"{account} дербес шоты бойынша {month.form_text} айының төлем құжатын жолдаймыз."]
    ru = ["Здравствуйте!", f"Направляем счёт за {month.form_text} по лицевому счёту {account}."]
    return _letter(f"{subject}, {account}", kk, ru, operator)


def _letter(subject: str, kk: Sequence[str | list[str]], ru: Sequence[str | list[str]], operator: Operator) -> Wording:
    kk, ru = [*kk, operator.name_kk], [*ru, operator.name]
    text = "\n\n".join("\n".join(_plain(part) for part in side) for side in (kk, ru)) + "\n"
    html = "<hr>".join("".join(_marked(part) for part in side) for side in (kk, ru))
    return Wording(subject, text, f'<!DOCTYPE html><html><meta charset="utf-8"><body>{html}</body></html>\n')


def _plain(part: str | list[str]) -> str:
    return part if isinstance(part, str) else "\n".join(f"  - {line}" for line in part)


def _marked(part: str | list[str]) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in part) + "</ul>"
