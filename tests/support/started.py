"""What commands load: they are run in a process of their own, which tells its modules at its end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import packages_distributions, requires

_TELLING = """
import json, sys
from inbox_worker.cli.main import run_command
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    try:
        run_command()
    except SystemExit as ended:
        if ended.code:
            raise
print("LOADED", *sys.modules)
"""


def modules_of(*commands: Sequence[str]) -> frozenset[str]:
    """Return the names of all modules that commands, one after the other, have loaded when they end well."""
    command = [sys.executable, "-c", _TELLING, json.dumps(commands)]
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
