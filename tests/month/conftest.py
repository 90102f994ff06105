"""Fixtures of the small billing centre, and how a long run goes on where it was stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.fixtures import office

__all__ = ["office"]

# A file of the tests that passed, for hours of slow towns: one that stands in it is not run again. A new file for each
# commit: `PASSED_TESTS=build/passed-$(git rev-parse --short HEAD).txt make slow`.
_PASSED = Path(os.environ["PASSED_TESTS"]) if os.environ.get("PASSED_TESTS") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _PASSED and _PASSED.exists():
        passed = set(_PASSED.read_text("utf-8").splitlines())
        for item in items:
            if item.nodeid in passed:
                item.add_marker(pytest.mark.skip(reason=f"passed before, says {_PASSED}"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if _PASSED and report.when == "call" and report.passed:
        with _PASSED.open("a", encoding="utf-8") as file:
            file.write(f"{report.nodeid}\n")
