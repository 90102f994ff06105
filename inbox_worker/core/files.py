"""Bytes on disk: hashes, writes that are whole or absent, names that are never a sender's text."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import io
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o750, 0o640  # of a home: its group reads, others nothing
SHARED_FOLDER, SHARED_FILE = 0o770, 0o660  # where people of the group work on files
PRIVATE_UMASK = 0o027  # of our processes: what libraries write (databases, Parquet) is private, too
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
MISPLACED = (errno.EACCES, errno.EPERM, errno.EISDIR, errno.EINVAL, errno.ELOOP, errno.ENOTDIR)  # people mend it
MISNAMED = (errno.ENOENT, errno.EEXIST)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
MENDABLE = (*MISPLACED, *MISNAMED, *NO_ROOM, *NO_LOCKS, errno.EROFS)  # `remedy_of` knows more than to look at the disk
READ_ONLY_DISK = "that disk is read-only: look why, make it writable, then try again"
_NO_FILE = "it is a pipe, a device or a socket, not a file"
_TOO_LARGE = "it is far larger than what belongs there"
_MOST_OF_SMALL = 32 * 1024 * 1024  # bytes; the largest that is shipped has a hundredth of it
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path, *, follow: bool = True) -> str:
    """Return the SHA-256 of a file's content in hex (`open_file`)."""
    with open_file(path, follow=follow) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_file(path: Path, *, follow: bool = True) -> io.BufferedReader:
    """Opens a file for reading. Raises OSError; a pipe or device in its place is refused, for nobody may ever write.
    `follow`: False where others may put a link in its place, at any moment, to what they may not read."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _NO_FILE, str(path))
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    return os.fdopen(os.open(path, flags), "rb")


def open_lock(path: Path) -> io.BufferedReader:
    """Opens a file to be locked, made when it is missing. Raises OSError, for a pipe in its place, too."""
    handle = os.open(str(path), os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, PRIVATE_FILE)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EINVAL, _NO_FILE, str(path))


def take_lock(file: io.BufferedReader | int, path: Path, *, wait: bool = False) -> bool:
    """Lock an open file until it is closed; False where another has it, unless told to wait. Raises OSError, with the
    file's name where its disk has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    return True


def find_bad_locks(folder: Path) -> list[str]:
    """Return why nobody can lock a folder's lock files: what is no file in their place, or a network drive that was
    mounted without locks. Of those `.lock` tells for all: to lock the others, however shortly, could turn their owner
    away."""
    problems = []
    for path in sorted(folder.glob(".*lock")):
        try:
            with open_lock(path) as lock:
                if path.name == ".lock":
                    take_lock(lock, path)
        except OSError as error:
            problems.append(f"{path}: {error.strerror}; {remedy_of(error)}")
    return problems


def read_file(path: Path, *, follow: bool = True) -> bytes:
    """Read the bytes of a file (`open_file`)."""
    with open_file(path, follow=follow) as file:
        return file.read()


def read_small_file(path: Path) -> bytes:
    """Read a file that people edit, or that tells a state. Raises OSError (`open_file`) for one that is so large that
    it is another file, or a damaged disk's: it would fill the memory."""
    with open_file(path) as file:
        data = file.read(_MOST_OF_SMALL + 1)
    if len(data) > _MOST_OF_SMALL:
        raise OSError(errno.EINVAL, _TOO_LARGE, str(path))
    return data


def unreadable(error: OSError) -> str:
    """Say why a file or folder cannot be read, and what to do."""
    why = error.strerror or str(error)
    return f"cannot be read: {why}; {remedy_of(error)}"


def remedy_of(error: OSError) -> str:
    """Say what to do about a place that cannot be read or written."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return "give the service's user the right to read it, and to write where it writes"
    if error.errno in MISPLACED:
        return "put what belongs there in its place"
    if error.errno in MISNAMED:
        return "see whether that name is right, or put what belongs there in its place"
    if error.errno in NO_ROOM:
        return "make room on that disk, then try again"
    if error.errno == errno.EROFS:
        return READ_ONLY_DISK
    if error.errno in NO_LOCKS:
        return "that disk has no locks, by which programs write one after another: mount it with locks, or use another"
    return "look at the disk, and restore it from the backup"


def is_read_only(place: Path) -> bool:
    """Tell whether nobody can write on the disk of a place, whatever its rights; of one that is not there, on the disk
    where it would be made."""
    every = (place.absolute(), *place.absolute().parents)
    there = next(folder for folder in every if os.path.exists(folder))  # noqa: PTH110 - a closed one is an error to Path
    return bool(os.statvfs(there).f_flag & os.ST_RDONLY)


def below(folder: Path) -> list[Path]:
    """Return everything under a folder, sorted; links are not followed, files moved away meanwhile are left out."""
    return sorted(Path(top) / name for top, folders, files in os.walk(folder) for name in (*folders, *files))


def sync_folder(folder: Path) -> None:
    """Makes the folder's own entries durable (a rename is only safe after this)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_disk(place: Path) -> None:
    """Makes durable whatever was written to the disk of a folder: one wait for many files. Raises OSError."""
    handle = os.open(place, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(place))
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes, *, shared: bool = False) -> None:
    """Writes the file whole or not at all: temporary beside it, fsync, rename, fsync of the folder.

    `shared`: the group works on the file, too (outbox, inbox, exchange folder).
    """
    with _temporary_of(path, shared) as (_, handle), os.fdopen(handle, "wb", closefd=False) as file:
        file.write(data)


def make_folder(path: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Makes a folder with those above it that are missing, each with this mode, whatever the process would give it.
    Raises OSError, for what is none in its place, too."""
    if path.is_dir():
        return
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # of what is none; or of a folder that people move while we look
        there = Path(error.filename)
        number = errno.ENOTDIR if (there.exists() or there.is_symlink()) and not there.is_dir() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(error.filename)) from None
    for folder in missing:
        folder.chmod(mode | (folder.stat().st_mode & stat.S_ISGID))  # a group that is handed down stays so


def copy_folder(source: Path, target: Path, *, merge: bool = False) -> None:
    """Copy a folder with all that is in it; `merge`: into one that may be there. Raises the OSError of the first file
    that could not be copied, which names the copy where its disk is to blame."""
    faults: list[OSError] = []

    def copy(one: str, other: str) -> None:
        if faults:
            return
        try:
            shutil.copy2(one, other)
        except OSError as error:
            blamed = other if error.errno in (*NO_ROOM, errno.EFBIG, errno.EROFS) else str(error.filename or one)
            faults.append(OSError(error.errno, error.strerror, blamed))

    try:
        shutil.copytree(source, target, dirs_exist_ok=merge, copy_function=copy)
    except shutil.Error as error:  # of folders: it holds a text for each
        raise OSError(errno.EIO, str(error.args[0][0][2]), str(target)) from error
    if faults:
        raise faults[0]


@contextmanager
def name_errors(path: Path) -> Iterator[None]:
    """Let an error of writing name the file: what the system says of a full disk names none."""
    try:
        yield
    except OSError as error:
        raise error if error.filename else OSError(error.errno, error.strerror, str(path)) from error


def name_once(temporary: Path, path: Path) -> None:
    """Gives a written file its name, which must be free. Raises FileExistsError; never replaces a file."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        temporary.replace(path)
    else:
        temporary.unlink()


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; at the end it is made durable and gets its name.

    When writing fails (a full disk), what was written goes, and the OSError names the file.
    """
    with _temporary_of(path) as (temporary, _):
        yield temporary


@contextmanager
def _temporary_of(path: Path, shared: bool = False) -> Iterator[tuple[Path, int]]:
    """Yield a temporary file of our own, which may be written by its name or by its handle. What lies in its place, a
    link that somebody else put there above all, is removed and never written to."""
    make_folder(path.parent, SHARED_FOLDER if shared else PRIVATE_FOLDER)
    temporary, handle = path.with_name(f".{path.name}.tmp"), -1
    try:
        if os.path.lexists(temporary):  # noqa: PTH110 - a link, too
            temporary.unlink()
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
        yield temporary, handle
        os.fchmod(handle, SHARED_FILE if shared else PRIVATE_FILE)
        os.fsync(handle)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        if handle >= 0:
            os.close(handle)
    sync_folder(path.parent)


def free_path(path: Path) -> Path:
    """Return the path, or with ` (2)`, ` (3)`, ... when something is there: a rename would silently replace it."""
    number, place = 1, path
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return place


def safe_name(text: str, limit: int = 80) -> str:
    """Return a folder or file name made of somebody's text: letters, digits, blanks and a few signs, never a path.

    >>> safe_name('ТОО "Жұлдыз/..\\\\x"')
    'ТОО Жұлдыз x'
    """
    kept = re.sub(r"[^\w\s.,()№+-]", " ", text, flags=re.UNICODE)
    kept = re.sub(r"\s+", " ", re.sub(r"\.{2,}", " ", kept)).strip(" .")
    return kept[:limit].strip(" .") or "без имени"
