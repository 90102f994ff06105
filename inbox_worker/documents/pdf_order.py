"""A PDF of LibreOffice in one order of objects, whatever order it was written in.

LibreOffice embeds fonts in an order that changes from run to run. Objects are numbered anew as they are met from the
trailer, so the same page gives the same bytes. Knows what LibreOffice writes (a table of offsets, no object streams).
"""

from __future__ import annotations

import re

_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|\b(\d+) 0 R\b", re.DOTALL)  # a text is taken whole: it may say '1 0 R'
_NULL = b"null\n"  # what an object that is not there stands for
_STREAM = re.compile(rb"\bstream\r?\n")


def in_one_order(pdf: bytes) -> bytes:
    """The same document with objects in the order they are met; one without a plain table of offsets stays as it is."""
    read = _read(pdf)
    if read is None:
        return pdf
    objects, trailer = read
    order: dict[int, int] = {}
    waiting = _met(trailer)
    while waiting:
        number = waiting.pop(0)
        if number not in order:
            order[number] = len(order) + 1
            waiting += _met(_head(objects.get(number, _NULL))[0])
    target, offsets = bytearray(pdf[: pdf.index(b"\n") + 1]), []
    for old, new in order.items():
        head, rest = _head(objects.get(old, _NULL))
        offsets.append(len(target))
        target += b"%d 0 obj\n" % new + _renumbered(head, order) + rest + b"endobj\n"
    start = len(target)
    target += b"xref\n0 %d\n0000000000 65535 f \n" % (len(order) + 1)
    target += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    sized = re.sub(rb"/Size \d+", b"/Size %d" % (len(order) + 1), _renumbered(trailer, order))
    return bytes(target + b"trailer\n" + sized + b"\nstartxref\n%d\n%%%%EOF\n" % start)


def _read(pdf: bytes) -> tuple[dict[int, bytes], bytes] | None:
    """Objects by number, between `obj` and `endobj`, and the trailer's dictionary."""
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    table = re.match(rb"xref\s+0 (\d+)\s+", pdf[int(found[1]) :]) if found else None
    if found is None or table is None:
        return None
    at = int(found[1]) + table.end()
    objects, ends = {}, pdf.index(b"trailer", at)
    rows = [row.split() for row in pdf[at:ends].splitlines()]
    used = sorted((int(row[0]), number) for number, row in enumerate(rows) if row and row[-1] == b"n")
    for (offset, number), (end, _) in zip(used, [*used[1:], (int(found[1]), 0)], strict=True):
        body = pdf[offset:end]
        objects[number] = body[body.index(b"obj") + 3 : body.rindex(b"endobj")].lstrip(b"\r\n")
    return objects, pdf[ends + len(b"trailer") : pdf.rindex(b"startxref")].strip()


def _head(body: bytes) -> tuple[bytes, bytes]:
    """What can hold references, and the bytes of a stream."""
    found = _STREAM.search(body)
    return (body[: found.start()], body[found.start() :]) if found else (body, b"")


def _met(head: bytes) -> list[int]:
    return [int(token[1]) for token in _TOKEN.finditer(head) if token[1]]


def _renumbered(head: bytes, order: dict[int, int]) -> bytes:
    return _TOKEN.sub(lambda token: b"%d 0 R" % order[int(token[1])] if token[1] else token[0], head)
