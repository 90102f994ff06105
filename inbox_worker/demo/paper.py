"""Supporting documents: small valid PDFs and pictures, zips with fixed dates."""

from __future__ import annotations

import zipfile
from io import BytesIO

# 120 x 160 grey pixels: JFIF, quantisation, frame, two one-code Huffman tables, scan (two bits a block)
_GREY = (
    bytes.fromhex("FFD8FFE000104A46494600010100000100010000FFDB004300")
    + b"\x01" * 64
    + bytes.fromhex("FFC0000B0800A0007801011100")
    + bytes.fromhex("FFC400140001") + bytes(16)
    + bytes.fromhex("FFC400141001") + bytes(16)
    + bytes.fromhex("FFDA0008010100003F00") + bytes(75) + b"\xff\xd9"
)  # fmt: skip


def pdf(text: str) -> bytes:
    """Return a one-page PDF with a line of Latin text: a scan of minutes, an act."""
    shown = f"BT /F1 14 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def jpeg(text: str, size: int = 0, filler: bytes = b"") -> bytes:
    """Return a small grey picture with a comment; after its end `filler` is repeated up to `size` bytes."""
    comment = text.encode()
    picture = _GREY[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _GREY[2:]
    missing = max(0, size - len(picture))
    return picture + (filler * (missing // len(filler) + 1))[:missing] if missing else picture


def make_zip(name: str, data: bytes) -> bytes:
    """Return a zip with one file; its date is fixed for equal bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 8, 1, 9, 0, 0)), data)
    return target.getvalue()
