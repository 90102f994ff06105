"""30 letters with forms a second, from Dovecot to committed decisions, and no memory kept from letter to letter."""

from __future__ import annotations

import resource
import time

import pytest
from mailbox_home import MailHome, mail

from tests.support.office import BINS

_LETTERS = 600


@pytest.mark.slow
def test_30_letters_a_second_and_flat_memory(home: MailHome) -> None:
    names = list(BINS)
    letters = [mail(number, by=names[number % len(names)]) for number in range(1, _LETTERS + 1)]
    home.deliver(*letters[:100])
    home.once()  # everything is imported, the reader runs
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    home.deliver(*letters[100:])
    since = time.monotonic()
    home.once()
    rate = (_LETTERS - 100) / (time.monotonic() - since)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert home.outcomes() == ["accepted"] * _LETTERS
    assert home.folders() == {"Processed": _LETTERS}
    assert grown < 30_000, f"{grown} KiB more after {_LETTERS - 100} letters"
    assert rate >= 30, f"{rate:.1f} letters a second"
