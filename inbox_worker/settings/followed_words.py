"""Lists of words that a home has as some version shipped them: they follow the program, as untouched templates do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inbox_worker.core.files import sha256

_SIGNS = 12  # of a hash that is kept
Place = tuple[str, ...]


def follow_shipped(shipped: Any, own: Any, place: Place = ()) -> Any:
    """Return a home's words, with today's lists in the place of those that some version shipped just so, and today's
    keys where its keys are those of some version. What a home changed is its own: words that it took out stay out."""
    if isinstance(shipped, dict) and isinstance(own, dict):
        found = {
            key: follow_shipped(shipped[key], one, (*place, key)) if key in shipped else one for key, one in own.items()
        }
        return {**shipped, **found} if not place or was_shipped(place, own) else found
    return shipped if isinstance(own, list) and was_shipped(place, own) else own


def list_words(words: Any, place: Place = ()) -> Iterator[tuple[Place, Iterable[Any]]]:
    """Yield each list of words and each map's keys below its top, with its place."""
    if isinstance(words, Mapping):
        if place:
            yield place, words
        for key, below in words.items():
            yield from list_words(below, (*place, key))
    elif isinstance(words, list):
        yield place, words


def was_shipped(place: Place, words: Iterable[Any]) -> bool:
    """Return whether some version shipped these words at that place."""
    return mark_words(place, words) in _SHIPPED


def mark_words(place: Place, words: Iterable[Any]) -> str:
    """Return the mark of a list, whatever its order: so it is known again in a home."""
    return sha256(json.dumps([place, sorted(map(str, words))]).encode())[:_SIGNS]


# of every list that a version shipped, today's among them; a change adds the list's new mark, and takes none away
_MARKS = """
    6d0bd1125e5c 85db7b1ac60b 93639436f2fd 8d9479202c05 c0a251be4265 22d51cb47f15 81fac6d05111 0f4f12aa17ee
    3f06a522887e 6068ec52958b 9054e6ef69e0 68b751497975 477e9b686662 76fb14135d9e be2ff0328207 40e7b0702f5a
    8f3c9f9e15b7 cb82f172044a 12e2366b4ad3 2179ead14b6c 88cb6b642131 29280a51e803 1105881e10b6 f89d8eeb4d61
    c0d309b3cf39 b0e236330bed cabb08d7f161 4b99ad33e764 27df186d3060 12313dbbda7e b813632adff5 642abd47d42b
    3f1d4e55e344 333cf3f2cc7e ef949e87359b 085d11b16dd7 da36f951e8fb f1a34610ff15 084e8619a861 8c323a9e6be6
    cc67f30aa75a 3cab11df4b7f aa98525490d2 1a8fa2f95a3b 4a2fe2a5ac59 47a786c53f65 7ab168a78f62 57f5d8e9fdd3
    8e1e30e01b9e 5e3b00d16636 7d44431a08de 9092f5b82daf 035890d60352 56bcd71b18d6 24d43de4edba 2b09b32bb45a
    e818577c83a5 96c1d309f7bf 7ccfffb65b31 b3d411ba6892 68a203cc1d91 ceda47bab9ee 0f9cc58f74d5 ef8e05806139
    369c020f4ef6 2cf0509a5501 b98913e1c657 1cc6962c1a29 de2951a86301 eadefcf18996 1f2e90233ed1 c7866fc6bbdb
    a7304e854aa7 212824536651 6811d3e82ba0 f532531c78ee 41660ceb317b 4f9f446840db 61b1b550dc1b 93bfa4d976a3
    ddf1cb8bb098 bda5d17f3a80 02ad257cb5be abb80c611ff7 447c66bdb299 f398902a598b 389a9e8fc324 4a094a9d0760
    810ed87a6fe1 6f45b07787e5 2cfd69af5379 a5e3094c79b6 1f1dd5382e0f c45448cffafb 4f0decad33c6 43fe7594b351
    4ead45cd2fdf 568192685149 ae8d9f337deb
"""
_SHIPPED = frozenset(_MARKS.split())
