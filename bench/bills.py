"""Bills: a second against bare typst with the same template and data; memory while thousands are made."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import pikepdf
import typst

from bench.measure import Result, beside_asked, peak_memory, processor, timed
from inbox_worker.cli.homes import make_home
from inbox_worker.documents.bill import Bill, BillStyle
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.outbox.publish_bills import BillOrder, render
from inbox_worker.outbox.sample import MONTH, sample
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules

TARGET = 0.7
MOST_TIME = 12  # ms of processor a page
LINES = (
    "maintenance",
    "lift",
    "cctv",
    "cleaning",
    "heating",
    "electricity",
    "cold_water",
    "cold_sewerage",
    "hot_water",
)
A_DOCUMENT = 100


def bills(folder: Path, quick: bool) -> Result:
    """Documents of 100 bills, each with 9 lines of 7 suppliers, 3 meters and 6 changes, two pages of paper: one process
    beside bare typst, then two processes.

    typst alone lays out pages by threads on every core, so our two processes are what it is compared with.
    """
    documents = 4 if quick else 20
    orders = _orders(folder / "home", documents)
    with pikepdf.open(BytesIO(render(orders[0]).data)) as first:  # which reads fonts
        pages = len(first.pages) / A_DOCUMENT
    used = 0.0

    def render_all() -> None:
        nonlocal used
        used = processor(lambda: [render(order) for order in orders[1:]])

    seconds = timed(render_all)
    peak = peak_memory()
    bare = _bare(orders[1:])
    count = (documents - 1) * A_DOCUMENT
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(render, orders[:2]))
        both = timed(lambda: list(pool.map(render, orders[1:])))
    return Result(
        "bills",
        (
            f"one process  {count / seconds:7.0f} bills of {pages:g} pages a second, {1000 * used / count:.1f} ms of "
            f"processor a bill, {peak / 2**20:.0f} MiB at most",
            f"bare typst   {count / bare:7.0f} bills a second, same template and data, both cores (one process "
            f"{bare / seconds:.2f} of it)",
            f"two processes{count / both:7.0f} bills a second",
            beside_asked("bills", 1000 * used / count / pages, MOST_TIME, "ms of processor a page", at_least=False),
            beside_asked("two processes beside bare typst", bare / both, TARGET, "of it"),
        ),
        met=bare / both >= TARGET,
    )


def _orders(home_folder: Path, documents: int) -> list[BillOrder]:
    make_home(home_folder)
    home = load_home(home_folder)
    rules = load_rules(home.rules)
    style, first = style_of(home, rules, MONTH), sample(home.operator, rules).bills[0]
    return [BillOrder([_bill(first, document, place) for place in range(A_DOCUMENT)], style, f"{document}.pdf")
            for document in range(documents)]  # fmt: skip


def _bill(first: Bill, document: int, place: int) -> Bill:
    """Every bill is its own: typst remembers what it has laid out."""
    number = document * A_DOCUMENT + place
    chosen = [line for line in first.lines if line.service in LINES]
    lines = [
        replace(line, customer=f"{at % 7:012d}", sums={**line.sums, "charged": line.sums["charged"] + number})
        for at, line in enumerate(chosen)
    ]
    return replace(first, account=f"{10_000_000 + number}", flat=str(place), lines=lines)


def _bare(orders: list[BillOrder]) -> float:
    """Seconds of typst alone, with texts, QR codes and JSON made before the clock starts."""
    style: BillStyle = orders[0].style
    compiler = typst.Compiler(root=str(style.template.parent), font_paths=[str(style.fonts)], ignore_system_fonts=True)
    template = style.template.read_bytes()
    marked = [[replace(bill, flat=f"{bill.flat}a") for bill in order.bills] for order in orders]
    data = [json.dumps(bills_data(some, style), ensure_ascii=False) for some in marked]
    compiler.compile(input=template, format="pdf", sys_inputs={"data": data[0]}, pdf_tags=False)
    return timed(
        lambda: [
            compiler.compile(input=template, format="pdf", sys_inputs={"data": text}, timestamp=0, pdf_tags=False)
            for text in data
        ]
    )
