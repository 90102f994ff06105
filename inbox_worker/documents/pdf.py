"""Word documents as PDF, when LibreOffice is there: many in one start of it (1.2 s for one, 0.1 s more
each).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from pikepdf import Array, Pdf, String

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256
from inbox_worker.core.rendered import Rendered
from inbox_worker.core.scratch import make_scratch

SECONDS_TO_START, SECONDS_EACH = 60, 5


_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>Noto Sans</family></prefer></alias>
</fontconfig>
"""


class PdfFailed(JobError):
    """LibreOffice did not make the PDF files; the text says what it said."""


def find_soffice() -> Path | None:
    """Return libreOffice's program, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found) if found else None


def to_pdf(documents: Sequence[Rendered], soffice: Path, fonts: Path) -> list[Rendered]:
    """Convert the documents to PDF, in their order, with the same kind, template and figures.

    Word's usual faces are drawn with those in `fonts`, so that every machine prints the same letters, Kazakh ones
    among them.

    Runs LibreOffice once with a profile of its own, so one that staff have open is not disturbed. Raises
    PdfFailed when it fails, takes too long or leaves a document out.
    """
    if not documents:
        return []
    with make_scratch("pdf") as name:
        folder = Path(name)
        sources = []
        for place, document in enumerate(documents):  # names repeat from Customer to Customer
            source = folder / f"{place}{Path(document.file_name).suffix}"
            source.write_bytes(document.data)
            sources.append(source)
        _convert(sources, folder, soffice, fonts)
        return [
            _collect(document, source.with_suffix(".pdf")) for document, source in zip(documents, sources, strict=True)
        ]


def _convert(sources: Sequence[Path], folder: Path, soffice: Path, fonts: Path) -> None:
    command = [str(soffice), "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, sources)]
    settings = folder / "fonts.conf"
    settings.write_text(
        _FONTS.format(fonts=escape(str(fonts.absolute())), cache=escape(str(folder / "cache"))), "utf-8"
    )
    try:
        subprocess.run(
            command,
            env={**os.environ, "FONTCONFIG_FILE": str(settings), "TZ": "UTC"},
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_START + SECONDS_EACH * len(sources),
        )
    except subprocess.TimeoutExpired as error:
        raise PdfFailed(f"LibreOffice took over {error.timeout:.0f} s for {len(sources)} documents") from error
    except subprocess.CalledProcessError as error:
        raise PdfFailed(f"LibreOffice failed: {error.stderr.strip() or error.stdout.strip()}") from error


def _collect(document: Rendered, made: Path) -> Rendered:
    if not made.exists():
        raise PdfFailed(f"LibreOffice made no PDF of {document.file_name}")
    data = settle(made.read_bytes(), sha256(document.data))
    return replace(document, file_name=Path(document.file_name).with_suffix(".pdf").name, data=data)


def settle(pdf: bytes, identity: str) -> bytes:
    """Return the page's bytes as the document of this identity alone makes them: without the moment of conversion,
    random ids, and the order of fonts, which changes from run to run. A PDF is written in the order of references."""
    sink = BytesIO()
    with Pdf.open(BytesIO(pdf)) as document:
        document.docinfo["/CreationDate"] = "D:20000101000000Z"
        document.trailer["/ID"] = Array([String(identity[:16])] * 2)
        if "/DocChecksum" in document.trailer:
            del document.trailer["/DocChecksum"]
        document.save(sink, deterministic_id=True)
    return sink.getvalue()
