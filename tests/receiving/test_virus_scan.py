"""4.1.17: what the virus scanner says of a file, over its real protocol; without a verdict nothing is clean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from inbox_worker.receiving.virus_scan import NotScanned, ScannerDown, find_virus, scanner_problem
from inbox_worker.settings.config import ScannerConfig
from tests.support.clamd_like import EICAR, Clamd, clamd_at


@pytest.fixture(params=["port", "socket"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clamd]:
    with clamd_at(tmp_path / "clamd.ctl" if request.param == "socket" else None) as running:
        yield running


def at(clamd: Clamd) -> ScannerConfig:
    return ScannerConfig(clamd=clamd.where, seconds=5)


def command(code: str, *more: str) -> ScannerConfig:
    return ScannerConfig(command=(sys.executable, "-c", code, *more), seconds=5)


READS = "import sys; data = {}; sys.exit(print('x: Bad.Thing FOUND') or 1 if b'EICAR' in data else 0)"
FROM_INPUT = command(READS.format("sys.stdin.buffer.read()"))
FROM_FILE = command(READS.format("open(sys.argv[1], 'rb').read()"), "{file}")


def test_a_clean_file_and_an_infected_one(clamd: Clamd) -> None:
    large = bytes(range(256)) * 9000  # in several pieces
    assert find_virus(large, at(clamd)) == ""
    assert find_virus(large + EICAR, at(clamd)) == "Eicar-Test-Signature"
    assert clamd.scanned == [large, large + EICAR], "the scanner got every byte"


@pytest.mark.parametrize("answer", [b"", b"stream: Can't allocate memory ERROR\0", b"\0", b"FOUND\0", b"stream: OK?\0"])
def test_any_other_answer_is_no_verdict(clamd: Clamd, answer: bytes) -> None:
    clamd.answer = answer
    with pytest.raises(ScannerDown, match="letters wait"):
        find_virus(b"clean", at(clamd))


def test_a_file_past_the_scanners_limit_is_told_with_what_to_set(clamd: Clamd) -> None:
    clamd.limit = 1000
    with pytest.raises(NotScanned, match="StreamMaxLength"):
        find_virus(bytes(8_000_000), at(clamd))


def test_nobody_answers(tmp_path: Path) -> None:
    with clamd_at() as clamd:
        gone = at(clamd)
    for scanner in (gone, ScannerConfig(clamd=str(tmp_path / "no.ctl"))):
        with pytest.raises(ScannerDown, match="gives no answer"):
            find_virus(b"clean", scanner)


def test_a_silent_scanner_is_down_after_its_time(clamd: Clamd) -> None:
    import threading

    told = threading.Event()
    clamd.judge = lambda data: told.wait(30) and b"stream: OK\0" or b""  # type: ignore[method-assign]
    with pytest.raises(ScannerDown, match="timed out"):
        find_virus(b"clean", ScannerConfig(clamd=clamd.where, seconds=0.2))
    told.set()


@pytest.mark.parametrize("scanner", [FROM_INPUT, FROM_FILE], ids=["input", "file"])
def test_a_command_is_a_scanner_too(scanner: ScannerConfig) -> None:
    assert find_virus(b"clean", scanner) == ""
    assert find_virus(EICAR, scanner) == "Bad.Thing"
    assert scanner_problem(scanner) == ""


@pytest.mark.parametrize(
    ("scanner", "words"),
    [
        (command("import sys; sys.exit(2)"), "code 2"),
        (ScannerConfig(command=("/no/such/scanner",)), "cannot be run"),
        (ScannerConfig(command=(sys.executable, "-c", "input()\nwhile 1: pass"), seconds=0.3), "no verdict in 0.3 s"),
    ],
)
def test_a_command_that_fails_is_no_verdict(scanner: ScannerConfig, words: str) -> None:
    with pytest.raises(ScannerDown, match=words):
        find_virus(b"clean\n", scanner)


def test_a_virus_found_by_a_command_of_few_words_has_a_name() -> None:
    assert find_virus(b"x", command("import sys; print('Trojan.X'); sys.exit(1)")) == "Trojan.X"
    assert find_virus(b"x", command("import sys; sys.exit(1)")) == "?"


def test_the_scanner_is_tried(clamd: Clamd) -> None:
    assert scanner_problem(at(clamd)) == ""
    clamd.answer = b"stream: OK\0"
    assert "does not know the EICAR test" in scanner_problem(at(clamd))
    clamd.answer = b"stream: Everything FOUND\0"
    assert "in a clean text" in scanner_problem(at(clamd))


@pytest.mark.parametrize("wrong", [{}, {"clamd": "/s", "command": ["x"]}, {"clamd": "localhost"}, {"clamd": "h:port"}])
def test_settings_that_name_no_scanner_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScannerConfig.model_validate(wrong)
