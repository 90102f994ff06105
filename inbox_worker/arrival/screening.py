"""Letters that must not be answered (ignored) or believed (quarantined), told before any form is read.

Pure functions over a `Message`. An answer to an automatic letter starts a loop; a forged sender could
change a Customer's charges. Whether the sender stands in the register is asked later, by the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from inbox_worker.model import Finding, Message, Outcome

_COMMENT = re.compile(r"\([^()]*\)")
_COMMENT_DEPTH = 5  # comments in comments that are taken out of a header


@dataclass(frozen=True)
class Screening:
    """A verdict that ends an arrival before its forms are read, and the finding that says why."""

    outcome: Outcome
    finding: Finding


def screen(
    message: Message, our_addresses: frozenset[str] = frozenset(), authserv_id: str = ""
) -> tuple[Screening, ...]:
    """Why a letter goes no further; empty when it may.

    Ignored: automatic replies, bounces, lists, our own mail (`our_addresses`, lower-case). Those reasons are
    given alone: a bounce often has no proper sender, and nothing of it is ever posted or answered.
    Quarantined: unreadable, no or several From addresses, authentication failed by the word of our own mail
    server (`authserv_id`; '' = its word is not asked for).
    """
    loops = (automatic(message), bounce(message), mailing_list(message), own_mail(message, our_addresses))
    ignored = tuple(Screening(Outcome.IGNORED, finding) for finding in loops if finding)
    doubts = (unreadable(message), sender_count(message), authentication(message, authserv_id))
    return ignored or tuple(Screening(Outcome.QUARANTINED, finding) for finding in doubts if finding)


def _token(message: Message, header: str) -> str:
    """First word of a header's value, lower-case, without parameters and comments."""
    found = re.match(r"\s*([^\s;(,]+)", _COMMENT.sub(" ", message.headers.get(header, "")))
    return found[1].lower() if found else ""


def automatic(message: Message) -> Finding | None:
    """Auto-Submitted other than `no` (RFC 3834), X-Autoreply and its kin, or Precedence auto_reply.

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
    """A report of a mail server (multipart/report, X-Failed-Recipients, MAILER-DAEMON) or an empty Return-Path."""
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
    """List-Id, or Precedence bulk, list or junk."""
    precedence = _token(message, "precedence")
    if precedence in ("bulk", "list", "junk"):
        return Finding("message.list", value=precedence)
    named = message.headers.get("list-id")
    return Finding("message.list", value=named) if named else None


def own_mail(message: Message, our_addresses: frozenset[str]) -> Finding | None:
    """A letter whose every sender is one of our own addresses."""
    ours = message.senders and our_addresses.issuperset(message.senders)
    return Finding("message.own", value=", ".join(message.senders)) if ours else None


def unreadable(message: Message) -> Finding | None:
    """A letter whose parts could not be told apart: what it carries is not known."""
    return next((found for found in message.findings if found.code == "message.unreadable"), None)


def sender_count(message: Message) -> Finding | None:
    """A letter must have exactly one From address: which of several wrote it cannot be known."""
    if not message.senders:
        return Finding("sender.absent")
    return Finding("sender.several", value=", ".join(message.senders)) if len(message.senders) > 1 else None


def authentication(message: Message, authserv_id: str) -> Finding | None:
    """Failed DMARC, or failed SPF and DKIM, by the topmost Authentication-Results with our own server's name.

    Headers further down, or with another server's name, may be the sender's own and are not looked at. Another name
    above is a filter's that saw the letter after our server: it hides nothing.
    """
    headers = message.headers.get("authentication-results", "").split("\n")
    ours = (found for header in headers if (found := _results(header, authserv_id)) is not None)
    results = next(ours, {})
    failed = [method for method in ("spf", "dkim") if results.get(method) == "fail"]
    if authserv_id and (results.get("dmarc") == "fail" or len(failed) == 2):
        methods = ("spf", "dkim", "dmarc")
        told = ", ".join(f"{method}={results[method]}" for method in methods if method in results)
        return Finding("sender.not_authenticated", value=told)
    return None


def _results(header: str, authserv_id: str) -> Mapping[str, str] | None:
    """Method -> result (RFC 8601), None when the header is not our server's. One pass of a method is a pass."""
    bare = re.sub(r"\"[^\"]*\"", "", header)
    for _ in range(_COMMENT_DEPTH):
        bare = _COMMENT.sub(" ", bare)
    server, *statements = bare.split(";")
    if server.lower().split()[:1] != [authserv_id.lower()]:
        return None
    results: dict[str, str] = {}
    for statement in statements:
        found = re.match(r"\s*([\w-]+)(?:/\d+)?\s*=\s*(\w+)", statement)
        if found and results.get(found[1].lower()) != "pass":
            results[found[1].lower()] = found[2].lower()
    return results


def attachments_size(message: Message) -> int:
    """Decoded bytes of all attachments of a message, form and pictures included (4.3.2)."""
    return sum(len(attachment.data) for attachment in message.attachments)


def too_large(message: Message, limit: int) -> Finding | None:
    """A finding when the attachments exceed the limit in bytes; the limit itself is allowed.

    4.3.2: at most 25 MB, shipped as 26 214 400.
    """
    size = attachments_size(message)
    return over_limit(size, limit) if size > limit else None


def over_limit(size: int, limit: int) -> Finding:
    """The finding for attachments, or a whole letter whose body was not even fetched, of so many bytes (4.3.2)."""
    facts = {"size": _grouped(size), "limit": _grouped(limit), "limit_mb": f"{limit / 1024 / 1024:g}"}
    return Finding("message.too_large", value=_grouped(size), facts=facts)


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
