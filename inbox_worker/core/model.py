"""The records that all rooms share; every module may import it. Money is `Decimal`, months are `Period`, moments are
aware datetimes; bad data is a `Finding`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Self, get_args

from inbox_worker.core.account_days import AccountDays

Language = Literal["ru", "kk", "en"]  # of the screens; documents and letters are Russian and Kazakh
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Severity(StrEnum):
    """The weight of a finding: an error keeps its row (or the form) from posting, the others only inform."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Outcome(StrEnum):
    """The one outcome of an arrival or of a submission."""

    QUARANTINED = "quarantined"
    FAILED = "failed"
    REJECTED = "rejected"
    HELD = "held"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"

    @property
    def posted(self) -> bool:
        """Return whether rows of such a submission are in the ledger."""
        return self in (Outcome.ACCEPTED, Outcome.DEFERRED)

    @staticmethod
    def worst(outcomes: list[Outcome]) -> Outcome:
        """Return an arrival's outcome: the worst of its submissions', in the order of the members."""
        order = list(Outcome)
        return min(outcomes, key=order.index)


class MonthState(StrEnum):
    """Life of an accounting month."""

    OPEN = "open"
    DRAFT = "draft"
    CLOSED = "closed"


@dataclass(frozen=True, order=True)
class Period:
    """An accounting month. Text form `2026-09`; in forms `09.2026`."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1900 <= self.year <= 2999):
            raise ValueError(f"{self.year}-{self.month} is not a month")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `2026-09`. Raises ValueError for anything else."""
        found = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a month; write it like 2026-09")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month of a day."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> Period:
        """Return the month that many months later (or earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Period(index // 12, index % 12 + 1)

    def minus(self, other: Period) -> int:
        """Return the whole months from `other` to this one."""
        return (self.year - other.year) * 12 + self.month - other.month

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.plus(1).first_day - timedelta(1)

    @property
    def days(self) -> int:
        return self.last_day.day

    @property
    def form_text(self) -> str:
        """As customers write it: `09.2026`."""
        return f"{self.month:02d}.{self.year}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True)
class Finding:
    """One thing wrong or worth saying about sender's data: what, where, why and how to mend it.

    `code` is stable (`subject.problem`); texts live in rules/findings.yaml and are filled in with `value`
    and `facts`. `sheet` and `cell` locate it in the sender's workbook ('' when it is about the whole).
    """

    code: str
    sheet: str = ""
    cell: str = ""
    value: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    row: int = 0  # sheet row (1-based) of a table row; 0 = not about one row


@dataclass(frozen=True)
class WordedFinding:
    """A finding with its words: what the journal keeps and the answer shows. Never re-worded later."""

    code: str
    severity: Severity
    sheet: str
    cell: str
    value: str
    message: str
    message_kk: str
    remedy: str
    remedy_kk: str
    clause: str

    def as_json(self) -> dict[str, str]:
        return {**vars(self), "severity": self.severity.value}


@dataclass(frozen=True)
class Attachment:
    """One file of a message. `name` is the sender's text: shown, never used as a path."""

    name: str
    data: bytes
    inline: bool = False  # a picture inside the letter's text (signature logo): not a document
    aside: bool = False  # a signature, a calling card, an empty file: kept with the letter, proves nothing


@dataclass(frozen=True)
class HeaderCell:
    """A header value of a form (`Форма`, `Месяц учёта`, ...) and where it stands."""

    text: str
    sheet: str
    cell: str
    written: str = ""  # as it stands there, where `text` is normalised


@dataclass(frozen=True)
class FormTable:
    """A form as read: header values and typed rows, every cell's address known.

    `rows` is a pyarrow.Table: `sheet` (string), `row` (int32, the 1-based sheet row) and one typed column a
    rule column (see forms/typing.py); a cell that could not be read is null there and stands in `findings`.
    `letters` gives the sheet column letter of each rule column, by sheet. `balances`: those of a bank's statement, in
    the order of the file. `partial`: the rows of a form without a required column, which has no `rows`: good to say
    what else is wrong, never to post. `beside`: what compared columns say, by sheet, name and row; `titles`: of months.
    """

    form: str
    version: str
    header: Mapping[str, HeaderCell]
    rows: Any
    letters: Mapping[str, Mapping[str, str]]
    findings: tuple[Finding, ...]
    control_count: int | None = None
    control_sum: Decimal | None = None
    balances: tuple[AccountDays, ...] = ()
    partial: Any = None
    others: tuple[str, ...] = ()
    beside: Mapping[str, Mapping[str, Mapping[int, str]]] = field(default_factory=dict)
    titles: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Customer:
    """A Customer of the contract (section 11): a record of the operator's register `customers`."""

    bin: str
    name: str
    kind: str
    contract: str
    contract_date: date
    valid_until: date | None
    emails: tuple[str, ...]
    bic: str
    iban: str
    kbe: str
    head: str
    address: str
    utilities: bool
    attested_until: date | None = None  # of a gas maintainer (4.3.10); None = not known
    own_account: str = ""  # IBAN that payments of utility lines go to (7.1); '' = to `iban` like the rest
    own_bic: str = ""  # of that account's bank; '' = not told
    no_depersonalised: bool = False  # forbids that information is used in depersonalised form (4.2.7)
    price: Decimal | None = None  # per cent of a payment by his own agreement (4.8); None = the price list's
    contact: str = ""  # the person responsible for working with the operator (6.2.7); '' = not told
    phone: str = ""  # where that person is reached; '' = not told


@dataclass(frozen=True)
class FactFile:
    """An immutable Parquet file of facts, named in the journal; a file not named there does not exist."""

    path: str  # relative to ledger/
    sha256: str
    kind: str
    customer: str
    month: Period
    submission: str
    rows: int


@dataclass(frozen=True)
class Arrival:
    """A stored message or dropped file: the journal's record of it. `outcome` is None until it is decided."""

    number: int
    sha256: str
    mailbox: str
    source: str  # file name as shown to people
    received_at: datetime
    stated_sender: str  # given by staff (`--from`); wins over the message's From
    raw: str  # path of the raw bytes under archive/
    sender: str = ""
    message_id: str = ""
    outcome: Outcome | None = None
    tries: int = 0  # how many ended without a decision by a fault of ours
    why: str = ""  # of the last of them
    place: str = ""  # where it came from or is now: a path below the home, a folder and number of a mailbox
    customers: tuple[str, ...] = ()  # БИНs that its sender speaks for, when it is not for the register to say
    oversize: int = 0  # bytes of the whole letter when only its head was taken from the mailbox; else 0

    @property
    def id(self) -> str:
        """The number people quote, like `IW-000012`."""
        return f"IW-{self.number:06d}"


@dataclass(frozen=True)
class Changes:
    """The changes of a form to the open months: rows with a new key, with another value, with the same value, and rows
    of the submission it replaces whole that it does not have any more (`Заменяет`)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Submission:
    """One form of an arrival and what was decided about it."""

    id: str  # the arrival's number and the form's place in it, like `IW-000012-1`
    arrival: int
    ordinal: int
    attachment: str
    sha256: str
    form: str
    customer: str
    outcome: Outcome
    month: Period | None
    complete_at: datetime  # when the last needed piece was here: decides the month
    rows_read: int
    rows_posted: int
    rules: str
    documents: str | None = None  # what proves it: attachments' names, a reply's number, or staff's words
    replaces: str | None = None
    replaced_by: str | None = None
    duplicate_of: str | None = None
    sequence: int | None = None  # order of posting in the whole ledger; None = never posted
    changes: Changes = Changes()
    held_for: tuple[str, ...] = ()  # what it waits for: documents, confirmation, task (a person's work)
    task: str | None = None  # number of the task that stands for it, like `T-000001`
    confirmed: str | None = None  # who confirmed it and how, in staff's words

    def waits_for(self, what: str) -> bool:
        """Tell whether it is held, not replaced whole by a later form, and `what` is still awaited."""
        return self.outcome is Outcome.HELD and not self.replaced_by and what in self.held_for
