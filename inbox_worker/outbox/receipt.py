"""The answer to a submission as a letter in Russian and Kazakh: what was decided, why, and what to do now (4.3.2).

Words stand in templates/receipts/words.yaml, the look in receipt.html and receipt.txt beside it. Whatever a sender
wrote comes in as text on one line; in html it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from jinja2 import TemplateError, TemplateNotFound

from inbox_worker.core.model import Arrival, Outcome, Period, Severity, Submission, WordedFinding
from inbox_worker.core.rendered import Operator
from inbox_worker.core.time import to_almaty
from inbox_worker.outbox.receipt_findings import asks, describe_findings, shorten, tell_once
from inbox_worker.outbox.receipt_words import ReceiptProblem, Speaker, receipt_template, receipt_words
from inbox_worker.receiving.letter_language import LANGUAGES
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import RulesError

_LOOKS = {
    Outcome.ACCEPTED: "good", Outcome.DEFERRED: "wait", Outcome.HELD: "wait", Outcome.DUPLICATE: "good",
    Outcome.FAILED: "wait",
}  # fmt: skip
_IN_STEPS = ("marked", "listed")
_NUMBER = re.compile(r"\bIW-\d+-\d+\b")
_ABOUT_FORMS = frozenset(("documents.against", "documents.taken_back"))  # of documents that were opened
_IN_TEXT = "message.form_in_text"
_WAITS = {"confirmation": "held_confirmation", "task": "held_task"}
Book = Literal["", "marked", "listed", "marked_too_large"]


@dataclass(frozen=True)
class FormAnswer:
    """One form of the letter that is answered. `title` is None when the file is none of our forms; `customer` its
    Customer as the sender may see it; `first` the submission that a duplicate repeats; `book` what kind of workbook
    goes along as the file `book_name`; `address` where the form is to be sent; `until` the last moment at which the
    mended form still counts in `month` (None of a form that counts in none, and when it has passed)."""

    submission: Submission
    title: Bilingual | None
    customer: str
    findings: Sequence[WordedFinding]
    first: Submission | None = None
    book: Book = ""
    book_name: str = ""
    address: str = ""
    until: datetime | None = None
    month: Period | None = None


@dataclass(frozen=True)
class Receipt:
    """Everything that the answer to one arrival says. `listed`: how many findings a form are told in full; `task`: the
    number of the task that a letter without a form made; `notice`: its reader did not send the letter; `languages`:
    the sender's own first."""

    arrival: Arrival
    forms: Sequence[FormAnswer]
    findings: Sequence[WordedFinding]
    operator: Operator
    mailbox: str
    listed: int
    task: str | None = None
    notice: bool = False
    languages: Sequence[str] = LANGUAGES


def render_receipt(receipt: Receipt, folder: Path) -> tuple[str, str]:
    """Render text and html of the letter. The same receipt gives the same letter. Raises ReceiptProblem."""
    try:
        words = receipt_words(folder / "words.yaml", (folder / "words.yaml").stat().st_mtime_ns)
        pages = [_page(receipt, Speaker(words, language)) for language in receipt.languages]
        text, html = (receipt_template(folder, f"receipt.{kind}").render(languages=pages) for kind in ("txt", "html"))
    except KeyError as error:
        raise ReceiptProblem(folder, f"the words or names in braces {error} are missing in words.yaml") from error
    except TemplateNotFound as error:
        raise ReceiptProblem(folder, f"{error.name} is not there or cannot be read") from error
    except (RulesError, TemplateError, ValueError, AttributeError, IndexError, OSError) as error:
        raise ReceiptProblem(folder, f"{type(error).__name__}: {error}") from error
    return text, html


def _page(receipt: Receipt, say: Speaker) -> dict[str, Any]:
    arrival, operator = receipt.arrival, receipt.operator
    other = next(code for code in LANGUAGES if code != say.language)
    asked = any(map(asks, receipt.findings))
    answers = map(_with_findings, receipt.forms, tell_once([answer.findings for answer in receipt.forms]))
    forms = [_form(answer, say, receipt.listed, asked) for answer in answers]
    if receipt.findings or not forms or _is_failed(arrival):
        forms.append(_whole(receipt, say))
    name = operator.name if say.language == "ru" else operator.name_kk
    first = forms[0]
    return {
        "code": say.language,
        "title": say("letter", number=arrival.id),
        "preview": " ".join(filter(None, (first["verdict"], *first["how"][:1]))),
        "other_language": say("other_language", other),
        "greeting": say("greeting"),
        "notice": receipt.notice,
        "opening": say(
            "notice_opening" if receipt.notice else "opening",
            when=f"{to_almaty(arrival.received_at):%d.%m.%Y %H:%M:%S}",
            number=arrival.id,
            **({"sender": shorten(arrival.sender or "—")} if receipt.notice else {}),
        ),
        "forms": forms,
        "findings_title": say("findings"),
        "remedy": say("remedy"),
        "closing": say("closing"),
        "signature": [shorten(line) for line in (name, operator.address, receipt.mailbox) if line],
    }


def _with_findings(answer: FormAnswer, findings: Sequence[WordedFinding]) -> FormAnswer:
    return replace(answer, findings=findings)


def _form(answer: FormAnswer, say: Speaker, most: int, asked: bool) -> dict[str, Any]:
    """What is said of one form. `asked`: the letter itself has findings that ask its sender to do something."""
    submission = answer.submission
    overtaken = any(finding.code == "submission.overtaken" for finding in answer.findings)
    first = None if overtaken else answer.first  # else its first answer is not true any more
    shown = first or submission
    heading = "form" if answer.title else "no_form"
    title = say.of(answer.title) if answer.title else ""
    how = []
    partly = any(finding.severity is Severity.ERROR for finding in answer.findings)
    if first:
        how.append(_verdict(first, say, partly, answer.findings))
    asked = asked or any(map(asks, answer.findings))
    how += [say(_how_code(code, asked), number=submission.id) for code in _codes(submission)]
    if submission.outcome is Outcome.REJECTED and answer.title:
        how = _steps(answer, say)
    findings, more = describe_findings(answer.findings, say, most)
    after = [say("more_findings", count=more)] if more else []
    if answer.book and not (submission.outcome is Outcome.REJECTED and answer.title and answer.book in _IN_STEPS):
        after.append(say(_book_words(answer, shown, partly), file=answer.book_name, number=shown.id))
    return {
        "look": "wait" if overtaken else _LOOKS.get(submission.outcome, "bad"),
        "heading": say(heading, title=title, number=submission.id),
        "verdict": say("duplicate_overtaken" if overtaken else "duplicate", first=answer.first.id)
        if answer.first
        else _verdict(submission, say, partly, answer.findings),
        "how": how,
        "facts": _facts(answer, shown, say),
        "findings": findings,
        "after": after,
    }


def _steps(answer: FormAnswer, say: Speaker) -> list[str]:
    """By when the mended form must be here, and the three steps to it."""
    errors = sum(finding.severity is Severity.ERROR for finding in answer.findings)
    if answer.until and answer.month:
        until, month = f"{answer.until:%d.%m.%Y, %H:%M}", say.month(answer.month)
        lines = [say("rejected_until", until=until, month=month, errors=errors)]
    else:
        lines = [say("rejected_how")]
    first = f"step_{answer.book}" if answer.book in _IN_STEPS else "step_mend"
    lines.append(say(first, file=answer.book_name))
    return [*lines, *([say("step_send", address=answer.address)] if answer.address else [])]


def _how_code(code: str, asked: bool) -> str:
    return "held_task_meanwhile_how" if code == "held_task" and asked else f"{code}_how"


def _book_words(answer: FormAnswer, shown: Submission, partly: bool) -> str:
    """What to do with the workbook that goes along: mend it only where something is to be mended."""
    if answer.book == "marked_too_large":
        return answer.book
    if answer.first:
        return "marked_again"
    return answer.book if partly or shown.outcome is Outcome.REJECTED else "noted"


def _late_by_documents(findings: Sequence[WordedFinding]) -> bool:
    """Tell whether the form came in time and only its documents did not."""
    codes = {finding.code for finding in findings}
    return "documents.late" in codes and "deadline.missed" not in codes


def _verdict(submission: Submission, say: Speaker, partly: bool, findings: Sequence[WordedFinding]) -> str:
    """The decision in a sentence; `partly`: some rows were not taken (policy `rows`)."""
    outcome = submission.outcome
    if outcome is Outcome.DUPLICATE:
        return say("duplicate", first=submission.duplicate_of)
    if outcome is Outcome.HELD:
        codes = _codes(submission)
        return say("held_both" if len(codes) > 1 else codes[0])
    if submission.outcome.posted and (changed := _word_change(findings)):
        return say(changed)
    counted = submission.rows_posted + submission.changes.unchanged
    if outcome.posted and counted and not submission.rows_posted and not partly:
        return say("accepted_already", by=_known_by(findings))
    if not outcome.posted or submission.month is None:
        return say("accepted_register" if outcome.posted else outcome.value)
    month = say.month(submission.month)
    if outcome is Outcome.ACCEPTED and partly:
        return say("accepted_partly", month=month, posted=counted, read=submission.rows_read)
    if outcome is Outcome.DEFERRED and _late_by_documents(findings):
        return say("deferred_documents", month=month)
    return say(outcome.value, month=month)


_UNCHANGED = ("row.unchanged", "register.reversal_same")


def _known_by(findings: Sequence[WordedFinding]) -> str:
    """The submissions that the rows without a change already count by, as the findings name them."""
    numbers = (_NUMBER.search(finding.message) for finding in findings if finding.code in _UNCHANGED)
    return ", ".join(dict.fromkeys(number[0] for number in numbers if number)) or "—"


def _codes(submission: Submission) -> list[str]:
    """The words that say what a held form waits for, or what to do with a rejected one."""
    if submission.outcome is Outcome.REJECTED:
        return [submission.outcome.value]
    if submission.outcome is not Outcome.HELD:
        return []
    documents = "held" if submission.month else "held_documents"
    return [_WAITS.get(what, documents) for what in submission.held_for or ["documents"]]


def _word_change(findings: Sequence[WordedFinding]) -> str:
    """The words for a form that changes the register: it acts, in part, or its effect is still a person's to bring
    about; then nothing is said to be counted (law 7). '' for any other."""
    codes = {finding.code for finding in findings}
    if "register.by_hand" in codes:
        return "accepted_partly_changed" if "register.changed" in codes else "accepted_confirmed"
    return "accepted_changed" if "register.changed" in codes else ""


def _facts(answer: FormAnswer, shown: Submission, say: Speaker) -> list[tuple[str, str]]:
    """What is worth knowing at a glance, label by label."""
    facts = [(say("file"), shorten(answer.submission.attachment))]
    if answer.customer:
        facts.append((say("customer"), shorten(answer.customer)))
    if shown.month and shown.outcome not in (Outcome.REJECTED, Outcome.DUPLICATE):
        month = f"{say.month(shown.month)} ({shown.month.form_text})"
        documents = shown.outcome is Outcome.HELD and "documents" in shown.held_for
        facts.append((say("month"), say("held_month", month=month) if documents else month))
    if answer.title and not _word_change(answer.findings):
        facts.append((say("rows"), say("rows_counted", read=shown.rows_read, posted=shown.rows_posted)))
    if shown.outcome.posted and not _word_change(answer.findings):
        facts.append((say("changes"), say("changes_counted", **vars(shown.changes))))
    if shown.task and shown.outcome is Outcome.HELD:
        facts.append((say("task"), shown.task))
    if shown.documents and shown.outcome is not Outcome.REJECTED:
        facts.append((say("proof"), shorten(shown.documents)))
    return facts


def _whole(receipt: Receipt, say: Speaker) -> dict[str, Any]:
    """What is said about the letter itself: why it went no further, or what was odd about it."""
    outcome = receipt.arrival.outcome
    alone = not receipt.forms
    held = alone and outcome is Outcome.HELD
    warned = {finding.code for finding in receipt.findings if finding.severity is Severity.WARNING} - _ABOUT_FORMS
    waits = "held_in_text" if warned == {_IN_TEXT} else "held_unread" if warned else "held_task"
    findings, more = describe_findings(receipt.findings, say, receipt.listed)
    untaken = Outcome.REJECTED if outcome is Outcome.IGNORED else outcome  # nothing was counted, to the sender the same
    verdict = say(untaken.value) if alone and untaken in (Outcome.REJECTED, Outcome.QUARANTINED) else ""
    if _is_failed(receipt.arrival):
        verdict = say(Outcome.FAILED.value)
    return {
        "look": "wait" if held else _LOOKS.get(outcome, "bad") if verdict and outcome else "",
        "heading": say("whole_letter"),
        "verdict": say(waits) if held else verdict,
        "how": [say("held_letter_how", number=receipt.arrival.id)] if held else [],
        "facts": [(say("task"), receipt.task)] if held and receipt.task else [],
        "findings": findings,
        "after": [say("more_findings", count=more)] if more else [],
    }


def _is_failed(arrival: Arrival) -> bool:
    """Tell whether a decision is missing by a fault of ours; it may just be tried again."""
    return arrival.outcome in (Outcome.FAILED, None)
