"""`bank statements`, `bank orders`, `bank settle`: how banks' money is distributed and passed on (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.bank import bank_app as bank_app
from inbox_worker.cli.support import Json, day_of_text, now, open_home, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.ledger.transfers import OrderState, PaymentOrder
    from inbox_worker.settings.texts import Say

DateOf = Annotated[str, typer.Option("--date", metavar="DATE", help="Only payments of this day, 2026-09-07.")]


@bank_app.command()
def statements(date: DateOf = "", json: Json = False) -> None:
    """Distribute banks' payments by day and put each bank's statement up for review."""
    from inbox_worker.cli.screens import money, show_lines
    from inbox_worker.outbox.made_anew import take_up_anew
    from inbox_worker.outbox.publish_statements import put_up_statements

    with open_home() as office:
        put = put_up_statements(office, now(), day_of_text(date))
        take_up_anew(office, [one.file for one in put], now())
        made = [one.as_json(office.home.path) for one in put]
        if json:
            print_json({"statements": made})
            return
        said = [
            office.say(
                "bank.statement",
                **{**one, **{name: money(one[name]) for name in ("received", "fee", "to_transfer")}},
                held=office.say("bank.held", customers=", ".join(one["waits"])) if one["waits"] else "",
            )
            for one in made
        ]
        show_lines(said or [office.say("bank.nothing_new")])


@bank_app.command()
def orders(
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Of statements of this day and before.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show every order and what became of it; make none.")
    ] = False,
    json: Json = False,
) -> None:
    """Order what statements pass on, and put the files for the banks up for review; tell what waits and why."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.order_ends import confirm_orders
    from inbox_worker.month.confirming import find_rejected
    from inbox_worker.month.ordering import find_held
    from inbox_worker.outbox.made_anew import take_up_anew
    from inbox_worker.outbox.publish_orders import put_up_orders

    with open_home() as office:
        confirm_orders(office, now())
        if everything:
            files = [(order, "") for order in office.journal.transfers.orders()]
        else:
            put = put_up_orders(office, now(), day_of_text(date))
            take_up_anew(office, [path for _, path in put], now())
            files = [(order, str(path.relative_to(office.home.path))) for order, path in put]
        instead = office.journal.transfers.orders_instead()
        made = [_order(order, instead, file) for order, file in files]
        held = [vars(one) for one in find_held(office, now().date())]
        back = [] if everything else [_order(order, instead) for order in find_rejected(office, now().date())]
        if json:
            print_json({"orders": made, "waiting": held, "rejected": back})
            return
        lines = [_say_order(one, office.say) for one in (*back, *made)]
        texts = office.rules.texts.written
        words = [office.say.of(texts.words(one["why"], task=one["task"])) for one in held]
        lines += [
            office.say("bank.waits", **{**_format_sums(one), "why": why}) for one, why in zip(held, words, strict=True)
        ]
        show_lines(lines or [office.say("bank.no_orders")])


@bank_app.command()
def settle(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The order's number.")],
    transferred: Annotated[str, typer.Option(metavar="TEXT", help="The bank made the transfer: how you know.")] = "",
    rejected: Annotated[
        str, typer.Option(metavar="TEXT", help="The bank rejected it: why; its money waits again.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; record nothing.")] = False,
) -> None:
    """Say what became of an order, where no statement of the account does."""
    from inbox_worker.deciding.order_ends import confirm_orders
    from inbox_worker.ledger.transfers import OrderState
    from inbox_worker.month.confirming import settle_manually

    said = {OrderState.TRANSFERRED: transferred.strip(), OrderState.REJECTED: rejected.strip()}
    given = [(state, text) for state, text in said.items() if text]
    if len(given) != 1:
        raise UseError("say what became of it: --transferred TEXT or --rejected TEXT")
    [(state, text)] = given
    if dry_run:
        _show_settlement(number, state, text)
        return
    with open_home() as office:
        confirm_orders(office, now())
        order = settle_manually(office, number, state, text, now())
        instead = office.journal.transfers.orders_instead()
        typer.echo(_say_order(_order(order, instead) | {"state": state.value, "proof": text}, office.say))
        typer.echo(office.say(f"undo.{state.value}", number=number))


def _show_settlement(number: int, state: OrderState, text: str) -> None:
    """Say what would become of an order, as statements and answers that are loaded leave it. Nothing is recorded."""
    from inbox_worker.ledger.transfers import OrderState
    from inbox_worker.month.confirming import find_ends, find_to_settle

    with open_home(write=False, decide=False) as office:
        order = find_to_settle(office, find_ends(office), number, state)
        instead = {number: [0]} if state is OrderState.REJECTED else {}  # nothing is ordered in its place yet
        shown = _order(order, instead) | {"state": state.value, "proof": text}
        typer.echo(office.say("bank.would_settle", order=_say_order(shown, office.say)))


def _order(order: PaymentOrder, instead: Mapping[int, Sequence[int]], file: str = "") -> dict[str, Any]:
    """Return an order as `bank orders --json` gives it. `instead`: of rejected ones the orders that their money is in
    now, 0 for what waits."""
    names = ("number", "bank", "customer", "name", "bic", "iban", "kbe", "knp", "payer_iban", "purpose", "proof")
    own = {name: getattr(order, name) for name in names}
    return {**own, "sum": order.amount, "state": order.state.value, "made_at": order.made_at, "file": file,
            "instead": instead.get(order.number)}  # fmt: skip


def _say_order(one: dict[str, Any], say: Say) -> str:
    from inbox_worker.outbox.order_papers import WHY_BACK

    said, proof = say(f"order_state.{one['state']}"), one["proof"]
    if (instead := one["instead"]) is not None:
        numbers = ", ".join(f"№ {number}" for number in instead if number)
        code = "in_part" if numbers and 0 in instead else "ordered" if numbers else "waits"
        said = say(f"order_instead.{code}", orders=numbers)
    more = say(WHY_BACK[proof]) if proof in WHY_BACK else proof or one["file"]
    return say("bank.order", **{**_format_sums(one), "state": said}, more=more).rstrip()


def _format_sums(one: dict[str, Any]) -> dict[str, Any]:
    from inbox_worker.cli.screens import money

    return {name: money(value) if isinstance(value, Decimal) else value for name, value in one.items()}
