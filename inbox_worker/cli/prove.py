"""`prove`: a proof of a form or a figure in one file, and its check on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inbox_worker.cli.places import require_place
from inbox_worker.cli.support import home_texts, in_staffs_words, now, open_home
from inbox_worker.core.errors import JobError, UseError

prove_app = typer.Typer()


@prove_app.command()
def prove(
    what: Annotated[str, typer.Argument(metavar="ID_OR_PATH", help="IW-000012-1 or a document; `check` = check ZIP.")],
    cell: Annotated[str, typer.Argument(metavar="[CELL|ZIP]", help="A cell, as for `explain`; or the zip.")] = "",
    to: Annotated[Path | None, typer.Option(metavar="ZIP", help="Where the proof is written.")] = None,
    anchor: Annotated[str, typer.Option(metavar="HASH", help="check: the anchor's hash, from elsewhere.")] = "",
) -> None:
    """Write a proof of a form or a figure, for a court: what came, what was decided, hashes up to an anchor. `prove
    check ZIP` proves it on any machine; exit 1 when something does not agree."""
    if what == "check":
        if not cell:
            raise UseError("check needs the zip: prove check ZIP")
        _check(Path(cell), anchor)
        return
    if to is None:
        raise UseError("--to needs the zip to write")
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.explain.proof_files import say_lack
    from inbox_worker.explain.proof_pack import write_proof

    with open_home(write=False, decide=False) as office:
        require_place(office.home, to)
        forms, lacking, seal = write_proof(office, what, cell, to, now())
        written = office.say("prove.written", path=to, forms=", ".join(forms))
        show_lines([written, office.say("prove.seal", seal=seal), *(say_lack(office.say, one) for one in lacking)])
    if lost := [one.file for one in lacking if not one.certificate]:
        raise JobError(f"{to} lacks {', '.join(lost)}: restore them from the backup, then prove it again")


def _check(pack: Path, anchor: str) -> None:
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.explain.proof_check import check_proof
    from inbox_worker.explain.proof_files import Lack, say_lack

    problems, proof = check_proof(pack, anchor.strip())
    say, held = home_texts(), proof["anchor"]
    day, digest = (held["day"], held["hash"]) if held else ("—", "—")
    forms = ", ".join(form["form"] for form in proof["forms"])
    well = "prove.well" if held else "prove.well_unanchored"
    lacking = [say_lack(say, Lack(**one)) for one in proof.get("lacking", ())]
    agrees = [say(well, forms=forms, day=day, hash=digest), say("prove.seal_only", seal=proof.get("seal") or "—")]
    show_lines([*(map(in_staffs_words, problems) if problems else agrees), *lacking])
    if problems:
        raise typer.Exit(1)
