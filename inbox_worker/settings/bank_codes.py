"""Shape rules/bank_codes.yaml: banks of Kazakhstan by the code in their accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from inbox_worker.core.identifiers import valid_bic
from inbox_worker.settings.office_rules import Text
from inbox_worker.settings.shapes import Strict, must_be

_Bic = Annotated[
    str, must_be(valid_bic, "{!r} is no BIC: eight or eleven Latin capitals and digits with KZ as the 5th and 6th")
]
_Code = Annotated[
    str, must_be(re.compile("[0-9]{3}").fullmatch, "{!r} is no code of a bank; write three digits in quotes")
]


class BankCode(Strict):
    """A bank: its БИК, those that it had `earlier`, and the day from which it takes no payments."""

    bic: _Bic
    name: Text
    earlier: tuple[_Bic, ...] = ()
    closed: date | None = None

    def has_bic(self, bic: str) -> bool:
        """Return whether a БИК is the bank's; that of a branch begins with it."""
        return bic[:8] in {known[:8] for known in (self.bic, *self.earlier)}


BankCodes = Mapping[_Code, BankCode]


def name_bank(codes: Mapping[str, BankCode], bic: str) -> str:
    """Return the name of the bank that has a БИК; '' where the list does not have it."""
    return next((bank.name for bank in codes.values() if bank.has_bic(bic)), "")


def find_bank_of(codes: Mapping[str, BankCode], iban: str) -> BankCode | None:
    """Return the bank that an account is in, by its 5th to 7th sign; None where the list does not have it."""
    return codes.get(iban[4:7])
