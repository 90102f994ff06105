"""Encryption of a place of backups with a password: AES-256-GCM over pieces of a file, each with its place and whether
it is the last, so that none can be taken out, moved or cut off unseen. Keys come of the password by scrypt."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import open_file, read_small_file, whole

KEY = "key.json"
_KIND = "inbox-worker-backup-key-1"
_COST = {"n": 1 << 15, "r": 8, "p": 1}
_MEMORY = 64 << 20  # bytes that scrypt may take: n * r * 128, twice
_MAGIC, _SALT, _TAG = b"IWE1", 16, 16
_PIECE = 1 << 20


_NO_KEY = (
    "without it no password opens these backups: put it back from another copy of the folder, or back up into a new one"
)


class LostKey(UseError):
    """The file of the key's salt in a place of encrypted backups is gone, or is not what it was."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the error for a place whose key is gone."""
        return cls(f"{folder / KEY}, the key of the encrypted backups in {folder}, is gone; {_NO_KEY}")


class WrongPassword(UseError):
    """The password is not the one that these backups were made with, or there is none."""


def is_encrypted(path: Path) -> bool:
    """Tell whether a file is encrypted by us."""
    with open_file(path) as file:
        return file.read(len(_MAGIC)) == _MAGIC


class BackupCipher:
    """Encrypts and decrypts files of one place of backups. A file's name there is a keyed hash of its content's."""

    def __init__(self, key: bytes) -> None:
        self._names, self._files, self._check = (
            hmac.digest(key, what, "sha256") for what in (b"names", b"files", b"check")
        )

    @classmethod
    def of_place(cls, folder: Path, password: str) -> Self:
        """Return the cipher of a place; a new place gets its salt. Raises WrongPassword."""
        path = folder / KEY
        if not path.exists():
            words = {"kind": _KIND, "salt": os.urandom(_SALT).hex(), **_COST}
            made = cls(_stretch(password, words))
            with whole(path) as temporary:
                temporary.write_text(json.dumps({**words, "check": made._check.hex()}), "utf-8")
            return made
        try:
            words = json.loads(read_small_file(path))
            if words["kind"] != _KIND:
                raise ValueError(words["kind"])
            found, check = cls(_stretch(password, words)), str(words["check"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LostKey(f"{path} is not the key that was written; {_NO_KEY}") from error
        if not hmac.compare_digest(found._check.hex(), check):
            raise WrongPassword(f"the password is not the one that the backups in {folder} were made with")
        return found

    def name_of(self, digest: str) -> str:
        """Return the name under which content of this SHA-256 is kept: it tells nothing of it."""
        return hmac.digest(self._names, digest.encode(), "sha256").hex()

    def size_of(self, size: int) -> int:
        """Return how many bytes content of this size takes."""
        return len(_MAGIC) + _SALT + size + _TAG * max(1, -(-size // _PIECE))

    def encrypt(self, pieces: Iterator[bytes], target: BinaryIO) -> None:
        """Write content, handed over in pieces of any size, encrypted."""
        salt = os.urandom(_SALT)
        target.write(_MAGIC + salt)
        cipher, number, waiting = self._cipher(salt), 0, b""
        for piece in pieces:
            waiting += piece
            while len(waiting) > _PIECE:
                target.write(cipher.encrypt(_nonce(number, last=False), waiting[:_PIECE], None))
                waiting, number = waiting[_PIECE:], number + 1
        target.write(cipher.encrypt(_nonce(number, last=True), waiting, None))

    def decrypt(self, source: BinaryIO) -> Iterator[bytes]:
        """Yield the content of an encrypted file. Raises ValueError for one that is not what was written."""
        head = source.read(len(_MAGIC) + _SALT)
        if not head.startswith(_MAGIC):
            raise ValueError("it is not encrypted by us")
        cipher, number = self._cipher(head[len(_MAGIC) :]), 0
        piece = source.read(_PIECE + _TAG)
        while True:
            after = source.read(_PIECE + _TAG)
            try:
                yield cipher.decrypt(_nonce(number, last=not after), piece, None)
            except InvalidTag as error:
                raise ValueError("a piece of it is not what was written") from error
            if not after:
                return
            piece, number = after, number + 1

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._files, salt, "sha256"))


def _stretch(password: str, words: dict[str, object]) -> bytes:
    n, r, p = (int(str(words[name])) for name in ("n", "r", "p"))
    salt = bytes.fromhex(str(words["salt"]))
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")
