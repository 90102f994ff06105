"""The source of a password: an environment variable, or a file of the service manager's or of the home.

It is read anew each time and lives only while it is used; no message holds it.
"""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_small_file, remedy_of


class PasswordError(UseError):
    """The password is not where config.yaml says; the text is one line that says what to do."""


def from_environment(name: str) -> str:
    """Return the value of an environment variable. Raises PasswordError when it is empty or not set."""
    password = os.environ.get(name, "")
    if not password:
        lack = "is empty; set it, or unset it" if name in os.environ else "is not set; set it"
        raise PasswordError(f"the password's variable {name} {lack} in the service's environment")
    return password


def hide_secret(text: str, user: str, secret: str) -> str:
    """Return a server's words without the password or token that they repeat, as it is or as log-ins encode it."""
    whole = (f"user={user}\1auth=Bearer {secret}\1\1", f"\0{user}\0{secret}", secret)  # the longer holds the shorter
    coded = [b64encode(words.encode()).decode("ascii") for words in whole]
    for form in (*coded, secret) if secret else ():
        text = text.replace(form, "***")
    return text


def place_of(name: str, home: Path) -> Path:
    """Return the place of the file that config.yaml names as a password's."""
    name = os.path.expandvars(name)
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(given) / name if given and (Path(given) / name).is_file() else home / name


def from_file(name: str, home: Path) -> str:
    """Return what the file holds, without the end of its line; `$VARIABLES` in its name are filled in.

    systemd hands files over in a folder of its own ($CREDENTIALS_DIRECTORY); else the home is where names start.
    Raises PasswordError when there is none, or it is empty.
    """
    path = place_of(name, home)
    try:
        password = read_small_file(path).decode("utf-8-sig").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        remedy = f"; {remedy_of(error)}" if isinstance(error, OSError) else ""
        raise PasswordError(f"the password's file {path} cannot be read: {why}{remedy}") from None
    if not password:
        raise PasswordError(f"the password's file {path} is empty")
    return password
