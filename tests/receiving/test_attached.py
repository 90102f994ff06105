"""What an attachment is meant to be: a document, a signature put aside, a file out of its signature, a cipher."""

from __future__ import annotations

import binascii

import pytest

from inbox_worker.core.model import Attachment
from inbox_worker.receiving.attached import take_apart
from inbox_worker.receiving.cms import read_cms
from inbox_worker.receiving.links import cloud_disk
from inbox_worker.receiving.uuencoded import find_uuencoded


def tlv(tag: int, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return bytes([tag, len(body)]) + body if len(body) < 128 else bytes([tag, 0x82]) + len(body).to_bytes(2) + body


SIGNED = tlv(6, bytes.fromhex("2a864886f70d010702"))
ENVELOPED = tlv(6, bytes.fromhex("2a864886f70d010703"))
DATA = tlv(6, bytes.fromhex("2a864886f70d010701"))


def container(*content: bytes) -> bytes:
    """Signed data around what stands behind the inner type."""
    inner = tlv(0x30, tlv(2, b"\1"), tlv(0x31), tlv(0x30, DATA, *content), tlv(0x31))
    return tlv(0x30, SIGNED, tlv(0xA0, inner))


OPAQUE = container(tlv(0xA0, tlv(4, b"form")))


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (OPAQUE, b"form"),
        (container(tlv(0xA0, tlv(4, b"f" * 300))), b"f" * 300),
        (container(tlv(0xA0, tlv(0x24, tlv(4, b"fo"), tlv(4, b"rm")))), b"form"),
        (container(b"\xa0\x80\x24\x80" + tlv(4, b"fo") + tlv(4, b"rm") + b"\0\0\0\0"), b"form"),
        (b"-----BEGIN PKCS7-----\n" + binascii.b2a_base64(OPAQUE) + b"-----END PKCS7-----\n", b"form"),
        (container(), None),
    ],
)
def test_what_was_signed_comes_out(data: bytes, content: bytes | None) -> None:
    sealed = read_cms(data)
    assert sealed is not None and (sealed.enciphered, sealed.content) == (False, content)


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80", OPAQUE[:30], tlv(0x30, DATA), b"\x30\x84\xff\xff\xff\xff", b"PK"]
)
def test_what_is_no_container_is_none(data: bytes) -> None:
    assert read_cms(data) is None


@pytest.mark.parametrize(
    ("name", "data", "kind", "read", "codes"),
    [
        ("scan.pdf", b"%PDF", "application/pdf", [("scan.pdf", False)], []),
        ("form.xlsx.p7m", OPAQUE, "", [("form.xlsx", False)], ["attachment.signature"]),
        ("FORM.XLSX.P7S", container(), "", [("FORM.XLSX.P7S", True)], ["attachment.signature"]),
        ("x.cms", tlv(0x30, ENVELOPED), "", [("x.cms", True)], ["attachment.enciphered"]),
        (".sig", OPAQUE, "", [("file", False)], ["attachment.signature"]),
        ("scan.asc", b"-----BEGIN PGP MESSAGE-----", "", [("scan.asc", True)], ["attachment.enciphered"]),
        ("scan.asc", b"-----BEGIN PGP SIGNATURE-----", "", [("scan.asc", True)], ["attachment.signature"]),
        ("scans.7z", b"7z\xbc\xaf\x27\x1c", "", [("scans.7z", False)], ["archive.other"]),
        ("card.vcf", b"BEGIN:VCARD", "", [("card.vcf", True)], []),
        ("ATT00002.htm", b"<p>", "text/html", [("ATT00002.htm", True)], []),
        ("attestat.txt", b"words", "text/plain", [("attestat.txt", False)], []),
        ("scan.pdf", b"\r\n\0", "application/pdf", [("scan.pdf", True)], []),
        ("._scan.pdf", b"\x00\x05\x16\x07", "", [], []),
    ],
)
def test_attachments(name: str, data: bytes, kind: str, read: list[tuple[str, bool]], codes: list[str]) -> None:
    """`read`: name and whether it is put aside, so that it proves nothing (4.3.2.4)."""
    files, findings = take_apart(Attachment(name, data), kind)
    assert [(file.name, file.aside) for file in files] == read
    assert [finding.code for finding in findings] == codes


LINE = binascii.b2a_uu(b"form")


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (b"Hi\r\nbegin 644 a b.xlsx\r\n" + LINE.replace(b"\n", b"\r\n") + b"`\r\nend\r\n", [("a b.xlsx", b"form")]),
        (b"begin 644 a\n" + LINE + b"end\nbegin 755 b\n" + LINE + b"end", [("a", b"form"), ("b", b"form")]),
        (b"begin 644 a\n" + LINE, []),  # no end
        (b"begin 644 a\n\xd1\x8f is no uuencode\nend\n", []),
        (b"begin 644 a\nend\n", []),
        (b"we begin 644 a\n" + LINE + b"end\n", []),
        (b"begin at 644\nend\n", []),
    ],
)
def test_uuencoded_files(text: bytes, files: list[tuple[str, bytes]]) -> None:
    assert [(file.name, file.data) for file in find_uuencoded(text)] == files


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("вот https://disk.yandex.ru/i/abc", "disk.yandex.ru"),
        ('<a href="https://firma.sharepoint.com/:x:/s/1">', "firma.sharepoint.com"),
        ("https://Drive.Google.com/open?id=1", "drive.google.com"),
        ("https://a.example/disk.yandex.ru/x", ""),
        ("https://notdropbox.com/x", ""),
        ("https://drive.google.com/", ""),
    ],
)
def test_links_to_cloud_disks(text: str, host: str) -> None:
    assert cloud_disk(text) == host
