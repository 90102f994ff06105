"""Rules that do not fit each other: codes written twice, names that nobody has, headers that two columns share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from inbox_worker.core.text import fold
from inbox_worker.settings.form_names import deadline_conflicts, unknown_name, vocabulary_conflicts
from inbox_worker.settings.form_rules import (
    METERED,
    CategoriesFile,
    ColumnRule,
    FindingRule,
    FormRule,
    Service,
    ServicesFile,
)
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.office_rules import (
    CalendarFile,
    MetersFile,
    OfService,
    OrdersFile,
    Penalties,
    PricesFile,
)
from inbox_worker.settings.shipped_rules import repeats_shipped, shipped_findings
from inbox_worker.settings.task_rules import CustomerNotices, Requests, TaskRules
from inbox_worker.settings.text_conflicts import text_conflicts
from inbox_worker.settings.yaml_files import Document, Place


def find_repeated(document: Document, under: str, key: str, values: Iterable[Hashable]) -> Iterator[Mistake]:
    """Yield entries of a list that say again what an earlier one says: the second would win, or never count."""
    first: dict[Hashable, int] = {}
    for number, value in enumerate(values):
        if value in first:
            words = f"says the same as {under}.{first[value]}; remove one of the two"
            yield document.mistake((under, number, key), words)
        first.setdefault(value, number)


def clashing_names(document: Document, under: str, names: Sequence[Iterable[str]]) -> Iterator[Mistake]:
    """Yield entries of a list that share a spelling: which of them is meant could not be said."""
    owner: dict[str, int] = {}
    for number, spellings in enumerate(names):
        for text in spellings:
            other = owner.setdefault(fold(text), number)
            if other != number:
                yield document.mistake((under, number), f"{text!r} is a name of {under}.{other}, too; keep it in one")


def service_conflicts(document: Document, file: ServicesFile) -> Iterator[Mistake]:
    """Yield what does not fit in services.yaml."""
    codes, bases = [service.code for service in file.services], [base.code for base in file.bases]
    yield from find_repeated(document, "services", "code", codes)
    yield from find_repeated(document, "bases", "code", bases)
    yield from clashing_names(document, "services", [_distinct(s.code, s.ru, s.kk, *s.names) for s in file.services])
    yield from clashing_names(document, "bases", [_distinct(b.code, b.kk, *b.names) for b in file.bases])
    for number, service in enumerate(file.services):
        yield from unknown_name(document, ("services", number, "base"), "there is no base {!r}", service.base, bases)
        others, place = [code for code in codes if code != service.code], ("services", number, "of")
        if service.of in others and (words := _cannot_follow(service, file.services)):
            yield document.mistake(place, words)
        elif service.of is not None:
            yield from unknown_name(document, place, "there is no other service {!r}", service.of, others)


def category_conflicts(document: Document, file: CategoriesFile) -> Iterator[Mistake]:
    """Yield categories of one code or one spelling."""
    yield from find_repeated(document, "categories", "code", [category.code for category in file.categories])
    names = [_distinct(one.code, one.ru, one.kk, *one.names) for one in file.categories]
    yield from clashing_names(document, "categories", names)


def _cannot_follow(service: Service, services: Sequence[Service]) -> str:
    """Return what keeps a service from being counted by another one's meters; '' when nothing does."""
    followed = next(other for other in services if other.code == service.of)
    if service.base != METERED:
        return f"only a service of base {METERED} follows another one's meters; remove it"
    metered = [other.code for other in services if other.base == METERED and not other.of and other is not service]
    if followed.base != METERED:
        return f"{service.of!r} has the base {followed.base!r} and no meters to follow; {suggest(service.of, metered)}"
    return f"{service.of!r} follows {followed.of!r} itself; write of: {followed.of}" if followed.of else ""


def _distinct(*names: str) -> Iterable[str]:
    return {fold(name): name for name in names}.values()


def price_conflicts(
    document: Document, file: PricesFile | OrdersFile, services: Sequence[str], kinds: Sequence[str]
) -> Iterator[Mistake]:
    """Yield what does not fit in prices.yaml and orders.yaml: unknown services, kinds that no Customer is of, dates
    said twice."""
    rows: Sequence[OfService] = file.prices if isinstance(file, PricesFile) else file.knp
    key = "prices" if isinstance(file, PricesFile) else "knp"
    for number, row in enumerate(rows):
        place, known = (key, number), ["any", *services]
        yield from unknown_name(document, (*place, "service"), "there is no service {!r}", row.service, known)
        if kinds:
            yield from unknown_name(document, (*place, "kind"), "no Customer is a {!r}", row.kind, ["any", *kinds])
    yield from find_repeated(document, key, "from", [(row.start, row.kind, row.service) for row in rows])
    if isinstance(file, PricesFile):
        yield from find_repeated(document, "vat", "from", [vat.start for vat in file.vat])


def meter_conflicts(document: Document, file: MetersFile, services: Sequence[Service]) -> Iterator[Mistake]:
    """Yield norms of services that are none, or that have no meters."""
    bases = {service.code: service.base for service in services}
    for service in file.estimation.norms:
        place = ("estimation", "norms", service)
        yield from unknown_name(document, place, "there is no service {!r}", service, bases)
        if bases.get(service, METERED) != METERED:
            words = f"{service!r} is counted by {bases[service]}, not by meters, so a norm has no effect; remove it"
            yield document.mistake(place, words)


def task_conflicts(document: Document, tasks: TaskRules, forms: Iterable[FormRule]) -> Iterator[Mistake]:
    """Yield terms for values that no row of the kind's form can have."""
    choices = {form.form: [choice for column in form.columns for choice in column.choices] for form in forms}
    for kind in TaskRules.model_fields:
        for value in tasks.rule(kind).of:
            if kind in choices and value not in choices[kind]:
                hint = suggest(value, choices[kind]) or "its rows have no such list; remove it"
                yield document.mistake((kind, "of", value), f"{value!r} is no choice of forms/{kind}.yaml; {hint}")
            elif kind not in choices and kind in ("stop", "letter", "confirmation"):
                yield document.mistake((kind, "of"), "a task of this kind has no form of its own; remove it")


def request_conflicts(document: Document, requests: Requests, form: FormRule | None) -> Iterator[Mistake]:
    """Yield kinds that no row of a request can have."""
    known = form.column("kind").choices if form else ()
    for kind in requests if form else ():
        yield from unknown_name(document, (kind,), "{!r} is no choice of forms/request.yaml", kind, known)


def notice_conflicts(document: Document, notices: CustomerNotices, form: FormRule | None) -> Iterator[Mistake]:
    """Yield kinds that no row of a notice can have, and kinds of which nothing is said."""
    known = form.column("kind").choices if form else ()
    for kind in notices if form else ():
        yield from unknown_name(document, (kind,), "{!r} is no choice of forms/notice.yaml", kind, known)
    yield from (
        document.mistake((kind,), "is missing; write what such a notice does") for kind in known if kind not in notices
    )


def penalty_conflicts(document: Document, penalties: Penalties) -> Iterator[Mistake]:
    """Yield base rates of one date."""
    yield from find_repeated(document, "base_rates", "from", [rate.start for rate in penalties.base_rates])


def calendar_conflicts(document: Document, file: CalendarFile) -> Iterator[Mistake]:
    """Yield days that are listed twice."""
    yield from find_repeated(document, "overrides", "date", [override.date for override in file.overrides])


def form_conflicts(document: Document, form: FormRule) -> Iterator[Mistake]:
    """Yield what does not fit within one form."""
    for name in form.held_unless:
        known = [column.name for column in form.columns]
        yield from unknown_name(document, ("held_unless", name), "there is no column {!r}", name, known)
    if form.form != document.path.stem:
        stem = document.path.stem
        words = f"{form.form!r} is in a file of another name; write form: {stem}, or move a copy out of rules/"
        yield document.mistake(("form",), words)
    columns = [column.name for column in form.columns]
    names = [*columns, *(part.name for part in form.parts)]
    yield from find_repeated(document, "columns", "name", columns)
    yield from _part_conflicts(document, form, columns)
    asked: list[tuple[Place, str]] = [(("key", number), name) for number, name in enumerate(form.key)]
    asked += [(("compares", number), name) for number, name in enumerate(form.compares)]
    asked += [(("signed",), form.signed)] if form.signed else []
    asked += [(("in_register", field), name) for field, name in form.in_register.items()]
    asked += [(("in_register",), "changed_on")] if form.in_register else []
    asked += [(("titled", name), value) for name, value in form.titled] if form.titled else []
    asked += [(("span", name), getattr(form.span, name)) for name in ("first", "last")] if form.span else []
    asked += [(("opposite", "done_by"), form.opposite.done_by)] if form.opposite and form.opposite.done_by else []
    for place, name in asked:
        yield from unknown_name(document, place, "{!r} is no column of the form", name, names)
    for number, column in enumerate(form.columns):
        yield from _column_conflicts(document, number, column)
    yield from clashing_names(document, "columns", [_distinct(*c.names) for c in form.columns])


def _part_conflicts(document: Document, form: FormRule, columns: Sequence[str]) -> Iterator[Mistake]:
    choices = {column.name: column.choices for column in form.columns}
    for number, part in enumerate(form.parts):
        if part.name in columns:
            yield document.mistake(("parts", number, "name"), f"{part.name!r} is a column already; choose another name")
        yield from unknown_name(document, ("parts", number, "column"), "{!r} is no column", part.column, columns)
        for name, values in part.when.items():
            place = ("parts", number, "when", name)
            yield from unknown_name(document, place, "{!r} is no column", name, columns)
            for value in values if choices.get(name) else ():
                yield from unknown_name(document, place, f"{{!r}} is no choice of {name}", value, choices[name])


def _column_conflicts(document: Document, number: int, column: ColumnRule) -> Iterator[Mistake]:
    place: Place = ("columns", number)
    if (column.type == "choice") != bool(column.choices):
        words = (
            "is missing; write what may be chosen" if column.type == "choice" else "only a column of type choice has it"
        )
        yield document.mistake((*place, "choices"), words)
    listed = (("spellings", column.spellings if column.choices else ()), ("kazakh", column.kazakh))
    for name, value in ((name, value) for name, values in listed for value in values):
        yield from unknown_name(
            document, (*place, name, value), "{!r} is no choice of this column", value, column.choices
        )


def signature_conflicts(documents: Mapping[str, Document], forms: Sequence[FormRule]) -> Iterator[Mistake]:
    """Yield forms of one mailbox whose required columns are the same: a workbook without a code could be both."""
    for one, other in combinations(forms, 2):
        if one.form != other.form and one.mailbox == other.mailbox and _covers(one, other) and _covers(other, one):
            words = f"has the same required columns as forms/{one.form}.yaml; give one of them a header of its own"
            yield documents[other.form].mistake(("columns",), words)


def _covers(one: FormRule, other: FormRule) -> bool:
    required = [_spellings(column) for column in one.columns if column.required]
    return all(any(own & _spellings(c) for own in required) for c in other.columns if c.required)


def _spellings(column: ColumnRule) -> frozenset[str]:
    return frozenset(fold(text) for text in column.names)


_OF_SERVICES = ("prices.yaml", "orders.yaml", "meters.yaml")  # they name services, which must have been read
_TEXTS = ("ru", "kk", "remedy_ru", "remedy_kk")
_OF_STAFF = ("staff_ru", "staff_kk")
_ALWAYS = ("value", "sheet", "cell")  # what every finding's text may name


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
        ("orders.yaml", price_conflicts, (codes, _kinds_of_customers(forms))),
        ("meters.yaml", meter_conflicts, (services.services if services else (),)),
        ("penalties.yaml", penalty_conflicts, ()),
        ("calendar.yaml", calendar_conflicts, ()),
        ("deadlines.yaml", deadline_conflicts, (whole,)),
        ("tasks.yaml", task_conflicts, (list(forms.values()),)),
        ("requests.yaml", request_conflicts, (forms.get("request"),)),
        ("customer_notices.yaml", notice_conflicts, (forms.get("notice"),)),
        ("vocabulary.yaml", vocabulary_conflicts, (whole,)),
    )
    for name, look, known in looks:
        if files[name] is not None and (services or name not in _OF_SERVICES):
            yield from look(documents[name], files[name], *known)
    if findings is not None and not repeats_shipped(documents["findings.yaml"], "findings.yaml"):
        document, shipped = documents["findings.yaml"], shipped_findings()
        yield from text_conflicts(document, _texts(findings, _TEXTS), _texts(shipped, _TEXTS), always=_ALWAYS)
        of_ours = {code: rule for code, rule in findings.items() if code in shipped}
        yield from text_conflicts(document, _texts(of_ours, _OF_STAFF), _texts(shipped, _OF_STAFF), always=("number",))
    for name, form in forms.items():
        yield from form_conflicts(documents[f"forms/{name}.yaml"], form)
    by_code = {form.form: documents[f"forms/{name}.yaml"] for name, form in forms.items()}
    yield from signature_conflicts(by_code, list(forms.values()))


def _texts(findings: Mapping[str, FindingRule], names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    return {code: {field: getattr(rule, field) for field in names} for code, rule in findings.items()}


def _kinds_of_customers(forms: Mapping[str, FormRule]) -> Sequence[str]:
    columns = forms["customers"].columns if "customers" in forms else ()
    return next((column.choices for column in columns if column.name == "kind"), ())
