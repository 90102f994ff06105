"""Details of the commonest acts in the reader's words; the chain keeps them in the program's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from inbox_worker.cli.support import in_staffs_words

if TYPE_CHECKING:
    from inbox_worker.settings.rules import Rules
    from inbox_worker.settings.texts import Say

_Tell = Callable[[re.Match[str], "Rules", "Say"], str]
_DECIDED = re.compile(r"(?P<form>\w+|-): (?P<outcome>\w+), (?P<rows>\d+/\d+)")
_STEP = re.compile(r"(?P<was>[a-z]+), (?P<sha256>[0-9a-f]{64})(?:, (?P<note>.+))?")
_ASSIGNED = re.compile(
    r"payment (?P<payment>.+?); amount (?P<amount>-?[\d.]+)(?:; account (?P<account>.+?))?"
    r"(?:; customer (?P<customer>\d{12}|any))?(?:; service (?P<service>\w+))?; by (?P<by>.+)"
)
_DESTROYED = re.compile(
    r"files (?P<files>\d+), bytes (?P<bytes>\d+)(?:; accounts (?P<accounts>\d+), written anew (?P<anew>\d+))?"
    r"(?:; proposed by (?P<who>.+))?"
)
_VERIFIED = re.compile(
    r"(?P<full>full, )?files (?P<files>\d+), closes (?P<closes>\d+)(?P<lost>, record lost)?"
    r"(?:, anchors (?P<anchors>\d+) bytes)?"
)
_MADE = re.compile(r"(?P<kind>\w+) (?P<customer>\d{12})")
_RENDERED = re.compile(r"(?P<month>\d{4}-\d\d): (?P<kinds>\w+(?:, [a-z_]+)*), (?P<count>\d+)")
_PUT_UP = re.compile(r"\w+ [0-9a-f]{16}(?:, \w+ [0-9a-f]{16})*")
_ANCHOR, _LETTERS = re.compile(r"act (\d+)"), re.compile(r"letters (\d+)")
_HANDED = re.compile(r"(?P<note>.+); (?P<day>\d{4}-\d\d-\d\d)T\S+")
_TERMS = re.compile(r"notices (\d+), tasks (\d+)")


def word_details(act: str, details: str, rules: Rules, say: Say) -> str:
    """Return the details of an act; those that no pattern knows as the chain has them, or as errors are translated."""
    for pattern, tell in _PATTERNS.get(act, ()):
        if found := pattern.fullmatch(details):
            return tell(found, rules, say)
    return in_staffs_words(details)


def _tell_decision(found: re.Match[str], rules: Rules, say: Say) -> str:
    form = found["form"]
    title = say.of(rules.forms[form].title) if form in rules.forms else form
    outcome = say(f"outcome.{found['outcome']}")
    return f"{title}: {outcome}, {found['rows']}"


def _tell_step(found: re.Match[str], rules: Rules, say: Say) -> str:
    known = f"version.{found['was']}" in say.texts
    was = say("audit.said.was", state=say(f"version.{found['was']}")) if known else say("audit.said.new")
    note = f", {in_staffs_words(found['note'])}" if found["note"] else ""
    return f"{was}, {found['sha256']}{note}"


def _tell_assigned(found: re.Match[str], rules: Rules, say: Say) -> str:
    amount = f"{Decimal(found['amount']):f}".replace(".", ",")
    place = [say("audit.said.account", account=found["account"])] if found["account"] else []
    place += [found["customer"]] if found["customer"] not in (None, "any") else []
    place += [_name_service(found["service"], rules, say)] if found["service"] not in (None, "any") else []
    where = f": {', '.join(place)}" if place else ""
    return say("audit.said.payment", payment=found["payment"], amount=amount, where=where, by=found["by"])


def _name_service(code: str, rules: Rules, say: Say) -> str:
    return say.of(rules.service(code)) if code in {one.code for one in rules.services} else code


def _tell_handed(found: re.Match[str], rules: Rules, say: Say) -> str:
    from inbox_worker.settings.texts import show_day

    return f"{found['note']}; {found['day'] if say.language == 'en' else show_day(found['day'])}"


def _tell_destroyed(found: re.Match[str], rules: Rules, say: Say) -> str:
    words = say("audit.said.files", files=found["files"], size=found["bytes"])
    if found["accounts"]:
        words += "; " + say("audit.said.cleared", accounts=found["accounts"], anew=found["anew"])
    return words + ("; " + say("audit.said.proposed", who=found["who"]) if found["who"] else "")


def _tell_verified(found: re.Match[str], rules: Rules, say: Say) -> str:
    words = say("audit.said.verified", files=found["files"], closes=found["closes"])
    full = f"{say('audit.said.full')}, " if found["full"] else ""
    lost = f", {say('audit.said.record_lost')}" if found["lost"] else ""
    anchors = ", " + say("audit.said.anchors", size=found["anchors"]) if found["anchors"] else ""
    return full + words + lost + anchors


def _tell_incident(found: re.Match[str], rules: Rules, say: Say) -> str:
    said = json.loads(found[0])
    named = ", ".join([*said.get("customers", ()), *said.get("about", ())])
    return say("audit.said.incident", what=said["what"], at=said["found_at"]) + (f"; {named}" if named else "")


def _tell_made(found: re.Match[str], rules: Rules, say: Say) -> str:
    return f"{_name_document(found['kind'], say)}, {found['customer']}"


def _tell_rendered(found: re.Match[str], rules: Rules, say: Say) -> str:
    kinds = ", ".join(_name_document(kind, say) for kind in found["kinds"].split(", "))
    return say("audit.said.rendered", month=found["month"], kinds=kinds, count=found["count"])


def _tell_put_up(found: re.Match[str], rules: Rules, say: Say) -> str:
    kinds = [one.partition(" ")[0] for one in found[0].split(", ")]
    named = ", ".join(_name_document(kind, say) for kind in dict.fromkeys(kinds))
    return say("audit.said.put_up", kinds=named, count=len(kinds))


def _name_document(kind: str, say: Say) -> str:
    return say(f"document.{kind}") if f"document.{kind}" in say.texts else kind


def _by_words(code: str, *names: str) -> _Tell:
    """Return what tells the groups of a pattern by a text that has these names."""

    def tell(found: re.Match[str], rules: Rules, say: Say) -> str:
        return say(code, **dict(zip(names, found.groups(), strict=True)))

    return tell


_STEPS = ((_STEP, _tell_step),)
_PAYMENTS = ((_ASSIGNED, _tell_assigned),)
_DESTRUCTIONS = ((_DESTROYED, _tell_destroyed),)
_PATTERNS: Mapping[str, Sequence[tuple[re.Pattern[str], _Tell]]] = {
    "hand over": ((_HANDED, _tell_handed),),
    "decide": ((_DECIDED, _tell_decision),),
    **dict.fromkeys(("approve", "reject", "amend", "put back", "put into sent"), _STEPS),
    **dict.fromkeys(("bank suspense assign", "bank suspense return"), _PAYMENTS),
    **dict.fromkeys(("retention propose", "retention destroy", "retention destroyed"), _DESTRUCTIONS),
    "verify": ((_VERIFIED, _tell_verified),),
    "incident open": ((re.compile(r"\{.*\}"), _tell_incident),),
    "render": ((_PUT_UP, _tell_put_up), (re.compile(r"(\d+)"), _by_words("audit.said.made_before", "last"))),
    "request met": ((_MADE, _tell_made),),
    "anchor": ((_ANCHOR, _by_words("audit.said.anchor", "act")),),
    "calendar": (
        (_RENDERED, _tell_rendered),
        (_TERMS, _by_words("audit.said.terms", "notices", "tasks")),
        (_LETTERS, _by_words("audit.said.letters", "count")),
    ),
}
