"""Raw bytes -> what an arrival holds: its sender, its forms, its supporting documents, or why it goes no further."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from inbox_worker.core.addresses import canonical_address
from inbox_worker.core.errors import JobError
from inbox_worker.core.files import sha256
from inbox_worker.core.model import Arrival, Attachment, Customer, Finding, Outcome, Submission
from inbox_worker.ledger.banks import Bank
from inbox_worker.receiving.attached import is_any, is_program, is_text, take_apart
from inbox_worker.receiving.authentication import authenticate
from inbox_worker.receiving.decoding import clean
from inbox_worker.receiving.letter import Message
from inbox_worker.receiving.message import parse_message
from inbox_worker.receiving.screening import is_of_robot, over_limit, screen, too_large
from inbox_worker.receiving.virus_scan import find_virus
from inbox_worker.settings.config import BANKS, ScannerConfig
from inbox_worker.settings.home import Home
from inbox_worker.settings.office_rules import Limits
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.preflight import Unreadable, unzip
from inbox_worker.workbooks.sniff import Kind, is_damaged_zip, is_workbook_candidate, sniff

# A letter with nothing but these did bring a file, which we cannot read: its sender must hear that.
_HIDING = ("attachment.enciphered", "message.partial")
LOAD = "load"  # the operator's own registers, handed in by staff


class ArchiveDamaged(JobError):
    """The archive does not hold what the journal says: a fault of ours; the text names the file."""


@dataclass(frozen=True)
class Opened:
    """An arrival's content. `verdict` is set when it ends before any form is read (then `findings` says why); HELD,
    when a program sent it and it may hold a form (deciding/robot_letters.py). `sender` is '' for a workbook handed in
    by staff. `forms` are files that claim to be workbooks, in order; `documents` the other attachments (pictures inside
    the letter's text, signatures, calling cards and empty files are not documents).
    """

    sender: str
    message_id: str
    references: tuple[str, ...]
    text: str
    forms: tuple[Attachment, ...]
    documents: tuple[Attachment, ...]
    findings: tuple[Finding, ...] = ()
    verdict: Outcome | None = None
    proven: bool = False  # our mail server vouches for the sender, or staff do
    bank: str = ""  # БИК of the bank whose registered address the sender has
    rows: tuple[tuple[str, ...], ...] = ()  # of a table in its text


def open_arrival(
    arrival: Arrival,
    raw: bytes,
    home: Home,
    rules: Rules,
    customers: Mapping[str, Customer],
    *,
    fetched: bool = False,
    banks: Callable[[], Mapping[str, Bank]] = dict,
) -> Opened:
    """Read the bytes of an e-mail or of a dropped file; never fail for what a sender sent.

    `fetched`: the letter came out of a mailbox, where our mail server must have said who sent it (`authserv_id`).
    `banks`: the register of banks, asked when no Customer has the sender's address.
    A virus scanner is asked before the arrival has its outcome, not when it is looked at again. Raises ScannerError
    (ours) when it gives no verdict.
    """
    message, is_letter = message_of(arrival.source, raw), _is_letter(arrival.source)
    if is_letter and arrival.oversize:
        message = replace(message, findings=())  # a head alone is not damaged
    stops = _screen_letter(message, arrival, home, fetched) if is_letter else []
    sender = arrival.stated_sender.casefold() or next(iter(message.senders), "")
    ignored = tuple(finding for outcome, finding in stops if outcome is Outcome.IGNORED)
    unheard = _make_opened(message, sender, (), (), ignored, Outcome.IGNORED)
    if ignored and (len(ignored) < len(stops) or not is_of_robot(ignored)):
        return unheard
    known = not sender or bool(customers_for(arrival, sender, customers))
    bank = "" if known else _bank_of(sender, banks())
    opened = _open_heard(arrival, message, sender, [] if ignored else stops, home, rules, known=known, bank=bank)
    return _as_robots(opened, unheard) if ignored else opened


def _open_heard(
    arrival: Arrival,
    message: Message,
    sender: str,
    stops: list[tuple[Outcome, Finding]],
    home: Home,
    rules: Rules,
    *,
    known: bool,
    bank: str,
) -> Opened:
    if not (known or bank):
        stops.append((Outcome.QUARANTINED, Finding("sender.unknown", value=sender)))
    if size := _too_large(message, arrival, rules.limits.attachments_total):
        stops.append((Outcome.REJECTED, size))
    if stops:
        worst = Outcome.worst([outcome for outcome, _ in stops])
        return _make_opened(message, sender, (), (), tuple(f for _, f in stops), worst)
    if infected := _find_infected(message, home.config.scanner) if not arrival.outcome else ():
        return _make_opened(message, sender, (), (), (*message.findings, *infected), Outcome.QUARANTINED)
    is_letter, vouched = _is_letter(arrival.source), bool(arrival.stated_sender)
    register = _register_of(arrival, is_letter, bank)
    sorted_out = _sort_files(message, sender, rules, trusted=vouched, is_register=register)
    proven = vouched or not is_letter or authenticate(message, home.config.authserv_id).proven
    return replace(sorted_out, proven=proven, bank=bank)


def _as_robots(opened: Opened, unheard: Opened) -> Opened:
    """Leave to a person a file that may be a form, or cannot be looked into; all else of a robot stays `unheard`."""
    if any(finding.code == "sender.unknown" for finding in opened.findings):
        return unheard
    findings = (*unheard.findings, *opened.findings)
    if opened.verdict is Outcome.QUARANTINED:
        return replace(opened, findings=findings)
    waits = bool(opened.forms) or opened.verdict is Outcome.REJECTED
    return replace(opened, findings=findings, verdict=Outcome.HELD) if waits else unheard


def _too_large(message: Message, arrival: Arrival, limit: int) -> Finding | None:
    """Return what says that a message is larger than letters may be; what staff load may be of any size."""
    if arrival.mailbox == LOAD:
        return None
    return over_limit(arrival.oversize, limit) if arrival.oversize else too_large(message, limit)


def _screen_letter(message: Message, arrival: Arrival, home: Home, fetched: bool) -> list[tuple[Outcome, Finding]]:
    """Return what stops a letter; staff who state its sender answer for what it says of him."""
    own = frozenset() if arrival.stated_sender else home.config.our_addresses
    screened = screen(message, own, home.config.authserv_id, fetched=fetched)
    vouched = bool(arrival.stated_sender)
    return [
        (one.outcome, one.finding)
        for one in screened
        if not (vouched and (_about_from(one.finding) or is_of_robot([one.finding])))
    ]


def _find_infected(message: Message, scanner: ScannerConfig | None) -> tuple[Finding, ...]:
    """A finding for each infected attachment (4.1.17); staff who vouch for the sender do not vouch for the file."""
    if scanner is None:
        return ()
    viruses = [(file.name, find_virus(file.data, scanner)) for file in message.attachments]
    return tuple(Finding("attachment.infected", value=name, facts={"virus": virus}) for name, virus in viruses if virus)


def customers_of(sender: str, customers: Mapping[str, Customer]) -> list[Customer]:
    """Find whose registered address this is; neither case nor the form of its domain matters."""
    wanted = canonical_address(sender)
    return [c for c in customers.values() if wanted in {canonical_address(email) for email in c.emails}]


def _bank_of(sender: str, banks: Mapping[str, Bank]) -> str:
    wanted = canonical_address(sender)
    owners = (bic for bic, bank in banks.items() if wanted in {canonical_address(one) for one in bank.emails})
    return next(owners, "")


def customers_for(arrival: Arrival, sender: str, customers: Mapping[str, Customer]) -> list[Customer]:
    """Find the Customers that an arrival's sender speaks for: as staff (or an earlier try) found, else by the
    register."""
    if arrival.customers:
        return [customers[bin_] for bin_ in arrival.customers if bin_ in customers]
    return customers_of(sender, customers) if sender else []


def open_again(arrival: Arrival, raw: bytes) -> Opened:
    """Open a decided arrival as it was when it came: its sender is the journal's; nothing is screened or scanned anew,
    so a register, a config or limits that changed since do not change it. Its files: `file_of`."""
    message = message_of(arrival.source, raw)
    return _make_opened(message, arrival.sender, (), (), (), None)


def file_of(arrival: Arrival, raw: bytes, submission: Submission, rules: Rules) -> Attachment:
    """Return the workbook of a recorded submission, found by its bytes. Raises ArchiveDamaged when it is not there."""
    files = _every_file(message_of(arrival.source, raw), rules)
    found = [file for file in files if sha256(file.data) == submission.sha256]
    if not found:
        words = f"archive/{arrival.raw} does not hold the workbook of {submission.id} any more"
        raise ArchiveDamaged(f"{words}; put that file back from the backup")
    return next((file for file in found if file.name == submission.attachment), found[0])


def _every_file(message: Message, rules: Rules) -> list[Attachment]:
    """All files of a message, those in a .zip too. Its bytes passed the limits when they came: lower ones of today
    do not count."""
    once = {"zip_members": 1_000_000, "attachments_total": 1 << 40}
    files: list[Attachment] = []
    for attachment in message.attachments:
        try:
            files += _unpack_file(attachment, rules.limits.model_copy(update=once))[0]
        except Unreadable:
            continue  # held no form then, either
    return files


def message_of(source: str, raw: bytes) -> Message:
    """Return the parts of a letter; of a dropped file, called `source`, a letter that is only that file."""
    if _is_letter(source):
        return parse_message(raw)
    files, findings = take_apart(Attachment(source, raw))
    return Message((), "", "", "", (), None, files, {}, findings)


def _is_letter(source: str) -> bool:
    return source.casefold().endswith(".eml")


def parts_of(message: Message, rules: Rules) -> Opened:
    """Return a trusted message's forms and documents."""
    return _sort_files(message, "", rules, trusted=True)


def _about_from(finding: Finding) -> bool:
    return finding.code.startswith("sender.")


def is_from_banks_folder(arrival: Arrival) -> bool:
    """Return whether it lay in the drop folder for files of banks (4.1.7)."""
    return arrival.mailbox == BANKS


def _register_of(arrival: Arrival, is_letter: bool, bank: str) -> Callable[[Attachment], bool] | None:
    """Return which files are registers besides workbooks: all that is handed in as one is never passed over."""
    if (arrival.mailbox == LOAD or is_from_banks_folder(arrival)) and not is_letter:
        return is_any
    return is_text if bank else None


def _sort_files(
    message: Message,
    sender: str,
    rules: Rules,
    *,
    trusted: bool,
    is_register: Callable[[Attachment], bool] | None = None,
) -> Opened:
    """Forms and documents apart. A program among them quarantines the letter; when staff trust it, the program counts
    as nothing. `is_register`: which files are to be read besides workbooks: a bank's text of fixed widths (4.1.7)."""
    forms, documents, findings = [], [], list(message.findings)
    for attachment in message.attachments:
        try:
            files, notes = _unpack_file(attachment, rules.limits)
        except Unreadable as unreadable:
            findings.append(unreadable.finding)
            return _make_opened(message, sender, (), (), tuple(findings), Outcome.REJECTED)
        findings += notes
        for file in files:
            if is_program(file):
                findings.append(Finding("attachment.program", value=file.name))
            elif (is_register and not file.aside and is_register(file)) or is_workbook_candidate(file.data, file.name):
                forms.append(file)
            elif not (file.inline or file.aside):
                documents.append(file)
            elif not file.inline and not file.data.strip(b"\0"):
                findings.append(Finding("attachment.empty", value=file.name))
    if not trusted and any(finding.code == "attachment.program" for finding in findings):
        return _make_opened(message, sender, (), (), tuple(findings), Outcome.QUARANTINED)
    if not forms and not documents and any(finding.code in _HIDING for finding in findings):
        return _make_opened(message, sender, (), (), tuple(findings), Outcome.REJECTED)
    if len(forms) > rules.limits.zip_members:
        facts = {"limit": str(rules.limits.zip_members)}
        many = Finding("message.too_many_files", value=str(len(forms)), facts=facts)
        return _make_opened(message, sender, (), (), (*findings, many), Outcome.REJECTED)
    return _make_opened(message, sender, tuple(forms), tuple(documents), tuple(findings), None)


def _unpack_file(attachment: Attachment, limits: Limits) -> tuple[list[Attachment], list[Finding]]:
    """The files of a .zip, one level deep; any other file is itself."""
    kind = sniff(attachment.data, attachment.name)
    if attachment.aside or kind is not Kind.ZIP:
        damaged = is_damaged_zip(attachment.data) and not is_workbook_candidate(attachment.data, attachment.name)
        return [attachment], [Finding("archive.damaged", value=attachment.name)] if damaged else []
    files: list[Attachment] = []
    findings: list[Finding] = []
    for member in unzip(attachment.data, limits):
        found, notes = take_apart(replace(member, name=clean(member.name) or "file"))
        files += found
        findings += notes
        findings += [Finding("archive.nested", value=f.name) for f in found if sniff(f.data, f.name) is Kind.ZIP]
    return files, findings


def _make_opened(
    message: Message,
    sender: str,
    forms: tuple[Attachment, ...],
    documents: tuple[Attachment, ...],
    findings: tuple[Finding, ...],
    verdict: Outcome | None,
) -> Opened:
    known = sender, message.message_id, message.references, f"{message.subject}\n{message.text}"
    return Opened(*known, forms, documents, findings, verdict, rows=message.rows)
