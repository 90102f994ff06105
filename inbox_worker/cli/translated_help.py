"""Says `--help` in the language of who asks: core/translations/help.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer
from typer import rich_utils

from inbox_worker.cli.support import home_path
from inbox_worker.core.translated import read_help, spoken_language

_HEADS = {  # of the library, as they are in English
    name: str(getattr(rich_utils, name))
    for name in (
        "ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "REQUIRED_LONG_STRING",
        "DEFAULT_STRING",
    )
}  # fmt: skip


_TYPES = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "Path": "FILE"}  # what a value is, for people


def command_of(app: typer.Typer) -> Callable[..., Any]:
    """Return the commands with their help in the language of the home."""
    command = typer.main.get_command(app)
    language = spoken_language(home_path())
    _translate(command, read_help(language))
    return command


def _translate(command: Any, words: Mapping[str, str]) -> None:
    for name, head in _HEADS.items():
        setattr(rich_utils, name, words.get(head, head))
    for one in _with_parts(command):
        _translate_usage(one, words)
        own = one.get_help_option(one.context_class(one))
        for described in filter(None, (*one.params, own)):
            _translate_type(described, words)
        for described in filter(None, (one, *one.params, own)):
            if text := getattr(described, "help", None):
                described.help = words.get(" ".join(text.split()), text)


def _translate_usage(command: Any, words: Mapping[str, str]) -> None:
    """Have a command's first line, how it is written, said with the words of its tables."""
    for name in ("options_metavar", "subcommand_metavar"):
        if written := getattr(command, name, None):
            setattr(command, name, words.get(written, written))

    def write(context: Any, formatter: Any) -> None:
        pieces = " ".join(command.collect_usage_pieces(context))
        formatter.write_usage(context.command_path, pieces, f"{words.get('Usage:', 'Usage:')} ")

    command.format_usage = write


def _translate_type(parameter: Any, words: Mapping[str, str]) -> None:
    """Have a parameter's value named in words, not by its type in the code; a flag has none."""
    written = parameter.display_type_rich

    def name(ctx: Any) -> str | None:
        shown: str = written(ctx=ctx) or ""
        if not shown.startswith("<"):
            return shown or None
        word = next((word for kind, word in _TYPES.items() if kind in shown), "")
        return words.get(word, word) or None

    parameter.display_type_rich = name


def _with_parts(command: Any) -> Iterator[Any]:
    """Yield a command and all that it is made of."""
    yield command
    for part in getattr(command, "commands", {}).values():
        yield from _with_parts(part)
