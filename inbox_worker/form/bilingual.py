"""Headers and labels as people write them: two languages in one cell, units, abbreviations.

A part or a unit may only go where the meaning stays: a header that names thousands, another currency or a part of a
unit (`Сумма, тыс. тг`) is left as it is, so that its numbers are never taken for whole tenge or cubic metres.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from inbox_worker.form.values import day
from inbox_worker.spelling import fold

_UNITS = (
    "м3", "м³", "куб", "куб.м", "куб. м", "кубм", "м2", "м²", "кв.м", "кв. м", "м.кв", "м.куб",
    "тг", "тнг", "тенге", "теңге", "kzt", "₸", "квт·ч", "квтч", "квт.ч", "квт*ч", "квт-ч", "квт/ч",
    "квт ч", "квт⋅ч", "кв·сағ", "квт·сағ", "гкал",
    "чел", "чел.", "адам", "дней", "дн", "күн", "%", "шт", "дана",
)  # fmt: skip
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_UNIT_BEHIND = re.compile(rf"(?:\s*[,;(\[/]\s*|\s+(?:в\s+)?)(?:в\s+)?(?:{_UNIT})\.?\s*[)\]]?\s*$", re.IGNORECASE)
_OTHER_MEASURE = re.compile(
    r"(?i)(?<![^\W\d_])(тыс|млн|млрд|миллион|мың|руб|рубл|usd|долл|eur|евро|тиын|тиин|мвт|литр|л\.?$|гдж|мдж)|[$€₽]|\b(1|10)?000\b"
)
_PARTS = re.compile(r"[/|\n\r()\[\]\\;]+|\s[-–—]\s")
_BROKEN_WORD = re.compile(r"-[\r\n]+\s*(?=[^\W\dA-ZА-Я_])")  # `Преды-` on one line, `дущее` on the next
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?=[^\W\d_])")  # `1. Лицевой счёт`
_LONGEST = 120  # characters: longer texts are no headers
# a column's own name -> how people shorten or lengthen it; compared folded, without a `№` at its ends
_SHORTENED = {
    "лицевой счёт": (
        "л/с", "л/сч", "л/счет", "л.с.", "лс", "лиц. счет", "лиц. сч.", "лицсчет", "лицев. счет", "лицевого счёта",
        "лицевой", "лицевые счета", "л/с абонента", "лицевой счёт абонента", "лицевой счёт потребителя",
    ),
    "дербес шот": ("д/ш", "д/шот", "дербес шоты", "жеке шот", "дербес шоттар"),
    "услуга": ("вид услуги", "наименование услуги", "название услуги", "наим. услуги", "тип услуги", "вид услуг"),
    "қызмет": ("қызмет түрі", "қызмет атауы", "қызметтің атауы", "көрсетілетін қызмет"),
    "предыдущее": (
        "пред. показание", "пред. показания", "предыдущие показания", "предыдущие", "пред. пок.", "прошлое показание",
        "показание предыдущее", "показания предыдущие", "показания пред.", "пок. пред.", "начальное показание",
        "показание предыд.", "показания предыд.", "предыд.", "предыд. показание", "предыд. показания", "пок. предыд.",
        "предыд. пок.", "показание пред.", "прош. показание", "прошл. показание", "показание на начало",
        "нач. показание", "начальные показания", "нач. показания", "нач. пок.",
    ),
    "текущее": (
        "тек. показание", "тек. показания", "текущие показания", "текущие", "тек. пок.", "показание текущее",
        "показания текущие", "показания тек.", "пок. тек.", "конечное показание", "новое показание",
        "кон. показание",
        "конечные показания", "кон. показания", "кон. пок.",
    ),
    "№ прибора": (
        "прибора учёта", "прибора", "счётчика", "водосчётчика", "электросчётчика", "эл. счётчика", "газового счётчика",
        "газосчётчика", "пу", "ипу", "прибор учёта", "заводской номер", "зав. №", "заводской номер прибора", "счётчик",
    ),
    "аспап №": ("аспаптың", "есептеуіш", "есептеуіштің", "құрал", "есептегіш", "есептегіштің", "аспап", "құралдың"),
    "дата снятия": ("дата показаний", "дата показания", "дата снятия показания", "дата снятия пок.", "снято"),
    "алдыңғы": ("алдыңғы көрсеткіш", "алдыңғы көрсеткіші", "бұрынғы көрсеткіш"),
    "ағымдағы": ("ағымдағы көрсеткіш", "ағымдағы көрсеткіші", "соңғы көрсеткіш"),
    "основание": ("осн.", "основание перерасчёта", "документ", "основание документ"),
    "дней": ("кол-во дней", "количество дней", "число дней", "кол. дней"),
}  # fmt: skip
_WHOLE = {fold(short): name for name, every in _SHORTENED.items() for short in every}
_DAY_BEHIND = re.compile(
    r"(?i)[\s,(]+(?:на|по состоянию на|на дату)\s+(\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*(?:г\.?)?\s*\)?\s*$"
)
_DAY_BEHIND_KK = re.compile(
    r"(?i)[\s,(]+(\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*(?:ж\.?)?\s*(?:күніне|күнге|қарай|бойынша)?\s*\)?\s*$"
)
_SIGNS = re.compile(r"^(?:№|номер|ном(?=[пслв]))+|(?:№|номер|нөмірі)+$")


def parts_of(text: str) -> list[str]:
    """The parts of a header or label that may each be its name: `Дербес шот / Лицевой счёт`, lines, brackets."""
    found = [part.strip(" *:,.") for part in _PARTS.split(text)]
    return [part for part in found if part] if len(found) > 1 else []


@lru_cache(maxsize=10_000)
def readings(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a header may be called, folded: as a whole, without unit and unshortened; and each of its parts likewise.
    Nothing for a header that counts in another measure than the form does, and for what is no header."""
    if len(text) > _LONGEST or text.isdecimal() or names_another_measure(text):
        return (), ()
    text = _NUMBERED.sub("", _BROKEN_WORD.sub("", text))
    return _names(text), tuple(name for part in parts_of(text) if len(part) > 1 for name in _names(part))


def without_day(text: str) -> tuple[str, date | None]:
    """A header without the day behind it, and the day: `Сальдо на 01.09.2026`; None when it names none."""
    for pattern in (_DAY_BEHIND, _DAY_BEHIND_KK):
        if (found := pattern.search(text)) and (named := day(found[1])):
            return text[: found.start()].strip(), named
    return text, None


def _names(text: str) -> tuple[str, ...]:
    bare = fold(_UNIT_BEHIND.sub("", text)) or fold(text)
    plain = _SIGNS.sub("", bare) or bare
    whole = _WHOLE.get(bare) or _WHOLE.get(plain)
    return (bare, plain, fold(whole)) if whole else (bare, plain)


def names_another_measure(text: str) -> bool:
    """Whether a header counts in thousands, in another currency or unit than the form does."""
    return _OTHER_MEASURE.search(text) is not None
