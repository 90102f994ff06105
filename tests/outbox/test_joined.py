"""Documents and bills go by the house's own sender."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_worker.workbooks.cells import CellReader
from tests.outbox.desk import ACT, MONTH, TURNOVER, Desk
from tests.outbox.papers_home import give
from tests.outbox.post import Counter, files_of
from tests.support.here import Runner
from tests.support.office import TownOffice, bin_of, customer, line


@pytest.fixture
def home(tmp_path: Path, reader: CellReader, counter: Counter) -> Path:
    folder = tmp_path / "home"
    with TownOffice(folder, reader) as town:
        town.load_customers(customer("A", emails="first@a.example;lost@a.example"), customer("B"))
        town.load_directory(line("A", "1001", "maintenance", tariff="1", area="1", email="flat1@home.example"))
        desk = Desk(town)
        desk.render("A")
        desk.render("B", names=[ACT])
        operator = town.office.home.operator
        ours = replace(desk.customer("A"), bin=operator.bin, name=operator.name)
        desk.render(names=[f"bill-{MONTH}-1001.pdf"], owner=ours)
    with (folder / "config.yaml").open("a") as config:
        config.write(f"\nsmtp: {{host: 127.0.0.1, port: {counter.port}, tls: none}}\n")
    return folder


def test_documents_go_to_each_address_once_and_bills_to_their_accounts(
    home: Path, counter: Counter, runner: Runner
) -> None:
    give(runner, home, "outbox", "approve", "--customer", bin_of("A"))
    assert json.loads(give(runner, home, "outbox", "send", "--all", "--json").out)["documents"]
    assert sorted({to for to, _ in counter.letters}) == ["first@a.example", "lost@a.example"]
    sent = len(counter.letters)
    assert set(files_of(counter.letters[0][1])) == {ACT, TURNOVER}
    give(runner, home, "outbox", "send", "--all")
    assert len(counter.letters) == sent
    letters = json.loads(give(runner, home, "deliveries", "--json").out)["deliveries"]
    lost = next(one["id"] for one in letters if one["recipient"].startswith("lost"))
    give(runner, home, "deliveries", "--drop", str(lost))
    assert json.loads(give(runner, home, "outbox", "list", "--json").out)["problems"] == []
    assert len(list((home / "outbox/sent").rglob("*.*x"))) == 2
    give(runner, home, "outbox", "approve", "--all")
    give(runner, home, "bills", "send", MONTH, "--json")
    assert counter.letters[-1][0] == "flat1@home.example"
    give(runner, home, "once")
    give(runner, home, "once")
    assert not list((home / "outbox/approved").rglob("*.docx"))
