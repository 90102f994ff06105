"""Opens PDFs of strangers in a process of its own; run by path (see jail_protocol.py).

Request: `seconds`. Verdicts: b'A' it opens and has pages, b'U' it does not, or only with a password.
"""

from __future__ import annotations

import io
from typing import Any

from pikepdf import Dictionary, Pdf, PikepdfError

from inbox_worker.workbooks.jail_protocol import run

_END = 4096  # bytes in which a whole file says that it ends
_MOST_PAGES = 2000  # looked at one by one


def opens(data: bytes) -> bool:
    """Return whether a PDF opens without a password and its pages are there. One without its end that had to be
    repaired was cut on its way: what is left of it proves nothing."""
    data = data.rstrip(b"\0\r\n\t ")
    with Pdf.open(io.BytesIO(data)) as document:
        pages = len(document.pages)
        whole = all(isinstance(document.pages[at].obj, Dictionary) for at in range(min(pages, _MOST_PAGES)))
        cut = b"%%EOF" not in data[-_END:] and bool(document.get_warnings())
        return pages > 0 and whole and not cut


def answer(data: bytes, _: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the verdict on one file."""
    try:
        return (b"A" if opens(data) else b"U"), b""
    except (PikepdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError) as error:
        return b"U", str(error).encode("utf-8", "replace")
    except (MemoryError, RecursionError):
        return b"U", b""


if __name__ == "__main__":
    run(answer)
