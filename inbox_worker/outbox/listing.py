"""Documents and letters as people and programs see them: state, age, deadline, trouble and its remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from inbox_worker.contract.act_life import ActLife, find_acts
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.ledger.letters import Delivery, LetterState, stamp
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.problems import Problem
from inbox_worker.outbox.trouble import Trouble, remedy_code, trouble_of
from inbox_worker.settings.texts import Texts

_WAITING = (DocumentState.PENDING, DocumentState.APPROVED)
_RETURNS_SHOWN = timedelta(days=31)


def documents_json(office: Office, versions: Sequence[Version], now: datetime) -> list[dict[str, Any]]:
    """Return documents as `outbox list --json` gives them: overdue first, then by their day, then by age."""
    acts = find_acts(office, to_almaty(now).date())
    closes, customers = office.journal.closes.find_current_hashes(), office.journal.customers.at(now)
    proofs = defaultdict[int, list[Proof]](list)
    for proof in office.journal.documents.proofs(months={version.month for version in versions}):
        proofs[proof.document].append(proof)
    rows = [
        {
            **_row(office, version, now, acts, customers.get(version.bin)),
            "old_close": _is_old(version, closes.get(version.month)),
            "deliveries": [_delivery(proof) for proof in proofs[version.id]],
        }
        for version in versions
    ]
    return sorted(rows, key=lambda row: (not row["overdue"], row["due"] or "9999", row["made_at"], row["path"]))


def _is_old(version: Version, standing: str | None) -> bool:
    """Tell whether a document waits whose figures the month does not have any more: it does not leave as it is."""
    made_of = version.entry.get("made_of", {})
    return version.state in _WAITING and standing is not None and is_of_old_close(version.kind, made_of, standing)


def _row(
    office: Office, version: Version, now: datetime, acts: Sequence[ActLife], customer: Customer | None
) -> dict[str, Any]:
    act = next((act for act in acts if act.is_of(version)), None) if version.kind == "act" else None
    due, rule = _due_on(office, version), office.rules.delivery.kind(version.kind)
    made = datetime.fromisoformat(version.made_at) if version.made_at else now
    waits = version.state in _WAITING and rule.to != "nobody"
    return {
        "document": version.id,
        "month": version.month,
        "bin": version.bin,
        "customer": customer.name if customer else version.entry.get("recipient", version.folder[13:]),
        "kind": version.kind,
        "account": version.account,
        "path": version.place,
        "state": version.state.value,
        "revision": version.revision,
        "close_number": version.close_number,
        "amended": version.amended,
        "sha256": version.sha256_now or version.sha256,
        "made_at": version.made_at,
        "age_days": max(0, (to_almaty(now) - to_almaty(made)).days),
        "due": due.isoformat() if due else None,
        "clause": rule.due.clause if rule.due else "",
        "act": act.seen_from(version).as_json() if act else None,
        "overdue": bool(waits and due and to_almaty(now).date() > due),
    }


def _delivery(proof: Proof) -> dict[str, str]:
    names = ("way", "queued_at", "sent_at", "answer", "message_id", "sha256", "path")
    said = {name: getattr(proof, name) for name in names}
    return {**said, "to": proof.recipient, "state": proof.state.value}


def _due_on(office: Office, version: Version) -> date | None:
    """The day by which a document must be with its reader (rules/delivery.yaml); None without one."""
    due = office.rules.delivery.kind(version.kind).due
    if due is None:
        return None
    month = Period.parse(version.month).plus(1 if due.month == "next" else 0)
    return month.first_day.replace(day=min(due.day, month.days))


def problems_json(problems: Collection[Problem], texts: Texts) -> list[dict[str, str]]:
    """Return problems for programs, each once."""
    return [problem.as_json(texts) for problem in dict.fromkeys(problems)]


def deliveries_json(office: Office) -> list[dict[str, object]]:
    """Return every letter as the journal knows it (`deliveries --json`), by number, with the reports about it."""
    returns: dict[int, list[dict[str, str]]] = {}
    for found in office.journal.letter_reports.all():
        base = {"arrival": f"IW-{found.arrival:06d}", "fate": found.fate, "status": found.status, "said": found.said}
        returns.setdefault(found.delivery, []).append({**base, "at": found.at})
    return [
        {
            **vars(d),
            "arrival": f"IW-{d.arrival:06d}" if d.arrival else None,
            "thread": d.thread.split(),
            "returns": returns.get(d.id, []),
            **_trouble(d, office.rules.texts.spoken),
        }
        for d in office.journal.letters.all()
    ]


def _trouble(delivery: Delivery, texts: Texts) -> dict[str, str]:
    """Return the kind of a letter's trouble and what to do about it; '' of one that is through or was not tried yet."""
    if delivery.state is LetterState.UNCERTAIN:
        kind = Trouble.UNCERTAIN
    elif delivery.state is LetterState.REFUSED or (delivery.state is LetterState.RETRY and delivery.last_answer):
        kind = trouble_of(delivery.last_answer)
    else:
        return {"trouble": "", "remedy_ru": "", "remedy_kk": ""}
    words = texts.words(remedy_code(kind), letter=delivery.id)
    return {"trouble": kind.value, "remedy_ru": words.ru, "remedy_kk": words.kk}


def repeatable(office: Office) -> list[int]:
    """Return the letters that `--again --all` repeats: refused or waiting for their next try. Those that may have
    arrived, and those that people dropped, are named one by one."""
    return [delivery.id for delivery in office.journal.letters.all([LetterState.REFUSED, LetterState.RETRY])]


def of_interest(letter: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether people should see a letter unasked: it is not through, or it came back or was late in the last
    month."""
    since = stamp(now - _RETURNS_SHOWN)
    return letter["state"] not in (LetterState.SENT, LetterState.DROPPED) or any(
        one["at"] > since for one in letter["returns"]
    )
