"""What a file is, by its bytes, and whether it may be read at all (4.1.15, 4.3.2)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath

from inbox_worker.form.extent import SheetMarks, TooMany, scan
from inbox_worker.form.watch import Late, Watch
from inbox_worker.model import Attachment, Finding
from inbox_worker.office_rules import Limits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"(<\?xml[^>]*>)?\s*(<\?mso[^>]*>)?\s*<(!doctype html|html|table|meta|head|body|workbook)", re.I)
_SPREADSHEETS = (".xlsx", ".xlsm", ".xltx", ".xlsb", ".xls", ".ods", ".csv")
_OTHER_OFFICE = (".docx", ".docm", ".doc", ".pptx", ".ppt", ".msg", ".vsd")
BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError,
)  # fmt: skip
_SMALL = 20_000_000  # unpacked bytes that do no harm whatever their ratio


class Kind(StrEnum):
    """What the bytes are."""

    XLSX = "xlsx"  # xlsm and xlsb too
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    ZIP = "zip"  # a zip that is no office file
    ENCRYPTED = "encrypted"
    EMPTY = "empty"
    HTML = "html"  # a web page or XML table, whatever its name
    OTHER = "other"


_REFUSED = {
    Kind.EMPTY: "workbook.empty",
    Kind.ENCRYPTED: "workbook.encrypted",
    Kind.HTML: "workbook.web_page",
    Kind.OTHER: "workbook.not_a_workbook",
    Kind.ZIP: "workbook.not_a_workbook",
}


@dataclass(frozen=True)
class Inspection:
    """What the bytes tell: kind, errors that end the reading, marks of the sheets by name, macros."""

    kind: Kind
    findings: tuple[Finding, ...] = ()
    sheets: Mapping[str, SheetMarks] = field(default_factory=dict)
    macros: bool = False


class Unreadable(Exception):
    """A file of theirs that gives nothing; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def sniff(data: bytes, name: str) -> Kind:
    """Decides by bytes; the name only tells a table of text from a letter (`.csv`)."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return Kind.EMPTY
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if data.startswith(_OLE):
        return _ole_kind(data)
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _MARKUP.match(start):
        return Kind.HTML
    return Kind.CSV if _is_text(data) and _is_table(start, name) else Kind.OTHER


def _zip_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mime = archive.read("mimetype").strip()
                if not mime.startswith(b"application/vnd.oasis.opendocument"):
                    return Kind.OTHER
                return _ods_kind(archive) if b"spreadsheet" in mime else Kind.OTHER
    except BROKEN:
        return Kind.XLSX if b"xl/workbook." in data or b"xl/worksheets/" in data else Kind.OTHER  # damaged on its way
    if any(n.lower().startswith("xl/workbook.") for n in names):
        return Kind.XLSX
    return Kind.OTHER if "[Content_Types].xml" in names else Kind.ZIP


def _ods_kind(archive: zipfile.ZipFile) -> Kind:
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and archive.getinfo(manifest).file_size < 1_000_000:
        return Kind.ENCRYPTED if b"encryption-data" in archive.read(manifest) else Kind.ODS
    return Kind.ODS


def _ole_kind(data: bytes) -> Kind:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Kind.ENCRYPTED
    books = ("W\0o\0r\0k\0b\0o\0o\0k\0\0\0", "B\0o\0o\0k\0\0\0")
    return Kind.XLS if any(book.encode("latin-1") in data for book in books) else Kind.OTHER


def _is_text(data: bytes) -> bool:
    """No bytes that text never has (NUL and most control characters)."""
    return re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data[:65536]) is None


def _is_table(start: bytes, name: str) -> bool:
    """Text is a table when named .csv, or when most of its first lines share a delimiter."""
    if name.lower().endswith(".csv"):
        return True
    lines = [line for line in start.splitlines()[:-1] if line.strip()] or [start]
    return len(lines) > 1 and any(2 * sum(d in line for line in lines) > len(lines) for d in (b";", b"\t"))


def is_workbook_candidate(data: bytes, name: str) -> bool:
    """Whether a file is to be read as a form. A picture, a PDF, a letter or a signature is a supporting
    document; a file that calls itself a workbook is a candidate whatever it holds, and ends in a finding."""
    kind, lowered = sniff(data, name), name.lower()
    if kind in (Kind.XLSX, Kind.XLS, Kind.ODS, Kind.CSV):
        return True
    if kind == Kind.ENCRYPTED:
        return not lowered.endswith(_OTHER_OFFICE)
    return lowered.endswith(_SPREADSHEETS)


def preflight(data: bytes, name: str, limits: Limits) -> tuple[Finding, ...]:
    """Errors that keep a file from being read: empty, locked, no workbook, too large or far-flung."""
    return inspect(data, name, limits).findings


def glance(data: bytes, name: str, limits: Limits) -> Inspection:
    """What a file is, and errors that keep it from every reader: empty, locked, no workbook, unpacked too large."""
    kind = sniff(data, name)
    if kind in _REFUSED:
        return Inspection(kind, (Finding(_REFUSED[kind], value=name),))
    if kind not in (Kind.XLSX, Kind.ODS):
        return Inspection(kind)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _too_large(archive.infolist(), len(data), limits):
                return Inspection(kind, (Finding("workbook.too_large", value=name),))
            macros = any(n.endswith("vbaProject.bin") for n in archive.namelist())
    except BROKEN:
        return Inspection(kind, (Finding("workbook.unreadable", value=name),))
    return Inspection(kind, macros=macros)


def inspect(data: bytes, name: str, limits: Limits, watch: Watch | None = None) -> Inspection:
    """Everything the bytes tell before cells are read, in one pass over the sheets' XML, while the file has time."""
    return look_through(glance(data, name, limits), data, name, limits, watch or Watch())


def look_through(seen: Inspection, data: bytes, name: str, limits: Limits, watch: Watch) -> Inspection:
    """After the glance, the pass over the XML of a workbook's sheets."""
    if seen.findings or seen.kind != Kind.XLSX:
        return seen
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheets = scan(archive, limits, watch)
    except BROKEN:
        return replace(seen, findings=(Finding("workbook.unreadable", value=name),))
    except Late:
        return replace(seen, findings=(too_slow(limits, name),))
    except TooMany:
        return replace(seen, findings=(Finding("workbook.too_large", value=name),))
    far = [Finding("workbook.too_large", sheet, m.far, name) for sheet, m in sheets.items() if m.far]
    return replace(seen, findings=tuple(far[:1]), sheets=sheets)


def too_slow(limits: Limits, name: str = "") -> Finding:
    """The finding for a file whose time for reading is up."""
    return Finding("workbook.too_slow", value=name, facts={"seconds": f"{limits.reading_seconds:g}"})


def _too_large(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> bool:
    unpacked = sum(member.file_size for member in members)
    return unpacked > limits.unpacked_total or (unpacked > _SMALL and unpacked > packed * limits.unpacked_ratio)


def unzip(data: bytes, limits: Limits) -> list[Attachment]:
    """Files of a .zip, one level deep; their names are only shown. Raises Unreadable when it is damaged,
    locked, or would unpack past the limits (4.3.2)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
            total = sum(m.file_size for m in members)
            if len(members) > limits.zip_members or total > limits.attachments_total * 4:
                raise Unreadable(Finding("archive.too_large"))
            if _too_large(members, len(data), limits):
                raise Unreadable(Finding("archive.too_large"))
            return [Attachment(_shown_name(m), archive.read(m)) for m in members]
    except BROKEN:
        raise Unreadable(Finding("archive.unreadable")) from None


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(("~$", ".~lock", ".DS_Store"))


def _shown_name(member: zipfile.ZipInfo) -> str:
    """The last part of a member's name; old archivers wrote it in the DOS page of Cyrillic."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("cp866")
        except UnicodeError:
            name = member.filename
    return PurePosixPath(name.replace("\\", "/")).name or "file"
