"""Addresses on streets and in microdistricts that Almaty really has; house numbers are invented."""

from __future__ import annotations

from random import Random

_STREETS = (
    "пр. Абая", "ул. Төле би", "ул. Байзақова", "ул. Жандосова", "ул. Розыбакиева", "пр. Сейфуллина",
    "ул. Гоголя",
    "ул. Тимирязева", "пр. Достық", "ул. Жароков", "ул. Мұқанова", "ул. Шевченко", "ул. Құрманғазы",
    "ул. Сәтпаев",
    "ул. Манаса", "ул. Жамбыла", "ул. Қабанбай батыра", "ул. Бөгенбай батыра", "ул. Наурызбай батыра",
    "ул. Айтеке би", "ул. Мәметова", "ул. Кунаева", "ул. Пушкина", "ул. Ходжанова", "пр. Райымбек",
    "пр. Гагарина",
)  # fmt: skip
_DISTRICTS = (
    "мкр. Самал-2", "мкр. Аксай-4", "мкр. Орбита-3", "мкр. Самал-1", "мкр. Аксай-2", "мкр. Орбита-1",
    "мкр. Көктем-2", "мкр. Алмагүл", "мкр. Мамыр-4", "мкр. Жетісу-3", "мкр. Таугүл", "мкр. Шұғыла",
)  # fmt: skip


def addresses(rng: Random, count: int) -> tuple[str, ...]:
    """That many different addresses, streets and microdistricts by turns."""
    found: dict[str, None] = {}
    while len(found) < count:
        if len(found) % 3 == 2:
            found[f"г. Алматы, {rng.choice(_DISTRICTS)}, д. {rng.randint(1, 40 + count)}"] = None
        else:
            letter = rng.choice(("", "", "", "А", "Б", "/2"))
            found[f"г. Алматы, {rng.choice(_STREETS)}, {rng.randint(1, 240 + count)}{letter}"] = None
    return tuple(found)
