"""4.3.2: a supporting document is a file that opens as what it is."""

from __future__ import annotations

import io
import random
import zipfile

import docx
import pytest
import xlwt
from PIL import Image

from inbox_worker.core.model import Attachment
from inbox_worker.demo.paper import jpeg, pdf
from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.pictures import picture_of
from inbox_worker.workbooks.supporting_documents import broken_document
from tests.support.office import ROOT, TownOffice, customer, line
from tests.support.papers import SCAN, File

LIMITS = load_rules(ROOT / "rules").limits
TARIFF = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}


def picture(kind: str, **options: object) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (120, 160), (200, 10, 20)).save(sink, kind, **options)
    return sink.getvalue()


def word() -> bytes:
    sink = io.BytesIO()
    docx.Document().save(sink)
    return sink.getvalue()


def old_excel() -> bytes:
    book, sink = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("a").write(0, 0, "протокол")
    book.save(sink)
    return sink.getvalue()


def packed(**parts: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return sink.getvalue()


ASICE = {"mimetype": b"application/vnd.etsi.asic-e+zip", "META-INF__signatures_dot_xml": b"<s/>"}
SOUND = {
    "a.pdf": pdf("minutes"), "b.jpg": picture("JPEG"), "c.png": picture("PNG"), "d.gif": picture("GIF"),
    "e.tif": picture("TIFF"), "f.tiff": picture("TIFF", compression="tiff_lzw"), "g.bmp": picture("BMP"),
    "h.webp": picture("WEBP"), "i.docx": word(), "j.xls": old_excel(), "k.rtf": b"{\\rtf1\\ansi minutes}",
    "l.odt": packed(mimetype=b"application/vnd.oasis.opendocument.text", content_dot_xml=b"<office/>" * 40),
    "m.asice": packed(**ASICE, minutes_dot_pdf=pdf("minutes")),
    "n.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x0cmeta\0\0\0\0" + b"\0\0\0\x10mdat12345678",
}  # fmt: skip
BROKEN = {
    "one byte.pdf": b"x", "head.pdf": b"%PDF-1.4\n% minutes", "note.txt": "протокол".encode(),
    "forma.rar": b"Rar!\x1a\x07\0x",
    "head.jpg": b"\xff\xd8\xff\xe0" + bytes(60), "named.docx": packed(readme=b"x"), "zero.png": b"\x89PNG\r\n\x1a\n",
    "empty.asice": packed(**ASICE, note_dot_txt=b"x"),
    "unsigned.asice": packed(mimetype=ASICE["mimetype"], a_dot_pdf=SCAN.data),
    "web.pdf": b"<html><body>404</body></html>",
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_whole_file_is_a_document_and_half_of_it_is_none(name: str, reader: CellReader) -> None:
    data = SOUND[name]
    assert broken_document(Attachment(name, data), reader, LIMITS) is None
    for share in (0.1, 0.5, 0.95):
        cut = Attachment(name, data[: int(len(data) * share)])
        found = broken_document(cut, reader, LIMITS)
        assert found is not None and found.code == "document.broken", share


@pytest.mark.parametrize("name", BROKEN)
def test_what_only_says_that_it_is_a_document_is_none(name: str, reader: CellReader) -> None:
    assert broken_document(Attachment(name, BROKEN[name]), reader, LIMITS) is not None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize(("size", "counts"), [((1, 1), False), ((300, 99), False), ((100, 100), True)])
def test_a_logo_of_a_signature_proves_nothing(
    kind: str, size: tuple[int, int], counts: bool, reader: CellReader
) -> None:
    """By its size in pixels (rules/limits.yaml, document_pixels), however it is attached."""
    sink = io.BytesIO()
    Image.new("RGB", size, (200, 10, 20)).save(sink, kind)
    found = broken_document(Attachment("image001", sink.getvalue()), reader, LIMITS)
    assert (found is None) is counts and (counts or (found and found.code == "document.too_small"))
    any_size = LIMITS.model_copy(update={"document_pixels": 0})
    assert broken_document(Attachment("image001", sink.getvalue()), reader, any_size) is None


def test_the_demos_scan_is_a_picture() -> None:
    with Image.open(io.BytesIO(jpeg("scan"))) as picture:
        picture.load()
        assert picture.size == (120, 160)


def test_hostile_bytes_never_raise(reader: CellReader) -> None:
    chance = random.Random(13)  # noqa: S311
    for name, data in SOUND.items():
        for _ in range(3 if name.endswith((".pdf", ".asice")) else 200):
            bytes_ = bytearray(data[: chance.randint(1, len(data))])
            for _ in range(chance.randint(0, 8)):
                bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
            broken_document(Attachment(name, bytes(bytes_)), reader, LIMITS)


def test_a_thumbnail_inside_is_not_the_end_of_a_picture() -> None:
    whole = picture("JPEG")
    with_thumbnail = whole[:2] + b"\xff\xe1" + (len(whole) + 2).to_bytes(2, "big") + whole + whole[2:]
    found = picture_of(with_thumbnail)
    assert found and found[1](with_thumbnail) and not found[1](with_thumbnail[:-2])


def test_a_form_with_only_a_broken_document_is_held_as_if_none_came(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="50"))
    scan, cut = File("протокол.pdf", SCAN.data), File("договор.jpg", jpeg("contract")[:-20])
    held = office.ingest("tariffs", [TARIFF], received="2026-08-20", documents=[cut])
    assert (held.outcome, held.codes) == ("held", ["documents.awaited", "document.broken"])
    told = held.finding("document.broken")
    assert "договор.jpg" in told["message"] and "JPEG" in told["message"] and "PDF" in told["remedy"]
    reply = office.mail([cut], received="2026-08-21", text=f"К {held.id}")  # still none: a person looks at the letter
    assert reply.outcome == "held" and {"document.broken", "task.reply"} <= set(reply.codes)
    assert office.facts("tariffs") == []
    both = office.mail([cut, scan], received="2026-08-22", text=f"К {held.id}")
    assert both.outcome == "accepted" and "document.broken" in both.codes
    assert both.submissions[0]["documents"].endswith(": протокол.pdf")


def test_a_form_that_needs_no_documents_does_not_mind_them(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="50"))
    row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}
    note = File("записка.txt", "поправка".encode())
    answer = office.ingest("recalculations", [row], received="2026-08-20", documents=[note])
    assert (answer.outcome, answer.codes) == ("accepted", ["attachment.not_a_form"])
    assert answer.finding("attachment.not_a_form")["severity"] == "warning"
