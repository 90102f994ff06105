"""`bank suspense`: payments that no line takes, where they may belong, and what staff say of them (4.1.7)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.support import Json, now, open_home, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.core.model import Period
    from inbox_worker.month.assign import Belongs
    from inbox_worker.month.kept_penalties import KeptPenalty
    from inbox_worker.month.office import Office
    from inbox_worker.month.suspense import Suggestion, WaitingPayment
    from inbox_worker.settings.texts import Say

suspense_app = typer.Typer(no_args_is_help=True, help="Payments that no account's line takes.")
Number = Annotated[str, typer.Argument(metavar="ID", help="The payment, as `bank suspense list` shows it.")]
By = Annotated[str, typer.Option(metavar="TEXT", help="How you know: a call, a letter of the bank.")]


@suspense_app.command("list")
def suspense_list(json: Json = False) -> None:
    """List payments that wait, oldest first, with accounts that they may belong to and why."""
    from inbox_worker.cli.screens import money, show_lines
    from inbox_worker.month.kept_penalties import months_to_reopen
    from inbox_worker.month.suspense import find_waiting, suggest

    with open_home(write=False, decide=False) as office:
        waiting = find_waiting(office)
        suggestions, today = suggest(office, waiting), now().date()
        if json:
            shown = [_as_json(one, suggestions.get(one.payment, ()), today) for one in waiting]
            total = sum((one.amount for one in waiting), Decimal("0.00"))
            print_json({"payments": shown, "sum": total, "months": _sum_months(waiting)})
            return
        say, lines = office.say, list[str]()
        for one in waiting:
            lines += _in_words(one, suggestions.get(one.payment, ()), today, say)
            if one.amount > 0 and (months := months_to_reopen(office, one.paid_on, one.month)):
                lines.append(say("suspense.day_of_closed", id=one.id, months=_list_months(months)))
        sums = [say("suspense.month", month=month, sum=money(total)) for month, total in _sum_months(waiting).items()]
        show_lines([*lines, *sums] or [say("suspense.none")])


@suspense_app.command("assign")
def suspense_assign(
    identifier: Number,
    account: Annotated[str, typer.Option(help="The account where it belongs.")],
    by: By,
    customer: Annotated[str, typer.Option(metavar="БИН", help="Only this Customer's lines; any: all.")] = "",
    service: Annotated[str, typer.Option(help="Only this service's lines, by name or code; any: all.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do and which penalties stay.")] = False,
    json: Json = False,
) -> None:
    """Post a payment in suspense to an account: once, in the first open month, like a payment of a register."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.suspense_acts import assign_payment
    from inbox_worker.month.assign import Belongs
    from inbox_worker.month.kept_penalties import find_kept_by

    if not account.strip() or not by.strip():
        raise UseError("name the account where it belongs, and how you know: --account 1001 --by TEXT")
    to = Belongs(account.strip(), customer.strip(), service.strip())
    if dry_run:
        _show_assignment(identifier, to, json)
        return
    with open_home() as office:
        done = assign_payment(office, identifier, to, by.strip(), now())
        kept = find_kept_by(office, done.id)
        if json:
            print_json({
                "submission": done.id, "payment": done.attachment, "month": done.month, "account": to.account,
                "kept_penalties": [one.as_json() for one in kept],
            })  # fmt: skip
            return
        facts = {"payment": identifier, "account": to.account, "month": done.month, "id": done.id}
        show_lines([office.say("suspense.assigned", **facts), *_say_kept(kept, office), office.say("undo.assigned")])


def _show_assignment(identifier: str, to: Belongs, json: bool) -> None:
    """Say what an assignment would do: its month, which penalties of closed months stay, and which months would know of
    the day if they were opened first."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.suspense_acts import preview_assignment
    from inbox_worker.month.kept_penalties import find_kept_penalties, months_to_reopen
    from inbox_worker.month.suspense import find_payment

    with open_home(write=False, decide=False) as office:
        payment = find_payment(office, identifier)
        assigned = preview_assignment(office, identifier, to)
        kept = find_kept_penalties(office, assigned.tables["allocations"].to_pylist())
        first = min((one.month for one in kept), default=None)
        months = [one for one in months_to_reopen(office, payment.paid_on, payment.month) if first and one >= first]
        if json:
            print_json({
                "submission": "", "payment": payment.payment, "month": assigned.month, "account": to.account,
                "kept_penalties": [one.as_json() for one in kept], "reopen": [str(month) for month in months],
            })  # fmt: skip
            return
        facts = {"payment": identifier, "account": to.account, "month": assigned.month}
        lines = [office.say("suspense.would_assign", **facts), *_say_kept(kept, office)]
        if months:
            lines.append(office.say("suspense.reopen_first", months=_list_months(months)))
        show_lines(lines)


def _list_months(months: list[Period]) -> str:
    return ", ".join(str(month) for month in months)


@suspense_app.command("return")
def suspense_return(
    identifier: Number,
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; record nothing.")] = False,
    json: Json = False,
) -> None:
    """Record that a payment in suspense was sent back to its bank; the money itself is sent by your order."""
    from inbox_worker.cli.screens import money, show_lines
    from inbox_worker.deciding.suspense_acts import preview_return, return_payment

    if not by.strip():
        raise UseError("say how it went back: --by TEXT")
    if dry_run:
        with open_home(write=False, decide=False) as office:
            payment, month = preview_return(office, identifier)
            if json:
                print_json({"submission": "", "payment": payment.payment, "month": month})
                return
            facts = {"payment": identifier, "sum": money(payment.amount), "bank": payment.bank, "month": month}
            show_lines([office.say("suspense.would_return", **facts)])
        return
    with open_home() as office:
        done = return_payment(office, identifier, by.strip(), now())
        if json:
            print_json({"submission": done.id, "payment": done.attachment, "month": done.month})
            return
        returned = office.say("suspense.returned", payment=identifier, month=done.month, id=done.id)
        show_lines([returned, office.say("undo.returned")])


@suspense_app.command("penalties")
def suspense_penalties(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The register or assignment: IW-000012-1.")],
    json: Json = False,
) -> None:
    """List penalties that closed months took for days after payments which counted only later, a row a line."""
    from inbox_worker.cli.screens import money, show_lines
    from inbox_worker.month.kept_penalties import find_kept_by

    with open_home(write=False, decide=False) as office:
        if office.journal.submissions.get(identifier) is None:
            raise UseError(f"there is no submission {identifier!r}; `bank suspense assign` and answers tell the number")
        kept = find_kept_by(office, identifier)
        if json:
            print_json({"penalties": [one.as_json() for one in kept]})
            return
        total = money(sum((one.amount for one in kept), Decimal(0)))
        lines = [*_say_kept(kept, office), office.say("suspense.penalties_sum", sum=total)]
        show_lines(lines if kept else [office.say("suspense.no_penalties", id=identifier)])


def _say_kept(kept: list[KeptPenalty], office: Office) -> list[str]:
    """Say what penalty stays that the payment would have spared, a line a month and service, and what gives it back."""
    from inbox_worker.cli.screens import money

    facts = [
        {"month": one.month, "sum": money(one.amount), "customer": one.customer, "account": one.account,
         "service": office.say.of(office.rules.service(one.service))}
        for one in kept
    ]  # fmt: skip
    lines = [office.say("suspense.penalty_kept", **one) for one in facts]
    return [*lines, office.say("suspense.give_penalty_back")] if lines else []


def _sum_months(waiting: list[WaitingPayment]) -> dict[str, Decimal]:
    """Return what waits by the month in which it came into suspense."""
    months: dict[str, Decimal] = defaultdict(Decimal)
    for one in waiting:
        months[str(one.month)] += one.amount
    return dict(months)


def _as_json(one: WaitingPayment, suggestions: tuple[Suggestion, ...], today: date) -> dict[str, Any]:
    return {
        "id": one.id, "payment": one.payment, "bank": one.bank, "paid_on": one.paid_on, "number": one.number,
        "account": one.account, "payee": one.payee or "", "service": one.service or "", "amount": one.amount,
        "reason": one.reason, "month": str(one.month), "days": (today - one.paid_on).days,
        "suggestions": [vars(suggestion) for suggestion in suggestions],
    }  # fmt: skip


def _in_words(one: WaitingPayment, suggestions: tuple[Suggestion, ...], today: date, say: Say) -> list[str]:
    from inbox_worker.cli.screens import money

    why = say(f"suspense.why.{one.reason.replace('.', '_')}")
    named = " ".join(filter(None, (one.payee, one.service))) or "—"
    facts = {"id": one.id, "bank": one.bank, "day": one.paid_on, "number": one.number, "account": one.account}
    days = (today - one.paid_on).days
    said = say("suspense.waits", **facts, named=named, amount=money(one.amount), days=days, why=why)
    return [
        said,
        *(f"    → {s.account}: {_why(s, say)}  {s.address}  {s.name}".rstrip() for s in suggestions),
    ]


def _why(one: Suggestion, say: Say) -> str:
    return "; ".join([say(f"suspense.by.{one.reason}"), *(say(f"suspense.agrees.{what}") for what in one.agrees)])
