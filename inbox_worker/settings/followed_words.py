"""Lists of words, in vocabulary.yaml and in forms, that a home has as some version shipped them: they follow the
program, as untouched templates do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inbox_worker.core.files import sha256

_SIGNS = 12  # of a hash that is kept
_FORMS_OWN = (
    "narrowing",
    "limiting",
    "for_some",
    "opposite",
    "beyond",
    "uncounted",
    "zones",
)  # keys of forms with words alone
_TOGETHER = ("compared", "checks")  # without its check a column that is compared would be read by nobody
Place = tuple[str, ...]


def follow_shipped(shipped: Any, own: Any, place: Place = ()) -> Any:
    """Return a home's words, with today's lists in the place of those that some version shipped just so, and today's
    keys where its keys are those of some version. What a home changed is its own: words that it took out stay out."""
    if isinstance(shipped, dict) and isinstance(own, dict):
        found = {
            key: follow_shipped(shipped[key], one, (*place, key)) if key in shipped else one for key, one in own.items()
        }
        return {**shipped, **found} if not place or was_shipped(place, own) else found
    return shipped if _is_followed(place, own) else own


def follow_form(name: str, shipped: Any, own: Any) -> Any:
    """Return a home's form with today's words by which it is read, where those that it has are of some version; a key
    that came later, where its keys are. Columns, parameters of checks and what else a form does stay the home's own."""
    if not isinstance(own, dict) or not _name_columns(shipped) <= _name_columns(own):
        return own  # one that lacks a column lacks more than words
    older, found = was_shipped((name,), own), dict(own)
    for key in _FORMS_OWN:
        if key in shipped and (key in own or older):
            found[key] = follow_shipped(shipped[key], own[key], (name, key)) if key in own else shipped[key]
    if all(_is_followed((name, key), own[key]) if key in own else older for key in _TOGETHER):
        found |= {"compared": shipped["compared"]} if "compared" in shipped else {}
        there = {entry.get("check") for entry in own.get("checks", ())}
        found["checks"] = [*own.get("checks", ()), *(one for one in shipped["checks"] if one["check"] not in there)]
    return found


def _name_columns(form: Mapping[str, Any]) -> set[str]:
    """Return the names of a form's columns, which its checks name."""
    listed = [*_entries(form, "columns"), *_entries(form, "parts")]
    return {str(one.get("name")) for one in listed if isinstance(one, dict)}


def _entries(form: Mapping[str, Any], key: str) -> list[Any]:
    return form[key] if isinstance(form.get(key), list) else []


def _is_followed(place: Place, own: Any) -> bool:
    return isinstance(own, list) and was_shipped(place, own)


def list_form_words(name: str, form: Mapping[str, Any]) -> Iterator[tuple[Place, Iterable[Any]]]:
    """Yield what of a form is followed, and its own keys, with their places."""
    yield (name,), form
    for key in (*_FORMS_OWN, *_TOGETHER):
        yield from list_words(form.get(key), (name, key))


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
    signs = sorted(json.dumps(one, sort_keys=True, default=str) if isinstance(one, dict) else str(one) for one in words)
    return sha256(json.dumps([place, signs]).encode())[:_SIGNS]


# of every list that a version shipped, today's among them; a change adds the list's new mark, and takes none away: of
# vocabulary.yaml, and of forms
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
    4ead45cd2fdf 568192685149 ae8d9f337deb a3d377b31239 37c485bdd3f0 f557e7eb56df 35e6d4674f71 98279bceb359
    ca078a4a8817 29958dee2fe3 bf1f2bfc8865 7ff181dd8723 30caa1759c5b 0ec798e6369a c34c41b8cc67 c0b9b1a33bde
    2075ccd1e6ed 2183ffba4034 be0528edbc28
"""
_FORM_MARKS = """
    0050da0170d3 00e426a3d379 019ba43f7ef5 01cc6e1d1630 03b4f64686a9 03ca9e15adf3 04d3d36d8641 04e6d261bec9
    059224125f70 05c90c7052f8 0624deb450e7 094095c74e2c 095236430950 0c1c5318e922 0c246c0b542d 0e107c7473c6
    0ef4a0ee7721 11aa23d59bf3 12a2cb4b3832 12a3a410e413 12c14fab6a4e 137fe22b6877 13c1fc8efb2f 1402cd47fc37
    145e3135e58b 158804e2c649 15dedacd79f7 15f1929bd15e 17170dbda2d3 17331eeb03a5 17f8a13af948 199b07011d7b
    19a163ad4545 19ceda853266 1af5c6ab73e5 1b450216bfe6 1d1ab1f4f1b8 1d4985e71399 1e32ef64101d 1e9920b656a5
    1f8a34b4c3d9 2062895244f3 21f75c22eb3d 23b9c50ed6a8 24299a8c8cfe 2508f49baad8 26498396a24a 27069df2b795
    275591ace50a 27c7b8902492 2855e9f1b11a 28770f8e1ed7 293329e800a3 29da4211d567 2aa56e79fd1d 2b017df7bc3e
    2b4f26d09d8d 2bef0567b0f9 2c4163f09ac9 2da69db51b81 2da7fc5b5d1d 2e50374cb126 2f1ac2b3ee1c 2f6400c7bdd0
    2fcef6be16fa 301089613078 31c82059d319 328409a69a20 32d3e1154293 32f9337b7124 33378824aeb3 334589c64fa6
    3367fc439cd5 34c2028f977e 34e196fe233c 350e1e36fc75 354410518838 35e205b84147 360da7b91328 36c35c4c4fb6
    37f6c200bd61 394fb06894d8 3a1caed3fd6b 3ab3faac76c8 3aed3f4ec7f3 3b1462e12899 3b7a66f7e5e2 3ce554018212
    3f7781c28b16 3f8954b682c9 3f9c7ccdbd47 4111ffa57a46 425a8da35fe7 42cdfdbaf5ce 4371d305ae9c 45dc3259ec3b
    46009a6263c9 462a3c72341d 484bc7e68ea0 49675a912d79 497ee7a40848 49cda5208f32 4ab7b645d87e 4c27df874ac0
    4d8748882fed 4d971c9d97db 4e67a5489a23 4efb56ccf79d 4f75e3990da6 4f9663942930 5047a4cd4fa9 50a72b5f31c4
    5176403b6228 51b1cf11ba7d 5297cd4fe34e 5351f940026e 54a3dd145b8e 54bbab90069f 54d4b69e2559 568bbc8b02c1
    56a6e3227778 572259493515 574cfcadafa5 57ad9e73a4aa 5a9e04366ec1 5baedcb0d39b 5bdb23057e77 5caaa9034e55
    5dc55d89e3c8 5dd5d694f079 5e4010c9fcbb 5edf8f0698ae 5fb12c3cf1fd 5fe206c78547 5fe9ec70031d 611ce0f47fe8
    6155ea29aa81 634c3b2b19a6 638e7afa5512 64dbb9354e87 650d16ae277f 6534e0f3ce6a 65d966bf7015 671a4cd6b3ab
    68f7bea57fb0 6923f0ddd712 694d4f2f0f7c 6bb8be2076ef 6da028db94aa 6e23802760b9 6e70e8037c31 6f40964b6ab7
    707b0d74dfe1 708fead0fbbe 713749169fbd 71e440deedfc 746574f81ffe 75da5b6c1e06 77492a2c75a4 7789ea382f3c
    7a7e3d96d555 7a9ae3305fa1 7bf43277b126 7e58e225c697 7ede68c25224 7eef7de4e466 7f6556a93067 7f70fb06a425
    808bfe8d9f9f 82652c3027fc 82e7442986a8 83b28627cd3a 83f5f2be4e78 83f7317c15ca 83ff8538061b 850c73491bd7
    85b0489b7139 85b787c8a8c8 863be9135180 876d65091da3 88f14c046b8c 89d70e95e669 8a10b68a2df6 8a187cd08566
    8b52839f159b 8bddb6ee4bcd 8d8414737c3c 8da04e3239ab 8f5dd4f4446b 8f96a08d75d6 90b771ce39d2 90f5cd973cb1
    92651cf260ad 93054c4351cf 93b47f845a88 93ffccaf88c1 961d7d7bf2c9 964d7f2e983b 96a79057493b 97901ade163a
    98ade8b59ef8 9b469c49df4c 9bbee71dcce6 9c4aa9d77a69 9e99d9f58956 9ea78e1ff7b3 9eaa75c0b3df 9ec3a8c40485
    9fe1bba04a19 a156a3f61bd2 a195e8129c62 a1ad36185fc1 a29f0405bcbe a67d3bdbb8b5 a7440432aaa4 a76af69971c0
    a7e5018658d1 a80d766ef8e3 a87f4c9b3f18 a895a2c69db4 a9a024e6d1fc acb41be7e3f5 acda56893714 afa18e775aa0
    b07b2614d052 b18f0a08aa48 b1ed4d2a5971 b22ae6d953f4 b25f45057eea b27321ac26d5 b39e5de62d6b b3b7b8c3c2d4
    b3c3458fc8ff b44a5e88d2da b4524a8558c8 b4db3d1def66 b6b42bbdcbba b710bdc17ba7 b8a23fe09e68 b9b3b4c7feb7
    ba611514f328 bba797bd6ed3 bc8d537101c4 bce3889e0648 be035e7c4baf be0920f9e7fe be5a26785957 bedcd1d0f874
    bfa0aeaf30a9 c04e291d4e11 c1499df997cd c16fadd2b0ee c1e5a04602f7 c1eda9681f14 c25911978b65 c28ebc254af9
    c2fac52278a1 c340b26a0ab3 c3b4358eca55 c3b6bcca77d6 c49ad656c2a9 c51247b9dbff c66b2d2f3e23 c76bc8d9a38e
    c776839efcb7 c7edf6131f49 c8046eb23ed2 c85f900916f5 cdbe4491a618 ce14c00c4833 ce3757967edc ce7743561b1f
    d04832c1382b d34275f49b49 d40584982387 d4cab81f2205 d5915704bed9 d75b38e6b5f5 d8c763f8018a d97ceb645845
    d9d84eee30a7 db8e4f9b5530 db9d4ce314a4 dc587c72c827 de5e332c94ec df93046b0f6a dfed238b783c dff4650dd211
    e07696cd9ea9 e0e55827bd31 e0f92d291a04 e11b80a747c0 e13bdc388a30 e24bb2275087 e2e3e0ae7f03 e366650532ca
    e3ba272f0432 e49b5aa5e37c e7825fd42b95 e797e520eee5 e860c08dcf73 e877753ec5d3 e918efa60589 e993ba835512
    ea03596c093e ec8d4f990d16 ed30548ccb24 ef5668f23fcd f0c56292aeff f10813f6873c f1258a048983 f1a734c9549c
    f22729a404a5 f30cfbf1b693 f44c4f78ff09 f471e9a663a8 f59c4fef61c9 f6155c25fa5f f631ef93248c f71476158911
    f86144a14828 f943569e370e fa4496f03369 fc2617567016 fc26c04f70fc fc8901293471 fea930231a66 fed22c73327f
    fee10f4b97bf ff0fb10c59e8 ffd578cb295b
"""
_SHIPPED = frozenset((*_MARKS.split(), *_FORM_MARKS.split()))
