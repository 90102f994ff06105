"""Keep the width of the tests' own screen from the programs that they start: those print to pipes, which have none."""

from __future__ import annotations

import os

# pytest imports readline, and readline puts both into the environment of this process's children, not into os.environ
for name in ("COLUMNS", "LINES"):
    os.unsetenv(name)
    os.environ.pop(name, None)
