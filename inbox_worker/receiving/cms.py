"""Electronic signatures and enciphered files (CMS, RFC 5652): what lies inside, without judging who signed (2.1.1)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENCIPHERED = (
    bytes.fromhex("2a864886f70d010703"),  # enveloped
    bytes.fromhex("2a864886f70d010706"),  # encrypted
    bytes.fromhex("2a864886f70d0109100117"),  # enveloped and authenticated
)
_SEQUENCE, _OID, _CONTEXT_0 = 0x30, 0x06, 0xA0
_OCTETS, _OCTETS_IN_PIECES = 0x04, 0x24
_END = b"\0\0"
_DEPTH = 20
_ARMOUR = re.compile(rb"-----(BEGIN|END) [A-Z0-9 ]+-----")


@dataclass(frozen=True)
class Sealed:
    """A container: enciphered, or signed. `content` is what was signed; None when it lies elsewhere (detached)."""

    enciphered: bool
    content: bytes | None = None


def read_cms(data: bytes) -> Sealed | None:
    """Opens a container in DER, BER, PEM or bare base64; None when the bytes are none. Never raises."""
    try:
        return _read(data if data[:1] == b"\x30" else b64decode(_ARMOUR.sub(b"", data)))
    except (ValueError, IndexError, binascii.Error):
        return None


def _read(data: bytes) -> Sealed | None:
    kind, at = _oid(data, _enter(data, 0, _SEQUENCE))
    if kind != _SIGNED:
        return Sealed(True) if kind in _ENCIPHERED else None
    at = _enter(data, _enter(data, at, _CONTEXT_0), _SEQUENCE)
    at = _after(data, _after(data, at))  # past the version and the set of digest algorithms
    _, at = _oid(data, _enter(data, at, _SEQUENCE))
    if data[at] != _CONTEXT_0:
        return Sealed(False)
    return Sealed(False, _octets(data, _enter(data, at, _CONTEXT_0)))


def _head(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, where the value begins, where it ends (None: at an end mark)."""
    tag, first = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes, which these structures do not have")
    if first == 0x80:
        return tag, at + 2, None
    width = first & 0x7F if first > 0x80 else 0
    start = at + 2 + width
    end = start + (int.from_bytes(data[at + 2 : start], "big") if width else first)
    if end > len(data):
        raise ValueError("an element longer than the file")
    return tag, start, end


def _enter(data: bytes, at: int, expected: int) -> int:
    tag, start, _ = _head(data, at)
    if tag != expected:
        raise ValueError("another structure")
    return start


def _oid(data: bytes, at: int) -> tuple[bytes, int]:
    tag, start, end = _head(data, at)
    if tag != _OID or end is None:
        raise ValueError("no identifier where one must stand")
    return data[start:end], end


def _after(data: bytes, at: int, depth: int = 0) -> int:
    """Where the next element begins."""
    _, start, end = _head(data, at)
    if end is not None:
        return end
    if depth > _DEPTH:
        raise ValueError("nested too deep")
    while data[start : start + 2] != _END:
        start = _after(data, start, depth + 1)
    return start + 2


def _octets(data: bytes, at: int) -> bytes:
    """The bytes of a string of octets, whole or in pieces (as signing programs write long files)."""
    tag, start, end = _head(data, at)
    if tag == _OCTETS and end is not None:
        return data[start:end]
    if tag != _OCTETS_IN_PIECES:
        raise ValueError("no string of octets")
    pieces = []
    while start != end and data[start : start + 2] != _END:
        tag, begin, stop = _head(data, start)
        if tag != _OCTETS or stop is None:
            raise ValueError("a piece that is no string of octets")
        pieces.append(data[begin:stop])
        start = stop
    return b"".join(pieces)
