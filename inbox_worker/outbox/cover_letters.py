"""Letters that bring documents and bills, in Kazakh and Russian: plain text and html of the same words.

The words are in rules/texts/letters.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from inbox_worker.core.model import Language, Period
from inbox_worker.core.rendered import Operator
from inbox_worker.outbox.compose import letter_page
from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS, NOTICE_DOCUMENT, RECEIPT, PasswordPart
from inbox_worker.settings.texts import AllTexts

Side = Sequence[str | list[str]]  # paragraphs, and lists of lines
_SIDES: tuple[Language, ...] = ("kk", "ru")  # in their order
_REVISION = " ред. "  # in the name of a revision


@dataclass(frozen=True)
class Wording:
    """Subject, text and html of a letter."""

    subject: str
    text: str
    html: str


def document_kind(kind: str) -> str:
    """Return the code of what a kind of document is called."""
    return f"document.{kind if kind in (*DOCUMENT_KINDS, RECEIPT) else 'other'}"


@dataclass(frozen=True)
class Writer:
    """Writes letters of the operator."""

    texts: AllTexts
    operator: Operator

    def documents_letter(self, month: Period, files: Sequence[tuple[str, str]], part: str = "") -> Wording:
        """Write a letter to a Customer with documents: `files` are (kind, name); `part` like `1/2` when they need
        several."""
        codes = ["documents.act"] if any(kind == "act" for kind, _ in files) else []
        codes += ["documents.revised"] if any(_REVISION in name for _, name in files) else []
        notices = bool(files) and all(kind == NOTICE_DOCUMENT for kind, _ in files)
        head, first = (
            ("documents.notice_subject", "documents.notice_opening")
            if notices
            else ("documents.subject", "documents.opening")
        )
        sides: list[Side] = []
        for language in _SIDES:
            listed = [f"{self.texts.spoken.say(language, document_kind(kind))} — {name}" for kind, name in files]
            opening = self._say(language, first, month=month.form_text)
            further = [self._say(language, code) for code in codes]
            sides.append([self._say(language, "greeting"), opening, listed, *further])
        return self._letter(self._subject(head, month) + (f" ({part})" if part else ""), sides)

    def bill_letter(self, month: Period, account: str, password: Sequence[PasswordPart] = ()) -> Wording:
        """Write a letter to a consumer with the bill of an account.

        `password`: what the PDF's password is made of, () without one. Such a letter does not name the account: who
        reads the letter in another's mailbox must not find the key beside the lock.
        """
        sides: list[Side] = []
        subject = self._subject("bill.subject", month)
        for language in _SIDES:
            side: list[str | list[str]] = [self._say(language, "greeting")]
            if password:
                side.append(self._say(language, "bill.opening_locked", month=month.form_text))
                parts = [self._say(language, f"password.{part}") for part in password]
                made = self._say(language, "bill.password_then").join(parts)
                side.append(self._say(language, "bill.password", parts=made))
            else:
                side.append(self._say(language, "bill.opening", month=month.form_text, account=account))
            sides.append(side)
        return self._letter(subject if password else f"{subject}, {account}", sides)

    def _say(self, language: Language, code: str, **facts: str) -> str:
        return self.texts.written.say(language, code, **facts)

    def _subject(self, code: str, month: Period) -> str:
        return " / ".join(self._say(language, code, month=month.form_text) for language in _SIDES)

    def _letter(self, subject: str, sides: Sequence[Side]) -> Wording:
        names = (self.operator.name_kk, self.operator.name)
        signed = [[*side, name] for side, name in zip(sides, names, strict=True)]
        text = "\n\n".join("\n".join(_plain(part) for part in side) for side in signed) + "\n"
        html = "<hr>".join(
            f'<div lang="{language}">{"".join(_render_part(part) for part in side)}</div>'
            for language, side in zip(_SIDES, signed, strict=True)
        )
        return Wording(subject, text, letter_page(html, _SIDES[0]))


def _plain(part: str | list[str]) -> str:
    return part if isinstance(part, str) else "\n".join(f"  - {line}" for line in part)


def _render_part(part: str | list[str]) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in part) + "</ul>"
