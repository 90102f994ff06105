"""Payment orders as МТ102, for banks whose programs still import it (4.1.7): a message for each bank that is paid.

A message names the payer's and the payee's bank once; each payment of it its own parties, number, КНП and purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from textwrap import wrap

from inbox_worker.core.errors import JobError
from inbox_worker.core.time import to_almaty
from inbox_worker.documents.order_files import OrderBatch, spell_for
from inbox_worker.ledger.transfers import PaymentOrder
from inbox_worker.settings.office_rules import OrdersFile

_ASSIGN, _WIDE, _MOST_LINES = "/ASSIGN/", 70, 6  # of the purpose
_LONGEST_NAME = 60
_SPECIAL = str.maketrans("{}", "()")
_BEGINS_A_FIELD = re.compile(r"^(?=[:/-])")


def write_mt102(batch: OrderBatch, rules: OrdersFile) -> bytes:
    """Return the orders, in the encoding of the rules, with a comma before two digits of tiyn and each message's total.

    What somebody wrote stays inside its field: it begins no line with a sign of the format. Raises JobError when the
    operator's КОд is not in config.yaml: the format has no payment without it.
    """
    if not re.fullmatch("[12][0-9A]", batch.operator.kbe):
        raise JobError("MT102 needs operator.kbe in config.yaml: two characters, such as 17; write it and order again")
    lines = list[str]()
    for bic, of in groupby(sorted(batch.orders, key=lambda order: (order.bic, order.number)), lambda order: order.bic):
        paid, most = list(of), rules.mt102.payments
        for start in range(0, len(paid), most):
            lines += _message(batch, bic, paid[start : start + most], rules)
    text = "\r\n".join([*lines, ""])
    return spell_for(rules.mt102.encoding, text, rules.letters)


def _message(batch: OrderBatch, bic: str, orders: Sequence[PaymentOrder], rules: OrdersFile) -> Iterator[str]:
    """Yield a message; its reference tells which orders are in it, for the answer to it names nothing else."""
    day = f"{to_almaty(batch.first.made_at):%y%m%d}"
    yield f"{rules.mt102.head}{{4:"
    yield f":20:IW{orders[0].number}-{len(orders)}"
    yield f":52B:{batch.payer_bic}"
    yield f":57B:{bic}"
    yield f":70:/DATE/{day}"
    yield from ("/SEND/07", "/PSO/01", "/PRT/05")
    for place, order in enumerate(orders, 1):
        yield f":21:{place}"
        yield f":32B:KZT{_show(order.amount)}"
        payer = batch.operator
        yield from _party(f":50:/D/{order.payer_iban}", payer.name, payer.bin, payer.kbe)
        yield from _party(f":59:{order.iban}", order.name, order.customer, order.kbe)
        yield f":70:/NUM/{order.number}"
        yield from ("/VO/01", f"/KNP/{order.knp}")
        yield from _purpose(order.purpose)
    yield f":32A:{day}KZT{_show(sum((order.amount for order in orders), Decimal(0)))}"
    yield "-}"


def _party(first: str, name: str, bin_: str, kbe: str) -> Iterator[str]:
    yield first
    yield f"/NAME/{' '.join(name.split()).translate(_SPECIAL)[:_LONGEST_NAME]}"
    yield from (f"/IDN/{bin_}", f"/IRS/{kbe[:1]}", f"/SECO/{kbe[1:]}")


def _purpose(words: str) -> list[str]:
    """Return the purpose in lines: the first has its mark before it, none begins with a sign of the format."""
    clean = " ".join(words.split()).translate(_SPECIAL)
    lines = wrap(_ASSIGN + clean, _WIDE - 1, break_on_hyphens=False)[:_MOST_LINES]
    return [lines[0], *(_BEGINS_A_FIELD.sub(" ", line) for line in lines[1:])]


def _show(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
