"""Time stamps of anchors (RFC 3161): a server that nobody here can move says that a head's hash was there by then.

Requests are made and answers proven by OpenSSL's `ts`. An answer lies beside the anchors, `ledger/anchors/<day>.tsr`,
with its request; a day whose server did not answer is asked again until it does.
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import make_folder, sha256, write_atomic
from inbox_worker.core.scratch import make_scratch
from inbox_worker.month.anchors import read_anchors

FOLDER = "anchors"
_SECONDS = 20
_LARGEST = 1 << 20  # bytes of an answer


class StampRefused(JobError):
    """A time stamp was not given; the text says why. The day is asked for again."""


def stamp_anchors(ledger: Path, server: str) -> list[str]:
    """Have every anchor stamped that has no stamp yet; return the days. Raises StampRefused."""
    stamped = []
    for anchor in find_unstamped(ledger):
        answer = _answer_of(ledger, anchor)
        digest, request = hash_anchor(anchor), answer.with_suffix(".tsq")
        make_folder(answer.parent)
        query = _make_query(digest)
        data = _ask(server, query)
        write_atomic(request, query)
        trial = answer.with_suffix(".trial")
        write_atomic(trial, data)
        try:
            _require_granted(trial, digest, server)
            trial.replace(answer)
        finally:
            trial.unlink(missing_ok=True)
        stamped.append(str(anchor["day"]))
    return stamped


def try_server(server: str) -> str:
    """Say what keeps a server from giving time stamps; '' when nothing does. It is asked to stamp a hash of nothing."""
    digest = sha256(b"")
    try:
        with make_scratch("stamp") as folder:
            trial = Path(folder) / "answer.tsr"
            trial.write_bytes(_ask(server, _make_query(digest)))
            _require_granted(trial, digest, server)
    except StampRefused as error:
        return f"audit.timestamps: {error}"
    return ""


def _make_query(digest: str) -> bytes:
    return _openssl("-query", "-digest", digest, "-sha256", "-cert")


def find_unstamped(ledger: Path) -> list[dict[str, Any]]:
    """Return the anchors that have no stamp yet."""
    return [anchor for anchor in read_anchors(ledger) if not _answer_of(ledger, anchor).exists()]


def _answer_of(ledger: Path, anchor: dict[str, Any]) -> Path:
    return ledger / FOLDER / f"{anchor['day']}.tsr"


def hash_anchor(anchor: dict[str, object]) -> str:
    """Return what is stamped: the SHA-256 of the anchor's line as `audit-anchors.jsonl` has it."""
    return sha256(json.dumps({name: anchor[name] for name in ("day", "number", "hash")}).encode())


def stamp_problems(ledger: Path) -> Iterator[str]:
    """Find stamps that are not of the anchor of their day any more. Who signed them, `openssl ts -verify` says, with
    the certificate of the authority (docs/operations.md)."""
    known = {anchor["day"]: hash_anchor(anchor) for anchor in read_anchors(ledger)}
    for path in sorted((ledger / FOLDER).glob("*.tsr")):
        try:
            stamped = _imprint(path)
        except StampRefused as error:
            yield f"{FOLDER}/{path.name} cannot be proven: {error}"
            continue
        if known.get(path.stem) != stamped:
            yield f"{FOLDER}/{path.name} stamps another anchor than that of {path.stem}: one of them was changed since"


def _require_granted(answer: Path, digest: str, server: str) -> None:
    if _imprint(answer) != digest:
        raise StampRefused(f"{server} stamped something else than it was asked for; ask who runs it")


def _imprint(answer: Path) -> str:
    """Return the hash that an answer stamps. Raises StampRefused for one that grants nothing."""
    said = _openssl("-reply", "-in", str(answer), "-text").decode("utf-8", "replace")
    if "Status: Granted" not in said:
        raise StampRefused(" ".join(line for line in said.split("\n") if line.startswith(("Status", "Failure"))))
    lines = said.partition("Message data:")[2].partition("Serial number")[0].splitlines()
    pairs = (line.partition(" - ")[2].partition("   ")[0].replace("-", " ") for line in lines if " - " in line)
    return "".join("".join(pair.split()) for pair in pairs)


def _ask(server: str, query: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(server, query, headers)  # noqa: S310 - config.yaml allows http and https alone
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            data: bytes = answer.read(_LARGEST)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise StampRefused(f"the server of time stamps {server} does not answer: {error}; it is asked again") from error
    return data


def _openssl(*arguments: str) -> bytes:
    try:
        ran = subprocess.run(["openssl", "ts", *arguments], capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StampRefused(f"openssl cannot be run: {error}; install it, or leave audit.timestamps out") from error
    if ran.returncode:
        raise StampRefused(f"openssl ts: {' '.join(ran.stderr.decode('utf-8', 'replace').split())[:300]}")
    return ran.stdout
