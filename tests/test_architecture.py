"""The house is as its page and its law say."""

from __future__ import annotations

import ast
import configparser
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "inbox_worker"
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


def test_the_picture_shows_every_room_and_no_other() -> None:
    picture = (ROOT / "docs" / "images" / "rooms.svg").read_text("utf-8")
    shown = re.findall(r'<text class="room"[^>]*>(\w+)</text>', picture)
    assert sorted(shown) == sorted(ROOMS)


def test_the_picture_has_the_lines_of_the_import_law() -> None:
    law = configparser.ConfigParser()
    law.read(ROOT / ".importlinter", "utf-8")
    lines = law["importlinter:contract:rooms"]["layers"].split("\n")
    picture = (ROOT / "docs" / "images" / "rooms.svg").read_text("utf-8")
    heights = defaultdict(set)
    for height, room in re.findall(r'<text class="room" x="\d+" y="(\d+)"[^>]*>(\w+)</text>', picture):
        heights[int(height)].add(room)
    assert [rooms for _, rooms in sorted(heights.items())] == [set(re.findall(r"\w+", line)) for line in lines if line]


def test_at_most_eighteen_rooms_with_those_that_are_coming() -> None:
    assert len(ROOMS | {"signing", "bank", "contract", "web"}) <= 18
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_no_circle_of_files() -> None:
    imports = {name(path): imported(path) for path in FILES}
    while leaves := [one for one, needs in imports.items() if not needs & imports.keys()]:
        for leaf in leaves:
            del imports[leaf]
    assert imports == {}


def test_imports_of_our_own_do_not_grow() -> None:
    """As many as on the day that the house was moved; fewer is better, and then the figures here go down."""
    counts = sorted(len(imported(path)) for path in FILES if path.name != "__init__.py")
    assert counts[len(counts) // 2] <= 5
    assert counts[int(len(counts) * 0.9)] <= 11


def test_no_module_over_300_lines_and_no_function_over_40() -> None:
    long_modules = {name(path): count for path in FILES if (count := len(path.read_text("utf-8").splitlines())) > 300}
    assert long_modules == {}
    long_functions = [
        f"{name(path)}.{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert long_functions == []


def test_files_of_a_home_are_read_by_what_refuses_pipes() -> None:
    """`read_file`, `read_small_file` and `open_file` of core/files.py: whoever reads a pipe waits for ever. Others read
    what travels with the program, what they have just written, and what the kernel tells."""
    own = {"forms/read.py", "month/verified_record.py", "month/shared_anchors.py"}  # methods of the same name
    shipped = {
        "ledger/lines/steps.py",
        "cli/homes.py",
        "demo/names.py",
        "core/queries.py",
        "settings/followed_words.py",
    }
    made = {"documents/pdf.py", "documents/sheet_package.py", "outbox/standing.py"}
    kernel = {"workbooks/jail.py", "service/health.py"}
    readers = re.compile(r"\.(read_bytes|read_text)\(|\.open\(\"rb\"\)")
    found = {path.relative_to(PACKAGE).as_posix() for path in FILES if readers.search(path.read_text("utf-8"))}
    assert found - own - shipped - made - kernel == set()
    assert all(len(readers.findall((PACKAGE / one).read_text("utf-8"))) == 1 for one in shipped | made | kernel)


def test_no_class_name_twice() -> None:
    places = defaultdict(list)
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert {one: where for one, where in places.items() if len(where) > 1} == {}


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported(path: Path) -> set[str]:
    """Modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inbox_worker"):
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                place = ROOT / Path(*module.split("."))
                found.add(module if place.with_suffix(".py").exists() or place.is_dir() else str(node.module))
    return found - {"inbox_worker"}
