"""Words by which forms are read reach a home that is there already, and what it changed stays its own."""

from __future__ import annotations

from pathlib import Path

import yaml

from inbox_worker.settings.followed_words import follow_shipped, list_words, mark_words, was_shipped
from inbox_worker.settings.rules import load_rules
from tests.support.office import ROOT

SHIPPED = ROOT / "rules" / "vocabulary.yaml"
PRICE = ["за", "с"]  # as versions before had it
NAMED = ("act", "account", "price", "house", "meter")


def test_every_list_of_today_is_known_in_homes_of_tomorrow() -> None:
    """A home that has it untouched takes what is added to it."""
    lists = dict(list_words(yaml.safe_load(SHIPPED.read_text("utf-8"))))
    new = {place: mark_words(place, words) for place, words in lists.items() if not was_shipped(place, words)}
    assert new == {}, "add these to _MARKS of followed_words.py, and take none away"


def written(home: Path, **changes: object) -> Path:
    """The home's vocabulary with other values of its keys."""
    path = home / "rules" / "vocabulary.yaml"
    words = {**yaml.safe_load(path.read_text("utf-8")), **changes}
    path.write_text(
        yaml.safe_dump({key: one for key, one in words.items() if one is not None}, allow_unicode=True), "utf-8"
    )
    return home / "rules"


def test_a_list_that_an_earlier_version_shipped_is_todays_and_a_changed_one_stays(home: Path) -> None:
    today = load_rules(ROOT / "rules").vocabulary
    older = {name: list(today.named[name]) for name in NAMED} | {"price": PRICE[::-1]}
    read = load_rules(written(home, named=older)).vocabulary
    assert read == today, "in any order, and with the keys that came since"
    changed = {**older, "price": [*PRICE, "около"], "house": ["дом"]}
    read = load_rules(written(home, named=changed)).vocabulary
    assert (read.named["price"], read.named["house"]) == ((*PRICE, "около"), ("дом",))
    assert read.around == today.around


def test_a_key_that_a_home_added_or_took_out_stays_so(home: Path) -> None:
    today = load_rules(ROOT / "rules").vocabulary
    headers = {name: list(every) for name, every in today.headers.items() if name != "дней"}
    read = load_rules(written(home, headers={**headers, "сумма": ["к начислению"]})).vocabulary
    assert "дней" not in read.headers and read.headers["сумма"] == ("к начислению",)
    assert read.headers["услуга"] == today.headers["услуга"]


def test_a_home_without_a_key_has_the_shipped_one(home: Path) -> None:
    assert load_rules(written(home, named=None)).vocabulary == load_rules(ROOT / "rules").vocabulary


def test_what_is_no_list_where_words_belong_is_told_as_before() -> None:
    assert follow_shipped({"units": ["м3"]}, {"units": "м3", "unts": [1]}) == {"units": "м3", "unts": [1]}
