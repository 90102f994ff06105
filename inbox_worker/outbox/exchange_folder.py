"""The exchange folder: `<folder>/<БИН> <name>/<month>/<file>`, where Customers take their documents from (4.1.8)."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256, sha256_file, write_atomic


class NameTaken(JobError):
    """Another file lies under that name; its path is the text."""


def put(folder: Path, customer: str, month: str, name: str, data: bytes) -> Path:
    """Puts a document there, whole or not at all; the same one again changes nothing.

    `customer` is the Customer's folder name. Never writes over another file: raises NameTaken.
    """
    path = folder / customer / month / name
    if path.exists():
        if sha256_file(path) != sha256(data):
            raise NameTaken(str(path))
        return path
    write_atomic(path, data, shared=True)
    return path
