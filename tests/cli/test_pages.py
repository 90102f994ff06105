"""Commands on the pages are what a reader types: each is known with its options, and a month's run in their order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from inbox_worker.cli.main import app
from tests.faults.killer import Killer
from tests.support.fixtures import office
from tests.support.office import ROOT, TownOffice, customer, line, payment

__all__ = ["office"]
PAGES = [
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name != "decisions.md"),
    *(ROOT / name for name in ("README.md", "README.ru.md", "CONTRIBUTING.md", "deploy/README.md")),
]
EVERYWHERE = {"--home", "--lang", "--help"}
STAFF = {"ru": ("docs/ru/pamyatka.md", "docs/ru/shablony.md"), "kk": ("docs/kk/zhadnama.md", "docs/kk/ulgiler.md")}


def commands_of(page: str) -> Iterator[list[str]]:
    """The words of each command of ours that a page shows: in the text, or on lines of their own."""
    for shown in re.findall(r"`([^`\n]+)`|^ {4,}(\S.*)$", page.replace("\\\n", " "), re.MULTILINE):
        given = re.match(r"(?:\S*/)?inbox-worker (.+)", "".join(shown))
        if given:
            typed = re.split(r" {3,}| #| && |; | > ", given[1])[0].replace("\\|", "|")
            yield shlex.split(re.sub(r"[\[\]]", "", typed))


@cache
def _all_commands() -> Any:
    return typer.main.get_command(app)


def why_unknown(words: list[str]) -> str:
    """What the command line has not of a command: its name, or an option."""
    node: Any = _all_commands()
    while words and words[0].startswith("--home"):
        words = words[2:]
    while hasattr(node, "commands") and words and not words[0].startswith(("-", "<", "…", "команда", "пәрмен")):
        if words[0] not in node.commands:
            return f"no command {words[0]}"
        node, words = node.commands[words[0]], words[1:]
    known = EVERYWHERE | {option for parameter in node.params for option in parameter.opts}
    said = {option for word in words if word.startswith("--") for option in word.rstrip(".…").split("|") if option}
    return ", ".join(sorted(said - known)) if not hasattr(node, "commands") else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_page_is_there_with_its_options(page: Path) -> None:
    unknown = {" ".join(words): why for words in commands_of(page.read_text("utf-8")) if (why := why_unknown(words))}
    assert unknown == {}


def test_an_unknown_command_or_option_of_a_page_is_seen() -> None:
    page = "Say `inbox-worker closes 2026-09`, then\n\n    inbox-worker outbox approve --every\n"
    assert [why_unknown(words) for words in commands_of(page)] == ["no command closes", "--every"]


@pytest.mark.quick("ru")
@pytest.mark.parametrize("language", STAFF)
def test_the_months_commands_work_in_the_order_of_the_page(language: str, office: TownOffice, runner: Killer) -> None:
    """From the draft to the report, closed twice; what a page leaves to its reader («…», a name) is passed over."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "10020006", "maintenance", tariff="31", area="50"))
    office.load_payments(payment("10020006", "1000", day="2026-09-10"))
    month, looks = ((ROOT / name).read_text("utf-8") for name in STAFF[language])
    month = month[month.index("`inbox-worker draft") : month.index("`", month.rindex("inbox-worker report")) + 1]
    given = [w for w in (*commands_of(month), *commands_of(looks)) if _is_whole(w)]
    assert [words[0] for words in given[:6]] == ["draft", "documents", "close", "close", "documents", "ledger"]
    assert len(given) >= 12
    for words in given:
        for typed in [words, ["close", "2026-09"]] if words[0] == "reopen" else [words]:
            ran = runner.run("--home", office.office.home.path, *typed, folder=office.office.home.path)
            assert ran.code == 0, (typed, ran.err)


def _is_whole(words: list[str]) -> bool:
    return not any(re.search("…|^[А-ЯӘҒҚҢӨҰҮҺІ]+$", word) or word.endswith(".xlsx") for word in words)
