"""Rows of the journal's tables <-> the nouns of model.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from inbox_worker.core.model import (
    Arrival,
    Changes,
    Customer,
    FactFile,
    Outcome,
    Period,
    Severity,
    Submission,
    WordedFinding,
)


def arrival_of(row: Row[Any]) -> Arrival:
    data = dict(row._mapping)
    data["received_at"] = datetime.fromisoformat(data["received_at"])
    data["outcome"] = Outcome(data["outcome"]) if data["outcome"] else None
    return Arrival(**data)


def arrival_values(arrival: Arrival) -> dict[str, Any]:
    outcome = arrival.outcome.value if arrival.outcome else None
    return {**vars(arrival), "received_at": arrival.received_at.isoformat(), "outcome": outcome}


def submission_values(submission: Submission) -> dict[str, Any]:
    values = dict(vars(submission))
    values["outcome"] = submission.outcome.value
    values["month"] = str(submission.month) if submission.month else ""
    values["complete_at"] = submission.complete_at.isoformat()
    changes = values.pop("changes")
    return {**values, **vars(changes)}


def submission_of(row: Row[Any]) -> Submission:
    data = dict(row._mapping)
    data["outcome"] = Outcome(data["outcome"])
    data["month"] = Period.parse(data["month"]) if data["month"] else None
    data["complete_at"] = datetime.fromisoformat(data["complete_at"])
    changes = Changes(*(data.pop(name) for name in ("added", "changed", "unchanged", "gone")))
    return Submission(**data, changes=changes)


def finding_of(row: Row[Any]) -> WordedFinding:
    data = {k: v for k, v in row._mapping.items() if k not in ("id", "arrival", "submission")}
    data["severity"] = Severity(data["severity"])
    return WordedFinding(**data)


def file_values(file: FactFile) -> dict[str, Any]:
    return {**vars(file), "month": str(file.month)}


def file_of(row: Row[Any]) -> FactFile:
    return FactFile(**{**row._mapping, "month": Period.parse(row.month)})


def customer_values(customer: Customer) -> dict[str, Any]:
    values = dict(vars(customer))
    values["contract_date"] = customer.contract_date.isoformat()
    values["valid_until"] = customer.valid_until.isoformat() if customer.valid_until else ""
    values["attested_until"] = customer.attested_until.isoformat() if customer.attested_until else ""
    values["emails"] = ";".join(customer.emails)
    return values


def customer_of(row: Row[Any]) -> Customer:
    data = {k: v for k, v in row._mapping.items() if k != "submission"}
    data["contract_date"] = date.fromisoformat(data["contract_date"])
    data["valid_until"] = date.fromisoformat(data["valid_until"]) if data["valid_until"] else None
    data["attested_until"] = date.fromisoformat(data["attested_until"]) if data["attested_until"] else None
    data["emails"] = tuple(data["emails"].split(";"))
    return Customer(**data)
