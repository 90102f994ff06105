"""A proof of a form or a figure in one file: what came, what was decided, and the way of hashes to an anchor.

`proof_check.py` proves it on another machine, without the home.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker import __version__
from inbox_worker.core.files import read_small_file, sha256, whole
from inbox_worker.core.model import Submission
from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.explain import explain_fully
from inbox_worker.explain.page import render_page
from inbox_worker.explain.proof_files import Lack, PackedFiles
from inbox_worker.explain.tree import Explanation, every_step
from inbox_worker.ledger.acts import ASSIGN, ChainedAct, find_acts
from inbox_worker.ledger.decision_acts import DECIDE, tell_decision
from inbox_worker.month.office import Office
from inbox_worker.month.shared_anchors import find_anchors

KIND, IN_PART = "inbox-worker-proof-1", "inbox-worker-proof-2"  # a program that knows the first alone refuses the other
PROOF, CHAIN = "proof.json", "chain.jsonl"
_SUFFIXES = (".eml", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".zip", ".txt")
_PROVEN = ("close", "reopen")  # acts beside decisions that a figure rests on


def write_proof(office: Office, what: str, cell: str, target: Path, now: datetime) -> tuple[list[str], list[Lack], str]:
    """Write the proof of a number (`IW-000012-1`) or of a figure into a zip; return the forms that it proves, the
    files that it lacks (what was decided of them stands in the chain all the same) and its seal. Raises ExplainError
    for what cannot be explained or rests on no form."""
    found = explain_fully(office, what, cell, now.date())
    forms = list(_forms_of(office, what, found))
    if not forms:
        raise ExplainError(f"{what} {cell} {_why_unproven(what, cell)}".replace("  ", " "))
    pack = PackedFiles(office.home.path)
    proven, files = [_prove_form(office, form, pack) for form in forms], pack.files
    acts = find_acts(office.journal.database)
    cells = {step.cell for step in every_step(found.steps) if step.cell}
    payments = {f"{one.submission}/{one.sheet}/{one.row}" for one in cells}
    chain, anchor = _way_to_anchor(office, acts, [form.id for form in forms], payments, with_closes=bool(cell))
    proof: dict[str, Any] = {
        "kind": IN_PART if pack.lacking else KIND, "version": __version__, "made_at": now.isoformat(),
        "asked": [what, cell], "forms": proven, "lacking": [asdict(one) for one in pack.lacking], "anchor": anchor,
    }  # fmt: skip
    files[CHAIN] = "".join(json.dumps(act, ensure_ascii=False) + "\n" for act in chain).encode()
    files["explanation.json"] = json.dumps([step.as_json() for step in found.steps], ensure_ascii=False).encode()
    for language in ("ru", "kk"):
        own = replace(office, language=language)
        pages = explain_fully(own, what, cell, now.date())
        files[f"page-{language}.html"] = render_page(pages.steps, what, cell, own, now).encode()
        files[f"how-to-check-{language}.txt"] = own.say("prove.how").encode()
    proof["files"] = {name: sha256(data) for name, data in files.items()}
    proof["seal"] = seal_of(proof)
    files[PROOF] = json.dumps(proof, ensure_ascii=False, indent=1).encode()
    with whole(target.absolute()) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return [form.id for form in forms], pack.lacking, proof["seal"]


def seal_of(proof: Mapping[str, Any]) -> str:
    """Return the hash of all that a proof says of itself beside its seal."""
    said = {name: value for name, value in proof.items() if name != "seal"}
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode())


def _why_unproven(what: str, cell: str) -> str:
    if cell:
        return (
            "rests on no form of its own: it is a sum of lines, or nothing was told of it. Name a line's cell that "
            "`explain` leads to forms; the closing balance in the same row leads to all that was told of its line"
        )
    if Path(what).is_file():
        return "is a document: name the cell of a figure that `explain` leads to forms"
    return "holds no form"


def _forms_of(office: Office, what: str, found: Explanation) -> Iterator[Submission]:
    """Yield the forms that a figure rests on, or those of a number."""
    submissions = office.journal.submissions
    named = {step.cell.submission for step in every_step(found.steps) if step.cell}
    if not Path(what).is_file():
        number, _, ordinal = what.upper().removeprefix("IW-").partition("-")
        own = submissions.of_arrival(int(number))
        named = {form.id for form in own if ordinal in ("", str(form.ordinal))}
    for identifier in sorted(named):
        if form := submissions.get(identifier):
            yield form


def _prove_form(office: Office, form: Submission, pack: PackedFiles) -> dict[str, Any]:
    """Put what came, the facts and the letters about a form into the pack, and return what was decided."""
    home, arrival = office.home, office.journal.arrivals.get(form.arrival)
    suffix = Path(arrival.source).suffix.casefold()
    letter = f"letters/{arrival.id}{suffix if suffix in _SUFFIXES else '.bin'}"
    pack.take(form.id, letter, home.archive / arrival.raw, arrival.sha256)
    with office.journal.database.connect_for_queries() as connection:
        decided = tell_decision(connection, form.id)
    for path, digest, *_ in decided["files"]:
        pack.take(form.id, path, home.ledger / path, digest)
    if answer := office.journal.submissions.answer_hash(form.id):
        pack.take(form.id, f"answers/{form.id}.xlsx", home.archive / "answers" / f"{form.id}.xlsx", answer)
    if form.rules == office.rules.version:
        pack.files |= {f"rules/{path.relative_to(home.rules).as_posix()}": read_small_file(path)
                       for path in sorted(home.rules.rglob("*.y*ml"))}  # fmt: skip
    return {
        "form": form.id, "kind": form.form, "letter": letter, "letter_sha256": arrival.sha256,
        "received_at": arrival.received_at.isoformat(), "sender": arrival.sender, "rules": form.rules,
        "decided": decided,
        "letters_sent": list(_letters(office, form, pack)),
    }  # fmt: skip


def _letters(office: Office, form: Submission, pack: PackedFiles) -> Iterator[dict[str, Any]]:
    """Yield the answers to a letter, with what the mail server said of each."""
    for letter in office.journal.letters.all():
        if letter.arrival != form.arrival:
            continue
        if letter.path and letter.sha256:
            pack.take(form.id, f"answers/letter-{letter.id}.eml", office.home.archive / letter.path, letter.sha256)
        yield {"letter": letter.id, "to": letter.recipient, "state": letter.state.value, "sent_at": letter.sent_at,
               "server": letter.last_answer, "message_id": letter.message_id}  # fmt: skip


def _way_to_anchor(
    office: Office, acts: Sequence[ChainedAct], forms: Sequence[str], payments: Collection[str], with_closes: bool
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return the acts from the first that decided one of the forms, or by which staff assigned one of the payments, to
    the first anchor after them all, each with the hash of the act before it at the first; without such an anchor to the
    last act."""
    wanted = [act.number for act in acts if act.act == DECIDE and act.subject in forms]
    wanted += [act.number for act in acts if act.act == ASSIGN and act.subject in payments]
    if with_closes:
        wanted += [act.number for act in acts if act.act in _PROVEN]
    if not wanted:
        raise ExplainError("no act says what was decided of it: it is older than the chain of acts")
    first, last = min(wanted), max(wanted)
    anchor = next((one for one in find_anchors(office.home, acts) if one["number"] >= last), None)
    end = anchor["number"] if anchor else len(acts)
    chain = [dict(vars(act)) for act in acts if first <= act.number <= end]
    chain[0]["previous"] = next((act.hash for act in acts if act.number == first - 1), "")
    return chain, anchor
