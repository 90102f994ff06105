"""4.1.17, 5.4: on both databases a document that waits and was exchanged is named, together with its manifest, before a
pass has seen it, and with its row of the journal after it: an act says which bytes were rendered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox_worker.core.files import sha256
from inbox_worker.ledger.journal import Journal
from inbox_worker.outbox.manifest import read_manifest, write_entries
from tests.ledger.integrity.life import MONTH, Life
from tests.support.office import bin_of

NEVER = "waits for review, and no act says that it was rendered with these bytes"


def exchange(path: Path, **said_of_it: object) -> str:
    """Exchange a document with what its manifest says of it, seal and all; give the hash that it has now."""
    path.write_bytes(path.read_bytes() + b"\0")
    said, digest = read_manifest(path.parent), sha256(path.read_bytes())
    entries = {**said.files, path.name: {**said.files[path.name], "sha256": digest, **said_of_it}}
    write_entries(path.parent, said.month, said.bin, said.customer, entries)
    return digest


def problems_of(life: Life) -> list[tuple[str, str]]:
    return [(one["file"], one["what"]) for one in json.loads(life.run("ledger", "verify", "--json").out)["problems"]]


@pytest.mark.quick(0)
@pytest.mark.parametrize("seen", [False, True])
def test_a_document_exchanged_with_all_that_names_it_is_told_and_made_again(
    life: Life, journal: Journal, seen: bool
) -> None:
    assert life.run("documents", MONTH, "--kind", "debtors").code == 0
    path = life.one(f"outbox/pending/{MONTH}/*/debtors-*.xlsx")
    before, name = path.read_bytes(), path.relative_to(life.home).as_posix()
    if seen:
        assert life.run("once").code == 0
    digest = exchange(path)
    if seen:
        changed = text(
            "update outbox_documents set sha256 = :new, lying = :new, entry = replace(entry, :old, :new) "
            "where sha256 = :old"
        )
        with journal.database.engine.begin() as connection:
            assert connection.execute(changed, {"new": digest, "old": sha256(before)}).rowcount == 1
    told = problems_of(life)
    assert (name, NEVER) in told, told
    path.unlink()
    path.with_name("manifest.json").unlink()
    assert life.run("documents", MONTH).code == 0 and path.read_bytes() == before
    assert NEVER not in {what for _, what in problems_of(life)}


@pytest.mark.parametrize("said", [{"kind": "receipt"}, {"edit_of": 1}])
def test_a_manifest_cannot_excuse_a_document_from_its_act(life: Life, said: dict[str, object]) -> None:
    """Answers and edits need none, and whoever exchanges a document can call it one."""
    assert life.run("documents", MONTH, "--kind", "debtors").code == 0
    path = life.one(f"outbox/pending/{MONTH}/*/debtors-*.xlsx")
    exchange(path, **said)
    assert (path.relative_to(life.home).as_posix(), NEVER) in problems_of(life)


def test_what_is_rendered_again_as_it_was_has_no_act_again(life: Life) -> None:
    counted = []
    for kinds in (("turnover",), ("turnover",), ("turnover", "debtors")):
        named = (word for kind in kinds for word in ("--kind", kind))
        assert life.run("documents", MONTH, *named).code == 0
        acts = json.loads(life.run("audit", "list", "--json").out)["acts"]
        whose = f"{MONTH} {bin_of('A')}"
        counted.append([one["details"] for one in acts if (one["act"], one["subject"]) == ("render", whose)])
    assert counted[0] == counted[1] == counted[2][:1] and counted[2][1].startswith("debtors "), counted
