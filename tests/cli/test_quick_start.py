"""A command loads what it uses: `--help` answers at once."""

from __future__ import annotations

import pytest

from tests.support.fixtures import office, reader
from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.started import libraries_of, modules_of

__all__ = ["office", "reader"]


@pytest.mark.parametrize("arguments", [("--help",), ("outbox", "--help"), ("ingest", "--help"), ("--version",)])
def test_help_loads_nothing_but_the_command_line(arguments: tuple[str, ...]) -> None:
    modules = modules_of(*arguments)
    assert libraries_of(modules) <= {"typer", "rich", "pydantic"}  # typer itself checks what is typed by pydantic
    own = {name.split(".")[1] for name in modules if name.startswith("inbox_worker.")}
    assert own == {"cli", "core"}


def test_pages_for_staff_load_no_pandas(office: TownOffice) -> None:
    """Who only looks does without the checks of forms, and what they load."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    home = ("--home", str(office.office.home.path))
    for command in (("report", "2026-09"), ("contract", bin_of("A"))):
        modules = modules_of(*home, *command)
        assert "pandas" not in libraries_of(modules)
        assert "inbox_worker.deciding.checks" not in modules
