"""Checks before a file is read: what it is, how large it unpacks (4.1.15, 4.3.2)."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from time import monotonic
from typing import Self

from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Attachment, Finding
from inbox_worker.settings.office_rules import Limits
from inbox_worker.workbooks.sniff import BROKEN, OLE, Kind, sniff
from inbox_worker.workbooks.xlsx_parts import repeated_part

_SMALL = 20_000_000  # unpacked bytes that do no harm whatever their ratio


_REFUSED = {
    Kind.EMPTY: "workbook.empty",
    Kind.HTML: "workbook.web_page",
    Kind.OTHER: "workbook.not_a_workbook",
    Kind.ZIP: "workbook.not_a_workbook",
    Kind.XML_TABLE: "workbook.xml_table",
    Kind.FLAT_ODS: "workbook.flat_ods",
    Kind.NUMBERS: "workbook.numbers",
    Kind.DBF: "workbook.dbf",
    Kind.OLD_TABLE: "workbook.old_format",
    Kind.BANK: "workbook.bank_format",
    Kind.MESSAGE: "workbook.message",
    Kind.PDF: "workbook.pdf",
    Kind.PICTURE: "workbook.picture",
    Kind.WORDS: "workbook.words",
    Kind.LOCK: "workbook.lock_file",
}


@dataclass(frozen=True)
class Inspection:
    """Facts about a file before its cells are read: kind, errors that end the reading, macros."""

    kind: Kind
    findings: tuple[Finding, ...] = ()
    macros: bool = False


class Unreadable(JobError):
    """A file of theirs that gives nothing; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def glance(data: bytes, name: str, limits: Limits) -> Inspection:
    """Find a file's kind, and errors that keep it from every reader: empty, locked, no workbook, unpacked too large."""
    kind = sniff(data, name)
    if kind in _REFUSED:
        return Inspection(kind, (Finding(_REFUSED[kind], value=name),))
    if kind == Kind.ENCRYPTED and not data.startswith(OLE):
        return Inspection(kind, (Finding("workbook.encrypted", value=name),))
    if kind not in (Kind.XLSX, Kind.ODS):
        return Inspection(kind)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _too_large(archive.infolist(), len(data), limits):
                return Inspection(kind, (Finding("workbook.too_large", value=name),))
            if twice := repeated_part(archive):
                return Inspection(kind, (Finding("workbook.part_twice", value=name, facts={"part": twice[:200]}),))
            macros = any(n.endswith("vbaProject.bin") or "/macrosheets/" in n for n in archive.namelist())
    except BROKEN:
        return Inspection(kind, (Finding("workbook.unreadable", value=name),))
    return Inspection(kind, macros=macros)


def too_slow(limits: Limits, name: str = "") -> Finding:
    """Return the finding for a file whose time for reading is up."""
    return Finding("workbook.too_slow", value=name, facts={"seconds": f"{limits.reading_seconds:g}"})


def _too_large(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> bool:
    unpacked = sum(member.file_size for member in members)
    return unpacked > limits.unpacked_total or (unpacked > _SMALL and unpacked > packed * limits.unpacked_ratio)


def unzip(data: bytes, limits: Limits) -> list[Attachment]:
    """Return the files of a .zip, one level deep; their names are only shown. Raises Unreadable when it is damaged,
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
    """Return the last part of a member's name; old archivers wrote it in the DOS page of Cyrillic."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("cp866")
        except UnicodeError:
            name = member.filename
    return PurePosixPath(name.replace("\\", "/")).name or "file"


class TimeBudget:
    """A stop-watch for one file; it runs inside `with`: while its bytes are opened, read, marked. Between the steps,
    when other files have their turn or rows are decided on, it is stopped."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._since: float | None = None

    def __enter__(self) -> Self:
        self._since = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._spent, self._since = self.spent, None

    def add(self, seconds: float) -> None:
        """Add seconds that the bytes took elsewhere."""
        self._spent += seconds

    @property
    def spent(self) -> float:
        """Seconds so far."""
        return self._spent + (0.0 if self._since is None else monotonic() - self._since)

    def seconds_left(self, limits: Limits) -> float:
        """Return seconds that the next step may take of the sender's bytes; 0 when there are none. Writing the list of
        findings has its own share of `file_seconds`, so that a slow file is answered, too."""
        return max(limits.reading_seconds - self.spent, 0.0)


SHIFT_1904 = 1462  # days between both
_SWITCHED = re.compile(rb"""<(?:\w+:)?workbookPr\b[^<>]*\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_NULL_DATE = re.compile(rb"""<table:null-date\b[^<>]*date-value\s*=\s*["']1904-01-01""")
_RECORD_1904 = b"\x22\x00\x02\x00\x01\x00"  # DATEMODE of .xls, among the workbook's first records
_LOOKED_AT = 4_000_000  # bytes of a part; the setting is near its beginning


def date_shift(data: bytes) -> int:
    """Return days from the date system of 1900 to the workbook's own: 0 or SHIFT_1904."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return SHIFT_1904 if _RECORD_1904 in data[:_LOOKED_AT] else 0
    if not data.startswith(b"PK"):
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                lowered = name.replace("\\", "/").lower()
                pattern = _SWITCHED if lowered.endswith("workbook.xml") else _NULL_DATE
                if lowered.endswith("workbook.xml") or lowered == "content.xml":
                    with archive.open(name) as part:
                        return SHIFT_1904 if pattern.search(part.read(_LOOKED_AT)) else 0
    except BROKEN:
        return 0  # the reader says what is wrong with it
    return 0
