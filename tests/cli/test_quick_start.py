"""A command loads what it uses: `--help` answers at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.fixtures import office
from tests.support.office import TownOffice, bin_of, customer, line
from tests.support.started import libraries_of, modules_of

__all__ = ["office"]


@pytest.mark.parametrize("arguments", [("--help",), ("outbox", "--help"), ("ingest", "--help"), ("--version",)])
def test_help_loads_nothing_but_the_command_line(arguments: tuple[str, ...]) -> None:
    modules = modules_of(arguments)
    ours = {"typer", "rich", "pyyaml"}  # PyYAML reads the words in the reader's language
    assert libraries_of(modules) <= {*ours, "pydantic"}  # typer itself checks what is typed by pydantic
    own = {name.split(".")[1] for name in modules if name.startswith("inbox_worker.")}
    assert own == {"cli", "core"}


_ENDING = """
import atexit, sys, threading
from inbox_worker.cli import main as commands

class InCycle:
    def __init__(self): self.own = self
    def __del__(self): print("searched")

def run():
    kept.append(InCycle())
    print("done")
    if "beside" in sys.argv:
        threading.Thread(target=lambda: (threading.main_thread().join(), print("waited for"))).start()
    sys.exit(3)

kept = []
atexit.register(print, "put away")
commands.run_command = run
commands.main()
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], ["done", "put away"]), (["beside"], ["done", "waited for", "put away", "searched"])],
)
def test_a_command_ends_without_being_taken_apart(arguments: list[str], said: list[str]) -> None:
    """To search all that was loaded for cycles takes longer than many commands; what still runs is waited for."""
    ended = subprocess.run([sys.executable, "-c", _ENDING, *arguments], capture_output=True, text=True, check=False)
    assert (ended.stdout.split("\n")[:-1], ended.stderr, ended.returncode) == (said, "", 3)


@pytest.mark.parametrize("stream", ["/dev/full", None])
def test_what_cannot_be_printed_is_told_by_the_exit_code(stream: str | None) -> None:
    command = f"{sys.executable} -m inbox_worker --version {f'> {stream}' if stream else '>&-'}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.returncode != 0) == bool(stream)


def test_pages_for_staff_load_no_pandas(office: TownOffice) -> None:
    """Who only looks does without the checks of forms, and what they load."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    home = ("--home", str(office.office.home.path))
    looks = [("report", "2026-09"), ("contract", bin_of("A"))]
    for commands in (looks, [("outbox", "list"), ("outbox", "list", "--all", "--json")]):
        modules = modules_of(*((*home, *command) for command in commands))
        assert "pandas" not in libraries_of(modules), commands
        assert "inbox_worker.deciding.checks" not in modules
    assert not {"inbox_worker.outbox.publish", "inbox_worker.outbox.mail"} & modules  # what lists writes and sends none
