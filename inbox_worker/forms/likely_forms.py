"""Selection of the forms that may have their header in a sheet, asked once for each text of a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from inbox_worker.forms.heads import Grid, names_of
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules

_MOST_TEXTS = 5000  # texts whose forms are remembered


class _Headers:
    """The forms that have such a header, by text, for the rules that were asked last."""

    def __init__(self) -> None:
        self._forms: Mapping[str, FormRule] = {}
        self._known: dict[str, frozenset[str]] = {}

    def forms_of(self, text: str, rules: Rules) -> frozenset[str]:
        if self._forms is not rules.forms or len(self._known) >= _MOST_TEXTS:
            self._forms, self._known = rules.forms, {}
        if text not in self._known:
            forms = (form for form, rule in rules.forms.items() if names_of(rule, rules).may_name(text))
            self._known[text] = frozenset(forms)
        return self._known[text]


_HEADERS = _Headers()


def likely_forms(grids: Iterable[Grid], rules: Rules) -> set[str]:
    """Return the forms for which some row of the grids is worth matching."""
    found = set[str]()
    for cells in (cells for grid in grids for cells in grid):
        hits = Counter(form for text in cells.values() for form in _HEADERS.forms_of(text, rules))
        found |= {form for form, count in hits.items() if names_of(rules.forms[form], rules).enough(count, len(cells))}
    return found
