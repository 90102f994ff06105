"""Rules that do not fit each other: codes written twice, names that nobody has, headers that two columns share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from inbox_worker.core.text import fold
from inbox_worker.settings.form_rules import METERED, CategoriesFile, ColumnRule, FormRule, Service, ServicesFile
from inbox_worker.settings.mistakes import Mistake, suggest
from inbox_worker.settings.office_rules import CalendarFile, MetersFile, Penalties, PricesFile, TaskRules
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.settings.yaml_files import Document, Place


def repeated(document: Document, under: str, key: str, values: Iterable[Hashable]) -> Iterator[Mistake]:
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
    yield from repeated(document, "services", "code", codes)
    yield from repeated(document, "bases", "code", bases)
    yield from clashing_names(document, "services", [_distinct(s.code, s.ru, s.kk, *s.names) for s in file.services])
    yield from clashing_names(document, "bases", [_distinct(b.code, b.kk, *b.names) for b in file.bases])
    for number, service in enumerate(file.services):
        if service.base not in bases:
            words = f"there is no base {service.base!r}; {suggest(service.base, bases)}"
            yield document.mistake(("services", number, "base"), words)
        others = [code for code in codes if code != service.code]
        if service.of is not None and service.of not in others:
            words = f"there is no other service {service.of!r}; {suggest(service.of, others)}"
            yield document.mistake(("services", number, "of"), words)
        elif service.of is not None and (words := _cannot_follow(service, file.services)):
            yield document.mistake(("services", number, "of"), words)


def category_conflicts(document: Document, file: CategoriesFile) -> Iterator[Mistake]:
    """Yield categories of one code or one spelling."""
    yield from repeated(document, "categories", "code", [category.code for category in file.categories])
    names = [_distinct(one.code, one.ru, one.kk, *one.names) for one in file.categories]
    yield from clashing_names(document, "categories", names)


def _cannot_follow(service: Service, services: Sequence[Service]) -> str:
    """What keeps a service from being counted by another one's meters; '' when nothing does."""
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
    document: Document, file: PricesFile, services: Sequence[str], kinds: Sequence[str]
) -> Iterator[Mistake]:
    """Yield what does not fit in prices.yaml: unknown services, kinds that no Customer is of, dates said twice."""
    for number, price in enumerate(file.prices):
        if price.service not in ("any", *services):
            words = f"there is no service {price.service!r}; {suggest(price.service, ['any', *services])}"
            yield document.mistake(("prices", number, "service"), words)
        if kinds and price.kind not in ("any", *kinds):
            words = f"no Customer is a {price.kind!r}; {suggest(price.kind, ['any', *kinds])}"
            yield document.mistake(("prices", number, "kind"), words)
    yield from repeated(document, "prices", "from", [(p.start, p.kind, p.service) for p in file.prices])
    yield from repeated(document, "vat", "from", [vat.start for vat in file.vat])


def meter_conflicts(document: Document, file: MetersFile, services: Sequence[Service]) -> Iterator[Mistake]:
    """Yield norms of services that are none, or that have no meters."""
    bases = {service.code: service.base for service in services}
    for service in file.estimation.norms:
        words = ""
        if service not in bases:
            words = f"there is no service {service!r}; {suggest(service, bases)}"
        elif bases[service] != METERED:
            words = f"{service!r} is counted by {bases[service]}, not by meters, so a norm has no effect; remove it"
        if words:
            yield document.mistake(("estimation", "norms", service), words)


def task_conflicts(document: Document, tasks: TaskRules, forms: Iterable[FormRule]) -> Iterator[Mistake]:
    """Yield terms for values that no row of the kind's form can have."""
    choices = {form.form: [choice for column in form.columns for choice in column.choices] for form in forms}
    for kind in TaskRules.model_fields:
        for value in tasks.rule(kind).of:
            if kind in choices and value not in choices[kind]:
                hint = suggest(value, choices[kind]) or "its rows have no such list; remove it"
                yield document.mistake((kind, "of", value), f"{value!r} is no choice of forms/{kind}.yaml; {hint}")
            elif kind not in choices and kind in ("letter", "confirmation"):
                yield document.mistake((kind, "of"), "a task of this kind has no form of its own; remove it")


def penalty_conflicts(document: Document, penalties: Penalties) -> Iterator[Mistake]:
    """Yield base rates of one date."""
    yield from repeated(document, "base_rates", "from", [rate.start for rate in penalties.base_rates])


def calendar_conflicts(document: Document, file: CalendarFile) -> Iterator[Mistake]:
    """Yield days that are told twice."""
    yield from repeated(document, "overrides", "date", [override.date for override in file.overrides])


def form_conflicts(document: Document, form: FormRule) -> Iterator[Mistake]:
    """Yield what does not fit within one form."""
    if form.form != document.path.stem:
        stem = document.path.stem
        words = f"{form.form!r} is in a file of another name; write form: {stem}, or move a copy out of rules/"
        yield document.mistake(("form",), words)
    columns = [column.name for column in form.columns]
    names = [*columns, *(part.name for part in form.parts)]
    yield from repeated(document, "columns", "name", columns)
    yield from _part_conflicts(document, form, columns)
    asked: list[tuple[Place, str]] = [(("key", number), name) for number, name in enumerate(form.key)]
    asked += [(("compares", number), name) for number, name in enumerate(form.compares)]
    asked += [(("signed",), form.signed)] if form.signed else []
    for place, name in asked:
        if name not in names:
            yield document.mistake(place, f"{name!r} is no column of the form; {suggest(name, names)}")
    for number, column in enumerate(form.columns):
        yield from _column_conflicts(document, number, column)
    yield from clashing_names(document, "columns", [_distinct(c.ru, c.kk, *c.aliases) for c in form.columns])


def _part_conflicts(document: Document, form: FormRule, columns: Sequence[str]) -> Iterator[Mistake]:
    choices = {column.name: column.choices for column in form.columns}
    for number, part in enumerate(form.parts):
        if part.name in columns:
            yield document.mistake(("parts", number, "name"), f"{part.name!r} is a column already; choose another name")
        if part.column not in columns:
            words = f"{part.column!r} is no column; {suggest(part.column, columns)}"
            yield document.mistake(("parts", number, "column"), words)
        for name, values in part.when.items():
            if name not in columns:
                yield document.mistake(
                    ("parts", number, "when", name), f"{name!r} is no column; {suggest(name, columns)}"
                )
            for value in values:
                if choices.get(name) and value not in choices[name]:
                    words = f"{value!r} is no choice of {name}; {suggest(value, choices[name])}"
                    yield document.mistake(("parts", number, "when", name), words)


def _column_conflicts(document: Document, number: int, column: ColumnRule) -> Iterator[Mistake]:
    place: Place = ("columns", number)
    if (column.type == "choice") != bool(column.choices):
        words = (
            "is missing; write what may be chosen" if column.type == "choice" else "only a column of type choice has it"
        )
        yield document.mistake((*place, "choices"), words)
    for value in column.spellings:
        if column.choices and value not in column.choices:
            words = f"{value!r} is no choice of this column; {suggest(value, column.choices)}"
            yield document.mistake((*place, "spellings", value), words)


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
    return frozenset(fold(text) for text in (column.ru, column.kk, *column.aliases))


def vocabulary_conflicts(document: Document, vocabulary: Vocabulary, forms: Sequence[FormRule]) -> Iterator[Mistake]:
    """Yield names that no form's column has: their spellings would have no effect. Without forms nothing is judged."""
    columns = [column for form in forms for column in form.columns]
    headers = {fold(name): name for c in columns for name in (c.ru, c.kk, *c.aliases)}
    for name in vocabulary.headers if forms else ():
        if fold(name) not in headers:
            yield document.mistake(("headers", name), f"no column is called so; {suggest(name, headers.values())}")
    names = [column.name for column in columns]
    for name in vocabulary.meant if forms else ():
        if name not in names:
            yield document.mistake(("meant", name), f"no form has such a column; {suggest(name, names)}")
