"""Acts leave for the monitoring centre, anchors for the server of time stamps, in a thread of their own (4.1.17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inbox_worker.core.errors import foreseen_errors
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.place import begins_anew, journal_of
from inbox_worker.month.shared_anchors import share_anchors, share_stamps
from inbox_worker.month.syslog import send_new_acts
from inbox_worker.month.timestamps import find_unstamped, stamp_anchors
from inbox_worker.service.own_thread import OwnThread
from inbox_worker.settings.log import fault_facts


class AuditThread(OwnThread):
    """Sends what is new whenever it is rung, and at every scan. Whoever is out of reach is told of and asked again."""

    name = "audit"

    def round(self) -> None:
        """Send what the centre does not have, and have the anchors stamped that are not."""
        audit = self._home.config.audit
        if audit.syslog:
            self._try(self._send)
        if audit.timestamps:
            self._try(self._stamp)

    def _send(self) -> None:
        centre = self._home.config.audit.syslog
        if centre is None or begins_anew(self._home):
            return
        with self._journal() as journal:
            send_new_acts(journal, self._home.ledger, centre)

    def _stamp(self) -> None:
        if not find_unstamped(self._home.ledger):
            return
        with self._journal() as journal:
            share_anchors(self._home, journal)  # another machine may have had them stamped
        try:
            stamp_anchors(self._home.ledger, self._home.config.audit.timestamps)
        finally:
            share_stamps(self._home)

    @contextmanager
    def _journal(self) -> Iterator[Journal]:
        journal = journal_of(self._home)
        try:
            yield journal
        finally:
            journal.database.dispose()

    def _try(self, send: Callable[[], None]) -> None:
        try:
            send()
        except foreseen_errors() as error:
            self._service_log.problem(f"{error}", "audit not sent", **fault_facts(error))
