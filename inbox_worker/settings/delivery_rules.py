"""The delivery of approved documents: rules/delivery.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, field_validator

from inbox_worker.core.identifiers import valid_bin
from inbox_worker.settings.office_rules import Day, Size, Text
from inbox_worker.settings.shapes import Misplaced, Strict, must_be, one_of

DOCUMENT_KINDS = (
    "act", "turnover", "distribution", "debtors", "bill_rows", "bills", "payments", "directory", "close_protocol",
    "notice", "bank_distribution", "payment_orders", "export",
)  # fmt: skip
OF_BANKS = ("bank_distribution", "payment_orders")  # of days, not of a close
EXPORT = "export"  # of three years, of no single close
NOTICE_DOCUMENT = "notice"  # of a day, too
RECEIPT = "receipt"  # an answer to a sender: reviewed as documents are, and no kind of the rules
Way = Literal["mail", "folder"]
PasswordPart = Literal["account", "account_last_4", "account_last_6", "flat"]


_Recipient = Annotated[
    str,
    must_be(
        lambda name: name == "default" or valid_bin(name),
        "{!r} is neither `default` nor a БИН: 12 digits, of which the last proves the others",
    ),
]


class Due(Strict):
    """The day by which documents must be with their readers: of the document's month, or of the next."""

    day: Day
    month: Literal["same", "next"]
    clause: Text


class KindDelivery(Strict):
    """Delivery of the documents of one kind: after review or not, to whom, by when."""

    review: bool = True
    to: Literal["customer", "consumers", "bank", "nobody"] = "customer"
    due: Due | None = None


# a home made before there was such a kind
_LATER = {
    "notice": KindDelivery(),
    "bank_distribution": KindDelivery(to="bank"),
    "payment_orders": KindDelivery(to="nobody"),
    EXPORT: KindDelivery(),
}


def _every_kind(kinds: Mapping[str, KindDelivery]) -> Mapping[str, KindDelivery]:
    kinds = {**_LATER, **kinds}
    missing = [name for name in DOCUMENT_KINDS if name not in kinds]
    if missing:
        raise ValueError(f"{missing[0]} is missing; write how these documents leave")
    for name, kind in kinds.items():
        if kind.to == "consumers" and name != "bills":
            raise Misplaced((name, "to"), "only bills go to consumers; choose customer or nobody")
        if kind.to == "bank" and name not in OF_BANKS:
            raise Misplaced((name, "to"), "only papers of a bank go to banks; choose customer or nobody")
    return kinds


class DeliveryRule(Strict):
    """Delivery of approved documents to Customers and consumers (4.1.2, 4.1.8, 10.12)."""

    kinds: Annotated[
        Mapping[Annotated[str, one_of(DOCUMENT_KINDS, "kind of document")], KindDelivery], AfterValidator(_every_kind)
    ]
    ways: Mapping[_Recipient, Annotated[tuple[Way, ...], Field(min_length=1)]]
    letter_bytes: Size
    bill_password: Literal["none"] | Annotated[tuple[PasswordPart, ...], Field(min_length=1)] = "none"

    @field_validator("bill_password", mode="before")
    @classmethod
    def _of_known_parts(cls, value: object) -> object:
        known = get_args(PasswordPart)
        parts = value if isinstance(value, list | tuple) else [value]
        wrong = [part for part in parts if part not in known]
        if value != "none" and (wrong or parts is not value or not parts):
            said = f"{wrong[0]!r} is not known; " if wrong else ""
            raise ValueError(f"{said}write none, or a list such as [account, flat] of {', '.join(known)}")
        return value

    @field_validator("ways")
    @classmethod
    def _has_default(cls, ways: Mapping[str, tuple[Way, ...]]) -> Mapping[str, tuple[Way, ...]]:
        if "default" not in ways:
            raise ValueError("default is missing; write how documents go, [mail] or [folder] or both")
        return ways

    def kind(self, name: str) -> KindDelivery:
        """Return the delivery of a kind; one that the rules do not name goes to the Customer, after review. An answer
        to a sender has a letter already, so by these rules it goes to nobody."""
        return self.kinds.get(name, KindDelivery(to="nobody" if name == RECEIPT else "customer"))

    def ways_to(self, bin: str) -> tuple[Way, ...]:
        """Return how a Customer gets documents."""
        return self.ways.get(bin, self.ways["default"])
