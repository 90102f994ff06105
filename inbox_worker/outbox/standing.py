"""Proof that a file that people put into the outbox is whole: it has stood still, and opens as what its name says.

A network drive shows a file while it is still being copied. Half of a workbook must never be mailed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse
from pikepdf import DataDecodingError, PasswordError, Pdf, PdfError, Stream

from inbox_worker.core.files import open_file, read_file

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError),
    expat.ExpatError,
)
TEXTS = (".csv", ".txt")
_PDF_ENDS_WITHIN = 2048  # bytes
_Key = tuple[int, int, int, int, int]


class Stillness:
    """Tells which files do not change any more: same size and time of change over the quiet period."""

    def __init__(self) -> None:
        self._since: dict[Path, tuple[tuple[int, int], datetime]] = {}

    def is_still(self, path: Path, quiet_seconds: float, now: datetime) -> bool:
        """Tell whether the file was last changed so long ago, or was seen unchanged for so long. A time of change that
        lies in the future (another machine's clock) proves nothing. Raises OSError when there is no such file."""
        found = path.stat()
        seen, before = (found.st_size, found.st_mtime_ns), self._since.get(path)
        since = min(before[1], now) if before and before[0] == seen else now
        self._since[path] = (seen, since)
        age = now.timestamp() - found.st_mtime
        return age >= quiet_seconds or (now - since).total_seconds() >= quiet_seconds


class OpenableFiles:
    """Tells which files open as what their names say; a file is read again only when it has changed."""

    def __init__(self) -> None:
        self._known: dict[_Key, bool] = {}

    def is_whole(self, path: Path) -> bool:
        """Tell whether the file opens; half of a text does, too, so its lines are counted besides. Raises OSError when
        it cannot be read at all."""
        found = path.stat()
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key not in self._known:
            self._known[key] = found.st_size > 0 and _READS.get(path.suffix.lower(), _opens)(path)
        return self._known[key]


def _opens(path: Path) -> bool:
    """Of other kinds nothing tells their end; they are not empty and have stood still."""
    with open_file(path) as file:
        return bool(file.read(1))


def _text(path: Path) -> bool:
    """It is text, and its last line has an end."""
    data = read_file(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codes: tuple[str, ...] = ("utf-16",)
    else:
        codes = () if b"\0" in data else ("utf-8-sig", "cp1251")
    for code in codes:
        with suppress(UnicodeDecodeError):
            text = data.decode(code)
            return text.endswith("\n" if "\n" in text else "\r")
    return False


def lines_of(name: str, data: bytes) -> int:
    """Count the lines of a text; 0 of other kinds.

    >>> lines_of("a.csv", b"1\\r\\n2\\r\\n"), lines_of("a.pdf", b"1\\n")
    (2, 0)
    """
    ends = (b"\r", b"\n")
    return max(data.count(end) for end in ends) if Path(name).suffix.lower() in TEXTS else 0


def _zip(*needed: str) -> Callable[[Path], bool]:
    """Every part of the archive is there, has its check sum, and opens if it is XML; one of those that begin like
    `needed` is among them."""

    def opens(path: Path) -> bool:
        try:
            with zipfile.ZipFile(path) as archive:
                names = [name.replace("\\", "/").lower() for name in archive.namelist()]
                if not all(any(name.startswith(one) for name in names) for one in needed) or archive.testzip():
                    return False
                for part in archive.namelist() if needed else ():
                    if part.lower().endswith((".xml", ".rels")):
                        with archive.open(part) as opened:
                            expat.ParserCreate().ParseFile(opened)
                return True
        except _ZIP_ERRORS:
            return False

    return opens


def _pdf(path: Path) -> bool:
    """It has its end, its table of contents is there without repair, and what it holds unpacks."""
    data = read_file(path)
    if b"%%EOF" not in data[-_PDF_ENDS_WITHIN:]:
        return False
    try:
        with Pdf.open(path, attempt_recovery=False) as document:
            for part in document.objects:
                if isinstance(part, Stream) and part.get("/Filter") in (None, "/FlateDecode"):
                    part.read_bytes()
            return True
    except PasswordError:
        return True
    except (PdfError, DataDecodingError):
        return False


def _xml(path: Path) -> bool:
    try:
        parse(path)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return False
    return True


def is_whole_letter(data: bytes) -> bool:
    """Tell whether an e-mail has its headers, and the end of each of its multiparts.

    >>> is_whole_letter(b"Subject: a\\n\\ntext\\n")
    True
    >>> is_whole_letter(b'Content-Type: multipart/mixed; boundary="x"\\n\\n--x\\n\\ntext\\n')
    False
    """
    letter = message_from_bytes(data)
    ends = [part.get_boundary() for part in letter.walk() if part.get_content_maintype() == "multipart"]
    headed = bool(letter.keys()) and re.search(rb"\r?\n\r?\n", data)
    return bool(headed) and all(end and f"--{end}--".encode() in data for end in ends)


_READS: Mapping[str, Callable[[Path], bool]] = {
    **dict.fromkeys(TEXTS, _text),
    ".xlsx": _zip("[content_types].xml", "xl/"),
    ".xlsm": _zip("[content_types].xml", "xl/"),
    ".docx": _zip("[content_types].xml", "word/"),
    ".ods": _zip("content.xml"),
    ".odt": _zip("content.xml"),
    ".zip": _zip(),
    ".pdf": _pdf,
    ".xml": _xml,
    ".eml": lambda path: is_whole_letter(read_file(path)),
}
