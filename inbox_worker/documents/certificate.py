"""The certificate of a destruction: who, when, by which clause, how many files of which hashes; in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from inbox_worker.core.model import Language
from inbox_worker.core.rendered import Operator
from inbox_worker.documents.html_pages import page_of, table_cell
from inbox_worker.ledger.destroyed import Certificate, CertifiedItems, DestroyedFile
from inbox_worker.settings.texts import AllTexts, show_day

_DIGITS = 64  # of a hash
_ACCOUNTS = ("account", "customer", "since", "clause")
_REWRITTEN = ("path", "hash_then", "hash_now")
_COLUMNS = ("item", "kind", "customer", "decided", "since", "clause", "path", "size", "hash")


def render_certificate(certificate: Certificate, items: CertifiedItems, operator: Operator, texts: AllTexts) -> bytes:
    """Return the page. The same certificate gives the same bytes, so a destruction that was killed ends with it."""
    sides = [_side(language, certificate, items, operator, texts) for language in ("ru", "kk")]
    cleared = [_plain_table(_ACCOUNTS, [vars(one).values() for one in items.accounts], texts),
               _plain_table(_REWRITTEN, [vars(one).values() for one in items.rewritten], texts)]  # fmt: skip
    return page_of(
        f"№ {certificate.number}", [*sides, _table(items.files, texts), *(cleared if items.accounts else ())]
    )


def _side(language: Language, one: Certificate, items: CertifiedItems, operator: Operator, texts: AllTexts) -> str:
    def say(code: str, **facts: object) -> str:
        return escape(texts.written.say(language, code, **facts))

    files = items.files
    name = operator.name_kk if language == "kk" else operator.name
    facts = {
        "name": name, "bin": operator.bin, "count": len(files), "items": len({file.item for file in files}),
        "bytes": sum(file.size for file in files), "hash": one.items,
        "accounts": len(items.accounts), "rewritten": len(items.rewritten),
        "proposed_by": one.proposed_by, "proposed_at": _show(one.proposed_at),
        "destroyed_by": one.destroyed_by, "destroyed_at": _show(one.destroyed_at),
    }  # fmt: skip
    said = ("operator", "people", "counts", *(("cleared",) if items.accounts else ()), "hash")
    lines = "".join(f"<p>{say(f'certificate.{line}', **facts)}</p>" for line in said)
    counted = Counter((file.clause, file.kind) for file in files)
    rows = "".join(
        f"<tr><td>{escape(clause)}</td><td>{say(f'certificate.kind.{kind}')}</td><td>{count}</td></tr>"
        for (clause, kind), count in sorted(counted.items())
    )
    title = say("certificate.title", number=one.number)
    return f"<section lang={language!r}><h1>{title}</h1>{lines}<table>{rows}</table></section>"


def _table(files: Sequence[DestroyedFile], texts: AllTexts) -> str:
    heads = "".join(f"<th>{escape(texts.written.both(f'certificate.column.{name}'))}</th>" for name in _COLUMNS)

    def item(file: DestroyedFile) -> str:
        what, _, number = file.item.partition(" ")
        return f"{texts.written.both(f'certificate.item.{what}')} {number}" if number else what

    rows = "".join(
        "<tr>" + "".join(table_cell(show_day(str(value))) for value in (
            item(file), texts.written.both(f"certificate.kind.{file.kind}"), file.customer,
            texts.written.both(f"decided.{file.decided}"), file.since, file.clause, file.path, file.size))
        + f'<td class="hash">{file.sha256}</td></tr>\n'
        for file in files
    )  # fmt: skip
    return f"<table><tr>{heads}</tr>\n{rows}</table>"


def _plain_table(columns: Sequence[str], rows: Iterable[Iterable[str]], texts: AllTexts) -> str:
    heads = "".join(f"<th>{escape(texts.written.both(f'certificate.column.{name}'))}</th>" for name in columns)
    cells = (
        "".join(table_cell(show_day(value), "hash" if len(value) == _DIGITS else "") for value in row) for row in rows
    )
    return f"<table><tr>{heads}</tr>\n{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _show(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d.%m.%Y %H:%M}"
