"""The test of a restore, by the calendar: the newest backup becomes a home in a folder that is removed again, and is
proven there (4.1.13)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from inbox_worker.contract.schedule import DueJob
from inbox_worker.core.errors import foreseen_errors, reason_of
from inbox_worker.ledger.backup_places import find_wrong_places
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.month.office import Office
from inbox_worker.month.restore import JOURNAL_VARIABLE, check_backups, try_restore
from inbox_worker.outbox.proposals import BACKUP, propose_task
from inbox_worker.settings.backup_config import BackupsConfig
from inbox_worker.settings.passwords import from_file


def try_newest_backup(office: Office, due: DueJob, now: datetime) -> Callable[[Connection], str]:
    """Restore the newest backup for trial. What is not whole, cannot be read or is older than the job's patience is a
    task, once a month; without a place of backups in config.yaml the act says so."""
    backups = office.home.config.backups
    if backups is None:
        return lambda connection: "config.yaml names no backups"
    try:
        why, details = _restore_newest(office, backups, timedelta(due.job.patience), now)
    except foreseen_errors() as error:  # a place that is gone is what the test is for
        why = details = reason_of(error)

    def record(connection: Connection) -> str:
        if not why:
            return details
        what = office.rules.texts.written.both("task.backup", why=why)
        task = propose_task(connection, office, BACKUP, due.about, what, now)
        return f"{details}: {task.id if task else '-'}"

    return record


def _restore_newest(office: Office, backups: BackupsConfig, patience: timedelta, now: datetime) -> tuple[str, str]:
    """Return what is wrong with the newest backup, '' when nothing is, and what the act says. A journal that is not
    in the home is compared only: restored, it would take the place of the one at work."""
    folder = office.home.path / backups.folder
    password = from_file(backups.password_file, office.home.path) if backups.password_file else ""
    made = BackupStore(folder.absolute(), password).read()
    named = f"№ {made.number}, {made.made_at}"
    journal = Path(office.home.journal_url.removeprefix("sqlite:///"))
    if JOURNAL_VARIABLE not in os.environ and journal.is_relative_to(office.home.path.absolute()):
        problems, seconds = try_restore(folder, made.number, now, password)
        done = f"{named}, restored in {seconds:.1f} s"
    else:
        check_backups(folder, made.number, password)
        problems, done = [], f"{named}, compared"
    problems += find_wrong_places(office.journal.database)
    if problems:
        return f"{named}: {problems[0]}", f"{done}, problems {len(problems)}"
    if now - datetime.fromisoformat(made.made_at) > patience:
        return f"{named} is the newest, and older than {patience.days} days", f"{done}, too old"
    return "", f"{done}, whole"
