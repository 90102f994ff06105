"""deploy/: what the unit and the Containerfile name is really there, and the unit is as closed as it says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.office import ROOT
from tests.support.warm import run_warm

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "inbox-worker.service"
CONTAINER = DEPLOY / "Containerfile"
PROGRAM = "/opt/inbox-worker/bin/inbox-worker"


def settings() -> dict[str, list[str]]:
    """The unit's settings, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", CONTAINER.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def exists(arguments: list[str]) -> None:
    """The command and its options are ours: `--help` behind them is answered only when they are understood."""
    ran = run_warm("--lang", "en", *arguments, "--help")
    assert ran.returncode == 0, ran.stderr
    assert "Usage:" in ran.stdout and arguments[-1] in ran.stdout.split("Usage:")[1].splitlines()[0]


def test_the_unit_starts_a_command_that_exists() -> None:
    [line] = settings()["ExecStart"]
    program, *arguments = shlex.split(line)
    assert program == PROGRAM
    exists(arguments)
    home = arguments[arguments.index("--home") + 1]
    assert settings()["ReadWritePaths"] == [home] == settings()["WorkingDirectory"]


def test_the_unit_is_closed() -> None:
    told = settings()
    for name, value in {
        "ProtectSystem": "strict", "NoNewPrivileges": "yes", "PrivateTmp": "yes", "ProtectHome": "yes",
        "CapabilityBoundingSet": "", "Restart": "on-failure", "Type": "notify", "User": "inbox-worker",
    }.items():  # fmt: skip
        assert told[name] == [value]
    assert told["LoadCredential"] and "WatchdogSec" in told


def test_the_unit_is_started_anew_as_long_as_it_takes_but_not_over_a_mistake_in_settings() -> None:
    """It lives for months without a person: what it needs may be away for a night (4.1.17)."""
    told = settings()
    assert told["StartLimitIntervalSec"] == ["0"]
    assert told["RestartPreventExitStatus"] == ["2"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "inbox-worker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text("utf-8").replace(PROGRAM, str(program)), "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, [line for line in ran.stderr.splitlines() if UNIT.name in line]) == (0, [])
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=30", "--no-pager", str(copy)]
    closed = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert closed.returncode == 0, closed.stdout[-3000:] + closed.stderr


def test_the_container_copies_what_is_there_and_all_that_a_wheel_needs() -> None:
    copied = set()
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            copied.update(sources)
    for source in copied:
        assert (ROOT / source).exists(), source
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"], "pyproject.toml"}
    assert needed | set(project["project"]["license-files"]) | {"requirements"} == copied


def test_the_container_runs_commands_that_exist_and_not_as_root() -> None:
    told = dict(instructions())
    [program] = json.loads(told["ENTRYPOINT"])
    assert program == project_script()
    exists(json.loads(told["CMD"]))
    check, *arguments = json.loads(told["HEALTHCHECK"].partition(" CMD ")[2])
    assert (check, arguments) == (program, ["health"])
    exists(arguments)
    assert told["USER"] == "10001:10001" and "INBOX_WORKER_HOME=/data" in told["ENV"]
    assert told["VOLUME"] == told["WORKDIR"] == "/data"


@pytest.mark.parametrize("page", [CONTAINER, DEPLOY / "README.md"])
def test_podman_is_told_the_format_that_has_a_health_check(page: Path) -> None:
    """podman builds OCI images by default, which have none: it warns and leaves the instruction out."""
    asked = [line for line in page.read_text("utf-8").splitlines() if "podman build" in line]
    assert asked and all("podman build --format docker " in line for line in asked)


def test_the_container_names_no_registry() -> None:
    images = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert set(images) == {"python:3.13-slim"}
    assert "://" not in CONTAINER.read_text("utf-8") and "--index" not in CONTAINER.read_text("utf-8")


def project_script() -> str:
    [name] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    return str(name)


@pytest.mark.parametrize("page", ["deploy/README.md", "docs/operations.md"])
def test_pages_name_files_and_commands_that_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!https://)([^)#]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
    commands = set(re.findall(r"`(?:podman exec inbox-worker )?inbox-worker (?:--home \S+ )?([a-z]+)", text))
    assert "health" in commands
    for name in commands:
        exists([name])


def test_every_figure_is_described() -> None:
    from inbox_worker.service.metrics import Metrics

    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for metric in Metrics().registry.collect():
        assert metric.name in text, metric.name
