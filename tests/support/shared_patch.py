"""Changes of this process that several may need at once, such as two offices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class SharedPatch:
    """Another value of a module's name while anybody needs it, in whatever order they begin and end."""

    def __init__(self, module: object, name: str, value: object) -> None:
        self._module, self._name, self._value = module, name, value
        self._own = getattr(module, name)
        self._needed = 0

    @contextmanager
    def needed(self) -> Iterator[None]:
        """Need the value within the block."""
        setattr(self._module, self._name, self._value)
        self._needed += 1
        try:
            yield
        finally:
            self._needed -= 1
            if not self._needed:
                setattr(self._module, self._name, self._own)
