"""Proof of a letter's sender: what our own mail server wrote about it (RFC 8601), and for whose domain.

A From address alone proves nothing: anybody can write it. A pass proves a sender only when it was given for the domain
of his address; failures count wherever our server's name stands above them, for only a forger gains by a forged pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inbox_worker.core.model import Finding
from inbox_worker.receiving.letter import Message

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED_SERVER = re.compile(r"^(\s*(?:\([^()]*\)\s*)*)\"([^\"\s;()]*)\"")  # RFC 8601 lets a server quote its name
_COMMENT_DEPTH = 5  # comments in comments that are taken out of a header
_STATEMENT = re.compile(r"\s*([\w-]+)(?:/\d+)?\s*=\s*(\w+)")
_PROPERTY = re.compile(r"\b(?:smtp|header)\.([a-z-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)
_DOMAINS = {"spf": ("mailfrom", "mfrom"), "dkim": ("d", "i"), "dmarc": ("from",)}  # properties that name a domain
_HELO = "helo"  # SPF of the greeting: of a machine, not of a sender
_SAME = {"hardfail": "fail"}  # what older servers write
_BAD = {"spf": ("fail", "softfail"), "dkim": ("fail", "permerror"), "dmarc": ("fail",)}


@dataclass(frozen=True)
class Authentication:
    """The word of our server of a letter's sender. `said` is '' when it says nothing at all."""

    said: str = ""  # as `spf=fail, dkim=pass`, for people
    refuted: bool = False  # the server's word is against the sender
    proven: bool = False  # a pass for the domain of the From address
    foreign: str = ""  # another's domain: a pass was given for it, or the envelope named it

    @property
    def finding(self) -> Finding | None:
        """Return why the sender is not believed; None when nothing speaks against him."""
        if self.refuted:
            return Finding("sender.not_authenticated", value=self.said)
        if self.foreign and not self.proven:
            return Finding("sender.proof_of_another", value=self.foreign, facts={"said": self.said})
        return None


@dataclass(frozen=True)
class _Result:
    method: str
    result: str
    aligned: bool
    domain: str

    @property
    def is_vain(self) -> bool:
        """Tell whether it tells nothing of a sender: of a machine's greeting alone, or a pass for nobody knows whom."""
        return self.method == _HELO or (self.method != "dmarc" and self.result == "pass" and not self.domain)


def authenticate(message: Message, authserv_id: str) -> Authentication:
    """Return what the headers of our server (`authserv_id`) say; nothing when it is '' or wrote none.

    Refuted: dmarc=fail anywhere, or spf=fail or softfail without a DKIM pass for the sender's own domain, or a failed
    DKIM beside an SPF pass that is not his. Of several headers of our server the worst word about a method counts.
    """
    headers = message.headers.get("authentication-results", "").split("\n") if authserv_id else []
    own = [results for header in headers if (results := _results(header, authserv_id, _domain(message))) is not None]
    if not own:
        return Authentication()
    everything = [result for results in own for result in results]
    if everything and all(result.is_vain for result in everything):
        return Authentication()
    said = ", ".join(dict.fromkeys(f"{r.method}={r.result}" for r in everything if r.method != _HELO)) or "none"
    dmarc = _passes("dmarc", own)
    dkim, spf = _passes("dkim", own), _passes("spf", own)
    failed = {method for method, bad in _BAD.items() if any(r.method == method and r.result in bad for r in everything)}
    proven = "dmarc" not in failed and (dmarc or dkim or (spf and "spf" not in failed))
    refuted = (
        "dmarc" in failed
        or ("spf" in failed and not (dkim or dmarc))
        or ("dkim" in failed and not proven and _says(everything, "spf", "pass"))
    )
    foreign = next((r.domain for r in everything if r.domain and not r.aligned and _tells(r)), "")
    return Authentication(said, refuted, proven and not refuted, foreign)


def _passes(method: str, headers: Iterable[list[_Result]]) -> bool:
    """Tell whether every header that speaks of the method has a pass of it for the sender's domain: one that a forger
    put below must not mend what our server wrote above."""
    about = [[r for r in results if r.method == method] for results in headers]
    about = [results for results in about if results]
    return bool(about) and all(any(r.result == "pass" and r.aligned for r in results) for results in about)


def _tells(result: _Result) -> bool:
    """Tell whether a statement about another's domain says who wrote: a pass does, and the envelope's sender."""
    return result.result == "pass" or result.method == "spf"


def _says(results: Iterable[_Result], method: str, result: str) -> bool:
    return any(r.method == method and r.result == result for r in results)


def _results(header: str, authserv_id: str, domain: str) -> list[_Result] | None:
    """Each statement of a header with whose domain it is about; None when the header is not our server's."""
    bare = re.sub(r"\"[^\"]*\"", "", _QUOTED_SERVER.sub(r"\1\2", header))
    for _ in range(_COMMENT_DEPTH):
        bare = _COMMENT.sub(" ", bare)
    server, *statements = bare.split(";")
    if [name.rstrip(".") for name in server.lower().split()[:1]] != [authserv_id.lower().rstrip(".")]:
        return None
    found = []
    for statement in statements:
        stated = _STATEMENT.match(statement)
        if stated and (method := stated[1].lower()) in _DOMAINS:
            about, result = _about(statement, method), stated[2].lower()
            aligned = _is_aligned(about, domain) if about else method == "dmarc"
            found.append(_Result(_HELO if about is None else method, _SAME.get(result, result), aligned, about or ""))
    return found


def _about(statement: str, method: str) -> str | None:
    """The domain a statement is about, '' when it does not say, or names several; None for SPF of the greeting (HELO),
    which tells of a machine and not of a sender."""
    properties: dict[str, set[str]] = {}
    for name, value in _PROPERTY.findall(statement):
        properties.setdefault(name.lower(), set()).add(_ascii(value.rpartition("@")[2].strip("<>\"'.")))
    named = next((properties[name] for name in _DOMAINS[method] if name in properties), None)
    if named is None:
        return None if method == "spf" and "helo" in properties else ""
    return named.pop() if len(named) == 1 else ""


def _is_aligned(domain: str, sender: str) -> bool:
    """Tell whether one is the other, or lies below it (relaxed alignment of DMARC); one word is nobody's."""
    if not domain or not sender or "." not in domain or "." not in sender:
        return False
    return domain == sender or domain.endswith("." + sender) or sender.endswith("." + domain)


def _domain(message: Message) -> str:
    return _ascii(next(iter(message.senders), "").rpartition("@")[2])


def _ascii(domain: str) -> str:
    """A domain as machines write it, `xn--` for Cyrillic letters."""
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain.lower()
