"""One small town for all tests of the demo, and its truth read back from its own registers."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from demo_forms import Form, Truth, number, read_form

from inbox_worker.demo import Story, build_town
from inbox_worker.settings.rules import Rules, load_rules

ACCOUNTS = 900


@pytest.fixture(scope="session")
def demo_rules() -> Rules:
    return load_rules(Path(__file__).parents[2] / "rules")


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, demo_rules: Rules) -> Story:
    return build_town(tmp_path_factory.mktemp("town"), accounts=ACCOUNTS, rules=demo_rules)


@pytest.fixture(scope="session")
def registers(story: Story, demo_rules: Rules) -> tuple[Form, Form]:
    """Customers and directory."""
    customers, directory = (read_form(demo_rules, path.name, path.read_bytes()) for path in story.registers)
    return customers, directory


@pytest.fixture(scope="session")
def truth(registers: tuple[Form, Form], demo_rules: Rules) -> Truth:
    customers, directory = registers
    lines: dict[tuple[str, str, str], tuple[str, dict[str, float]]] = defaultdict(lambda: ("", {}))
    houses = set()
    for row in directory.rows:
        service = next(s.code for s in demo_rules.services if s.ru == row["service"])
        key = (row["bin"], row["account"], service)
        meters = lines[key][1]
        if row["meter"]:
            meters[row["meter"]] = number(row["reading"]) or 0.0
        lines[key] = (row["base"], meters)
        houses.add((row["bin"], row["house"], service))
    utilities = {row["bin"]: row["utilities"] == "да" for row in customers.rows}
    emails = {box.strip(): row["bin"] for row in customers.rows for box in row["emails"].split(";")}
    return Truth(dict(lines), houses, utilities, emails)
