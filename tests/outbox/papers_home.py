"""Homes whose documents are real ones and whose letters go to a real mail server, run by command."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inbox_worker.core.model import Period
from inbox_worker.outbox.publish import render_documents
from inbox_worker.workbooks.cells import CellReader
from tests.faults.killer import Ran
from tests.support.here import Runner
from tests.support.office import ROOT, TownOffice, customer, line, moment, payment

MONTH = "2026-09"
TO_ACCOUNTS = {"1001": ("flat1@home.example", "also@home.example"), "1002": ("flat2@home.example",)}
RETURNED = ROOT / "tests/outbox/returns/postfix_failed.eml"


def make_home(folder: Path, reader: CellReader, kinds: Sequence[str], smtp: int = 0) -> Path:
    """A closed month of one Customer and its documents of those kinds up for review; bills are those of `TO_ACCOUNTS`
    and of an account without e-mail. Documents go by mail to `smtp`'s port, or else into the exchange folder.
    """
    with TownOffice(folder, reader) as town:
        town.load_customers(customer("A", emails="first@a.example"))
        directory = [
            line(
                "A", account, "maintenance", tariff="31.4155", area="65.3", email=";".join(TO_ACCOUNTS.get(account, ()))
            )
            for account in ("1001", "1002", "1003")
        ]
        town.load_directory(*directory)
        town.load_payments(payment("1001", "777.77", number="1"))
        town.close(MONTH)
        for kind in kinds:
            accounts = ("1001", "1002", "1003") if kind == "bills" else ()
            render_documents(town.office, Period.parse(MONTH), [kind], "", moment("2026-10-02"), accounts=accounts)
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("\nreply: none\nexchange: {folder: exchange}\n")
        if smtp:
            config.write(f"smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, timeout: 5}}\n")
    if not smtp:
        in_rules(folder, "default: [mail]", "default: [folder]")
    return folder


def in_rules(home: Path, old: str, new: str) -> None:
    """Changes a line of the home's rules of delivery."""
    path = home / "rules/delivery.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def give(runner: Runner, home: Path, *arguments: str | Path, code: int = 0, last: int | None = None) -> Ran:
    ran = runner.run(*arguments, "--home", home, last=last)
    assert ran.code == code, (arguments, ran)
    return ran


def listed(runner: Runner, home: Path, *more: str) -> dict[str, Any]:
    """What `outbox list --json` says."""
    found: dict[str, Any] = json.loads(give(runner, home, "outbox", "list", *more, "--json").out)
    return found


def rows(home: Path, query: str) -> list[dict[str, Any]]:
    """Rows of the journal."""
    with sqlite3.connect(home / "ledger" / "journal.db") as journal:
        journal.row_factory = sqlite3.Row
        return [dict(row) for row in journal.execute(query)]


def state_of(home: Path) -> Mapping[str, Any]:
    """Files of the outbox by hash and what the journal knows of them, without the clock and without who."""
    state: dict[str, Any] = {
        "versions": rows(home, "select month, bin, name, state, sha256, lying from outbox_documents order by id"),
        "moves": rows(home, "select document, was, state, sha256, note from outbox_moves order by document, id"),
        "proofs": rows(home, "select document, way, state, sha256 from outbox_proofs order by document, id"),
        "numbers": rows(home, "select month, customer, kind, number, dated from documents order by id"),
    }
    for name in ("outbox", "exchange"):
        files = [path for path in (home / name).rglob("*") if path.is_file() and path.name != "manifest.json"]
        state[name] = {p.relative_to(home).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    manifests = (home / "outbox").rglob("manifest.json")
    state["manifests"] = {p.relative_to(home).as_posix(): sorted(json.loads(p.read_text())["files"]) for p in manifests}
    return state


def report_about(home: Path, recipient: str) -> bytes:
    """A mail server's report that our letter to an address was given up."""
    (letter,) = rows(home, f"select message_id from deliveries where recipient = '{recipient}'")  # noqa: S608
    headers = f"To: {recipient}\r\nMessage-ID: {letter['message_id']}\r\n".encode()
    text = RETURNED.read_text("utf-8").replace("@HEADERS64@", b64encode(headers).decode())
    text = text.replace("@ID@", letter["message_id"]).replace("@TO@", recipient)
    return text.replace("\n", "\r\n").encode()
