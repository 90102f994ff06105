"""The month on one page for staff: what came and how late, what was charged, paid and is owed, what waits for people.

One self-contained HTML file: no scripts, no addresses, plots drawn inside. Texts of senders and Customers are
escaped. The templates are templates/documents/month.html, came.svg and sums.svg.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.plots import COLOURS, SUM_COLOURS, Plot, group_bars, stack_bars
from inbox_worker.documents.templates import fill_html
from inbox_worker.documents.view import clean, month_kk, month_ru, show_sum
from inbox_worker.settings.texts import Texts

TEMPLATE = "month.html"
_CAME, _SUMS = "came.svg", "sums.svg"  # plots of it
MOST_SHOWN = 15  # Customers and houses in a plot; the tables have all of them
_PARTS = ("charged", "paid", "debt", "advance")
_DRAWN = _PARTS[:3]
_HOURS = (-24 * 7, -72, -24, -12, -6, -3, -1, 0)  # before the deadline; what came after the last one is late


@dataclass(frozen=True)
class Came:
    """A form, or an arrival without one: its outcome, and the time left until its deadline; negative = late."""

    outcome: str
    left: timedelta


@dataclass(frozen=True)
class Sums:
    """A Customer's or a house's month. `debt` sums lines that owe, `advance` those paid ahead."""

    name: str
    charged: Decimal  # with undelivered days, recalculations, penalty and moves
    paid: Decimal
    debt: Decimal
    advance: Decimal


@dataclass(frozen=True)
class Waiting:
    """A thing that waits for people: what, which, since when or why, how many of them."""

    what: str
    which: str
    note: str
    count: int = 1


@dataclass(frozen=True)
class MonthPage:
    """All the page shows. `deadline` is the last moment of forms for the month."""

    month: Period
    state: str
    operator: Operator
    deadline: datetime
    came: Sequence[Came]
    customers: Sequence[Sums]
    houses: Sequence[Sums]
    waiting: Sequence[Waiting]
    texts: Texts

    @property
    def outcomes(self) -> dict[str, int]:
        """Counts of forms by their outcome."""
        counts = Counter(form.outcome for form in self.came)
        return {name: counts[name] for name in COLOURS if counts[name]}


def render_month_page(page: MonthPage, template: Callable[[str], Path]) -> bytes:
    """Return the page; `template` finds a template by its name. Raises TemplateProblem when one asks for something the
    page does not have."""
    values = {
        "month_ru": month_ru(page.month),
        "month_kk": month_kk(page.month),
        "state": page.state,
        "operator": clean(page.operator.name),
        "deadline": f"{page.deadline:%d.%m.%Y %H:%M}",
        "outcomes": [{"name": page.texts.both(f"report.outcome.{name}"), "count": count}
                     for name, count in page.outcomes.items()],
        "came_plot": fill_html(template(_CAME), plot=_came_plot(page)),
        "customers": [_show_sums(row) for row in page.customers],
        "houses": [_show_sums(row) for row in page.houses],
        "total": _show_sums(_total(page)),
        "customers_plot": fill_html(template(_SUMS), plot=_sums_plot(page.customers, page.texts)),
        "houses_plot": fill_html(template(_SUMS), plot=_sums_plot(page.houses, page.texts)),
        "most_drawn": MOST_SHOWN,
        "waiting": [{name: clean(str(value)) for name, value in vars(row).items()} for row in page.waiting],
    }  # fmt: skip
    return fill_html(template(TEMPLATE), **values).encode("utf-8")


def _came_plot(page: MonthPage) -> Plot:
    """Return forms by the hours that were left when they came."""
    spans = [page.texts.words(f"report.came.{number}") for number in range(len(_HOURS) + 1)]
    places = {name: [0] * len(spans) for name in page.outcomes}
    for form in page.came:
        hours = -form.left.total_seconds() / 3600
        places[form.outcome][sum(hours > edge for edge in _HOURS)] += 1
    titled = {page.texts.both(f"report.outcome.{name}"): counts for name, counts in places.items()}
    return stack_bars([f"{span.ru}\n{span.kk}" for span in spans], titled, [COLOURS[name] for name in places])


def _sums_plot(rows: Sequence[Sums], texts: Texts) -> Plot:
    shown = sorted(rows, key=lambda row: (-row.charged, row.name))[:MOST_SHOWN]
    million = Decimal(1_000_000)
    sums = {texts.both(f"report.sum.{name}"): [getattr(row, name) / million for row in shown] for name in _DRAWN}
    names = [clean(row.name) for row in shown]
    return group_bars([name if len(name) <= 31 else f"{name[:30]}…" for name in names], sums, SUM_COLOURS)


def _total(page: MonthPage) -> Sums:
    sums = {name: sum((getattr(row, name) for row in page.customers), Decimal(0)) for name in _PARTS}
    return Sums(page.texts.both("report.total"), **sums)


def _show_sums(row: Sums) -> dict[str, str]:
    sums = {name: show_sum(getattr(row, name)) for name in _PARTS}
    return {"name": clean(row.name), **sums}
