"""A form that somebody pasted into a letter's text: nothing of it counts, so he hears on which blank to send it
(4.1.15)."""

from __future__ import annotations

from inbox_worker.core.model import Finding
from inbox_worker.deciding.letter_words import own_text
from inbox_worker.forms.recognise import by_columns
from inbox_worker.month.office import Office
from inbox_worker.receiving.opening import Opened


def find_pasted_form(opened: Opened, office: Office) -> list[Finding]:
    """Return a warning where the letter's own text, not what it quotes, has a table with the headers of a form."""
    if opened.verdict is not None or not opened.rows:
        return []
    own = own_text(opened.text)
    rule = by_columns([[dict(enumerate(row)) for row in opened.rows if row[0] in own]], office.rules)
    if rule is None or rule.operator:
        return []
    facts = {"value_kk": rule.title.kk, "address": office.home.config.address_of(rule.mailbox)}
    return [Finding("message.form_in_text", value=rule.title.ru, facts=facts)]
