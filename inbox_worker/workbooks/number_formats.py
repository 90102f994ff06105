"""The kind of value that a number format makes of a number: percent, date or time, or number (ECMA-376, 18.8.30)."""

from __future__ import annotations

import re

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')  # quoted words, escaped letters, blanks as wide as a letter, fillings
_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)  # colours, currencies, conditions
_DATED = re.compile(r"[dmyhsge]|am/pm|a/p", re.IGNORECASE)
BUILT_IN = {
    9: "0%", 10: "0.00%", 14: "dd.mm.yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "dd.mm.yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy/m/d"),
}  # fmt: skip


def _bare(code: str) -> str:
    """Return a format's first section without what is only shown.

    >>> _bare('0.00"%";[Red]-0%'), _bare('[h]:mm')
    ('0.00', '[h]:mm')
    """
    return _BRACKETS.sub("", _LITERAL.sub("", code)).split(";")[0]


def is_percent(code: str) -> bool:
    """Return whether a number is shown a hundred times as large, with a per cent sign.

    >>> is_percent("0.0%"), is_percent('0.0"%"')
    (True, False)
    """
    return "%" in _bare(code)


def is_dated(code: str) -> bool:
    """Return whether a number is shown as a date, a time or a duration.

    >>> is_dated("[$-419]d mmm"), is_dated('# ##0.00" тенге"'), is_dated("General")
    (True, False, False)
    """
    bare = _bare(code)
    return bare.casefold() != "general" and _DATED.search(re.sub(r"(?i)e[+-]0", "", bare)) is not None


def plain(code: str) -> str:
    """Return a format as people see it: without quotes, locales and escapes.

    >>> plain('[$-419]d\\\\ mmm;@')
    'd mmm'
    """
    return re.sub(r"\[\$[^\]]*\]|\\|\"", "", code).split(";")[0].strip()[:60]
