"""Letters a second from a real Dovecot to committed decisions, and the memory that thousands of them leave."""

from __future__ import annotations

import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import yaml

from bench.measure import MIB, Result, current_memory, timed
from bench.samples import RECEIVED, customers, fill_home, letter, metered_lines, readings_form
from inbox_worker.deciding.open_office import open_office
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import Home, load_home
from tests.receiving.imap.mailbox_server import PASSWORD, Dovecot, why_not

LEAST_A_SECOND = 30.0
MOST_GROWN = 30 * MIB
_SECRET, _USER = "INBOX_WORKER_BENCH_PASSWORD", "bigoperators"
_ROWS = 10


def mailboxes(folder: Path, quick: bool) -> Result:
    """E-mails with a form of ten rows each, of 20 Customers: fetched, stored, decided, moved. One pass of `once`
    for each part, as the memory between parts is looked at."""
    if reason := why_not():
        return Result("mailboxes", (f"not measured: {reason}",))
    part, parts = (20, 3) if quick else (1_000, 5)
    members = customers(20)
    lines = {c: metered_lines(part * parts // 2, part * parts * place) for place, c in enumerate(members)}
    fill_home(folder / "home", lines)
    with open_office(load_home(folder / "home")) as office:
        letters = []
        for number in range(part * parts):
            customer, first = members[number % 20], _ROWS * (number // 20)
            form = readings_form(office, customer, lines[customer][first : first + _ROWS], first)
            letters.append(letter(customer, f"letter-{number}", form))
    os.environ[_SECRET] = PASSWORD
    with (
        tempfile.TemporaryDirectory(prefix="iw", dir="/tmp", ignore_cleanup_errors=True) as base,  # noqa: S108
        Dovecot(Path(base)) as server,
    ):
        home = _with_mailbox(folder / "home", server)
        seconds, memory = [], []
        with Worker(home) as worker, Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            for start in range(0, len(letters), part):
                server.deliver(_USER, *letters[start : start + part], at=RECEIVED)
                seconds.append(timed(lambda: worker.once(RECEIVED)))
                memory.append(current_memory())
    _all_posted(home, len(letters))
    return _told(part, seconds, memory)


def _with_mailbox(folder: Path, server: Dovecot) -> Home:
    file = folder / "config.yaml"
    config = yaml.safe_load(file.read_text("utf-8"))
    config["mailboxes"][_USER]["imap"] = {
        "host": "127.0.0.1", "port": server.tls, "ca_file": str(server.ca), "user": _USER, "password_env": _SECRET,
    }  # fmt: skip
    config["folders"] |= {"quiet_seconds": 0.1}
    file.write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    return load_home(folder)


def _all_posted(home: Home, count: int) -> None:
    with open_office(home) as office:
        posted = sum(file.kind == "meter_readings" for file in office.journal.facts.files())
    if posted != count:
        raise RuntimeError(f"{count - posted} of the bench's {count} letters were not posted")


def _told(part: int, seconds: list[float], memory: list[int]) -> Result:
    rate, grown = part * (len(seconds) - 1) / sum(seconds[1:]), memory[-1] - memory[0]
    each = ", ".join(f"{part / s:.1f}" for s in seconds)
    return Result(
        "mailboxes",
        (
            f"{part * len(seconds)} e-mails with a form of {_ROWS} rows, by IMAP over TLS, in parts of {part}",
            f"letters a second by part: {each}; after the first {rate:.1f} (target: at least {LEAST_A_SECOND:g})",
            f"memory after the first part {memory[0] / MIB:.0f} MiB, after the last {memory[-1] / MIB:.0f} MiB "
            f"(target: at most {MOST_GROWN / MIB:.0f} MiB more)",
        ),
        rate >= LEAST_A_SECOND and grown <= MOST_GROWN,
    )
