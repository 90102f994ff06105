"""`duties`, `contract` and `originals`: the terms of both parties and what proves that they were met."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from inbox_worker.cli.places import write_result
from inbox_worker.cli.support import AsOf, Json, day_of_text, load_no_checks, now, open_home, past_moment, print_json
from inbox_worker.core.errors import UseError

contract_app = typer.Typer()
originals_app = typer.Typer(no_args_is_help=True, help="Originals of scans (4.6).")
notices_app = typer.Typer(no_args_is_help=True, help="Notices of the operator to a customer (10.12).")
On = Annotated[str, typer.Option("--on", metavar="DATE", help="As it stood at the end of that day, 2026-10-12.")]
By = Annotated[str, typer.Option("--by", help='How it was met: "letter 12 of 05.10.2026".')]
_RECENT = timedelta(days=31)  # how long what is met is shown unasked


@contract_app.command()
def duties(
    on: On = "",
    json: Json = False,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what is not met as a calendar.")] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Write all as a workbook.")] = None,
    done: Annotated[str, typer.Option(metavar="DUTY", help="This duty of --source is met; needs --by.")] = "",
    source: Annotated[str, typer.Option(help="What started it, as `duties` shows it.")] = "",
    by: By = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what was met long ago.")] = False,
) -> None:
    """Show who owes what by when, what is met with its proof, and what is overdue (rules/duties.yaml)."""
    from inbox_worker.cli.screens import show_duties, show_lines
    from inbox_worker.contract.calendar_file import write_calendar
    from inbox_worker.contract.duties import find_duties, meet_duty
    from inbox_worker.documents.duties import render_duties

    if done and not (source and by):
        raise UseError("--done needs --source and --by: which one, and how it was met")
    with open_home(write=bool(done), decide=False) as office:
        moment = now()
        day = day_of_text(on) or moment.date()
        if done:
            meet_duty(office, done, source, by.strip(), moment)
        found, known = find_duties(office, day), office.journal.customers.on(day)
        if ics:
            write_result(office.home, ics, write_calendar(found, known, office.rules, day))
        if xlsx:
            book = render_duties(found, known, office.rules, office.home.config.operator.name, day)
            write_result(office.home, xlsx, book)
        if json:
            print_json({"duties": [duty.as_json(day) for duty in found]})
            return
        shown = [d for d in found if everything or d.state(day) != "met" or (d.met_on and day - d.met_on <= _RECENT)]
        names = {name: office.say.of(rule) for name, rule in office.rules.duties.items()}
        show_duties([duty.as_json(day) for duty in shown], names, known, office.say)
        if len(shown) < len(found):
            show_lines([office.say("duties_more", count=len(found) - len(shown))])


@contract_app.command()
def contract(
    bin_: Annotated[str, typer.Argument(metavar="BIN", help="The customer.")],
    on: On = "",
    as_of: AsOf = "",
    json: Json = False,
) -> None:
    """Show a customer's whole contract on one page: houses, lines, prices, acts, duties, tasks, money."""
    if not as_of:
        load_no_checks()
    from inbox_worker.cli.screens import show_contract, show_lines
    from inbox_worker.contract.page import describe_contract

    changes: list[tuple[str, str, str]] = []
    with open_home(write=False, decide=False) as office:
        moment = past_moment(as_of) if as_of else now()
        day = day_of_text(on) or moment.date()
        page = describe_contract(office, bin_.strip(), day)
        if as_of:
            from inbox_worker.deciding.past_office import open_past_office
            from inbox_worker.explain.since import find_differences

            with open_past_office(office, moment) as past:
                then = describe_contract(past, bin_.strip(), day)
            changes = list(find_differences(then, page))
            page = then
        if json:
            since = [{"what": what, "then": before, "now": after} for what, before, after in changes]
            print_json({**page, "as_of": as_of, "changed_since": since} if as_of else page)
            return
        names = {name: office.say.of(rule) for name, rule in office.rules.duties.items()}
        names |= {service.code: office.say.of(service) for service in office.rules.services}
        if office.say.language == "kk":
            names |= next(one.kazakh for one in office.rules.forms["customers"].columns if one.name == "kind")
        show_contract(page, names, office.say)
        if as_of:
            head = office.say("explain.since" if changes else "explain.same_since")
            show_lines([head, *(f"  {what}: {before or '—'} → {after or '—'}" for what, before, after in changes)])


@originals_app.command("received")
def originals_received(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The form whose scans it proves, IW-000012-1.")],
    by: By = "",
) -> None:
    """Record that the original of a form's scans is here: nothing is awaited for it any more (4.6)."""
    from inbox_worker.contract.duties import receive_original

    with open_home(decide=False) as office:
        duty = receive_original(office, identifier.strip(), by.strip(), now())
        typer.echo(f"{duty.source}: {office.say.of(office.rules.duties[duty.duty])} — {office.say('duty.met')}")


@notices_app.command("list")
def notices_list() -> None:
    """List the kinds of notices: clause, title, and what their words ask for (rules/notices.yaml)."""
    from inbox_worker.cli.screens import show_lines

    with open_home(write=False, decide=False) as office:
        for kind, rule in office.rules.notices.items():
            asked = " ".join(f"--{fact}" for fact in ("about", "day") if rule.asks_for(fact))
            show_lines([f"{kind}  {rule.clause}  {office.say.of(rule.title)}  {asked}".rstrip()])


@notices_app.command("make")
def notices_make(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="proofs, intention, stop, ...: `notices list`.")],
    bin_: Annotated[str, typer.Argument(metavar="BIN", help="The customer.")],
    about: Annotated[str, typer.Option(help="What it is about: which documents, why, what is refused.")] = "",
    day: Annotated[str, typer.Option(metavar="DATE", help="The day that it speaks of, 2026-10-12.")] = "",
) -> None:
    """Put a notice to a customer up for review, with a number of its own; approved, it leaves with proof (10.12)."""
    from inbox_worker.outbox.made_anew import take_up_anew
    from inbox_worker.outbox.publish_notices import make_notice

    with open_home(decide=False) as office:
        made = make_notice(office, kind, bin_.strip(), about.strip(), day_of_text(day), now())
        take_up_anew(office, [made], now())
        typer.echo(str(made))
