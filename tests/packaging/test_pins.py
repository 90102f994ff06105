"""requirements/: every pin of constraints.txt has the hashes of its files, and no file names an address."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.office import ROOT

FOLDER = ROOT / "requirements"
HOW = "run `make pins`"


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)", text)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def test_all_that_work_on_it_needs_is_pinned_and_hashed() -> None:
    pinned = pins((ROOT / "constraints.txt").read_text("utf-8"))
    develop, sail = (pins((FOLDER / name).read_text("utf-8")) for name in ("develop.txt", "sail.txt"))
    assert {**sail, **develop} == pinned, HOW
    assert "pysail" not in develop, "only the proof on Spark installs it"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert names(project["dependencies"]) | names(extras["dev"] + extras["sail"]) <= pinned.keys(), HOW
    service = pins((FOLDER / "service.txt").read_text("utf-8"))
    assert names(project["dependencies"]) | names(extras["postgres"]) <= service.keys(), HOW
    assert service.items() <= pinned.items(), HOW


@pytest.mark.parametrize("name", ["build.txt", "service.txt", "develop.txt", "sail.txt"])
def test_each_pin_has_hashes_and_no_file_an_address(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert blocks and all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_nothing_is_installed_but_by_hash_or_of_our_own() -> None:
    """Set-up and container install by hash, and without one only the project or the wheels made of it."""
    for file in ("Makefile", "deploy/Containerfile"):
        text = (ROOT / file).read_text("utf-8").replace("\\\n", " ").replace("$(HASHED)", "--require-hashes --no-deps")
        asked = [line for line in re.split(r"\n|&&", text) if re.search(r"pip (install|wheel) ", line)]
        for line in (line for line in asked if "build/pins" not in line):
            assert "--no-deps" in line, line
            assert "--require-hashes" in line or re.search(
                r"--editable \.$|/wheels/\*\.whl|--wheel-dir /wheels \.", line
            ), line
