"""Facts and closes in an S3 storage (`ledger.storage`), of which the folders of the ledger hold copies.

An object's name is the file's path with its hash before `.parquet`, so no object is ever written over, and what lies
under a month stays there when a close is reopened. A file is put there and compared before the journal names it.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, BinaryIO

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import PRIVATE_FILE, make_folder, open_file
from inbox_worker.core.hashes import keep_elsewhere
from inbox_worker.ledger.leftover import set_damaged_aside
from inbox_worker.settings.home import Home
from inbox_worker.settings.ledger_config import S3Config

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

FOLDERS = ("facts", "closes")  # of the ledger
FROM_HERE = (
    "`inbox-worker ledger store` puts it there from a home that has it; else first `inbox-worker restore BACKUP --only "
    "ledger/...`, its path here"
)
_AT_ONCE = 8 << 20  # bytes
_SETTLED_NS = 5_000_000_000
_WHERE = (
    "is named by ledger.storage and ledger.s3 in config.yaml, and that the keys (AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or the file of AWS_SHARED_CREDENTIALS_FILE) are for it"
)
_TRIES = 3  # of a request, which together are as long as a storage may be silent
_LONGEST = 300  # characters of what the storage says
_LOG = logging.getLogger(__name__)


class StorageDown(JobError, OSError):
    """The storage cannot be reached, refuses us, or does not give back what it was given. Like a disk away (ESTALE):
    nothing counts as a try meanwhile."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.ESTALE, words)

    def __str__(self) -> str:
        return str(self.strerror)


class LedgerStorage:
    """The storage of one home's ledger. Raises StorageDown where it cannot be asked."""

    def __init__(self, ledger: Path, place: str, settings: S3Config) -> None:
        self._ledger, self._settings = ledger, settings
        self.shown = place.rstrip("/")
        self._root = self.shown.removeprefix("s3://")

    def name(self, path: Path, sha256: str) -> str:
        """Return the name of a file's object below the storage's place: the folder of a reopened close, `2026-09.1`,
        is that of its month."""
        top, *folders, name = path.relative_to(self._ledger).parts
        if top == "closes":
            folders = [folders[0].partition(".")[0]]
        return "/".join((top, *folders, f"{name.removesuffix('.parquet')}.{sha256}.parquet"))

    def keep(self, path: Path, sha256: str, source: Path | None = None) -> None:
        """Put a file there, unless it is there already, and read it back: what is not the same is not taken. `source`:
        where its bytes are, None = in its place."""
        self._keep(self.name(path, sha256), sha256, lambda: open_file(source or path))

    def keep_bytes(self, name: str, data: bytes) -> None:
        """Put bytes there under a name of their own, as `keep` does."""
        self._keep(name, hashlib.sha256(data).hexdigest(), lambda: BytesIO(data))

    def _keep(self, name: str, sha256: str, open_source: Callable[[], BinaryIO]) -> None:
        before = self.hash_of(name)
        if before == sha256:
            return
        if before:
            _LOG.warning("%s/%s is not what was put there; it is put there again", self.shown, name)
        with (
            open_source() as file,
            self._name_fault(),
            self._files.open_output_stream(self._at(name)) as target,
        ):
            while data := file.read(_AT_ONCE):
                target.write(data)
        if (found := self.hash_of(name)) != sha256:
            raise StorageDown(
                f"the storage {self.shown} does not give back what it was given: {name} came back "
                f"{f'with SHA-256 {found[:12]}…' if found else 'as not there'}; nothing was recorded. Look at the "
                "storage, then try again"
            )

    def remove(self, path: Path, sha256: str) -> None:
        """Take an object away for good, if there is one."""
        if self.holds(path, sha256):
            with self._name_fault():
                self._files.delete_file(self._at(self.name(path, sha256)))

    def holds(self, path: Path, sha256: str) -> bool:
        """Tell whether there is an object of this name."""
        from pyarrow.fs import FileType

        with self._name_fault():
            [found] = self._files.get_file_info([self._at(self.name(path, sha256))])
        return bool(found.type == FileType.File)

    def bring(self, path: Path, sha256: str) -> tuple[str, str]:
        """Put a file into its place out of the storage, proved by its hash, and one that is another into
        `leftover/damaged`. Return what keeps it from being there, and what to do."""
        name = self.name(path, sha256)
        make_folder(path.parent)
        handle, temporary = mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as target:
                os.fchmod(target.fileno(), PRIVATE_FILE)
                found = self._read(name, target.write)
            if found != sha256:
                return _tell_lack(path.exists(), f"{self.shown}/{name}", found)
            if path.exists():
                aside = set_damaged_aside(self._ledger, path)
                _LOG.warning("%s was not what the journal names: moved to %s", path, aside)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return "", ""

    def hash_of(self, name: str) -> str:
        """Return the SHA-256 of an object, '' where there is none."""
        return self._read(name, lambda _: None)

    def read_bytes(self, name: str) -> bytes:
        """Return what a small object holds, nothing where there is none."""
        parts = list[bytes]()
        self._read(name, parts.append)
        return b"".join(parts)

    def list_objects(self, folders: Sequence[str] = FOLDERS) -> dict[str, str]:
        """Return the objects of these folders by name, with their state: as long as it is the same, so are their
        bytes, unless the storage lies; '' of one that was changed just now."""
        from pyarrow.fs import FileSelector, FileType

        found: dict[str, str] = {}
        with self._name_fault():
            for top in folders:
                below = FileSelector(self._at(top), recursive=True, allow_not_found=True)
                files = [one for one in self._files.get_file_info(below) if one.type == FileType.File]
                for one in files:
                    settled = (one.mtime_ns or time.time_ns()) < time.time_ns() - _SETTLED_NS
                    found[one.path.removeprefix(f"{self._root}/")] = f"{one.size}.{one.mtime_ns}" if settled else ""
        return found

    def _read(self, name: str, take: Callable[[bytes], object]) -> str:
        """Give an object's bytes away, part by part, and return their SHA-256; '' where there is none."""
        digest = hashlib.sha256()
        with self._name_fault():
            try:
                with self._files.open_input_file(self._at(name)) as source:
                    while data := source.read(_AT_ONCE):
                        digest.update(data)
                        take(data)
            except FileNotFoundError as error:
                if error.filename:  # of the disk
                    raise
                return ""
        return digest.hexdigest()

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    @property
    def _files(self) -> S3FileSystem:
        return _connect(self._root.partition("/")[0], self._settings)

    @contextmanager
    def _name_fault(self) -> Iterator[None]:
        """Turn what the storage's client raises into a StorageDown; an error of the disk stays one."""
        try:
            yield
        except OSError as error:
            if error.errno is not None:
                raise
            said = " ".join(str(error).split()).partition("AWS Error ")
            words = re.sub(r" ?\(Request ID:.*", "", said[2] or said[0])[:_LONGEST]
            raise StorageDown(
                f"the storage {self.shown} cannot be used: {words}. Nothing was recorded of what was asked. See "
                f"that it runs and {_WHERE}, then try again"
            ) from error


@lru_cache(maxsize=8)
def _connect(bucket: str, settings: S3Config) -> S3FileSystem:
    """Return a client that found the bucket; one serves all of a process."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, FileType, S3FileSystem

    scheme, _, server = settings.endpoint.rpartition("://")
    silence = max(settings.seconds / _TRIES, 1)
    region = settings.region or ("us-east-1" if server else None)
    files = S3FileSystem(
        endpoint_override=server or None,
        scheme=scheme or "https",
        region=region,
        tls_ca_file_path=settings.ca_file or None,
        connect_timeout=silence,
        request_timeout=silence,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_TRIES),
        allow_delayed_open=True,
    )
    if files.get_file_info([bucket])[0].type == FileType.NotFound:
        raise OSError(f"there is no bucket {bucket}")
    return files


def follow_storage(home: Home) -> LedgerStorage | None:
    """Know from now on where a home's facts and closes are kept; None where that is its disk alone."""
    settings = home.config.ledger
    storage = LedgerStorage(home.ledger, settings.storage, settings.s3) if settings.storage else None
    keep_elsewhere([home.ledger / folder for folder in FOLDERS], storage)
    return storage


def _tell_lack(is_here: bool, place: str, found: str) -> tuple[str, str]:
    here = "is not what the journal names" if is_here else "is not here"
    there = f"has another one ({place}, SHA-256 {found[:12]}…)" if found else f"does not have it ({place})"
    return f"{here}, and the storage {there}", FROM_HERE
