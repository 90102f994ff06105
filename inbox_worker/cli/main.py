"""The commands: each opens the home, calls one job and prints the result."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.models import CommandInfo

from inbox_worker import __version__
from inbox_worker.cli.audit import audit_app
from inbox_worker.cli.backups import backups_app
from inbox_worker.cli.bank_out import bank_app
from inbox_worker.cli.contract import contract_app, notices_app, originals_app
from inbox_worker.cli.explain import explain_app
from inbox_worker.cli.export import export_app
from inbox_worker.cli.held import held_app
from inbox_worker.cli.incidents import incidents_app
from inbox_worker.cli.intake import intake_app
from inbox_worker.cli.months import months_app
from inbox_worker.cli.outbox import bills_app, outbox_app
from inbox_worker.cli.prove import prove_app
from inbox_worker.cli.retention import retention_app
from inbox_worker.cli.service import service_app
from inbox_worker.cli.stops import stops_app
from inbox_worker.cli.storage import ledger_app
from inbox_worker.cli.support import (
    COPY_MEANWHILE,
    collect_seldom,
    fail,
    home_path,
    keep_command,
    leave,
    library_said,
    options_from,
    this_home,
)
from inbox_worker.cli.tasks import tasks_app
from inbox_worker.cli.waits import tell_waits
from inbox_worker.core.errors import JobError, UseError, library_errors
from inbox_worker.core.files import MENDABLE, PRIVATE_UMASK, is_read_only, remedy_of


def _make_app() -> typer.Typer:
    return typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


app = _make_app()
forms_app = typer.Typer(no_args_is_help=True, help="The blanks that customers fill in.")
for part in (
    intake_app,
    held_app,
    months_app,
    contract_app,
    service_app,
    backups_app,
    explain_app,
    prove_app,
    export_app,
):  # their commands stand beside ours
    app.add_typer(part)
app.add_typer(ledger_app, name="ledger")
app.add_typer(audit_app, name="audit")
app.add_typer(forms_app, name="forms")
app.add_typer(outbox_app, name="outbox")
app.add_typer(tasks_app, name="tasks")
app.add_typer(bills_app, name="bills")
app.add_typer(originals_app, name="originals")
app.add_typer(notices_app, name="notices")
app.add_typer(stops_app, name="stops")
app.add_typer(bank_app, name="bank")
app.add_typer(incidents_app, name="incident")
app.add_typer(retention_app, name="retention")


def _commands_for(arguments: Sequence[str]) -> Callable[..., Any]:
    """Return the commands that the arguments may mean; who asks what they do, by `--help` or by a group alone, is told
    in the home's language."""
    commands = limit_to(arguments[:1])
    if "--help" not in arguments and not _is_group(commands, arguments):
        return commands
    from inbox_worker.cli.translated_help import command_of

    return command_of(commands)


def _is_group(commands: typer.Typer, words: Sequence[str]) -> bool:
    """Tell whether words name a group of commands and none of it, as no words do."""
    if not words:
        return True
    named = (part.typer_instance for part in commands.registered_groups if part.name == words[0])
    return any(_is_group(group, words[1:]) for group in named if group)


def limit_to(words: Sequence[str]) -> typer.Typer:
    """Return the commands less those that the first word does not name, all of them where it names none: to describe
    every command takes longer than many a command does."""
    if not words:
        return app
    word, limited = words[0], _make_app()
    limited.registered_callback = app.registered_callback
    beside = [part.typer_instance for part in app.registered_groups if not isinstance(part.name, str)]
    stand = [*app.registered_commands, *(c for part in beside if part for c in part.registered_commands)]
    limited.registered_commands = [command for command in stand if _name_of(command) == word]
    limited.registered_groups = [part for part in app.registered_groups if part.name == word]
    return limited if limited.registered_commands or limited.registered_groups else app


def _name_of(command: CommandInfo) -> str:
    return command.name or typer.main.get_command_name(command.callback.__name__ if command.callback else "")


def main() -> NoReturn:
    """Run the command of this process, then end the process."""
    _speak_utf8()
    try:
        run_command()
    except SystemExit as ended:
        leave(ended.code)


def _speak_utf8() -> None:
    """Start this process anew where it takes names of files for another encoding than UTF-8 (`LANG=ru_RU.CP1251`): the
    journal would name files that nobody finds. What a terminal cannot show is escaped, never a fault."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        shown = os.environ.get("PYTHONIOENCODING") or f"{sys.stdout.encoding}:backslashreplace"
        own = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": shown}
        os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], own)  # noqa: S606
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="backslashreplace")


def run_command() -> NoReturn:
    """Run a command: a mistake in use is one line and exit 2, a failed job one line and exit 1."""
    collect_seldom()
    os.umask(PRIVATE_UMASK)  # what libraries write into a home is private, too, wherever we were started from
    try:
        arguments = keep_command(options_from(sys.argv[1:]))
        with tell_waits(arguments):
            code = _commands_for(arguments)(arguments, prog_name="inbox-worker", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except typer.TyperException as error:
        fail(error.format_message() or "which command? `--help` lists them", 2)
    except (UseError, JobError) as error:
        fail(str(error), error.exit_code)
    except OSError as error:
        remedy = f"; {remedy_of(error)}" if error.errno in MENDABLE else ""
        remedy += COPY_MEANWHILE if error.errno == errno.EROFS and is_read_only(home_path()) else ""
        fail(f"{error.filename or 'a file'}: {error.strerror or error}{remedy}", 1)
    except library_errors() as error:
        fail(library_said(error), 1)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    home: Annotated[str, typer.Option(help="Folder where config.yaml stands (or INBOX_WORKER_HOME).")] = "",
    lang: Annotated[str, typer.Option(help="What is said: ru, kk or en (or INBOX_WORKER_LANG, config.yaml).")] = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Run a billing centre's mailboxes: forms in, decisions, a ledger to the tiyn, documents out."""
    if version:
        typer.echo(f"inbox-worker {__version__}")
        raise typer.Exit()


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new home.")]) -> None:
    """Make a new home: config.yaml, folders, rules and templates copied for editing."""
    from inbox_worker.cli.homes import make_home
    from inbox_worker.cli.screens import show_lines

    show_lines(make_home(folder))


@app.command()
def demo(
    customers: Annotated[int, typer.Option(help="How many customers.")] = 42,
    accounts: Annotated[int, typer.Option(help="How many personal accounts.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same town.")] = 2026,
    again: Annotated[bool, typer.Option("--again", help="Also where somebody worked in the demo: it goes.")] = False,
) -> None:
    """Make a sample town, send its forms through the real pipeline, close a month, render every document. An earlier
    demo there is made anew."""
    from inbox_worker.cli.demo import run_demo

    run_demo(Path(os.environ.get("INBOX_WORKER_HOME") or "demo-town"), customers, accounts, seed, again=again)


@forms_app.command("build")
def forms_build() -> None:
    """Make the blanks in templates/forms from the rules."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.open_office import proved_rules
    from inbox_worker.forms.blank import build_blanks
    from inbox_worker.settings.config import MAILBOXES

    home = this_home()
    folder = home.path / "templates" / "forms"
    folder.mkdir(parents=True, exist_ok=True)
    addresses = {mailbox: home.config.address_of(mailbox) for mailbox in MAILBOXES}
    show_lines([str(path) for path in build_blanks(proved_rules(home.rules), folder, addresses)])
