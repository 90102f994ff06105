"""4.1.17: acts go to a monitoring centre once and in order; anchors to an auditor and to a server of time stamps."""

from __future__ import annotations

import json
import re
import subprocess
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.month.anchors import ANCHORS
from inbox_worker.month.timestamps import FOLDER
from tests.cli.centre import Centre
from tests.support.mail_sink import make_certificate
from tests.support.papers import letter
from tests.support.ports import free_port
from tests.support.siem import Siem, siem_at, tsa_in

_MOMENT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:00"
_FRAME = re.compile(rb"<(\d+)>1 (" + _MOMENT + rb") ([!-~]+) inbox-worker - ([!-~]{1,32}) - (.*)", re.DOTALL)


def configure(centre: Centre, text: str) -> None:
    config = centre.home / "config.yaml"
    config.write_text(config.read_text("utf-8") + f"\naudit:\n{text}", "utf-8")


def acts(centre: Centre) -> list[dict[str, Any]]:
    return list(json.loads(centre.run("audit", "list", "--json").out)["acts"])


def numbers(siem: Siem) -> list[int]:
    return [int(found[1]) for frame in siem.frames if (found := re.search(rb"externalId=(\d+)", frame))]


def quarantine(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "thief.eml"
    file.write_bytes(letter("thief@evil.example", [], "<thief@x>", "hello", "", {}))
    assert centre.run("ingest", file, "--mailbox", "korrektirovki").code == 0


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_every_act_is_sent_once_also_those_done_while_the_centre_was_down(
    centre: Centre, tmp_path: Path, transport: str
) -> None:
    certificate, port = make_certificate(tmp_path) if transport == "tls" else None, free_port()
    authority = f", ca_file: {tmp_path / 'cert.pem'}" if certificate else ""
    configure(centre, f"  syslog: {{host: localhost, port: {port}, transport: {transport}{authority}}}\n")
    down = centre.run("once")
    assert down.code == 0 and f"localhost:{port} takes no acts" in down.err, "mail goes on"
    assert f"localhost:{port} takes no acts" in centre.run("check").out
    quarantine(centre, tmp_path)
    with siem_at(port, certificate) as siem:
        up = centre.run("once")
        assert up.code == 0 and "takes no acts" not in up.err
    known = acts(centre)
    assert numbers(siem) == [act["number"] for act in known]
    for frame in siem.frames:
        assert (found := _FRAME.fullmatch(frame)) and found[5].startswith(b"CEF:0|inbox-worker|"), frame
    [stranger] = [frame for frame in siem.frames if b"thief@evil.example" in frame]
    assert stranger.startswith(b"<108>1 ") and b"sender.unknown" in stranger, "a warning, and no act"
    centre.run("incident", "open", "чужое письмо | = \\ знаки")
    with siem_at(port, certificate) as again:
        assert centre.run("once").code == 0
    assert numbers(again) == [act["number"] for act in acts(centre) if act["number"] > known[-1]["number"]]
    assert any("чужое письмо | \\= ".encode() in frame for frame in again.frames)
    with siem_at(port, certificate) as third:
        assert centre.run("once").code == 0
    assert third.frames == []


def test_a_server_that_is_not_the_centre_gets_nothing(centre: Centre, tmp_path: Path) -> None:
    """Its certificate is of nobody whom we know."""
    certificate, port = make_certificate(tmp_path), free_port()
    configure(centre, f"  syslog: {{host: localhost, port: {port}, format: json}}\n")
    with siem_at(port, certificate) as siem:
        assert "certificate verify failed" in centre.run("once").err
    assert siem.frames == []


def test_an_anchor_is_stamped_by_a_server_and_a_changed_anchor_is_found(centre: Centre, tmp_path: Path) -> None:
    configure(centre, "  timestamps: http://127.0.0.1:9/\n")
    assert "does not answer" in centre.run("once").err
    assert "audit.timestamps: " in centre.run("check").out
    config = centre.home / "config.yaml"
    with tsa_in(tmp_path) as address:
        config.write_text(config.read_text("utf-8").replace("http://127.0.0.1:9/", address), "utf-8")
        assert "does not answer" not in centre.run("once").err
        assert "audit.timestamps" not in centre.run("check").out
    [stamp] = (centre.home / "ledger" / FOLDER).glob("*.tsr")
    proven = ["openssl", "ts", "-verify", "-in", str(stamp), "-queryfile", str(stamp.with_suffix(".tsq"))]
    trusted = subprocess.run([*proven, "-CAfile", str(tmp_path / "tsa.pem")], check=False, capture_output=True)
    assert trusted.returncode == 0 and b"Verification: OK" in trusted.stdout + trusted.stderr, trusted
    assert centre.run("audit", "verify").code == 0
    anchors = centre.home / "ledger" / ANCHORS
    line = json.loads(anchors.read_text("utf-8").splitlines()[0])
    anchors.write_text(json.dumps({**line, "number": line["number"] - 1}) + "\n", "utf-8")
    found = json.loads(centre.run("audit", "verify", "--json").out)["problems"]
    assert any("stamps another anchor" in one for one in found), found


def test_the_days_anchor_leaves_once_for_the_auditor(centre: Centre) -> None:
    assert centre.run("check").code in (0, 1)
    config = centre.home / "config.yaml"
    plain = config.read_text("utf-8")
    config.write_text(plain + "\naudit: {mail: auditor@audit.example}\n", "utf-8")
    refused = centre.run("check")
    assert refused.code == 1 and "audit.mail: needs the smtp block" in refused.out
    smtp = f"\nsmtp: {{host: 127.0.0.1, port: {free_port()}, tls: none}}\n"
    config.write_text(plain + "\naudit: {mail: auditor@audit.example}\n" + smtp, "utf-8")
    centre.run("once"), centre.run("once")
    waiting = json.loads(centre.run("deliveries", "--json", "--all").out)["deliveries"]
    [one] = [one for one in waiting if one["recipient"] == "auditor@audit.example"]
    [anchor] = [json.loads(line) for line in (centre.home / "ledger" / ANCHORS).read_text("utf-8").splitlines()]
    [mail] = (centre.home / "archive" / "letters").glob("anchor.*.eml")
    body = message_from_bytes(mail.read_bytes(), policy=policy.SMTP).get_body(("plain",))
    assert one["state"] in ("queued", "retry") and body and anchor["hash"] in body.get_content()
