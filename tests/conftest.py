"""Keep what holds for every test: no width of our own screen in programs that are started, seldom a search for garbage,
one compilation of a statement for all journals in SQLite, what all folders share, and the cases of the quick run."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from inbox_worker.workbooks.cells import CellReader
    from tests.support.here import Runner
    from tests.support.postgres import Postgres

# pytest imports readline, and readline puts both into the environment of this process's children, not into os.environ
for name in ("COLUMNS", "LINES"):
    os.unsetenv(name)
    os.environ.pop(name, None)

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup` has it ignored, by services that tests start, too


def pytest_collection_finish() -> None:
    """Leave out of every search for garbage what was imported and collected: that is most of it, and it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure() -> None:
    """Have all of it searched at the end: DuckDB's binding tells of what is left, in pages below pytest's summary."""
    gc.unfreeze()


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(name: str) -> Generator[None, Any, Any]:
    """Mark slow those cases of a test that its mark `quick` does not name; a name of no case is an error."""
    made = yield
    marked = [item for item in made if item.get_closest_marker("quick")] if isinstance(made, list) else []
    if marked:
        quick = set(marked[0].get_closest_marker("quick").args)
        names = [{place, item.callspec.id} for place, item in enumerate(marked)]
        if unknown := quick.difference(*names):
            raise pytest.UsageError(f"{name} has no cases {unknown}, which its mark quick names")
        for item, own in zip(marked, names, strict=True):
            if not own & quick:
                item.add_marker(pytest.mark.slow)
    return made


# What all folders share stands here: of a session's fixture that their conftests import, each would have its own.
# It is imported when a test asks for it, for proofs of names and texts take less time than the program's libraries.


@pytest.fixture(scope="session", autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where this process's programs put temporary files: `check` tells what ended ones left, and who was killed beside
    or before this run left some. A short path, for sockets lie there, which servers open that do not run as root."""
    tmp_path_factory.getbasetemp()
    get_temp_dir()  # of multiprocessing, which removes it itself when the process ends: after ours
    with (
        tempfile.TemporaryDirectory(prefix="iw-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        Path(folder).chmod(0o755)
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


OFFICE = ("soffice", "libreoffice")


@pytest.fixture(scope="session", autouse=True)
def everywhere() -> Iterator[str]:
    """PATH as it was given; the tests' own leads to no LibreOffice: each start of it takes more than a second of
    processor, and most tests that render acts ask nothing of their PDFs. A folder that has it gives way to links to all
    else that it has."""
    given = os.environ["PATH"]
    with tempfile.TemporaryDirectory(prefix="iw-path-") as name, pytest.MonkeyPatch.context() as patch:
        Path(name).chmod(0o755)
        folders = given.split(os.pathsep)
        for place, folder in enumerate(map(Path, folders)):
            if any((folder / program).exists() for program in OFFICE):
                links = Path(name, str(place))
                links.mkdir()
                for path in folder.iterdir():
                    if path.name not in OFFICE:
                        (links / path.name).symlink_to(path)
                folders[place] = str(links)
        patch.setenv("PATH", os.pathsep.join(folders))
        yield given


@pytest.fixture(scope="session")
def soffice(everywhere: str) -> Path:
    """LibreOffice's program, for what starts it by itself."""
    found = [path for program in OFFICE if (path := shutil.which(program, path=everywhere))]
    if not found:
        pytest.skip("LibreOffice (soffice) is not installed")
    return Path(found[0])


@pytest.fixture
def libreoffice(everywhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our program finds LibreOffice where it is installed: acts have a PDF beside them."""
    monkeypatch.setenv("PATH", everywhere)


@pytest.fixture(scope="session")
def reader() -> Iterator[CellReader]:
    """The process that reads workbooks."""
    from inbox_worker.settings.rules import load_rules
    from inbox_worker.workbooks.cells import CellReader
    from tests.support.office import ROOT

    with CellReader(load_rules(ROOT / "rules").limits) as reading:
        yield reading


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    from tests.support.here import Runner

    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL that no test stops."""
    from tests.support.postgres import served, why_not

    if reason := why_not():
        pytest.skip(reason)
    with served() as running:
        yield running


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new home; not to be changed, `home` is a copy."""
    from inbox_worker.cli.homes import make_home

    folder = tmp_path_factory.mktemp("made") / "home"
    make_home(folder)
    return folder


# SQLAlchemy keeps what it compiled by the dialect, of which each journal has one of its own, all alike: nearly every
# test opens a journal and would compile the same forty statements anew. A service has one journal in all its life.
_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)
SQLiteDialect_pysqlite.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign,assignment]
SQLiteDialect_pysqlite.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=_COMPILED)
