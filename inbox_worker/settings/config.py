"""The shape of config.yaml, block by block. Secrets are never here; unknown keys are refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from inbox_worker.core.addresses import spellings_of
from inbox_worker.core.identifiers import valid_bic, valid_bin, valid_iban
from inbox_worker.core.model import Language
from inbox_worker.settings.audit_config import AuditConfig
from inbox_worker.settings.backup_config import BackupsConfig
from inbox_worker.settings.ledger_config import LedgerConfig
from inbox_worker.settings.mailboxes import LOOPBACK, MailboxConfig, Name, require_apart
from inbox_worker.settings.mistakes import Mistaken, placeholder_mistake
from inbox_worker.settings.passwords import PasswordError, from_environment, from_file
from inbox_worker.settings.shapes import Misplaced, ServerName, Strict, must_be, one_of
from inbox_worker.settings.yaml_files import Place

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

QR_FIELDS = ("account", "sum", "month", "bin", "iban", "bic", "operator")  # what a bill's QR code may say


MAILBOXES = ("korrektirovki", "bigoperators")  # the addresses of the contract
BANKS = "banks"  # a drop folder beside those of the mailboxes: registers and statements of banks, and nothing else


class ConfigError(Mistaken):
    """The home or its config.yaml cannot be used; the text says what to do, `lines` all of it."""


class OlderLetters(ConfigError):
    """A mailbox read for the first time holds letters of earlier days, and nobody said whether they count."""


_Bin = Annotated[
    str, must_be(valid_bin, "is no БИН: 12 digits in quotes, of which the last proves the others; compare the digits")
]
_Iban = Annotated[
    str, must_be(valid_iban, "is no ИИК: KZ and 18 signs without blanks, of which the first two prove the others")
]
_Bic = Annotated[
    str, must_be(valid_bic, "is no БИК: eight or eleven Latin capitals and digits with KZ as the 5th and 6th")
]
_Kbe = Annotated[
    str,
    must_be(re.compile("([12][0-9])?").fullmatch, "{!r} is no code of a payee: two digits in quotes, or empty"),
]


class OperatorConfig(Strict):
    bin: _Bin
    name: Name
    name_kk: Name
    address: Name
    bank: Name
    iban: _Iban
    bic: _Bic
    head: str = ""
    head_position: str = ""
    contacts: str = ""
    kbe: _Kbe = ""


class Folders(Strict):
    quiet_seconds: float = Field(default=2, ge=0)
    scan_seconds: float = Field(default=15, gt=0)
    polling: bool = False


class ExchangeConfig(Strict):
    """A folder that Customers (or a program that carries files to them) take documents from."""

    folder: str = Field(min_length=1)


class BillMailConfig(Strict):
    """Bills to consumers by e-mail: so many letters a minute, so that answers to Customers do not wait behind them."""

    per_minute: int = Field(default=30, ge=1)


class MetricsConfig(Strict):
    port: Annotated[int, Field(ge=1, le=65535)]


class ScannerConfig(Strict):
    """The virus scanner that every attachment passes before it is opened: a clamd, or a command.

    `clamd`: `host:port`, or the path of its socket. `command`: a program and its arguments; it gets the file on its
    standard input, or by name where an argument is `{file}`; exit code 0 = clean, 1 = infected. `seconds`: a scanner
    silent for so long is down (clamd itself gives a file up after its MaxScanTime, 120 seconds).
    """

    clamd: str = ""
    command: tuple[str, ...] = ()
    seconds: Annotated[float, Field(gt=0)] = 130

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.clamd) == bool(self.command):
            raise Misplaced(("command",) if self.command else (), "give either clamd or command")
        if self.clamd and not self.clamd.startswith("/") and not re.fullmatch(r"\S+:\d{1,5}", self.clamd):
            raise Misplaced(("clamd",), "is host:port or the full path of its socket")
        return self


class SmtpConfig(Strict):
    """Our mail server for letters that leave. Times: seconds; `retry_minutes` between the tries of one letter."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)
    host: ServerName
    port: int = Field(default=0, ge=0, le=65535)  # 0 = the usual one: 465, 587 or 25
    tls: Literal["implicit", "starttls", "none"] = "starttls"
    ca_file: str = ""
    user: str = ""
    password_env: str = ""
    password_file: str = ""
    sender: str = Field(default="", alias="from")  # '' = the address of the mailbox that was written to
    timeout: float = Field(default=30, gt=0)
    answer_timeout: float = Field(default=600, gt=0)  # after a whole letter (RFC 5321, 4.5.3.2.6)
    per_minute: int = Field(default=60, ge=1)
    retry_minutes: tuple[int, ...] = Field(default=(1, 5, 15, 60, 240, 1440), min_length=1)

    @property
    def actual_port(self) -> int:
        return self.port or {"implicit": 465, "starttls": 587, "none": 25}[self.tls]

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.user and not (self.password_env or self.password_file):
            raise Misplaced(("user",), "a user needs password_env or password_file")
        if self.user and self.tls == "none" and self.host not in LOOPBACK:
            raise Misplaced(("tls",), "none would send the password readable; choose starttls or implicit")
        if any(minutes < 1 for minutes in self.retry_minutes):
            raise Misplaced(("retry_minutes",), "must be whole minutes from 1")
        return self

    def password(self, home: Path) -> str:
        """Return the password from the environment or a file; '' where no user logs in. Raises ConfigError."""
        if not self.user:
            return ""
        try:
            if self.password_env:
                return from_environment(self.password_env)
            return from_file(self.password_file, home)
        except PasswordError as error:
            raise ConfigError(f"smtp: {error}") from None


class BillsConfig(Strict):
    """Consumers' bills (4.1.1): until which day of the next month they are to be paid, and what the QR code says."""

    due_day: int = Field(default=25, ge=1, le=28)
    qr: str = ""
    advance_pays_others: bool = False

    @field_validator("qr")
    @classmethod
    def _has_known_fields(cls, template: str) -> str:
        wrong = placeholder_mistake(template, QR_FIELDS)
        if wrong:
            raise ValueError(wrong)
        return template


_Staff = Annotated[str, must_be(_PLAIN_ADDRESS.fullmatch, "{!r} is no address; write name@domain in Latin letters")]


class Config(Strict):
    operator: OperatorConfig
    language: Language = "ru"
    mailboxes: dict[Annotated[str, one_of(MAILBOXES, "mailbox")], MailboxConfig] = Field(min_length=1)
    folders: Folders = Folders()
    ledger: LedgerConfig = LedgerConfig()
    bills: BillsConfig = BillsConfig()
    authserv_id: str = ""
    scanner: ScannerConfig | None = None
    exchange: ExchangeConfig | None = None
    bill_mail: BillMailConfig = BillMailConfig()
    logs: Literal["auto", "json", "plain"] = "auto"
    metrics: MetricsConfig | None = None
    audit: AuditConfig = AuditConfig()
    backups: BackupsConfig | None = None
    smtp: SmtpConfig | None = None
    reply: Literal["auto", "review", "none"] | None = None
    staff: tuple[_Staff, ...] = ()  # who get the digest of a working morning

    @property
    def replies(self) -> Literal["auto", "review", "none"]:
        """The way senders are answered: at once, after review, or not. Default: at once if there is a mail server."""
        return self.reply or ("auto" if self.smtp else "none")

    @model_validator(mode="after")
    def _answers_need_a_server(self) -> Self:
        if self.reply == "auto" and not self.smtp:
            raise Misplaced(("reply",), "auto needs the smtp block; without a mail server use review or none")
        if self.audit.mail and not self.smtp:
            raise Misplaced(("audit", "mail"), "needs the smtp block: anchors leave as letters do")
        ours: dict[Place, str] = {("mailboxes", name, "address"): box.address for name, box in self.mailboxes.items()}
        ours |= {("smtp", "from"): self.smtp.sender} if self.smtp else {}
        for place, address in ours.items():
            if address and not _PLAIN_ADDRESS.fullmatch(address) and self.replies != "none":
                text = f"letters cannot be sent from {address!r}: write it as name@domain in Latin letters"
                raise Misplaced(place, text)
        return self

    @model_validator(mode="after")
    def _mailboxes_apart(self) -> Self:
        require_apart(self.mailboxes)
        return self

    @property
    def drop_folders(self) -> tuple[str, ...]:
        """The folders in inbox/, one a mailbox and that for banks' files (4.1.7)."""
        return (*self.mailboxes, BANKS)

    def address_of(self, mailbox: str) -> str:
        """Return the address that answers to letters of a drop folder or mailbox leave from."""
        box = self.mailboxes.get(mailbox) or next(iter(self.mailboxes.values()))
        return box.address

    @property
    def our_addresses(self) -> frozenset[str]:
        """Addresses that our own mail comes from: the mailboxes, and the address that all letters leave by."""
        ours = [box.address for box in self.mailboxes.values()] + [self.smtp.sender if self.smtp else ""]
        return frozenset(form for address in ours if address for form in spellings_of(address))
