"""XML parts of an .xlsx package: strangers' bytes as trees, elements put where the schemas want them.

Namespaces count (both dialects of ECMA-376), prefixes and quotes do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from inbox_worker.core.errors import JobError

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


class NotCarried(JobError):
    """The package is built in a way that its workbook cannot be carried; the text says which."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text: names of elements or relationships."""
    return frozenset(text.split())


def parse(data: bytes) -> Any:
    """Return the root of an XML part. Raises NotCarried for one with a DTD, XMLSyntaxError for none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_pis=True)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotCarried("a part declares entities")
    return root


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: Any, name: str) -> list[Any]:
    """Return the children of that name, whatever their namespace."""
    return [child for child in element.iterchildren(etree.Element) if local(child) == name]


def child(element: Any, name: str) -> Any:
    """Return the first child of that name, None without one."""
    return next(iter(children(element, name)), None)


def make(parent: Any, name: str, attributes: Mapping[str, str] | None = None, text: str = "") -> Any:
    """Return a new element in the namespace of another, not put into it yet."""
    element = parent.makeelement(etree.QName(etree.QName(parent).namespace, name), attributes or {}, {})
    if text:
        element.text = text
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element


def insert(parent: Any, element: Any, before: frozenset[str]) -> None:
    """Put an element before the first child of one of those names, else last: schemas want their order."""
    for place, known in enumerate(parent):
        if isinstance(known.tag, str) and local(known) in before:
            parent.insert(place, element)
            return
    parent.append(element)


def relation_attribute(root: Any) -> str:
    """Return the name of `r:id` as the part's own dialect spells its namespace."""
    strict = etree.QName(root).namespace == MAIN[1]
    return f"{{{RELATIONS[int(strict)]}}}id"


def relation_id(element: Any) -> str:
    """Return the relationship an element refers to by `r:id`; '' without one."""
    return next((element.get(f"{{{space}}}id") for space in RELATIONS if element.get(f"{{{space}}}id")), "")


def serialise(root: Any) -> bytes:
    """Return a tree as a part's bytes."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
