"""Shipped rules that a home made before them takes: files, keys, words, texts of findings, units of services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from inbox_worker.settings.followed_words import follow_entries, follow_form, follow_shipped
from inbox_worker.settings.form_rules import Bilingual, FindingRule, Service, ServicesFile
from inbox_worker.settings.home import shipped_path
from inbox_worker.settings.rule_files import FINDINGS, FOLLOWED, LATER, LATER_KEYS, WHOLE
from inbox_worker.settings.shapes import fill, fill_entries
from inbox_worker.settings.yaml_files import Document, read_document


def shipped_findings() -> Mapping[str, FindingRule]:
    """Return texts that travel with the program: a home made before there was a code takes its text from here."""
    path = shipped_path("rules") / FINDINGS
    return _findings_of(path, path.stat().st_mtime_ns)


def with_later(document: Document, name: str) -> Document:
    """Return a home's file of rules with what is shipped since the home was made: the file itself, its keys, the words
    of its lists, its findings."""
    if name not in LATER and (name not in (*LATER_KEYS, FINDINGS) or document.data is None):
        return document
    shipped = read_document(shipped_path("rules") / name)
    if not document.path.exists():
        return shipped
    if not isinstance(document.data, dict) or name in WHOLE or document.data is shipped.data:
        return document
    if name == FINDINGS:
        return replace(document, data=follow_entries(shipped.data, document.data))
    if name in FOLLOWED:
        return replace(document, data=follow_shipped(shipped.data, document.data))
    return replace(document, data={**shipped.data, **document.data})


def with_followed(document: Document) -> Document:
    """Return a home's form with the words that are shipped since the home was made, where it did not change its own."""
    path = shipped_path("rules") / "forms" / document.path.name
    if document.path == path or not path.exists():  # a form that an analyst added
        return document
    shipped = read_document(path).data
    if document.data is shipped:
        return document
    return replace(document, data=follow_form(path.name, shipped, document.data))


def repeats_shipped(document: Document, name: str) -> bool:
    """Return whether a home's file of rules says word for word what the shipped one does, which was looked at."""
    shipped = read_document(shipped_path("rules") / name)  # read once: the same texts give the same data
    return document.data is not None and document.data is shipped.data and document.path != shipped.path


@lru_cache(maxsize=1)
def _findings_of(path: Path, changed: int) -> Mapping[str, FindingRule]:
    return fill_entries(read_document(path), FindingRule)


def with_units(services: Sequence[Service]) -> tuple[Service, ...]:
    """Return services with what their meters count: a home made before there were units takes the shipped ones."""
    path = shipped_path("rules") / "services.yaml"
    units = _units_of(path, path.stat().st_mtime_ns)
    return tuple(one if one.unit else one.model_copy(update={"unit": units.get(one.code)}) for one in services)


@lru_cache(maxsize=1)
def _units_of(path: Path, changed: int) -> Mapping[str, Bilingual | None]:
    filled: ServicesFile | None = fill(read_document(path), ServicesFile)[0]
    return {service.code: service.unit for service in filled.services} if filled else {}
