"""The folders into which letters are moved by their outcome: made when missing, named as the server does."""

from __future__ import annotations

import imaplib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from inbox_worker.receiving.imap_idle import Client
from inbox_worker.receiving.imap_login import words_of

_HOLLOW = frozenset({b"\\noselect", b"\\nonexistent"})  # a mere name above other folders


@dataclass(frozen=True)
class Made:
    """`names`: as config.yaml names a folder -> as the server does. `problems`: what could not be made, a line each."""

    names: Mapping[str, str]
    problems: tuple[str, ...]


def make_folders(client: Client, wanted: Sequence[str]) -> Made:
    """Makes the folders that are missing, under the prefix that the server wants.

    One that is refused is told and keeps no letter waiting for its decision: only the moving into it does not work.
    """
    prefix, delimiter = _personal(client)
    listed = client.list_folders()
    present = {name for flags, _, name in listed if not _HOLLOW & {flag.lower() for flag in flags}}
    names: dict[str, str] = {}
    problems: list[str] = []
    for folder in wanted:
        name = folder.replace("/", delimiter)
        name = name if name in present or name.startswith(prefix) else prefix + name
        if name not in present:
            name, problem = _make_folder(client, name, present)
            problems += [problem] if problem else []
        names[folder] = name
    return Made(names, tuple(problems))


def _make_folder(client: Client, name: str, present: Collection[str]) -> tuple[str, str]:
    """The folder's name, and why it could not be made."""
    try:
        client.create_folder(name)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "ALREADYEXISTS" in str(error).upper():  # made meanwhile, by another worker or a person (RFC 5530)
            return name, ""
        alike = [one for one in present if one.casefold() == name.casefold()]
        if alike:  # some servers take Processed and processed for one
            return alike[0], ""
        return name, f"folder {name} cannot be made: {words_of(error)}; make it by hand, or name another one"
    with _refusable():
        client.subscribe_folder(name)
    return name, ""


@contextmanager
def _refusable() -> Iterator[None]:
    """What the server may refuse without harm: mail programs then show the folder only when asked."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return


def _personal(client: Client) -> tuple[str, str]:
    """Prefix and delimiter of our own folders ('INBOX.' and '.' on some servers)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            return personal[0][0], personal[0][1] or "/"
    return "", "/"
