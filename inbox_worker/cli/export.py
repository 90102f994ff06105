"""`export`: a Customer's reports of three years in one file; `depersonalised`: a month without personal data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.places import require_place, write_result
from inbox_worker.cli.support import Json, Month, month_of_ledger, now, open_home, print_json

if TYPE_CHECKING:
    from inbox_worker.outbox.export import Export

export_app = typer.Typer()


@export_app.command()
def export(
    bin_: Annotated[str, typer.Argument(metavar="BIN", help="The customer; also one whose contract has ended.")],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the zip here, and not into the outbox.")
    ] = None,
    json: Json = False,
) -> None:
    """Put reports of three years (turnover, distribution, debtors, acts) into one zip, for review (4.1.14)."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.acts import record_act
    from inbox_worker.outbox.export import make_export, put_up_export
    from inbox_worker.outbox.made_anew import take_up_anew

    with open_home(decide=False) as office:
        moment = now()
        if to is not None:
            require_place(office.home, to, new=True)
        with show_progress(office.say, quiet=json):
            made = make_export(office, bin_.strip(), moment.date())
        found = _as_json(made)
        path = to or put_up_export(office, made, moment)
        with office.journal.transaction() as connection:  # first: a file elsewhere without an act is what must not be
            details = f"{path.name}, {found['sha256']}"
            record_act(connection, "export", made.customer.bin, moment, details=details, after=found["sha256"])
        if to is None:
            take_up_anew(office, [path], moment)
        else:
            path = write_result(office.home, to, made.zip.data, new=True)
        if json:
            shown = path.relative_to(office.home.path) if to is None else path
            print_json({**found, "file": str(shown)})
            return
        code = "export.put_up" if to is None else "export.written"
        facts = {"path": path, "months": sum(bool(one.documents) for one in made.months), "files": len(found["files"])}
        show_lines(
            [office.say(code, **facts), *(f"  {month}: {why}" for month, why in _tell_missing(made, office.say))]
        )


def _tell_missing(made: Export, say: Any) -> list[tuple[str, str]]:
    return [(str(one.month), say(f"{one.why}.said")) for one in made.months if one.why]


def _as_json(made: Export) -> dict[str, Any]:
    from inbox_worker.core.files import sha256

    return {
        "customer": made.customer.bin,
        "sha256": sha256(made.zip.data),
        "months": [str(one.month) for one in made.months if one.documents],
        "missing": [
            {"month": str(one.month), "why": one.why.removeprefix("export.")} for one in made.months if one.why
        ],
        "waiting": [f"{one.month}/{name}" for one in made.months for name in one.waiting],
        "files": [
            {"name": one.path(document), "month": str(one.month), "kind": document.kind,
             "sha256": sha256(document.data), "bytes": len(document.data),
             "delivered": document.file_name in one.delivered}
            for one in made.months for document in one.documents
        ],
    }  # fmt: skip


@export_app.command("depersonalised")
def export_depersonalised(
    month: Month,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Write the workbook here; a new file.")],
    json: Json = False,
) -> None:
    """Write a closed month's figures by groups of consumers, without personal data, and without Customers who forbade
    it (4.2.7)."""
    from inbox_worker.core.files import sha256
    from inbox_worker.documents.depersonalised import render_depersonalised
    from inbox_worker.documents.depersonalised_groups import group_consumers
    from inbox_worker.documents.month_data import MonthFacts
    from inbox_worker.ledger.acts import record_act

    with open_home(decide=False) as office:
        require_place(office.home, to, new=True)
        least = office.rules.retention.depersonalised
        found = group_consumers(MonthFacts(office, month_of_ledger(office, month)), least)
        made = render_depersonalised(found, office.home.operator, office.rules)
        digest, moment = sha256(made.data), now()
        left = found.banned + found.waiting
        with office.journal.transaction() as connection:  # the act first: a file without an act is what must not be
            details = f"{to.name}, {digest}; groups {len(found.groups)} of at least {least.accounts} accounts and "
            details += f"{least.customers} customers; left out: {found.banned} banned, {found.waiting} waiting"
            record_act(connection, "depersonalised", str(found.month), moment, details=details, after=digest)
        path = write_result(office.home, to, made.data, new=True)
        if json:
            counts = {name: getattr(found, name) for name in ("folded", "banned", "waiting")}
            print_json({"month": str(found.month), "file": str(path), "sha256": digest, "least": least.model_dump(
                include={"accounts", "customers"}), "groups": len(found.groups), **counts})  # fmt: skip
            return
        facts = {"path": path, "groups": len(found.groups), "folded": found.folded, "left": left}
        typer.echo(office.say("depersonalised.written", **facts))
