"""`incident`: opened, noted, told and closed by command (4.1.17)."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.centre import Centre
from tests.support.office import bin_of


def test_an_incident_from_its_opening_to_its_end(centre: Centre, tmp_path: Path) -> None:
    about = ("--about", "IW-000001", "--customer", bin_of("A"), "--found", "2026-09-04T09:00")
    [made] = json.loads(centre.run("incident", "open", "чужой вход", *about, "--json").out)["incidents"]
    assert (made["incident"], made["state"], made["about"]) == ("INC-000001", "open", ["IW-000001"])
    assert (made["due"], made["clause"], made["customers"]) == ("2026-09-07", "4.1.17", [bin_of("A")])
    assert "INC-000001" in centre.run("incident", "list", "--lang", "en").out
    notice = tmp_path / "notice.txt"
    assert centre.run("incident", "notice", "inc-000001", "--to", notice).code == 0
    assert "Уведомление" in notice.read_text("utf-8") and "хабарлама" in notice.read_text("utf-8")
    assert centre.run("incident", "note", "INC-000001", "отправлено", "--notified").code == 0
    [closed] = json.loads(centre.run("incident", "close", "INC-000001", "закрыто", "--json").out)["incidents"]
    assert (closed["state"], closed["notice"]) == ("closed", "met")
    assert [one["act"] for one in closed["notes"]] == ["notified", "close"]
    assert centre.run("incident", "close", "INC-000001", "ещё раз").code == 2
    assert "INC-000001" not in centre.run("incident", "list").out
    assert json.loads(centre.run("incident", "list", "--json").out)["incidents"] == [closed]
    (opened,) = [
        line for line in centre.run("audit", "list", "--security").out.splitlines() if "инцидент открыт" in line
    ]
    assert "чужой вход; обнаружен 2026-09-04T09:00" in opened and "{" not in opened
    both = centre.run("audit", "list", "--security", "--since", "3")
    assert both.code == 2 and "--since" in both.err, "it was passed over in silence"
    events = json.loads(centre.run("audit", "list", "--security", "--json").out)["events"]
    assert [one["what"] for one in events if one["subject"] == "INC-000001"] == [
        "incident open", "incident notified", "incident close",
    ]  # fmt: skip
