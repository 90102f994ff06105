"""The service's commands: a pass or the whole service, how it is, letters that leave, a look for problems."""

from __future__ import annotations

from typing import Annotated

import typer

from inbox_worker.commands.support import Json, UseError, home_path, now, opened, print_json
from inbox_worker.config import load_home

service_app = typer.Typer()


@service_app.command()
def deliveries(
    again: Annotated[int, typer.Option(metavar="NUMBER", help="Send this letter (again).")] = 0,
    drop: Annotated[int, typer.Option(metavar="NUMBER", help="Do not send this letter.")] = 0,
    all_: Annotated[bool, typer.Option("--all", help="Also those sent or dropped.")] = False,
    json: Json = False,
) -> None:
    """Letters that leave: what waits, what was refused, and what only people can decide (uncertain)."""
    from inbox_worker.answering.sending import DeliveryError, deliveries_json, of_interest, resolve
    from inbox_worker.commands.screens import show_deliveries

    if again and drop:
        raise UseError("--again or --drop, not both")
    with opened(write=False) as office:
        try:
            if again or drop:
                resolve(office, again or drop, bool(again), now())
        except DeliveryError as error:
            raise UseError(str(error)) from error
        found = deliveries_json(office)
    if json:
        print_json({"deliveries": found})
    else:
        show_deliveries([one for one in found if all_ or of_interest(one, now())])


@service_app.command()
def check() -> None:
    """Config, rules, templates, folders, mail server: all problems at once."""
    from inbox_worker.commands.screens import show_lines
    from inbox_worker.homes import check_home, home_warnings

    problems = check_home(home_path())
    show_lines([*(problems or ["all is well"]), *(f"warning: {warning}" for warning in home_warnings(home_path()))])
    if problems:
        raise typer.Exit(1)


@service_app.command()
def once() -> None:
    """One pass over mailboxes and drop folders, then exit."""
    from inbox_worker.service.voice import Voice
    from inbox_worker.worker import Worker

    home = load_home(home_path())
    with Worker(home, Voice("json" if home.config.logs == "json" else "plain")) as worker:
        worker.once(now())


@service_app.command()
def run() -> None:
    """The service: watches mailboxes and drop folders and decides what comes; SIGTERM ends after the current step."""
    from inbox_worker.service.metrics import MetricsError
    from inbox_worker.service.voice import Voice
    from inbox_worker.worker import Worker, style_of

    home = load_home(home_path())
    try:
        with Worker(home, Voice(style_of(home))) as worker:
            worker.run()
    except MetricsError as error:
        raise UseError(str(error)) from error


@service_app.command()
def health(json: Json = False) -> None:
    """How the running service is, in one line; exit 1 when it does not run, stopped, or has not been heard of."""
    from inbox_worker.service.clock import Clock
    from inbox_worker.service.health import health_line, look_at_health

    told = look_at_health(load_home(home_path()), Clock())
    if json:
        print_json(told)
    else:
        typer.echo(health_line(told))
    if not told["healthy"]:
        raise typer.Exit(1)
