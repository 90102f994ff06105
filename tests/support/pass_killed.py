"""A pass of the service in a process of its own, killed where a step of the program would begin.

assert kill_pass(home, "deciding.arrivals:Pipeline.decide", now) == -signal.SIGKILL
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import NoReturn

from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import load_home
from tests.support.warm import Started


def kill_pass(home: Path, step: str, now: datetime) -> int:
    """Return how the process ended. `step`: a module of ours and a function in it, by colon."""
    call = f"{__name__}:{once_until.__name__}"
    return Started([str(home), step, now.isoformat()], call=call).wait(120)


def once_until() -> None:
    """What the process does: home, step and moment are its arguments."""
    home, step, now = sys.argv[1:]
    module, _, path = step.partition(":")
    *owners, name = path.split(".")
    setattr(reduce(getattr, owners, importlib.import_module(f"inbox_worker.{module}")), name, _die)
    with Worker(load_home(Path(home))) as worker:
        worker.once(datetime.fromisoformat(now))


def _die(*arguments: object, **named: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nothing comes after SIGKILL")
