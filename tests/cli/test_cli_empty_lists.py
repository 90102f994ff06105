"""A list with nothing in it says so in words, in each language: an empty screen looks like a command that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.here import Runner

SAID = {
    ("audit", "list"): ("there is no act from number 1 on", "действий с № 1 и далее нет", "№ 1 және одан кейінгі"),
    ("audit", "list", "--security"): ("nothing about security", "о безопасности ничего", "қауіпсіздік туралы ештеңе"),
    ("outbox", "list"): (
        "no document waits or has left",
        "ни один документ не ждёт",
        "бірде-бір құжат күтіп тұрған жоқ",
    ),
}


@pytest.mark.parametrize("command", SAID, ids=" ".join)
def test_an_empty_list_says_so(runner: Runner, tmp_path: Path, command: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    assert runner.run("init", home).code == 0
    for language, words in zip(("en", "ru", "kk"), SAID[command], strict=True):
        ran = runner.run(*command, "--home", home, "--lang", language)
        assert ran.code == 0 and words in ran.out, ran
