"""Addresses on streets and in microdistricts that Almaty really has; house numbers are invented."""

from __future__ import annotations

from random import Random

from inbox_worker.demo.names import NAMES


def addresses(rng: Random, count: int) -> tuple[str, ...]:
    """Return that many different addresses, streets and microdistricts by turns."""
    found: dict[str, None] = {}
    while len(found) < count:
        if len(found) % 3 == 2:
            found[f"г. Алматы, {rng.choice(NAMES['districts'])}, д. {rng.randint(1, 40 + count)}"] = None
        else:
            letter = rng.choice(("", "", "", "А", "Б", "/2"))
            found[f"г. Алматы, {rng.choice(NAMES['streets'])}, {rng.randint(1, 240 + count)}{letter}"] = None
    return tuple(found)
