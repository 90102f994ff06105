"""Words by which forms are read reach a home that is there already, and what it changed stays its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from inbox_worker.settings.followed_words import (
    follow_form,
    follow_shipped,
    list_entry,
    list_form_words,
    list_words,
    mark_words,
    was_shipped,
)
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import load_rules
from inbox_worker.settings.shipped_rules import with_followed
from inbox_worker.settings.yaml_files import read_document
from tests.support.office import ROOT

SHIPPED = ROOT / "rules" / "vocabulary.yaml"
MARKS = "add these to settings/shipped_marks.txt, and take none away"
PRICE = ["за", "с"]  # as versions before had it
NARROWING = ["временно", "временный", "временная", "временное", "временную", "временным", "уақытша"]
NAMED = ("act", "account", "price", "house", "meter")


@pytest.mark.parametrize("name", ["vocabulary.yaml", "tasks.yaml"])
def test_every_list_of_today_is_known_in_homes_of_tomorrow(name: str) -> None:
    """A home that has it untouched takes what is added to it."""
    lists = dict(list_words(yaml.safe_load(SHIPPED.with_name(name).read_text("utf-8"))))
    new = {place: mark_words(place, words) for place, words in lists.items() if not was_shipped(place, words)}
    assert new == {}, MARKS


def test_every_finding_of_today_is_known_in_homes_of_tomorrow() -> None:
    entries = yaml.safe_load(SHIPPED.with_name("findings.yaml").read_text("utf-8"))
    said = {code: list_entry(entry) for code, entry in entries.items()}
    assert [mark_words((code,), words) for code, words in said.items() if not was_shipped((code,), words)] == [], MARKS


def test_a_finding_that_an_earlier_version_shipped_is_todays_and_one_worded_anew_stays(home: Path) -> None:
    """Its answer told senders what staff should do."""
    path = home / "rules" / "findings.yaml"
    entries = yaml.safe_load(path.read_text("utf-8"))
    today = load_rules(home / "rules").findings["attestation.unknown"]
    older = {key: one for key, one in entries["attestation.unknown"].items() if not key.startswith("staff")}
    older["remedy_ru"] = "Пришлите копию аттестата; сотруднику: впишите «Аттестация до» в реестр заказчиков."
    older["remedy_kk"] = (
        "Аттестат көшірмесін жіберіңіз; қызметкерге: тапсырыс берушілер тізіліміне «Аттестаттау мерзімі» жазыңыз."
    )
    for remedy, followed in ((older["remedy_ru"], True), ("Пришлите аттестат.", False)):
        entry = {**older, "remedy_ru": remedy}
        path.write_text(yaml.safe_dump({**entries, "attestation.unknown": entry}, allow_unicode=True), "utf-8")
        read = load_rules(home / "rules").findings["attestation.unknown"]
        assert (read == today, read.remedy_ru == remedy, bool(read.staff_ru)) == (followed, not followed, followed)


def test_words_of_letters_that_came_since_reach_a_home(home: Path) -> None:
    path = home / "rules" / "tasks.yaml"
    tasks = yaml.safe_load(path.read_text("utf-8"))
    words = tasks["letter"]["remarks"]
    older = next(words[:count] for count in range(len(words)) if was_shipped(("letter", "remarks"), words[:count]))
    tasks["letter"] |= {"remarks": older, "counted": ["наше слово"]}
    path.write_text(yaml.safe_dump(tasks, allow_unicode=True), "utf-8")
    read, today = load_rules(home / "rules").tasks.letter, load_rules(ROOT / "rules").tasks.letter
    assert (read.counted, read.remarks) == (("наше слово",), today.remarks)


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


FORMS = sorted((ROOT / "rules" / "forms").glob("*.yaml"))


@pytest.mark.parametrize("path", FORMS, ids=[path.stem for path in FORMS])
def test_all_that_is_followed_of_todays_form_is_known_in_homes_of_tomorrow(path: Path) -> None:
    lists = list_form_words(path.name, yaml.safe_load(path.read_text("utf-8")))
    new = [mark_words(place, words) for place, words in lists if not was_shipped(place, words)]
    assert new == [], MARKS


def written_form(home: Path, name: str, **changes: object) -> FormRule:
    """The home's form with other values of its keys; None takes a key out."""
    path = home / "rules" / "forms" / f"{name}.yaml"
    form = {**yaml.safe_load(path.read_text("utf-8")), **changes}
    path.write_text(
        yaml.safe_dump({key: one for key, one in form.items() if one is not None}, allow_unicode=True), "utf-8"
    )
    return load_rules(home / "rules").forms[name]


def test_words_of_a_form_that_an_earlier_version_shipped_are_todays(home: Path) -> None:
    """The first narrowing words of tariffs, and recalculations before what was charged was compared."""
    today = load_rules(ROOT / "rules").forms
    assert written_form(home, "tariffs", narrowing=NARROWING) == today["tariffs"]
    assert written_form(home, "tariffs", narrowing=[*NARROWING, "кроме"]).narrowing == (*NARROWING, "кроме")
    told = yaml.safe_load((home / "rules" / "forms" / "recalculations.yaml").read_text("utf-8"))
    known = [one for one in told["compared"] if one["name"] in ("house", "flat", "holder")]
    checks = [one for one in told["checks"] if one["check"] != "sum_as_difference"]
    read = written_form(home, "recalculations", compared=known, checks=checks)
    assert (read.compared, len(read.checks)) == (today["recalculations"].compared, len(checks) + 1)
    assert read.checks[-1].check == "sum_as_difference"


def test_what_a_home_changed_in_its_checks_or_columns_keeps_what_is_compared_its_own(home: Path) -> None:
    told = yaml.safe_load((home / "rules" / "forms" / "recalculations.yaml").read_text("utf-8"))
    known = [one for one in told["compared"] if one["name"] in ("house", "flat", "holder")]
    checks = [one for one in told["checks"] if one["check"] not in ("sum_as_difference", "months_as_said")]
    read = written_form(home, "recalculations", compared=known, checks=checks)
    assert (len(read.compared), len(read.checks)) == (len(known), len(checks))
    narrower = [one for one in told["columns"] if one["name"] != "basis"]
    own = {**told, "columns": narrower, "narrowing": []}
    assert follow_form("recalculations.yaml", told, own) == own


def test_a_form_of_a_homes_own_follows_none(home: Path) -> None:
    path = home / "rules" / "forms"
    assert with_followed(read_document(path / "house_exit.yaml")).data["form"] == "house_exit"
    text = (path / "house_exit.yaml").read_text("utf-8").replace("form: house_exit", "form: garden_exit")
    (path / "garden_exit.yaml").write_text(text, "utf-8")
    assert with_followed(read_document(path / "garden_exit.yaml")).data["form"] == "garden_exit"
