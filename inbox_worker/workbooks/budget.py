"""How long one file has kept us: every file has one budget for all that is done with its bytes (4.1.15)."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import Self

from inbox_worker.settings.office_rules import Limits


class TimeBudget:
    """A stop-watch for one file; it runs inside `with`: while its bytes are opened, read, marked. Between the steps,
    when other files have their turn or rows are decided on, it stands."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._since: float | None = None

    def __enter__(self) -> Self:
        self._since = monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spent, self._since = self.spent, None

    @property
    def spent(self) -> float:
        """Seconds so far."""
        return self._spent + (0.0 if self._since is None else monotonic() - self._since)

    def left(self, limits: Limits) -> float:
        """Seconds that the next step may take of the sender's bytes; 0 when there are none. Writing the list of
        findings has its own share of `file_seconds`, so that a slow file is answered, too."""
        return max(limits.reading_seconds - self.spent, 0.0)
