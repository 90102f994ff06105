"""Forms that a number names, or that a letter is about: held ones and what they wait for (4.3.2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inbox_worker.core.addresses import is_same_address
from inbox_worker.core.identifiers import NUMBER
from inbox_worker.core.model import Arrival, Outcome, Submission
from inbox_worker.deciding.held_for import CONFIRMATION, DOCUMENTS, TASK
from inbox_worker.deciding.letter_words import NAMED, own_text, says_any, split_sentences
from inbox_worker.ledger.journal import Journal
from inbox_worker.ledger.tasks import LETTER, Task
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import Opened, open_again
from inbox_worker.receiving.store import raw_of
from inbox_worker.settings.task_rules import TaskRule

_AWAITED = {DOCUMENTS: "the documents", CONFIRMATION: "a confirmation", TASK: "a person's work"}
_COMMANDS = {
    DOCUMENTS: "release {id} --documents TEXT",
    CONFIRMATION: "confirm {id} --by TEXT",
    TASK: "tasks done {task} --note TEXT",
}


def held_by_number(journal: Journal, identifier: str, what: str = DOCUMENTS) -> list[Submission]:
    """Find held submissions that a number names and that wait for `what`: one form (`IW-000012-1`) or all of an arrival
    (`IW-000012`); for a confirmation, the number of their task (`T-000001`) names them, too."""
    return [submission for submission in _find_numbered(journal, identifier) if submission.waits_for(what)]


def _find_numbered(journal: Journal, identifier: str) -> list[Submission]:
    """The forms that a number of a form, of a letter or of a task names."""
    task = journal.tasks.find(identifier) if identifier.strip().upper().startswith("T-") else None
    found = NUMBER.fullmatch(task.about if task else identifier.strip())
    of_letter = journal.submissions.of_arrival(int(found[1])) if found else []
    return [one for one in of_letter if found and found[2] in (None, str(one.ordinal))]


def why_not(journal: Journal, identifier: str, what: str) -> str:
    """Return why a number names nothing that waits for `what`, and which command is right."""
    for other, command in _COMMANDS.items():
        found = held_by_number(journal, identifier, other)
        if found and other != what:
            waiting = found[0]
            text = f"{waiting.id} waits for {_AWAITED[other]}, not for {_AWAITED[what]}"
            return f"{text}: `{command.format(id=waiting.id, task=waiting.task)}`"
    for replaced in _find_numbered(journal, identifier):
        if replaced.outcome is Outcome.HELD and replaced.replaced_by:
            return f"{replaced.id} is replaced by {replaced.replaced_by} and waits for nothing any more"
    return f"{identifier} names no submission that is held; `ingest --json` and `tasks list` show the numbers"


def documents_for(journal: Journal, references: Sequence[str], text: str, words: TaskRule) -> list[Submission]:
    """Find held submissions that a letter's documents are for; not those of which it says that theirs come later, or
    never: a person reads that."""
    waiting = [one for one in spoken_of(journal, references, text) if one.waits_for(DOCUMENTS)]
    named, without, all_others = set[str](), set[str](), False
    for sentence in split_sentences(own_text(text)):
        those = {one.id for one in spoken_of(journal, (), sentence)}
        if says_any(sentence, words.no_documents) and not says_any(sentence, words.originals):
            without |= those
            all_others |= not those
        else:
            named |= those
    return [one for one in waiting if one.id not in without and (one.id in named or not all_others)]


def speaks_against(journal: Journal, text: str, words: TaskRule) -> bool:
    """Tell whether a letter with documents may want the opposite of what documents do: it takes a form back, denies it
    or asks, and does not merely say what it brings. A person reads that. `text`: its subject, a line, and its words."""
    subject, _, said = own_text(text).partition("\n")
    for sentence in (subject, *split_sentences(said)):
        of_documents = says_any(sentence, words.brings) and not says_any(sentence, words.of_forms)
        takes_back = says_any(sentence, (*words.takes_back, *words.withholds, *words.not_to_count))
        if takes_back and (not of_documents or spoken_of(journal, (), sentence)):
            return True
        if not of_documents and says_any(sentence, words.denies):
            return True
        if "?" in sentence and not says_any(sentence, words.brings):
            return True
    return False


def spoken_of(journal: Journal, references: Sequence[str], text: str) -> list[Submission]:
    """Find the forms that a letter is about: it replies to theirs, to our answer, or names a number of theirs."""
    found = [form for number in replied_to(journal, references) for form in journal.submissions.of_arrival(number)]
    for named in dict.fromkeys(named[0].upper() for named in NAMED.finditer(text)):
        found += _find_numbered(journal, named)
    return list({submission.id: submission for submission in found}.values())


def replied_to(journal: Journal, references: Sequence[str]) -> list[int]:
    """Find the arrivals that a letter replies to: theirs, or our answer to one."""
    arrivals = [arrival.number for arrival in journal.arrivals.with_message_ids(references)]
    return list(dict.fromkeys([*arrivals, *journal.letters.arrivals_answered_by(references)]))


def taken_back_by(office: Office, held: Submission) -> Task | None:
    """Return the task of the open letter that takes a held form back, None when there is none."""
    journal, words = office.journal, office.rules.tasks.letter.takes_back
    for task in journal.tasks.replies_about(held.id):
        letter = journal.arrivals.get(task.arrival)
        if says_any(open_again(letter, raw_of(office.home.archive, letter)).text, words):
            return task
    return None


def find_taken_back(
    office: Office,
    arrival: Arrival,
    opened: Opened,
    own: Sequence[str],
    replaced: Collection[tuple[int, int | None]] = (),
) -> str:
    """Return the number of the earlier form of these Customers that a letter's words take back; '' when they take back
    none. `replaced`: numbers that a form of the letter replaces, which need no person."""
    if not says_any(opened.text, office.rules.tasks.letter.takes_back):
        return ""
    forms = spoken_of(office.journal, opened.references, own_text(opened.text))
    return next(
        (
            form.id
            for form in forms
            if form.customer in own and form.arrival != arrival.number
            and not {(form.arrival, form.ordinal), (form.arrival, None)} & set(replaced)
            and not form.replaced_by and (form.outcome.posted or form.outcome is Outcome.HELD)
        ),
        "",
    )  # fmt: skip


def open_matter(office: Office, opened: Opened, own: Sequence[str]) -> tuple[str, str]:
    """Return the number of what a letter is about if that is still open (a held form, a task), and whose it is.

    Asked of the Customers `own` of its sender, and of the address that we wrote to, for a reply to what we wrote there.
    """
    journal, tasks = office.journal, office.journal.tasks.open()
    written = journal.letters.with_message_ids(opened.references)
    ours = {one.arrival for one in written if opened.sender and is_same_address(one.recipient, opened.sender)}
    named = [int(number[1]) for number in NUMBER.finditer(opened.text)]
    for number in dict.fromkeys([*replied_to(journal, opened.references), *named]):
        letter = next((t for t in tasks if t.kind == LETTER and t.arrival == number), None)
        if letter and (number in ours or set(letter.customer.split("; ")) & set(own)):
            return letter.source, letter.customer
    waiting = {task.submission for task in tasks}
    found = [
        form
        for form in spoken_of(journal, opened.references, opened.text)
        if (form.customer in own or form.arrival in ours)
        and (
            form.id in waiting
            or form.waits_for(DOCUMENTS)
            or form.waits_for(CONFIRMATION)
            or (form.outcome.posted and form.form and office.rules.forms[form.form].in_register)  # "it was not us"
        )
    ]
    if not found:
        return "", ""
    first = found[0]
    alone = len({form.id for form in found if form.arrival == first.arrival}) == 1
    return first.id if alone else f"IW-{first.arrival:06d}", first.customer
