"""Shapes of config.yaml and rules/ as pydantic models, and what is wrong with data in them, in an operator's words."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from inbox_worker.core.errors import UseError
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.yaml_files import Document, Place

M = TypeVar("M")

_ORDER = {"extra_forbidden": 0, "missing": 2}  # a slip of the pen comes before what it leaves out
_SECRET = ("password", "token", "journal", "storage", "endpoint")  # keys whose values no line may repeat
_DATE = "must be a date such as 2026-08-31"
_RIGHT = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be yes or no"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"),
        "must be a number with a point, such as 12.5",
    ),
    **dict.fromkeys(("tuple_type", "list_type"), "must be a list, such as [one, two]"),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type"), "must be a block of keys and values"
    ),
    **dict.fromkeys(("string_too_short", "too_short"), "must not be empty"),
    **dict.fromkeys(("date_from_datetime_inexact", "date_from_datetime_parsing", "date_parsing", "date_type"), _DATE),
    "invalid_key": "a key must be a word; write it in quotes",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be {le:g} or less",
}


class Strict(BaseModel):
    """A block of keys. Unknown keys are refused, and so are yes for a number and a number for a date."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_other_kind(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            return value
        kinds = _kinds_of(cls, info.field_name or "")
        if bool not in kinds and any(isinstance(part, bool) for part in _parts(value)):
            raise PydanticCustomError("truth", "is a yes or no to YAML; write a text in quotes, a number in digits")
        if date in kinds and isinstance(value, int | float):
            raise PydanticCustomError("number_for_date", _DATE)
        return value


@cache
def _kinds_of(shape: type[BaseModel], name: str) -> frozenset[Any]:
    return frozenset(_kinds(shape.model_fields[name].annotation))


class Misplaced(UseError, ValueError):
    """A mistake between keys of a block, reported at the one that is to be changed."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place = place


def must_be(is_right: Callable[[Any], object], text: str) -> AfterValidator:
    """Return a validator that refuses other values with a text; `{}` in it is the value's place."""

    def look(value: Any) -> Any:
        if not is_right(value):
            raise ValueError(text.format(value))
        return value

    return AfterValidator(look)


ServerName = Annotated[
    str,
    Field(min_length=1),
    must_be(
        re.compile(r"[^\s/@:\[\]]*|[0-9A-Fa-f]*(:[0-9A-Fa-f.]*){2,}(%\w+)?").fullmatch,
        "{!r} is no name of a server; write the name alone, such as mail.example.kz: the port has a key of its own",
    ),
]


def one_of(known: tuple[str, ...], what: str) -> AfterValidator:
    """Return what refuses every other name."""

    def look(name: str) -> str:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}; {suggest(name, known)}")
        return name

    return AfterValidator(look)


def fill(document: Document, kind: type[M] | Any) -> tuple[M | None, list[Mistake]]:
    """Return a document's data in its shape, and every mistake; None with mistakes."""
    if document.mistakes and document.data is None:
        return None, list(document.mistakes)
    shape: Any = kind
    try:
        return _adapter_of(shape).validate_python(document.data), list(document.mistakes)
    except ValidationError as error:
        broken = {mistake.key for mistake in document.mistakes}
        found = [m for m in explain(document, kind, error) if m.key not in broken]
        return None, [*document.mistakes, *found]


def fill_entries(document: Document, kind: type[M]) -> Mapping[str, M]:
    """Return a document's entries in their shape, by code, without those that have mistakes."""
    whole: Mapping[str, M] | None = fill(document, Mapping[str, kind])[0]  # type: ignore[valid-type]
    if whole is not None:
        return whole
    entries = document.data if isinstance(document.data, dict) else {}
    each: dict[str, M | None] = {code: fill(Document(document.path, entry), kind)[0] for code, entry in entries.items()}
    return {code: filled for code, filled in each.items() if filled is not None}


@cache
def _adapter_of(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def explain(document: Document, kind: Any, error: ValidationError) -> list[Mistake]:
    """Return the mistakes of data that do not fit their shape. A misspelt key is reported once, not as missing, too."""
    errors = sorted(_without_echoes(error.errors(include_url=False)), key=lambda e: _ORDER.get(e["type"], 1))
    extra = [e for e in errors if e["type"] == "extra_forbidden"]
    missing = {e["loc"] for e in errors if e["type"] == "missing"}
    meant = {(*e["loc"][:-1], name) for e in extra for name in _near(e, missing)}
    return [
        document.mistake(_place(e), _words(e, kind, missing))
        for e in errors
        if e["type"] != "missing" or e["loc"] not in meant
    ]


def _without_echoes(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where that is so only because its entries have mistakes."""
    places = [e["loc"] for e in errors]
    return [
        e
        for e in errors
        if e["type"] != "too_short" or not any(p != e["loc"] and p[: len(e["loc"])] == e["loc"] for p in places)
    ]


def _near(extra: ErrorDetails, missing: Collection[Place]) -> Iterator[str]:
    """Yield the missing key that an unknown one beside it seems to mean."""
    names = [str(place[-1]) for place in missing if place[:-1] == extra["loc"][:-1]]
    said = suggest(extra["loc"][-1], names)
    yield from (name for name in names if said == f"did you mean {name!r}?")


def _place(error: ErrorDetails) -> Place:
    """Return the place without what pydantic adds (which part of a union, that a key is meant), and with what a block's
    own look adds: which of its keys."""
    written = tuple(p for p in error["loc"] if not (isinstance(p, str) and (p == "[key]" or "[" in p)))
    reason = error.get("ctx", {}).get("error")
    return (*written, *reason.place) if isinstance(reason, Misplaced) else written


def _words(error: ErrorDetails, kind: Any, missing: Collection[Place]) -> str:
    type_, value, place = error["type"], error["input"], _place(error)
    if type_ == "extra_forbidden":
        near = list(_near(error, missing))
        hint = suggest(place[-1], near or _known_keys(kind, place[:-1]))
        return f"there is no such key; {hint or 'remove it'}"
    if type_ == "missing":
        return "is missing; write it"
    if type_ in ("literal_error", "enum"):
        known = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{_show_value(value, place)} is not known; {suggest(value, known)}"
    if type_ == "string_type":
        return _no_text(value)
    if type_ == "value_error":
        return str(error["ctx"]["error"])
    return _RIGHT.get(type_, error["msg"]).format(**error.get("ctx", {}))


def _no_text(value: Any) -> str:
    if value is None:
        return "is empty; write a text"
    if isinstance(value, int | float):
        return "is a number to YAML, which loses zeros; write it in quotes"
    if isinstance(value, date):
        return "is a date to YAML; write it in quotes"
    return "must be a text"


def _show_value(value: Any, place: Place) -> str:
    if any(word in str(part) for part in place for word in _SECRET):
        return "what is written"
    return repr(value)[:60]


def _known_keys(kind: Any, place: Place) -> list[str]:
    """Return the keys that a block may have."""
    for part in place:
        kind = next(_inner(kind, part), None)
    model = next((k for k in _branches(kind) if isinstance(k, type) and issubclass(k, BaseModel)), None)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _inner(kind: Any, part: str | int) -> Iterator[Any]:
    for branch in _branches(kind):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            yield from (f.annotation for name, f in branch.model_fields.items() if part in (name, f.alias))
        elif get_args(branch):
            yield get_args(branch)[1 if _is_mapping(branch) else 0]


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _branches(kind: Any) -> Iterator[Any]:
    """Yield the kinds that a value may have, without `Annotated` and `| None`."""
    if get_origin(kind) is Annotated:
        yield from _branches(get_args(kind)[0])
    elif get_origin(kind) in (Union, types.UnionType):
        for branch in get_args(kind):
            yield from _branches(branch)
    else:
        yield kind


def _kinds(kind: Any) -> Iterator[Any]:
    """Yield every kind that a value and the values in it may have; models look after their own, `Any` may be all."""
    for branch in _branches(kind):
        if branch is Any or (isinstance(branch, type) and issubclass(branch, BaseModel)):
            yield bool
        elif get_args(branch) and get_origin(branch) is not None:
            for inner in get_args(branch):
                yield from _kinds(inner)
        else:
            yield branch


def _parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from _parts(inner)
