"""The files of rules/ and the forms that the program has work of its own for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox_worker.settings.bank_codes import BankCodes
from inbox_worker.settings.delivery_rules import DeliveryRule
from inbox_worker.settings.duty_rules import Duties
from inbox_worker.settings.form_rules import CategoriesFile, FindingRule, ServicesFile
from inbox_worker.settings.notice_rules import Notices
from inbox_worker.settings.office_rules import (
    CalendarFile,
    Deadlines,
    Limits,
    MetersFile,
    OrdersFile,
    Outliers,
    Penalties,
    PricesFile,
)
from inbox_worker.settings.retention_rules import RetentionRule
from inbox_worker.settings.schedule_rules import Schedule
from inbox_worker.settings.task_rules import CustomerNotices, Requests, TaskRules
from inbox_worker.settings.vocabulary import Vocabulary

FILES: Mapping[str, Any] = {
    "services.yaml": ServicesFile,
    "categories.yaml": CategoriesFile,
    "findings.yaml": Mapping[str, FindingRule],
    "deadlines.yaml": Deadlines,
    "limits.yaml": Limits,
    "prices.yaml": PricesFile,
    "orders.yaml": OrdersFile,
    "bank_codes.yaml": BankCodes,
    "meters.yaml": MetersFile,
    "penalties.yaml": Penalties,
    "calendar.yaml": CalendarFile,
    "delivery.yaml": DeliveryRule,
    "outliers.yaml": Outliers,
    "duties.yaml": Duties,
    "requests.yaml": Requests,
    "retention.yaml": RetentionRule,
    "customer_notices.yaml": CustomerNotices,
    "notices.yaml": Notices,
    "schedule.yaml": Schedule,
    "tasks.yaml": TaskRules,
    "vocabulary.yaml": Vocabulary,
}
FORMS = (  # that the program has work of its own for: each must be there; an analyst may add others
    "act_response", "bank_register", "bank_statement", "banks", "customers", "directory", "directory_corrections",
    "house_contracts", "house_exit", "meter_change", "meter_readings", "new_houses", "notice", "order_answers",
    "penalty_notice", "recalculations", "repair_schedule", "representative", "request", "requisites", "service_charges",
    "stops", "tariffs", "undelivered",
)  # fmt: skip
# a home made before a file, or a key of it, has what is shipped
LATER = (
    "vocabulary.yaml", "categories.yaml", "duties.yaml", "orders.yaml", "requests.yaml", "retention.yaml",
    "customer_notices.yaml", "notices.yaml", "schedule.yaml", "bank_codes.yaml",
)  # fmt: skip
LATER_KEYS = ("tasks.yaml",)  # of these the keys that are shipped since; the file itself must be there
LATER_FORMS = ("bank_statement.yaml", "banks.yaml", "house_contracts.yaml", "notice.yaml", "order_answers.yaml")
FOLLOWED = ("vocabulary.yaml", "tasks.yaml")  # of these each list that is as some version shipped it, too
FINDINGS = "findings.yaml"  # of it each entry that is as some version shipped it
WHOLE = ("requests.yaml",)  # of these a kind that a home took out stays out: it is a person's again
