"""Proof that a document opens as what it is: PDF, picture, Word, Excel, or a signed container of such (4.3.2).

The first bytes say what it is, its structure proves it. What must be parsed deeply (PDF) is parsed by a confined child.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Protocol

from inbox_worker.core.model import Attachment, Finding
from inbox_worker.settings.office_rules import Limits
from inbox_worker.workbooks.jail import Confined, Ended, ReaderFailure
from inbox_worker.workbooks.pictures import picture_of, size_of
from inbox_worker.workbooks.sniff import BROKEN

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_DOCUMENTS = tuple(
    name.encode("utf-16-le") for name in ("WordDocument", "Workbook", "WORKBOOK", "Book\0", "BOOK\0")
)
_OLE_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OLE_FREE = 0xFFFFFFFF
_MAIN_PARTS = ("word/document", "xl/workbook")
_ASIC = (b"application/vnd.etsi.asic-e+zip", b"application/vnd.etsi.asic-s+zip")
_PART = 64 << 20  # bytes of a part that are unpacked to prove it whole
_PDF_HEAD = 1024  # bytes before which a PDF begins, by what its readers take
_NAMED = {
    ".pdf": "PDF", ".doc": "Word", ".docx": "Word", ".docm": "Word", ".rtf": "Word", ".odt": "Word",
    ".xls": "Excel", ".xlsx": "Excel", ".ods": "Excel", ".asice": "ASiC", ".sce": "ASiC",
}  # fmt: skip


class Children(Protocol):
    """The holder of the confined child that opens PDFs."""

    documents: Confined


def broken_document(file: Attachment, children: Children, limits: Limits) -> Finding | None:
    """Return the finding about a file that proves nothing: it does not open, or is a picture as small as a signature's
    logo. None for a document. Raises ReaderFailure (ours)."""
    kind, sound = _judge_file(file, children, limits)
    if not sound:
        return Finding("document.broken", value=file.name, facts={"kind": kind})
    size = size_of(file.data)
    if size and min(size) < limits.document_pixels:
        facts = {"size": f"{size[0]} × {size[1]}", "least": str(limits.document_pixels)}
        return Finding("document.too_small", value=file.name, facts=facts)
    return None


def _judge_file(file: Attachment, children: Children, limits: Limits, inside: bool = False) -> tuple[str, bool]:
    """Return what the file says it is, and whether it is that."""
    data = file.data
    picture = picture_of(data)
    if picture:
        return picture[0], picture[1](data)
    if b"%PDF-" in data[:_PDF_HEAD]:
        return "PDF", _pdf_opens(data, children.documents, limits)
    if data.startswith(b"PK\x03\x04"):
        return _zip_judged(file, children, limits, inside)
    if data.startswith(_OLE):
        return "Word/Excel", _ole_opens(data)
    if data.startswith(b"{\\rtf"):
        return "RTF", data.rstrip(b"\0\r\n\t ").endswith(b"}")
    return _by_name(file.name), False


def _by_name(name: str) -> str:
    lowered = name.lower()
    return next((kind for end, kind in _NAMED.items() if lowered.endswith(end)), "PDF/JPEG/Word/Excel")


def _pdf_opens(data: bytes, child: Confined, limits: Limits) -> bool:
    for _ in range(2):  # a process that somebody else killed says nothing about the file: try once more
        try:
            return child.ask({}, data, limits.answer_seconds)[0] == b"A"
        except Ended as death:
            if death.from_outside and not death.late:
                continue
            if death.code == 1:
                raise ReaderFailure(f"the process that opens documents failed: {death.words}") from death
            return False
    raise ReaderFailure("the process that opens documents was killed twice from outside; is the machine out of memory?")


def _zip_judged(file: Attachment, children: Children, limits: Limits, inside: bool) -> tuple[str, bool]:
    """Judge an Office file by its main part, which must unpack; a signed container by a document inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
            mime = archive.read("mimetype").strip() if "mimetype" in names and _size(archive, "mimetype") < 200 else b""
            if mime in _ASIC:
                return "ASiC", not inside and _holds_document(archive, children, limits)
            main = next((names[n] for n in names if n.startswith(_MAIN_PARTS)), "")
            if mime.startswith(b"application/vnd.oasis.opendocument"):
                content = next((names[name] for name in names if name.partition(".")[0] == "content"), "")
                main = "" if _is_locked(archive) else content
            return _by_name(file.name), bool(main) and _unpacks(archive, main, limits)
    except BROKEN:
        return _by_name(file.name), False


def _holds_document(archive: zipfile.ZipFile, children: Children, limits: Limits) -> bool:
    """Return whether a signed container has a signature and, beside it, a document that opens."""
    apart = ("META-INF/", "MIMETYPE")
    signed = any(name.upper().startswith("META-INF/") and "SIGNATURE" in name.upper() for name in archive.namelist())
    inner = [m for m in archive.infolist() if not m.is_dir() and not m.filename.upper().startswith(apart)]
    if not signed or len(inner) > limits.zip_members or sum(m.file_size for m in inner) > limits.attachments_total:
        return False
    files = [Attachment(m.filename, archive.read(m)) for m in inner]
    return any(_judge_file(file, children, limits, inside=True)[1] for file in files)


def _is_locked(archive: zipfile.ZipFile) -> bool:
    manifest = "META-INF/manifest.xml"
    known = manifest in archive.namelist() and _size(archive, manifest) < 1_000_000
    return known and b"encryption-data" in archive.read(manifest)


def _size(archive: zipfile.ZipFile, name: str) -> int:
    return archive.getinfo(name).file_size


def _unpacks(archive: zipfile.ZipFile, name: str, limits: Limits) -> bool:
    """Return whether a part is whole by its own sum; it is read in pieces, and not without end."""
    size = _size(archive, name)
    if not size or size > min(_PART, limits.unpacked_total):
        return False
    with archive.open(name) as part:
        return sum(len(piece) for piece in iter(lambda: part.read(1 << 20), b"")) == size


def _ole_opens(data: bytes) -> bool:
    """Return whether an old Word or Excel file has no password and every sector that its tables name."""
    if len(data) < 1536 or _OLE_LOCKED in data or not any(name in data for name in _OLE_DOCUMENTS):
        return False
    (shift,) = struct.unpack_from("<H", data, 30)
    tables, first = struct.unpack_from("<II", data, 44)
    if shift not in (9, 12):
        return False
    size = 1 << shift
    sectors: int = len(data) // size - 1  # whole ones, behind the header
    listed = struct.unpack_from("<109I", data, 76)[: min(tables, 109)]
    if not listed or first >= sectors or any(sector >= sectors for sector in listed):
        return False
    entries = (entry for sector in listed for entry in struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size))
    last: int = max((at for at, entry in enumerate(entries) if entry != _OLE_FREE), default=sectors)
    return last < sectors
