"""One small billing centre a file: explaining changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain import charge_figures
from inbox_worker.month.months import compute_month
from inbox_worker.month.office import Office
from inbox_worker.workbooks.cells import CellReader
from tests.support.fixtures import reader
from tests.support.office import TownOffice

__all__ = ["reader"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[TownOffice]:  # noqa: F811
    with TownOffice(tmp_path_factory.mktemp("town") / "home", reader) as opened:
        yield opened


@pytest.fixture(scope="module")
def computed_once() -> Iterator[None]:
    """Every figure is taken out of a month that is computed anew: here of one for all figures that have the same, as
    long as nothing is recorded."""
    computed: dict[tuple[object, ...], Any] = {}

    def compute(office: Office, month: Period, *whose: str, every_payment: bool) -> Any:
        key = office.home.path, office.journal.database.head(), month, whose, every_payment
        if key not in computed:
            computed[key] = compute_month(office, month, *whose, every_payment=every_payment)
        return computed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charge_figures, "compute_month", compute)
        yield
