"""Prints what commands have to show: tables for people, JSON for programs. Senders' text is shown as text, never as
markup."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from inbox_worker.cli.screen_width import has_width
from inbox_worker.contract.duty import word_proof
from inbox_worker.core.model import Customer
from inbox_worker.outbox.recorded_answers import word_answer
from inbox_worker.outbox.trouble import Trouble, remedy_code
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.log import one_line
from inbox_worker.settings.texts import Say, show_day

_FILE_WIDTH = 160  # of tables in a file
_NARROW = 110  # a screen on which why something was decided has no room in a table
_DEEPEST = 12  # of the lines that go on


def console() -> Console:
    """Return standard output, as wide as the screen or COLUMNS say; wide enough for tables when it is a file."""
    return Console(width=None if has_width() else _FILE_WIDTH, highlight=False)


def as_json(document: Any) -> str:
    """Return one JSON document; money as exact text."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=str)


def show_lines(lines: Sequence[str]) -> None:
    """Print plain lines, one each. One that is wider than the screen goes on below it, deeper by two, wrapped between
    words; a file and a program get it whole."""
    width = console().width if has_width() else 0
    for line in lines:
        later = " " * (min(len(line) - len(line.lstrip()), _DEEPEST) + 2)
        parts = [line]
        if 0 < width < len(line) and "\n" not in line:
            parts = _wrap(line, width, "", later)
        sys.stdout.write("\n".join(parts) + "\n")


def table_of(say: Say, title: str, columns: Sequence[str]) -> Table:
    """Return a table whose texts are in screens.yaml, its columns under `column.`."""
    table = Table(title=say(title), title_justify="left")
    for name in columns:
        table.add_column(say(f"column.{name}"), overflow="fold")
    return table


def show_arrivals(
    reports: Sequence[Mapping[str, Any]], forms: Mapping[str, FormRule], say: Say, dry_run: bool = False
) -> None:
    """Print what came in, what was decided (or would be) and why."""
    if not reports:
        show_lines([say("arrivals.nothing")])
        return
    columns, why = ("number", "file", "form", "outcome", "month", "rows", "findings"), list[str]()
    narrow = console().width < _NARROW
    table = table_of(say, "arrivals_tried" if dry_run else "arrivals", columns[:-1] if narrow else columns)
    for report in reports:
        own = _reasons(report["findings"], say)
        shown = report["submissions"] or [None]
        for submission in shown:
            row = _row(report, submission, own, forms, say)
            table.add_row(*(escape(cell) for cell in (row[:-1] if narrow else row)))
            why += [f"{row[0] if row[0] != '—' else row[1]}: {row[-1]}"] if narrow and row[-1] else []
    console().print(table)
    for line in why:
        show_wrapped(line)


def _row(
    report: Mapping[str, Any], submission: Mapping[str, Any] | None, own: str, forms: Mapping[str, FormRule], say: Say
) -> list[str]:
    if submission is None:
        decided = f"{say_outcome(report['outcome'], say)} {report['task']}".strip()
        return [report["arrival"] or "—", report["source"], "", decided, "", "", own]
    rows = f"{submission['rows_posted']}/{submission['rows_read']}"
    why = " ".join(filter(None, [own, _reasons(submission["findings"], say)]))
    name = submission["attachment"]
    task = f" {submission['task']}" if submission["task"] and submission["outcome"] == "held" else ""
    form = forms.get(submission["form"] or "")
    return [
        submission["submission"] or "—", name, say.of(form.title) if form else submission["form"] or "",
        say_outcome(submission["outcome"], say) + task,
        submission["month"] or "", rows, why,
    ]  # fmt: skip


def say_outcome(outcome: str | None, say: Say) -> str:
    """Return an outcome in words; '' where there is no decision yet."""
    return say(f"outcome.{outcome}") if outcome else ""


def _reasons(findings: Sequence[Mapping[str, str]], say: Say, most: int = 2) -> str:
    """Return the weightiest findings in words, and how many more."""
    shown = [f for f in findings if f["severity"] != "info"] or list(findings)
    text = "message_kk" if say.language == "kk" else "message"  # findings have the contract's two languages only
    words = [f"{f['cell'] + ': ' if f['cell'] else ''}{f.get(text) or f['message']}" for f in shown[:most]]
    more = f" (+{len(shown) - most})" if len(shown) > most else ""
    return " ".join(words) + more


def show_tasks(found: Sequence[tuple[Mapping[str, str], str]], customers: Mapping[str, Customer], say: Say) -> None:
    """Print what needs a person: each task, whose it is, and what came."""
    blocks = []
    for task, what in found:
        state, kind = say(f"task.{task['state']}"), say(f"task.kind.{task['kind']}")
        whose = name_customer(task["customer"], customers)
        head = (task["task"], state, show_day(task["due"]), task["clause"], kind, whose)
        blocks.append((head, what, (task["source"], task["note"])))
    show_blocks(say("tasks"), blocks)


def name_customer(bin_: str, customers: Mapping[str, Customer]) -> str:
    """Return a Customer's БИН with the name, where it is known."""
    return f"{bin_} {customers[bin_].name}" if bin_ in customers else bin_


def show_duties(
    found: Sequence[Mapping[str, str]], names: Mapping[str, str], customers: Mapping[str, Customer], say: Say
) -> None:
    """Print who owes what by when; `names`: what each duty is called."""
    blocks = []
    for one in found:
        due = show_day(one["due"]) + (f" (+{one['longer']})" if one["longer"] else "")
        state = say("duty.late", days=one["late"]) if one["late"] else say(f"duty.{one['state']}")
        head = (state, due, one["clause"], say(f"duty.{one['who']}"), name_customer(one["customer"], customers))
        met = f"{say('column.met_by')}: {_word_proof(one['met_by'], say)}" if one["met_by"] else ""
        blocks.append((head, names[one["duty"]], (one["source"], met)))
    show_blocks(say("duties"), blocks)


def _word_proof(met_by: str, say: Say) -> str:
    return word_proof(met_by, lambda way, which: say(f"duty.by_{way}", which=which))


def show_blocks(title: str, blocks: Sequence[tuple[Sequence[str], str, Sequence[str]]]) -> None:
    """Print records too wide for a table: a line of short facts, below it what it is, and what else is known.

    Lines are wrapped between words at the width of the screen; a word is never broken. Without records it says so.
    """
    show_lines([title if blocks else f"{title}: 0"])
    for head, words, more in blocks:
        show_wrapped("  ".join(filter(None, head)), "  ")
        for text in filter(None, (words, "; ".join(filter(None, more)))):
            show_wrapped(text, "      ", "      ")


def show_wrapped(text: str, later: str = "  ", first: str = "") -> None:
    """Print a text in lines that fit the screen, wrapped between words; line breaks of its sender are spaces."""
    text = one_line(" ".join(text.split()))
    lines = _wrap(text, console().width, first, later)
    show_lines(lines or [""])


def _wrap(text: str, width: int, first: str, later: str) -> list[str]:
    """Return the lines of a text. No word is broken, and no sum between its thousands."""
    joined = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "\u00a0", text)
    lines = wrap(joined, width, initial_indent=first, subsequent_indent=later, break_long_words=False,
                 break_on_hyphens=False)  # fmt: skip
    return [line.replace("\u00a0", " ") for line in lines]


def show_contract(page: Mapping[str, Any], names: Mapping[str, str], say: Say) -> None:
    """Print a Customer's contract: a block a subject, only those duties that are not met. `names`: what each duty,
    service and kind of Customer is called."""
    for block in ("agreement", "people", "requisites"):
        console().print(say(f"contract.{block}"))
        pairs = {name: names.get(str(v)) or _value(name, v, say) for name, v in page[block].items() if v}
        show_pairs({f"  {say(f'contract.{name}')}": value for name, value in pairs.items()})
    console().print(say("contract.money"))
    sums = {name: v if name == "month" else money(Decimal(v)) for name, v in page["money"].items() if v}
    show_pairs({f"  {say(f'contract_sum.{name}')}": shown for name, shown in sums.items()})
    if page["settlement"]:
        console().print(say("contract.settlement"))
        shown = {name: v if name in ("until", "month", "open_acts") else money(Decimal(v))
                 for name, v in page["settlement"].items() if v}  # fmt: skip
        show_pairs({f"  {say(f'settled.{name}')}": show_day(str(value)) for name, value in shown.items()})
    blocks = ("told", "houses", "house_contracts", "force_majeure", "stops", "consents", "lines", "prices", "tasks")
    for block in blocks:
        console().print(f"{say(f'contract.{block}')}: {len(page[block])}")
        for row in map(_as_read, page[block]):
            show_wrapped("  ".join(names.get(str(v), show_day(str(v))) for v in row.values() if v), "    ", "  ")
        if block == "prices":
            _show_prices(page, say)
    console().print(f"{say('contract.acts')}: {len(page['acts'])}")
    for act in page["acts"]:
        state = say(f"act_state.{act['state'].replace(' ', '_')}")
        head = f"{act['act']}  {act['month']}  {show_day(act['dated'])}  {state}"
        later = say("contract.act_revision", revision=act["waiting"]) if act["waiting"] else ""
        show_wrapped("; ".join(filter(None, (head, later))), "    ", "  ")
    show_duties([duty for duty in page["duties"] if duty["state"] != "met"], names, {}, say)


def _as_read(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with the percent of a price as sums are written."""
    return {**row, "percent": str(row["percent"]).replace(".", ",")} if "percent" in row else row


def _show_prices(page: Mapping[str, Any], say: Say) -> None:
    """Print when a price is fixed, the prices that begin later, and the notices of prices that were sent (10.5)."""
    said = [say("contract.price_fixed")]
    for price in page["coming_prices"]:
        state = say(f"price_state.{price['state'].replace(' ', '_')}")
        said.append(say("contract.price_coming", **price, publishing=state))
    for text in (*said, *(say("contract.price_notice", **one) for one in page["price_notices"])):
        show_wrapped(text, "    ", "  ")


def _value(name: str, value: str | Sequence[str], say: Say) -> str:
    """Return a value of the page as people read it: states in words, lists with commas."""
    if name in ("state", "utilities", "no_depersonalised"):
        return say(f"contract.{name}_{str(value).replace(' ', '_')}")
    return show_day(value) if isinstance(value, str) else ", ".join(value)


def show_pairs(pairs: Mapping[str, str]) -> None:
    """Print labels and values, one pair a line."""
    table = Table(show_header=False, box=None)
    for label, value in pairs.items():
        table.add_row(escape(label), escape(value))
    console().print(table)


def show_deliveries(found: Sequence[Mapping[str, Any]], say: Say) -> None:
    """Print letters that leave, and the server's last answer about each."""
    blocks = []
    for one in found:
        tries = f"{say('column.tries')}: {one['tries']}" if one["tries"] else ""
        later = f"{say('column.next')}: {one['next_at']}" if one["next_at"] else ""
        state, kind = say(f"letter_state.{one['state']}"), say(f"letter_kind.{one['kind']}")
        head = (one["id"], state, kind, one["arrival"] or one["document"], tries, later)
        words = [
            word_answer(one["last_answer"], say),
            *([say(remedy_code(Trouble(one["trouble"])), letter=one["id"])] if one["trouble"] else []),
            *(say(f"return.{back['fate']}", said=back["said"]) for back in one["returns"]),
        ]
        blocks.append(([str(part) for part in head if part], one["recipient"], words))
    show_blocks(say("deliveries"), blocks)


def money(value: Decimal) -> str:
    """Return a sum as `1 234 567,89`."""
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


def show_counts(title: str, counts: Counter[str], say: Say, of: str = "outcome") -> None:
    """Print how many of each; `of`: the column of what is counted."""
    table = table_of(say, title, (of,))
    table.add_column(say("column.count"), justify="right")
    for name, number in counts.most_common():
        table.add_row(escape(name), str(number))
    console().print(table)
