"""Headers of a letter: who wrote it, when it came, what it answers, who may have made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

from inbox_worker.core.time import ALMATY
from inbox_worker.receiving.decoding import READ_ERRORS, clean, decode_words, whole

_RESULTS = "authentication-results"
_MOST_RESULTS = 20
KEPT = (
    "auto-submitted",
    "content-type",
    "in-reply-to",
    "list-id",
    "precedence",
    "reply-to",
    "return-path",
    "to",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-failed-recipients",
)
_LONGEST_RAW = 64_000
_MOST_FROMS = 5  # more From headers are not parsed one by one, only searched for addresses
_ATOM = r"[^\s<>()\[\],;:\"@]"
_ADDRESS = re.compile(rf"(?<!{_ATOM}){_ATOM}+@{_ATOM}+")  # starts at a token's edge only: linear time
_EMPTY_LINE = re.compile(rb"(?<=\n)\r?\n")
_LINE_OF_HEADERS = re.compile(rb"[ \t]|From |[!-9;-~]+[ \t]*:")
_BLANK_BEFORE_COLON = re.compile(rb"^([!-9;-~]+)[ \t]+:")
_QUOTED_OR_COMMENT = re.compile(r"\"[^\"]*\"|\([^()]*\)")


def raw_values(letter: EmailMessage, name: str) -> list[str]:
    """Return every value of a header, topmost first, unfolded but not decoded."""
    return [
        " ".join(whole(str(value))[:_LONGEST_RAW].split()) for key, value in letter.raw_items() if key.lower() == name
    ]


def mend_headers(raw: bytes) -> bytes:
    """Return the letter without lines among its headers that are none, and without blanks before colons.

    The parser takes such a line for the end of the headers, and the files for words. Only what stands before the
    first empty line is changed; a letter without an empty line stays as it is.
    """
    end = _EMPTY_LINE.search(raw)
    if not end:
        return raw
    lines = raw[: end.start()].splitlines(keepends=True)
    kept = [_BLANK_BEFORE_COLON.sub(rb"\1:", line) for line in lines if _LINE_OF_HEADERS.match(line)]
    return b"".join(kept) + raw[end.start() :]


def header_text(letter: EmailMessage, name: str) -> str:
    """Return the topmost value of a header as a reader would see it, '' when it is absent."""
    values = raw_values(letter, name)
    return clean(decode_words(values[0])) if values else ""


def kept_headers(letter: EmailMessage) -> Mapping[str, str]:
    """Return the topmost values, by lower-case name, of the headers that screening looks at.

    Of Authentication-Results all values, a line each, topmost first: which one is ours is not known here.
    """
    present = {key.lower() for key in letter}
    kept = {name: header_text(letter, name) for name in KEPT if name in present}
    results = raw_values(letter, _RESULTS)[:_MOST_RESULTS]
    return kept | ({_RESULTS: "\n".join(clean(decode_words(value)) for value in results)} if results else {})


def senders(letter: EmailMessage) -> tuple[str, ...]:
    """Return every address of every From header, lower-case, each once.

    A From that is not well-formed gives every address that can be seen in it: mail programs differ in which
    one they show, so a forger's second address must not be lost (`boss@c.kz <forger@x.kz>`).
    """
    raw = raw_values(letter, "from")
    headers: list[Any] = letter.get_all("from", []) if len(raw) <= _MOST_FROMS else []
    read = [_well_formed(header) for header in headers]
    found = [address for listed in read for address in listed or ()]
    if None in read or len(read) < len(raw):
        found += [a for value in raw for a in _ADDRESS.findall(_QUOTED_OR_COMMENT.sub(" ", value))]
    return _once(found)


def _well_formed(header: Any) -> list[str] | None:
    """Addresses of a From that keeps the rules, None of one that does not."""
    listed = [str(address.addr_spec) for address in getattr(header, "addresses", None) or ()]
    if not listed or header.defects:
        return None
    return [address for address in listed if _ADDRESS.fullmatch(address)]


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(address).lower().strip(".' ") for address in addresses))


def message_ids(letter: EmailMessage, *names: str) -> tuple[str, ...]:
    """Return all `<...>` identifiers of the named headers, in order, each once; the latest 100 of a long thread."""
    values = " ".join(value for name in names for value in raw_values(letter, name))
    found = [f"<{clean(inner)}>" for inner in re.findall(r"<([^<>\s]+)>", values)]
    return tuple(dict.fromkeys(found[-100:]))


def received_at(letter: EmailMessage) -> datetime | None:
    """Return the receipt time our own server wrote: the date of the topmost Received header.

    None when the header is absent or its date is no date of a letter. Without a zone it is Almaty's, where our
    server stands; `-0000` says UTC. The sender's Date header and Received
    headers further down are the sender's to write, so they are never asked (4.3.2).
    """
    values = raw_values(letter, "received")
    if not values or ";" not in values[0]:
        return None
    try:
        text = values[0].rpartition(";")[2].strip()
        moment = parsedate_to_datetime(text)
        if not moment.tzinfo:
            moment = moment.replace(tzinfo=UTC if "-0000" in text else ALMATY)
        return moment if 1990 <= moment.astimezone(UTC).year <= 2200 else None
    except READ_ERRORS:
        return None
