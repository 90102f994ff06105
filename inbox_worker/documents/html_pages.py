"""Pages that are opened in a browser, and printed: an export's index, a certificate, what `explain --html` shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

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
