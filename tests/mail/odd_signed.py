"""Signed and enciphered letters and files: S/MIME, CMS as Kazakhstan's signing programs write it, PGP."""

from __future__ import annotations

import subprocess
import tempfile
from base64 import b64encode
from pathlib import Path

from mail_letters import MINUS, PLUS, file, letter, multi, oddity, plain, raw, text

_PGP = "-----BEGIN PGP {0}-----\n\nwcBMA0rr3fFGWg6UAQf/d2\n=abcd\n-----END PGP {0}-----\n"


def openssl(*words: str, data: bytes) -> bytes:
    """Runs `openssl cms` with a key made for this once."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "cert.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
             "-subj", "/CN=Bukhgalter A", "-days", "3650"],
            check=True, capture_output=True,
        )  # fmt: skip
        signer = ["-signer", certificate, "-inkey", key] if "-sign" in words else [certificate]
        options = [*words, "-binary", "-outform", "DER", *signer]
        return subprocess.run(["openssl", "cms", *options], input=data, check=True, capture_output=True).stdout


@oddity
def detached_signature_beside_the_form() -> bytes:
    """The signature is kept; it is no document that proves a plus (4.3.2.4)."""
    signature = openssl("-sign", data=PLUS)
    return plain(file("plus.xlsx", PLUS), file("plus.xlsx.p7s", signature, "application/octet-stream"))


@oddity
def form_inside_its_signature() -> bytes:
    return plain(file("form.xlsx.p7m", openssl("-sign", "-nodetach", data=MINUS), "application/octet-stream"))


@oddity
def form_inside_its_signature_in_pieces() -> bytes:
    """Long files are signed as a stream: lengths are left open (BER)."""
    data = openssl("-sign", "-nodetach", "-stream", data=MINUS)
    return plain(file("form.xlsx.cms", data, "application/octet-stream"))


@oddity
def form_inside_its_signature_as_base64_text() -> bytes:
    """NCALayer gives the container as bare base64."""
    data = b64encode(openssl("-sign", "-nodetach", data=MINUS))
    return plain(file("form.xlsx.cms", data, "application/octet-stream"))


@oddity
def enveloped_form() -> bytes:
    data = openssl("-encrypt", "-aes256", data=MINUS)
    return plain(file("form.xlsx.p7m", data, "application/pkcs7-mime; smime-type=enveloped-data"))


@oddity
def p7m_that_is_none() -> bytes:
    return plain(file("form.xlsx.p7m", b"not a container at all", "application/pkcs7-mime"))


@oddity
def smime_signed_multipart() -> bytes:
    inner = multi(text(), file(), boundary="=_s2")
    signature = file("smime.p7s", openssl("-sign", data=inner), "application/pkcs7-signature")
    kind = 'signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    return letter(multi(inner, signature, kind=kind, boundary="=_s1"))


@oddity
def smime_opaque_letter() -> bytes:
    """The whole letter lies inside smime.p7m."""
    inner = multi(text(), file(), boundary="=_s2").replace(b"\n", b"\r\n")
    signed = openssl("-sign", "-nodetach", data=inner)
    return letter(file("smime.p7m", signed, "application/pkcs7-mime; smime-type=signed-data"))


@oddity
def smime_enciphered_letter() -> bytes:
    data = openssl("-encrypt", "-aes256", data=multi(text(), file()))
    return letter(file("smime.p7m", data, "application/pkcs7-mime; smime-type=enveloped-data"))


@oddity
def pgp_signed() -> bytes:
    signature = raw('Content-Type: application/pgp-signature; name="signature.asc"\n\n' + _PGP.format("SIGNATURE"))
    inner = multi(text(), file("plus.xlsx", PLUS), boundary="=_p2")
    kind = 'signed; protocol="application/pgp-signature"; micalg=pgp-sha256'
    return letter(multi(inner, signature, kind=kind, boundary="=_p1"))


@oddity
def pgp_enciphered() -> bytes:
    version = b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
    body = raw('Content-Type: application/octet-stream; name="encrypted.asc"\n\n' + _PGP.format("MESSAGE"))
    return letter(multi(version, body, kind='encrypted; protocol="application/pgp-encrypted"'))


@oddity
def pgp_in_the_text() -> bytes:
    return letter(text(_PGP.format("MESSAGE")))


@oddity
def pgp_file() -> bytes:
    return plain(file("form.xlsx.gpg", b"\x85\x01\x0c\x03" + bytes(40), "application/octet-stream"))
