"""The names under which rules/forms/*.yaml calls checks, and findings that several of them make."""

from __future__ import annotations

from collections.abc import Callable

from inbox_worker.core.model import Finding
from inbox_worker.deciding.table import CheckedTable, Context

CheckFunction = Callable[..., list[Finding]]
CHECKS: dict[str, CheckFunction] = {}


def check(function: CheckFunction) -> CheckFunction:
    """Makes a function usable by its name in rules/forms/*.yaml. Raises ValueError for a name taken twice."""
    if function.__name__ in CHECKS:
        raise ValueError(f"two checks are called {function.__name__}")
    CHECKS[function.__name__] = function
    return function


def service_finding(
    table: CheckedTable, context: Context, code: str, index: int, column: str = "service", **facts: str
) -> Finding:
    """A finding about the row's service, named in both languages."""
    service = context.rules.service(str(table.value(index, column)))
    return table.finding(code, index, column, service=service.ru, service_kk=service.kk, **facts)
