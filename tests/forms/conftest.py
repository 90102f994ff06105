"""The rules for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from form_books import ROOT

from inbox_worker.core.model import Finding, FormTable
from inbox_worker.forms.read import read_form
from inbox_worker.settings.rules import Rules, load_rules
from inbox_worker.workbooks.cells import CellReader

Read = Callable[..., Any]


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules(ROOT / "rules")


@pytest.fixture
def read(rules: Rules, reader: CellReader) -> Read:
    """Reads bytes as a form that is expected to be recognised."""

    def run(data: bytes, name: str = "форма.xlsx") -> FormTable:
        found = read_form(data, name, rules, reader)
        assert isinstance(found, FormTable), found
        return found

    return run


@pytest.fixture
def refuse(rules: Rules, reader: CellReader) -> Callable[..., Finding]:
    """Reads bytes that are expected to give one finding and no form."""

    def run(data: bytes, name: str = "форма.xlsx") -> Finding:
        found = read_form(data, name, rules, reader)
        assert isinstance(found, tuple) and len(found) == 1, found
        return found[0]

    return run
