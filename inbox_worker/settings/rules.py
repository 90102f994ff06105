"""rules/*.yaml -> `Rules`. Unknown and duplicate keys are refused; the version is the hash of all rule files.

An analyst changes these files without a programmer; all mistakes of all files are reported, each with file and key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from inbox_worker.core.files import read_small_file
from inbox_worker.core.text import fold
from inbox_worker.settings.bank_codes import BankCode
from inbox_worker.settings.bank_layouts import BankLayout, read_layouts
from inbox_worker.settings.delivery_rules import DeliveryRule
from inbox_worker.settings.duty_rules import Duties
from inbox_worker.settings.form_rules import (
    Base,
    Category,
    FindingRule,
    FormRule,
    Service,
    ServicesFile,
)
from inbox_worker.settings.home import shipped_path
from inbox_worker.settings.mistakes import Mistake, Mistaken
from inbox_worker.settings.notice_rules import Notices
from inbox_worker.settings.office_rules import (
    Deadlines,
    Estimation,
    Limits,
    OrdersFile,
    Outliers,
    Override,
    Penalties,
    Price,
    PurposeCode,
    Vat,
    find_latest,
)
from inbox_worker.settings.retention_rules import RetentionRule
from inbox_worker.settings.rule_conflicts import rule_mismatches
from inbox_worker.settings.rule_files import FILES, FORMS, LATER_FORMS
from inbox_worker.settings.rule_folders import find_strange_files, find_unread_folders
from inbox_worker.settings.schedule_rules import Schedule
from inbox_worker.settings.shapes import fill
from inbox_worker.settings.shipped_rules import shipped_findings, with_followed, with_later, with_units
from inbox_worker.settings.task_rules import CustomerNotices, Requests, TaskRules
from inbox_worker.settings.texts import AllTexts, read_texts
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.settings.yaml_files import Document, read_document

M = TypeVar("M")
_Row = TypeVar("_Row", Price, PurposeCode)


class RulesError(Mistaken):
    """Rule files cannot be used; the text says which file and what to do, `lines` all of it."""


@dataclass(frozen=True)
class Rules:
    """Everything under rules/, read and checked."""

    version: str
    services: tuple[Service, ...]
    bases: tuple[Base, ...]
    categories: tuple[Category, ...]
    forms: Mapping[str, FormRule]
    findings: Mapping[str, FindingRule]
    deadlines: Deadlines
    limits: Limits
    prices: tuple[Price, ...]
    vat: tuple[Vat, ...]
    orders: OrdersFile
    estimation: Estimation
    penalties: Penalties
    calendar: tuple[Override, ...]
    delivery: DeliveryRule
    outliers: Outliers
    duties: Duties
    requests: Requests
    retention: RetentionRule
    customer_notices: CustomerNotices
    notices: Notices
    schedule: Schedule
    tasks: TaskRules
    vocabulary: Vocabulary
    banks: Mapping[str, BankLayout]
    bank_codes: Mapping[str, BankCode]
    texts: AllTexts

    @cached_property
    def service_order(self) -> dict[str, int]:
        """Place of each service in a bill: breaks ties when money is split (money.md)."""
        return {service.code: index for index, service in enumerate(self.services)}

    def service(self, code: str) -> Service:
        return self.services[self.service_order[code]]

    @cached_property
    def service_names(self) -> dict[str, str]:
        """Folded spelling -> service code."""
        return {fold(name): one.code for one in self.services for name in (one.code, one.ru, one.kk, *one.names)}

    @cached_property
    def base_names(self) -> dict[str, str]:
        """Folded spelling -> base code."""
        return {fold(name): base.code for base in self.bases for name in (base.code, base.kk, *base.names)}

    @cached_property
    def category_names(self) -> dict[str, str]:
        """Folded spelling -> category code."""
        return {fold(name): one.code for one in self.categories for name in (one.code, one.ru, one.kk, *one.names)}

    def category(self, code: str) -> Category:
        return next(category for category in self.categories if category.code == code)

    def vat_percent(self, month_start: date) -> Decimal:
        """Return the VAT rate of a month of service."""
        fitting = [v for v in self.vat if v.start <= month_start]
        if not fitting:
            raise RulesError(f"rules/prices.yaml has no vat for {month_start:%Y-%m}; add one with an earlier `from`")
        return max(fitting, key=lambda v: v.start).percent

    def fee_percent(self, kind: str, service: str, paid_on: date) -> Decimal:
        """Return the fee rate for a payment: the later date applies, then the entry that names more (5.1)."""
        return _find_held(self.prices, "prices.yaml has no price", kind, service, paid_on).percent

    def knp_code(self, kind: str, service: str, day: date) -> str:
        """Return the КНП of an order of a day, found as a price is (4.1.7)."""
        return _find_held(self.orders.knp, "orders.yaml has no knp", kind, service, day).code


def _find_held(rows: tuple[_Row, ...], lack: str, kind: str, service: str, day: date) -> _Row:
    if (found := find_latest(rows, kind, service, day)) is None:
        raise RulesError(f"rules/{lack} for {kind!r}, {service!r} on {day}; add one")
    return found


def read_yaml(path: Path) -> Any:
    """Return a YAML file's data. Raises RulesError that names the file and the key."""
    document = read_document(path)
    if document.mistakes:
        raise RulesError(document.mistakes)
    return document.data


def rules_version(folder: Path) -> str:
    """Hash over the names and bytes of every rule file: stored with every decision. Of files that cannot be read, why:
    no decision is made by them."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            data = read_small_file(path)
        except OSError as error:
            data = str(error).encode()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class FormsRead:
    """Forms that could be read, with their documents, and services.yaml and findings.yaml if they could."""

    forms: Mapping[str, FormRule]
    documents: Mapping[str, Document]
    services: ServicesFile | None
    findings: Mapping[str, FindingRule] | None


Look = Callable[[FormsRead], Iterator[Mistake]]


def load_rules(folder: Path, also: Look | None = None) -> Rules:
    """Read every rule file of a folder. Raises RulesError with all mistakes: file, key and what would be right.

    Nothing is read anew while the files say the same: the service asks before every pass. `also`: what else looks at
    the forms; the checks that they name are not known here.
    """
    if unread := find_unread_folders(folder):
        raise RulesError(unread)
    while True:
        version = rules_version(folder)
        looked_at = next((key for key in _LOADED if key[0] == version and also in (key[1], None)), None)
        if looked_at:
            return _LOADED[looked_at]
        try:
            rules = _read_rules(folder, version, also)
        except _Changed:
            continue
        if len(_LOADED) >= _MOST_LOADED:
            _LOADED.clear()
        return _LOADED.setdefault((version, also), rules)


_LOADED: dict[tuple[str, Look | None], Rules] = {}  # what the same files say is the same, wherever they are
_MOST_LOADED = 4


class _Changed(Exception):
    """Somebody saved a rule file while they were read: what was read is not what the version says."""


def _read_rules(folder: Path, version: str, also: Look | None) -> Rules:
    reading = _RuleFiles(folder)
    files = {name: reading.file(name, kind) for name, kind in FILES.items()}
    paths = sorted({*(folder / "forms").glob("*.yaml"), *(folder / "forms" / f"{name}.yaml" for name in FORMS)})
    read = {path.stem: reading.form(path) for path in paths}
    forms = {name: form for name, form in read.items() if form is not None}
    reading.mistakes += [*find_strange_files(folder, FILES), *rule_mismatches(reading.documents, files, forms)]
    if also:
        documents = {name: reading.documents[f"forms/{name}.yaml"] for name in forms}
        reading.mistakes += also(FormsRead(forms, documents, files["services.yaml"], files["findings.yaml"]))
    texts, wrong = read_texts(folder)
    banks, misfits = read_layouts(folder, forms)
    reading.mistakes += [*wrong, *misfits]
    if rules_version(folder) != version:
        raise _Changed
    if reading.mistakes:
        raise RulesError(list(dict.fromkeys(reading.mistakes)))
    return _make_rules(version, files, forms, banks, texts)


def _make_rules(
    version: str,
    files: Mapping[str, Any],
    forms: Mapping[str, FormRule],
    banks: Mapping[str, BankLayout],
    texts: AllTexts,
) -> Rules:
    """Put together what was read of all files."""
    return Rules(
        version=version,
        services=with_units(files["services.yaml"].services),
        bases=files["services.yaml"].bases,
        categories=files["categories.yaml"].categories,
        forms={form.form: form for form in forms.values()},
        findings={**shipped_findings(), **files["findings.yaml"]},
        deadlines=files["deadlines.yaml"],
        limits=files["limits.yaml"],
        prices=files["prices.yaml"].prices,
        vat=files["prices.yaml"].vat,
        orders=files["orders.yaml"],
        estimation=files["meters.yaml"].estimation,
        penalties=files["penalties.yaml"],
        calendar=files["calendar.yaml"].overrides,
        delivery=files["delivery.yaml"],
        outliers=files["outliers.yaml"],
        duties=files["duties.yaml"],
        requests=files["requests.yaml"],
        retention=files["retention.yaml"],
        customer_notices=files["customer_notices.yaml"],
        notices=files["notices.yaml"],
        schedule=files["schedule.yaml"],
        tasks=files["tasks.yaml"],
        vocabulary=files["vocabulary.yaml"],
        banks=banks,
        bank_codes=files["bank_codes.yaml"],
        texts=texts,
    )


class _RuleFiles:
    """Files read into their shapes; what is wrong with any of them is gathered."""

    def __init__(self, folder: Path) -> None:
        self.documents: dict[str, Document] = {}
        self.mistakes: list[Mistake] = []
        self._folder = folder

    def file(self, name: str, kind: Any) -> Any:
        """Return a file's content; None when something is wrong with it."""
        document = with_later(read_document(self._folder / name), name)
        return self._fill(name, document, kind)

    def form(self, path: Path) -> FormRule | None:
        """Return a form; None when something is wrong with it."""
        if path.name in LATER_FORMS and not path.exists():
            path = shipped_path("rules") / "forms" / path.name
        filled: FormRule | None = self._fill(f"forms/{path.name}", with_followed(read_document(path)), FormRule)
        return filled

    def _fill(self, name: str, document: Document, kind: type[M]) -> M | None:
        self.documents[name] = document
        filled, mistakes = fill(document, kind)
        self.mistakes += mistakes
        return filled
