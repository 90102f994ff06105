"""Pages for staff call things as the commands print them, so that a reader finds the word that he sees."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.slips import read

ROOT = Path(__file__).parents[2]
SCREENS = read(ROOT / "rules/texts/screens.yaml")
MESSAGES = {"ru": ROOT / "docs/ru/zhurnal.md", "kk": ROOT / "docs/kk/zhurnal.md"}
TRANSLATIONS = ROOT / "inbox_worker/core/translations"
PAGES = {"ru": ROOT / "docs/ru/pamyatka.md", "kk": ROOT / "docs/kk/zhadnama.md"}


@pytest.mark.parametrize("language", PAGES)
def test_the_table_of_outcomes_has_the_words_of_the_screen(language: str) -> None:
    told = dict(re.findall(r"^\| `(\w+)` (.+?) \|", PAGES[language].read_text("utf-8"), re.MULTILINE))
    known = {
        key.removeprefix("outcome."): words[language] for key, words in SCREENS.items() if key.startswith("outcome.")
    }
    assert told == known


@pytest.mark.parametrize("language", PAGES)
def test_the_state_of_letters_and_of_the_service_has_the_words_of_the_screen(language: str) -> None:
    page = PAGES[language].read_text("utf-8")
    for state in ("uncertain", "refused"):
        assert f"«{SCREENS[f'letter_state.{state}'][language]}»** (`{state}`)" in page
    for code in ("health.no_pass", "health.ill"):
        assert f"«{SCREENS[code][language].partition(':')[0]}»" in page


@pytest.mark.parametrize("language", MESSAGES)
def test_a_message_on_a_page_is_told_as_the_reader_sees_it(language: str) -> None:
    """The table of the journal's messages had the log's English, which no Russian or Kazakh screen shows."""
    page = MESSAGES[language].read_text("utf-8")
    said = [entry[language] for path in TRANSLATIONS.glob("*.yaml") for entry in read(path) if language in entry]
    quoted = [text for row in re.findall(r"^\| («.+?) \|", page, re.MULTILINE) for text in re.findall("«(.+?)»", row)]
    assert len(quoted) > 5
    unknown = [text for text in quoted if not any(re.search(re.escape(text).replace("…", ".+"), one) for one in said)]
    assert unknown == [], "the program says this in other words"
    assert not re.search(r"`[a-z]+( [a-z]+){3,}", page)
