"""All that `audit verify` proves: the chain of acts, decisions, certificates, rows, anchors, and copies elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inbox_worker.ledger.acts import ChainedAct
from inbox_worker.ledger.backup_store import BackupStore
from inbox_worker.ledger.destroyed_check import find_changed_certificates
from inbox_worker.ledger.row_numbers import find_foreign_rows
from inbox_worker.month.anchors import find_unknown
from inbox_worker.month.audit import audit_problems
from inbox_worker.month.backup_anchors import compare_backups
from inbox_worker.month.office import Office
from inbox_worker.month.shared_anchors import find_anchor_problems
from inbox_worker.month.verified_record import NAME, find_lost_records, read_seen
from inbox_worker.month.watched import find_hidden_changes


def prove_acts(
    office: Office, acts: Sequence[ChainedAct], hashes: Sequence[str], backups: tuple[Path, str] | None
) -> list[str]:
    """Find what differs in the home, and from what lies elsewhere: `hashes` of anchors that an auditor was sent,
    `backups`, a place of them with its password."""
    home, journal = office.home, office.journal
    found = [*audit_problems(journal), *find_hidden_changes(home.path, journal.database)]
    found += find_anchor_problems(home, acts)
    with journal.database.connect_for_queries() as connection:
        found += find_foreign_rows(connection)
        found += read_seen(acts, home).since.find_rewritten(connection)
    found += [f"{NAME} {what}" for what in find_lost_records(acts, home)]
    found += [*map(str, find_changed_certificates(journal)), *find_unknown(acts, hashes)]
    if backups:
        store = BackupStore(*backups)
        found += compare_backups(store, acts, store.numbers() or [0])  # a place without any is a mistyped one
    return found
