"""Where a fact came from, in words: the file, its cell, the letter it came in, what was decided and why."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.context import Office
from inbox_worker.form.read import read_form
from inbox_worker.form.workbook import CellReader
from inbox_worker.hashes import DamagedFile, difference, read_proven
from inbox_worker.intake.opening import ArchiveDamaged, file_of
from inbox_worker.intake.releases import NUMBER
from inbox_worker.ledger.earlier import replacing
from inbox_worker.model import Arrival, FactFile, FormTable, Outcome, Submission

_WAITS = {"documents": "документов", "confirmation": "подтверждения", "task": "сотрудника"}
_OUTCOMES = {
    Outcome.ACCEPTED: "принята",
    Outcome.DEFERRED: "перенесена на более поздний месяц",
    Outcome.HELD: "задержана",
    Outcome.REJECTED: "отклонена",
    Outcome.DUPLICATE: "повтор",
    Outcome.IGNORED: "оставлено без ответа",
    Outcome.QUARANTINED: "в карантине",
    Outcome.FAILED: "не решено из-за нашей неполадки",
}
_DAMAGED = "ПОВРЕЖДЁН ИЛИ УТРАЧЕН"


def _state_of(path: Path, sha256: str) -> str:
    return _DAMAGED if difference(path, sha256) else "цел"


class Sources:
    """Describes arrivals, submissions and the cells of their workbooks."""

    def __init__(self, office: Office, reader: CellReader) -> None:
        self._office = office
        self._reader = reader
        self._forms: dict[str, FormTable | None] = {}
        self._damaged: set[str] = set()  # submissions whose arrival's file in the archive is not what came

    def number(self, identifier: str, cell: str = "") -> list[str]:
        """What is known of an arrival or one of its forms; nothing when there is no such number.

        `cell`: only what was found in that cell of the workbook.
        """
        found = NUMBER.fullmatch(identifier)
        if not found:
            return []
        arrival = self._office.journal.arrival(int(found[1]))
        submissions = self._office.journal.submissions_of(arrival.number)
        if found[2]:
            submissions = [s for s in submissions if s.ordinal == int(found[2])]
            if not submissions:
                return []
        lines = self._arrival(arrival)
        if not found[2]:
            lines += self._findings(arrival.number, "", cell)
        for submission in submissions:
            lines += self._submission(submission, cell)
        return lines

    def cell(self, submission: str, sheet: str, row: int, column: str) -> str:
        """One line for a value of a form: number, file, sheet, cell, clause, when and from whom."""
        record = self._office.journal.submission(submission)
        if record is None:
            return f"{submission}, лист «{sheet}», строка {row}"
        arrival = self._office.journal.arrival(record.arrival)
        rule = self._office.rules.forms[record.form]
        letter, damaged = self._letter(record, sheet, column), ""
        if record.id in self._damaged:
            damaged = f"; исходный файл archive/{arrival.raw} {_DAMAGED}"
        place = f"ячейка {letter}{row}" if letter else f"строка {row}"
        sender = f"от {arrival.sender}" if arrival.sender else "сдан сотрудником"
        return (
            f"{submission}: форма «{rule.title.ru}» (п. {rule.clause}), файл «{record.attachment}», лист «{sheet}», "
            f"{place}; {sender}, получен {arrival.received_at:%d.%m.%Y %H:%M:%S}, {_OUTCOMES[record.outcome]}{damaged}"
        )

    def _letter(self, record: Submission, sheet: str, column: str) -> str:
        form = self._form(record)
        return form.letters.get(sheet, {}).get(column, "") if form else ""

    def _form(self, record: Submission) -> FormTable | None:
        """The submission's workbook, read again out of the archive; None when it is no form any more, or damaged."""
        if record.id not in self._forms:
            arrival = self._office.journal.arrival(record.arrival)
            try:
                raw = read_proven(self._office.home.archive / arrival.raw, arrival.sha256)
                file = file_of(arrival, raw, record, self._office.rules)
            except (DamagedFile, ArchiveDamaged):  # told beside the cell, whose figure is the fact's
                self._damaged.add(record.id)
                self._forms[record.id] = None
                return None
            result = read_form(file.data, file.name, self._office.rules, self._reader) if file else None
            self._forms[record.id] = result if isinstance(result, FormTable) else None
        return self._forms[record.id]

    def _arrival(self, arrival: Arrival) -> list[str]:
        whole = _state_of(self._office.home.archive / arrival.raw, arrival.sha256)
        outcome = _OUTCOMES[arrival.outcome] if arrival.outcome else "ещё не решено"
        return [
            f"{arrival.id}: «{arrival.source}», ящик {arrival.mailbox}",
            f"  получено {arrival.received_at.isoformat()}, отправитель {arrival.sender or 'сотрудник'}: {outcome}",
            f"  исходный файл: archive/{arrival.raw} ({whole})",
        ]

    def _submission(self, submission: Submission, cell: str) -> list[str]:
        customer = self._office.journal.customers().get(submission.customer)
        rule = self._office.rules.forms.get(submission.form)
        title = f"«{rule.title.ru}» (п. {rule.clause})" if rule else "форма не узнана"
        lines = [
            f"  {submission.id}: {title}, файл «{submission.attachment}»",
            f"    заказчик {submission.customer or '—'} {customer.name if customer else ''}".rstrip(),
            f"    {_outcome_of(submission)}"
            + (f", месяц учёта {submission.month}" if submission.month else "")
            + f"; строк прочитано {submission.rows_read}, учтено {submission.rows_posted}; правила {submission.rules}",
        ]
        for label, value in (
            ("ждёт", _awaited(submission)),
            ("задача", submission.task),
            ("подтверждено", submission.confirmed),
            ("документы", submission.documents),
            ("повторяет", submission.duplicate_of),
            ("заменяет", submission.replaces),
            ("заменена формой", submission.replaced_by),
            ("строки заменены", self._replaced_rows(submission)),
        ):
            if value:
                lines.append(f"    {label}: {value}")
        lines += [
            f"    факты: ledger/{f.path} ({f.rows} строк, {f.sha256}, "
            f"{_state_of(self._office.home.ledger / f.path, f.sha256)})"
            for f in self._facts(submission)
        ]
        if answer := self._office.journal.answer_hash(submission.id):
            path = f"answers/{submission.id}.xlsx"
            lines.append(f"    ответ: archive/{path} ({_state_of(self._office.home.archive / path, answer)})")
        return lines + self._findings(submission.arrival, submission.id, cell)

    def _replaced_rows(self, submission: Submission) -> str:
        """Which forms replaced single rows of a form that stands, and how many."""
        if not submission.outcome.posted or submission.replaced_by or not submission.rows_posted:
            return ""
        by = replacing(self._office.home.ledger, self._office.journal, submission)
        return ", ".join(f"{number} (строк {count})" for number, count in by.items())

    def _facts(self, submission: Submission) -> list[FactFile]:
        return [f for f in self._office.journal.fact_files() if f.submission == submission.id]

    def _findings(self, arrival: int, submission: str, cell: str) -> list[str]:
        lines = []
        found = self._office.journal.findings_of(arrival, submission)
        if cell and submission and not any(f.cell == cell for f in found):
            lines.append(f"    ячейка {cell}: замечаний нет")
        for f in found:
            if cell and f.cell != cell:
                continue
            place = f"{f.sheet} {f.cell}: ".lstrip() if f.cell else ""
            clause = f" [п. {f.clause}]" if f.clause else ""
            lines.append(f"    {f.severity.value} {f.code}: {place}{f.message}{clause} → {f.remedy}")
        return lines


def _outcome_of(submission: Submission) -> str:
    replaced = submission.outcome is Outcome.HELD and submission.replaced_by
    return "заменена, не учтена" if replaced else _OUTCOMES[submission.outcome]


def _awaited(submission: Submission) -> str:
    """What a held form waits for, in words; one that was replaced waits for nothing."""
    if submission.replaced_by:
        return ""
    return ", ".join(_WAITS[what] for what in submission.held_for.split() if what in _WAITS)
