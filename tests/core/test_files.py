"""Files are written whole, and never through what somebody else has put in the way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from inbox_worker.core.files import make_folder, name_errors, remedy_of, whole, write_atomic


def _write_whole(path: Path, data: bytes) -> None:
    with whole(path) as temporary:
        temporary.write_bytes(data)


@pytest.mark.parametrize("write", [write_atomic, _write_whole])
@pytest.mark.parametrize("put", [Path.symlink_to, os.link])
def test_a_link_in_the_place_of_a_temporary_file_is_not_written_to(
    write: Callable[[Path, bytes], None], put: Callable[..., None], tmp_path: Path
) -> None:
    """People work in the outbox with us: one of them could have had any file of the service overwritten."""
    kept, path = tmp_path / "journal.db", tmp_path / "act.docx"
    kept.write_bytes(b"kept")
    mode, temporary = kept.stat().st_mode, tmp_path / ".act.docx.tmp"
    if put is os.link:
        os.link(kept, temporary)
    else:
        temporary.symlink_to(kept)
    write(path, b"new")
    assert (kept.read_bytes(), kept.stat().st_mode, path.read_bytes()) == (b"kept", mode, b"new")
    assert not path.is_symlink() and not os.path.lexists(temporary)


@pytest.mark.parametrize("put", [os.mkfifo, Path.touch, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_folder_in_the_place_of_one_is_told_as_that(put: Callable[[Path], None], tmp_path: Path) -> None:
    """ "File exists; see whether that name is right": it is."""
    put(tmp_path / "ledger")
    with pytest.raises(NotADirectoryError) as caught:
        make_folder(tmp_path / "ledger")
    assert remedy_of(caught.value) == "put what belongs there in its place"


def test_a_folder_that_comes_and_goes_while_we_make_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff threw a month to and fro: a place that was right was told as one that nobody may write."""
    folder, make = tmp_path / "pending" / "2026-09", os.mkdir
    folder.parent.mkdir()

    def come_and_go(path: Path, mode: int) -> None:
        make(folder)
        try:
            make(path, mode)
        finally:
            folder.rmdir()

    monkeypatch.setattr(os, "mkdir", come_and_go)
    with pytest.raises(FileNotFoundError):
        make_folder(folder)


def test_a_folder_in_the_place_of_a_temporary_file_is_told_by_the_files_name(tmp_path: Path) -> None:
    (tmp_path / ".act.docx.tmp").mkdir()
    with pytest.raises(OSError, match=r"'[^']*/act.docx'"):
        write_atomic(tmp_path / "act.docx", b"new")


@pytest.mark.parametrize(("shared", "mode"), [(False, 0o640), (True, 0o660)])
def test_rights_of_a_written_file_hang_on_no_umask(shared: bool, mode: int, tmp_path: Path) -> None:
    for mask in (0, 0o077):
        before = os.umask(mask)
        write_atomic(tmp_path / "new" / "a", b"1", shared=shared)
        os.umask(before)
        assert (tmp_path / "new" / "a").stat().st_mode & 0o777 == mode


def test_an_error_of_a_full_disk_names_the_file_that_was_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="left") as full, name_errors(tmp_path / "copy"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert full.value.filename == str(tmp_path / "copy")
    with pytest.raises(OSError, match="denied") as closed, name_errors(tmp_path / "copy"):
        raise OSError(errno.EACCES, "Permission denied", "source")
    assert closed.value.filename == "source", "what the system names stays"
