"""Acts and security events to a monitoring centre by syslog, each once and in order (4.1.17).

What was handed over is noted in `ledger/audit-sent.json` once the connection has ended well. Syslog answers nothing, so
what a broken connection may have lost is sent again: the centre tells copies by number and hash.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from inbox_worker import __version__
from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_small_file, write_atomic
from inbox_worker.ledger.acts import ChainedAct, find_acts
from inbox_worker.ledger.journal import Journal
from inbox_worker.month.audit import SecurityEvent, cef_line, escape_cef, find_security_findings, is_heavy
from inbox_worker.settings.audit_config import SyslogConfig

NAME = "audit-sent.json"
_AT_ONCE = 500
_LOG_AUDIT, _WARNING, _NOTICE = 13 * 8, 4, 5  # facility and severities of RFC 5424
_HOST = re.compile(r"[!-~]{1,255}")
_TAKES = 2.0  # seconds in which a centre that closes its side does so
Lines = list[tuple[str, bytes]]  # moment, frame


class CentreDown(JobError):
    """The monitoring centre does not take acts now; the text says why. They wait."""


@dataclass(frozen=True)
class SentUpTo:
    """The last that the centre has: number and hash of an act, and number of a finding."""

    act: int = 0
    hash: str = ""
    finding: int = 0


def send_new_acts(journal: Journal, ledger: Path, centre: SyslogConfig) -> int:
    """Send what the centre does not have yet, and note it; return how many lines. Raises CentreDown."""
    sent, count = _read(ledger), 0
    while True:
        acts = _follow(journal, sent)[:_AT_ONCE]
        findings = find_security_findings(journal, sent.finding)[:_AT_ONCE]
        if not acts and not findings:
            return count
        lines = [(act.at, frame_act(act, centre.format)) for act in acts]
        lines += [(event.at, frame_event(event, centre.format)) for _, event in findings]
        _send(centre, b"".join(frame for _, frame in sorted(lines, key=lambda line: line[0])))
        last = (acts[-1].number, acts[-1].hash) if acts else (sent.act, sent.hash)
        sent = SentUpTo(*last, findings[-1][0] if findings else sent.finding)
        write_atomic(ledger / NAME, json.dumps(asdict(sent)).encode())
        count += len(lines)


def try_centre(centre: SyslogConfig) -> str:
    """Say what keeps the centre from being reached; '' when nothing does. Nothing is sent."""
    try:
        with _connect(centre):
            return ""
    except CentreDown as error:
        return str(error)


def frame_act(act: ChainedAct, form: str) -> bytes:
    """Return an act as a frame of syslog."""
    text = cef_line(act, __version__) if form == "cef" else json.dumps(vars(act), ensure_ascii=False)
    return _frame(is_heavy(act), act.at, act.origin.split(" ")[0], act.act, text)


def frame_event(event: SecurityEvent, form: str) -> bytes:
    """Return a letter that was not believed as a frame of syslog."""
    text = json.dumps(vars(event), ensure_ascii=False)
    if form == "cef":
        moment = int(datetime.fromisoformat(event.at).timestamp() * 1000)
        known = {"rt": str(moment), "suser": event.who, "externalId": event.subject, "msg": event.details}
        shown = " ".join(f"{key}={escape_cef(value)}" for key, value in known.items())
        text = f"CEF:0|inbox-worker|inbox-worker|{__version__}|{event.what}|{event.what}|7|{shown}"
    return _frame(True, event.at, socket.gethostname(), event.what, text)


def _frame(heavy: bool, at: str, host: str, name: str, text: str) -> bytes:
    """Return a message with its length before it: no sign in it can end it. It is UTF-8 without a mark, since readers
    of CEF look for `CEF:` where the message begins."""
    priority = _LOG_AUDIT + (_WARNING if heavy else _NOTICE)
    shown = host if _HOST.fullmatch(host) else "-"
    kind = re.sub(r"[^!-~]", "-", name)[:32] or "-"
    body = " ".join(text.splitlines()).encode()
    message = f"<{priority}>1 {at} {shown} inbox-worker - {kind} - ".encode() + body
    return f"{len(message)} ".encode() + message


def _follow(journal: Journal, sent: SentUpTo) -> list[ChainedAct]:
    """Return the acts after the last that the centre has; all of them when the journal has another act there: it is out
    of a backup, or was forged, and the centre is to see that."""
    acts = find_acts(journal.database, max(sent.act, 1))
    if sent.act and (not acts or acts[0].number != sent.act or acts[0].hash != sent.hash):
        return find_acts(journal.database)
    return acts[1:] if sent.act else acts


def _read(ledger: Path) -> SentUpTo:
    """A note that cannot be read counts for nothing: the centre gets everything once more."""
    with suppress(OSError, ValueError, TypeError):
        return SentUpTo(**json.loads(read_small_file(ledger / NAME)))
    return SentUpTo()


def _send(centre: SyslogConfig, data: bytes) -> None:
    with _connect(centre) as link:
        try:
            link.sendall(data)
            if isinstance(link, ssl.SSLSocket):
                link.settimeout(_TAKES)
                with suppress(TimeoutError, ssl.SSLError):  # a centre that does not say its own end
                    link.unwrap()
                return
            link.shutdown(socket.SHUT_WR)
            link.settimeout(_TAKES)
            with suppress(TimeoutError):  # a centre that keeps its side open
                while link.recv(1024):
                    pass
        except OSError as error:
            raise _down(centre, error) from error


@contextmanager
def _connect(centre: SyslogConfig) -> Iterator[socket.socket]:
    try:
        link: socket.socket = socket.create_connection((centre.host, centre.port), centre.timeout)
        if centre.transport == "tls":
            context = ssl.create_default_context(cafile=centre.ca_file or None)
            try:
                link = context.wrap_socket(link, server_hostname=centre.host)
            except OSError:
                link.close()
                raise
    except OSError as error:
        raise _down(centre, error) from error
    with link:
        yield link


def _down(centre: SyslogConfig, error: OSError) -> CentreDown:
    reason = error.strerror or str(error) or type(error).__name__
    where = f"{centre.host}:{centre.port}"
    return CentreDown(f"the monitoring centre {where} takes no acts: {reason}; mend audit.syslog or the network")
