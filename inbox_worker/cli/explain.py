"""`explain`: from a number, a document or a figure back to the letter, its cell and the rule's clause."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.places import write_result
from inbox_worker.cli.screen_width import has_width
from inbox_worker.cli.support import AsOf, Json, load_no_checks, now, open_home, past_moment, print_json

if TYPE_CHECKING:
    from inbox_worker.explain.tree import Explanation
    from inbox_worker.month.office import Office

explain_app = typer.Typer()


@explain_app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="ID_OR_PATH", help="IW-000012, IW-000012-1, or a document.")],
    cell: Annotated[str, typer.Argument(metavar="[CELL]", help="A cell of the workbook or figure of the act.")] = "",
    json: Json = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page that needs nothing else.")] = None,
    as_of: AsOf = "",
) -> None:
    """Show where a figure, a decision or a document comes from, down to the e-mail and the rule's clause."""
    if not (json or html or as_of):
        load_no_checks()
    moment = past_moment(as_of) if as_of else None
    with open_home(write=False, decide=False) as office:
        found = _explain(office, what, cell, moment, whole=json or html is not None)
        if html:
            from inbox_worker.explain.page import render_page

            page = render_page(found.steps, what, cell, office, now())
            write_result(office.home, html, page.encode())
    if json:
        asked = {"what": what, "cell": cell, "as_of": as_of}
        print_json({"asked": asked, "steps": [step.as_json() for step in found.steps]})
    elif html:
        typer.echo(office.say("explain.page.written", path=html))
    elif has_width():
        from inbox_worker.cli.screens import show_lines

        show_lines(found.lines)
    else:
        typer.echo("\n".join(found.lines))


def _explain(office: Office, what: str, cell: str, moment: datetime | None, whole: bool) -> Explanation:
    """Explain as things are, or as they were at a moment with what changed since. `whole`: down to the cells."""
    from inbox_worker.explain.explain import explain_anything, explain_fully
    from inbox_worker.explain.tree import Explanation

    day = (moment or now()).date()

    def explain_in(known: Office) -> Explanation:
        then = None if known is office else moment
        if whole:
            return explain_fully(known, what, cell, day, then)
        return Explanation(explain_anything(known, what, cell, day, then))

    if moment is None:
        return explain_in(office)
    from inbox_worker.deciding.past_office import open_past_office
    from inbox_worker.explain.since import explain_since

    with open_past_office(office, moment) as past:
        return explain_since(office, past, moment, explain_in)
