"""The terms of both parties of the contract: rules/duties.yaml. The day is data; who proves what is the program's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inbox_worker.core.model import Customer
from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.notice_rules import NoticeKind
from inbox_worker.settings.office_rules import Text
from inbox_worker.settings.shapes import Misplaced, Strict, one_of

DUTIES = (  # a misspelt name would leave the shipped term in force
    "customer.readings", "customer.service_file", "operator.bill_rows", "operator.bills", "operator.reports",
    "operator.act", "operator.distribution", "operator.task", "operator.incident", "customer.act", "customer.original",
    "customer.requisites", "customer.representative", "customer.house_exit", "customer.attestation",
    "customer.house_contract", "customer.withdrawal", "customer.withdrawal_new_terms",
    "customer.withdrawal_force_majeure", "customer.force_majeure",
    "customer.contact", "customer.act_paper", "customer.proofs", "customer.mend", "customer.export", "operator.prices",
    "operator.request",
)  # fmt: skip
Count = Literal["calendar", "working", "banking", "months"]
Rolling = Literal["none", "next working day", "previous working day"]
_CustomerField = Annotated[str, one_of([field.name for field in fields_of(Customer)], "field")]
_Kind = Annotated[str, one_of(DOCUMENT_KINDS, "kind of document")]


class LongerTerm(Strict):
    """So many days more for payments of the days up to one of the month (4.1.7)."""

    until_day: int = Field(ge=1, le=31)
    days: int = Field(ge=1, le=31)


class DutyTerm(Strict):
    """The length of a term: that of another rule file (`like`), so many days, or a day of a month.

    A day that the month does not have is its last one.
    """

    like: Literal["deadline", "delivery", "task"] | None = None
    days: int | None = Field(None, ge=-366, le=366)
    count: Count = "calendar"
    day: int | None = Field(None, ge=1, le=31)
    month: Literal["before", "same", "next"] = "same"
    rolling: Rolling = "none"
    longer: LongerTerm | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(value is not None for value in (self.like, self.days, self.day)) != 1:
            raise ValueError("says one of like, days and day; write exactly one")
        return self


class Following(Strict):
    """The work that is made ready when a term was missed: a task for staff, a notice to the Customer, or both."""

    task: Annotated[str, one_of(("stop", "price"), "task")] | None = None
    notice: NoticeKind | None = None


class DutyRule(Strict):
    """One term. `starts`: what the program sees that starts it; `watch`: no = not looked at."""

    clause: Text
    who: Literal["operator", "customer"]
    starts: Literal[
        "month", "house", "task", "act", "scan", "register", "fact", "customer", "house_contract", "incident", "notice",
        "price", "request",
    ]  # fmt: skip
    documents: tuple[_Kind, ...] = ()  # that meet it, all of them
    form: str = ""  # that meets it (month, customer, house_contract), or tells of what started it (fact)
    column: str = ""  # of that form, or of the register of Customers: the day that it starts on
    fields: tuple[_CustomerField, ...] = ()  # of the register of Customers: all of them known, it is met (customer)
    kinds: tuple[str, ...] = ()  # of Customers; none = all
    when: Mapping[str, tuple[Text, ...]] = {}  # only rows of the form that have one of these values in a column
    notice: NoticeKind | None = None  # that starts it
    handed: bool = False  # only acts that were handed over on paper
    utilities: bool = False  # only Customers with `Коммунальные строки`
    term: DutyTerm
    begins_with: NoticeKind | None = None  # made ready as soon as it starts
    then: Following = Following()
    silence: bool = False  # missed, nothing is owed any more: silence has an effect of its own
    watch: bool = True
    ru: Text
    kk: Text
    en: str = ""  # for who reads English; without it he gets the Russian name
    missed: Bilingual

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        needs = {"fact": ("form", "column"), "customer": ("column",), "house": ("documents",), "notice": ("notice",)}
        for name in needs.get(self.starts, ()):
            if not getattr(self, name):
                raise Misplaced((name,), f"is needed where a duty starts with {self.starts!r}; write it")
        if self.starts == "month" and bool(self.form) == bool(self.documents):
            raise Misplaced(("form",), "write either the form or the documents that meet a duty of every month")
        if self.term.like == "delivery" and not self.documents:
            raise Misplaced(("documents",), "is needed where the term is that of delivery.yaml; write it")
        return self


Duties = Mapping[Annotated[str, one_of(DUTIES, "duty")], DutyRule]
