"""The parts of an .xlsx package as its relationships connect them (ECMA-376, part 2), changed where asked.

Only what a workbook needs to look as it did is carried: cells, styles, pictures, charts, drawings, tables, comments.
Macros, embedded programs, links to other files and the author's properties are left out, and what referred to them goes
with them. Parts that nobody changed keep their bytes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from lxml import etree

from inbox_worker.workbooks.ooxml_parts import MAIN, RELATIONS, NotCarried, local, parse, serialise, words

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_CARRIED = words(
    "worksheet chartsheet styles theme sharedStrings sheetMetadata drawing vmlDrawing image chart chartEx"
    " chartUserShapes chartStyle chartColorStyle themeOverride diagramData diagramLayout diagramQuickStyle"
    " diagramColors diagramDrawing comments threadedComment person table pivotTable pivotCacheDefinition"
    " pivotCacheRecords slicer slicerCache timeline timelineCache connections queryTable xmlMaps tableSingleCells"
    " rdRichValue rdRichValueStructure rdRichValueTypes rdArray richStyles rdSupportingPropertyBag"
    " rdSupportingPropertyBagStructure richValueRel namedSheetView"
)
_NEEDS_TARGET = words(
    "sheet hyperlink hlinkClick hlinkHover hlinkMouseOver externalReference externalData oleObject control"
    " customPr"
    " drawing legacyDrawing legacyDrawingHF drawingHF picture tablePart pivotCache pivotCacheDefinition"
    " userShapes"
)
_LISTS = words("hyperlinks externalReferences oleObjects controls customProperties tableParts pivotCaches")


@dataclass(frozen=True)
class Relation:
    """One relationship of a part: its id, its type's address, the part it leads to ('' when outside)."""

    id: str
    uri: str
    target: str

    @property
    def kind(self) -> str:
        """The last word of its type, as `worksheet`: dialects differ in the words before."""
        return self.uri.rpartition("/")[2]


@dataclass
class Package:
    """A workbook's parts by name (`xl/workbook.xml`), their content types, and the relationships of each."""

    main: str
    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    trees: dict[str, Any] = field(default_factory=dict)  # parts that were looked into, as they are now

    @classmethod
    def read(cls, data: bytes) -> Package:
        """Return the workbook's package. Raises NotCarried, or BadZipFile and its like."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _Files(archive)
            main = next((r.target for r in files.relations("") if r.kind == "officeDocument" and r.target), "")
            if not main:
                raise NotCarried("no relationship leads to a workbook")
            package = cls(main)
            waiting = [main]
            while waiting:
                name = waiting.pop()
                if name in package.parts:
                    continue
                package.parts[name], package.types[name] = files.read(name), files.type_of(name)
                wanted = files.relations(name)
                kept = [r for r in wanted if r.kind in _CARRIED and r.target]
                package.relations[name] = kept
                package._drop_references(name, {r.id for r in wanted} - {r.id for r in kept})
                waiting += [r.target for r in kept]
        package.types[main] = _WORKBOOK
        return package

    def tree(self, name: str) -> Any:
        """Return the part as a tree; what is changed in it is written."""
        if name not in self.trees:
            self.trees[name] = parse(self.parts[name])
        return self.trees[name]

    def related_parts(self, name: str, kind: str) -> Iterator[str]:
        """Name the parts that a part leads to by relationships of that kind."""
        return (r.target for r in self.relations.get(name, ()) if r.kind == kind)

    def target(self, name: str, identifier: str) -> str:
        """Name the part that a relationship of a part leads to; '' when there is none."""
        return next((r.target for r in self.relations.get(name, ()) if r.id == identifier), "")

    def add(self, owner: str, kind: str, name: str, content: bytes | Any, content_type: str) -> str:
        """Add a part that another leads to, under the name or a free one like it; return the relationship's id."""
        stem, dot, suffix = name.rpartition(".")
        taken, place = {part.casefold() for part in self.parts}, 1
        while name.casefold() in taken:
            name, place = f"{stem}{place}{dot}{suffix}", place + 1
        self.parts[name], self.types[name], self.relations[name] = b"", content_type, []
        if isinstance(content, bytes):
            self.parts[name] = content
        else:
            self.trees[name] = content
        known = self.relations.setdefault(owner, [])
        identifier = next(i for n in range(1, len(known) + 2) if (i := f"iw{n}") not in {r.id for r in known})
        strict = etree.QName(self.tree(self.main)).namespace == MAIN[1]
        known.append(Relation(identifier, f"{RELATIONS[int(strict)]}/{kind}", name))
        return identifier

    def remove(self, name: str) -> None:
        """Take a part out, with the relationships that lead to it. What only it led to is not written either."""
        self.parts.pop(name, None)
        self.trees.pop(name, None)
        for owner, known in self.relations.items():
            self.relations[owner] = [r for r in known if r.target != name]

    def to_bytes(self) -> bytes:
        """Return the package as bytes: the same parts give the same bytes, whenever they are written."""
        names = sorted(self._reachable())
        files = {"[Content_Types].xml": _content_types({name: self.types[name] for name in names})}
        files["_rels/.rels"] = _relation_part([Relation("rId1", f"{RELATIONS[0]}/officeDocument", self.main)], "")
        for name in names:
            files[name] = serialise(self.trees[name]) if name in self.trees else self.parts[name]
            if self.relations.get(name):
                files[_relations_of(name)] = _relation_part(self.relations[name], posixpath.dirname(name))
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, data)
        return sink.getvalue()

    def _reachable(self) -> set[str]:
        found, waiting = set[str](), [self.main]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.parts:
                found.add(name)
                waiting += [r.target for r in self.relations.get(name, ())]
        return found

    def _drop_references(self, name: str, dropped: set[str]) -> None:
        """Take out of a part what refers to relationships that are not carried."""
        if not dropped:
            return
        try:
            root = self.tree(name)
        except etree.XMLSyntaxError as error:
            raise NotCarried(f"{name} is no XML and refers to parts that are left out") from error
        for element in list(root.iter(etree.Element)):
            for key, value in element.attrib.items():
                if value in dropped and etree.QName(key).namespace in RELATIONS:
                    del element.attrib[key]
                    if local(element) in _NEEDS_TARGET and element.getparent() is not None:
                        _remove_with_lists(element)
                        break


class _Files:
    """The members of a zip by their names as packages compare them: any case, `/` or `\\`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = {_clean(m.filename).casefold(): m for m in archive.infolist() if not m.is_dir()}
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        for entry in parse(self.read("[Content_Types].xml")).iter(etree.Element):
            if local(entry) == "Default":
                self._defaults[entry.get("Extension", "").casefold()] = entry.get("ContentType", "")
            elif local(entry) == "Override":
                self._overrides[_clean(entry.get("PartName", "")).casefold()] = entry.get("ContentType", "")

    def read(self, name: str) -> bytes:
        member = self._members.get(name.casefold())
        if member is None:
            raise NotCarried(f"{name} is not in the package")
        return self._archive.read(member)

    def type_of(self, name: str) -> str:
        extension = name.rpartition(".")[2].casefold()
        return self._overrides.get(name.casefold()) or self._defaults.get(extension) or "application/octet-stream"

    def relations(self, name: str) -> list[Relation]:
        """Return the relationships of a part; those that lead outside, or nowhere, have no target."""
        place = _relations_of(name)
        if place.casefold() not in self._members:
            return []
        found = []
        for entry in parse(self.read(place)).iter(etree.Element):
            if local(entry) == "Relationship":
                outside = entry.get("TargetMode", "").casefold() == "external"
                target = "" if outside else _resolve_target(entry.get("Target", ""), posixpath.dirname(name))
                known = target if target.casefold() in self._members else ""
                found.append(Relation(entry.get("Id", ""), entry.get("Type", ""), known))
        return found


def _remove_with_lists(element: Any) -> None:
    """Remove an element, and the list around it when that is empty then."""
    parent = element.getparent()
    parent.remove(element)
    if parent.get("count", "").isdigit():
        parent.set("count", str(len(parent)))
    if local(parent) in _LISTS and not len(parent) and parent.getparent() is not None:
        parent.getparent().remove(parent)


def _clean(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _resolve_target(target: str, folder: str) -> str:
    target = unquote(target).replace("\\", "/")
    path = target if target.startswith("/") else f"/{folder}/{target}"
    return posixpath.normpath(re.sub("/+", "/", path)).lstrip("/")


def _relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def _relation_part(relations: list[Relation], folder: str) -> bytes:
    root = etree.Element(f"{{{_PACKAGE}}}Relationships", nsmap={None: _PACKAGE})
    for relation in relations:
        target = quote("/" + relation.target) if folder else relation.target
        etree.SubElement(
            root, f"{{{_PACKAGE}}}Relationship", {"Id": relation.id, "Type": relation.uri, "Target": target}
        )
    return serialise(root)


def _content_types(types: Mapping[str, str]) -> bytes:
    root = etree.Element(f"{{{_TYPES}}}Types", nsmap={None: _TYPES})
    for extension, kind in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
    ):
        etree.SubElement(root, f"{{{_TYPES}}}Default", {"Extension": extension, "ContentType": kind})
    for name, kind in types.items():
        etree.SubElement(root, f"{{{_TYPES}}}Override", {"PartName": quote("/" + name), "ContentType": kind})
    return serialise(root)
