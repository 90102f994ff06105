"""Documents and bills go by the house's own sender."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.faults.killer import Killer
from tests.outbox.desk import ACT, MONTH, TURNOVER, Desk
from tests.outbox.post import files_of
from tests.support.office import TownOffice, customer, line


@pytest.fixture
def home(tmp_path, reader, counter):
    folder = tmp_path / "home"
    with TownOffice(folder, reader) as town:
        town.load_customers(customer("A", emails="first@a.example;lost@a.example"), customer("B"))
        town.load_directory(line("A", "1001", "maintenance", tariff="1", area="1", email="flat1@home.example"))
        desk = Desk(town)
        desk.render("A")
        desk.render("B", names=[ACT])
        o = town.office.home.operator
        desk.render(names=[f"bill-{MONTH}-1001.pdf"], owner=replace(desk.customer("A"), bin=o.bin, name=o.name))
    with (folder / "config.yaml").open("a") as config:
        config.write(f"\nsmtp: {{host: 127.0.0.1, port: {counter.port}, tls: none}}\n")
    return folder


def test_it(home, counter, tmp_path):
    with Killer(tmp_path) as k:

        def run(*a, code=0):
            r = k.run(*a, "--home", home)
            assert r.code == code, r
            return r

        run("outbox", "approve", "--customer", "050140000011")
        r = run("outbox", "send", "--all", "--json")
        assert json.loads(r.out)["documents"]
        assert sorted({to for to, _ in counter.letters}) == ["first@a.example", "lost@a.example"]
        n = len(counter.letters)
        assert set(files_of(counter.letters[0][1])) == {ACT, TURNOVER}
        run("outbox", "send", "--all")
        assert len(counter.letters) == n
        dd = json.loads(run("deliveries", "--json").out)["deliveries"]
        lost = [x["id"] for x in dd if x["recipient"].startswith("lost")][0]
        run("deliveries", "--drop", str(lost))
        assert json.loads(run("outbox", "list", "--json").out)["problems"] == []
        assert len(list((home / "outbox/sent").rglob("*.*x"))) == 2
        run("outbox", "approve", "--all")
        r = run("bills", "send", MONTH, "--json")
        assert counter.letters[-1][0] == "flat1@home.example"
        r = run("once")
        run("once")
        assert not list((home / "outbox/approved").rglob("*.docx"))
