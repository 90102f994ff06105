"""Letters leave in a thread of their own: a slow mail server keeps no decision waiting."""

from __future__ import annotations

from inbox_worker.core.errors import foreseen_errors
from inbox_worker.outbox.send import send_waiting
from inbox_worker.service.own_thread import OwnThread
from inbox_worker.settings.log import fault_facts
from inbox_worker.settings.rules import RulesError

_LETTERS_A_ROUND = 10


class LetterThread(OwnThread):
    """Sends what is due whenever it is rung, and at every scan: tries again have their times."""

    name = "letters"

    def round(self) -> None:
        """Sends some letters. Faults of ours are said and tried again in the next round."""
        try:
            problems = send_waiting(self._home, self._clock.now(), _LETTERS_A_ROUND, self._stop.is_set)
        except RulesError as error:
            self._service_log.broken_rules(error)
            return
        except foreseen_errors() as error:
            text = f"letters cannot be sent now: {type(error).__name__}: {error}; they are tried again"
            self._service_log.problem(text, "letters not sent", **fault_facts(error))
            return
        for problem in problems:
            self._service_log.problem(problem, "letters need staff: see `inbox-worker deliveries`")
