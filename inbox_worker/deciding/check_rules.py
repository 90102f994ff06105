"""The `checks:` of forms compared with the functions behind them: names, parameters, columns and services."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Annotated, Any, get_type_hints

from pydantic import AfterValidator, BaseModel, Field, create_model

from inbox_worker.core.model import Customer
from inbox_worker.deciding import checks  # noqa: F401 - importing it registers the checks
from inbox_worker.deciding.table import CHECKS
from inbox_worker.ledger.schemas import SCHEMAS
from inbox_worker.settings.form_rules import Check, FormRule
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.rules import FormsRead
from inbox_worker.settings.shapes import Strict, fill
from inbox_worker.settings.shipped_rules import shipped_findings
from inbox_worker.settings.texts import shipped_texts
from inbox_worker.settings.yaml_files import Document, Place

_GIVEN = ("table", "case", "return")  # what a check gets from the program, not from the rules
_CODE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")  # of a finding, as in rules/findings.yaml
_LINE_FIELDS = ("area", "residents")  # what the directory knows of a line, beside a Customer's own fields


def _amount(text: str) -> str:
    try:
        fits = Decimal(text) >= 0
    except InvalidOperation:
        fits = False
    if not fits:
        raise ValueError(f'{text!r} is no number from 0; write it like "12.5"')
    return text


def _has_default(values: Mapping[str, Any]) -> Mapping[str, Any]:
    if "default" not in values:
        near = next((name for name in values if suggest(name, ["default"]).startswith("did")), "")
        slip = f"there is no such key as {near!r}; did you mean 'default'?"
        raise ValueError(slip if near else "default is missing; write the value of services that are not named")
    return values


_Amount = Annotated[str, AfterValidator(_amount)]
_Count = Annotated[int, Field(ge=0)]


class _Rollover(Strict):
    digits: Annotated[Mapping[str, Annotated[int, Field(ge=1, le=12)]], AfterValidator(_has_default)]


class _Confirm(Strict):
    times: _Amount
    over: _Amount


_SHAPES: Mapping[str, Any] = {  # parameters that are narrower than their types in Python
    "times": _Amount,
    "at_least": _Amount,
    "least": _Amount,
    "most": _Amount,
    "debt": _Amount,
    "unknown": Annotated[Mapping[str, _Amount], AfterValidator(_has_default)],
    "rollover": _Rollover,
    "confirm": _Confirm | None,
    "confirm_over": _Amount | None,
    "far": Mapping[str, _Amount],
    "limits": Mapping[str, _Amount],
}


def check_mistakes(read: FormsRead) -> Iterator[Mistake]:
    """Compare the checks of all forms that could be read with the functions."""
    worded = {*shipped_findings(), *(read.findings or {}), *shipped_texts().written.of}
    for name, form in read.forms.items():
        for place, text in _of_form(form, read, worded):
            yield read.documents[name].mistake(place, text)


def _of_form(form: FormRule, read: FormsRead, worded: Collection[str]) -> Iterator[tuple[Place, str]]:
    if form.form not in SCHEMAS and form.held != "task":  # what a person does by hand becomes no fact
        yield (
            ("form",),
            f"the ledger has no kind of fact {form.form!r}; add its columns to inbox_worker/ledger/schemas.py",
        )
    for number, entry in enumerate(form.checks):
        place: Place = ("checks", number)
        if entry.check not in CHECKS:
            hint = suggest(entry.check, sorted(CHECKS))
            yield (*place, "check"), f"there is no check {entry.check!r}; {hint}"
            continue
        for code in sorted(_codes_of(CHECKS[entry.check]).difference(worded)):
            text = f"what it finds, {code!r}, has no words; write its weight, clause and words into rules/findings.yaml"
            yield (*place, "check"), text
        for key, text in _of_entry(entry, form, read):
            yield (*place, *key), text


def _of_entry(entry: Check, form: FormRule, read: FormsRead) -> Iterator[tuple[Place, str]]:
    filled, mistakes = fill(Document(Path(), dict(entry.parameters)), _parameters_of(entry.check))
    if filled is None:
        yield from ((tuple(m.key.split(".")) if m.key else (), m.text) for m in mistakes)
        return
    yield from _wider_than_allowed(entry.parameters)
    for place, value, known in _names_in(entry.parameters, form, read):
        if value not in known:
            yield place, f"{value!r} is not known; {suggest(value, known)}"


def _wider_than_allowed(parameters: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield what could never be warned of, for it is refused already."""
    for usual, limit in (("usual_back", "days_back"), ("usual_ahead", "days_ahead")):
        if parameters.get(usual) is not None and parameters[usual] > parameters[limit]:
            yield (usual,), f"must be {parameters[limit]} ({limit}) or less: what is beyond that is refused"


def _names_in(
    parameters: Mapping[str, Any], form: FormRule, read: FormsRead
) -> Iterator[tuple[Place, str, Collection[str]]]:
    """Yield every name that a check's parameters use, and the names that there are."""
    choices = [choice for column in form.columns for choice in column.choices]
    columns = [*(column.name for column in form.columns), *(part.name for part in form.parts)]
    known: dict[str, Collection[str]] = {
        **dict.fromkeys(("column", "services_in", "house_in", "far", "limits", "slips"), columns),
        **dict.fromkeys(("fields", "indicators", "add", "remove", "refusal"), choices),
    }
    if "customers" in read.forms:
        known["kind"] = known["kinds"] = [c for column in read.forms["customers"].columns for c in column.choices]
    if read.services is not None:
        known["base"] = [base.code for base in read.services.bases]
        known["services"] = services = [service.code for service in read.services.services]
        known["unknown"] = ["default", *services]
        for service in parameters.get("rollover", {}).get("digits", {}):
            yield ("rollover", "digits", service), service, known["unknown"]
    for name in known.keys() & parameters.keys():
        values = parameters[name]
        yield from (((name,), value, known[name]) for value in ([values] if isinstance(values, str) else values))
    for indicator, field in parameters.get("fields", {}).items():
        yield ("fields", indicator), field, [*(f.name for f in fields(Customer)), *_LINE_FIELDS]


@cache
def _codes_of(function: Callable[..., object]) -> frozenset[str]:
    """Return the codes of findings that a check says, itself or by functions of its own module."""
    found, left = set[CodeType](), [inspect.unwrap(function).__code__]
    while left:
        code = left.pop()
        if code not in found:
            found.add(code)
            named = (function.__globals__.get(name) for name in code.co_names)
            near = [one.__code__ for one in named if inspect.isfunction(one) and one.__module__ == function.__module__]
            left += [*near, *(part for part in code.co_consts if isinstance(part, CodeType))]
    texts = (text for code in found for text in code.co_consts if isinstance(text, str))
    return frozenset(text for text in texts if _CODE.fullmatch(text))


@cache
def _parameters_of(check: str) -> type[BaseModel]:
    """Return the shape of a check's parameters, made of its function's signature."""
    function = CHECKS[check]
    hints = get_type_hints(function)
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in _GIVEN:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            kind = _SHAPES.get(name, _Count if hints[name] is int else hints[name])
            found[name] = (kind, default)
    return create_model(check, __base__=Strict, **found)
