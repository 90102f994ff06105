"""`export`: reports of three years by command, into the outbox or where it says (4.1.14); `depersonalised` (4.2.7)."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from tests.cli.centre import Centre
from tests.support.office import bin_of


def test_it_goes_into_the_outbox_or_where_it_is_told_and_is_an_act(centre: Centre, tmp_path: Path) -> None:
    assert centre.run("export", bin_of("A")).code == 1, "nothing is closed"
    assert centre.run("export", "123").code == 2
    assert centre.run("close", "2026-09").code == 0
    made = json.loads(centre.run("export", bin_of("A"), "--json").out)
    path = centre.home / made["file"]
    assert path.parent.parent.parent == centre.home / "outbox" / "pending" and path.is_file()
    assert (made["months"], made["missing"], {one["kind"] for one in made["files"]}) == (
        ["2026-09"], [], {"turnover", "distribution", "debtors", "act"},
    )  # fmt: skip
    there = tmp_path / "reports.zip"
    told = centre.run("export", bin_of("A"), "--to", there, "--lang", "en").out
    assert str(there) in told and there.read_bytes() == path.read_bytes()
    with zipfile.ZipFile(there) as archive:
        assert {one["name"] for one in made["files"]} == {*archive.namelist()} - {"index.html", "SHA256SUMS"}
    listed = json.loads(centre.run("outbox", "list", "--json").out)["documents"]
    assert [one["kind"] for one in listed] == ["export"]
    acts = json.loads(centre.run("audit", "list", "--json").out)["acts"]
    assert [act["after"] for act in acts if act["act"] == "export"] == [made["sha256"]] * 2


def test_figures_without_personal_data_go_where_they_are_told_and_are_an_act(centre: Centre, tmp_path: Path) -> None:
    there = tmp_path / "figures.xlsx"
    early = centre.run("depersonalised", "2026-09", "--to", there)
    assert (early.code, there.exists()) == (1, False) and "is not closed" in early.err
    assert centre.run("close", "2026-09").code == 0
    told = json.loads(centre.run("depersonalised", "2026-09", "--to", there, "--json").out)
    assert (told["least"], told["groups"], told["banned"]) == ({"accounts": 10, "customers": 3}, 0, 0), "two Customers"
    assert told["sha256"] == hashlib.sha256(there.read_bytes()).hexdigest()
    again = centre.run("depersonalised", "2026-09", "--to", there)
    assert again.code == 2 and "is there already" in again.err
    acts = json.loads(centre.run("audit", "list", "--json").out)["acts"]
    [act] = [act for act in acts if act["act"] == "depersonalised"]
    assert (act["subject"], act["after"]) == ("2026-09", told["sha256"])


def test_an_export_that_was_killed_left_no_file_without_its_act(centre: Centre, tmp_path: Path) -> None:
    """4.1.17: data that went out are known by an act, whenever the command was ended."""
    assert centre.run("close", "2026-09").code == 0
    steps = centre.run("export", bin_of("A"), "--to", tmp_path / "0.zip", last=0).steps
    recorded = [place for place, step in enumerate(steps, 1) if step == "after commit"][-1]
    ran = centre.run("export", bin_of("A"), "--to", tmp_path / "1.zip", last=recorded)
    assert ran.killed and not (tmp_path / "1.zip").exists()
    acts = json.loads(centre.run("audit", "list", "--json").out)["acts"]
    assert [act["details"][:5] for act in acts if act["act"] == "export"] == ["0.zip", "1.zip"]
