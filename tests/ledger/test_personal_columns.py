"""8.10: who adds a column says whether it makes a consumer known, so that it leaves the ledger with the consumer."""

from __future__ import annotations

import pyarrow as pa

from inbox_worker.ledger.personal_data import PERSONAL, PLACES
from inbox_worker.ledger.schemas import SCHEMAS

OF_EVERY_ROW = {"customer", "submission", "sheet", "replaces_submission", "replaces_sheet", "account"}
CODES = {  # of any kind: they are of a service, house, meter, bank or payment
    "service", "services", "house", "meter", "new_meter", "base", "category", "clause", "payment", "bank", "number",
    "reverses",
}  # fmt: skip
KEPT = {  # words by kind that are not about a person, or that something else takes out
    "recalculations": {"basis"},
    "undelivered": {"reason"},
    "new_houses": {"basis"},
    "directory_corrections": {"indicator", "was", "becomes", "basis"},  # `was`, `becomes`: where `name` is filled
    "stops": {"reason"},
    "bank_register": {"payee"},  # a Customer's БИН
    "suspense": {"payee", "reason"},
    "reassigned": {"other", "reason"},
}


def test_every_text_beside_an_account_is_known_to_be_a_persons_or_not() -> None:
    unsaid = []
    for kind, schema in SCHEMAS.items():
        texts = {field.name for field in schema if field.type == pa.string()} if "account" in schema.names else set()
        known = OF_EVERY_ROW | CODES | KEPT.get(kind, set()) | set(PERSONAL.get(kind, ()))
        unsaid += [f"{kind}.{name}" for name in sorted(texts - known)]
    assert unsaid == [], "name it in PERSONAL of ledger/personal_data.py if it makes a person known, else in KEPT here"


def test_every_column_that_makes_a_person_known_is_there() -> None:
    gone = [
        f"{kind}.{name}"
        for kind, names in PERSONAL.items() if kind != PLACES
        for name in names if name not in SCHEMAS[kind].names
    ]  # fmt: skip
    assert gone == [], "take it out of PERSONAL of ledger/personal_data.py"
