"""The wheel, installed alone into an empty environment outside the clone, runs the demo (issue 1)."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.office import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("inbox_worker-*.whl")
    return built


def test_rules_templates_and_config_travel_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("rules", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not path.name.startswith((".", "~$")):
                assert f"inbox_worker/_shipped/{path.relative_to(ROOT).as_posix()}" in names
    assert "inbox_worker/_shipped/config.yaml" in names
    assert not [name for name in names if name.startswith(("tests/", "ledger/", "archive/"))]


def test_the_wheel_alone_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
    hashed = [*install, "--require-hashes", "--use-pep517", "--no-build-isolation", "--requirement"]
    for pins in ("build.txt", "service.txt"):
        subprocess.run([*hashed, ROOT / "requirements" / pins], check=True, cwd=tmp_path)
    subprocess.run([*install, wheel], check=True, cwd=tmp_path)
    subprocess.run([python, "-m", "pip", "check"], check=True, cwd=tmp_path)
    home = tmp_path / "town"
    command = [place / "bin" / "inbox-worker", "demo", "--home", home, "--customers", "20", "--accounts", "300"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "INBOX_", "VIRTUAL"))}
    ran = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ждали" not in ran.stdout, "an outcome was not the expected one"
    assert list((home / "ledger" / "closes").glob("*/lines.parquet"))
    assert list((home / "outbox" / "pending").rglob("*.docx"))
    explained = subprocess.run(
        [place / "bin" / "inbox-worker", "--home", home, "check"], cwd=tmp_path, env=bare, check=False
    )
    assert explained.returncode == 0
