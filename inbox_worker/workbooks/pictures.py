"""Proof that the bytes of a picture are whole: its header, its parts, its end. Nothing is decoded, nothing raises."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_WIDTH, _HEIGHT = 256, 257  # tags of TIFF
_PIXELS = ((273, 279), (324, 325), (513, 514))  # where its strips, tiles or JPEG begin, and how long they are
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")
_MOST_PARTS = 100_000


def is_jpeg(data: bytes) -> bool:
    """Return whether there is a frame with a size, a scan, and after it the end; a thumbnail does not count."""
    at, framed = 2, False
    for _ in range(_MOST_PARTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF or marker in _JPEG_ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            return False
        if marker in _JPEG_FRAMES:
            framed = length >= 8 and any(data[at + 7 : at + 9])
        if marker == 0xDA:
            return framed and data.find(b"\xff\xd9", at + 2 + length) > 0
        at += 2 + length
    return False


def is_png(data: bytes) -> bool:
    """Return whether every chunk is whole by its own sum, from the header to the end, with a picture between."""
    at, seen = len(_PNG), list[bytes]()
    while at + 12 <= len(data) and len(seen) < _MOST_PARTS:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 8 + length
        if end + 4 > len(data) or zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return False
        seen.append(kind)
        if kind == b"IEND":
            return seen[0] == b"IHDR" and any(data[16:20]) and any(data[20:24]) and b"IDAT" in seen
        at = end + 4
    return False


def is_gif(data: bytes) -> bool:
    """Return whether there is a screen with a size, a picture, and the trailer."""
    return (
        len(data) > 13 and any(data[6:8]) and any(data[8:10]) and b"," in data[13:] and data.rstrip(b"\0")[-1:] == b";"
    )


def is_bmp(data: bytes) -> bool:
    """Return whether the pixels that its header speaks of are there."""
    if len(data) < 54:
        return False
    start, head, width, height, _, depth, packed = struct.unpack_from("<IIiiHHI", data, 10)
    rows = (abs(width) * depth + 31) // 32 * 4 * abs(height)
    whole = start + rows <= len(data) if packed in (0, 3) else start < len(data)
    return bool(head >= 40 and width > 0 and height != 0 and whole)


def is_tiff(data: bytes) -> bool:
    """Return whether a directory has width, height and strips or tiles that are within the file, each to its end."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 16:
        return False
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    count = struct.unpack_from(f"{order}H", data, start)[0] if start + 2 <= len(data) else 0
    if not count or start + 2 + 12 * count > len(data):
        return False
    known = {}
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, many = struct.unpack_from(f"{order}HHI", data, place)
        known[tag] = _tiff_values(data, order, place + 8, kind, many)
    stretches = [(known.get(at) or (), known.get(sizes) or ()) for at, sizes in _PIXELS]
    pixels = [(at, size) for places, sizes in stretches for at, size in zip(places, sizes, strict=False)]
    sized = all(any(known.get(tag) or ()) for tag in (_WIDTH, _HEIGHT))
    return sized and bool(pixels) and all(at >= 8 and at + size <= len(data) for at, size in pixels)


def _tiff_values(data: bytes, order: str, place: int, kind: int, many: int) -> tuple[int, ...]:
    """Return whole numbers of an entry, () for anything else or what is outside the file."""
    size, letter = {3: (2, "H"), 4: (4, "I")}.get(kind, (0, ""))
    if not size or not 0 < many <= _MOST_PARTS:
        return ()
    if size * many > 4:
        (place,) = struct.unpack_from(f"{order}I", data, place)
    return struct.unpack_from(f"{order}{many}{letter}", data, place) if place + size * many <= len(data) else ()


def is_webp(data: bytes) -> bool:
    """Return whether the container is whole and has a picture in it."""
    size = int.from_bytes(data[4:8], "little")
    return data[12:15] == b"VP8" and 12 < size + 8 <= len(data) + 1


def is_heif(data: bytes) -> bool:
    """Return whether boxes follow each other to the end, one about the picture and one with it."""
    at, kinds = 0, set[bytes]()
    while at + 8 <= len(data) and len(kinds) < _MOST_PARTS:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        size = len(data) - at if size == 0 else size
        if size < 8 or at + size > len(data):
            return False
        kinds.add(kind)
        at += size
    return {b"ftyp", b"meta", b"mdat"} <= kinds


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels by the header of a whole picture; None where it does not say (TIFF, HEIC)."""
    if data.startswith(_PNG):
        return struct.unpack_from(">II", data, 16)
    if data.startswith(b"GIF8"):
        return struct.unpack_from("<HH", data, 6)
    if data.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", data, 18)
        return abs(width), abs(height)
    if data.startswith(b"RIFF"):
        return _webp_size(data)
    return _jpeg_size(data) if data.startswith(b"\xff\xd8\xff") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at + 1] != 0xDA:
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return (width, height) if height else None  # else its height is behind the scan
        if marker == 0xFF or marker in _JPEG_ALONE:
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def picture_of(data: bytes) -> tuple[str, Callable[[bytes], bool]] | None:
    """Return the kind of picture that the first bytes say, and the function that proves it; None for no picture."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", is_jpeg
    if data.startswith(_PNG):
        return "PNG", is_png
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", is_gif
    if data.startswith((b"II*\0", b"MM\0*")):
        return "TIFF", is_tiff
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP", is_webp
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIC", is_heif
    return ("BMP", is_bmp) if data.startswith(b"BM") else None
