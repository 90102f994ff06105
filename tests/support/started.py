"""What a command loads: it is run in a process of its own, which tells its modules at its end."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires

_TELLING = """
import sys
from inbox_worker.cli.main import run_command
try:
    run_command()
finally:
    print("LOADED", *sys.modules)
"""


def modules_of(*arguments: str) -> frozenset[str]:
    """Return the names of all modules that a command has loaded when it ends well."""
    command = [sys.executable, "-c", _TELLING, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.rpartition("LOADED ")[2].split())


def libraries_of(modules: frozenset[str]) -> set[str]:
    """Return which of the packages that the program depends on are among the modules."""
    named = [re.match(r"[\w.-]+", line) for line in requires("inbox-worker") or () if "extra ==" not in line]
    ours = {name[0].casefold() for name in named if name}
    tops = {name.partition(".")[0] for name in modules}
    loaded = {one.casefold() for top, packages in packages_distributions().items() if top in tops for one in packages}
    return ours & loaded
