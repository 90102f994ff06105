"""Money columns as whole tiyn and back: exact, and numpy can count with them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MONEY = pa.decimal128(18, 2)
_HUNDRED = pa.scalar(Decimal(100), pa.decimal128(3, 0))
_TIYN = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))


def tiyn_of(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return a column of DECIMAL(18,2) in tiyn; it must have no nulls."""
    return np.asarray(pc.multiply(column.cast(MONEY), _HUNDRED).cast(pa.int64()))


def money_of(tiyn: npt.NDArray[np.int64]) -> pa.Array:
    """Return whole tiyn as DECIMAL(18,2). Raises ArrowInvalid for sums that it does not hold."""
    return pc.multiply(pa.array(tiyn).cast(pa.decimal128(19, 0)), _TIYN).cast(MONEY)
