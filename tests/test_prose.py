"""The program is written in plain English: verbs first, field words, no metaphors (docs/glossary.md has the words)."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "inbox_worker"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef

# A verb that is missing is added to the file.
VERBS, BASE_ONLY = (
    {word for line in part.splitlines() if not line.startswith("#") for word in line.split()}
    for part in Path(__file__).with_name("verbs.txt").read_text("utf-8").split("\n\n")
)
QUESTIONS = {"what", "how", "where", "whether", "which", "why", "who", "whose", "whom"}
METAPHORS = {"voice", "pulse", "bell", "tray", "postman", "shelf", "shelves", "desk", "hand", "hands", "eye", "eyes"}
METAPHORS |= {"lying", "told", "lies"}
PARTICIPLES = {"told", "meant", "said", "shown", "written", "made", "sent", "held", "kept", "found", "known", "given"}
PARTICIPLES |= {"taken", "left", "bought", "paid", "drawn", "spoken", "built"}
NO_PARTICIPLES = {"nothing", "anything", "something", "everything", "need", "bring", "string"}


def test_docstrings_of_public_functions_begin_with_a_verb() -> None:
    """In the base form or the third: "Return the findings of one row, errors first." Properties and classes may begin
    with a noun, and nothing begins with a question word ("What", "Whether", ...)."""
    remedy = "begin with a verb; one that is missing is added to tests/verbs.txt"
    assert_none((where for where, bad in docstrings() if bad), remedy)


def test_no_metaphors_in_names() -> None:
    found = (f"{where}: {one}" for where, one in names() if METAPHORS & set(words_of(one)))
    assert_none(found, "choose a plain word, none of METAPHORS")


def test_functions_are_not_named_by_a_bare_participle() -> None:
    """A function is a verb with its object; `meant` or `writing` say neither."""
    found = (f"{where}: {one}" for where, one in function_names() if is_participle(one))
    assert_none(found, "call it by a verb and its object")


def test_the_glossary_has_each_term_once_in_three_languages() -> None:
    text = PACKAGE.with_name("docs").joinpath("glossary.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    terms = [row for row in rows if row[0] not in ("English (code)", "---")]
    assert len(terms) > 80 and all(len(row) == 4 and all(row) for row in terms)
    for language in zip(*(row[:3] for row in terms), strict=True):
        assert [term for term, times in Counter(language).items() if times > 1] == []


@pytest.mark.parametrize(
    ("text", "is_verb"),
    [
        ("Return the findings.", True),
        ("Returns the findings.", True),
        ("Tries again.", True),
        ("Record an arrival.", True),
        ("Records of an arrival.", False),
        ("The findings.", False),
        ("What was found.", False),
        ("`name`: its findings.", False),
    ],
)
def test_a_verb_is_told_from_other_words(text: str, is_verb: bool) -> None:
    assert begins_with_verb(text) is is_verb


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("writing", True),
        ("_opened", True),
        ("_told", True),
        ("lock_for_writing", False),
        ("find_opened", False),
        ("_nothing", False),
        ("__missing__", False),
    ],
)
def test_a_participle_is_told_from_other_names(name: str, expected: bool) -> None:
    assert is_participle(name) is expected


def assert_none(places: Iterator[str], remedy: str) -> None:
    found = sorted(places)
    assert not found, "\n".join([f"{remedy}:", *found])


def docstrings() -> Iterator[tuple[str, bool]]:
    """Yield each public name with a docstring, and whether it begins with a wrong word."""
    for path in FILES:
        for node, is_function in documented(ast.parse(path.read_text("utf-8"))):
            text = ast.get_docstring(node)
            if text:
                where = f"{place_of(path)}: {getattr(node, 'name', 'module')}: {text.splitlines()[0]}"
                bad = not begins_with_verb(text) if is_function else first_word(text) in QUESTIONS
                yield where, bad


def documented(
    node: ast.Module | ast.ClassDef,
) -> Iterator[tuple[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Yield a module or a class with its public functions and classes, and whether each is a function."""
    yield node, False
    for child in node.body:
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from documented(child)
        elif isinstance(child, FUNCTIONS) and not child.name.startswith("_"):
            yield child, not any("property" in ast.unparse(one) for one in child.decorator_list)


def names() -> Iterator[tuple[str, str]]:
    """Yield every name with its module: of modules, classes, functions, parameters, variables and fields."""
    for path in FILES:
        yield place_of(path), path.stem
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | FUNCTIONS):
                yield place_of(path), node.name
            elif isinstance(node, ast.arg):
                yield place_of(path), node.arg
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield place_of(path), node.id
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield place_of(path), node.attr


def function_names() -> Iterator[tuple[str, str]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, FUNCTIONS) and not any("property" in ast.unparse(one) for one in node.decorator_list):
                yield place_of(path), node.name


def place_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def words_of(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def first_word(text: str) -> str:
    found = re.match(r"[A-Za-z-]+", text)
    return found[0].lower() if found else ""


def begins_with_verb(text: str) -> bool:
    word = first_word(text)
    return word in BASE_ONLY or bool({word, *base_forms(word)} & VERBS)


def base_forms(word: str) -> set[str]:
    """Return the base forms that a third form may have: writes -> write, tries -> try, passes -> pass."""
    return {word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word), re.sub("^has$", "have", word)}


def is_participle(name: str) -> bool:
    """Tell of a function's name; what Python itself names (`__missing__`) is left alone."""
    if name.startswith("__") and name.endswith("__"):
        return False
    name = name.strip("_")
    looks_so = "_" not in name and bool(re.search(r"[a-z]{2}(ed|ing)$", name))
    return name in PARTICIPLES or (looks_so and name not in NO_PARTICIPLES)
