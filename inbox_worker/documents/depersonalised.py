"""Сведения без персональных данных: figures of a month by groups of consumers, and a cover that says what was left out
and why (4.2.7)."""

from __future__ import annotations

from collections.abc import Iterator

from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.depersonalised_groups import SUMS, ConsumerGroup, DepersonalisedMonth
from inbox_worker.documents.sheet_columns import largest_numbers, money_columns, text_columns
from inbox_worker.documents.sheet_formats import PageSetup
from inbox_worker.documents.sheet_style import Headers, SheetColumn, Words, in_both
from inbox_worker.documents.sheets import Book
from inbox_worker.documents.small_groups import OTHER
from inbox_worker.documents.view import last_day, month_kk, month_ru
from inbox_worker.settings.rules import Rules

KIND = "depersonalised"
_TABLE = (
    SheetColumn("service_shown", width=44, flexible=True),
    SheetColumn("kind", width=38, flexible=True),
    SheetColumn("size", width=32),
    SheetColumn("accounts", "integer", 14),
    SheetColumn("customers", "integer", 14),
    *money_columns(opening=26, charged=29, paid=26, closing=26),
)
_COVER = text_columns(left=90, right=90)  # two, for lines are wrapped over cells put together


def render_depersonalised(month: DepersonalisedMonth, operator: Operator, rules: Rules) -> Rendered:
    """Return the workbook: a cover, then a row a group. It names no moment: the same close gives the same bytes."""
    texts = rules.texts.written
    title = in_both(texts.words("title.depersonalised"))
    book = Book(title, title, operator.name, last_day(month.month), Headers(texts, KIND))
    shown = f"{month_ru(month.month)} · {month_kk(month.month)}"
    titles: list[Words] = [(("title", title),), (("strong", shown),)]
    name = texts.words("sheet_name.depersonalised_cover").ru
    cover = book.add_page(name, _COVER, titles, PageSetup(title, portrait=True))
    cover.start()
    for code, facts in _tell(month, rules):
        words = texts.words(f"depersonalised.{code}", **facts)
        cover.add_line()
        cover.add_line((("plain", words.ru),))
        cover.add_line((("soft", words.kk),))
    if month.groups:
        order = {**rules.service_order, OTHER: len(rules.service_order)}
        rows = [_row(group, rules) for group in sorted(month.groups, key=lambda group: order[group.service])]
        setup = PageSetup(f"{title}, {shown}", largest=largest_numbers(_TABLE, rows))
        page = book.add_page(texts.words("sheet_name.depersonalised").ru, _TABLE, titles, setup)
        page.write_table(rows, "service_shown", ("opening", "charged"), ("paid", "closing"))
    return Rendered(KIND, f"{KIND}-{month.month}.xlsx", book.finish(), "")


def _tell(month: DepersonalisedMonth, rules: Rules) -> Iterator[tuple[str, dict[str, object]]]:
    """Say what this is and what is not in it. How much was left out of the sums is not told: it would be somebody's."""
    least = rules.retention.depersonalised
    yield "what", {}
    yield "least", {"accounts": least.accounts, "customers": least.customers}
    yield "banned", {"count": month.banned}
    if month.waiting:
        yield "waiting", {"count": month.waiting}
    if not month.groups:
        yield "nothing", {}
        return
    yield "folded", {"count": month.folded}
    yield "sums", {"number": month.number}
    if month.banned or month.waiting:
        yield "beside", {}
    yield "limits", {}


def _row(group: ConsumerGroup, rules: Rules) -> dict[str, object]:
    other = in_both(rules.texts.written.words("depersonalised.other"))
    service = rules.service(group.service) if group.service != OTHER else None
    return {
        "service_shown": in_both(service.words) if service else other,
        "kind": other if group.kind == OTHER else group.kind,
        "size": other if group.size == OTHER else _show_size(group.size, rules),
        "accounts": group.accounts, "customers": group.customers,
        **{name: group.sums[name] for name in SUMS},
    }  # fmt: skip


def _show_size(size: str, rules: Rules) -> str:
    """Return the class of dwellings that begins with so many of the areas of the rules."""
    texts, sizes = rules.texts.written, rules.retention.depersonalised.sizes
    if size == "-":
        return in_both(texts.words("depersonalised.size_unknown"))
    at = int(size)
    bounds = {"since": sizes[at - 1] if at else 0, "to": sizes[at] if at < len(sizes) else 0}
    code = "size_below" if not at else "size_from" if at == len(sizes) else "size_between"
    return in_both(texts.words(f"depersonalised.{code}", **bounds))
