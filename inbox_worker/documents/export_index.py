"""The page that opens an export of reports: months, files, hashes, in both languages; it needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Language, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.view import month_kk, month_ru
from inbox_worker.settings.texts import AllTexts

INDEX = "index.html"
_SIDES: tuple[Language, ...] = ("ru", "kk")
PRINTED = """
@media print{body{margin:0;padding:0} table{display:table;overflow-x:visible;width:100%;font-size:65%}
td.long,td.hash{overflow-wrap:anywhere;min-width:0} tr,dl,p{break-inside:avoid} h1,h2{break-after:avoid}}
"""  # paper has no bar to move a wide table by
_LONG = 20  # letters of a word that is broken there
_STYLE = """
body{font:15px/1.45 sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
body{overflow-wrap:anywhere} h1{font-size:150%} table{display:block;overflow-x:auto;overflow-wrap:normal}
table{border-collapse:collapse;margin:.4em 0 1.2em;width:100%}
td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left}
th{background:#eee;font-weight:normal} td.hash{font:11px monospace;word-break:break-all;min-width:17em}
td.size{text-align:right}
h2{margin:1.6em 0 .3em;font-size:110%} hr{margin:3em 0}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class ExportedMonth:
    """A month of an export. `close`: the hash of the close that its reports are made of, '' of a month that has none;
    `why`: the code of the text that says why there are no files; `delivered`: names of the files that the Customer was
    given as they are; `waiting`: of newer ones that he was not, and that are not in the export."""

    month: Period
    number: int = 0
    close: str = ""
    documents: tuple[Rendered, ...] = ()
    why: str = ""
    delivered: frozenset[str] = frozenset()
    waiting: tuple[str, ...] = ()

    def path(self, document: Rendered) -> str:
        """Return where a file stands in the zip."""
        return f"{self.month}/{document.file_name}"


def render_index(months: Sequence[ExportedMonth], customer: Customer, operator: Operator, texts: AllTexts) -> bytes:
    """Return the page. It names no moment: the same closes give the same bytes (4.1.14)."""
    sides = [_side(language, months, customer, operator, texts) for language in _SIDES]
    return page_of(f"{customer.bin} {customer.name}", sides)


def page_of(title: str, parts: Sequence[str]) -> bytes:
    """Return parts as one page that needs nothing else and runs nothing."""
    body = "<hr>".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{_STYLE}{PRINTED}</style></head>\n"
        f"<body>{body}</body></html>\n"
    ).encode()


def table_cell(text: str, look: str = "") -> str:
    """Return a cell of a table; one with a path, a hash or another long word is broken where paper has no room."""
    look = look or ("long" if any(len(word) > _LONG for word in text.split()) else "")
    return f'<td class="{look}">{escape(text)}</td>' if look else f"<td>{escape(text)}</td>"


def _side(
    language: Language, months: Sequence[ExportedMonth], customer: Customer, operator: Operator, texts: AllTexts
) -> str:
    def say(code: str, **facts: object) -> str:
        return escape(texts.written.say(language, code, **facts))

    shown = month_kk if language == "kk" else month_ru
    first, last = shown(months[0].month), shown(months[-1].month)
    name = operator.name_kk if language == "kk" else operator.name
    parts = [f"<section lang={language!r}><h1>{say('export.title')}</h1>"]
    whose = say("export.whose", bin=customer.bin, name=customer.name, contract=customer.contract)
    parts += [
        f"<p>{whose}<br>{say('export.operator', name=name)}<br>{say('export.months', first=first, last=last)}</p>"
    ]
    parts += [f"<p>{say('export.check')}</p>"]
    heads = "".join(f"<th>{say(f'export.column.{column}')}</th>" for column in ("document", "file", "size", "hash"))
    for one in months:
        parts.append(f"<h2>{escape(shown(one.month))}</h2>")
        if one.why:
            parts.append(f"<p>{say(one.why)}</p>")
            continue
        parts.append(f"<p>{say('export.close', number=one.number, hash=one.close)}</p><table><tr>{heads}</tr>")
        for document in one.documents:
            given = say("export.delivered" if document.file_name in one.delivered else "export.of_close")
            called = f"{escape(texts.spoken.say(language, f'document.{document.kind}'))}: {given}"
            parts.append(_row(one, document, called))
        parts.append("</table>")
        if one.waiting:
            parts.append(f"<p>{say('export.waiting', names=', '.join(one.waiting))}</p>")
    return "\n".join([*parts, "</section>"])


def _row(month: ExportedMonth, document: Rendered, called: str) -> str:
    path = escape(month.path(document))
    return (
        f'<tr><td>{called}</td><td><a href="{path}">{path}</a></td>'
        f'<td class="size">{len(document.data)}</td><td class="hash">{sha256(document.data)}</td></tr>'
    )
