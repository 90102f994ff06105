"""The files that hold a password of the service: no backup has them, `check` tells of those that others may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from inbox_worker.settings.home import Home
from inbox_worker.settings.passwords import place_of

_PGPASS = ".pgpass"  # of the service's user, whose own folder often is the home


def secret_files(home: Home) -> dict[Path, str]:
    """Return the files of passwords, there or not, each with the key of config.yaml that names it; '' for those of
    PostgreSQL's clients: what PGPASSFILE names, and what lies in the home."""
    config = home.config
    blocks = {f"mailboxes.{name}.imap": box.imap for name, box in config.mailboxes.items()}
    named = {key: block.password_file for key, block in blocks.items() if block}
    named |= {key: block.password_file for key, block in (("smtp", config.smtp), ("backups", config.backups)) if block}
    found = {_plain(place_of(name, home.path)): f"{key}.password_file" for key, name in named.items() if name}
    clients = {home.path / _PGPASS, Path(os.environ.get("PGPASSFILE", home.path / _PGPASS))}
    return {**{_plain(path): "" for path in sorted(clients)}, **found}


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def open_secrets(home: Home) -> list[Path]:
    """Return the files of passwords that every user of the machine may read."""
    return [path for path in secret_files(home) if path.is_file() and path.stat().st_mode & stat.S_IROTH]
