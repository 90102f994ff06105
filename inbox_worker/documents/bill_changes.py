"""Changes of a bill since last month, in plain words for the consumer: new tariffs, another quantity, recalculations
with their reason, days without service, lines that came or went (4.1.4, 4.1.5, 4.1.6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from inbox_worker.core.model import Period
from inbox_worker.core.money import round_money
from inbox_worker.documents.bill import Bill, BillLine, LostDays, PenaltyDays, Recalculation, ReturnedPayment
from inbox_worker.documents.view import (
    clean,
    month_kk,
    month_ru,
    show_date,
    show_quantity,
    show_short,
    show_sum,
    show_tariff,
    unit_words,
)
from inbox_worker.settings.form_rules import METERED, Bilingual, Service
from inbox_worker.settings.rules import Rules
from inbox_worker.settings.texts import Texts

_COUNTED_AGAIN = {
    "tariff": "change.recalculated_by_tariff", "reading": "change.recalculated_by_reading",
    "days": "change.recalculated_days",
}  # fmt: skip


@dataclass(frozen=True)
class BillChanges:
    """Words each change (rules/texts/documents.yaml, `change.`)."""

    texts: Texts

    def word_tariff(self, service: Service, before: Decimal, now: Decimal, basis: str) -> Bilingual:
        tariffs = {"was": show_tariff(before), "now": show_tariff(now)}
        if why := clean(basis):
            return self._words("change.tariff_why", service, **tariffs, why=why)
        return self._words("change.tariff", service, **tariffs)

    def word_step_tariffs(self, service: Service, line: BillLine) -> Bilingual | None:
        """Return that steps of consumption begin or end, or which of their tariffs changed; None where nothing did."""
        tariffs, before = [tariff for _, tariff in line.steps], list(line.step_tariffs_before)
        was, now = (show_tariff(tariff) for tariff in (line.tariff_before or Decimal(0), line.tariff))
        if not before or not tariffs:
            words = self._words("change.steps_begin" if tariffs else "change.steps_end", service, was=was, now=now)
        elif parts := [
            self.texts.words("change.step", number=str(number), was=show_tariff(old), now=show_tariff(new))
            for number, (old, new) in enumerate(zip(before, tariffs, strict=False), start=1)
            if old != new
        ]:
            every = Bilingual(ru="; ".join(one.ru for one in parts), kk="; ".join(one.kk for one in parts))
            words = self._words("change.step_tariffs", service, steps=every)
        else:
            return None
        return self._add_basis(words, line.tariff_basis)

    def _add_basis(self, words: Bilingual, basis: str) -> Bilingual:
        """Return words with the ground of a tariff behind them, where a form told it."""
        if not (why := clean(basis)):
            return words
        said = self.texts.words("change.basis", why=why)
        return Bilingual(ru=f"{words.ru} {said.ru}", kk=f"{words.kk} {said.kk}")

    def word_steps(self, service: Service, steps: Sequence[tuple[Decimal, Decimal]], amount: Decimal) -> Bilingual:
        """Return the charge step by step (4.3.2.1)."""
        parts = " + ".join(f"{show_quantity(quantity)} × {show_tariff(tariff)}" for quantity, tariff in steps)
        return self._words("change.stepped", service, parts=parts, amount=show_sum(amount))

    def word_quantity(self, service: Service, unit: tuple[str, str], before: Decimal, now: Decimal) -> Bilingual:
        was, is_now = show_quantity(before), show_quantity(now)
        return self._words("change.quantity", service, was=was, now=is_now, unit=Bilingual(ru=unit[0], kk=unit[1]))

    def word_recalculation(self, service: Service, found: Recalculation) -> Bilingual:
        first, last, why = Period.of(found.first), Period.of(found.last), clean(found.basis)
        months = Bilingual(ru=_months(first, last, month_ru), kk=_months(first, last, month_kk))
        amount = f"{'+' if found.amount > 0 else ''}{show_sum(found.amount)}"
        if found.kind in _COUNTED_AGAIN:
            return self._words(_COUNTED_AGAIN[found.kind], service, months=months, amount=amount)
        if why:
            return self._words("change.recalculated_why", service, months=months, amount=amount, why=why)
        return self._words("change.recalculated", service, months=months, amount=amount)

    def word_undelivered(self, service: Service, found: LostDays, amount: Decimal) -> Bilingual:
        when, why = f"{show_date(found.first)}–{show_date(found.last)}", clean(found.reason)
        when = f"{when}, {why}" if why else when
        facts = {"days": str(found.days), "when": when, "amount": show_sum(-amount)}
        if found.before:
            return self._words("change.undelivered_more", service, **facts, before=str(found.before))
        return self._words("change.undelivered", service, **facts)

    def word_taken_back(self, payment: ReturnedPayment) -> Bilingual:
        facts = {"number": clean(payment.number), "day": show_date(payment.day), "amount": show_sum(payment.amount)}
        return self.texts.words("change.taken_back", **facts)

    def word_new_line(self, service: Service) -> Bilingual:
        return self._words("change.came", service)

    def word_resumed(self, service: Service) -> Bilingual:
        return self._words("change.resumed", service)

    def word_services(self, code: str, services: Sequence[Service]) -> Bilingual:
        """Return one text about several services: those that went (`change.went`), that are stopped."""
        ru, kk = (", ".join(names) for names in zip(*((one.ru, one.kk) for one in services), strict=True))
        return Bilingual(ru=self.texts.say("ru", code, services=ru), kk=self.texts.say("kk", code, services=kk))

    def word_penalty(self, service: Service, amount: Decimal, days: Sequence[PenaltyDays], year: int) -> Bilingual:
        """Return the penalty and the formula that made it (4.1.6); where the limit of a notice cut it, that too."""
        facts: dict[str, str | Bilingual] = {"amount": show_sum(amount)}
        if not days:
            return self._words("change.penalty", service, **facts)
        facts |= {"parts": self._word_days(days), "year": str(year)}
        weight = sum((one.debt * one.rate * one.coefficient * one.days for one in days), Decimal(0))
        whole = round_money(weight / (100 * year))
        if whole == amount:
            return self._words("change.penalty_by", service, **facts)
        return self._words("change.penalty_limited", service, **facts, whole=show_sum(whole))

    def _word_days(self, days: Sequence[PenaltyDays]) -> Bilingual:
        """Return the debts that stood and for how many days each."""
        said = []
        for one in days:
            code = "change.penalty_days" if one.coefficient == 1 else "change.penalty_days_times"
            facts = {"debt": show_sum(one.debt), "rate": show_short(one.rate), "days": str(one.days)}
            said.append(self.texts.words(code, **facts, coefficient=show_short(one.coefficient)))
        return Bilingual(ru=" + ".join(one.ru for one in said), kk=" + ".join(one.kk for one in said))

    def word_move(self, service: Service, amount: Decimal) -> Bilingual:
        return self._words("change.moved", service, amount=show_sum(amount))

    def _words(self, code: str, service: Service, **facts: str | Bilingual) -> Bilingual:
        """Return a text about a service; a fact may have words of its own in each language."""
        ru = {name: fact if isinstance(fact, str) else fact.ru for name, fact in facts.items()}
        kk = {name: fact if isinstance(fact, str) else fact.kk for name, fact in facts.items()}
        return Bilingual(
            ru=self.texts.say("ru", code, service=service.ru, **ru),
            kk=self.texts.say("kk", code, service=service.kk, **kk),
        )


def _months(first: Period, last: Period, name: Callable[[Period], str]) -> str:
    return name(first) if first == last else f"{name(first)} – {name(last)}"


def word_steps(lines: Sequence[BillLine], rules: Rules) -> list[Bilingual]:
    """Return the charges by steps of consumption as they were made, in the bill's order."""
    changes = BillChanges(rules.texts.written)
    stepped = [line for line in lines if len(line.steps) > 1]
    return [changes.word_steps(_name(one, lines, rules), one.steps, one.sums["charged"]) for one in stepped]


def _name(line: BillLine, lines: Sequence[BillLine], rules: Rules) -> Service:
    """Return a line's service as words name it: with its Customer's name where several give it to the account."""
    service = rules.service(line.service)
    if sum(other.service == line.service for other in lines) == 1:
        return service
    name = clean(line.customer_name)
    return service.model_copy(update={"ru": f"{service.ru} ({name})", "kk": f"{service.kk} ({name})"})


def word_changes(bill: Bill, lines: Sequence[BillLine], rules: Rules) -> list[Bilingual]:
    """Return payments that were taken back, the changes line by line in the bill's order, then the lines that went and
    those that are stopped."""
    words, changes = list[Bilingual](), BillChanges(rules.texts.written)
    words += [changes.word_taken_back(payment) for payment in bill.taken_back]
    for line in lines:
        service = _name(line, lines, rules)
        if line.tariff_before is not None and line.quantity_before is not None:
            words += _compare_line(line, service, rules)
        elif bill.had_bill and line.in_force:
            words.append(changes.word_new_line(service))
        words += [changes.word_recalculation(service, found) for bin, found in bill.recalculations
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        words += [changes.word_undelivered(service, found, line.sums["undelivered"]) for bin, found in bill.lost_days
                 if (bin, found.service) == (line.customer, line.service)]  # fmt: skip
        if line.sums["penalty"]:
            year = rules.penalties.algorithm.year_days
            words.append(changes.word_penalty(service, line.sums["penalty"], line.penalty_days, year))
        if line.sums["moved"]:
            words.append(changes.word_move(service, line.sums["moved"]))
    for code, services in (("change.went", set(bill.gone) - set(bill.stopped)), ("change.stopped", bill.stopped)):
        if services:
            ordered = sorted(services, key=lambda service: rules.service_order[service])
            words.append(changes.word_services(code, [rules.service(service) for service in ordered]))
    return words


def _compare_line(line: BillLine, service: Service, rules: Rules) -> list[Bilingual]:
    """Return a tariff that changed, and a quantity that does not change by itself every month."""
    words, changes = list[Bilingual](), BillChanges(rules.texts.written)
    if line.in_force and line.quantity_before == 0 and line.quantity and (line.base or service.base) != METERED:
        return [changes.word_resumed(service)]
    if line.steps or line.step_tariffs_before:
        by_steps = changes.word_step_tariffs(service, line) if line.tariff_before and line.tariff else None
        words += [by_steps] if by_steps else []
    elif line.tariff_before and line.tariff and line.tariff_before != line.tariff:
        words.append(changes.word_tariff(service, line.tariff_before, line.tariff, line.tariff_basis))
    base = line.base or service.base
    steady = base != METERED and line.in_force
    if steady and line.quantity_before is not None and line.quantity_before != line.quantity:
        unit = unit_words(rules, base)
        words.append(changes.word_quantity(service, unit, line.quantity_before, line.quantity))
    return words
