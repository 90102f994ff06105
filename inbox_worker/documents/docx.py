"""Word templates that staff may restyle: filled with escaped values, the same data giving the same bytes.

docxtpl mends what Word does to the tags in a template; the result is compiled once a template, so that a
month of acts costs milliseconds each. Tags: `{{ value }}`, `{%p ... %}`, `{%tr ... %}`, `{%tc ... %}`; no
pictures, no subdocuments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined, Template, TemplateError

from inbox_worker.core.errors import JobError

_FILLED = re.compile(r"word/(document|header\d*|footer\d*)\.xml|docProps/core\.xml")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class TemplateProblem(JobError):
    """A template cannot be used; the text says which and what is wrong with it."""

    def __init__(self, name: str, problem: object) -> None:
        super().__init__(f"templates/documents/{name}: {problem}; mend it, or take the shipped one")


def fill(name: str, template: bytes, values: Mapping[str, Any]) -> bytes:
    """The document's bytes. Values are text, never markup; one the template misses or misspells raises
    TemplateProblem.
    """
    try:
        parts = _compiled(template)
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
def _compiled(template: bytes) -> tuple[tuple[str, Template | bytes], ...]:
    """The parts of the template in their order, those with tags compiled."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    mender = DocxTemplate(BytesIO(template))
    with ZipFile(BytesIO(template)) as archive:
        bodies = [(part, archive.read(part)) for part in archive.namelist()]
    return tuple(
        (
            part,
            environment.from_string(mender.patch_xml(body.decode("utf-8"))) if _FILLED.fullmatch(part) else body,
        )
        for part, body in bodies
    )


def _render(template: Template, values: Mapping[str, Any]) -> bytes:
    return template.render(values).encode("utf-8")
