"""E-mail addresses: one form to compare them in, and the form in which a mail server takes them.

A domain in Cyrillic (`пошта.қаз`) is the same as its `xn--` form (IDNA); mail servers know only the latter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna

_ADDRESS = re.compile(r"(?!\.)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST_ADDRESS = 254


def canonical_address(address: str) -> str:
    """Return the form to compare addresses in: small letters, the domain as servers know it.

    >>> canonical_address("Buh@Пошта.ҚАЗ") == canonical_address("buh@xn--80a1acn3a.xn--80ao21a")
    True
    """
    return wire_address(address).casefold()


@lru_cache(maxsize=10_000)  # each letter asks for those of all Customers
def wire_address(address: str) -> str:
    """Return the address with its domain in ASCII, if that has such a form; what is no address stays as it is.

    >>> wire_address("buh@пошта.қаз")
    'buh@xn--80a1acn3a.xn--80ao21a'
    """
    text = unicodedata.normalize("NFC", address.strip())
    local, at, domain = text.rpartition("@")
    return f"{local}@{_ascii_domain(domain)}" if at else text


def is_same_address(one: str, other: str) -> bool:
    """Return whether two addresses are one mailbox, however their letters and domains are written."""
    return canonical_address(one) == canonical_address(other)


def is_mailable(address: str) -> bool:
    """Return whether a plain address can be written to: `name@domain`, an ASCII name, nothing that ends a command."""
    wire = address if address.isascii() else wire_address(address)
    return len(wire) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(wire) is not None


@lru_cache(maxsize=1000)
def spellings_of(address: str) -> frozenset[str]:
    """Return the forms, lower case, that an address may be on record in: its domain in ASCII and in its own letters."""
    plain = canonical_address(address)
    local, _, domain = plain.rpartition("@")
    try:
        return frozenset({plain, f"{local}@{idna.decode(domain)}", address.casefold()})
    except (idna.IDNAError, UnicodeError):
        return frozenset({plain, address.casefold()})


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain
