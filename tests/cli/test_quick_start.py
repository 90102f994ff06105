"""A command loads what it uses: `--help` answers at once."""

from __future__ import annotations

import pytest

from tests.support.started import libraries_of, modules_of


@pytest.mark.parametrize("arguments", [("--help",), ("outbox", "--help"), ("ingest", "--help"), ("--version",)])
def test_help_loads_nothing_but_the_command_line(arguments: tuple[str, ...]) -> None:
    modules = modules_of(*arguments)
    assert libraries_of(modules) <= {"typer", "rich", "pydantic"}  # typer itself checks what is typed by pydantic
    own = {name.split(".")[1] for name in modules if name.startswith("inbox_worker.")}
    assert own == {"cli", "core"}
