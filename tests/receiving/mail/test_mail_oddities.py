"""Every odd letter of this folder goes through the real pipeline and ends as its `.yaml` says (4.3.2, 6.2.7).

Of a pair: `why` says what is odd; `before` names letters that came earlier; `outcome`, `sender` and `received`
(Almaty) are the arrival's; `files` are the names of all attachments as read; `forms` maps what was read as a form to
its outcome; `findings` are the codes of the arrival and its forms, sorted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from inbox_worker.core.files import sha256
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.report import arrival_json
from inbox_worker.deciding.take_in import take_in
from inbox_worker.receiving.message import parse_message
from tests.support.office import TownOffice, moment

HERE = Path(__file__).parent
LETTERS = sorted(path.stem for path in HERE.glob("*.eml"))
NOW = moment("2026-08-21T12:00:00")
LOOKED_AT = moment("2026-08-26T12:00:00")  # after the last letter of the folder, but for those of years ahead
PARTS = {"why", "before", "outcome", "sender", "received", "files", "forms", "findings"}


def came(office: TownOffice, name: str) -> dict[str, Any]:
    """The letter through the pipeline: what became of it, in the words of the pairs."""
    path = HERE / f"{name}.eml"
    pipeline = Pipeline(office.office, office.reader, LOOKED_AT)
    arrival = take_in(pipeline, path, "korrektirovki", None, "", NOW)
    report = arrival_json(office.office.journal, arrival, office.office.home.archive)
    kept = office.office.home.archive / arrival.raw
    assert sha256(kept.read_bytes()) == sha256(path.read_bytes()) == arrival.sha256
    findings = [*report["findings"], *(f for form in report["submissions"] for f in form["findings"])]
    return {
        "outcome": report["outcome"],
        "sender": report["sender"],
        "received": report["received_at"],
        "files": [file.name for file in parse_message(path.read_bytes()).attachments],
        "forms": [f"{form['attachment']}: {form['outcome']}" for form in report["submissions"]],
        "findings": sorted(finding["code"] for finding in findings),
    }


def test_there_are_enough_and_each_has_its_pair() -> None:
    assert len(LETTERS) >= 60
    assert sorted(path.stem for path in HERE.glob("*.yaml")) == LETTERS


@pytest.mark.quick(*range(0, 179, 3))
@pytest.mark.parametrize("name", LETTERS)
def test_letter(name: str, office: TownOffice) -> None:
    expected = yaml.load((HERE / f"{name}.yaml").read_bytes(), yaml.CSafeLoader)
    assert set(expected) <= PARTS and expected.pop("why")
    for earlier in expected.pop("before", ()):
        came(office, earlier)
    assert came(office, name) == expected
