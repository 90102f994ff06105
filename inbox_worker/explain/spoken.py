"""Texts of `explain` with decimal commas, as people here write numbers."""

from __future__ import annotations

from decimal import Decimal

from inbox_worker.settings.texts import Say


class CommaDecimal(Decimal):
    """A number that is shown with a decimal comma."""

    def __format__(self, spec: str, context: object = None) -> str:
        return super().__format__(spec or "f").replace(".", ",")


class SayNumbers(Say):
    """Say as `Say` does, each Decimal among the facts with a comma."""

    def __call__(self, code: str, **facts: object) -> str:
        """Return a text, its facts filled in. Raises NoText."""
        return super().__call__(code, **{name: show(value) for name, value in facts.items()})


def with_commas(say: Say) -> SayNumbers:
    """Return a way of saying as `say`, with commas."""
    return SayNumbers(say.texts, say.language)


def show(value: object) -> object:
    """Return a Decimal as it is shown, anything else as it is."""
    return CommaDecimal(value) if isinstance(value, Decimal) else value
