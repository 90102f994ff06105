"""The month on one page for staff: what came and how late, what was charged, paid and is owed, what waits for people.

One self-contained HTML file: no scripts, no addresses, plots drawn inside. Texts of senders and Customers are
escaped. The templates are templates/documents/month.html, came.svg and sums.svg.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, StrictUndefined, TemplateError
from markupsafe import Markup

from inbox_worker.core.model import Period
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.docx import TemplateProblem
from inbox_worker.documents.plots import COLOURS, SUM_COLOURS, Plot, group_bars, stack_bars
from inbox_worker.documents.view import clean, month_kk, month_ru, show_sum

TEMPLATE = "month.html"
_CAME, _SUMS = "came.svg", "sums.svg"  # plots of it
MOST_SHOWN = 15  # Customers and houses in a plot; the tables have all of them
OUTCOMES = {"accepted": "принято / қабылданды", "deferred": "перенесено / кейінге қалдырылды",
            "held": "задержано / кідіртілді", "rejected": "отклонено / қайтарылды",
            "quarantined": "карантин / карантин", "failed": "наша неполадка / біздің ақау",
            "duplicate": "повтор / қайталау", "ignored": "без формы / нысансыз"}  # fmt: skip
_PARTS = ("charged", "paid", "debt", "advance")
_HOURS = (-24 * 7, -72, -24, -12, -6, -3, -1, 0)
_TICKS = ("раньше\nертерек", "7–3 сут\nтәу", "72–24 ч\nсағ", "24–12 ч\nсағ", "12–6 ч\nсағ", "6–3 ч\nсағ", "3–1 ч\nсағ",
          "последний час\nсоңғы сағат", "опоздали\nкешікті")  # fmt: skip


@dataclass(frozen=True)
class Came:
    """A form, or an arrival without one: its outcome and when it came."""

    outcome: str
    at: datetime


@dataclass(frozen=True)
class Sums:
    """A Customer's or a house's month. `debt` sums lines that owe, `advance` those paid ahead."""

    name: str
    charged: Decimal  # with undelivered days, recalculations and penalty
    paid: Decimal
    debt: Decimal
    advance: Decimal


@dataclass(frozen=True)
class Waiting:
    """What waits for people: what, how it is told apart, since when or why, how many of them."""

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


def render_month_page(page: MonthPage, template: Callable[[str], Path]) -> bytes:
    """Return the page; `template` finds a template by its name. Raises TemplateProblem when one asks for something the
    page does not have."""
    values = {
        "month_ru": month_ru(page.month),
        "month_kk": month_kk(page.month),
        "state": page.state,
        "operator": clean(page.operator.name),
        "deadline": f"{page.deadline:%d.%m.%Y %H:%M}",
        "outcomes": [{"name": OUTCOMES[name], "count": count} for name, count in _counted(page.came).items()],
        "came_plot": _drawn(template(_CAME), plot=_came_plot(page)),
        "customers": [_shown(row) for row in page.customers],
        "houses": [_shown(row) for row in page.houses],
        "total": _shown(_total(page.customers)),
        "customers_plot": _drawn(template(_SUMS), plot=_sums_plot(page.customers)),
        "houses_plot": _drawn(template(_SUMS), plot=_sums_plot(page.houses)),
        "most_drawn": MOST_SHOWN,
        "waiting": [{name: clean(str(value)) for name, value in vars(row).items()} for row in page.waiting],
    }
    return _drawn(template(TEMPLATE), **values).encode("utf-8")


def _drawn(template: Path, **values: object) -> Markup:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    try:
        return Markup(environment.from_string(template.read_text("utf-8")).render(values))  # noqa: S704 - escaped in it
    except TemplateError as error:
        raise TemplateProblem(template.name, error) from error


def _counted(came: Sequence[Came]) -> dict[str, int]:
    counts = Counter(form.outcome for form in came)
    return {name: counts[name] for name in OUTCOMES if counts[name]}


def _came_plot(page: MonthPage) -> Plot:
    """Return forms by the hours that were left when they came."""
    places = {name: [0] * len(_TICKS) for name in COLOURS if name in _counted(page.came)}
    for form in page.came:
        hours = (form.at - page.deadline).total_seconds() / 3600
        places[form.outcome][sum(hours > edge for edge in _HOURS)] += 1
    titled = {OUTCOMES[name]: counts for name, counts in places.items()}
    return stack_bars(_TICKS, titled, [COLOURS[name] for name in places])


def _sums_plot(rows: Sequence[Sums]) -> Plot:
    shown = sorted(rows, key=lambda row: (-row.charged, row.name))[:MOST_SHOWN]
    million = Decimal(1_000_000)
    sums = {
        "начислено / есептелді": [row.charged / million for row in shown],
        "оплачено / төленді": [row.paid / million for row in shown],
        "долг / қарыз": [row.debt / million for row in shown],
    }
    names = [clean(row.name) for row in shown]
    return group_bars([name if len(name) <= 31 else f"{name[:30]}…" for name in names], sums, SUM_COLOURS)


def _total(rows: Sequence[Sums]) -> Sums:
    parts = {
        name: sum((getattr(row, name) for row in rows), Decimal(0)) for name in ("charged", "paid", "debt", "advance")
    }
    return Sums("Всего / Барлығы", **parts)


def _shown(row: Sums) -> dict[str, str]:
    sums = {name: show_sum(getattr(row, name)) for name in _PARTS}
    return {"name": clean(row.name), **sums}
