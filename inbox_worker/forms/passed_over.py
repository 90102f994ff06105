"""Find what somebody wrote on a form's sheet where nothing is read: rows over the header or beside the table, lines and
sentences around it (4.1.15). Nothing that a person typed is passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from inbox_worker.core.model import Finding
from inbox_worker.core.text import fold
from inbox_worker.forms.beside import is_above_zero
from inbox_worker.forms.blank_values import show_example
from inbox_worker.forms.days_in_words import find_months
from inbox_worker.forms.extra_columns import fits_column
from inbox_worker.forms.footers import is_signature
from inbox_worker.forms.header import without_pairs
from inbox_worker.forms.heads import names_of
from inbox_worker.forms.notes import find_notes, first_ten, is_sentence, notes_of_people
from inbox_worker.forms.rows import Rows, counts_columns, is_ruling
from inbox_worker.forms.sheets_of_form import SheetTable, find_key, has_numbers, is_like, shape_of
from inbox_worker.forms.words_around import name_figures, says_against_form, says_other_measure
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.vocabulary import numbered_phrases
from inbox_worker.workbooks.cell_values import Note, letters

_MOST_LINES = 300  # looked at on each sheet
_LEAST = 4  # characters of what names a row
_DAY = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"\d+")
_MONTH_WORDS = 3  # of a month behind a title
_OTHER_FORMS = ("table.other_form", "table.form_of_others")
_Cells = Mapping[int, str]


class PassedOver:
    """Lines of a form's sheet that are neither its header, nor its rows, nor labels with values."""

    def __init__(self, table: SheetTable, rule: FormRule, rules: Rules, picked: Rows) -> None:
        self._table, self._sheet, self._rules, self._picked = table, table.sheet, rules, picked
        self._mapped, self._names = table.head.pair_columns(rule), names_of(rule, rules)
        signed = [at for column, at in self._mapped if column.type == "money" and rule.documents == "plus"]
        self._signed = signed[0] if signed else -1  # the column whose sums say by their sign what they do
        self._numbered, self._keys = has_numbers(table, rule), set[str]()
        if found := find_key(table, rule):
            column, at = found
            named = {self._sheet.text(at, place) for place in picked.places[:_MOST_LINES].tolist()}
            self._keys = {shape_of(text) for text in (column.example, *named) if len(text) >= _LEAST}
        self._examples = {text for column in rule.columns for text in (column.example, show_example(column, rules))}
        above = rules.texts.written.words("blank.example_above").ru
        self._titles = (rule.title.ru, rule.title.kk)
        self._ours = (above, *(f"{number}  " for number in range(1, 5)))  # how lines of a blank's top begin
        self._findings: list[Finding] = []
        self._lines: list[tuple[int, _Cells]] = []
        self._sentences: list[tuple[int, _Cells]] = []
        self._doubts: list[tuple[str, str, str]] = []  # code, cell, words

    def find(self, after: int, further: Sequence[Finding]) -> list[Finding]:
        """Return an error for each row of the form that is not read where it stands, a warning for lines that may be
        rows, and a note of the sentences. `after`: the place after the table's last line; `further`: other tables that
        are reported already."""
        head, picked = self._table.head.place, self._picked
        others = [f.row - self._sheet.first_row for f in further if f.row and f.code in _OTHER_FORMS]
        for place, cells in enumerate(self._table.grid[: min([head, *others])]):
            self._judge_above(place, cells)
        read = {*picked.places.tolist(), *picked.totals, *picked.houses}
        below = [place for place in self._sheet.filled_places(head + 1, after) if place not in read]
        for place in below[:_MOST_LINES]:
            self._judge_below(place, self._sheet.row(place))
        for note in notes_of_people(self._sheet, self._rules):
            self._doubt_text(f"{letters(note.column)}{note.row}", note.text)
            self._judge_comment(note)
        self._doubt_sign(self._sheet.address(min(self._table.head.columns.values()), head), self._sheet.name)
        joined = (("lines.not_read", self._lines), ("notes.not_read", self._sentences))
        self._findings += [self._join(code, lines) for code, lines in joined if lines]
        for code in dict.fromkeys(code for code, *_ in self._doubts):
            texts = [(cell, text) for one, cell, text in self._doubts if one == code]
            facts = {"cells": first_ten([cell for cell, _ in texts])}
            if code == "notes.other_sign":
                facts["first"] = self._find_plus()
            self._findings.append(Finding(code, self._sheet.name, *texts[0], facts))
        return self._findings + find_notes(self._sheet, self._sheet.first_row + head, self._rules)

    def _judge_above(self, place: int, cells: _Cells) -> None:
        left = without_pairs(cells, self._rules)
        if self._heads(cells) or all(text in self._examples for text in left.values()):
            return
        self._doubt(place, {at: text for at, text in left.items() if not text.startswith(self._ours)})
        paired = len(left) < len(cells)
        if is_like(left.values(), self._keys, self._numbered) or (not paired and self._is_row(left)):
            self._note("rows.aside" if paired else "rows.above_head", place, left)
        elif place in {over.place for over in self._table.head.over.values()}:
            return
        elif len(cells) == 1 and place and not any(text.startswith(self._ours) for text in left.values()):
            self._keep_sentence(place, left)

    def _judge_below(self, place: int, cells: _Cells) -> None:
        columns = {at for _, at in self._mapped}
        beside = {at: text for at, text in cells.items() if at not in columns}
        left = without_pairs(cells, self._rules)
        self._doubt(place, left)
        for at, text in left.items() if len(left) == 1 else ():
            if numbered_phrases(self._rules.vocabulary.around.going_on).stand_in(text):
                self._doubts.append(("lines.go_on", self._sheet.address(at, place), text))
            if self._sets_apart(place, text):
                self._doubts.append(("notes.words_against", self._sheet.address(at, place), text))
        if is_like(beside.values(), self._keys, self._numbered):
            self._note("rows.aside", place, beside)
        elif any(map(is_signature, cells.values())) or self._heads(cells) or is_ruling(cells.values()):
            return
        elif len(cells) == 1 and left:
            self._keep_sentence(place, left)
        elif self._may_be_a_row(place, left):
            self._lines.append((place, left))

    def _sets_apart(self, place: int, text: str) -> bool:
        """Return whether a line over rows says that these are of a month before, or there to be compared."""
        over = len(self._picked.places) and place < int(self._picked.places[-1])
        around = self._rules.vocabulary.around
        dated = any(column.type in ("month", "first_day") for column, _ in self._mapped)
        return bool(over) and (around.comparing.stand_in(text) or (not dated and around.of_before.stand_in(text)))

    def _doubt(self, place: int, cells: _Cells) -> None:
        """Keep the texts of a line by which numbers are in another measure, or something is not to count."""
        for at, text in cells.items():
            self._doubt_text(self._sheet.address(at, place), text)

    def _doubt_text(self, cell: str, text: str) -> None:
        if self._numbered and says_other_measure(text, self._rules):
            self._doubts.append(("notes.other_measure", cell, text))
        elif says_against_form(text, self._rules):
            self._doubts.append(("notes.words_against", cell, text))
        else:
            self._doubt_sign(cell, text)

    def _doubt_sign(self, cell: str, text: str) -> None:
        """Keep a text by which sums lower what was charged, where some are above zero."""
        if self._signed >= 0 and self._rules.vocabulary.around.lowered.stand_in(text) and self._find_plus():
            self._doubts.append(("notes.other_sign", cell, text))

    def _judge_comment(self, note: Note) -> None:
        """Keep an error where a comment of a value, no plain text, says that it should be another one."""
        place, at = note.row - self._sheet.first_row, note.column
        column = next((one for one, there in self._mapped if there == at and one.type != "text"), None)
        if column is None or not note.comment or place not in self._picked.places:
            return
        figures, own = _FIGURE.findall(note.text), _FIGURE.findall(self._sheet.text(at, place))
        phrases = numbered_phrases(self._rules.vocabulary.around.correcting)
        if (not figures or set(figures) - set(own)) and phrases.stand_in(name_figures(note.text)):
            cell, text = self._sheet.address(at, place), self._sheet.text(at, place)
            facts = {**column.facts, "comment": note.text[:200]}
            self._findings.append(Finding("value.commented_otherwise", self._sheet.name, cell, text, facts, note.row))

    def _find_plus(self) -> str:
        """Return the first sum above zero of the form's rows, '' when there is none."""
        texts = (self._sheet.text(self._signed, place) for place in self._picked.places.tolist())
        return next((text for text in texts if is_above_zero(text)), "")

    def _may_be_a_row(self, place: int, cells: _Cells) -> bool:
        """Return whether a line under the last row is more than two names: three cells, or something with a digit."""
        many = len(cells) > 2 or any(re.search(r"\d", text) for text in cells.values())
        under = not len(self._picked.places) or place > int(self._picked.places[-1])
        return many and under and not self._counts_columns(cells)

    def _keep_sentence(self, place: int, cells: _Cells) -> None:
        """Keep a lone text: a sentence as a note; what has a key, or a number in a column of the form, as a line."""
        [(at, text)] = cells.items()
        keyed = any(shape_of(word) in self._keys for word in text.split() if not _DAY.fullmatch(word))
        within = place > self._table.head.place and at in {column for _, column in self._mapped[1:]}
        if keyed or (within and re.search(r"\d", text)):
            self._lines.append((place, cells))
        elif is_sentence(text) and not self._is_title(text):
            self._sentences.append((place, cells))

    def _is_title(self, text: str) -> bool:
        """Return whether a text is the form's title, with no more behind it than a month (`за сентябрь 2026 года`)."""
        title = next((title for title in self._titles if fold(text).startswith(fold(title))), "")
        further = len(_WORD.findall(text)) - len(_WORD.findall(title))
        return bool(title) and (not further or (further <= _MONTH_WORDS and bool(find_months(text))))

    def _is_row(self, cells: _Cells) -> bool:
        """Return whether a line fills at least half of the required columns, one of them with such a value, or all."""
        filled = [(column, cells[at]) for column, at in self._mapped if at in cells]
        required = sum(column.required for column, _ in self._mapped)
        there = sum(column.required for column, _ in filled)
        if len(filled) < 2 or 2 * there < required:
            return False
        if self._counts_columns(cells):
            return False
        if there == required > 2:
            return True
        return not any(map(is_signature, cells.values())) and any(
            fits_column(column, [text], self._rules) for column, text in filled
        )

    def _heads(self, cells: _Cells) -> bool:
        """Return whether a line is headers: more than half of its cells name columns of the form."""
        return self._names.likely(cells) and 2 * len(self._names.match(0, cells).columns) > len(cells)

    def _counts_columns(self, cells: _Cells) -> bool:
        return counts_columns([text for _, text in sorted(cells.items())], min(3, len(self._mapped)))

    def _note(self, code: str, place: int, cells: _Cells) -> None:
        row, cell = self._sheet.first_row + place, self._sheet.address(min(cells), place)
        self._findings.append(Finding(code, self._sheet.name, cell, _show(cells), {"row_number": str(row)}, row))

    def _join(self, code: str, lines: Sequence[tuple[int, _Cells]]) -> Finding:
        """Return one finding for several lines: the first one's place and words, and where all are."""
        places = [self._sheet.address(min(cells), place) for place, cells in lines]
        return Finding(code, self._sheet.name, places[0], _show(lines[0][1]), {"cells": first_ten(places)})


def _show(cells: _Cells) -> str:
    return "; ".join(text for _, text in sorted(cells.items()))[:200]
