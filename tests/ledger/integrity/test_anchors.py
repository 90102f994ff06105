"""4.1.17: anchors that are taken away, or written anew, are told until a person answers for it; a chain that was made
anew with all that lies beside it is told by what lies elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from inbox_worker.core.files import sha256
from inbox_worker.ledger.act_chain import CHAINED, hash_act
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.anchors import ANCHOR, ANCHORS
from tests.ledger.integrity.life import Life
from tests.support.journals import unguarded


def told(life: Life) -> list[str]:
    """Return what both commands say; they agree."""
    audit = json.loads(life.run("audit", "verify", "--json").out)["problems"]
    proven = [
        f"{one['file']} {one['what']}" for one in json.loads(life.run("ledger", "verify", "--json").out)["problems"]
    ]
    both = [line for line in proven if ANCHORS in line]
    assert [line for line in audit if ANCHORS in line] == [line.partition(": ")[2] for line in both]
    return both


def seal_of(life: Life) -> Path:
    return life.home / "ledger" / "verified.json"


@pytest.mark.slow
@pytest.mark.quick("sqlite-True")
@pytest.mark.parametrize("rewritten", [False, True])
def test_anchors_removed_with_the_record_of_verify_are_told_until_a_person_answers(life: Life, rewritten: bool) -> None:
    assert life.run("ledger", "verify").code == 0
    path = life.home / "ledger" / ANCHORS
    lines = path.read_bytes().splitlines(keepends=True)
    head = json.loads(life.run("audit", "list", "--json").out)["acts"][-1]
    later = json.dumps({"day": json.loads(lines[-1])["day"], "number": head["number"], "hash": head["hash"]}) + "\n"
    path.write_bytes(later.encode()) if rewritten else path.unlink()
    for _ in range(3):
        seal_of(life).unlink(missing_ok=True)
        [problem] = told(life)
        assert "lacks lines" in problem and "wrote that of" in problem and "further acts: " in problem
    refused = life.run("audit", "accept-anchors", "--reason", "  ")
    assert refused.code == 2 and told(life)
    assert life.run("audit", "accept-anchors", "--reason", "диск, Алия").code == 0
    assert told(life) == []
    assert any("диск, Алия" in line for line in life.run("audit", "list", "--security").out.splitlines())
    assert "nothing to accept" in life.run("audit", "accept-anchors", "--reason", "диск").err


@pytest.mark.slow
def test_nobody_answers_for_an_anchor_of_other_acts(life: Life) -> None:
    path = life.home / "ledger" / ANCHORS
    path.write_bytes(path.read_bytes() + b'{"day": "2026-10-20", "number": 1, "hash": "x"}\n')
    ran = life.run("audit", "accept-anchors", "--reason", "диск")
    assert ran.code == 2 and "2026-10-20" in ran.err
    assert told(life) != []


def forge(connection: Connection, home: Path) -> None:
    """Make the whole chain anew, with its anchors: nothing in the home says otherwise then."""
    connection.execute(text("update acts set who = 'nobody' where number = 1"))
    connection.execute(text("update acts set details = '', before = '' where act = 'verify'"))
    last, hashes, path = "", dict[int, str](), home / "ledger" / ANCHORS
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for row in connection.execute(text(f"select {', '.join(CHAINED)} from acts order by number")).mappings().all():  # noqa: S608
        act = dict(row)
        if act["act"] == ANCHOR:
            [line] = [one for one in lines if one["day"] == act["subject"]]
            line["hash"] = hashes[line["number"]]
            act["after"] = sha256(json.dumps(line).encode())
        last = hashes[act["number"]] = hash_act(last, act)
        values = {"hash": last, "number": act["number"], "after": act["after"]}
        connection.execute(text("update acts set hash = :hash, after = :after where number = :number"), values)
    connection.execute(text("update journal_state set last_act = :last"), {"last": last})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def test_a_chain_made_anew_with_its_anchors_is_told_from_outside_alone(life: Life, tmp_path: Path) -> None:
    """The auditor's mail, and a backup on another disk: docs/operations.md promises no more."""
    place = tmp_path / "backups"
    assert life.run("backup", place).code == 0
    sent = json.loads((life.home / "ledger" / ANCHORS).read_bytes().splitlines()[-1])["hash"]
    outside = ("audit", "verify", "--anchor", sent, "--backups", place)
    assert life.run(*outside).code == 0 and life.run("backup", place).code == 0
    journal = open_journal(life.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        forge(connection, life.home)
    journal.database.dispose()
    assert life.run("audit", "verify").code == 0, "nothing inside says so"
    ran = life.run(*outside, "--json")
    found = json.loads(ran.out)["problems"]
    assert ran.code == 1 and sent in found[0]
    assert ["backup 1" in found[1], "backup 2" in found[2]] == [True, True] and len(found) == 3
    ran = life.run("backup", place)
    assert ran.code == 1 and "backup 2" in ran.out, "the next backup says so by itself, and is made"
    assert life.run("backup", place).code == 0, "it is compared with the newest"
    assert life.run("audit", "verify", "--backups", place).code == 1, "and with all of them when asked"
    assert life.run("audit", "verify", "--anchor", "abc").code == 2
