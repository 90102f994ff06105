"""Figures for Prometheus, on loopback only. Labels are mailboxes, outcomes and finding codes: no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from inbox_worker.core.errors import UseError

_LOOPBACK = "127.0.0.1"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class MetricsError(UseError):
    """The figures cannot be offered; the text says what to do."""


class Metrics:
    """The figures of one service, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(f"inbox_worker_{name}", words, labels, registry=registry)

        self._arrivals = Counter(
            "inbox_worker_arrivals", "Decided letters and files.", ("mailbox", "outcome"), registry=registry
        )
        self._findings = Counter("inbox_worker_findings", "Findings told to senders.", ("code",), registry=registry)
        self._seconds = Histogram(
            "inbox_worker_decision_seconds", "From bytes to decision.", buckets=_SECONDS, registry=registry
        )
        self._undecided = gauge("undecided", "Arrivals stored and not decided.")
        self._failed = gauge("failed", "Arrivals that were not decided by a fault of ours.", "mailbox")
        self._waiting = gauge("waiting", "Files in a drop folder that are not taken yet.", "mailbox")
        self._watched = gauge("folder_watched", "1 when the drop folder is there.", "mailbox")
        self._connected = gauge("mailbox_connected", "1 when the mailbox's server is reached.", "mailbox")
        self._last_pass = gauge("last_pass_timestamp_seconds", "When the last pass ended well, Unix time.")
        self._sent = gauge("letters_sent", "Letters that the mail server took.")
        self._letters = gauge("letters_waiting", "Letters that wait to be sent.")
        self._duties = gauge("duties", "Terms of both parties that are not met.", "who", "state")
        self._problems = gauge("problems", "Problems standing now; the log and `health` word them.")

    def count_decision(self, mailbox: str, outcome: str, codes: Iterable[str], seconds: float) -> None:
        """Count one decision: its mailbox, outcome, the codes of its findings, and how long it took."""
        self._arrivals.labels(mailbox, outcome).inc()
        self._seconds.observe(seconds)
        for code in codes:
            self._findings.labels(code).inc()

    def record_pass(self, at: float, undecided: int, sent: int, waiting: int) -> None:
        """Record a pass that ended at `at` (Unix time) and left so much; `sent` and `waiting` are letters of ours."""
        self._last_pass.set(at)
        self._undecided.set(undecided)
        self._sent.set(sent)
        self._letters.set(waiting)

    def record_duties(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Record how many duties of each party are open and overdue."""
        for who in ("operator", "customer"):
            for state in ("open", "overdue"):
                self._duties.labels(who, state).set(counts.get((who, state), 0))

    def record_look(self, mailboxes: Mapping[str, Mapping[str, int | bool | None]], problems: int) -> None:
        """Record how the mailboxes stand: `failed`, `waiting`, `folder`, `connected` (None: no server to reach)."""
        self._problems.set(problems)
        for name, state in mailboxes.items():
            self._failed.labels(name).set(state["failed"] or 0)
            self._waiting.labels(name).set(state["waiting"] or 0)
            self._watched.labels(name).set(bool(state["folder"]))
            if state["connected"] is not None:
                self._connected.labels(name).set(bool(state["connected"]))

    @contextmanager
    def serve_metrics(self, port: int | None) -> Iterator[None]:
        """Offers them at http://127.0.0.1:<port>/metrics; None = nowhere. Raises MetricsError: the port is taken."""
        if port is None:
            yield
            return
        try:
            server, thread = start_http_server(port, _LOOPBACK, self.registry)
        except OSError as error:
            words = f"metrics.port {port} of config.yaml cannot be opened ({error.strerror}); choose another one"
            raise MetricsError(words) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
