"""The files of rules/ and the forms that the program has work of its own for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_worker.settings.delivery_rules import DeliveryRule
from inbox_worker.settings.duty_rules import Duties
from inbox_worker.settings.form_rules import CategoriesFile, FindingRule, ServicesFile, Vocabulary
from inbox_worker.settings.office_rules import (
    CalendarFile,
    Deadlines,
    Limits,
    MetersFile,
    OrdersFile,
    Outliers,
    Penalties,
    PricesFile,
    Requests,
    TaskRules,
)

FILES: Mapping[str, Any] = {
    "services.yaml": ServicesFile,
    "categories.yaml": CategoriesFile,
    "findings.yaml": Mapping[str, FindingRule],
    "deadlines.yaml": Deadlines,
    "limits.yaml": Limits,
    "prices.yaml": PricesFile,
    "orders.yaml": OrdersFile,
    "meters.yaml": MetersFile,
    "penalties.yaml": Penalties,
    "calendar.yaml": CalendarFile,
    "delivery.yaml": DeliveryRule,
    "outliers.yaml": Outliers,
    "duties.yaml": Duties,
    "requests.yaml": Requests,
    "tasks.yaml": TaskRules,
    "vocabulary.yaml": Vocabulary,
}
FORMS = (  # that the program has work of its own for: each must be there; an analyst may add others
    "act_response", "bank_register", "bank_statement", "banks", "customers", "directory", "directory_corrections",
    "house_exit", "meter_change", "meter_readings", "new_houses", "order_answers", "penalty_notice", "recalculations",
    "repair_schedule", "representative", "request", "requisites", "service_charges", "stops", "tariffs", "undelivered",
)  # fmt: skip
# a home made before a file, or a key of it, has what is shipped
LATER = ("vocabulary.yaml", "categories.yaml", "duties.yaml", "orders.yaml", "requests.yaml")
LATER_FORMS = ("bank_statement.yaml", "banks.yaml", "order_answers.yaml")
WHOLE = ("requests.yaml",)  # of these a kind that a home took out stays out: it is a person's again
