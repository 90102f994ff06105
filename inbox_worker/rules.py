"""rules/*.yaml -> `Rules`. Unknown and duplicate keys are refused; the version is the hash of all rule files.

An analyst changes these files without a programmer; a mistake is told with the file and the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from inbox_worker.config import shipped
from inbox_worker.form_rules import Base, FindingRule, FormRule, Service
from inbox_worker.office_rules import (
    Deadlines,
    Delivery,
    Estimation,
    Limits,
    Outliers,
    Override,
    Penalties,
    Price,
    TaskRules,
    Vat,
)
from inbox_worker.spelling import fold

M = TypeVar("M", bound=BaseModel)


class RulesError(Exception):
    """A rule file cannot be used; the text says which file and what to do."""


@dataclass(frozen=True)
class Rules:
    """Everything under rules/, read and checked."""

    version: str
    services: tuple[Service, ...]
    bases: tuple[Base, ...]
    forms: Mapping[str, FormRule]
    findings: Mapping[str, FindingRule]
    deadlines: Deadlines
    limits: Limits
    prices: tuple[Price, ...]
    vat: tuple[Vat, ...]
    estimation: Estimation
    penalties: Penalties
    calendar: tuple[Override, ...]
    delivery: Delivery
    outliers: Outliers
    tasks: TaskRules

    @cached_property
    def service_order(self) -> dict[str, int]:
        """Place of each service in a bill: breaks ties when money is split (money.md)."""
        return {service.code: index for index, service in enumerate(self.services)}

    def service(self, code: str) -> Service:
        return self.services[self.service_order[code]]

    @cached_property
    def service_names(self) -> dict[str, str]:
        """Folded spelling -> service code."""
        return {
            fold(name): service.code
            for service in self.services
            for name in (service.code, service.ru, service.kk, *service.names)
        }

    @cached_property
    def base_names(self) -> dict[str, str]:
        """Folded spelling -> base code."""
        return {fold(name): base.code for base in self.bases for name in (base.code, base.kk, *base.names)}

    def vat_percent(self, month_start: date) -> Decimal:
        """The VAT rate of a month of service."""
        return max((v for v in self.vat if v.start <= month_start), key=lambda v: v.start).percent

    def fee_percent(self, kind: str, service: str, paid_on: date) -> Decimal:
        """The fee rate for a payment: the later date applies, then the entry that names more (5.1)."""
        fitting = [
            p for p in self.prices if p.start <= paid_on and p.kind in (kind, "any") and p.service in (service, "any")
        ]
        if not fitting:
            raise RulesError(f"rules/prices.yaml has no price for {kind!r}, {service!r} on {paid_on}; add one")
        return max(fitting, key=lambda p: (p.start, (p.kind != "any") + (p.service != "any"))).percent


class _UniqueKeys(yaml.CSafeLoader):
    """YAML that refuses a key written twice (the second would silently win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise RulesError(f"{key_node.start_mark}: the key {key!r} stands twice; remove one")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """A YAML file with duplicate keys refused. Raises RulesError that names the file."""
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_UniqueKeys)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: cannot be read: {error}") from error


def _build(path: Path, kind: type[M], data: Any) -> M:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RulesError(f"{path}: {problems}") from error


def _each(path: Path, kind: type[M], key: str) -> tuple[M, ...]:
    return tuple(_build(path, kind, entry) for entry in _starts(read_yaml(path), key)[key])


def _starts(data: dict[str, Any], key: str) -> dict[str, Any]:
    """`from` is no name in Python: a dated entry has `start`."""
    renamed = [{("start" if k == "from" else k): v for k, v in entry.items()} for entry in data[key]]
    return {**data, key: renamed}


def rules_version(folder: Path) -> str:
    """Hash over the names and bytes of every rule file: stored with every decision."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def load_rules(folder: Path) -> Rules:
    """Reads every rule file of a folder. Raises RulesError that names file, key and problem.

    Nothing is read anew while the files say the same: the service asks before every pass.
    """
    return _loaded(folder, rules_version(folder))


@lru_cache(maxsize=4)
def _loaded(folder: Path, version: str) -> Rules:
    forms = [_build(path, FormRule, read_yaml(path)) for path in sorted((folder / "forms").glob("*.yaml"))]
    findings = folder / "findings.yaml"
    return Rules(
        version=version,
        services=_each(folder / "services.yaml", Service, "services"),
        bases=_each(folder / "services.yaml", Base, "bases"),
        forms={form.form: form for form in forms},
        findings=_findings(findings),
        deadlines=_build(folder / "deadlines.yaml", Deadlines, read_yaml(folder / "deadlines.yaml")),
        limits=_build(folder / "limits.yaml", Limits, read_yaml(folder / "limits.yaml")),
        prices=_each(folder / "prices.yaml", Price, "prices"),
        vat=_each(folder / "prices.yaml", Vat, "vat"),
        estimation=_build(folder / "meters.yaml", Estimation, read_yaml(folder / "meters.yaml")["estimation"]),
        penalties=_build(
            folder / "penalties.yaml", Penalties, _starts(read_yaml(folder / "penalties.yaml"), "base_rates")
        ),
        calendar=_each(folder / "calendar.yaml", Override, "overrides"),
        delivery=_delivery(folder),
        outliers=_build(_later(folder, "outliers.yaml"), Outliers, read_yaml(_later(folder, "outliers.yaml"))),
        tasks=_build(_later(folder, "tasks.yaml"), TaskRules, read_yaml(_later(folder, "tasks.yaml"))),
    )


def _findings(path: Path) -> dict[str, FindingRule]:
    """Words of findings; codes younger than the home take those that travel with the program."""
    return {
        code: _build(file, FindingRule, data)
        for file in (shipped("rules") / path.name, path)
        for code, data in read_yaml(file).items()
    }


def _later(folder: Path, name: str) -> Path:
    """A home made before there was such a rule works by the one that travels with the program."""
    return folder / name if (folder / name).exists() else shipped("rules") / name


def _delivery(folder: Path) -> Delivery:
    path = _later(folder, "delivery.yaml")
    delivery = _build(path, Delivery, read_yaml(path))
    if "default" not in delivery.ways:
        raise RulesError(f"{path}: ways.default is missing; write how documents go, [mail] or [folder] or both")
    return delivery
