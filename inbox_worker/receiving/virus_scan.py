"""The virus scanner of config.yaml: asked about every attachment before it is opened (4.1.17, money.md Outcomes)."""

from __future__ import annotations

import errno
import os
import re
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from inbox_worker.core.errors import JobError
from inbox_worker.core.scratch import scratch_prefix
from inbox_worker.receiving.decoding import clean
from inbox_worker.settings.config import ScannerConfig

_PIECE = 1 << 20
_LONGEST_ANSWER = 4096
_LONGEST_NAME = 100
_FILE = "{file}"
# what every scanner must find and none may fear; in two pieces, else scanners would find it here
_TEST = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class ScannerError(JobError, OSError):
    """A fault of ours: the file was not judged, so its letter waits (never the sender's rejection)."""

    def __str__(self) -> str:
        return str(self.strerror)


class ScannerDown(ScannerError):
    """The scanner gives no verdict on anything. Like a disk away (ESTALE): nothing counts as a try meanwhile."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.ESTALE, f"the virus scanner {words}; letters wait until it answers")


class NotScanned(ScannerError):
    """The scanner gives no verdict on this file."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EIO, f"the virus scanner {words}")


def find_virus(data: bytes, scanner: ScannerConfig) -> str:
    """Return what the scanner calls the virus in a file; '' for a clean one. Raises ScannerDown or NotScanned
    (ours)."""
    return _ask_command(data, scanner) if scanner.command else _ask_clamd(data, scanner)


def scanner_problem(scanner: ScannerConfig) -> str:
    """Tries the scanner with a clean text and the EICAR test text; '' when it tells them apart."""
    try:
        if find_virus(b"clean", scanner):
            return "the virus scanner finds a virus in a clean text; look at its settings and signatures"
        if not find_virus(_TEST, scanner):
            return "the virus scanner does not know the EICAR test; load its signatures (freshclam)"
    except ScannerError as error:
        return str(error)
    return ""


def _ask_clamd(data: bytes, scanner: ScannerConfig) -> str:
    """clamd's INSTREAM: pieces with their length in front, an empty one at the end."""
    try:
        with _open_link(scanner) as link:
            try:
                link.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), _PIECE):
                    piece = data[start : start + _PIECE]
                    link.sendall(struct.pack(">I", len(piece)) + piece)
                link.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # past its limit clamd answers and hangs up while we still send: its answer says why
            answer = _answer(link)
    except ScannerError:
        raise
    except OSError as error:
        raise ScannerDown(f"at {scanner.clamd} gives no answer: {error}") from error
    return _verdict(answer, scanner)


def _verdict(answer: str, scanner: ScannerConfig) -> str:
    if answer.endswith(" OK"):
        return ""
    if found := re.fullmatch(r"[^:]*: (.+) FOUND", answer):
        return clean(found[1])[:_LONGEST_NAME]
    if "size limit" in answer:
        raise NotScanned(f"at {scanner.clamd} takes no file of this size; raise StreamMaxLength to 50M in clamd.conf")
    raise ScannerDown(f"at {scanner.clamd} answers {clean(answer)[:200]!r}")


@contextmanager
def _open_link(scanner: ScannerConfig) -> Iterator[socket.socket]:
    if scanner.clamd.startswith("/"):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(scanner.seconds)
            link.connect(scanner.clamd)
            yield link
        return
    host, _, port = scanner.clamd.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), scanner.seconds) as link:
        yield link


def _answer(link: socket.socket) -> str:
    heard = b""
    while b"\0" not in heard and len(heard) < _LONGEST_ANSWER:
        piece = link.recv(_LONGEST_ANSWER)
        if not piece:
            break
        heard += piece
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _ask_command(data: bytes, scanner: ScannerConfig) -> str:
    program = scanner.command[0]
    try:
        with tempfile.NamedTemporaryFile(prefix=scratch_prefix("scan")) as file:
            named = any(_FILE in part for part in scanner.command)
            if named:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)  # a scanner often runs as another user
            command = [part.replace(_FILE, file.name) for part in scanner.command]
            given = b"" if named else data
            done = subprocess.run(command, input=given, capture_output=True, timeout=scanner.seconds, check=False)
    except subprocess.TimeoutExpired:
        raise ScannerDown(f"{program} gave no verdict in {scanner.seconds:g} s") from None
    except OSError as error:
        raise ScannerDown(f"{program} cannot be run: {error}") from error
    if done.returncode not in (0, 1):
        words = clean((done.stderr or done.stdout).decode("utf-8", "replace"))[:200]
        raise ScannerDown(f"{program} ended with code {done.returncode}: {words}")
    return _name_in(done.stdout.decode("utf-8", "replace")) if done.returncode else ""


def _name_in(output: str) -> str:
    """The virus's name in a scanner's words: before `FOUND` as ClamAV writes it, else the first line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    found = next((line for line in lines if line.endswith(" FOUND")), lines[0] if lines else "?")
    return clean(found.removesuffix(" FOUND").rpartition(": ")[2])[:_LONGEST_NAME]
