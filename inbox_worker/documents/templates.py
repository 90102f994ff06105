"""Templates that staff may restyle, filled with data; the same data, template and fonts give the same bytes.

Word (docxtpl mends what Word does to the tags; tags: `{{ value }}`, `{%p ... %}`, `{%tr ... %}`, `{%tc ... %}`, no
pictures, no subdocuments), typst and Jinja. Values are text, never markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from jinja2 import Environment, StrictUndefined, Template, TemplateError
from markupsafe import Markup

from inbox_worker.core.errors import JobError
from inbox_worker.core.files import read_small_file

if TYPE_CHECKING:
    import typst

_FILLED = re.compile(r"word/(document|header\d*|footer\d*)\.xml|docProps/core\.xml")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# typst keeps what it laid out for its next ten compilations, 2 MB a page: after a large document it is given nothing
# to do until it forgets (measured: 1.4 GB -> 0.4 GB with documents of 100 pages, a tenth slower).
_FORGETS_AFTER = 11
_LARGE = 100_000


class TemplateProblem(JobError):
    """A template cannot be used; the text says which and what is wrong with it."""

    def __init__(self, name: str, problem: object) -> None:
        super().__init__(f"templates/documents/{name}: {problem}; mend it, or take the shipped one")


def fill_docx(name: str, template: bytes, values: Mapping[str, Any]) -> bytes:
    """Return the Word document of a template. Raises TemplateProblem for a tag that is broken or that `values` lack."""
    try:
        parts = _compile_parts(template)
        filled = [(part, _render(body, values) if isinstance(body, Template) else body) for part, body in parts]
    except (TemplateError, BadZipFile) as error:
        raise TemplateProblem(name, error) from error
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for part, body in filled:
            info = ZipInfo(part, _FIXED_TIME)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, body)
    return target.getvalue()


@lru_cache(maxsize=8)
def _compile_parts(template: bytes) -> tuple[tuple[str, Template | bytes], ...]:
    """Return the parts of a Word template in their order, those with tags compiled: a month of acts costs milliseconds
    each."""
    from docxtpl import DocxTemplate

    mender = DocxTemplate(BytesIO(template))
    with ZipFile(BytesIO(template)) as archive:
        bodies = [(part, archive.read(part)) for part in archive.namelist()]
    return tuple(
        (part, _jinja().from_string(mender.patch_xml(body.decode("utf-8"))) if _FILLED.fullmatch(part) else body)
        for part, body in bodies
    )


def _render(template: Template, values: Mapping[str, Any]) -> bytes:
    return template.render(values).encode("utf-8")


def fill_html(template: Path, **values: object) -> Markup:
    """Return HTML or SVG of a template. Raises TemplateProblem for a tag that is broken or that `values` lack."""
    try:
        return Markup(_compile(read_small_file(template).decode("utf-8")).render(values))  # noqa: S704 - escaped in it
    except TemplateError as error:
        raise TemplateProblem(template.name, error) from error


@lru_cache(maxsize=32)
def _compile(text: str) -> Template:
    """Compile a template: that takes longer than to fill it, and a month has pages and pictures of the same few."""
    return _jinja().from_string(text)


def _jinja() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined)


def fill_typst(template: Path, fonts: Path, data: Mapping[str, Any], dated: date) -> bytes:
    """Return the PDF of a typst template, which reads the data as JSON from `sys.inputs.data`. Only `fonts` are used.

    Raises TemplateProblem when the template does not compile, or asks for something the data do not have.
    """
    import typst

    stamp = (dated - date(1970, 1, 1)).days * 86_400
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiler = _compiler(template.parent, fonts)
    try:
        made = compiler.compile(
            input=read_small_file(template), format="pdf", sys_inputs=inputs, timestamp=stamp, pdf_tags=False
        )
    except typst.TypstError as error:
        raise TemplateProblem(template.name, f"{error.message} {' '.join(error.hints)}".strip()) from error
    if not isinstance(made, bytes):
        raise TemplateProblem(template.name, "it does not make one PDF")
    if len(inputs["data"]) > _LARGE:
        for _ in range(_FORGETS_AFTER):
            compiler.compile(input=b"", format="pdf", sys_inputs=None, pdf_tags=False)
    return made


@lru_cache(maxsize=4)
def _compiler(root: Path, fonts: Path) -> typst.Compiler:
    """Return a process's one compiler: fonts are read once and memory stays flat."""
    import typst

    return typst.Compiler(root=str(root), font_paths=[str(fonts)], ignore_system_fonts=True)
