"""The shape of a mailbox in config.yaml: its address, its server, its folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inbox_worker.core.model import Outcome
from inbox_worker.settings.shapes import Misplaced, ServerName, Strict, must_be

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Name = Annotated[str, Field(min_length=1)]
_Address = Annotated[
    str, must_be(re.compile(r"[^@]+@[^@\s]+").fullmatch, "is no e-mail address; write it like name@domain.kz")
]
_Seconds = Annotated[float, Field(gt=0, le=1500)]  # a server may hang up after 29 minutes of silence


class MailFolders(Strict):
    """The folder of a message after its decision, by outcome; `quarantined` empty = with the rejected ones, `failed`
    empty = with the held ones."""

    processed: Name = "Processed"
    held: Name = "Held"
    rejected: Name = "Rejected"
    ignored: Name = "Ignored"
    quarantined: str = ""
    failed: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every folder once."""
        return tuple(dict.fromkeys(self.of(outcome) for outcome in Outcome))

    def of(self, outcome: Outcome) -> str:
        """Return the folder for a letter of this outcome."""
        if outcome in (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.DUPLICATE):
            return self.processed
        named = {Outcome.QUARANTINED: self.quarantined, Outcome.FAILED: self.failed}.get(outcome, "")
        return named or {Outcome.HELD: self.held, Outcome.FAILED: self.held, Outcome.IGNORED: self.ignored}.get(
            outcome, self.rejected
        )


class Imap(Strict):
    """Access to a mailbox on its server. The secret comes from exactly one of the three sources, never from here.

    `since`: the first day in Almaty whose letters count; what is older stays where it is. It must be said for a
    mailbox that holds older letters when it is read for the first time.
    Seconds: `idle_seconds` + `timeout_seconds` is how long a dead connection may go unnoticed.
    `raw_limit`: bytes of a whole letter; of a larger one only the head is taken.
    """

    host: ServerName
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: str = ""
    user: Name
    password_env: str = ""
    password_file: str = ""
    token_command: tuple[str, ...] = ()
    folder: Name = "INBOX"
    since: date | None = None
    folders: MailFolders = MailFolders()
    idle_seconds: _Seconds = 30
    poll_seconds: _Seconds = 30
    connect_seconds: _Seconds = 20
    timeout_seconds: _Seconds = 20
    retry_seconds: _Seconds = 60
    raw_limit: Annotated[int, Field(ge=1024 * 1024)] = 64 * 1024 * 1024

    @model_validator(mode="after")
    def _sound(self) -> Self:
        sources = [name for name in ("password_env", "password_file", "token_command") if getattr(self, name)]
        if len(sources) != 1:
            text = "give exactly one of password_env, password_file, token_command"
            raise Misplaced((sources[-1],) if sources else (), text)
        if self.folder.casefold() in {name.casefold() for name in self.folders.names}:
            raise Misplaced(("folder",), f"{self.folder!r} is where letters come in; no outcome may move them there")
        if self.tls == "none" and self.host not in LOOPBACK:
            raise Misplaced(("tls",), "none would send the password readable; choose implicit or starttls")
        return self

    @property
    def account(self) -> str:
        """The user and server of the messages: numbers of letters (UID) mean nothing elsewhere."""
        return f"{self.user}@{self.host}".casefold()


class MailboxConfig(Strict):
    """Our address. Without `imap` its letters come by the drop folder only."""

    address: _Address
    imap: Imap | None = None


def require_apart(mailboxes: Mapping[str, MailboxConfig]) -> None:
    """Refuse one address for two mailboxes, and one folder of an account: a letter belongs to one. Raises Misplaced."""
    addresses, places = dict[str, str](), dict[tuple[str, str], str]()
    for name, box in mailboxes.items():
        if (other := addresses.setdefault(box.address.casefold(), name)) != name:
            text = f"mailboxes {other} and {name} have the same address; give each its own"
            raise Misplaced(("mailboxes", name, "address"), text)
    for name, box in mailboxes.items():
        place = (box.imap.account, box.imap.folder.casefold()) if box.imap else None
        if place and (other := places.setdefault(place, name)) != name:
            text = f"mailboxes {other} and {name} read the same folder of one account; give each its own folder"
            raise Misplaced(("mailboxes", name, "imap", "folder"), text)
