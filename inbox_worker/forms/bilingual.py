"""Headers and labels as people write them: two languages in one cell, units, abbreviations.

A part or a unit may only go where the meaning stays: a header that names thousands, another currency or a part of a
unit (`Сумма, тыс. тг`) is left as it is, so that its numbers are never taken for whole tenge or cubic metres.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from inbox_worker.core.text import LOOKALIKES, fold
from inbox_worker.forms.values import day
from inbox_worker.settings.vocabulary import HeaderWords

_OTHER_MEASURE = re.compile(
    r"(?i)\b(?:тенге|теңге|тг)\W{1,3}(?:(?:и|және|мен)\s+)?ти[ыи]н\w*"  # both of one sum
    r"|(?P<other>(?<![^\W\d_])(тыс|млн|млрд|миллион|мың|руб|рубл|usd|долл|eur|евро|тиын|тиин|мвт|литр|л\.?$|[гмк]?дж|ккал|тонн|юан|cny"
    r"|(за|в|на) (квартал|полугодие|год|сутки)\b|тоқсанына|жылына)|[$€₽]|\b(1|10)?000\b)"
)
_PARTS = re.compile(r"[/|\n\r()\[\]\\;]+|\s[-–—]\s")
_BROKEN_WORD = re.compile(r"-[\r\n]+\s*(?=[^\W\dA-ZА-Я_])")  # `Преды-` on one line, `дущее` on the next
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?=[^\W\d_])")  # `1. Лицевой счёт`
_LONGEST = 120  # characters: longer texts are no headers
_DAY_BEHIND = re.compile(
    r"(?i)(?:^|[\s,(]+)(?:на|по состоянию на|на дату)\s+(\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*(?:г\.?)?\s*\)?\s*$"
)
_DAY_BEHIND_KK = re.compile(
    r"(?i)(?:^|[\s,(]+)(\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*(?:ж\.?)?\s*(?:күніне|күнге|қарай|бойынша)?\s*\)?\s*$"
)
_SIGNS = re.compile(r"^(?:№|номер|ном(?=[пслв]))+|(?:№|номер|нөмірі)+$")


def parts_of(text: str) -> list[str]:
    """Return the parts of a header or label that may each be its name: `Дербес шот / Лицевой счёт`, lines, brackets."""
    found = [part.strip(" *:,.") for part in _PARTS.split(text)]
    return [part for part in found if part] if len(found) > 1 else []


@lru_cache(maxsize=10_000)
def readings(text: str, headers: HeaderWords) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a header may be called, folded: as a whole, without unit and unshortened; and each of its parts
    likewise. Nothing for a header that counts in another measure than the form does, and for what is no header."""
    if len(text) > _LONGEST or text.isdecimal() or names_another_measure(text):
        return (), ()
    text = _NUMBERED.sub("", _BROKEN_WORD.sub("", text))
    parts = [part for part in parts_of(text) if len(part) > 1]
    return _names(text, headers), tuple(name for part in parts for name in _names(part, headers))


def without_day(text: str) -> tuple[str, date | None]:
    """Return a header without the day behind it, and the day: `Сальдо на 01.09.2026`; None when it names none."""
    for pattern in (_DAY_BEHIND, _DAY_BEHIND_KK):
        if (found := pattern.search(text)) and (named := day(found[1])):
            return text[: found.start()].strip(), named
    return text, None


def with_year(text: str, before: date) -> str:
    """Return a header whose day behind it has no year with the year of the last such day up to the end of that month.

    >>> with_year('Показания на 20.08', date(2026, 9, 1)), with_year('на 20.12', date(2026, 9, 1))
    ('Показания на 20.08.2026', 'на 20.12.2025')
    >>> with_year('Показания на 20.08.2026', date(2026, 9, 1))
    'Показания на 20.08.2026'
    """
    found = _NO_YEAR_BEHIND.search(text)
    if not found:
        return text
    year = before.year - (int(found[3]) > before.month)
    return f"{text[: found.start(1)]}{found[2]}.{found[3]}.{year}"


def lacks_year(text: str) -> bool:
    """Return whether a header ends in a day without its year."""
    return _NO_YEAR_BEHIND.search(text) is not None


_NO_YEAR_BEHIND = re.compile(r"(?i)(?<=[\s,(])((\d{1,2})[./](0?[1-9]|1[0-2]))\.?\s*(?:күніне|күнге)?\s*\)?\s*$")


def _names(text: str, headers: HeaderWords) -> tuple[str, ...]:
    bare = fold(headers.unit.sub("", text)) or fold(text)
    plain = _SIGNS.sub("", bare) or bare
    whole = headers.lengthen(bare) or headers.lengthen(plain) or headers.lengthen(fold(text))
    return (bare, plain, fold(whole)) if whole else (bare, plain)


def names_another_measure(text: str) -> bool:
    """Return whether a header counts in thousands, in another currency or unit than the form does."""
    return any(found["other"] for found in _OTHER_MEASURE.finditer(text))


def names_share(text: str) -> bool:
    """Return whether a header counts in per cent: `Сумма, %`; a share that it names (`НДС 12%`) is no measure.

    >>> names_share('Сумма, %'), names_share('Сумма с НДС 12%')
    (True, False)
    """
    return any(not found[1] for found in _PERCENT.finditer(text))


_PERCENT = re.compile(r"(\d\s*)?%")
_MINUSES = re.compile("[‐‑‒–—−⁃﹣－]")
_BOTH = re.compile(r"[(\[]?\s*(\+\s*[/|,;]?\s*(и|или)?\s*-|-\s*[/|,;]?\s*(и|или)?\s*\+|±)\s*[)\]]?")
# a sign in brackets, alone at an end, or behind a comma: `(−)`, `(+, тг)`, `Сумма −`, `Сумма, −`
_SIGN = re.compile(r"[(\[]\s*([+-])(?!\d)|(?:(?<=[\s,;/])|^)([+-])(?=\s*(?:[,;/)\]]|$))|([+])")
_TURNED = re.compile(
    r"(?i)\bминус|\bплюс наоборот|уменьш|снижени|\bснят|\bк? ?возврат|к вычету|вычет|сторно|удержан|переплат|\bаванс"
    r"|с обратным знаком|отрицат|азайт|кеміт|кему|қайтар|шегер|теріс|артық төле|алып таста"
)
_TURNED_SUM = re.compile(rf"{_TURNED.pattern}|\bсписат|\bвернут|\bалу(?!\w)")


def says_turned_sum(text: str) -> bool:
    """Return whether a text is a sum with a word in the place of its sign: it is taken off, given back, overpaid.

    >>> says_turned_sum('снять 200'), says_turned_sum('200 тысяч'), says_turned_sum('снять')
    (True, False, False)
    """
    short = len(text) <= _LONGEST and any(map(str.isdigit, text))
    return short and _TURNED_SUM.search(_as_read(text)) is not None


@lru_cache(maxsize=10_000)
def turns_sign(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a header has a sign or a word that turns the sense of the column with those names.

    >>> turns_sign('Сумма (−)', ('Сумма',)), turns_sign('Сумма (+/−)', ('Сумма',)), turns_sign('Сумма, %', ('Сумма',))
    (True, False, True)
    """
    if names_share(text) and not any(map(names_share, names)):
        return True
    text, names = _as_read(text), tuple(map(_as_read, names))
    plain = _BOTH.sub(" ", _MINUSES.sub("-", text))
    known = {fold(name) for name in names}
    own = dict(pair for name in names for pair in _find_signs(_MINUSES.sub("-", name)))
    if fold(text) not in known and _TURNED.search(plain) and not any(_TURNED.search(name) for name in names):
        return True
    if not own:
        return any(sign == "-" for _, sign in _find_signs(plain))
    return any(_own_sign(word, own.items()) not in (sign, "") for word, sign in _find_signs(plain))


def _as_read(text: str) -> str:
    """Return a text as people see it: look-alike letters made the same."""
    return text.casefold().translate(LOOKALIKES)


def _find_signs(text: str) -> list[tuple[str, str]]:
    """Return the signs of a header, each with the beginning of the word before it: `Долг (+)` is (`долг`, `+`)."""
    found = []
    for sign in _SIGN.finditer(text):
        words = re.findall(r"[^\W\d_]+", text[: sign.start()])
        found.append((words[-1].casefold()[:5] if words else "", sign[1] or sign[2] or sign[3]))
    return found


def _own_sign(word: str, own: Iterable[tuple[str, str]]) -> str:
    return next((sign for known, sign in own if known == word), "?")
