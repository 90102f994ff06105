"""The same pages are the same bytes, in whatever order LibreOffice numbered their objects (same data = same bytes)."""

from __future__ import annotations

from itertools import permutations

from inbox_worker.documents.pdf_order import in_one_order

FONTS = {"F1": b"regular 9 0 R endobj?", "F2": b"bold"}


def made(numbers: tuple[int, ...]) -> bytes:
    """A PDF of one page and two fonts whose objects have those numbers and stand in their order."""
    root, pages, page, regular, bold = numbers
    streams = [b"<</Length %d>>\nstream\n%s\nendstream\n" % (len(data), data) for data in FONTS.values()]
    bodies = {
        root: b"<</Type/Catalog/Title(not 7 0 R)/Pages %d 0 R>>\n" % pages,
        pages: b"<</Kids[%d 0 R]/Count 1>>\n" % page,
        page: b"<</Parent %d 0 R/Font<</F1 %d 0 R/F2 %d 0 R>>>>\n" % (pages, regular, bold),
        regular: streams[0],
        bold: streams[1],
    }
    target, offsets = b"%PDF-1.6\n", {}
    for number in sorted(bodies):
        offsets[number] = len(target)
        target += b"%d 0 obj\n" % number + bodies[number] + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(offsets))
    start = len(target)
    target += b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer\n<</Size 6/Root %d 0 R>>\n" % root
    return target + b"startxref\n%d\n%%%%EOF\n" % start


def test_any_order_of_objects_gives_the_same_bytes() -> None:
    every = {in_one_order(made(numbers)) for numbers in permutations(range(1, 6))}
    (one,) = every
    assert in_one_order(one) == one
    assert b"(not 7 0 R)" in one and all(data in one for data in FONTS.values())
    assert one.index(FONTS["F1"]) < one.index(FONTS["F2"])


def test_offsets_lead_to_their_objects() -> None:
    one = in_one_order(made((4, 2, 5, 1, 3)))
    start = int(one.split(b"startxref\n")[1].split()[0])
    rows = one[start:].split(b"trailer")[0].splitlines()[3:]
    assert [one[int(row[:10]) :].split(b"\n")[0] for row in rows] == [b"%d 0 obj" % n for n in range(1, 6)]


def test_a_pdf_without_a_plain_table_stays() -> None:
    assert in_one_order(b"%PDF-1.7\nanything") == b"%PDF-1.7\nanything"
