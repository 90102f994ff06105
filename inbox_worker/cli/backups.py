"""Commands that copy a whole home to another disk, and make a home out of such a copy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inbox_worker.cli.support import home_path, home_texts, in_staffs_words, now, this_home
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from inbox_worker.month.put_back import PutBack

backups_app = typer.Typer()
_PASSWORD = "INBOX_WORKER_BACKUP_PASSWORD"  # noqa: S105 - the name of a variable
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", metavar="FILE", help=f"The password of the backups; else {_PASSWORD}.")
]


@backups_app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="TO", help="A folder of another disk; backups share it.")],
    keep: Annotated[int, typer.Option(help="How many backups stay, with this one; 0 = all.", min=0)] = 0,
    full: Annotated[
        bool, typer.Option("--full", help="Read all that is kept there, too; what was damaged is copied anew.")
    ] = False,
    password_file: PasswordFile = None,
) -> None:
    """Copy the home, its journal too, to another disk while the service runs; only what is new is copied. Encrypted
    where a password is named."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.month.backup import make_backup

    home, say = this_home(), home_texts()
    with show_progress(say):
        done = make_backup(home, folder, now(), keep, password_of(password_file), full=full)
    made = done.made
    size = f"{done.new_bytes / 1e6:.1f}"
    files = sum(bool(file.sha256) for file in made.files.values()) + 1  # the journal's copy
    last = in_staffs_words(str(made.journal.head.last))
    summary = say("backup.made", number=made.number, files=files, new=done.new_files, size=size, last=last)
    lines = [summary]
    lines += [say("backup.removed", count=done.removed)] if done.removed else []
    lines += [say("backup.others", numbers=", ".join(map(str, done.others)))] if done.others else []
    lines += [say("backup.torn", path=path) for path in done.torn]
    lines += [say("backup.mended", count=done.mended)] if done.mended else []
    lines += [say("backup.lost", count=len(done.lost))] if done.lost else []
    lines += [say("backup.left_out", path=path) for path in done.left_out]
    lines += [say("backup.secret", path=path) for path in done.secrets]
    lines += [say("backup.unrecorded", why=in_staffs_words(done.unrecorded))] if done.unrecorded else []
    lines += [say("backup.other_chain", what=in_staffs_words(what)) for what in done.other_chain]
    lines += [problem.line(in_staffs_words) for problem in done.gone]
    show_lines([*lines, *(say("backup.damaged", path=path) for path in done.damaged)])
    if done.damaged or done.unrecorded or done.lost or done.other_chain or done.gone:
        raise typer.Exit(1)


@backups_app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FROM", help="The folder that `backup` wrote into.")],
    number: Annotated[int, typer.Option(help="Which backup; 0 = the newest.", min=0)] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compare every backup there, or NUMBER; write nothing.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="FILE", help="Put this file, or all of a folder that lacks, back into the home."
        ),
    ] = None,
    trial: Annotated[
        bool, typer.Option("--trial", help="Restore into a folder that is removed again, and say how long it took.")
    ] = False,
    password_file: PasswordFile = None,
) -> None:
    """Make the home of a backup in an empty --home; every file is compared with its hash before it says done. With
    --only: put single files back, each as the journal names it."""
    password = password_of(password_file)
    if only:
        _put_back(folder, only, number, password)
        return
    if trial or dry_run:
        _try(folder, number, password, trial=trial)
        return
    if home_path() == Path():
        raise UseError("name an empty place for the home by --home")
    _restore_whole(folder, number, password)


def _restore_whole(folder: Path, number: int, password: str) -> None:
    """Make the home of a backup in an empty place."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.backup_places import tell_unlisted
    from inbox_worker.month.restore import restore as restore_home

    say = home_texts()
    with show_progress(say):
        done = restore_home(folder, home_path(), number, now(), password)
    head = in_staffs_words(str(done.made.journal.head.last))
    summary = say(
        "backup.restored", number=done.made.number, at=in_staffs_words(done.made.made_at), home=home_path(), last=head
    )
    lacking = [say("backup.secret_lacks", path=path, key=key) for path, key in done.secrets.items()]
    remarks = map(in_staffs_words, tell_unlisted(folder, password))
    show_lines([summary, *lacking, *remarks, *(problem.line(in_staffs_words) for problem in done.problems)])
    if done.problems:
        raise typer.Exit(1)


def _try(folder: Path, number: int, password: str, *, trial: bool) -> None:
    """Compare a backup, or restore it into a folder that is removed again."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.core.progress import show_progress
    from inbox_worker.ledger.backup_places import tell_unlisted
    from inbox_worker.month.restore import check_backups, try_restore

    say = home_texts()
    with show_progress(say):
        if not trial:
            checked = check_backups(folder, number, password)
            words = ((one.number, *map(in_staffs_words, (one.made_at, one.journal.head.last))) for one in checked)
            whole = [say("backup.whole", number=number, at=at, last=last) for number, at, last in words]
            show_lines([*whole, *map(in_staffs_words, tell_unlisted(folder, password))])
            return
        problems, seconds = try_restore(folder, number, now(), password)
    found = [*map(in_staffs_words, tell_unlisted(folder, password)), *(one.line(in_staffs_words) for one in problems)]
    show_lines([say("backup.trial", seconds=f"{seconds:.1f}"), *found])
    if problems:
        raise typer.Exit(1)


def password_of(file: Path | None) -> str:
    """Return the password of encrypted backups: of a file, else of the environment; '' for backups without one. Raises
    UseError for one that is there and empty: nobody means that."""
    from inbox_worker.settings.passwords import from_environment, from_file

    if file:
        return from_file(str(file.absolute()), Path())
    return from_environment(_PASSWORD) if _PASSWORD in os.environ else ""


def _put_back(folder: Path, files: list[str], number: int, password: str) -> None:
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.ledger.backup_lists import BackupError
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.month.put_back import find_wanting, put_back_file

    home, say, refused = this_home(), home_texts(), False
    with lock_for_writing(home):
        for path in files:
            wanting = find_wanting(home, folder, path, number, password)
            if wanting is None:
                _show_put_back(put_back_file(home, folder, path, number, now(), password))
                continue
            show_lines([say("backup.folder_wants", folder=path, count=len(wanting))])
            for file in wanting:
                try:
                    _show_put_back(put_back_file(home, folder, file, number, now(), password))
                except BackupError as error:  # the other files of the folder are put back all the same
                    show_lines([in_staffs_words(str(error))])
                    refused = True
    if refused:
        raise typer.Exit(1)


def _show_put_back(done: PutBack) -> None:
    from inbox_worker.cli.screens import show_lines

    say = home_texts()
    code = "backup.put_back" if done.number else "backup.is_whole"
    lines = [say(code, file=done.path, number=done.number, sha256=done.sha256)]
    show_lines([*lines, *([say("backup.set_aside", path=done.aside)] if done.aside else [])])
