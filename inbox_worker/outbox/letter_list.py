"""Letters as people see them: what became of each, its trouble and remedy, and which may be sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from inbox_worker.ledger.letter_reports import Returns
from inbox_worker.ledger.letters import Delivery, Letters, LetterState, stamp
from inbox_worker.month.office import Office
from inbox_worker.outbox.trouble import Trouble, remedy_code, trouble_of
from inbox_worker.settings.texts import Texts

_RETURNS_SHOWN = timedelta(days=31)


def deliveries_json(office: Office) -> list[dict[str, object]]:
    """Every letter as the journal knows it, in order of number (`deliveries --json`), with the reports about it."""
    returns: dict[int, list[dict[str, str]]] = {}
    for found in Returns(office.journal).all():
        told = {"arrival": f"IW-{found.arrival:06d}", "fate": found.fate, "status": found.status, "said": found.said}
        returns.setdefault(found.delivery, []).append({**told, "at": found.at})
    return [
        {
            **vars(d),
            "arrival": f"IW-{d.arrival:06d}" if d.arrival else None,
            "thread": d.thread.split(),
            "returns": returns.get(d.id, []),
            **_trouble(d, office.rules.texts.spoken),
        }
        for d in Letters(office.journal).all()
    ]


def _trouble(delivery: Delivery, texts: Texts) -> dict[str, str]:
    """The kind of a letter's trouble and what to do about it; '' of one that is through or was not tried yet."""
    if delivery.state is LetterState.UNCERTAIN:
        kind = Trouble.UNCERTAIN
    elif delivery.state is LetterState.REFUSED or (delivery.state is LetterState.RETRY and delivery.last_answer):
        kind = trouble_of(delivery.last_answer)
    else:
        return {"trouble": "", "remedy_ru": "", "remedy_kk": ""}
    words = texts.words(remedy_code(kind), letter=delivery.id)
    return {"trouble": kind.value, "remedy_ru": words.ru, "remedy_kk": words.kk}


def repeatable(office: Office) -> list[int]:
    """Letters that `--again --all` repeats: refused or waiting for their next try. Not those that may have arrived, and
    not those that people dropped: these are named one by one."""
    return [delivery.id for delivery in Letters(office.journal).all([LetterState.REFUSED, LetterState.RETRY])]


def of_interest(letter: Mapping[str, Any], now: datetime) -> bool:
    """Whether people should see a letter unasked: it is not through, or it came back or was late in the last month."""
    since = stamp(now - _RETURNS_SHOWN)
    return letter["state"] not in (LetterState.SENT, LetterState.DROPPED) or any(
        one["at"] > since for one in letter["returns"]
    )
