"""What does not fit between entries and files of the rules, and the texts of findings that travel with the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from inbox_worker.settings.form_rules import FindingRule, FormRule
from inbox_worker.settings.home import shipped
from inbox_worker.settings.mistakes import Mistake
from inbox_worker.settings.rule_conflicts import (
    calendar_conflicts,
    category_conflicts,
    form_conflicts,
    meter_conflicts,
    penalty_conflicts,
    price_conflicts,
    service_conflicts,
    signature_conflicts,
    task_conflicts,
    vocabulary_conflicts,
)
from inbox_worker.settings.shapes import fill
from inbox_worker.settings.text_conflicts import text_conflicts
from inbox_worker.settings.yaml_files import Document, read_document

_OF_SERVICES = ("prices.yaml", "meters.yaml")  # they name services, which must have been read
_TEXTS = ("ru", "kk", "remedy_ru", "remedy_kk")
_ALWAYS = ("value", "sheet", "cell")  # what every finding's text may name


def shipped_findings() -> Mapping[str, FindingRule]:
    """Texts that travel with the program: a home made before there was a code takes its text from here."""
    path = shipped("rules") / "findings.yaml"
    return _findings_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _findings_of(path: Path, changed: int) -> Mapping[str, FindingRule]:
    document = read_document(path)
    filled: Mapping[str, FindingRule | None] = {
        code: fill(Document(path, data), FindingRule)[0] for code, data in (document.data or {}).items()
    }
    return {code: rule for code, rule in filled.items() if rule is not None}


def rule_mismatches(
    documents: Mapping[str, Document], files: Mapping[str, Any], forms: Mapping[str, FormRule]
) -> Iterator[Mistake]:
    """Yield what does not fit between entries and files; of what could not be read nothing is said."""
    services, findings = files["services.yaml"], files["findings.yaml"]
    codes = [service.code for service in services.services] if services else []
    whole = list(forms.values()) if len(forms) == sum(name.startswith("forms/") for name in documents) else []
    looks: Sequence[tuple[str, Any, tuple[Any, ...]]] = (
        ("services.yaml", service_conflicts, ()),
        ("categories.yaml", category_conflicts, ()),
        ("prices.yaml", price_conflicts, (codes, _kinds_of_customers(forms))),
        ("meters.yaml", meter_conflicts, (services.services if services else (),)),
        ("penalties.yaml", penalty_conflicts, ()),
        ("calendar.yaml", calendar_conflicts, ()),
        ("tasks.yaml", task_conflicts, (list(forms.values()),)),
        ("vocabulary.yaml", vocabulary_conflicts, (whole,)),
    )
    for name, look, known in looks:
        if files[name] is not None and (services or name not in _OF_SERVICES):
            yield from look(documents[name], files[name], *known)
    if findings is not None:
        yield from text_conflicts(
            documents["findings.yaml"], _texts(findings), _texts(shipped_findings()), always=_ALWAYS
        )
    for name, form in forms.items():
        yield from form_conflicts(documents[f"forms/{name}.yaml"], form)
    by_code = {form.form: documents[f"forms/{name}.yaml"] for name, form in forms.items()}
    yield from signature_conflicts(by_code, list(forms.values()))


def _texts(findings: Mapping[str, FindingRule]) -> Mapping[str, Mapping[str, str]]:
    return {code: {field: getattr(rule, field) for field in _TEXTS} for code, rule in findings.items()}


def _kinds_of_customers(forms: Mapping[str, FormRule]) -> Sequence[str]:
    columns = forms["customers"].columns if "customers" in forms else ()
    return next((column.choices for column in columns if column.name == "kind"), ())
