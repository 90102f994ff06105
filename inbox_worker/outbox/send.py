"""Sends what is due: recorded letters, one by one, within the limits, each exactly once or shown as uncertain.

Law of order: the letter's bytes are in the archive, the server has accepted the addresses, `sending` is committed,
the letter leaves, the answer is committed. A kill before `sending` repeats the letter, a kill after it leaves it to
people. Needs no lock of the home: its own lock lets one sender work beside the deciding.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from inbox_worker.core.addresses import canonical_address
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import make_folder
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.locks import hold_lock, holder_of
from inbox_worker.deciding.open_office import open_office
from inbox_worker.ledger.acts import record_act
from inbox_worker.ledger.letters import DROPPED, SENT_AGAIN, UNSENT, WAITING, Delivery, LetterState, stamp
from inbox_worker.ledger.login_acts import record_accepted_login, record_refused_login
from inbox_worker.month.office import Office
from inbox_worker.outbox.approvals import require_approved
from inbox_worker.outbox.letters import LetterGone, address_of
from inbox_worker.outbox.receipt_words import ReceiptProblem
from inbox_worker.outbox.receipts import write_letter
from inbox_worker.outbox.server_state import read_state, write_state
from inbox_worker.outbox.slow_answers import SlowAnswer
from inbox_worker.outbox.slow_letters import MOST_SLOW, SlowLetter, hear_slow
from inbox_worker.outbox.smtp import Answer, Post, Result, SmtpDown, SmtpLoginRefused, hear
from inbox_worker.outbox.trouble import HOUSE, Trouble, remedy_code, trouble_of
from inbox_worker.settings.config import ConfigError, SmtpConfig
from inbox_worker.settings.delivery_rules import OF_BANKS
from inbox_worker.settings.home import Home
from inbox_worker.settings.texts import NUMBER

_SPARE_WAIT = timedelta(days=1)  # over the longest wait: past that a letter's time was set by a wrong clock
AGAIN = (LetterState.UNCERTAIN, LetterState.REFUSED, LetterState.DROPPED, LetterState.RETRY)
DROP = (LetterState.UNCERTAIN, LetterState.REFUSED, *UNSENT)


class DeliveryError(UseError):
    """A letter cannot be treated as asked; the text tells why."""


def send_waiting(home: Home, now: datetime, most: int = 1000, stop: Callable[[], bool] = lambda: False) -> list[str]:
    """Do `send_due` for a home that is not open; does nothing where letters are not configured."""
    if home.config.smtp is None and home.config.replies == "none":
        return []
    with open_office(home) as office:
        return send_due(office, now, most, stop)


def send_due(
    office: Office, now: datetime, most: int = 1000, stop: Callable[[], bool] = lambda: False, asked_now: bool = False
) -> list[str]:
    """Sends the letters whose time has come, at most `most` and so many a minute as configured; `stop` ends it
    between two letters. Gives what staff must know, a line each; never raises for a server or a letter. A home has one
    sender: `asked_now` says who is another's turn now.
    """
    make_folder(office.home.ledger)
    lock = office.home.ledger / ".sending.lock"
    with hold_lock(lock) as alone:
        if not alone:
            busy = f"another inbox-worker sends the letters just now: {holder_of(lock)}; it takes these, too"
            return [busy] if asked_now else []
        said = [
            f"letter {d.id} to {d.recipient} was interrupted: see `inbox-worker deliveries`"
            for d in office.journal.letters.mark_interrupted()
        ]
        smtp = office.home.config.smtp
        return said + (_send(office, smtp, now, most, stop) if smtp else [])


def resolve(office: Office, number: int, again: bool, now: datetime) -> Delivery:
    """Do what staff decide about a letter: send it (again), or not at all. It keeps its Message-ID. Raises
    DeliveryError."""
    deliveries = office.journal.letters
    found = deliveries.find(number)
    if found is None:
        raise DeliveryError(f"there is no letter {number}; `deliveries` lists them")
    if again and _has_left_register(office, found, now):
        raise DeliveryError(f"letter {number}: {found.recipient} is not in the register any more; the next pass sends "
                            "its documents to the address that is")  # fmt: skip
    was = AGAIN if again else DROP
    values: dict[str, Any] = {"state": LetterState.QUEUED, "tries": 0} if again else {"state": LetterState.DROPPED}
    why = f"{SENT_AGAIN if again else DROPPED}, {stamp(now)}"
    if again:
        write_state(office.home, read_state(office.home).after_resume())

    def act(connection: Connection) -> None:
        record_act(connection, "send again" if again else "drop", f"letter {number}", now, details=found.recipient)

    if not deliveries.change(number, was, act, **values, next_at="", last_answer=why):
        may = ", ".join(was)
        raise DeliveryError(f"letter {number} is {found.state}; only {may} can be {'repeated' if again else 'dropped'}")
    changed = deliveries.find(number)
    assert changed
    return changed


def _has_left_register(office: Office, delivery: Delivery, now: datetime) -> bool:
    """Tell whether a Customer's documents in it are to go to another address now, so that he never gets both."""
    proofs = office.journal.documents.proofs_of_letter(delivery.id) if delivery.kind == "document" else []
    version = office.journal.documents.version(proofs[0].document) if proofs else None
    of_customer = version is not None and version.kind not in OF_BANKS
    customer = office.journal.customers.at(now).get(version.bin) if version and of_customer else None
    own = {canonical_address(address) for address in customer.emails} if customer else set[str]()
    return bool(own) and canonical_address(delivery.recipient) not in own


def server_problems(home: Home) -> list[str]:
    """Find what keeps the mail server from taking us: connection, certificate and log-in are tried. Nothing is sent."""
    smtp = home.config.smtp
    if smtp is None:
        return []
    try:
        with _post(home, smtp):
            return []
    except SmtpDown as error:
        return [f"smtp: {error}; mend the smtp block of config.yaml, or ask who runs the server"]
    except ConfigError as error:
        return [str(error)]


def server_takes(office: Office) -> int:
    """Return the bytes of a letter that our server takes, by its own word; asked once, then known from each sending. 0
    = not said.

    A server that pauses us or is not there is not waited for: it is asked when letters leave.
    """
    smtp, state = office.home.config.smtp, read_state(office.home)
    if smtp is None or state.size >= 0 or state.stops:
        return max(state.size, 0)
    try:
        with _post(office.home, smtp) as post:
            write_state(office.home, replace(state, size=post.size))
            return post.size
    except (SmtpDown, ConfigError):  # the sending that follows tells it
        return 0


def _send(office: Office, smtp: SmtpConfig, now: datetime, most: int, stop: Callable[[], bool]) -> list[str]:
    """Send what is due, and what comes while slow answers are waited for."""
    said, slow, begun = list[str](), list[SlowLetter](), time.monotonic()
    while True:
        moment = now + timedelta(seconds=int(time.monotonic() - begun))
        if len(slow) < MOST_SLOW and not stop():
            said += _send_due(office, smtp, moment, most, stop, slow)
        if not slow:
            return said
        for one in hear_slow(slow, smtp.timeout, stop):
            try:
                said += _record(office, smtp, one.delivery, one.tries, hear(one.answer), moment)
            except _Pause as pause:
                said += _pause(office, smtp, moment, pause.answer.text, pause.letter)


def _send_due(
    office: Office, smtp: SmtpConfig, now: datetime, most: int, stop: Callable[[], bool], slow: list[SlowLetter]
) -> list[str]:  # fmt: skip
    """Send what is due. `slow`: where letters go that the server is slow to answer; with too many no more begin."""
    deliveries, state = office.journal.letters, read_state(office.home)
    left = smtp.per_minute - deliveries.sent_since(now - timedelta(minutes=1), now)
    longest = timedelta(minutes=max(smtp.retry_minutes)) + _SPARE_WAIT
    due = deliveries.due(now, longest, max(min(left, most), 0))
    if not due or state.waits(now, longest):
        return []
    due.sort(key=lambda delivery: delivery.id == state.letter)  # what met a pause last may not keep the others
    said, post = list[str](), _post(office.home, smtp)
    try:
        with post:
            write_state(office.home, replace(state, size=post.size))
            record_accepted_login(office.journal, f"smtp {smtp.user}", now)
            for delivery in due:
                if stop() or len(slow) >= MOST_SLOW:
                    break
                said += _send_one(office, smtp, post, delivery, now, slow)
    except _Pause as pause:
        said += _pause(office, smtp, now, pause.answer.text, pause.letter)
    except (SmtpDown, ConfigError) as error:
        if isinstance(error, SmtpLoginRefused):
            record_refused_login(office.journal, f"smtp {smtp.user}", str(error), now)
        if trouble_of(str(error)) in HOUSE:
            return said + _pause(office, smtp, now, str(error), 0)
        deliveries.postpone(now, now + timedelta(minutes=smtp.retry_minutes[0]), str(error))
        said.append(f"letters wait: {error}; it is tried again")
    return said


class _Pause(Exception):
    """The server's limit, or trouble with our own account: all letters wait, and none has lost a try."""

    def __init__(self, answer: Answer, letter: int) -> None:
        super().__init__(answer.text)
        self.answer = answer
        self.letter = letter


def _pause(office: Office, smtp: SmtpConfig, now: datetime, why: str, letter: int) -> list[str]:
    """Everything due waits by the schedule; told once, until a letter leaves again."""
    before = read_state(office.home)
    state = before.after_pause(why, letter, smtp.retry_minutes, now)
    office.journal.letters.postpone(now, datetime.fromisoformat(state.until), why)
    write_state(office.home, state)
    same = before.stops and trouble_of(before.why) is trouble_of(why)
    remedy = office.say(remedy_code(trouble_of(why)), letter=NUMBER)
    return [] if same else [office.say("letters.wait_for", why=why, remedy=remedy)]


def _send_one(
    office: Office, smtp: SmtpConfig, post: Post, delivery: Delivery, now: datetime, slow: list[SlowLetter]
) -> list[str]:  # fmt: skip
    """Raises _Pause, SmtpDown, ConfigError."""
    deliveries = office.journal.letters
    try:
        data = write_letter(office, delivery, now, post.size)
        require_approved(office, delivery, data)
    except LetterGone as error:
        deliveries.change(delivery.id, WAITING, state=LetterState.REFUSED, last_answer=str(error))
        return [f"letter {delivery.id}: {error}"]
    except (ReceiptProblem, DamagedFile) as error:  # ours to mend; the letter waits for it
        later = stamp(now + timedelta(minutes=smtp.retry_minutes[0]))
        deliveries.change(delivery.id, WAITING, state=LetterState.RETRY, next_at=later, last_answer=str(error))
        return [f"letter {delivery.id}: {error}"]
    tries = delivery.tries + 1

    def before_data() -> bool:
        return deliveries.change(delivery.id, WAITING, state=LetterState.SENDING, tries=tries)

    answer = post.send(address_of(office.home, delivery.mailbox), delivery.recipient, data, before_data)
    if answer is None:
        return []  # dropped by a later answer or by staff, this very moment
    if isinstance(answer, SlowAnswer):
        slow.append(SlowLetter(delivery, tries, answer))
        return []
    return _record(office, smtp, delivery, tries, answer, now)


def _record(
    office: Office, smtp: SmtpConfig, delivery: Delivery, tries: int, answer: Answer, now: datetime
) -> list[str]:  # fmt: skip
    """Keep a server's answer. Raises _Pause."""
    deliveries = office.journal.letters
    if answer.result is Result.HOUSE and not _is_its_own(office, delivery, answer):
        values = {"state": LetterState.RETRY, "next_at": "", "last_answer": answer.text}
        deliveries.change(delivery.id, (LetterState.SENDING, *WAITING), None, tries=delivery.tries, **values)
        raise _Pause(answer, delivery.id)
    values = _without_workbook(office, delivery, answer) or _after(smtp, answer, tries, now)
    deliveries.change(delivery.id, (LetterState.SENDING, *WAITING), None, tries=tries, **values)
    if answer.result is Result.SENT:
        write_state(office.home, read_state(office.home).after_resume())
    if values["state"] in (LetterState.SENT, LetterState.RETRY):
        return []
    return [f"letter {delivery.id} to {delivery.recipient} is {values['state']}: {values['last_answer']}"]


def _is_its_own(office: Office, delivery: Delivery, answer: Answer) -> bool:
    """Tell whether trouble with our account is about this one recipient: others' letters went since it paused."""
    state = read_state(office.home)
    kinds = {trouble_of(answer.text), trouble_of(delivery.last_answer)}
    return kinds == {Trouble.OURS} and state.stops == 0


def _without_workbook(office: Office, delivery: Delivery, answer: Answer) -> dict[str, str]:
    """An answer that is too large with its workbook is written again without one, once; {} for all others."""
    large = answer.result is Result.REFUSED and trouble_of(answer.text) is Trouble.LARGE
    written_anew = trouble_of(delivery.last_answer) is Trouble.LARGE
    if not large or written_anew or delivery.kind != "receipt" or office.home.config.replies == "review":
        return {}
    return {"state": LetterState.RETRY, "next_at": "", "last_answer": answer.text, "path": "", "sha256": ""}


def _after(smtp: SmtpConfig, answer: Answer, tries: int, now: datetime) -> dict[str, str]:
    """What the journal says of a letter after an attempt."""
    if answer.result is Result.HOUSE:
        answer = replace(answer, result=Result.RETRY)
    values = {"state": LetterState(answer.result.value), "last_answer": answer.text}
    if answer.result is Result.SENT:
        return {**values, "sent_at": stamp(now)}
    if answer.result is Result.RETRY and tries > len(smtp.retry_minutes):
        return {"state": LetterState.REFUSED, "last_answer": f"given up after {tries} tries: {answer.text}"}
    if answer.result is Result.RETRY:
        return {**values, "next_at": stamp(now + timedelta(minutes=smtp.retry_minutes[tries - 1]))}
    return values


def _post(home: Home, smtp: SmtpConfig) -> Post:
    """A session, in which we greet by the domain of our mail. Raises ConfigError for a password that is not there."""
    addresses = (box.address for box in home.config.mailboxes.values())
    domain = next((address.rpartition("@")[2] for address in addresses), "localhost")
    return Post(smtp, smtp.password(home.path), domain)
