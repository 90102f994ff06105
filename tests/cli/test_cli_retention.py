"""`retention`: what is kept and why, in the reader's words; nothing young is proposed (4.1.12)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.centre import Centre

ANNA = {"INBOX_WORKER_USER": "anna"}


def test_what_is_kept_is_told_with_its_reason(centre: Centre) -> None:
    assert centre.run("close", "2026-09").code == 0
    listed = json.loads(centre.run("retention", "list", "--json").out)
    assert {(one["state"], tuple(one["kept"]), one["clause"]) for one in listed["items"]} == {
        ("kept", ("term",), "4.1.12, 8.10")
    }
    assert {one["kind"]: one["kept"] for one in listed["ledger"]} == {"facts": ["ledger"], "closes": ["ledger"]}
    shown = centre.run("retention", "list", "--lang", "en").out
    assert "May be destroyed on" in shown and "its term is not over" in shown and "the ledger computes" in shown
    later = centre.run("retention", "list", "--on", "2099-01-01", "--lang", "en").out
    assert "IW-000001  letters" in later and "4.1.12, 8.10" in later
    refused = centre.run("retention", "propose", environment=ANNA)
    assert refused.code == 2 and "nothing may be destroyed today" in refused.err
    assert centre.run("retention", "destroy", "7", environment=ANNA).code == 2


@pytest.mark.parametrize(
    ("term", "words"), [("letters: {months: 35", "36 or more"), ("ended: {months: 0", "1 or more")]
)
def test_the_contracts_terms_cannot_be_made_shorter(centre: Centre, term: str, words: str) -> None:
    rules = centre.home / "rules" / "retention.yaml"
    kind = term.partition(":")[0]
    text = "\n".join(f"{term}, clause: x}}" if line.startswith(f"{kind}:") else line
                     for line in rules.read_text("utf-8").splitlines())  # fmt: skip
    rules.write_text(text, "utf-8")
    ran = centre.run("check")
    assert ran.code == 1 and "retention.yaml" in ran.out + ran.err and words in ran.out + ran.err


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        ("insert into cleared_accounts values (7, '1001', '', '', '')", "cleared_accounts"),
        ("insert into rewritten_files values (7, 'x', '', '')", "rewritten_files"),
        ("insert into certificates values (1, 'destroyed', '', 'x', '', '', 'y', '', '')", "no act says"),
    ],
)
def test_an_auditor_is_told_of_certificates_that_no_act_made(centre: Centre, forged: str, told: str) -> None:
    """4.1.17: who proves the acts need not know that certificates are kept elsewhere."""
    assert centre.run("audit", "verify").code == 0
    with closing(sqlite3.connect(centre.home / "ledger" / "journal.db")) as journal, journal:
        journal.execute(forged)
    proved = centre.run("audit", "verify")
    assert proved.code == 1 and "certificate" in proved.out and told in proved.out, proved.out
