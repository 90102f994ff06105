"""Texts of `explain` with decimal commas and months as people here write them."""

from __future__ import annotations

from decimal import Decimal

from inbox_worker.core.model import Period
from inbox_worker.core.money import as_term
from inbox_worker.settings.texts import CONTRACT, Say


class CommaDecimal(Decimal):
    """A number that is shown with a decimal comma."""

    def __format__(self, spec: str, context: object = None) -> str:
        return super().__format__(spec or "f").replace(".", ",")


class SayNumbers(Say):
    """Say as `Say` does, each Decimal among the facts with a comma, each month as forms have it (`09.2026`)."""

    def __call__(self, code: str, **facts: object) -> str:
        """Return a text, its facts filled in. Raises NoText."""
        months = {name: value.form_text for name, value in facts.items() if isinstance(value, Period)}
        shown = {name: show(value) for name, value in facts.items()}
        return super().__call__(code, **shown | (months if self.language in CONTRACT else {}))


def with_commas(say: Say) -> SayNumbers:
    """Return a way of saying as `say`, with commas."""
    return SayNumbers(say.texts, say.language)


def show(value: object) -> object:
    """Return a Decimal as it is shown, anything else as it is."""
    return CommaDecimal(value) if isinstance(value, Decimal) else value


def show_term(value: Decimal) -> str:
    """Return a number as it is shown behind a sign of a formula."""
    return as_term(f"{CommaDecimal(value)}")


def trim(number: Decimal) -> Decimal:
    """Return a number without zeros behind the tiyn."""
    tiyn = round(number, 2)
    return tiyn if tiyn == number else number.normalize()
