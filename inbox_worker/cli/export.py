"""`export`: a Customer's reports of three years in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.places import require_place, write_result
from inbox_worker.cli.support import Json, now, open_home, print_json

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

    with open_home(decide=False) as office:
        moment = now()
        if to is not None:
            require_place(office.home, to, new=True)
        with show_progress(office.say, quiet=json):
            made = make_export(office, bin_.strip(), moment.date())
        found = _as_json(made)
        if to is None:
            path = put_up_export(office, made, moment)
        else:
            path = write_result(office.home, to, made.zip.data, new=True)
        with office.journal.transaction() as connection:
            details = f"{path.name}, {found['sha256']}"
            record_act(connection, "export", made.customer.bin, moment, details=details, after=found["sha256"])
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
