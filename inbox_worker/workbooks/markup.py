"""XML of strangers, read with namespaces, without document types and entities of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from xml.parsers import expat

from inbox_worker.workbooks.cell_values import DamagedWorkbook

Start = Callable[[str, dict[str, str]], None]
BROKEN_MARKUP = (expat.ExpatError, UnicodeError)


def _forbid(*_: object) -> None:
    raise DamagedWorkbook("a document type is declared")


def forbid_types(parser: expat.XMLParserType) -> None:
    """Let the parser raise Unreadable at a document type."""
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid


def reader(start: Start, end: Callable[[str], None] | None = None) -> expat.XMLParserType:
    """Make an XML parser that names elements and attributes as `namespace local`; it raises DamagedWorkbook at a
    document type, by which entities could grow without end or spell what we look for."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    forbid_types(parser)
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    return parser


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(" ")[2]


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute by its local name, '' when it is not there."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if local(key) == name), "")


def elements(data: bytes, wanted: Iterable[str]) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of those local names with their attributes, in the file's order."""
    found: list[tuple[str, dict[str, str]]] = []
    names = frozenset(wanted)

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) in names:
            found.append((local(name), attributes))

    reader(start).Parse(data, True)
    return found


def is_true(value: str) -> bool:
    """Return whether a truth value of XML Schema says yes."""
    return value.strip() in ("1", "true", "on")
