"""The chain of acts proven against itself, against decisions, and against anchors that lie outside the journal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from inbox_worker.core.files import PRIVATE_FILE, read_file, sync_folder
from inbox_worker.core.model import Outcome, Severity
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.act_chain import find_breaks
from inbox_worker.ledger.acts import INCIDENT, ChainedAct, find_acts, find_last_hash
from inbox_worker.ledger.closes import hash_close
from inbox_worker.ledger.decision_acts import find_changed_decisions
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.login_acts import ACCEPTED as LOGIN_ACCEPTED
from inbox_worker.ledger.login_acts import REFUSED as LOGIN_REFUSED
from inbox_worker.month.clock import CONFIRM as CLOCK
from inbox_worker.month.watched import CHANGE, find_watched, hash_watched
from inbox_worker.settings.home import Home

ANCHORS = "audit-anchors.jsonl"


def write_anchor(home: Home, journal: Journal, now: datetime) -> str:
    """Write the hash of the last act into `ledger/audit-anchors.jsonl`, once a day. Return the line, '' when the day
    has one or nothing was ever done."""
    day, path = to_almaty(now).date().isoformat(), home.ledger / ANCHORS
    lines = _anchor_lines(path)
    acts = [act for act in find_acts(journal.database, _last_number(journal)) if act.hash]
    if not acts or any(day in line.decode("utf-8", "replace") for line in lines[-1:]):
        return ""
    line = json.dumps({"day": day, "number": acts[-1].number, "hash": acts[-1].hash})
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(home.ledger)
    return line


def _last_number(journal: Journal) -> int:
    return int(journal.database.value(select(func.max(t.acts.c.number))) or 1)


def audit_problems(journal: Journal, ledger: Path) -> list[str]:
    """Find what was done to the chain of acts, to decisions that it holds, or to the anchors."""
    acts = find_acts(journal.database)
    found = [what for _, what in find_breaks([vars(act) for act in acts], find_last_hash(journal.database))]
    with journal.database.connect_for_queries() as connection:
        found += find_changed_decisions(connection)
    found += _find_changed_closes(journal, acts)
    return [*found, *_watched_problems(journal, acts), *_anchor_problems(acts, ledger / ANCHORS)]


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


def read_anchors(ledger: Path) -> list[dict[str, Any]]:
    """Return the anchors, oldest first, as far as each still is one: day, number and hash of the act."""
    return [anchor for anchor in map(_read_anchor, _anchor_lines(ledger / ANCHORS)) if anchor]


def read_anchor_bytes(ledger: Path) -> bytes:
    """Return the file of anchors as it stands; nothing where there is none."""
    path = ledger / ANCHORS
    return read_file(path) if path.exists() else b""


def _anchor_lines(path: Path) -> list[bytes]:
    return read_anchor_bytes(path.parent).splitlines()


def _read_anchor(line: bytes) -> dict[str, Any] | None:
    try:
        kept = json.loads(line)
        return {"day": str(kept["day"]), "number": int(kept["number"]), "hash": str(kept["hash"])}
    except (ValueError, KeyError, TypeError):
        return None


def _anchor_problems(acts: list[ChainedAct], path: Path) -> Iterator[str]:
    hashes = {act.number: act.hash for act in acts}
    for place, line in enumerate(_anchor_lines(path), 1):
        anchor = _read_anchor(line)
        if anchor is None:
            yield f"line {place} of {path.name} is no anchor any more"
        elif hashes.get(anchor["number"]) != anchor["hash"]:
            named = f"act {anchor['number']} is not the one that {path.name} was given on {anchor['day']}"
            yield f"{named}: acts up to it were changed since"


_SIGNS = str.maketrans({"\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"})
# what turns the usual way round, or takes data out or in
_HEAVY = frozenset({"accept journal", "admit", "backup", "cancel", CHANGE, "confirm", "depersonalised", "drop",
                    "export", LOGIN_ACCEPTED, LOGIN_REFUSED, "put back",
                    "release", "reopen", "restore", "retention destroy", "retention destroyed",
                    "retention propose", CLOCK})  # fmt: skip
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


def find_security_events(journal: Journal) -> list[SecurityEvent]:
    """Return security events, oldest first: such acts; and letters in quarantine, with viruses or programs, or whose
    sender is not proven (4.1.17, 6.2.7)."""
    events = [event for _, event in find_security_findings(journal)]
    acts = [act for act in find_acts(journal.database) if is_heavy(act)]
    events += [SecurityEvent(act.at, f"{act.who} ({act.origin})", act.act, act.subject, act.details) for act in acts]
    return sorted(events, key=lambda event: (event.at, event.subject))


def find_security_findings(journal: Journal, since: int = 0) -> list[tuple[int, SecurityEvent]]:
    """Return why letters were not believed, with the number of each finding: those after `since`, in their order."""
    f, a = t.findings.c, t.arrivals.c
    query = (
        select(f.id, a.received_at, a.stated_sender, a.sender, f.code, a.number, f.message)
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
                row.message,
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
