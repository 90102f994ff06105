"""7.2, 4.1.6: what the rules say of meters without a reading and of the rate of penalties, as data."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from inbox_worker.settings.office_rules import Estimation, Penalties
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line


def town(office: TownOffice) -> None:
    """1001: three residents and two cold meters, sewerage behind them; one of the meters was read in September."""
    office.load_customers(customer("B", utilities=True))
    meters = {"base": "счётчик", "residents": 3, "reading": "100"}
    office.load_directory(
        line("B", "1001", "cold_water", tariff="80", meter="M-1", **meters),
        line("B", "1001", "cold_water", meter="M-2", **meters),
        line("B", "1001", "cold_sewerage", base="счётчик", tariff="40"),
        line("B", "1001", "heating", tariff="20", area="50"),
    )
    row = {"account": "1001", "service": "cold_water", "meter": "M-1", "current": "105.005"}
    assert office.ingest("meter_readings", [row], received="2026-08-20", by="B").outcome == "accepted"


office = copies_of(town)


def quantities(office: TownOffice, month: str) -> tuple[D, D]:
    rows = office.drafted(month)
    water, sewerage = (rows["1001", bin_of("B"), name] for name in ("cold_water", "cold_sewerage"))
    return water["quantity"], sewerage["quantity"]


def estimate(office: TownOffice, **changes: object) -> None:
    rules = office.office.rules
    rule = Estimation.model_validate({"average": True, "months": 6, "norms": {}, **changes})
    office.office = replace(office.office, rules=replace(rules, estimation=rule))


def test_the_shipped_rule_is_the_average_then_zero(office: TownOffice) -> None:
    """October: M-1 by its 5.005 of September, M-2 has no history; sewerage follows."""
    assert quantities(office, "2026-10") == (D("5.005"), D("5.005"))


def test_the_norm_is_by_residents_and_shared_by_the_meters(office: TownOffice) -> None:
    """4.333 x 3 residents / 2 meters = 6.4995 -> 6.500 for the meter without a history."""
    estimate(office, norms={"cold_water": "4.333"})
    assert quantities(office, "2026-10") == (D("11.505"), D("11.505"))
    estimate(office, average=False, norms={"cold_water": "4.333"})
    assert quantities(office, "2026-10") == (D("13.000"), D("13.000"))


def test_nothing_is_charged_where_the_rules_say_so(office: TownOffice) -> None:
    estimate(office, average=False)
    assert quantities(office, "2026-10") == (0, 0)


@pytest.mark.slow
def test_old_history_is_no_average(office: TownOffice) -> None:
    """September's reading counts for six months after it: in April no more."""
    assert quantities(office, "2027-03")[0] == D("5.005") and quantities(office, "2027-04")[0] == 0


def test_the_base_rate_of_the_day_when_the_algorithm_says_so(office: TownOffice) -> None:
    """26.-31.10 on 1 000.00: 3 days at 10 % and 3 at 20 %, coefficient 1.5: 1 350 / 365 = 3.70 -> 3.70."""
    terms = {"rate": "99", "coefficient": "1,5", "grace_days": 0, "cap": "100", "from_date": "09.2026"}
    notice = {"service": "Отопление", "basis": "№ 5", **terms}
    assert office.ingest("penalty_notice", [notice], received="2026-08-20", by="B").outcome == "accepted"
    rates = [{"from": "2026-01-01", "percent": "10"}, {"from": "2026-10-29", "percent": "20"}]
    algorithm = {"rate": "base", "due_day": 25, "year_days": 365}
    rule = Penalties.model_validate({"use": "base", "algorithms": {"base": algorithm}, "base_rates": rates})
    office.office = replace(office.office, rules=replace(office.office.rules, penalties=rule))
    assert office.drafted("2026-11")["1001", bin_of("B"), "heating"]["penalty"] == D("3.70")
