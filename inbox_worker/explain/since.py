"""Compares what was known of something at a moment with what is known now, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from inbox_worker.core.errors import UseError
from inbox_worker.explain.tree import Explanation
from inbox_worker.month.office import Office


def explain_since(
    office: Office, past: Office, moment: datetime, explain: Callable[[Office], Explanation]
) -> Explanation:
    """Return what `explain` said at the moment that `past` was opened for, then the lines that do not hold any more
    (−) and those that came since (+). Raises what `explain` raises about now; what was not there then is told."""
    now, say = explain(office), office.say
    try:
        then = explain(past)
    except UseError:
        then = Explanation([say("explain.unknown_then")])
    lines = [say("explain.as_of", at=f"{moment:%d.%m.%Y %H:%M:%S}"), *("  " + line for line in then.lines)]
    gone, came = _only_in(then.lines, now.lines), _only_in(now.lines, then.lines)
    lines.append(say("explain.since") if gone or came else say("explain.same_since"))
    lines += [*(f"  − {line}" for line in gone), *(f"  + {line}" for line in came)]
    return Explanation(lines, {**then.cells, **now.cells})


def _only_in(these: Any, those: Any) -> list[str]:
    """Return the lines that are not among the others as often, in their order."""
    left = Counter(line.strip() for line in those)
    found = []
    for line in these:
        text = line.strip()
        if left[text]:
            left[text] -= 1
        else:
            found.append(text)
    return found


def find_differences(then: Any, now: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield where two documents differ: the place, the value then and the value now, '' for none. Entries of a list
    are compared as they are; those of objects by name."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in [*then, *(name for name in now if name not in then)]:
            below = f"{place}.{name}" if place else str(name)
            yield from find_differences(then.get(name, ""), now.get(name, ""), below)
    elif isinstance(then, list) and isinstance(now, list):
        texts, others = [_text(one) for one in then], [_text(one) for one in now]
        yield from ((place, text, "") for text in _only_in(texts, others))
        yield from ((place, "", text) for text in _only_in(others, texts))
    elif then != now:
        yield place, _text(then), _text(now)


def _text(value: Any) -> str:
    """Return a value of a page in one line; of an object what is not empty."""
    return ", ".join(f"{name} {one}" for name, one in value.items() if one) if isinstance(value, dict) else str(value)
