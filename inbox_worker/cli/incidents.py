"""`incident`: security incidents, and the notice for the national centre (4.1.17)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.places import write_result
from inbox_worker.cli.support import Json, moment_of_text, now, open_home, print_json

if TYPE_CHECKING:
    from inbox_worker.contract.incidents import Incident
    from inbox_worker.month.office import Office

incidents_app = typer.Typer(no_args_is_help=True, help="Security incidents (4.1.17).")
_Number = Annotated[str, typer.Argument(metavar="ID", help="Number of the incident, INC-000001.")]
_Text = Annotated[str, typer.Argument(metavar="TEXT", help="What was found, or what was done; kept for good.")]


@incidents_app.command("open")
def open_(
    text: _Text,
    about: Annotated[
        list[str] | None,
        typer.Option(help='What it is about: IW-000012, "act 17" (`audit list --security`), or words; several times.'),
    ] = None,
    customer: Annotated[
        list[str] | None, typer.Option(metavar="BIN", help="A customer whose data it touches; several times.")
    ] = None,
    found: Annotated[str, typer.Option(metavar="MOMENT", help="When it was noticed; else now.")] = "",
    json: Json = False,
) -> None:
    """Open an incident; the notice to the national centre is a duty from then on."""
    from inbox_worker.contract.incidents import open_incident

    with open_home(decide=False) as office:
        moment = now()
        noticed = moment_of_text(found) if found else moment
        _tell(office, open_incident(office, text, about or (), customer or (), noticed, moment), json)


@incidents_app.command()
def note(
    identifier: _Number,
    text: _Text,
    notified: Annotated[
        bool, typer.Option("--notified", help="The national centre has the notice; TEXT says how and when.")
    ] = False,
    json: Json = False,
) -> None:
    """Add what was found or done; --notified meets the duty."""
    from inbox_worker.contract.incidents import note_incident

    with open_home(decide=False) as office:
        _tell(office, note_incident(office, identifier, text, now(), notified), json)


@incidents_app.command()
def close(identifier: _Number, text: _Text, json: Json = False) -> None:
    """Close an incident, with what was done about it. A notice that is still owed stays owed."""
    from inbox_worker.contract.incidents import close_incident

    with open_home(decide=False) as office:
        _tell(office, close_incident(office, identifier, text, now()), json)


@incidents_app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also those closed whose notice was given.")] = False,
    json: Json = False,
) -> None:
    """List incidents that are open, or whose notice is owed; --json prints every one."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.contract.incidents import find_incidents

    with open_home(write=False, decide=False) as office:
        found = find_incidents(office)
        if json:
            print_json({"incidents": [one.as_json(now().date()) for one in found]})
            return
        shown = [one for one in found if all_ or not (one.closed_at and one.notified_at)]
        show_lines([_line(office, one) for one in shown] or [office.say("incident.none")])


@incidents_app.command()
def notice(
    identifier: _Number,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a text file.")] = None,
) -> None:
    """Print the text of the notice for the national centre, in Russian and Kazakh."""
    from inbox_worker.contract.incidents import find_incident, write_notice

    with open_home(write=False, decide=False) as office:
        incident = find_incident(office, identifier)
        text = "\n\n".join(write_notice(office, incident, language) for language in ("ru", "kk")) + "\n"
        if to is not None:
            write_result(office.home, to, text.encode())
            return
    typer.echo(text, nl=False)


def _tell(office: Office, incident: Incident, json: bool) -> None:
    from inbox_worker.cli.screens import show_lines

    if json:
        print_json({"incidents": [incident.as_json(now().date())]})
        return
    lines = [_line(office, incident)]
    lines += [] if incident.notified_at else [office.say("incident.to_do", number=incident.number)]
    show_lines(lines)


def _line(office: Office, incident: Incident) -> str:
    row = incident.as_json(now().date())
    state, notice = office.say(f"incident.{row['state']}"), office.say(f"duty.{row['notice']}")
    return office.say("incident.line", number=incident.number, state=state, what=" ".join(incident.what.split()),
                      due=f"{incident.due:%d.%m.%Y}", notice=notice)  # fmt: skip
