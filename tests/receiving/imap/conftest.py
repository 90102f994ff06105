"""One Dovecot for all tests that leave it alone, and a home with customers and accounts, copied for each test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mailbox_home import SECRET, MailHome, account_of, make_mail_home
from mailbox_server import PASSWORD, Dovecot, why_not

from inbox_worker.settings.rules import load_rules
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import BINS, ROOT, TownOffice, customer, line
from tests.support.once import build_once

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_once(tmp_path_factory, "imap", load_accounts)


def load_accounts(folder: Path) -> Path:
    home = folder / "home"
    limits = load_rules(ROOT / "rules").limits
    with CellReader(limits) as reader, TownOffice(home, reader) as office:
        office.load_customers(*(customer(name) for name in BINS))
        office.load_directory(
            *(line(name, account_of(name), "maintenance", tariff="31.4155", area="65.30") for name in BINS)
        )
    return home


@pytest.fixture
def base() -> Iterator[Path]:
    """A short path: a socket's may not be longer than 107 bytes."""
    if reason := why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="iw", dir="/tmp", ignore_cleanup_errors=True) as folder:  # noqa: S108
        yield Path(folder)


@pytest.fixture(scope="session")
def shared() -> Iterator[Dovecot]:
    """A server that no test stops."""
    if reason := why_not():
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="iw", dir="/tmp", ignore_cleanup_errors=True) as folder,  # noqa: S108
        Dovecot(Path(folder)) as server,
    ):
        yield server


@pytest.fixture
def own(base: Path) -> Iterator[Dovecot]:
    """A server that the test may stop and crash."""
    with Dovecot(base) as server:
        yield server


@pytest.fixture
def make_home(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Dovecot], MailHome]:
    monkeypatch.setenv(SECRET, PASSWORD)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    def make(server: Dovecot) -> MailHome:
        number = next(_NUMBERS)
        users = {"korrektirovki": f"k{number}", "bigoperators": f"b{number}"}
        return make_mail_home(loaded, tmp_path / f"home-{number}", server, users)

    return make


@pytest.fixture
def home(make_home: Callable[[Dovecot], MailHome], shared: Dovecot) -> MailHome:
    return make_home(shared)
