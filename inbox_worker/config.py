"""config.yaml -> `Config`. Secrets are never here; unknown keys are refused by name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inbox_worker.model import Operator, Outcome


class ConfigError(Exception):
    """The home or its config.yaml cannot be used; the text says what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Name = Annotated[str, Field(min_length=1)]
_Seconds = Annotated[float, Field(gt=0, le=1500)]  # a server may hang up after 29 minutes of silence


class OperatorConfig(_Strict):
    bin: str
    name: str
    name_kk: str
    address: str
    bank: str
    iban: str
    bic: str
    head: str = ""
    head_position: str = ""


class MailFolders(_Strict):
    """Where a letter lies after its decision, by outcome; `quarantined` empty = with the rejected ones."""

    processed: _Name = "Processed"
    held: _Name = "Held"
    rejected: _Name = "Rejected"
    ignored: _Name = "Ignored"
    quarantined: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every folder once."""
        return tuple(dict.fromkeys(self.of(outcome) for outcome in Outcome))

    def of(self, outcome: Outcome) -> str:
        """The folder for a letter of this outcome."""
        if outcome in (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.DUPLICATE):
            return self.processed
        return (self.quarantined if outcome is Outcome.QUARANTINED else "") or {
            Outcome.HELD: self.held,
            Outcome.IGNORED: self.ignored,
        }.get(outcome, self.rejected)


class Imap(_Strict):
    """How a mailbox is reached. The secret comes from exactly one of the three sources, never from here.

    Seconds: `idle_seconds` + `timeout_seconds` is how long a dead connection may go unnoticed.
    `raw_limit`: bytes of a whole letter; of a larger one only the head is taken.
    """

    host: _Name
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: str = ""
    user: _Name
    password_env: str = ""
    password_file: str = ""
    token_command: tuple[str, ...] = ()
    folder: _Name = "INBOX"
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
            raise ValueError("give exactly one of password_env, password_file, token_command")
        if self.folder.casefold() in {name.casefold() for name in self.folders.names}:
            raise ValueError(f"{self.folder!r} is where letters come in; no outcome may move them there")
        return self

    @property
    def account(self) -> str:
        """Whose letters on which server: numbers of letters (UID) mean nothing elsewhere."""
        return f"{self.user}@{self.host}".casefold()


class Mailbox(_Strict):
    """Our address. Without `imap` its letters come by the drop folder only."""

    address: str
    imap: Imap | None = None


class Folders(_Strict):
    quiet_seconds: float = 2
    scan_seconds: float = 15
    polling: bool = False


class LedgerConfig(_Strict):
    journal: str = "sqlite:///ledger/journal.db"
    threads: int = 2
    memory: str = "4GB"


class Config(_Strict):
    operator: OperatorConfig
    mailboxes: dict[str, Mailbox]
    folders: Folders = Folders()
    ledger: LedgerConfig = LedgerConfig()
    authserv_id: str = ""

    @property
    def our_addresses(self) -> frozenset[str]:
        return frozenset(box.address.casefold() for box in self.mailboxes.values())


@dataclass(frozen=True)
class Home:
    """The folder where config.yaml stands and where run-time state lives."""

    path: Path
    config: Config

    @property
    def ledger(self) -> Path:
        return self.path / "ledger"

    @property
    def archive(self) -> Path:
        return self.path / "archive"

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def outbox(self) -> Path:
        return self.path / "outbox"

    @property
    def rules(self) -> Path:
        return _own_or_shipped(self.path, "rules")

    @property
    def templates(self) -> Path:
        return _own_or_shipped(self.path, "templates")

    @property
    def journal_url(self) -> str:
        """The journal's database; INBOX_WORKER_JOURNAL (it may hold a password) wins over config.yaml."""
        url = os.environ.get("INBOX_WORKER_JOURNAL", self.config.ledger.journal)
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return f"{prefix}{(self.path / url[len(prefix) :]).absolute()}"
        return url

    @property
    def operator(self) -> Operator:
        return Operator(**self.config.operator.model_dump())


def shipped(name: str) -> Path:
    """A folder or file that travels with the program: in a wheel under `_shipped`, in a clone at the top."""
    package = Path(__file__).parent
    inside = package / "_shipped" / name
    return inside if inside.exists() else package.parent / name


def _own_or_shipped(home: Path, name: str) -> Path:
    own = home / name
    return own if own.is_dir() else shipped(name)


def load_home(path: Path) -> Home:
    """Reads the home's config.yaml. Raises ConfigError with what to do."""
    file = path / "config.yaml"
    if not file.is_file():
        raise ConfigError(f"{file} is not there; make a home with `inbox-worker init {path}` or name one by --home")
    try:
        config = Config.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not readable YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{file}: {problems}") from error
    return Home(path.absolute(), config)
