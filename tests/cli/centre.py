"""A home and a way to give it commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.faults.killer import Ran
from tests.support.here import Runner


@dataclass(frozen=True)
class Centre:
    """A home with customers A and B and their accounts, and forms of A lying beside it."""

    home: Path
    forms: Path
    runner: Runner

    def run(self, *arguments: str | Path, **options: object) -> Ran:
        return self.runner.run(*arguments, "--home", self.home, **options)  # type: ignore[arg-type]
