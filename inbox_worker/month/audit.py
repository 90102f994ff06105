"""The chain of acts proven against itself, against decisions, and against anchors that lie outside the journal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from inbox_worker.core.files import PRIVATE_FILE, read_file, sync_folder
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger import tables as t
from inbox_worker.ledger.act_chain import find_breaks
from inbox_worker.ledger.acts import ChainedAct, find_acts, find_last_hash
from inbox_worker.ledger.decision_acts import find_changed_decisions
from inbox_worker.ledger.journal import Journal
from inbox_worker.settings.home import Home

ANCHORS = "audit-anchors.jsonl"


def write_anchor(home: Home, journal: Journal, now: datetime) -> str:
    """Write the hash of the last act into `ledger/audit-anchors.jsonl`, once a day. Return the line, '' when the day
    has one or nothing was ever done."""
    day, path = to_almaty(now).date().isoformat(), home.ledger / ANCHORS
    lines = read_file(path).splitlines() if path.exists() else []
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
    return [*found, *_anchor_problems(acts, ledger / ANCHORS)]


def _anchor_problems(acts: list[ChainedAct], path: Path) -> Iterator[str]:
    hashes = {act.number: act.hash for act in acts}
    for place, line in enumerate(read_file(path).splitlines() if path.exists() else (), 1):
        try:
            kept = json.loads(line)
            day, number, digest = str(kept["day"]), int(kept["number"]), str(kept["hash"])
        except (ValueError, KeyError, TypeError):
            yield f"line {place} of {path.name} is no anchor any more"
            continue
        if hashes.get(number) != digest:
            yield f"act {number} is not the one that {path.name} was given on {day}: acts up to it were changed since"


_SIGNS = str.maketrans({"\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"})
_HEAVY = frozenset({"admit", "cancel", "confirm", "drop", "release", "reopen"})  # what turns the usual way round


def cef_line(act: ChainedAct, version: str) -> str:
    """Return an act as a line of the Common Event Format, for a monitoring centre."""
    name = act.act.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    moment = int(datetime.fromisoformat(act.at).timestamp() * 1000)
    extension = {
        "rt": str(moment), "suser": act.who, "dvchost": act.origin, "externalId": str(act.number), "msg": act.details,
        "cs1Label": "subject", "cs1": act.subject, "cs2Label": "before", "cs2": act.before,
        "cs3Label": "after", "cs3": act.after, "cs4Label": "hash", "cs4": act.hash,
    }  # fmt: skip
    shown = " ".join(f"{key}={value.translate(_SIGNS)}" for key, value in extension.items())
    severity = 6 if act.act in _HEAVY else 3
    return f"CEF:0|inbox-worker|inbox-worker|{version}|{name.replace(' ', '-')}|{name}|{severity}|{shown}"
