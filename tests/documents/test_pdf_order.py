"""The same pages are the same bytes, in whatever order LibreOffice numbered their objects (same data = same bytes)."""

from __future__ import annotations

from io import BytesIO
from itertools import permutations

from pikepdf import Pdf

from inbox_worker.documents.pdf import settle

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
    (one,) = {settle(made(numbers), "0" * 64) for numbers in permutations(range(1, 6))}
    with Pdf.open(BytesIO(one)) as document:
        fonts = document.pages[0].obj.Font
        assert document.Root.Title == "not 7 0 R"
        assert {name: getattr(fonts, name).read_bytes() for name in FONTS} == FONTS


def test_a_settled_pdf_tells_its_document_and_no_moment() -> None:
    one, other = settle(made((4, 2, 5, 1, 3)), "a" * 64), settle(made((4, 2, 5, 1, 3)), "b" * 64)
    assert one != other and b"(D:20000101000000Z)" in one
