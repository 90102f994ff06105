"""Puts into people's words what is recorded of a letter: by us, or as its mail server answered."""

from __future__ import annotations

from inbox_worker.ledger.letters import ANEW, DROPPED, ELSEWHERE, INTERRUPTED, SENT_AGAIN, TELLS_MORE
from inbox_worker.settings.texts import Say

_CODES = {
    SENT_AGAIN: "letter_words.again",
    DROPPED: "letter_words.dropped",
    ANEW: "letter_words.anew",
    ELSEWHERE: "letter_words.elsewhere",
    TELLS_MORE: "letter_words.tells_more",
    INTERRUPTED: "letter_words.interrupted",
}


def word_answer(recorded: str, say: Say) -> str:
    """Return what is recorded of a letter as people read it: our own words in their language, a server's as they came.

    A moment that stands behind ours stays.
    """
    for words, code in _CODES.items():
        if recorded.startswith(words):
            return say(code) + recorded.removeprefix(words)
    return recorded
