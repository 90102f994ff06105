"""What the program says, by its texts' codes."""

from __future__ import annotations

from inbox_worker.settings.texts import CONTRACT, NUMBER, Say, shipped_texts

RU, KK = (Say(shipped_texts().spoken, language) for language in CONTRACT)


def remedies(kind: str, letter: object = NUMBER) -> list[str]:
    """What to do about a letter with that kind of trouble, in Russian and Kazakh."""
    return [say(f"remedy.{kind}", letter=letter) for say in (RU, KK)]
