"""4.1.14, 4.2.4: the reports of three years in one zip, asked for up to a month after the contract's end."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from inbox_worker.month.months import MonthError
from inbox_worker.outbox.export import make_export
from inbox_worker.outbox.round import pass_outbox
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment

ARCHIVE = "Архив отчётов за 3 года"


def town(office: TownOffice) -> None:
    """A's contract ends on 30.09.2026; August and September are closed, B has lines from September on."""
    office.load_customers(customer("A", valid_until="30.09.2026"), customer("B"), customer("C"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", start="08.2026"),
        line("B", "1001", "cleaning", base="кв.", tariff="200"),
    )
    office.close("2026-08")
    office.close("2026-09")


office = copies_of(town)


def packed(path: Path | io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put_up(office: TownOffice, now: str) -> list[Path]:
    pass_outbox(office.office, moment(now))
    return sorted((office.office.home.outbox / "pending").rglob("export*.zip"))


def test_asked_after_the_end_it_is_put_up_for_review_once_with_every_report(office: TownOffice) -> None:
    answer = office.ingest("request", [{"kind": ARCHIVE}], received="2026-10-30")
    assert (answer.outcome, answer.codes) == ("accepted", ["request.once"]), answer.report
    assert answer.finding("request.once")["clause"] == "4.1.14"
    [path] = put_up(office, "2026-10-30T12:00")
    assert path.name == "export-2026-08-2026-09.zip" and path.parent.name.startswith(bin_of("A"))
    files = packed(path)
    for month in ("2026-08", "2026-09"):
        for report in ("turnover", "distribution", "debtors"):
            assert {f"{month}/{report}-{month}.xlsx", f"{month}/{report}-{month}.csv"} <= files.keys()
        assert f"{month}/act-{month}.docx" in files
    path.unlink()
    assert put_up(office, "2026-10-31T12:00") == [], "not again of itself"


def test_the_page_and_the_sums_name_every_file_by_its_hash(office: TownOffice) -> None:
    made = make_export(office.office, bin_of("A"), date(2026, 10, 30)).zip
    files = packed(io.BytesIO(made.data))
    page = files["index.html"].decode()
    documents = [name for name in files if name not in ("index.html", "SHA256SUMS")]
    for name in documents:
        digest = hashlib.sha256(files[name]).hexdigest()
        assert page.count(f'href="{name}"') == 2 and page.count(digest) >= 2, "Russian and Kazakh"
        assert f"{digest}  {name}\n" in files["SHA256SUMS"].decode()
    assert "Архив отчётов за 3 года" in page and "3 жылғы есептер мұрағаты" in page
    assert not re.search(r"https?://|<script|src=", page), "whole in itself"


def test_the_same_closes_give_the_same_bytes_and_another_close_gives_others(office: TownOffice) -> None:
    def made(day: date) -> bytes:
        return make_export(office.office, bin_of("A"), day).zip.data

    first = made(date(2026, 10, 1))
    assert made(date(2026, 11, 30)) == first
    office.reopen("2026-09")
    row = {"account": "1001", "service": "maintenance", "past_month": "08.2026", "amount": "-10", "basis": "акт"}
    assert office.ingest("recalculations", [row], received="2026-08-20", month="09.2026").outcome == "accepted"
    office.close("2026-09")
    assert made(date(2026, 10, 1)) != first


def test_months_are_those_of_three_years_before_the_end(office: TownOffice) -> None:
    def months(name: str, day: date) -> list[str]:
        return [str(one.month) for one in make_export(office.office, bin_of(name), day).months]

    assert months("A", date(2026, 10, 30)) == ["2026-08", "2026-09"]
    assert months("B", date(2026, 10, 30)) == ["2026-09"]
    assert months("B", date(2029, 9, 1)) == ["2026-09"]
    with pytest.raises(MonthError, match="nothing to export"):
        make_export(office.office, bin_of("B"), date(2029, 10, 1))


def test_later_than_a_month_after_the_end_it_is_a_persons_task(office: TownOffice) -> None:
    late = office.ingest("request", [{"kind": ARCHIVE}], received="2026-10-31")
    assert (late.outcome, late.codes) == ("held", ["task.received"])
    assert late.finding("task.received")["clause"] == "4.1.14"
    assert put_up(office, "2026-10-31T12:00") == []


def test_who_has_no_closed_month_yet_is_told_and_gets_it_later_and_keeps_nobody_waiting(office: TownOffice) -> None:
    office.load_directory(line("C", "1001", "cctv", base="кв.", tariff="100", start="10.2026"), now="2026-09-20")
    for by in ("C", "B"):
        assert office.ingest("request", [{"kind": ARCHIVE}], by=by, received="2026-10-05").outcome == "accepted"
    told = pass_outbox(office.office, moment("2026-10-05T12:00"))
    assert [line for line in told if bin_of("C") in line and "nothing to export" in line]
    assert [path.parent.name[:12] for path in put_up(office, "2026-10-05T13:00")] == [bin_of("B")]
    office.close("2026-10")
    assert {path.parent.name[:12] for path in put_up(office, "2026-11-05T13:00")} == {bin_of("B"), bin_of("C")}
