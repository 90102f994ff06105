"""Rows of an answer to acts -> what the journal keeps of each act's life (4.3.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from inbox_worker.core.model import Finding, Submission
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable
from inbox_worker.forms.values import day
from inbox_worker.ledger.act_answers import REFUSED, REVISION, SIGNED, ActAnswer

ACT_RESPONSE = "act_response"
_AROUND = re.compile(r"[\s№#,:;()«»\"]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def act_meant(written: str, known: Mapping[str, date], words: Sequence[str]) -> str:
    """Return an act's number without what stands around it in an act's heading (`№ 2026-00013 от 30.09.2026`); as it
    is where it is one already, names none or several of the Customer's, or says anything else. `known`: numbers and
    dates of the Customer's acts; `words`: those of a heading."""
    if re.sub(REVISION, "", written) in known:
        return written
    plain = written.translate(_DASHES)
    found = [one for one in _AROUND.split(plain) if one in known]
    if len(found) != 1:
        return written
    around = plain.casefold().replace(found[0].casefold(), " ", 1)
    for word in sorted(words, key=len, reverse=True):
        around = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", around)
    dated = " ".join(_AROUND.sub(" ", around).split()).strip(" .")
    return found[0] if not dated or day(dated) == known[found[0]] else written


def tell_answers(case: Case) -> list[Finding]:
    """Return what the answer to each act does, where the act is one of this Customer's."""
    if case.rule.form != ACT_RESPONSE:
        return []
    table, numbers = CheckedTable(case), case.act_dates()
    answers = table.form.rows.select(["act", "answer"]).to_pylist()
    return [
        table.make_finding("act.accepted" if _answer(case, row["answer"]) == SIGNED else "act.refused", index, "act")
        for index, row in enumerate(answers)
        if re.sub(REVISION, "", act_meant(row["act"], numbers, table.words_before.get("act", ()))) in numbers
    ]


def answers_of(case: Case, submission: Submission) -> Iterator[ActAnswer]:
    """Yield the answer of each row, its act by the number of its first version."""
    known, words = case.act_dates(), CheckedTable(case).words_before.get("act", ())
    for row in case.form.rows.select(["act", "answer", "answered_on", "reason"]).to_pylist():
        yield ActAnswer(
            submission=submission.id,
            act=re.sub(REVISION, "", act_meant(row["act"], known, words)),
            customer=submission.customer,
            answer=_answer(case, row["answer"]),
            answered_on=row["answered_on"],
            reason=row["reason"] or "",
            came_at=case.arrival.received_at,
            task=submission.task or "",
        )


def _answer(case: Case, choice: str) -> str:
    """Return what a choice of the form says: the first of them is a signature."""
    return SIGNED if choice == case.rule.column("answer").choices[0] else REFUSED
