"""Letters that must not be answered (ignored) or believed (quarantined), told before any form is read.

Pure functions over a `Message`. An answer to an automatic letter starts a loop; a forged sender could
change a Customer's charges. Whether the sender stands in the register is asked later, by the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inbox_worker.core.model import Finding, Outcome
from inbox_worker.receiving.authentication import authenticate
from inbox_worker.receiving.letter import Message

ROBOTS = frozenset({"message.automatic", "message.list"})  # what programs that send forms mark their letters with
_ANSWERS = frozenset({"auto-replied", "x-autoreply", "x-autorespond", "auto_reply"})
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Screening:
    """A verdict that ends an arrival before its forms are read, and the finding that says why."""

    outcome: Outcome
    finding: Finding


def screen(
    message: Message, our_addresses: frozenset[str] = frozenset(), authserv_id: str = "", *, fetched: bool = False
) -> tuple[Screening, ...]:
    """Return why a letter goes no further; empty when it may.

    Ignored: automatic replies, bounces, lists, our own mail (`our_addresses`, lower-case). Those reasons are
    given alone, for a bounce often has no proper sender; what a program may have sent of itself has its doubts, too.
    Quarantined: unreadable, no or several From addresses, a sender whom our own mail server refutes (`authserv_id`;
    '' = its word is not asked for), or about whom it says nothing though the letter was `fetched` from its mailbox.
    """
    loops = (automatic(message), bounce(message), mailing_list(message), own_mail(message, our_addresses))
    ignored = tuple(Screening(Outcome.IGNORED, finding) for finding in loops if finding)
    if ignored and not is_of_robot([one.finding for one in ignored]):
        return ignored
    doubts = (unreadable(message), sender_count(message), _find_doubt(message, authserv_id, fetched))
    return (*ignored, *(Screening(Outcome.QUARANTINED, finding) for finding in doubts if finding))


def is_of_robot(findings: Sequence[Finding]) -> bool:
    """Tell whether nothing stops a letter but that a program sent it, or a list, as an answer to nothing: it may hold
    a form all the same."""
    return bool(findings) and all(one.code in ROBOTS and one.value not in _ANSWERS for one in findings)


def _token(message: Message, header: str) -> str:
    """First word of a header's value, lower-case, without parameters and comments."""
    found = re.match(r"\s*([^\s;(,]+)", _COMMENT.sub(" ", message.headers.get(header, "")))
    return found[1].lower() if found else ""


def automatic(message: Message) -> Finding | None:
    """Find Auto-Submitted other than `no` (RFC 3834), X-Autoreply and its kin, or Precedence auto_reply.

    X-Auto-Response-Suppress alone means nothing: Outlook puts it on letters that people write.
    """
    submitted = _token(message, "auto-submitted")
    if submitted not in ("", "no"):
        return Finding("message.automatic", value=submitted)
    for header in ("x-autoreply", "x-autorespond"):
        if _token(message, header) not in ("", "no"):
            return Finding("message.automatic", value=header)
    precedence = _token(message, "precedence")
    return Finding("message.automatic", value=precedence) if precedence == "auto_reply" else None


def bounce(message: Message) -> Finding | None:
    """Find a report of a mail server (multipart/report, X-Failed-Recipients, MAILER-DAEMON) or an empty Return-Path."""
    kind = _token(message, "content-type")
    if kind == "multipart/report":
        return Finding("message.bounce", value=kind)
    if message.headers.get("x-failed-recipients"):
        return Finding("message.bounce", value=message.headers["x-failed-recipients"])
    daemon = next((one for one in message.senders if one.partition("@")[0] == "mailer-daemon"), "")
    if daemon:
        return Finding("message.bounce", value=daemon)
    empty = "".join(message.headers.get("return-path", "").split()) == "<>"
    return Finding("message.bounce", value="<>") if empty else None


def mailing_list(message: Message) -> Finding | None:
    """Find List-Id, or Precedence bulk, list or junk."""
    precedence = _token(message, "precedence")
    if precedence in ("bulk", "list", "junk"):
        return Finding("message.list", value=precedence)
    named = message.headers.get("list-id")
    return Finding("message.list", value=named) if named else None


def own_mail(message: Message, our_addresses: frozenset[str]) -> Finding | None:
    """Find a letter whose every sender is one of our own addresses."""
    ours = message.senders and our_addresses.issuperset(message.senders)
    return Finding("message.own", value=", ".join(message.senders)) if ours else None


def unreadable(message: Message) -> Finding | None:
    """Find a letter whose parts could not be told apart: what it carries is not known."""
    return next((found for found in message.findings if found.code == "message.unreadable"), None)


def sender_count(message: Message) -> Finding | None:
    """Refuse a letter that has not exactly one From address: which of several wrote it cannot be known."""
    if not message.senders:
        return Finding("sender.absent")
    return Finding("sender.several", value=", ".join(message.senders)) if len(message.senders) > 1 else None


def _find_doubt(message: Message, authserv_id: str, fetched: bool) -> Finding | None:
    """Why the sender is not believed by the word of our server. A dropped letter was handed in by staff."""
    found = authenticate(message, authserv_id)
    if authserv_id and fetched and not found.said:
        return Finding("sender.result_absent", value=", ".join(message.senders), facts={"server": authserv_id})
    return found.finding


def attachments_size(message: Message) -> int:
    """Count the decoded bytes of all attachments of a message, form and pictures included (4.3.2)."""
    return sum(len(attachment.data) for attachment in message.attachments)


def too_large(message: Message, limit: int) -> Finding | None:
    """Return a finding when the attachments exceed the limit in bytes; the limit itself is allowed.

    4.3.2: at most 25 MB, shipped as 26 214 400.
    """
    size = attachments_size(message)
    return over_limit(size, limit) if size > limit else None


def over_limit(size: int, limit: int) -> Finding:
    """Return the finding for attachments, or a whole letter whose body was not even fetched, of so many bytes
    (4.3.2)."""
    facts = {"size": _group_digits(size), "limit": _group_digits(limit), "limit_mb": f"{limit / 1024 / 1024:g}"}
    return Finding("message.too_large", value=_group_digits(size), facts=facts)


def _group_digits(number: int) -> str:
    return f"{number:,}".replace(",", " ")
