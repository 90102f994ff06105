"""A small billing centre that answers by a mail server."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import yaml

from inbox_worker.workbooks.cells import CellReader
from tests.support.office import ROOT, TownOffice, customer, line, make_bare_home


def configure(folder: Path, **more: object) -> None:
    """A home's config.yaml with other blocks."""
    config = yaml.load((ROOT / "config.yaml").read_bytes(), yaml.CSafeLoader) | more
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    make_bare_home(folder)


class AnsweringOffice(TownOffice):
    """A small billing centre with a mail server."""

    settings: dict[str, object] = {}

    @classmethod
    def at(cls, folder: Path, reader: CellReader, **settings: object) -> AnsweringOffice:
        kind = type("Configured", (cls,), {"settings": settings})
        if not _LOADED:
            _LOADED.append(_load(Path(_FOLDER.name) / "home", reader))
        shutil.copytree(_LOADED[0].folder, folder)
        opened: AnsweringOffice = kind(folder, reader)
        opened._books = _LOADED[0]._books
        return opened

    def _configure(self, folder: Path) -> None:
        configure(folder, **self.settings)


_FOLDER = tempfile.TemporaryDirectory()
_LOADED: list[TownOffice] = []  # an office with its registers, which all others begin as


def _load(folder: Path, reader: CellReader) -> TownOffice:
    with TownOffice(folder, reader) as office:
        office.load_customers(customer("A"), customer("B", utilities=True))
        lines = [line("A", str(1001 + n), "maintenance", tariff="31.4155", area="65.30") for n in range(3)]
        water = line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10")
        office.load_directory(*lines, water)
    return office


def smtp(port: int, **more: object) -> dict[str, object]:
    """The smtp block for a server of a test."""
    return {"host": "127.0.0.1", "port": port, "tls": "none", "timeout": 5, **more}
