"""A Customer's reports of the last three years in one zip: those that he was given, and out of the closes those that he
was not (4.1.14, 4.2.4).

The same deliveries, closes, rules and templates give the same bytes. What leaves by e-mail goes through the outbox.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.export_index import INDEX, ExportedMonth, render_index
from inbox_worker.month.months import MonthError, list_closed_months
from inbox_worker.month.office import Office
from inbox_worker.outbox.export_months import export_month
from inbox_worker.outbox.place import put_up
from inbox_worker.settings.delivery_rules import EXPORT as EXPORT

MONTHS = 36  # three years (4.1.14)
SUMS = "SHA256SUMS"  # read by `sha256sum --check`
_STILL = (1980, 1, 1, 0, 0, 0)  # no entry of the zip tells when it was packed


@dataclass(frozen=True)
class Export:
    """The reports of a Customer: `months` from the first to the last that he has any of, those without told as such."""

    customer: Customer
    months: tuple[ExportedMonth, ...]
    zip: Rendered


def make_export(office: Office, bin_: str, on: date) -> Export:
    """Return the reports of the three years before a day, or before the contract's end. Raises UnknownCustomer;
    MonthError when he has none; DamagedFile when a close or a delivered document is not what it was."""
    office.journal.customers.require_known(bin_)
    customer = office.journal.customers.on(on)[bin_]
    until = min(on, customer.valid_until or on)
    first = Period.of(until).plus(-MONTHS)
    closed = [month for month in list_closed_months(office) if first <= month]
    found = [export_month(office, month, customer) for month in closed]
    having = [one.month for one in found if one.documents]
    if not having:
        raise MonthError(f"customer {bin_} has no lines in a month closed since {first}: there is nothing to export")
    of = {one.month: one for one in found}
    months = tuple(of.get(month, ExportedMonth(month, why="export.not_closed")) for month in _between(having))
    name = f"{EXPORT}-{months[0].month}-{months[-1].month}.zip"
    page = render_index(months, customer, office.home.operator, office.rules.texts)
    return Export(customer, months, Rendered(EXPORT, name, _pack(months, page), ""))


def put_up_export(office: Office, export: Export, now: datetime) -> Path:
    """Put an export up for review, in the month of this day; it is made of many closes, so it waits for none."""
    closes = {str(one.month): one.close for one in export.months if one.close}
    over = sha256("".join(f"{month}:{digest}\n" for month, digest in closes.items()).encode())
    made_of = {"close": "", "close_number": "0", "rules": office.rules.version, "closes": over}
    month = Period.of(to_almaty(now).date())
    [path] = put_up(office, month, export.customer, [export.zip], made_of, now)
    return path


def _between(months: Sequence[Period]) -> list[Period]:
    return [months[0].plus(number) for number in range(months[-1].minus(months[0]) + 1)]


def _files(months: Sequence[ExportedMonth], page: bytes) -> Iterator[tuple[str, bytes]]:
    files = [(INDEX, page), *((one.path(document), document.data) for one in months for document in one.documents)]
    yield from files
    yield SUMS, "".join(f"{sha256(data)}  {name}\n" for name, data in files).encode()


def _pack(months: Sequence[ExportedMonth], page: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(months, page):
            archive.writestr(zipfile.ZipInfo(name, _STILL), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
