"""Commands of an auditor: every act, the proof that none was changed, and the acts for a monitoring centre."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.backups import PasswordFile, password_of
from inbox_worker.cli.support import Json, home_texts, in_staffs_words, now, open_home, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.ledger.acts import ChainedAct

audit_app = typer.Typer(no_args_is_help=True, help="Acts of people and of the service, chained (4.1.17).")
_SINCE = Annotated[int, typer.Option("--since", metavar="NUMBER", help="Only acts from this number on.", min=1)]


@audit_app.command("list")
def audit_list(
    since: _SINCE = 1,
    security: Annotated[
        bool, typer.Option("--security", help="Only what a security officer looks at, with letters not believed.")
    ] = False,
    json: Json = False,
) -> None:
    """List every act: number, when, who, from where, what, to what."""
    from inbox_worker.cli.audit_screens import act_lines, event_lines
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.ledger.acts import find_acts
    from inbox_worker.month.audit import find_security_events

    if security and since > 1:
        raise UseError("--since counts acts, and letters have no such number: leave it out beside --security")
    with open_home(write=False, decide=False) as office:
        acts = find_acts(office.journal.database, since)
        kazakh = not json and office.say.language == "kk"
        events = find_security_events(office.journal, kazakh=kazakh) if security else []
        if json:
            print_json(
                {"events": [vars(event) for event in events]} if security else {"acts": [vars(act) for act in acts]}
            )
        else:
            rules, say = office.rules, office.say
            lines = event_lines(events, rules, say) if security else act_lines(acts, rules, say)
            show_lines(lines or [say("audit.no_events") if security else say("audit.no_acts", since=since)])


@audit_app.command("verify")
def audit_verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            "--anchor", metavar="HASH", help="That the auditor was sent; an act must have it. Again for more."
        ),
    ] = None,
    backups: Annotated[
        Path | None,
        typer.Option("--backups", metavar="FOLDER", help="Compare with the anchors of all backups there, too."),
    ] = None,
    password_file: PasswordFile = None,
    witness: Annotated[
        list[Path] | None,
        typer.Option(
            "--witness",
            metavar="FILE",
            help="A letter of ours as its recipient has it, or an export of the acts. Again for more.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Prove that no act, no decision and no certificate of a destruction that the acts hold was changed, removed or
    moved, and no anchor; exit 1 when one was. Acts whose time runs backwards are named beside."""
    from inbox_worker.ledger.acts import find_acts
    from inbox_worker.month.audit_proof import prove_acts
    from inbox_worker.month.witnesses import compare_witnesses

    with open_home(write=False, decide=False) as office:
        acts = find_acts(office.journal.database)
        place = (backups.absolute(), password_of(password_file)) if backups else None
        problems = prove_acts(office, acts, anchor or [], place)
        problems += compare_witnesses(acts, witness or [])
    _print_proof(acts, problems, json)
    if problems:
        raise typer.Exit(1)


def _print_proof(acts: Sequence[ChainedAct], problems: Sequence[str], json: bool) -> None:
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.clock import find_turned_back

    say, turned = home_texts(), find_turned_back(acts)
    if json:
        head = acts[-1].hash if acts else ""
        back = [{"before": vars(one.before), "after": vars(one.after), "confirmed": one.confirmed} for one in turned]
        print_json({"acts": len(acts), "head": head, "problems": problems, "turned_back": back})
    else:
        well = say("audit.well", count=len(acts), head=acts[-1].hash if acts else "—")
        notes = [
            say("audit.turned_back_confirmed" if one.confirmed else "audit.turned_back", what=in_staffs_words(str(one)))
            for one in turned
        ]
        show_lines([*([*map(in_staffs_words, problems)] or [well]), *notes])


@audit_app.command("accept-anchors")
def audit_accept_anchors(
    reason: Annotated[str, typer.Option(metavar="TEXT", help="How they were lost, and who looked; kept.")],
) -> None:
    """Answer for anchors that are gone and that nobody can put back: they are told no more; it is an act."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.shared_anchors import accept_anchors

    if not reason.strip():
        raise UseError("--reason is empty; say how the anchors were lost, and who looked")
    with open_home(decide=False) as office:
        what = accept_anchors(office.home, office.journal, reason.strip(), now())
        show_lines([office.say("audit.anchors_accepted", what=in_staffs_words(what))])


@audit_app.command("accept-rows")
def audit_accept_rows(
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Who added or removed them, why, and who looked; kept.")],
) -> None:
    """Answer for rows of the journal that came or went beside the program: they are told no more; it is an act."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.accept_rows import accept_rows

    if not reason.strip():
        raise UseError("--reason is empty; say who added or removed the rows, and who looked")
    with open_home(decide=False) as office:
        found = accept_rows(office.journal, reason.strip(), now())
        show_lines([office.say("audit.rows_accepted", what=in_staffs_words(what)) for what in found])


@audit_app.command("export")
def audit_export(
    form: Annotated[str, typer.Option("--format", help="json (a line an act) or cef.")] = "json", since: _SINCE = 1
) -> None:
    """Print the acts as JSON lines, or as lines of the Common Event Format."""
    import json

    from inbox_worker import __version__
    from inbox_worker.ledger.acts import find_acts
    from inbox_worker.month.audit import cef_line

    if form not in ("json", "jsonl", "cef"):
        raise UseError(f"--format {form!r}: it is json or cef")
    with open_home(write=False, decide=False) as office:
        acts = find_acts(office.journal.database, since)
    for act in acts:
        typer.echo(cef_line(act, __version__) if form == "cef" else json.dumps(vars(act), ensure_ascii=False))
