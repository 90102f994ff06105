"""`stops`: stops of lines that were proposed, and what staff decide of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.support import Json, day_of_text, now, open_home, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from datetime import date

    from inbox_worker.outbox.stops import StopPlace

stops_app = typer.Typer(
    no_args_is_help=True, help="Stops of lines: accept a proposed one, or turn it down (10.2, 10.3)."
)
Number = Annotated[str, typer.Argument(metavar="ID", help="Number of the task that proposes it, T-000001.")]


@stops_app.command("list")
def stops_list(json: Json = False) -> None:
    """List the stops that wait for a decision: Customer, clause, day, and the lines each is about."""
    from inbox_worker.cli.screens import show_blocks, show_lines
    from inbox_worker.outbox.stops import find_proposed

    with open_home(write=False, decide=False) as office:
        found, today = find_proposed(office), now().date()
        if json:
            print_json({"stops": [
                {"task": task.id, "customer": task.customer, "clause": task.clause, "due": task.due.isoformat(),
                 "state": task.state(today), "what": task.what, "places": [vars(place) for place in places]}
                for task, places in found
            ]})  # fmt: skip
            return
        if not found:
            show_lines([office.say("stops.none")])
            return
        blocks = [
            ((task.id, office.say(f"task.{task.state(today)}"), f"{task.due:%d.%m.%Y}", task.clause, task.customer),
             task.what, ("; ".join(map(str, places)) or office.say("stops.name_lines"),))
            for task, places in found
        ]  # fmt: skip
        show_blocks(office.say("stops.title"), blocks)


@stops_app.command("accept")
def stops_accept(
    identifier: Number,
    by: Annotated[str, typer.Option(help="The ground, as the customer will read it.")],
    house: Annotated[str, typer.Option(help="Only this house; needed where the proposal names no lines.")] = "",
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    service: Annotated[str, typer.Option(help="Only this service, its name or code.")] = "",
    since: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day: the 1st of a month not closed yet.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; record nothing.")] = False,
    json: Json = False,
) -> None:
    """Stop the lines from the 1st of the next month, or of --from, and put the notice to the customer up for review."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.outbox.stops import StopPlace, accept_stop
    from inbox_worker.workbooks.cells import CellReader

    if not by.strip():
        raise UseError("say the ground, as the customer will read it: --by TEXT")
    if service and not (house or account):
        raise UseError("--service is of a house or an account: add --house or --account")
    named = [StopPlace(house.strip(), account.strip(), service.strip())] if house or account else []
    if dry_run:
        _show_foreseen(identifier, by.strip(), named, day_of_text(since), json)
        return
    with open_home() as office, CellReader(office.rules.limits) as reader:
        done = accept_stop(Pipeline(office, reader), identifier, by.strip(), named, now(), day_of_text(since))
        if json:
            print_json({"submission": done.submission, "from": done.begins.isoformat(), "notice": str(done.notice),
                        "places": [vars(place) for place in done.places]})  # fmt: skip
            return
        places = "; ".join(map(str, done.places))
        facts = {"places": places, "day": done.begins, "id": done.submission, "path": done.notice}
        show_lines([office.say("stops.accepted", **facts)])


def _show_foreseen(identifier: str, by: str, named: list[StopPlace], since: date | None, json: bool) -> None:
    """Say which lines would stop, and from which day. Nothing is written."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.arrivals import Pipeline
    from inbox_worker.outbox.stops import foresee_stop
    from inbox_worker.workbooks.cells import CellReader

    with open_home(write=False) as office, CellReader(office.rules.limits) as reader:
        stopped, begins = foresee_stop(Pipeline(office, reader), identifier, by, named, now(), since)
        if json:
            places = [vars(place) for place in stopped]
            print_json({"submission": "", "from": begins.isoformat(), "notice": "", "places": places})
            return
        show_lines([office.say("stops.would_accept", places="; ".join(map(str, stopped)), day=begins)])


@stops_app.command("decline")
def stops_decline(
    identifier: Number,
    why: Annotated[str, typer.Option("--note", help="Why the lines go on; kept with the task.")],
) -> None:
    """Leave the lines as they are; a proposal that was turned down does not come again."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.outbox.stops import decline_stop

    if not why.strip():
        raise UseError("say why the lines go on: --note TEXT")
    with open_home(decide=False) as office:
        task = decline_stop(office, identifier, why.strip(), now())
        show_lines([office.say("stops.declined", task=task.id)])
