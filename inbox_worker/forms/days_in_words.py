"""Days and months whose month is a word, in Russian, Kazakh and as Excel in English writes: `18 августа 2026 г.`,
`2026 ж. 18 тамыз`, `18-Aug-26`."""

from __future__ import annotations

import re

from inbox_worker.core.text import LOOKALIKES, TYPED_FOR_KAZAKH

# stems without letters that a Russian keyboard lacks: people write `тамыз`, `қыркүйек` and `кыркуйек`
_MONTHS = (
    ("январ", "кантар"), ("феврал", "акпан"), ("март", "наурыз"), ("апрел", "сауир"), ("мая", "май", "мамыр"),
    ("июн", "маусым"), ("июл", "шилде"), ("август", "тамыз"), ("сентябр", "кыркуйек", "кыркуйег"), ("октябр", "казан"),
    ("ноябр", "караша"), ("декабр", "желтоксан"),
)  # fmt: skip
_EACH_MONTH = [re.compile(rf"\b(?:{'|'.join(stems)})") for stems in _MONTHS]
_ANY_MONTH = re.compile("|".join(name.pattern for name in _EACH_MONTH))
_SHORT = ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
_SHORT_KK = ["кан", "акп", "нау", "сау", "мам", "мау", "шил", "там", "кыр", "каз", "кар", "жел"]
_PLAIN = TYPED_FOR_KAZAKH | {0x451: 0x435}  # ё, е
_WORD = r"(?P<month>[а-яa-z]{3,14})\.?"
_YEAR = r"(?P<year>\d{4})(?: ?(?:г|ж|год|года|жыл|жылы|жылгы|жылдын)\b\.?)?"
_NTH = r"(?:-?(?:го|ого|ое|е|ши|шы|и|ы|си|сы|не|на|инен|ынан|синен|сынан)\b)?"  # 15-го, 3-ші, 15-інен
_ORDINAL = re.compile(rf"(?<=\d)(?=[^\W\d_]|-[^\W\d_]){_NTH}")
_DAY = rf"[«\"„“]?(?P<day>\d{{1,2}}){_NTH}[»\"“”]?"
_DAY_FIRST = re.compile(rf"{_DAY}[ ./-]*{_WORD}[ .,/-]*{_YEAR}")
_YEAR_FIRST = re.compile(rf"{_YEAR}[ .,-]*{_DAY}[ .-]*{_WORD}")
_YEAR_MONTH_DAY = re.compile(rf"{_YEAR} {_WORD}(?: айыны[нц])? {_DAY}")  # 2026 жылғы қыркүйектің 3-і
_MONTH_DAY = re.compile(rf"{_WORD} {_DAY},? {_YEAR}")  # Oct 5, 2026
_SHORT_YEAR = re.compile(rf"{_DAY}[ ./-]*{_WORD}[ ./-]*(?P<year>\d{{2}})(?: ?[гж]\.?)?")
_MONTH_YEAR = re.compile(r"(?P<month>[а-яa-z]{3,12})[ .,'’-]*(?P<year>\d{4}|\d{2})(?: ?(?:г|ж)\.?)?")
_EN = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # Excel's `5-Oct-26`, `Jun-26`  # fmt: skip
_SHORT_EN = [name[:3] for name in _EN]
_DAY_OF_MONTH = re.compile(rf"(?<!\d)\d{{1,2}}{_NTH} (?:{_ANY_MONTH.pattern})[^\W\d_]*(?: {_YEAR})?")
_LONGEST = 60
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_NO_YEAR = re.compile(r"(?:(?:за|с|на|в) )?(?P<month>[а-яa-z]{3,12})\.?(?: (?:месяц|мес\.?|ай|айы|айына|ушин))?")
_FROM = re.compile(r"(?i)(?:начиная )?(?:со?|от)\.?\s(?=[«\"„“]?\d)|^\s*(?:начиная )?со?\s(?=\w)|\sбастап$")
_NO_MORE = frozenset((  # words that say nothing beside a month and its year
    "за", "на", "в", "во", "г", "год", "года", "году", "месяц", "месяца", "месяцу", "месяце", "мес", "период",
    "периода", "расчетный", "расчетного", "учетный", "отчетный", "отчетного", "ж", "жыл", "жылы", "жылгы", "жылдын",
    "ай", "айы", "айынын", "айына", "айында", "айынан", "ушин", "бойынша",
))  # fmt: skip
# words that lead from one day to another
TO_ANOTHER = frozenset(("по", "до", "бастап", "дейин", "to", "till", "until", "through"))
BESIDE_DAYS = TO_ANOTHER | frozenset((  # words that say nothing more
    "с", "со", "от", "за", "период", "включительно", "г", "гг", "год", "года", "ж", "жж", "жыл", "жылы", "жылгы",
    "дан", "ден", "тан", "тен", "нан", "нен", "га", "ге", "ка", "ке", "на", "from", "of",
))  # fmt: skip
_TO = re.compile(r"(?i)^\s*по\s(?=[«\"„“]?\d)")
# a word of Cyrillic letters and Latin ones that look so
_MIXED = re.compile(r"(?<![^\W\d_])(?=[^\W\d_]*[а-я])(?=[^\W\d_]*[a-z])[^\W\d_]+")


def day_in_words(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a written day whose month is a word; None when it is none.

    >>> day_in_words('«18» августа 2026 года'), day_in_words('2026 жылғы 18 тамыз'), day_in_words('18.авг.26')
    ((2026, 8, 18), (2026, 8, 18), (2026, 8, 18))
    >>> day_in_words('5-Oct-26'), day_in_words('Oct 5, 2026'), day_in_words('05/окт/2026')
    ((2026, 10, 5), (2026, 10, 5), (2026, 10, 5))
    >>> day_in_words('2026 жылғы қыркүйектің 3-і'), day_in_words('15-го октября 2026')
    ((2026, 9, 3), (2026, 10, 15))
    """
    if len(text) > _LONGEST:
        return None
    plain = _plain(text)
    found = _DAY_FIRST.fullmatch(plain) or _YEAR_FIRST.fullmatch(plain) or _SHORT_YEAR.fullmatch(plain)
    found = found or _MONTH_DAY.fullmatch(plain) or _YEAR_MONTH_DAY.fullmatch(plain)
    if not found:
        return None
    month = _month_of(found["month"])
    year = int(found["year"])
    return (year if year > 99 else year + 2000, month, int(found["day"])) if month else None


def month_in_words(text: str) -> tuple[int, int] | None:
    """Return year and month of a shortened month and a year: `июн.26`, `Jun-26`; None when it is none."""
    if len(text) > _LONGEST:
        return None
    found = _MONTH_YEAR.fullmatch(_plain(text))
    month = _month_of(found["month"]) if found else 0
    if not found or not month:
        return None
    year = int(found["year"])
    return (year if year > 99 else year + 2000), month


def months_named(text: str) -> list[int]:
    """Return numbers of the months that a text names by their words."""
    plain = _plain(text)
    if not _ANY_MONTH.search(plain):  # most texts
        return []
    return [number for number, name in enumerate(_EACH_MONTH, 1) if name.search(plain)]


def with_month_numbers(text: str) -> str:
    """Return a text with the words of its months as numbers; as it is where it names none.

    >>> with_month_numbers('с 3 по 7 октября 2026 г.'), with_month_numbers('с 3 по 7')
    ('с 3 по 7 .10. 2026 г.', 'с 3 по 7')
    """
    if len(text) > _LONGEST or not months_named(text):
        return text
    return _LETTERS.sub(lambda word: f".{number}." if (number := _month_of(word[0])) else word[0], _plain(text))


def mark_days(text: str, mark: str) -> str:
    """Return a text with a mark in the place of each day whose month is a word.

    >>> mark_days('с 1 октября по 31 декабря 2026 года', '*'), mark_days('31 желтоқсанға дейін', '*')
    ('с * по *', '* дейін')
    """
    plain = _plain(text)
    if len(plain) != len(text) or not _ANY_MONTH.search(plain):
        return text
    parts, at = [], 0
    for found in _DAY_OF_MONTH.finditer(plain):
        parts += [text[at : found.start()], mark]
        at = found.end()
    return "".join([*parts, text[at:]])


def mark_months(text: str, mark: str) -> str:
    """Return a text with a mark in the place of each month that is a word.

    >>> mark_months('с января по март', '*'), mark_months('Қаңтарға дейін', '*'), mark_months('Тариф', '*')
    ('с * по *', '* дейін', 'Тариф')
    """
    plain = _plain(text)
    if len(plain) != len(text) or not _ANY_MONTH.search(plain):
        return text
    return _LETTERS.sub(lambda word: mark if months_named(word[0]) else word[0], text)


def months_begun(text: str, before: str, behind: str) -> list[tuple[int, int]]:
    """Return year, 0 where it is not said, and month of each month from which a text says that something counts: with
    `before` in front of it or `behind` it.

    >>> months_begun('Тариф с февраля, с 03.2027', 'с', 'бастап')
    [(0, 2), (2027, 3)]
    >>> months_begun('2027 жылғы қаңтардан бастап', 'с', 'бастап')
    [(2027, 1)]
    """
    tokens, found = _TOKEN.findall(_plain(text)), list[tuple[int, int]]()
    for at, token in enumerate(tokens):
        if (named := _year_and_month(token)) is None:
            continue
        ahead, back = tokens[at + 1 : at + 3], [one for one in tokens[:at] if not _DAY_ALONE.fullmatch(one)]
        years = back[-2:] if behind in ahead else ahead[:1]  # `2027 жылғы қаңтардан бастап`, `с января 2027`
        if behind in ahead or back[-1:] == [before]:
            year = next((int(one) for one in years if _CENTURY.fullmatch(one)), 0)
            found.append((named[0] or year, named[1]))
    return found


def _year_and_month(token: str) -> tuple[int, int] | None:
    """The month that a word or `03.2027` names, 0 for a year that is not said; None where it names none."""
    if month := _MONTH_IN_NUMBERS.fullmatch(token):
        return int(month[2]), int(month[1])
    return (0, named[0]) if (named := months_named(token)) else None


def without_ordinals(text: str) -> str:
    """Return a text in lower case without the endings of its numbers: `с 3-го по 7-е`."""
    return _ORDINAL.sub("", text)


def says_only_month(text: str, *, whole: bool) -> bool:
    """Return whether the words of a text are a month and what goes with every one: `за июль месяц 2026 г.`, not `кроме
    июля 2026`, `вторая половина июля`. `whole`: it names the first day and the last, too."""
    words = re.findall(r"[^\W\d_]+", _plain(text))
    return all(word in _NO_MORE or _month_of(word) or (whole and word in _BOUNDS) for word in words)


def month_without_year(text: str) -> int:
    """Return the number of a month written without its year: `сентябрь`, `за сентябрь`, `қыркүйек айы`, `09`; 0 when
    the text is none.

    >>> month_without_year('за сентябрь'), month_without_year('9'), month_without_year('сентябрь-октябрь')
    (9, 9, 0)
    """
    if len(text) > _LONGEST:
        return 0
    plain = _plain(text)
    if plain.isascii() and plain.isdecimal() and len(plain) < 3:
        return int(plain) if 1 <= int(plain) <= 12 else 0
    found = _NO_YEAR.fullmatch(plain)
    return _month_of(found["month"]) if found else 0


def find_months(text: str) -> list[tuple[int, int]]:
    """Return the months that a text says something is of, as year and month, 0 for a year that it does not say: a month
    with its year, or behind `за`, or before `айы`, and those between two. A month with its day is a day; one that
    something begins or ends with (`с мая 2026`) says nothing of that.

    >>> find_months('Показания за июль 2026 г. (акт от 3 августа 2026)'), find_months('за июнь, 07.2026')
    ([(2026, 7)], [(0, 6), (2026, 7)])
    >>> find_months('2026 жылғы шілде айы үшін'), find_months('Майоров, Казань, 12.07.2026, август')
    ([(2026, 7)], [])
    >>> find_months('за май-июль 2026'), find_months('с мая по июль 2026')
    ([(0, 5), (2026, 7), (0, 6)], [])
    """
    found, tokens = [], _TOKEN.findall(_plain(text[:_MOST_SEARCHED]))
    for at, token in enumerate(tokens):
        before, after = (tokens[place] if 0 <= place < len(tokens) else "" for place in (at - 1, at + 1))
        if in_numbers := _MONTH_IN_NUMBERS.fullmatch(token):
            found.append((int(in_numbers[2]), int(in_numbers[1])))
        elif (number := _whole_month(token)) and not _DAY_ALONE.fullmatch(before):
            year = next((one for one in (after, before, *tokens[max(at - 2, 0) : at]) if _CENTURY.fullmatch(one)), "")
            if before in _BOUNDS or after == "бастап":
                return []
            if year or before == "за" or after.startswith("ай"):
                found.append((int(year or 0), number))
    numbers = [number for _, number in found]
    return found + [(0, n) for n in range(min(numbers, default=0) + 1, max(numbers, default=0)) if n not in numbers]


def find_asked_months(text: str) -> list[int]:
    """Return the numbers of the months in which a text asks to count something.

    >>> find_asked_months('Проведите в ноябре'), find_asked_months('Просим учесть, пожалуйста, в мае 2026')
    ([11], [5])
    >>> find_asked_months('Дом сдан в мае'), find_asked_months('Проведите за май, акт подписан в июне')
    ([], [])
    """
    tokens = _TOKEN.findall(_plain(text[:_MOST_SEARCHED]))
    found = []
    for at, token in enumerate(tokens):
        asked = at > 1 and tokens[at - 1] in _IN and not _ASKED.isdisjoint(tokens[max(at - 3, 0) : at - 1])
        if asked and (number := _whole_month(token)):
            found.append(number)
    return found


_IN = ("в", "на")
_ASKED = frozenset((
    "проведите", "провести", "учтите", "учесть", "учитывать", "начислите", "начислить", "отразите", "отразить",
    "включите", "включить", "перенесите", "перенести",
))  # fmt: skip
_BOUNDS = frozenset(("с", "со", "по", "до"))
_MOST_SEARCHED = 5_000  # characters of a letter
_TOKEN = re.compile(r"[а-я]+|\d+(?:\.\d+)*")
_MONTH_IN_NUMBERS = re.compile(r"(0?[1-9]|1[0-2])\.(20\d\d)")
_DAY_ALONE = re.compile(r"[0-3]?\d")
_CENTURY = re.compile(r"20\d\d")
_ENDINGS = ("", "ь", "я", "е", "а", "й")


def _whole_month(word: str) -> int:
    """Return the month whose name a word is, in any case of it; 0 for a longer word that begins so."""
    named = (n for n, stems in enumerate(_MONTHS, 1) for stem in stems for end in _ENDINGS if word == stem + end)
    return next(named, 0) or {"мае": 5}.get(word, 0)


def without_from(text: str) -> str:
    """Return a day or month without the word that something counts from it: `с 01.09.2026`, `01.09.2026 бастап`."""
    return _FROM.sub("", text, count=1) if len(text) <= _LONGEST else text


def without_to(text: str) -> str:
    """Return a day without the word that it is the last: `по 07.09.2026`. `До` may leave the day itself out."""
    return _TO.sub("", text, count=1) if len(text) <= _LONGEST else text


def _plain(text: str) -> str:
    """Return a text in lower case, Kazakh letters as a Russian keyboard has them, Latin ones in Cyrillic words as
    those that they pass for."""
    plain = " ".join(text.casefold().translate(_PLAIN).split())
    return plain if plain.isascii() else _MIXED.sub(lambda word: word[0].translate(LOOKALIKES), plain)


def _month_of(word: str) -> int:
    """Return the month that a word names, whole or shortened; 0 when it names none."""
    named = months_named(word)
    if len(named) == 1:
        return named[0]
    if word in _EN:
        return _EN.index(word) + 1
    for short in (_SHORT, _SHORT_KK, _SHORT_EN):
        if word[:3] in short and len(word) <= 4:
            return short.index(word[:3]) + 1
    return 0
