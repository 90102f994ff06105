"""Every exception of ours says by its base how a command ends: 2 for a mistake of the user, 1 for a job that failed."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from inspect import getmembers, isclass

import pytest

import inbox_worker
from inbox_worker.core.errors import JobError, UseError
from inbox_worker.ledger.place import NoSuchPlace

# caught in the module that raises them, so that no command ends by one; a traceback is right if one does
CONTROL_FLOW = {
    "NotTheValue": "a cell of a workbook holds what no value is written as; the restore tells it",
    "_Changed": "rules were saved while they were read; they are read again",
    "_Died": "the reading process was killed from outside; the file is read once more",
    "_LetterTooLarge": "a bill's letter is too large; its row says so",
    "_Nonsense": "a child process answers nonsense; it is ended",
    "_OnItsWay": "a document's letters are just leaving; nothing is queued",
    "_Pause": "the mail server's limit is reached; all letters wait",
    "_Unfit": "a value is not written as a layout says; the line is told as a finding",
}


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(inbox_worker.__path__, "inbox_worker."):
        if not module.name.endswith(".__main__") and ".migrations" not in module.name:
            yield module.name


@pytest.fixture(scope="module")
def classes() -> list[type]:
    """Every class of the package."""
    modules = [importlib.import_module(name) for name in _modules()]
    return [one for module in modules for _, one in getmembers(module, isclass) if one.__module__ == module.__name__]


def test_every_exception_carries_its_exit_code(classes: list[type]) -> None:
    exceptions = [one for one in classes if issubclass(one, BaseException)]
    bare = {one.__name__ for one in exceptions if not issubclass(one, (UseError, JobError))}
    assert bare == set(CONTROL_FLOW), "derive it from UseError or JobError of core/errors.py"
    assert {one.exit_code for one in exceptions if issubclass(one, (UseError, JobError))} == {1, 2}


def test_no_two_exceptions_share_a_name(classes: list[type]) -> None:
    count = Counter(one.__name__ for one in classes)
    assert not [one for one in classes if issubclass(one, BaseException) and count[one.__name__] > 1]


def test_a_journal_at_a_wrong_address_is_the_users_mistake() -> None:
    """It is an error of the journal, too, which the service waits out."""
    assert issubclass(NoSuchPlace, JobError) and NoSuchPlace.exit_code == 2
