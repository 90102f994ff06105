"""Meaning of a mail server's words: whose trouble it is, and so what people are to do."""

from __future__ import annotations

import re
from enum import StrEnum


class Trouble(StrEnum):
    """Kinds of trouble with a letter. The house's own are LIMIT and OURS: no recipient is at fault."""

    ADDRESS = "address"  # there is no such mailbox
    FULL = "full"  # the recipient's mailbox takes nothing now
    LARGE = "large"
    SPAM = "spam"  # blocked by what the server thinks of the letter or of us
    LIMIT = "limit"  # our provider's limit of sending
    OURS = "ours"  # our account: log-in, TLS, whom it may send as
    UNCERTAIN = "uncertain"
    OTHER = "other"


HOUSE = (Trouble.LIMIT, Trouble.OURS)
_STATUS = re.compile(r"(?<![\d.])[245]\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?=[ -]|$)")
_FULL = re.compile(
    r"(?:mailbox|inbox|recipient|user|account)\b.{0,40}(?:full|over ?quota|quota)|quota.{0,20}(?:mailbox|recipient|"
    r"user)|"
    r"over quota|(?<!system )storage allocation|ящик.{0,40}(?:переполн|заполн)|переполнен",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"(?:message|mail|letter|attachment|content)s?\b.{0,20}\b(?:size|length|too (?:big|large|long))|size.{0,20}exceed|"
    r"exceed\w*.{0,30}\bsize\b|\btoo (?:big|large)\b|size limit|maximum size|размер|слишком больш",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:limit(?:s|ed|ing|ation)?|quotas?|rates?|rate-?limit\w*|throttl\w*|too many(?! hops)|too much mail)\b|"
    r"лимит|квот|слишком (?:много|часто)",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"auth\w* (?:is )?(?:required|failed|failure|unsuccessful|credentials|needed|first)|not authenticated|"
    r"authenticate first|must (?:authenticate|issue a starttls)|starttls|send ?as\b|on behalf of|"
    r"not (?:allowed|permitted|authori[sz]ed) to (?:relay|send(?: e?-?mail| messages?)?(?! to\b))|"
    r"not (?:owned by|logged in)|unable to relay|relay(?:ing)?\b.{0,20}(?:denied|not (?:permitted|allowed))|"
    r"sender.{0,30}not (?:allowed|authori[sz]ed|permitted)(?! to send to)",
    re.IGNORECASE,
)
_SPAM = re.compile(
    r"spam|block(?:ed|list)|black ?list|dnsbl|\brbl\b|reputation|policy|virus|dmarc|\bspf\b|dkim|спам|чёрн\w+ спис|"
    r"черн\w+ спис",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"no such|unknown|not (?:found|exist)|unrout|mailbox unavailable|invalid|не существует|не найден", re.I
)


def trouble_of(said: str) -> Trouble:
    """Return the kind of trouble that a server's answer tells of: by its enhanced status, else by its words and code.

    >>> trouble_of("550 5.4.5 Daily user sending limit exceeded"), trouble_of("452 4.2.2 over quota")
    (<Trouble.LIMIT: 'limit'>, <Trouble.FULL: 'full'>)
    """
    found, coded = _STATUS.search(said), _CODE.search(said)
    subject, detail = (int(found[1]), int(found[2])) if found else (-1, -1)
    code = int(coded[1]) if coded else 0
    by_status = _by_status(subject, detail)
    if by_status is Trouble.ADDRESS and subject == 2 and found and found[0].startswith("4"):
        return Trouble.FULL  # 4.2.1: it takes nothing for now
    if by_status:
        return by_status
    if code in (530, 534, 535, 538):
        return Trouble.OURS
    if subject == -1 and _FULL.search(said):
        return Trouble.FULL
    if _LARGE.search(said):
        return Trouble.LARGE
    if code == 421 or (subject not in (3, 6) and _LIMIT.search(said)):
        return Trouble.LIMIT
    if _OURS.search(said):
        return Trouble.OURS
    if subject == 7 or _SPAM.search(said):
        return Trouble.SPAM
    if code == 552:
        return Trouble.LARGE
    return Trouble.ADDRESS if code in (550, 551, 553) or _ADDRESS.search(said) else Trouble.OTHER


def remedy_code(trouble: Trouble, came_back: bool = False) -> str:
    """Return the code of the text that says what to do about a letter. `came_back`: it had left before."""
    if not came_back:
        return f"remedy.{trouble}"
    return f"returned.{Trouble.OTHER if trouble in (Trouble.ADDRESS, Trouble.UNCERTAIN) else trouble}"


def _by_status(subject: int, detail: int) -> Trouble | None:
    """What RFC 3463 says of a status without its words; of 5.7.x the words decide."""
    if subject == 1:
        return Trouble.OURS if detail in (7, 8) else Trouble.ADDRESS
    if subject == 2:
        return {2: Trouble.FULL, 3: Trouble.LARGE}.get(detail, Trouble.ADDRESS)
    if subject == 7 and detail in (3, 8, 9, 57, 60, 64):
        return Trouble.OURS
    return {(3, 4): Trouble.LARGE, (4, 5): Trouble.LIMIT, (4, 6): Trouble.OTHER}.get((subject, detail))
