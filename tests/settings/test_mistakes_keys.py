"""A slip in any key or value of rules/ and config.yaml is told with its file and key; many at once are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from inbox_worker.deciding.open_office import proved_rules
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.home import load_home
from inbox_worker.settings.mistakes import Mistake
from inbox_worker.settings.rules import RulesError
from tests.support.slips import Slip, misspelt, of_another_kind, read, write

# their keys are names that an analyst chooses, or of columns, which are known when every form is read
FREE = ("algorithms", "spellings", "when", "headers", "meant", "grounds")
FULL = """
mailboxes:
  korrektirovki:
    address: korrektirovki@alseco.example
    imap:
      host: mail.alseco.example
      port: 993
      user: korrektirovki
      password_file: korrektirovki.password
      tls: implicit
      ca_file: ""
      folder: INBOX
      folders: {processed: Processed, held: Held, rejected: Rejected, ignored: Ignored, quarantined: ""}
      idle_seconds: 30
      poll_seconds: 30
      connect_seconds: 20
      timeout_seconds: 20
      retry_seconds: 60
      raw_limit: 67108864
  bigoperators: {address: BigOperators@alseco.example}
scanner: {clamd: "/run/clamav/clamd.ctl", seconds: 130}
exchange: {folder: exchange}
metrics: {port: 9464}
reply: review
smtp: {host: mail.alseco.example, port: 587, tls: starttls, ca_file: "", user: korrektirovki,
  password_env: IW_SMTP, password_file: "", from: "", timeout: 30, per_minute: 60, retry_minutes: [1, 5]}
"""


def slips(data: Any, kinds: Callable[[Any], Iterator[Slip]]) -> list[Slip]:
    """At most two hundred of a file: of texts of findings the first codes stand for all."""
    return [slip for slip in kinds(data) if not set(FREE) & set(slip.place[:-1]) or slip.place[-1] in FREE][:200]


def told_at(mistakes: list[Mistake], file: Path, slip: Slip) -> bool:
    """Whether a mistake names the file and the key, or the block and in words the key."""
    for mistake in mistakes:
        inside = slip.key.startswith(f"{mistake.key}.") or not mistake.key
        if Path(mistake.file) == file and (mistake.key == slip.key or (inside and str(slip.place[-1]) in str(mistake))):
            return True
    return False


LEANING = (
    "requests.yaml",
    "customer_notices.yaml",
    "tasks.yaml",
)  # keys are choices of a form: nothing is said of them while that is not whole


@pytest.mark.slow
@pytest.mark.parametrize("every", [25, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kinds", [misspelt, of_another_kind])
def test_a_slip_in_any_rule_is_told_with_file_and_key(
    kinds: Callable[[Any], Iterator[Slip]], every: int, home: Path
) -> None:
    """`every`: so many keys are there for each that is tried."""
    files = {path: read(path) for path in sorted((home / "rules").rglob("*.yaml"))}
    texts = [home / "rules" / "findings.yaml", *(home / "rules" / "texts").glob("*.yaml")]
    assert len(files) > len(texts) + 20, "every rule file is looked through"
    few = {**files, **{path: dict(list(files[path].items())[:5]) for path in texts}}
    written = files
    leaning = {path for path in files if path.name in LEANING}
    together = zip_longest(*(slips({} if path in leaning else data, kinds)[::every] for path, data in few.items()))
    apart = (
        [slip if path is one else None for path in files] for one in leaning for slip in slips(few[one], kinds)[::every]
    )
    for round_ in chain(together, apart):
        told = {path: slip.data if slip else files[path] for path, slip in zip(files, round_, strict=True)}
        for path, data in told.items():
            if data is not written[path]:
                write(path, {**files[path], **data} if path in texts else data)
        written = told
        with pytest.raises(RulesError) as caught:
            proved_rules(home / "rules")
        mistakes = list(caught.value.mistakes)
        slipped = [(path, slip) for path, slip in zip(files, round_, strict=True) if slip]
        assert [(path.name, slip.key) for path, slip in slipped if not told_at(mistakes, path, slip)] == []
        assert all("\n" not in line and "Traceback" not in line for line in caught.value.lines)


@pytest.mark.parametrize("kinds", [misspelt, of_another_kind])
def test_a_slip_in_any_setting_is_told_with_file_and_key(kinds: Callable[[Any], Iterator[Slip]], home: Path) -> None:
    config = home / "config.yaml"
    whole = {**read(config), **yaml.safe_load(FULL)}
    write(config, whole)
    load_home(home)
    for slip in slips(whole, kinds):
        write(config, slip.data)
        with pytest.raises(ConfigError) as caught:
            load_home(home)
        assert told_at(list(caught.value.mistakes), config, slip), (slip.key, caught.value.lines)
