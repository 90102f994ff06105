"""`ledger restore`: a ledger out of nothing but ledger workbooks and the archive of letters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.older_journal import ledger_app
from inbox_worker.cli.support import Json, home_path, home_texts, in_staffs_words, now, print_json, this_home

if TYPE_CHECKING:
    from inbox_worker.outbox.rebuild import RebuiltLedger
    from inbox_worker.settings.texts import Say

__all__ = ["ledger_app"]
_MOST_NAMED = 10


@ledger_app.command("restore")
def ledger_restore(
    books: Annotated[
        Path | None, typer.Argument(help="The folder of workbooks, else ledger/books of the home.")
    ] = None,
    archive: Annotated[Path | None, typer.Argument(help="The archive of letters, else archive of the home.")] = None,
    json: Json = False,
) -> None:
    """Make the ledger of an empty home out of ledger workbooks and the archive: Customers, directory, facts, closes.
    Deliveries, tasks, duties and the chain of acts are in a backup alone."""
    from inbox_worker.cli.homes import make_home
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.outbox.rebuild import rebuild

    say = home_texts()
    is_new = not (home_path() / "config.yaml").exists()
    if is_new:
        make_home(home_path())
    home = this_home()
    with lock_for_writing(home), show_progress(say, quiet=json):
        done = rebuild(home, books or home.ledger / "books", archive or home.archive, say("rebuild.why"), now())
    if json:
        print_json({**vars(done), "undecided": [f"IW-{number:06d}" for number in done.undecided]})
    else:
        show_lines([*([say("rebuild.new_home", home=home.path)] if is_new else []), *_lines(done, say)])
    if done.problems or done.notes or done.lacking:
        raise typer.Exit(1)


@ledger_app.command("put-back")
def ledger_put_back() -> None:
    """Put back guards, indexes and tables of the journal that somebody or a disk changed; the act is recorded."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.journal_shape import put_shape_back
    from inbox_worker.month.office import lock_for_writing

    home, say = this_home(), home_texts()
    with lock_for_writing(home):
        lacking = put_shape_back(home, now())
    lines = [say("guards.put_back", what=in_staffs_words(what)) for what in lacking]
    show_lines([*lines, say("guards.verify")] if lacking else [say("guards.whole")])


def _lines(done: RebuiltLedger, say: Say) -> list[str]:
    lines = [say("rebuild.ended_before")] if done.ended_before else []
    if done.problems:
        return [*lines, *map(in_staffs_words, done.problems), say("rebuild.refused")]
    lines.append(say("rebuild.done", first=done.months[0], last=done.months[-1], count=len(done.months)))
    lines += [say("rebuild.rows", month=month, hash=digest) for month, digest in done.rows.items()]
    if done.undecided:
        named = ", ".join(f"IW-{number:06d}" for number in done.undecided[:_MOST_NAMED])
        lines.append(say("rebuild.undecided", count=len(done.undecided), first=named))
    for certificate in sorted(set(done.destroyed.values())):
        letters = [name for name, by in done.destroyed.items() if by == certificate]
        number, _, day = certificate.partition(" ")
        named = ", ".join(letters[:_MOST_NAMED])
        lines.append(say("rebuild.destroyed", count=len(letters), number=number, day=day, first=named))
    if done.later:
        lines.append(say("rebuild.later", count=len(done.later), first=", ".join(done.later[:_MOST_NAMED])))
    lines += [say("rebuild.lacking", what=in_staffs_words(what)) for what in done.lacking]
    return [
        *lines,
        *(say("rebuild.other_rules", what=in_staffs_words(note)) for note in done.notes),
        say("rebuild.only_backup"),
    ]
