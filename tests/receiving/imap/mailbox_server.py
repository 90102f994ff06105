"""A real Dovecot of our own on loopback, and a wire to it that can be made to go silent."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Self

from imapclient import IMAPClient

from tests.support.ports import free_port, is_free

PASSWORD = "құпия-secret1"  # Kazakh letters: LOGIN could not carry it
PATIENCE = 30.0

_CONFIG = """\
base_dir={base}/run
state_dir={base}/state
log_path={base}/dovecot.log
protocols=imap
listen=127.0.0.1
ssl=yes
ssl_cert=<{base}/cert.pem
ssl_key=<{base}/key.pem
disable_plaintext_auth=no
auth_mechanisms=plain login
auth_failure_delay=0
imap_capability={capability}
mail_location=maildir:{base}/mail/%n
mail_uid={mail[0]}
mail_gid={mail[1]}
first_valid_uid=1
last_valid_uid=0
mail_max_userip_connections=100
mailbox_idle_check_interval=1 secs
default_internal_user={inner[0]}
default_internal_group={inner[1]}
default_login_user={login}
passdb {{
  driver=static
  args=password={password}
}}
userdb {{
  driver=static
  args=uid={mail[0]} gid={mail[1]} home={base}/mail/%n
}}
namespace inbox {{
  inbox=yes
  separator=/
}}
service imap-login {{
  chroot=
  inet_listener imap {{
    address=127.0.0.1
    port={plain}
  }}
  inet_listener imaps {{
    address=127.0.0.1
    port={tls}
    ssl=yes
  }}
}}
service anvil {{
  chroot=
  unix_listener anvil-auth-penalty {{
    mode=0
  }}
}}
service stats {{
  chroot=
}}
service imap {{
  process_limit=64
}}
"""


def why_not() -> str:
    """What is missing for a real server; '' when it can run."""
    missing = [name for name in ("dovecot", "openssl") if not _program(name)]
    return f"{', '.join(missing)} is not installed (packages dovecot-imapd, openssl)" if missing else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
        return True


class Dovecot:
    """An IMAP server; every user name is let in with PASSWORD. `capability` overrides what it says it can do."""

    def __init__(self, base: Path, capability: str = "") -> None:
        self.base = base
        self.plain, self.tls = free_port(), free_port()
        for name in ("run", "state", "mail"):
            (base / name).mkdir(parents=True, exist_ok=True)
        self._certificate()
        (base / "dovecot.conf").write_text(self._settings(capability), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ca(self) -> Path:
        return self.base / "cert.pem"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        program = _program("dovecot")
        assert program
        command = [program, "-F", "-c", str(self.base / "dovecot.conf")]
        self._process = subprocess.Popen(command, start_new_session=True)
        until = time.monotonic() + PATIENCE
        while not self._greets():
            assert self._process.poll() is None, (self.base / "dovecot.log").read_text("utf-8")
            assert time.monotonic() < until, "dovecot does not answer"
            select.select([], [], [], 0.02)  # a look every 20 ms until it listens

    def stop(self) -> None:
        """An orderly end."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE)

    def crash(self) -> None:
        """All its processes die at once, open sessions too. Those that answered, and the one that writes the log, hold
        their ports and sockets until they are gone."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        until = time.monotonic() + PATIENCE
        while not (is_free(self.plain) and is_free(self.tls)) or _listens(self.base / "run" / "log-errors"):
            assert time.monotonic() < until, "dovecot was killed and its ports are still taken"
            select.select([], [], [], 0.02)

    def forget_numbers(self, user: str) -> None:
        """A new UIDVALIDITY for a user's inbox, as after a restored backup; only while it is stopped."""
        for path in (self.base / "mail" / user).glob("dovecot*"):
            if path.name == "dovecot-uidlist" or path.name.startswith("dovecot.index"):
                path.unlink()

    @contextlib.contextmanager
    def user(self, name: str) -> Iterator[IMAPClient]:
        """A mail program of that user."""
        context = ssl.create_default_context(cafile=str(self.ca))
        with IMAPClient("127.0.0.1", self.tls, ssl_context=context, timeout=PATIENCE) as client:
            client.plain_login(name, PASSWORD)
            yield client

    def deliver(self, user: str, *letters: bytes, at: datetime | None = None) -> None:
        """Letters arrive in a user's inbox, at a moment if one is given."""
        with self.user(user) as client:
            for raw in letters:
                client.append("INBOX", raw, msg_time=at)

    def folders(self, user: str) -> dict[str, int]:
        """How many letters lie in each folder; empty ones are left out."""
        with self.user(user) as client:
            names = [
                name
                for flags, _, name in client.list_folders()
                if not {b"\\NoSelect", b"\\Noselect", b"\\NonExistent"} & set(flags)
            ]
            counts = {name: int(client.folder_status(name, ["MESSAGES"])[b"MESSAGES"]) for name in names}
        return {name: count for name, count in counts.items() if count}

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.plain), 1) as link:
                return link.recv(4) == b"* OK"
        except OSError:
            return False

    def _settings(self, capability: str) -> str:
        mine = (pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name)
        mail, inner, login = mine, mine, mine[0]
        if os.geteuid() == 0:
            mail, inner, login = ("nobody", "nogroup"), ("dovecot", "dovecot"), "dovenull"
            shutil.chown(self.base / "mail", "nobody")
            for folder in (self.base, *self.base.parents):
                if folder.owner() == "root" and folder != Path("/tmp"):  # noqa: S108
                    folder.chmod(folder.stat().st_mode | 0o055)
        return _CONFIG.format(
            base=self.base, mail=mail, inner=inner, login=login, plain=self.plain, tls=self.tls,
            password=PASSWORD, capability=capability,
        )  # fmt: skip

    def _certificate(self) -> None:
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "30", "-subj", "/CN=localhost", "-addext", names]
        command += ["-keyout", str(self.base / "key.pem"), "-out", str(self.ca)]
        subprocess.run(command, check=True, capture_output=True)


class Wire:
    """A TCP connection to a port that can go silent without being closed, as a dead line does."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.silent = threading.Event()
        self.accepted = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _serve(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        dead: set[socket.socket] = set()  # what was open when the line died stays dead
        while not self._end.is_set():
            if self.silent.is_set():
                dead |= set(pairs)
                self.silent.clear()
            ready, _, _ = select.select([self._listening, *(set(pairs) - dead)], [], [], 0.05)
            for one in ready:
                if one is self._listening:
                    near = self._listening.accept()[0]
                    far = socket.create_connection(("127.0.0.1", self._target))
                    pairs[near], pairs[far] = far, near
                    self.accepted += 1
                    continue
                if one in pairs:  # both ends may be ready, and the first one's end is the other's, too
                    self._carry(one, pairs)
        for one in [*pairs, self._listening]:
            one.close()

    def _carry(self, one: socket.socket, pairs: dict[socket.socket, socket.socket]) -> None:
        try:
            data = one.recv(65536)
        except OSError:
            data = b""
        if data:
            with contextlib.suppress(OSError):
                pairs[one].sendall(data)
            return
        other = pairs.pop(one)
        pairs.pop(other, None)
        one.close()
        other.close()
