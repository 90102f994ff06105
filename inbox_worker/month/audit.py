"""The chain of acts proven against itself and against decisions, and what of it a security officer watches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from inbox_worker.core.model import Outcome, Severity
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.act_chain import find_breaks
from inbox_worker.ledger.acts import (
    ACCEPT_ANCHORS,
    ACCEPT_ROWS,
    CONFIRM_CLOCK,
    INCIDENT,
    ChainedAct,
    find_acts,
    find_last_hash,
)
from inbox_worker.ledger.closes import hash_close
from inbox_worker.ledger.decision_acts import find_changed_decisions, find_changed_receipts
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.login_acts import ACCEPTED as LOGIN_ACCEPTED
from inbox_worker.ledger.login_acts import REFUSED as LOGIN_REFUSED
from inbox_worker.ledger.staff_rows import find_changed_handovers, find_changed_tasks
from inbox_worker.month.watched import CHANGE, find_watched, hash_watched


def audit_problems(journal: Journal) -> list[str]:
    """Find what was done to the chain of acts, or to decisions that it holds."""
    acts = find_acts(journal.database)
    found = [what for _, what in find_breaks([vars(act) for act in acts], find_last_hash(journal.database))]
    with journal.database.connect_for_queries() as connection:
        found += [*find_changed_decisions(connection), *find_changed_receipts(connection)]
        found += [*find_changed_tasks(connection), *find_changed_handovers(connection)]
    found += _find_changed_closes(journal, acts)
    return [*found, *_watched_problems(journal, acts)]


def _find_changed_closes(journal: Journal, acts: list[ChainedAct]) -> Iterator[str]:
    """Find closes that are not what their act says; those that a restore of workbooks made have none."""
    said = {(act.subject, act.details.partition(",")[0]): act for act in acts if act.act == "close"}
    for close in journal.closes.all():
        act = said.pop((str(close.month), f"№ {close.number}"), None)
        known = (act.details.rpartition(" ")[2], act.after or hash_close(close)) if act else ("", "")
        if act and known != (close.sha256, hash_close(close)):
            yield f"close {close.number} of {close.month} is not what act {act.number} says"
    yield from (
        f"{number} of the closes of {month}, of act {act.number}, is not there" for (month, number), act in said.items()
    )


def _watched_problems(journal: Journal, acts: list[ChainedAct]) -> Iterator[str]:
    """Find what is kept of rules, settings and templates and is not what the last act about each says."""
    files = {file.path: file for file in find_watched(journal.database)}
    for name, act in {act.subject: act for act in acts if act.act == CHANGE}.items():
        if hash_watched(files, name) != act.after:
            yield f"what it keeps of {name} is not what act {act.number} says: a change may have gone unseen"


_SIGNS = str.maketrans({"\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"})
# what turns the usual way round, or takes data out or in
_HEAVY = frozenset({ACCEPT_ANCHORS, "accept journal", ACCEPT_ROWS, "admit", "backup", "cancel", CHANGE, "confirm",
                    "depersonalised", "drop", "export", LOGIN_ACCEPTED, LOGIN_REFUSED, "put back",
                    "release", "reopen", "restore", "retention destroy", "retention destroyed",
                    "retention propose", "retention vouch", CONFIRM_CLOCK})  # fmt: skip
_SECURITY_FINDINGS = ("attachment.infected", "attachment.program", "attachment.enciphered")


@dataclass(frozen=True)
class SecurityEvent:
    """An act that turns the usual way round, or what a letter was not believed for. `what`: the act, or the finding's
    code; `subject`: of the act, or the arrival's number; `who`: the person, or whom the letter names as its sender."""

    at: str
    who: str
    what: str
    subject: str
    details: str


def find_security_events(journal: Journal, *, kazakh: bool = False) -> list[SecurityEvent]:
    """Return security events, oldest first: such acts; and letters in quarantine, with viruses or programs, or whose
    sender is not proven (4.1.17, 6.2.7), in Russian or `kazakh`."""
    events = [event for _, event in find_security_findings(journal, kazakh=kazakh)]
    acts = [act for act in find_acts(journal.database) if is_heavy(act)]
    events += [SecurityEvent(act.at, f"{act.who} ({act.origin})", act.act, act.subject, act.details) for act in acts]
    return sorted(events, key=lambda event: (event.at, event.subject))


def find_security_findings(
    journal: Journal, since: int = 0, *, kazakh: bool = False
) -> list[tuple[int, SecurityEvent]]:
    """Return why letters were not believed, with the number of each finding: those after `since`, in their order."""
    f, a = t.findings.c, t.arrivals.c
    query = (
        select(f.id, a.received_at, a.stated_sender, a.sender, f.code, a.number, f.message, f.message_kk)
        .join(t.findings, f.arrival == a.number)
        .where(or_(f.code.in_(_SECURITY_FINDINGS), f.code.like("sender.%"), a.outcome == Outcome.QUARANTINED))
        .where(f.severity != Severity.INFO, f.id > since)
        .order_by(f.id)
    )
    return [
        (
            row.id,
            SecurityEvent(
                to_almaty(row.received_at).isoformat(timespec="seconds"),
                row.stated_sender or row.sender,
                row.code,
                f"IW-{row.number:06d}",
                row.message_kk if kazakh else row.message,
            ),
        )
        for row in journal.database.rows(query)
    ]


def is_heavy(act: ChainedAct) -> bool:
    """Tell whether an act turns the usual way round, takes data out or in, or is about an incident."""
    return act.act in _HEAVY or act.act.startswith(f"{INCIDENT} ")


def escape_cef(value: str) -> str:
    """Return a value as an extension of CEF has it: none of its signs begins another one."""
    return value.translate(_SIGNS)


def cef_line(act: ChainedAct, version: str) -> str:
    """Return an act as a line of the Common Event Format, for a monitoring centre."""
    name = act.act.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    moment = int(datetime.fromisoformat(act.at).timestamp() * 1000)
    extension = {
        "rt": str(moment), "suser": act.who, "dvchost": act.origin, "externalId": str(act.number), "msg": act.details,
        "cs1Label": "subject", "cs1": act.subject, "cs2Label": "before", "cs2": act.before,
        "cs3Label": "after", "cs3": act.after, "cs4Label": "hash", "cs4": act.hash,
    }  # fmt: skip
    shown = " ".join(f"{key}={escape_cef(value)}" for key, value in extension.items())
    severity = 6 if is_heavy(act) else 3
    return f"CEF:0|inbox-worker|inbox-worker|{version}|{name.replace(' ', '-')}|{name}|{severity}|{shown}"
