"""A PDF that opens with a password only (4.1.1: bill lines are protected from unauthorised access)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pikepdf import Encryption, Pdf, PdfError

from inbox_worker.core.errors import JobError
from inbox_worker.settings.delivery_rules import PasswordPart


class Unlockable(JobError):
    """A bill cannot get the password that the rules ask for; the text tells what is missing."""


def password_of(parts: Sequence[PasswordPart], account: str, flat: str) -> str:
    """Return the password of an account's bill: the rule's parts (`bill_password`), one straight after the other.

    `flat` is written small and without blanks, as the letter tells the consumer. Raises Unlockable where a part is
    not known: a shorter password than the letter speaks of would open nothing.

    >>> password_of(["account_last_4", "flat"], "10020006", "12 А")
    '000612а'
    """
    known = {
        "account": account,
        "account_last_4": account[-4:],
        "account_last_6": account[-6:],
        "flat": "".join(flat.split()).casefold(),
    }
    missing = [part for part in parts if not known[part]]
    if missing:
        raise Unlockable(f"{', '.join(missing)}: ?")
    return "".join(known[part] for part in parts)


def locked(pdf: bytes, password: str) -> bytes:
    """Return the PDF under AES-256 (PDF 2.0, revision 6).

    The owner's password is the same: there is nothing in a bill to forbid its reader. Salts and keys are drawn anew
    each time, so the bytes differ though the pages do not. Raises Unlockable for what is no PDF, or is locked already.
    """
    sink = io.BytesIO()
    try:
        with Pdf.open(io.BytesIO(pdf)) as document:
            document.save(sink, encryption=Encryption(user=password, owner=password, R=6))
    except PdfError as error:
        raise Unlockable(str(error)) from error
    return sink.getvalue()
