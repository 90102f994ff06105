"""Codes that a person reads as the same: look-alike letters of two alphabets, other dashes, blanks, `№`, case.

A code is an account, a house, a meter, a payment's number. Words are compared by `text.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.texts import CONTRACT, Texts

# letters that look alike, lower case -> one of them; upper-case letters that look alike are alike when lowered, too
_ALIKE = {
    **dict(zip("abcehikmoptxyjsə", "авсенікмортхујѕә", strict=True)),  # Latin
    **dict(zip("αβεηικμορτυχ", "авенікмортух", strict=True)),  # Greek
    "һ": "н",
    "ү": "у",
    "ё": "е",
    "ӏ": "і",  # Kazakh and Russian: һ is Latin h, Ү is Latin Y
}
_SEPARATORS = re.compile(r"[\s\u00ad_'’‘`´ʼ\"«»]|[-‐‑‒–—―−⁃﹣－~]")
_DASHES = re.compile("[-‐‑‒–—―−⁃﹣－~]")
_BETWEEN_DIGITS = re.compile(rf"(?<=\d)(?:[\s_]|{_DASHES.pattern})+(?=\d)")
_SIGNS = re.compile(r"[№#]")
_NUMBER = re.compile(r"[^\W\d_]*(\d+)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_ADDRESS_PART = re.compile(r"\d+|[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAST_STEM = 3  # letters: less would make short words one
_TELLING = 4  # digits that tell one meter from others
_AFTER_NAME = re.compile(r"^[.:\s\u00a0]*(?:[№#][\s.]*|N[\s.]*(?=\d))?")
_DIGITS_ALIKE = str.maketrans({"о": "0", "з": "3", "і": "1", "l": "1", "ѕ": "5", "б": "6", "ч": "4", "в": "8"})
_NAMES_ALIKE = str.maketrans("0l1", "оіі")
_TABLE = str.maketrans(_ALIKE)
_LETTERS = frozenset(  # of log-in names: Latin, Russian, Kazakh, in lower case
    map(chr, (*range(0x61, 0x7B), *range(0x430, 0x450), 0x455, 0x456, 0x458, 0x493, 0x49B, 0x4A3, 0x4AF, 0x4B1, 0x4BB,
              0x4D9, 0x4E9))
)  # fmt: skip
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "DIGIT")


@lru_cache(maxsize=100_000)
def code_skeleton(text: str) -> str:
    """Return the code without the differences between its spellings.

    >>> code_skeleton('№ XB–104477') == code_skeleton('хв 104477')
    True
    """
    plain = _SIGNS.sub("", text)
    plain = plain if plain.isascii() else unicodedata.normalize("NFKC", plain)
    return _SEPARATORS.sub("", plain.casefold()).translate(_TABLE)


def is_same_person(one: str, other: str) -> bool:
    """Tell whether two log-in names are read as one: by case, blanks, letters and digits that look alike, signs that
    nobody sees. A name with letters that are neither Latin, Russian nor Kazakh may be read as any other.

    >>> is_same_person('anna', '\u0430nn\u0430'), is_same_person('anna', 'boris')
    (True, False)
    """
    first, second = (code_skeleton(_remove_unseen(name)).translate(_NAMES_ALIKE) for name in (one, other))
    return first == second or any(sign.isalpha() and sign not in _LETTERS for sign in first + second)


def _remove_unseen(name: str) -> str:
    """Return a name without marks that stand on or between its letters."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Cf", "Cc"))


def without_name(code: str, words: Sequence[str]) -> str:
    """Return a code without the word before it that says what it is the code of; as it is where none stands there.

    >>> without_name('Л/С № 10020005', ('л/с',)), without_name('дом A-001', ('дом',)), without_name('домик 1', ('дом',))
    ('10020005', 'A-001', 'домик 1')
    """
    plain = code.lower().translate(_TABLE)
    for word in sorted(words, key=len, reverse=True):
        cut = word.lower().translate(_TABLE).rstrip(".")
        rest = code[len(cut) :]
        bare = _AFTER_NAME.sub("", rest)
        if plain.startswith(cut) and not rest[:1].isalpha() and bare[:1].isalnum() and any(map(str.isdigit, bare)):
            return bare
    return code


def within_name(code: str, words: Sequence[str]) -> str:
    """Return what of a known code follows such a word in it, by whatever dash; '' where it has none.

    >>> within_name('ЛС-7', ('лс',)), within_name('A-001', ('дом',))
    ('7', '')
    """
    spaced = _DASHES.sub(" ", code)
    rest = without_name(spaced, words)
    return "" if rest == spaced else rest


def are_alike(one: str, other: str) -> bool:
    """Return whether two codes are the same to a person. A dash between digits may be left out, never be elsewhere:
    `1-12` is not `11-2`."""
    if code_skeleton(one) != code_skeleton(other):
        return False
    first, second = _groups(one), _groups(other)
    return first == second or len(first) == 1 or len(second) == 1


def are_spelled_alike(one: str, other: str) -> bool:
    """Return whether two codes are the same but for look-alike letters, case and `№`, every dash in its place."""
    return code_skeleton(one) == code_skeleton(other) and _groups(one) == _groups(other)


def differ_by_zeros(one: str, other: str) -> bool:
    """Return whether two codes are spelled alike but for zeros before their numbers.

    >>> differ_by_zeros('A-6', 'A-006'), differ_by_zeros('A-60', 'A-006'), differ_by_zeros('1-12', '11-2')
    (True, False, False)
    """
    first, second = ([_ZEROS.sub("", part) for part in _groups(code)] for code in (one, other))
    return first == second and not are_alike(one, other)


def number_of(code: str) -> str:
    """Return the digits at a code's end without letters and zeros before them; '' where they are few, or other digits
    stand before them.

    >>> number_of('ХВ-0104477'), number_of('104477'), number_of('A1-104477'), number_of('Н-12')
    ('104477', '104477', '', '')
    """
    found = _NUMBER.fullmatch(code_skeleton(code))
    digits = found[1].lstrip("0") if found else ""
    return digits if len(digits) >= _TELLING else ""


def differ_by_letters(one: str, other: str) -> bool:
    """Return whether two codes are one number, before which one has letters and the other has none."""
    bare = [code_skeleton(code).isdigit() for code in (one, other)]
    return bool(number_of(one)) and number_of(one) == number_of(other) and bare.count(True) == 1


def address_parts(address: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words and numbers of an address, without those that tell no house from another.

    >>> address_parts('г. Алматы, ул. Абая, д. 10Б', ('г', 'ул', 'д'))
    ('алматы', 'абаа', '10', 'б')
    """
    plain = {code_skeleton(word) for word in words}
    parts = (code_skeleton(part) for part in _ADDRESS_PART.findall(address))
    return tuple(part for part in parts if part and part not in plain)


def address_stems(parts: Sequence[str], endings: Sequence[str]) -> tuple[str, ...]:
    """Return the parts of an address without the case endings of their words.

    >>> address_stems(('тимирязева', '111'), ('а',)) == address_stems(('тимирязев', '111'), ('а',))
    True
    """
    longest_first = sorted(map(code_skeleton, endings), key=len, reverse=True)

    def stem(part: str) -> str:
        fitting = (part[: -len(end)] for end in longest_first if part.endswith(end))
        return next((left for left in fitting if len(left) >= _LEAST_STEM), part)

    return tuple(map(stem, parts))


def look_the_same(one: str, other: str) -> bool:
    """Return whether a person can hardly tell two codes apart, digits that look like letters included."""
    first, second = ([group.translate(_DIGITS_ALIKE) for group in _groups(text)] for text in (one, other))
    return first == second or (min(len(first), len(second)) == 1 and "".join(first) == "".join(second))


def digit_like(letter: str) -> str:
    """Return the digit that a letter of any of the alphabets passes for; '' when it passes for none."""
    found = code_skeleton(letter).translate(_DIGITS_ALIKE)
    return found if found.isdigit() else ""


def difference(written: str, known: str, texts: Texts) -> Bilingual:
    """Return what tells two codes apart that look the same: `латинская B вместо кириллической В`."""
    ours, theirs = _letters(known), _letters(written)
    found: list[Bilingual] = []
    if len(ours) == len(theirs):
        found += [_letter(b, a, texts) for a, b in zip(ours, theirs, strict=True) if a.casefold() != b.casefold()]
    lettered = differ_by_letters(written, known)  # the dash behind letters goes with them
    kinds = {
        "case": len(ours) == len(theirs)
        and any(a != b and a.casefold() == b.casefold() for a, b in zip(ours, theirs, strict=True)),
        "blank": _blanks(written) != _blanks(known),
        "dash": not lettered and _DASHES.findall(written) != _DASHES.findall(known),
        "sign": _SIGNS.findall(written) != _SIGNS.findall(known),
        "zeros": differ_by_zeros(written, known),
        "letters": lettered,
    }
    found += [texts.words(f"likeness.{kind}") for kind, differs in kinds.items() if differs]
    found = list(dict.fromkeys(found or [texts.words("likeness.other")]))
    return Bilingual(ru="; ".join(words.ru for words in found), kk="; ".join(words.kk for words in found))


def _groups(text: str) -> list[str]:
    """Return the code's parts between dashes and blanks that are between digits."""
    plain = _SIGNS.sub("", text).strip()
    return [code_skeleton(part) for part in _BETWEEN_DIGITS.split(plain)]


def _letters(text: str) -> list[str]:
    return list(_SEPARATORS.sub("", _SIGNS.sub("", unicodedata.normalize("NFC", text))))


def _blanks(text: str) -> int:
    return sum(c.isspace() for c in text)


def _letter(theirs: str, ours: str, texts: Texts) -> Bilingual:
    names = [_alphabet(letter) for letter in (theirs, ours)]
    facts = {"written": theirs, "known": ours}
    if not all(name in _ALPHABETS for name in names):
        return texts.words("likeness.letter", **facts)
    of = [f"alphabet.{name.lower()}" for name in names]
    ru, kk = (
        texts.say(language, "likeness.alphabets", written_one=texts.say(language, of[0]),
                  known_of=texts.say(language, f"{of[1]}.of"), **facts)
        for language in CONTRACT
    )  # fmt: skip
    return Bilingual(ru=ru, kk=kk)


def _alphabet(letter: str) -> str:
    return "DIGIT" if letter.isdecimal() else unicodedata.name(letter, "").split(" ")[0]
