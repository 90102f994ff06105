"""An explanation as a tree: figure, formula, cell with its original text, letter, rule; totals by their largest lines
(law 4, 4.1.17)."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY
from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.explain import explain_anything, explain_fully
from inbox_worker.explain.page import render_page
from inbox_worker.explain.tree import ExplainedStep, every_step
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment
from tests.support.papers import File

STRANGE = '<script src="https://evil.example/x.js">.xlsx'


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(*(line("A", str(1000 + n), "maintenance", tariff="30", area=n) for n in range(1, 15)))
    past = {"account": "1014", "service": "maintenance", "past_month": "06.2026", "amount": "-33.33"}
    office.mail([File(STRANGE, office.form("recalculations", [past]))], received="2026-08-20")
    office.close("2026-09")


office = copies_of(town, "module")


@pytest.fixture(scope="module")
def statement(office: TownOffice) -> tuple[Path, dict[str, str]]:
    paths = render_documents(office.office, Period(2026, 9), ["turnover"], bin_of("A"), moment("2026-10-05"))
    path = next(path for path in paths if path.suffix == ".xlsx")
    return path, json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name]["figures"]


def asked(office: TownOffice, statement: tuple[Path, dict[str, str]], field: str, row: str) -> tuple[str, str]:
    path, figures = statement
    return str(path), next(at for at, name in figures.items() if name == field) + figures[row]


def grown(office: TownOffice, statement: tuple[Path, dict[str, str]], field: str) -> tuple[ExplainedStep, ...]:
    """Of the line of account 1014, the last above the totals."""
    path, figures = statement
    column = next(at for at, name in figures.items() if name == field and "!" in at)  # of the service's own sheet
    sheet = column.rpartition("!")[0]
    for row in range(int(figures[f"{sheet}!last_row"]), int(figures[f"{sheet}!first_row"]), -1):
        with suppress(ExplainError):  # a heading of a house
            steps = explain_fully(office.office, str(path), f"{column}{row}", TODAY).steps
            if "1014" in steps[0].text and "счёт" in steps[0].text and "сумма строк" not in steps[0].text:
                return steps
    raise AssertionError("no line of account 1014")


def test_a_figure_leads_down_to_the_text_that_its_sender_wrote(
    office: TownOffice, statement: tuple[Path, dict[str, str]]
) -> None:
    (top,) = grown(office, statement, "closing.debit")
    assert "386,67" in top.text and top.below[0].text.startswith("= Сальдо начальное 0,00 + Начислено 420,00")
    cells = {step.cell.clause: step.cell for step in every_step((top,)) if step.cell}
    told = cells["4.3.2.4"]
    assert told.value == "-33.33" and told.file == STRANGE and told.outcome == "accepted"
    assert told.address == f"{told.column}{told.row}" and len(told.sha256) == 64
    (_, heads), *rows = told.around
    texts = next(texts for number, texts in rows if number == told.row)
    assert texts[heads.index(told.column)] == "-33.33" and "1014" in texts
    assert any(step.cell and step.cell.value == "30" for step in every_step((top,))), "the tariff's cell"


def test_the_tree_says_what_the_lines_say(office: TownOffice, statement: tuple[Path, dict[str, str]]) -> None:
    path, cell = asked(office, statement, "charged", "last_row")
    lines = explain_anything(office.office, path, cell, TODAY)
    steps = explain_fully(office.office, path, cell, TODAY).steps
    assert [step.text for step in every_step(steps)] == [line.strip() for line in lines]


def test_a_total_shows_its_ten_largest_lines_and_the_sum_of_the_others(
    office: TownOffice, statement: tuple[Path, dict[str, str]]
) -> None:
    path, cell = asked(office, statement, "charged", "last_row")
    (top,) = explain_fully(office.office, path, cell, TODAY).steps
    assert top.text.startswith("Начислено = 3150,00: сумма строк, их 14")
    shown = [re.findall(r"счёт (\d+)", step.text) for step in top.below]
    assert shown == [*([str(account)] for account in range(1014, 1004, -1)), []]
    assert top.below[-1].text == "… и ещё 4, вместе 300,00"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [(tag, value) for name, value in attrs if name in ("src", "href", "style")]


def test_the_page_needs_nothing_else_and_shows_senders_words_as_text(
    office: TownOffice, statement: tuple[Path, dict[str, str]]
) -> None:
    steps = grown(office, statement, "closing.debit")
    page = render_page(steps, "turnover", "L12", office.office, datetime(2026, 10, 5, 12, tzinfo=ALMATY))
    read = _Tags()
    read.feed(page)
    assert "script" not in read.tags and not read.links and "&lt;script src=" in page
    assert '<td class="it">-33.33</td>' in page and 'lang="ru"' in page and "05.10.2026 12:00" in page


def test_the_page_names_a_document_as_it_lies_in_the_home(
    office: TownOffice, statement: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """A proof goes to strangers: where this machine keeps its files is nobody's business."""
    now = datetime(2026, 10, 5, 12, tzinfo=ALMATY)
    inside, outside = office.office.home.outbox / "sent/turnover.xlsx", tmp_path / "elsewhere.xlsx"
    for path, shown in ((inside, "outbox/sent/turnover.xlsx L12"), (outside, "elsewhere.xlsx L12")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        page = render_page([], f"{path}", "L12", office.office, now)
        assert f" {shown}<" in page and f"{path.parent}" not in page
