"""Documents rendered side by side: in their order, and a process that ends is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_worker.core.errors import JobError
from inbox_worker.documents.processes import Workers
from inbox_worker.outbox.publish import render_documents


def _double(number: int) -> int:
    return 2 * number


def _end_at(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("threads", [1, 2])
def test_results_come_in_the_order_of_what_was_asked(threads: int) -> None:
    with Workers(threads, 20, worth=1) as workers:
        assert list(workers.map(_double, iter(range(20)), 20)) == [2 * number for number in range(20)]


@pytest.mark.slow
def test_a_process_that_is_ended_from_outside_is_told() -> None:
    with pytest.raises(JobError, match="ended from outside; run the command again"), Workers(2, 9, worth=1) as workers:
        list(workers.map(_end_at, iter(range(9)), 9))


def names_of_servers_threads(_: int) -> list[str]:
    return [(thread / "comm").read_text().strip() for thread in Path(f"/proc/{os.getppid()}/task").iterdir()]


_SERVED = """
from inbox_worker.documents.processes import Workers
from tests.documents.test_processes import names_of_servers_threads

if __name__ == "__main__":
    with Workers(2, 2, worth=1) as workers:
        print(*map(len, workers.map(names_of_servers_threads, [1, 2], 2)))
"""


@pytest.mark.slow
def test_processes_are_forked_from_one_with_no_other_thread(tmp_path: Path) -> None:
    """A lock that another thread holds at the fork is never given back: Arrow's and NumPy's began threads there, and a
    town's documents waited for ever, one time in some hundred."""
    assert render_documents, "imported, so that the process there has all that documents need"
    script = tmp_path / "served.py"
    script.write_text(_SERVED)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, timeout=60)
    assert ran.stdout.split() == ["1", "1"], ran.stderr


_KILLED = """
import os, signal, time
from inbox_worker.documents.processes import Workers

def tell(number):
    print(os.getpid(), flush=True)
    time.sleep(0.2)

if __name__ == "__main__":
    with Workers(2, 9, worth=1) as workers:
        work = workers.map(tell, iter(range(9)), 9)
        next(work)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Nobody else would end them: they waited for orders for ever, with the memory of a town's documents."""
    script = tmp_path / "killed.py"
    script.write_text(_KILLED)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as ran:
        said, _ = ran.communicate(timeout=60)  # the end of what they say: the last of them has ended
    assert ran.returncode == -signal.SIGKILL and said
