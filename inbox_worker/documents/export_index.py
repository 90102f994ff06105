"""The page that opens an export of reports: months, files, hashes, in both languages; it needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Customer, Language, Period
from inbox_worker.core.rendered import Operator, Rendered
from inbox_worker.documents.html_pages import page_of
from inbox_worker.documents.view import month_kk, month_ru
from inbox_worker.settings.texts import AllTexts

INDEX = "index.html"
_SIDES: tuple[Language, ...] = ("ru", "kk")


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
