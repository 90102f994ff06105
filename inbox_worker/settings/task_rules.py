"""The shapes of what letters and forms leave to people, or have done: tasks, requests, notices of Customers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.office_rules import Text
from inbox_worker.settings.shapes import Strict


class StaffText(Bilingual):
    """A text for staff. `en`: for who reads English; without it he gets the Russian one."""

    en: str = ""


class TaskTerm(Strict):
    """By when a person looks at something: so many days after it came."""

    clause: str
    days: int = Field(ge=0, le=366)
    count: Literal["working", "calendar"]


class TaskRule(TaskTerm):
    """A kind of task. `of`: other terms by a value of the form's row; `after`: what a confirmation leaves to do.

    Of letters beginnings of words: `thanks`, of a letter that needs nobody, if all its words are such and none `asks`;
    `takes_back`, by which any letter takes an earlier form back; `not_to_count`, by which it asks to leave its own
    out, which waits then, unless that is said of an `earlier` one; `withholds`, by which it asks for a part of its own;
    `remarks`, by which it says more of its own form than stands in it; `routine`, which say nothing new of it (short
    ones as a whole), so that what is left of a sentence qualifies it by one of `qualifying`, as does not what follows
    `reasons`, and a signature from a line of `closings` to one of `postscripts`;
    `denies`, by which it says that a form is none of its own; `brings`, by which a sentence speaks of documents,
    `of_forms`, by which it speaks of forms or letters;
    `no_documents`, by which a sentence says that what it speaks of comes later or never, but for one of `originals`;
    `sums`, behind which the sum of its forms stands, unless in `multiples`; `totals`, behind which a number of things
    `counted` (lines) is that of its forms.
    """

    todo: StaffText
    after: StaffText | None = None
    of: Mapping[str, TaskTerm] = {}
    asks: tuple[Text, ...] = ()
    takes_back: tuple[Text, ...] = ()
    not_to_count: tuple[Text, ...] = ()
    earlier: tuple[Text, ...] = ()
    withholds: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()
    routine: tuple[Text, ...] = ()
    qualifying: tuple[Text, ...] = ()
    reasons: tuple[Text, ...] = ()
    closings: tuple[Text, ...] = ()
    postscripts: tuple[Text, ...] = ()
    denies: tuple[Text, ...] = ()
    brings: tuple[Text, ...] = ()
    of_forms: tuple[Text, ...] = ()
    thanks: tuple[Text, ...] = ()
    no_documents: tuple[Text, ...] = ()
    originals: tuple[Text, ...] = ()
    sums: tuple[Text, ...] = ()
    multiples: tuple[Text, ...] = ()
    totals: tuple[Text, ...] = ()
    counted: tuple[Text, ...] = ()


class TaskRules(Strict):
    """The kinds of tasks (rules/tasks.yaml); the last ones are made by the calendar and by missed terms."""

    requisites: TaskRule
    representative: TaskRule
    act_response: TaskRule
    request: TaskRule
    notice: TaskRule
    stop: TaskRule
    letter: TaskRule
    confirmation: TaskRule
    price: TaskRule
    close: TaskRule
    audit: TaskRule
    backup: TaskRule
    order_back: TaskRule

    def kind(self, form: str) -> str:
        """Return the kind of task that a form makes: its own, or the confirmation of any other."""
        return form if form in TaskRules.model_fields else "confirmation"

    def rule(self, kind: str) -> TaskRule:
        """Return the rule of a kind. Raises KeyError for one that is not there."""
        if kind not in TaskRules.model_fields:
            raise KeyError(kind)
        rule: TaskRule = getattr(self, kind)
        return rule


class RequestRule(Strict):
    """A kind of request for which the program makes a document by itself (rules/requests.yaml). `formats`: those that
    its parameter may ask for, each with the words for it."""

    clause: str
    makes: Literal["payments", "directory", "export"]
    every: Literal["once", "working day"]
    formats: Mapping[Literal["xlsx", "csv", "dbf", "1c"], tuple[Text, ...]] = {}

    def find_formats(self, parameter: str | None) -> tuple[str, ...]:
        """Return the formats that a parameter names; () where it names none: those that are usual."""
        words = set(re.split(r"[^\w]+", (parameter or "").casefold()))
        return tuple(name for name, known in self.formats.items() if words & {one.casefold() for one in (name, *known)})


Requests = Mapping[str, RequestRule]


class CustomerNotice(Strict):
    """A kind of notice, and what the program does once it counts (rules/customer_notices.yaml). `grounds`: clauses that
    shorten its term, and the words of `Основание` by which each is known. `lifts`: words by which it would be taken
    back, which the form cannot do."""

    clause: Text
    acts: Literal["end", "stop", "extend", "attestation", "house", "ban", "account"]
    grounds: Mapping[str, tuple[Text, ...]] = {}
    lifts: tuple[Text, ...] = ()


CustomerNotices = Mapping[str, CustomerNotice]
