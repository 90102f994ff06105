"""`build_town`: a made-up town and everything that reached the operator for one month, as real files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from random import Random
from typing import Literal

from inbox_worker.core.model import Period
from inbox_worker.demo.mime import TownLetter, render, slug_id
from inbox_worker.demo.post_odd import odd_letters
from inbox_worker.demo.post_plain import plain_letters
from inbox_worker.demo.post_readings import reading_letters
from inbox_worker.demo.post_time import timed_letters
from inbox_worker.demo.post_wrong import wrong_letters
from inbox_worker.demo.registers import bank_files, customers_workbook, directory_workbook
from inbox_worker.demo.town import Town, make_town
from inbox_worker.demo.writer import ALMATY, TownWriter
from inbox_worker.settings.rules import Rules

_MONTH = Period(2026, 9)
_RELEASED_BY_STAFF = "tariffs-held-staff"


@dataclass(frozen=True)
class Step:
    """One thing that happens to the operator.

    A `letter` (an .eml received at `at` in `mailbox`), a bank's `register` (a workbook loaded by staff) or a
    `release` (staff: documents came on paper; no file). `expect` = the arrival's outcome by money.md, for a
    release that of the released submission. `releases` = file name of the letter whose held form is released.
    """

    kind: Literal["letter", "register", "release"]
    path: Path | None
    mailbox: str
    at: datetime
    expect: str
    note_ru: str
    releases: str = ""


@dataclass(frozen=True)
class Story:
    """Operator's registers to load first, then the steps in order of time, then the close of `month`."""

    registers: tuple[Path, ...]
    steps: tuple[Step, ...]
    month: Period


def build_town(
    folder: Path,
    *,
    customers: int = 42,
    accounts: int = 1000,
    seed: int = 2026,
    rules: Rules,
    month: Period = _MONTH,
) -> Story:
    """Write the town's registers, letters and bank files into `folder`; the same seed gives the same bytes.

    Raises ValueError when there are fewer than twenty customers or too few accounts for their houses.
    """
    rng = Random(seed)
    town = make_town(rng, customers, accounts, rules, month)
    registers = (
        _write(folder / "registers" / "customers.xlsx", customers_workbook(town, rules)),
        _write(folder / "registers" / "directory.xlsx", directory_workbook(town, rules)),
    )
    steps = [
        *_letter_steps(folder / "mail", TownWriter(town, rules, rng)),
        *_bank_steps(folder / "bank", rng, town, rules),
    ]
    return Story(registers, tuple(steps), month)


def prove_town(*, customers: int, accounts: int, seed: int, rules: Rules, month: Period = _MONTH) -> None:
    """Raise ValueError when `build_town` would; write nothing."""
    make_town(Random(seed), customers, accounts, rules, month)


def _letter_steps(folder: Path, writer: TownWriter) -> list[Step]:
    letters = [
        *plain_letters(writer),
        *reading_letters(writer),
        *timed_letters(writer),
        *wrong_letters(writer),
        *odd_letters(writer),
    ]
    letters.sort(key=lambda letter: (letter.at, letter.slug))
    names = {letter.slug: f"{index:03d}-{letter.slug}.eml" for index, letter in enumerate(letters, 1)}
    by_slug = {letter.slug: letter for letter in letters}
    steps = [_letter_step(folder, letter, names, by_slug) for letter in letters]
    return sorted([*steps, _release(writer, names[_RELEASED_BY_STAFF])], key=lambda step: step.at)


def _letter_step(folder: Path, letter: TownLetter, names: dict[str, str], by_slug: dict[str, TownLetter]) -> Step:
    answered = slug_id(by_slug[letter.answers]) if letter.answers else ""
    path = _write(folder / names[letter.slug], render(letter, answered))
    releases = names[letter.releases] if letter.releases else ""
    return Step("letter", path, letter.mailbox, letter.at, letter.expect, letter.note_ru, releases)


def _release(writer: TownWriter, name: str) -> Step:
    note = "сотрудник получил протокол на бумаге и освободил форму"
    return Step("release", None, "", writer.at(21, 9, 30), "accepted", note, name)


def _bank_steps(folder: Path, rng: Random, town: Town, rules: Rules) -> Iterator[Step]:
    files = sorted(bank_files(rng, town, rules), key=lambda file: (file.loaded_on, file.name))
    for file in files:
        at = datetime.combine(file.loaded_on, time(10, 15), ALMATY)
        note = "контрольная сумма не сходится: реестр не принят целиком" if file.wrong else "реестр платежей банка"
        path = _write(folder / file.name, file.data)
        yield Step("register", path, "load", at, "rejected" if file.wrong else "accepted", note)


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
