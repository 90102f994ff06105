"""The kind of a file, by its bytes: a workbook that we read, one of another program, or no workbook."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import PurePosixPath

from inbox_worker.workbooks.pictures import picture_of

_ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError,
)  # fmt: skip
_MARKUP = re.compile(rb"(<\?xml[^>]*>)?\s*(<\?mso[^>]*>)?\s*<(!doctype html|html|table|meta|head|body|workbook)", re.I)
_SPREADSHEETS = (
    ".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".et", ".ods", ".ots", ".csv", ".tsv", ".fods",
    ".numbers", ".dbf", ".wk1", ".wk3", ".wk4", ".wks", ".123", ".wq1", ".wb2", ".sxc", ".gnumeric", ".slk", ".dif",
    ".gsheet",
)  # fmt: skip
_TABLES = (".csv", ".tsv", ".slk", ".dif")
_OTHER_OFFICE = (".docx", ".docm", ".doc", ".pptx", ".ppt", ".msg", ".vsd")
_SHEET_PARTS = (b"spreadsheetml.", b"ms-excel.sheet", b"ms-excel.template", b"ms-excel.addin")
_OLD_TABLES = (
    b"\x00\x00\x02\x00\x04\x04", b"\x00\x00\x02\x00\x06\x04", b"\x00\x00\x1a\x00", b"\x00\x00\x02\x00\x20\x51",
    b"\x00\x00\x02\x00\x02\x10", b"\x00\x00\x02\x00\x01\x10", b"\xff\x00\x02\x00\x04\x04",
    b"\x09\x00\x04\x00", b"\x09\x00\x06\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"ID;P", b"TABLE\r\n0,1",
)  # Lotus 1-2-3, Quattro Pro, Works, Excel 2 to 4 without an envelope, SYLK, DIF  # fmt: skip
_DBF = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xe5\xf5\xfb")
_BANK = re.compile(  # 1C, SWIFT with its envelope or without: field 20, then one that statements and orders have
    rb"1CClientBankExchange|\{1:F[02]1|:20:[^\r\n]*(?:\r\n?|\n)(?:[^\r\n]*(?:\r\n?|\n)){0,4}?:(?:25|60[FM]|23E|32A|50):",
    re.IGNORECASE,
)
_SWIFT_BALANCE = re.compile(rb"(?:^|[\r\n]):60[FM]:[CD]\d{6}[A-Z]{3}\d")  # whatever a bank writes above it
_ISO_20022 = b"urn:iso:std:iso:20022:tech:xsd:"
_DBF_FIELD = 32
_LARGEST_LOCK = 4096
_END_OF_FILE = re.compile(rb"\x1a[\x00\x1a\s]*\Z")


class Kind(StrEnum):
    """The kind of a file."""

    XLSX = "xlsx"  # xlsm and xlsb too
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    ZIP = "zip"  # a zip that is no office file
    ENCRYPTED = "encrypted"
    EMPTY = "empty"
    HTML = "html"  # a web page, whatever its name
    XML_TABLE = "xml_table"  # a table of Excel 2003 in XML
    FLAT_ODS = "flat_ods"
    NUMBERS = "numbers"
    DBF = "dbf"
    OLD_TABLE = "old_table"
    BANK = "bank"  # a statement or an order between banks and programs: 1C, SWIFT MT, ISO 20022
    MESSAGE = "message"  # a message saved by Outlook
    PDF = "pdf"
    PICTURE = "picture"
    WORDS = "words"  # a document of words: Word, OpenDocument, RTF
    LOCK = "lock"  # what Excel or LibreOffice leaves beside an open file
    OTHER = "other"


READ = frozenset({Kind.XLSX, Kind.XLS, Kind.ODS, Kind.CSV})
TABLES_OF_OTHERS = frozenset({Kind.XML_TABLE, Kind.FLAT_ODS, Kind.NUMBERS, Kind.DBF, Kind.OLD_TABLE, Kind.BANK})


def sniff(data: bytes, name: str) -> Kind:
    """Decide by bytes; the name only separates a table of text from a letter (`.csv`), and an owner file of Excel."""
    if _is_lock(data, name):
        return Kind.LOCK
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return Kind.EMPTY
    if data.startswith(_ZIP):
        return _zip_kind(data, name)
    if data.startswith(OLE):
        return _ole_kind(data)
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(b"{\\rtf"):
        return Kind.WORDS
    if b"\0" in data[:64] and picture_of(data):  # a text may begin like a BMP
        return Kind.PICTURE
    if data.startswith(_OLD_TABLES) or (data.startswith(b"\x1f\x8b") and name.lower().endswith(".gnumeric")):
        return Kind.OLD_TABLE
    if _is_dbf(data):
        return Kind.DBF
    return _text_kind(data, name)


def _is_lock(data: bytes, name: str) -> bool:
    """Return whether this is a small file named as the trace of an open workbook: `~$form.xlsx`, `.~lock.form.ods#`."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    return plain.startswith(("~$", ".~lock.")) and len(data) <= _LARGEST_LOCK and not data.startswith((b"PK", OLE))


def _zip_kind(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {info.filename.replace("\\", "/").lstrip("/").casefold(): info for info in archive.infolist()}
            if mime := _small(archive, names, "mimetype", 200).strip():
                return _kind_of_mime(archive, names, mime)
            types = _small(archive, names, "[content_types].xml", 4_000_000)
    except BROKEN:
        return Kind.XLSX if b"xl/workbook." in data or b"xl/worksheets/" in data else Kind.OTHER  # damaged on its way
    if any(n.startswith("xl/workbook.") for n in names) or any(part in types for part in _SHEET_PARTS):
        return Kind.XLSX
    if any(n.startswith("word/document") for n in names):
        return Kind.WORDS
    if "content.xml" in names and "meta-inf/manifest.xml" in names:
        return _ods_kind(archive, names, b"spreadsheet")
    if any(n.endswith(".iwa") or n == "index.zip" for n in names):
        return Kind.OTHER if name.lower().endswith((".pages", ".key")) else Kind.NUMBERS
    return Kind.OTHER if types else Kind.ZIP


def is_damaged_zip(data: bytes) -> bool:
    """Return whether a file begins as a zip and does not open as one; a Word document that opens is none."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)):
            return False
    except BROKEN:
        return True


def _small(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], name: str, most: int) -> bytes:
    """Return a small member's bytes; none of one that is larger, or not there."""
    info = names.get(name)
    if info is None or info.file_size > most:
        return b""
    with archive.open(info) as source:
        return source.read(most)


def _kind_of_mime(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], mime: bytes) -> Kind:
    if mime.startswith(b"application/vnd.sun.xml.calc"):
        return Kind.OLD_TABLE
    if mime.startswith(b"application/vnd.oasis.opendocument.text"):
        return Kind.WORDS
    if not mime.startswith(b"application/vnd.oasis.opendocument"):
        return Kind.OTHER
    return _ods_kind(archive, names, mime)


def _ods_kind(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], mime: bytes) -> Kind:
    if b"spreadsheet" not in mime:
        return Kind.OTHER
    try:
        locked = b"encryption-data" in _small(archive, names, "meta-inf/manifest.xml", 1_000_000)
    except BROKEN:
        locked = False
    return Kind.ENCRYPTED if locked else Kind.ODS


def _ole_kind(data: bytes) -> Kind:
    def holds(stream: str) -> bool:
        wide = stream.encode("utf-16-le") + b"\0\0"
        return wide in data or wide in folded

    folded = data.lower()
    if holds("encryptedpackage"):
        return Kind.ENCRYPTED
    if holds("workbook") or holds("book"):
        return Kind.XLS
    if holds("worddocument"):
        return Kind.WORDS
    return Kind.MESSAGE if "__properties_version1.0".encode("utf-16-le") in data else Kind.OTHER


def _is_dbf(data: bytes) -> bool:
    """Return whether this is a dBase table: version, day of its last change, a list of fields that ends in its
    place."""
    if len(data) < _DBF_FIELD + 1 or data[0] not in _DBF or not (1 <= data[2] <= 12 and 1 <= data[3] <= 31):
        return False
    length = struct.unpack_from("<H", data, 8)[0]
    return _DBF_FIELD < length <= len(data) and b"\r" in data[_DBF_FIELD : length + 1][-300:]


def _text_kind(data: bytes, name: str) -> Kind:
    start = as_text(data[:4096])
    if start is None:
        return Kind.OTHER
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"office:document" in start and b"opendocument" in start:
        return Kind.FLAT_ODS
    if _BANK.match(start) or _SWIFT_BALANCE.search(start) or _ISO_20022 in start:
        return Kind.BANK
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start.lower():
        return Kind.XML_TABLE
    archived = b"mime-version:" in start[:400].lower() and b"multipart/related" in start.lower()
    if _MARKUP.match(start) or (archived and name.lower().endswith((".xls", ".xlsx", ".mht"))):
        return Kind.HTML
    return Kind.CSV if _is_text(as_text(data[:65536]) or b"") and _is_table(start, name) else Kind.OTHER


def as_text(data: bytes) -> bytes | None:
    """Return the start of a text, UTF-16 (by its mark or its zeros) turned to UTF-8; None for no text."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or 4 * max(even, odd) > len(data) // 2
    if wide:
        big = data.startswith(b"\xfe\xff") or (not data.startswith(b"\xff\xfe") and even > odd)
        text = data[: len(data) & ~1].decode("utf-16-be" if big else "utf-16-le", errors="replace")
        return text.removeprefix("\ufeff").encode("utf-8", errors="replace")
    return data if _is_text(data) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else None


def _is_text(data: bytes) -> bool:
    """Return whether there are no bytes that text never has (NUL and most control characters); a Ctrl-Z may end it."""
    return re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", _END_OF_FILE.sub(b"", data[:65536])) is None


def _is_table(start: bytes, name: str) -> bool:
    """Return whether a text is a table: when named .csv, or when most of its first lines share a delimiter."""
    if name.lower().endswith(_TABLES):
        return True
    lines = [line for line in start.splitlines()[:-1] if line.strip()] or [start]
    return len(lines) > 1 and any(2 * sum(d in line for line in lines) > len(lines) for d in (b";", b"\t"))


def is_workbook_candidate(data: bytes, name: str) -> bool:
    """Return whether a file is to be read as a form. A picture, a PDF, a letter or a signature is a supporting
    document; a file that calls itself a workbook is a candidate whatever it holds, and ends in a finding."""
    kind, lowered = sniff(data, name), name.lower()
    if kind in READ or kind in TABLES_OF_OTHERS or kind == Kind.LOCK:
        return True
    if kind == Kind.ENCRYPTED:
        return not lowered.endswith(_OTHER_OFFICE)
    return lowered.endswith(_SPREADSHEETS)
