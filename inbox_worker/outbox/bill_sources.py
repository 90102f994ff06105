"""SQL of bills over a computed month, beside their lines: meters, bases of tariffs, days of penalty."""

from __future__ import annotations

from inbox_worker.core.queries import read_query

_METER_MONTHS = read_query(__file__, "bill_meter_months")
_METERS = read_query(__file__, "bill_meters")
_BASES = read_query(__file__, "bill_bases")
_PENALTY_DAYS = read_query(__file__, "bill_penalty_days")
BILL_TABLES = (_METER_MONTHS, _METERS, _BASES, _PENALTY_DAYS)
