"""Commands that copy a whole home to another disk, and make a home out of such a copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inbox_worker.cli.support import home_path, home_texts, now, this_home
from inbox_worker.core.errors import UseError

backups_app = typer.Typer()


@backups_app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="TO", help="A folder of another disk; backups share it.")],
    keep: Annotated[int, typer.Option(help="How many backups stay, with this one; 0 = all.", min=0)] = 0,
) -> None:
    """Copy the home, its journal too, to another disk while the service runs; only what is new is copied."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.backup import make_backup

    home, say = this_home(), home_texts()
    with show_progress(say):
        done = make_backup(home, folder, now(), keep)
    made = done.made
    size = f"{done.new_bytes / 1e6:.1f}"
    files = sum(bool(file.sha256) for file in made.files.values())
    summary = say(
        "backup.made", number=made.number, files=files, new=done.new_files, size=size, last=made.journal.head.last
    )
    lines = [summary]
    lines += [say("backup.removed", count=done.removed)] if done.removed else []
    lines += [say("backup.left_out", path=path) for path in done.left_out]
    lines += [say("backup.unrecorded", why=done.unrecorded)] if done.unrecorded else []
    show_lines([*lines, *(say("backup.damaged", path=path) for path in done.damaged)])
    if done.damaged or done.unrecorded:
        raise typer.Exit(1)


@backups_app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FROM", help="The folder that `backup` wrote into.")],
    number: Annotated[int, typer.Option(help="Which backup; 0 = the newest.", min=0)] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and compare the backup, write nothing.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="FILE", help="Put this file back into the home that there is.")
    ] = None,
) -> None:
    """Make the home of a backup in an empty --home; every file is compared with its hash before it says done. With
    --only: put single files back, each as the journal names it."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.restore import check_backup
    from inbox_worker.month.restore import restore as restore_home

    say = home_texts()
    if only:
        _put_back(folder, only, number)
        return
    with show_progress(say):
        if dry_run:
            made = check_backup(folder, number)
            show_lines([say("backup.whole", number=made.number, at=made.made_at, last=made.journal.head.last)])
            return
        if home_path() == Path():
            raise UseError("name an empty place for the home by --home")
        done = restore_home(folder, home_path(), number, now())
    head = done.made.journal.head.last
    summary = say("backup.restored", number=done.made.number, at=done.made.made_at, home=home_path(), last=head)
    show_lines([summary, *(str(problem) for problem in done.problems)])
    if done.problems:
        raise typer.Exit(1)


def _put_back(folder: Path, files: list[str], number: int) -> None:
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.month.put_back import put_back_file

    home, say = this_home(), home_texts()
    with lock_for_writing(home):
        for file in files:
            done = put_back_file(home, folder, file, number, now())
            code = "backup.put_back" if done.number else "backup.is_whole"
            lines = [say(code, file=done.path, number=done.number, sha256=done.sha256)]
            show_lines([*lines, *([say("backup.set_aside", path=done.aside)] if done.aside else [])])
