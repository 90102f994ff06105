"""An explanation as one page that needs nothing else: opened years later on any machine, printed, put into a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from inbox_worker import __version__
from inbox_worker.documents.html_pages import PRINTED, table_cell
from inbox_worker.explain.tree import ExplainedStep, SourceCell
from inbox_worker.month.office import Office
from inbox_worker.settings.texts import Say

_STYLE = """
body{font:15px/1.45 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
body,dd{overflow-wrap:anywhere} h1{font-size:140%} table{display:block;overflow-x:auto;overflow-wrap:normal}
ul{list-style:none;margin:.2em 0;padding-left:1.2em;border-left:1px solid #ccc}
body>ul{border:0;padding:0} li{margin:.35em 0} table{border-collapse:collapse;margin:.4em 0;font-size:90%}
td,th{border:1px solid #bbb;padding:.1em .4em;text-align:left} th{background:#eee;font-weight:normal}
td.it{background:#ffe08a;font-weight:bold} dl{margin:.3em 0;font-size:90%;color:#444}
dt,dd{display:inline;margin:0} dt::after{content:": "} dd::after{content:"";display:block}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_page(steps: Sequence[ExplainedStep], what: str, cell: str, office: Office, now: datetime) -> str:
    """Return the page of what was asked, in the language of whoever reads. What senders wrote is text in it, never
    markup. Where a document lies on this machine is nobody's business: it is named as it lies in the home."""
    say = office.say
    asked = f"{_name_asked(what, office.home.path)} {cell}".strip()
    title = escape(say("explain.page.title", what=asked))
    made = say("explain.page.made", at=f"{now:%d.%m.%Y %H:%M}", version=__version__, rules=office.rules.version)
    return (
        f'<!DOCTYPE html>\n<html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title><style>{_STYLE}{PRINTED}</style></head>\n"
        f"<body><h1>{title}</h1>\n{_list(steps, say)}\n<p>{escape(made)}</p></body></html>\n"
    )


def _name_asked(what: str, home: Path) -> str:
    path, folder = Path(what).absolute(), home.absolute()
    if not path.is_file():
        return what
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _list(steps: Sequence[ExplainedStep], say: Say) -> str:
    return "<ul>" + "".join(_item(step, say) for step in steps) + "</ul>" if steps else ""


def _item(step: ExplainedStep, say: Say) -> str:
    cell = _cell(step.cell, say) if step.cell else ""
    return f"<li>{escape(step.text)}{cell}{_list(step.below, say)}</li>\n"


def _cell(cell: SourceCell, say: Say) -> str:
    """Return the original text, the rows around, the message's bytes and the rules by which it was decided."""
    text = say("explain.page.no_cell") if cell.value is None else f"«{cell.value}»"
    facts = {"value": text, "archive": f"archive/{cell.archive}", "sha256": cell.sha256, "rules": cell.rules}
    pairs = "".join(f"<dt>{say(f'explain.page.{name}')}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    return f"<dl>{pairs}</dl>{_around(cell)}"


def _around(cell: SourceCell) -> str:
    if not cell.around:
        return ""
    (_, heads), *rows = cell.around
    top = "".join(f"<th>{escape(head)}</th>" for head in ("", *heads))
    body = "".join(
        f"<tr><th>{number}</th>" + "".join(
            table_cell(text, "it" if (number, head) == (cell.row, cell.column) else "")
            for head, text in zip(heads, texts, strict=True)
        ) + "</tr>"
        for number, texts in rows
    )  # fmt: skip
    return f"<table><tr>{top}</tr>{body}</table>"
