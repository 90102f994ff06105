"""A certificate that is not accepted is told with what to do about this very one."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from inbox_worker.receiving.imap_login import UnreachableServer, connect
from inbox_worker.settings.mailboxes import Imap


def make_certificate(folder: Path, begins: int, ends: int, name: x509.GeneralName) -> Path:
    """A certificate and its key in one file, good between two days from now."""
    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(today + timedelta(begins))
    builder = builder.not_valid_after(today + timedelta(ends))
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    made += key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "mail.pem"
    path.write_bytes(made)
    return path


@pytest.mark.parametrize(
    ("begins", "ends", "name", "remedy"),
    [
        (-9, -1, "127.0.0.1", "certificate has expired; whoever runs the server must renew it"),
        (2, 9, "127.0.0.1", "certificate is not yet valid; it does not count yet: look at the clocks"),
        (-1, 9, "127.0.0.9", "write its name as host in config.yaml"),
        (-1, 9, "", "name its CA in ca_file"),
    ],
)
def test_a_certificate_is_told_with_its_own_remedy(
    begins: int, ends: int, name: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All were answered by "name its CA", which mends none of the first three."""
    monkeypatch.setenv("SOME_PASSWORD", "secret")
    file = make_certificate(tmp_path, begins, ends, x509.IPAddress(ip_address(name or "127.0.0.1")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_greet, args=(listening, context))
        thread.start()
        keys = {"ca_file": str(file)} if name else {}
        known = {"host": "127.0.0.1", "port": listening.getsockname()[1], "user": "k", "password_env": "SOME_PASSWORD"}
        with pytest.raises(UnreachableServer) as raised:
            connect(Imap.model_validate(known | keys), tmp_path)
        thread.join()
    assert "the certificate of 127.0.0.1" in str(raised.value) and remedy in str(raised.value)


def _greet(listening: socket.socket, context: ssl.SSLContext) -> None:
    with listening.accept()[0] as link, contextlib.suppress(OSError):
        context.wrap_socket(link, server_side=True)
