"""Notices of the operator to Customers: rules/notices.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.mistakes import placeholder_mistake, placeholders
from inbox_worker.settings.shapes import Misplaced, Strict, one_of

NOTICES = (
    "proofs", "intention", "stop", "original", "prices", "end", "attestation", "contact", "refusal", "settlement",
)  # fmt: skip
NOTICE_FACTS = ("about", "day", "days", "contract", "contract_date")
NoticeKind = Annotated[str, one_of(NOTICES, "notice")]


class NoticeRule(Strict):
    """A kind of notice: its clause, and its words in both languages, a paragraph a line."""

    clause: Annotated[str, Field(min_length=1)]
    title: Bilingual
    text: Bilingual

    @model_validator(mode="after")
    def _names_known_facts(self) -> Self:
        for language in ("ru", "kk"):
            if mistake := placeholder_mistake(getattr(self.text, language), NOTICE_FACTS):
                raise Misplaced(("text", language), mistake)
        return self

    def asks_for(self, fact: str) -> bool:
        """Return whether its words name a fact."""
        return fact in placeholders(self.text.ru) | placeholders(self.text.kk)


Notices = Mapping[NoticeKind, NoticeRule]
