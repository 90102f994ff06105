"""The answer to a submission as a letter in Russian and Kazakh: what was decided, why, and what to do now (4.3.2).

Words stand in templates/receipts/words.yaml, the look in receipt.html and receipt.txt beside it. Whatever a sender
wrote comes in as text on one line; in html it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, select_autoescape

from inbox_worker.calendar import to_almaty
from inbox_worker.config import shipped
from inbox_worker.documents.letter import one_line
from inbox_worker.form_rules import Words
from inbox_worker.mistakes import Mistake
from inbox_worker.model import Arrival, Operator, Outcome, Period, Severity, Submission, WordedFinding
from inbox_worker.rules import RulesError, read_yaml
from inbox_worker.shapes import fill
from inbox_worker.text_conflicts import text_conflicts
from inbox_worker.yaml_files import read_document

LANGUAGES = ("ru", "kk")
_LONGEST = 500  # signs of a sender's or finding's text in the letter; the marked workbook has it whole
_WEIGHTS = list(Severity)
_LOOKS = {
    Outcome.ACCEPTED: "good", Outcome.DEFERRED: "wait", Outcome.HELD: "wait", Outcome.DUPLICATE: "good",
    Outcome.FAILED: "wait",
}  # fmt: skip
_MONTHS = {"ru": "LLLL y", "kk": "y 'жылғы' LLLL"}
_WAITS = {"confirmation": "held_confirmation", "task": "held_task"}
Book = Literal["", "marked", "listed", "marked_too_large"]


class ReceiptProblem(Exception):
    """The words or templates of receipts cannot be used; the text says which file and what is wrong with it."""

    def __init__(self, folder: Path, problem: object) -> None:
        copy = f"cp -R {shipped('templates')}/receipts/. {folder}"
        super().__init__(f"{folder}: {problem}; mend it, or take the shipped files: `{copy}`")


@dataclass(frozen=True)
class FormAnswer:
    """One form of the letter that is answered. `title` is None when the file is none of our forms; `customer` its
    Customer as the sender may see it; `first` the submission that a duplicate repeats; `book` what kind of workbook
    goes along as the file `book_name`."""

    submission: Submission
    title: Words | None
    customer: str
    findings: Sequence[WordedFinding]
    first: Submission | None = None
    book: Book = ""
    book_name: str = ""


@dataclass(frozen=True)
class Receipt:
    """Everything that the answer to one arrival says. `listed`: how many findings a form are told in full; `task`: the
    number of the task that a letter without a form made."""

    arrival: Arrival
    forms: Sequence[FormAnswer]
    findings: Sequence[WordedFinding]
    operator: Operator
    mailbox: str
    listed: int
    task: str = ""


def render_receipt(receipt: Receipt, folder: Path) -> tuple[str, str]:
    """Text and html of the letter. The same receipt gives the same letter. Raises ReceiptProblem."""
    environment = _environment(folder)
    try:
        words = _words(folder / "words.yaml", (folder / "words.yaml").stat().st_mtime_ns)
        pages = [_page(receipt, _Speaker(words, language)) for language in LANGUAGES]
        text, html = (environment.get_template(f"receipt.{kind}").render(languages=pages) for kind in ("txt", "html"))
    except KeyError as error:
        raise ReceiptProblem(folder, f"the words or names in braces {error} are missing in words.yaml") from error
    except TemplateNotFound as error:
        raise ReceiptProblem(folder, f"{error.name} is not there or cannot be read") from error
    except (RulesError, TemplateError, ValueError, AttributeError, IndexError, OSError) as error:
        raise ReceiptProblem(folder, f"{type(error).__name__}: {error}") from error
    return text, html


def words_mistakes(folder: Path) -> list[Mistake]:
    """What is wrong in words.yaml beside the words that travel with the program: codes and names in braces."""
    document = read_document(folder / "words.yaml")
    filled, mistakes = fill(document, Mapping[str, Words])
    theirs, _ = fill(read_document(shipped("templates") / "receipts" / "words.yaml"), Mapping[str, Words])
    if filled is None or theirs is None:
        return mistakes
    own, known_texts = ({code: both.model_dump() for code, both in words.items()} for words in (filled, theirs))
    return list(text_conflicts(document, own, known_texts))


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    """Templates compiled once; one that staff change is compiled again."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=4)
def _words(file: Path, changed: int) -> Mapping[str, Words]:
    """The words, read again when the file has changed; one that a home made earlier has not yet is the shipped one."""
    ours = read_yaml(shipped("templates") / "receipts" / "words.yaml")
    return {code: Words.model_validate(both) for code, both in {**ours, **read_yaml(file)}.items()}


class _Speaker:
    """Words of one language, names in braces filled in."""

    def __init__(self, words: Mapping[str, Words], language: str) -> None:
        self._words = words
        self.language = language

    def __call__(self, code: str, language: str = "", **facts: object) -> str:
        return str(getattr(self._words[code], language or self.language)).format(**facts)

    def month(self, month: Period) -> str:
        """`сентябрь 2026`, `2026 жылғы қыркүйек`."""
        return format_date(month.first_day, _MONTHS[self.language], locale=self.language).lower()

    def of(self, words: Words) -> str:
        return str(getattr(words, self.language))


def _page(receipt: Receipt, say: _Speaker) -> dict[str, Any]:
    arrival, operator = receipt.arrival, receipt.operator
    other = next(code for code in LANGUAGES if code != say.language)
    asked = any(map(_asks, receipt.findings))
    forms = [_form(answer, say, receipt.listed, asked) for answer in receipt.forms]
    if receipt.findings or not forms or _is_failed(arrival):
        forms.append(_whole(receipt, say))
    name = operator.name if say.language == "ru" else operator.name_kk
    return {
        "code": say.language,
        "title": say("letter", number=arrival.id),
        "other_language": say("other_language", other),
        "greeting": say("greeting"),
        "opening": say("opening", when=f"{to_almaty(arrival.received_at):%d.%m.%Y %H:%M:%S}", number=arrival.id),
        "forms": forms,
        "findings_title": say("findings"),
        "remedy": say("remedy"),
        "closing": say("closing"),
        "signature": [_short(line) for line in (name, operator.address, receipt.mailbox) if line],
    }


def _form(answer: FormAnswer, say: _Speaker, most: int, asked: bool) -> dict[str, Any]:
    """What is said of one form. `asked`: the letter itself has findings that ask its sender to do something."""
    submission = answer.submission
    told = answer.first or submission
    heading = "form" if answer.title else "no_form"
    title = say.of(answer.title) if answer.title else ""
    how = []
    partly = any(finding.severity is Severity.ERROR for finding in answer.findings)
    if answer.first:
        how.append(_verdict(answer.first, say, partly, _late_by_documents(answer)))
    asked = asked or any(map(_asks, answer.findings))
    how += [say(_how_code(code, asked), number=submission.id) for code in _codes(submission)]
    findings, more = _findings(answer.findings, say, most)
    after = [say("more_findings", count=more)] if more else []
    if answer.book:
        after.append(say(_book_words(answer, told, partly), file=answer.book_name, number=told.id))
    return {
        "look": _LOOKS.get(submission.outcome, "bad"),
        "heading": say(heading, title=title, number=submission.id),
        "verdict": say("duplicate", first=answer.first.id)
        if answer.first
        else _verdict(submission, say, partly, _late_by_documents(answer)),
        "how": how,
        "facts": _facts(answer, told, say),
        "findings": findings,
        "after": after,
    }


def _asks(finding: WordedFinding) -> bool:
    """Whether a finding asks the sender to do something: then no sentence says that there is nothing to do."""
    return finding.severity is not Severity.INFO


def _how_code(code: str, asked: bool) -> str:
    return "held_task_meanwhile_how" if code == "held_task" and asked else f"{code}_how"


def _book_words(answer: FormAnswer, told: Submission, partly: bool) -> str:
    """What to do with the workbook that goes along: mend it only where something is to be mended."""
    if answer.book == "marked_too_large":
        return answer.book
    if answer.first:
        return "marked_again"
    return answer.book if partly or told.outcome is Outcome.REJECTED else "noted"


def _late_by_documents(answer: FormAnswer) -> bool:
    """Whether the form came in time and only its documents did not."""
    codes = {finding.code for finding in answer.findings}
    return "documents.late" in codes and "deadline.missed" not in codes


def _verdict(submission: Submission, say: _Speaker, partly: bool, late_by_documents: bool) -> str:
    """The decision in a sentence; `partly`: some rows were not taken (policy `rows`)."""
    outcome = submission.outcome
    if outcome is Outcome.DUPLICATE:
        return say("duplicate", first=submission.duplicate_of)
    if outcome is Outcome.HELD:
        codes = _codes(submission)
        return say("held_both" if len(codes) > 1 else codes[0])
    if _only_recorded(submission):
        return say("accepted_confirmed")
    if not outcome.posted or submission.month is None:
        return say("accepted_register" if outcome.posted else outcome.value)
    month = say.month(submission.month)
    if outcome is Outcome.ACCEPTED and partly:
        return say("accepted_partly", month=month, posted=submission.rows_posted, read=submission.rows_read)
    if outcome is Outcome.DEFERRED and late_by_documents:
        return say("deferred_documents", month=month)
    return say(outcome.value, month=month)


def _codes(submission: Submission) -> list[str]:
    """The words that say what a held form waits for, or what to do with a rejected one."""
    if submission.outcome is Outcome.REJECTED:
        return [submission.outcome.value]
    if submission.outcome is not Outcome.HELD:
        return []
    documents = "held" if submission.month else "held_documents"
    return [_WAITS.get(what, documents) for what in submission.held_for.split() or ["documents"]]


def _only_recorded(submission: Submission) -> bool:
    """Whether its effect is still a person's to bring about: nothing is said to be counted (law 7)."""
    return submission.outcome.posted and submission.month is None and bool(submission.confirmed)


def _facts(answer: FormAnswer, told: Submission, say: _Speaker) -> list[tuple[str, str]]:
    """What is worth knowing at a glance, label by label."""
    facts = [(say("file"), _short(answer.submission.attachment))]
    if answer.customer:
        facts.append((say("customer"), _short(answer.customer)))
    if told.month and told.outcome is not Outcome.REJECTED:
        month = f"{say.month(told.month)} ({told.month.form_text})"
        documents = told.outcome is Outcome.HELD and "documents" in told.held_for
        facts.append((say("month"), say("held_month", month=month) if documents else month))
    if answer.title and not _only_recorded(told):
        facts.append((say("rows"), say("rows_counted", read=told.rows_read, posted=told.rows_posted)))
    if told.outcome.posted and not _only_recorded(told):
        facts.append((say("changes"), say("changes_counted", **vars(told.changes))))
    if told.task and told.outcome is Outcome.HELD:
        facts.append((say("task"), told.task))
    if told.documents and told.outcome is not Outcome.REJECTED:
        facts.append((say("proof"), _short(told.documents)))
    return facts


def _whole(receipt: Receipt, say: _Speaker) -> dict[str, Any]:
    """What is said about the letter itself: why it went no further, or what was odd about it."""
    outcome = receipt.arrival.outcome
    alone = not receipt.forms
    held = alone and outcome is Outcome.HELD
    unread = any(finding.severity is Severity.WARNING for finding in receipt.findings)
    findings, more = _findings(receipt.findings, say, receipt.listed)
    untaken = Outcome.REJECTED if outcome is Outcome.IGNORED else outcome  # nothing was counted, to the sender the same
    verdict = say(untaken.value) if alone and untaken in (Outcome.REJECTED, Outcome.QUARANTINED) else ""
    if _is_failed(receipt.arrival):
        verdict = say(Outcome.FAILED.value)
    return {
        "look": "wait" if held else _LOOKS.get(outcome, "bad") if verdict and outcome else "",
        "heading": say("whole_letter"),
        "verdict": say("held_unread" if unread else "held_task") if held else verdict,
        "how": [say("held_letter_how", number=receipt.arrival.id)] if held else [],
        "facts": [(say("task"), receipt.task)] if held and receipt.task else [],
        "findings": findings,
        "after": [say("more_findings", count=more)] if more else [],
    }


def _is_failed(arrival: Arrival) -> bool:
    """Whether a decision is missing by a fault of ours; it may just be tried again."""
    return arrival.outcome in (Outcome.FAILED, None)


def _findings(findings: Sequence[WordedFinding], say: _Speaker, most: int) -> tuple[list[dict[str, str]], int]:
    """The weightiest in words, and how many more there are."""
    ordered = sorted(findings, key=lambda finding: _WEIGHTS.index(finding.severity))
    return [_finding(finding, say) for finding in ordered[:most]], max(len(ordered) - most, 0)


def _finding(finding: WordedFinding, say: _Speaker) -> dict[str, str]:
    sheet = [say("sheet", sheet=_short(finding.sheet))] if finding.sheet else []
    cell = [say("cell", cell=_short(finding.cell))] if finding.cell else []
    russian = say.language == "ru"
    return {
        "weight": say(finding.severity.value),
        "place": ", ".join(sheet + cell),
        "message": _short(finding.message if russian else finding.message_kk),
        "remedy": _short(finding.remedy if russian else finding.remedy_kk),
        "clause": say("clause", clause=finding.clause) if finding.clause else "",
    }


def _short(text: str) -> str:
    """Somebody's text on one line, not endlessly long."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
