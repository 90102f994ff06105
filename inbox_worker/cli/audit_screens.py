"""Lines of `audit list`: acts and security events in the reader's words. The chain and `--json` have their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from inbox_worker.cli.act_details import word_details

if TYPE_CHECKING:
    from inbox_worker.ledger.acts import ChainedAct
    from inbox_worker.month.audit import SecurityEvent
    from inbox_worker.settings.rules import Rules
    from inbox_worker.settings.texts import Say


def act_lines(acts: Iterable[ChainedAct], rules: Rules, say: Say) -> list[str]:
    """Return a line an act: number, when, who, from where, what, to what."""
    return [
        _join(
            str(act.number), _show_moment(act.at, say), _name_person(act.who, say), act.origin,
            _name_act(act.act, say), act.subject, word_details(act.act, act.details, rules, say),
        )
        for act in acts
    ]  # fmt: skip


def event_lines(events: Iterable[SecurityEvent], rules: Rules, say: Say) -> list[str]:
    """Return a line a security event; what a letter was not believed for is told by its finding's sentence."""
    return [
        _join(
            _show_moment(event.at, say), event.who, _name_event(event.what, say), event.subject,
            word_details(event.what, event.details, rules, say),
        )
        for event in events
    ]  # fmt: skip


def _join(*parts: str) -> str:
    return "  ".join(" ".join(part.split()) for part in parts)


def _show_moment(at: str, say: Say) -> str:
    """Return a moment of Almaty as people here write it; one that was made unreadable as it is."""
    from inbox_worker.core.time import to_almaty

    try:
        return at if say.language == "en" else f"{to_almaty(datetime.fromisoformat(at)):%d.%m.%Y %H:%M:%S}"
    except ValueError:
        return at


def _name_person(who: str, say: Say) -> str:
    from inbox_worker.ledger.decision_acts import SERVICE

    return say("audit.service") if who == SERVICE else who


def _name_act(act: str, say: Say) -> str:
    """Return an act's name; one of another version of the program as the chain has it."""
    key = re.sub("[ -]", "_", act)
    return say(f"audit.act.{key}") if f"audit.act.{key}" in say.texts else act


def _name_event(what: str, say: Say) -> str:
    return say("audit.not_believed") if "." in what else _name_act(what, say)
