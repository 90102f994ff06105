"""The service's commands: a pass or the whole service, how it is, letters that leave, a look for problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from inbox_worker.cli.support import Json, home_path, home_texts, in_staffs_words, now, open_home, print_json, this_home
from inbox_worker.core.errors import UseError

service_app = typer.Typer()


class TakesNumbers(TyperCommand):
    """A command whose options --again and --drop take one number, several, or (before another option) none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_each_number_named(args)))


def _each_number_named(args: Sequence[str]) -> Iterator[str]:
    """Yield `--again 1 2,3` as `--again=1 --again=2 --again=3`; `--again` alone as `--again=`."""
    option = ""
    for place, word in enumerate(args):
        if word in ("--again", "--drop"):
            option = word
            following = args[place + 1 : place + 2]
            if not following or following[0].startswith("--"):
                yield f"{word}="
        elif option and not word.startswith("--"):
            yield from (f"{option}={one}" for one in word.split(",") if one)
        else:
            option = "" if word.startswith("--") else option
            yield word


@service_app.command(cls=TakesNumbers)
def deliveries(
    again: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER...", help="Send these letters (again); with --all every refused or waiting one."),
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(metavar="NUMBER...", help="Do not send these letters.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those sent or dropped; with --again: all of them.")] = False,
    json: Json = False,
) -> None:
    """List letters that leave: what waits, what was refused, and what only people can decide (uncertain)."""
    from inbox_worker.cli.screens import show_deliveries
    from inbox_worker.outbox.listing import deliveries_json, of_interest, repeatable
    from inbox_worker.outbox.send import DeliveryError, resolve

    if again and drop:
        raise UseError("--again or --drop, not both")
    numbers = [_number(text) for text in (again or drop or []) if text]
    if (again or drop) and bool(numbers) == all_:
        raise UseError("name the letters by their numbers, or (with --again) say --all")
    if drop and all_:
        raise UseError("--drop needs the numbers of letters; `deliveries` lists them")
    with open_home(write=False) as office:
        refusals = []
        for number in numbers or (repeatable(office) if again else []):
            try:
                resolve(office, number, bool(again), now())
            except DeliveryError as error:
                refusals.append(str(error))
        found, say = deliveries_json(office), office.say
    if json:
        print_json({"deliveries": found})
    elif not refusals:
        show_deliveries([one for one in found if (all_ and not again) or of_interest(one, now())], say)
    if refusals:
        raise UseError("; ".join(refusals))


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise UseError(f"{text} is no letter's number; `deliveries` lists them")
    return int(text)


@service_app.command()
def check(
    deep: Annotated[bool, typer.Option("--deep", help="Also read every file and compare it with its hash.")] = False,
) -> None:
    """Check config, rules, templates, folders, mail server, journal and the files it names: all problems at once."""
    from inbox_worker.cli.homes import check_home, check_notes, home_warnings
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.verified import Verified

    folder, known = home_path(), Verified()
    problems = check_home(folder, deep, now(), known)
    say = home_texts()
    notes = check_notes(folder, stored=not problems)
    beside = [say("check.warning", text=in_staffs_words(warning)) for warning in home_warnings(folder)]
    beside += [say("check.note", text=in_staffs_words(note)) for note in (*notes, *known.remarks)]
    show_lines([*([*map(in_staffs_words, problems)] or [say("check.well")]), *beside])
    if problems:
        raise typer.Exit(1)


@service_app.command()
def once() -> None:
    """Make one pass over mailboxes and drop folders, then exit."""
    from inbox_worker.service.worker import Worker
    from inbox_worker.settings.log import ServiceLog

    home = this_home()
    with Worker(home, ServiceLog("json" if home.config.logs == "json" else "plain", in_staffs_words)) as worker:
        worker.once(now())
        if worker.failed:
            raise typer.Exit(1)  # said by the pass


@service_app.command()
def run() -> None:
    """Run the service: watch mailboxes and drop folders and decide what comes; SIGTERM ends after the current step."""
    from inbox_worker.service.worker import Worker, style_of
    from inbox_worker.settings.log import ServiceLog

    home = this_home()
    with Worker(home, ServiceLog(style_of(home), in_staffs_words)) as worker:
        worker.run()


@service_app.command()
def health(json: Json = False) -> None:
    """Show how the running service is, in one line; exit 1 when it does not run, stopped, or has not been heard of."""
    from inbox_worker.core.time import Clock
    from inbox_worker.service.health import health_line, look_at_health

    home = this_home()
    report = look_at_health(home, Clock())
    if json:
        print_json(report)
    else:
        typer.echo(health_line(report, home_texts(), home))
    if not report["healthy"]:
        raise typer.Exit(1)
