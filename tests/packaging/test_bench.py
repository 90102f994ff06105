"""Benches run, in small sizes: what they compare with uses the templates and columns of today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.__main__ import BENCHES, BY_NAME


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BENCHES, *BY_NAME])
def test_every_bench_runs(name: str) -> None:
    ran = subprocess.run([sys.executable, "-m", "bench", name, "--quick"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "machine:" in ran.stdout and len(ran.stdout.splitlines()) > 5, "it printed what it measured"
