"""Checks a proof pack: every file, what was decided, and the way of hashes from it to the anchor. Needs no home."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import UseError
from inbox_worker.core.files import sha256
from inbox_worker.explain.proof_pack import CHAIN, IN_PART, KIND, PROOF, seal_of
from inbox_worker.ledger.act_chain import hash_act
from inbox_worker.ledger.decision_acts import DECIDE, hashes_of
from inbox_worker.receiving.opening import message_of

_LARGEST = 1 << 30  # bytes of all files together: more is no pack of ours
_ID, _SHA, _RULES, _BESIDE = 0, 2, 10, slice(14, 16)  # places in what was decided; beside it documents, confirmed
_TORN = (zipfile.BadZipFile, zlib.error, EOFError, OSError)
_SAID = {"kind", "version", "made_at", "asked", "forms", "lacking", "anchor", "files", "seal"}


def check_proof(pack: Path, anchor: str = "") -> tuple[list[str], dict[str, Any]]:
    """Return everything in a proof pack that does not agree, and what it says of itself. `anchor`: the hash that the
    auditor was given on the day, '' = that which the pack holds. Raises UseError for what is no proof pack."""
    try:
        with zipfile.ZipFile(pack) as opened:
            if sum(entry.file_size for entry in opened.infolist()) > _LARGEST:
                raise UseError(f"{pack} is larger than a proof pack may be")
            twice = [name for name, count in Counter(opened.namelist()).items() if count > 1]
            files = {entry.filename: _read(opened, entry, pack) for entry in opened.infolist()}
        proof: dict[str, Any] = json.loads(files.pop(PROOF))
        if proof["kind"] not in (KIND, IN_PART):
            raise UseError(f"{pack} was made by another version of inbox-worker; check it with that one")
        of_files = [f"{name} is there more than once: programs show one or the other" for name in twice]
        of_files += [*_seal(proof), *_files(proof, files)]
        if gone := _find_gone(proof, files):  # nothing else can be said of what is not there
            return [*of_files, *(one for one in gone if one not in of_files)], proof
        return [*of_files, *_forms(proof, files), *_chain(proof, files, anchor)], proof
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, LookupError, OSError) as error:
        raise UseError(f"{pack} is no proof pack, or a torn one: {error}") from error


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, pack: Path) -> bytes:
    try:
        return opened.read(entry)
    except (*_TORN, RuntimeError) as error:  # RuntimeError: it says that it is encrypted
        raise UseError(f"{pack} is no proof pack, or a torn one: {entry.filename}: {error}") from error


def _seal(proof: Mapping[str, Any]) -> Iterator[str]:
    """Tell whether the proof says of itself what was written; one of an earlier version has no seal."""
    if proof.get("seal", seal_of(proof)) != seal_of(proof) or proof.keys() - _SAID:
        yield f"{PROOF} is another file"


def _files(proof: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    named: Mapping[str, str] = proof["files"]
    yield from (f"{name} is not there" for name in named if name not in files)
    yield from (f"{name} is named by nothing" for name in files if name not in named)
    yield from (f"{name} is another file" for name, digest in named.items()
                if name in files and sha256(files[name]) != digest)  # fmt: skip


def _find_gone(proof: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """Return which files the forms and the chain rest on are not there, though no word says that they lack."""
    needed = [CHAIN]
    for form in proof["forms"]:
        needed += [form["letter"], *(path for path, *_ in form["decided"]["files"])]
    lacking = {one["file"] for one in proof.get("lacking", ())}
    return [f"{name} is not there" for name in dict.fromkeys(needed) if name not in files and name not in lacking]


def _forms(proof: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """Find where what came, what was read of it, and what was decided are not one. Of a file that the pack says to lack
    only the hash is compared."""
    lacking = {one["file"]: one["sha256"] for one in proof.get("lacking", ())}
    digests = {name: sha256(data) for name, data in files.items()} | lacking
    acts = {act["subject"]: act for act in _acts(files) if act["act"] == DECIDE}  # the last of each
    first = {act["subject"]: act["at"] for act in reversed(_acts(files)) if act["act"] == DECIDE}
    for form in proof["forms"]:
        decided, facts = form["decided"]["decided"], form["decided"]["files"]
        act = acts.get(decided[_ID])
        if act is None or act["after"] not in hashes_of(form["decided"]):
            yield f"{form['form']}: what was decided is not what the chain of acts says"
        if digests[form["letter"]] != form["letter_sha256"]:
            yield f"{form['letter']} is not the letter that came"
        if act and not _came_then(form, first[decided[_ID]]):
            yield f"{form['letter']} came at another moment than the chain of acts says"
        if decided[_RULES] != form["rules"]:
            yield f"{form['form']}: it was decided by other rules than it says"
        yield from (f"{path} is not the facts that were posted" for path, digest, *_ in facts
                    if digests[path] != digest)  # fmt: skip
        if form["letter"] in lacking:
            continue
        inside = {sha256(file.data) for file in message_of(form["letter"], files[form["letter"]]).attachments}
        if decided[_SHA] not in inside and not form["letter"].endswith(".zip"):
            yield f"{form['letter']} does not hold the workbook that was decided, or in an archive inside"


def _came_then(form: Mapping[str, Any], decided_at: str) -> bool:
    """Tell whether a letter may have come when the pack says, by the act that decided its form first: what documents or
    staff completed later is of a later moment."""
    came, known = (datetime.fromisoformat(at).replace(microsecond=0) for at in (form["received_at"], decided_at))
    completed = any(said not in ("", "None") for said in form["decided"]["decided"][_BESIDE])
    return came == known or (came < known and completed)


def _acts(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[CHAIN].splitlines()]


def _chain(proof: Mapping[str, Any], files: Mapping[str, bytes], given: str) -> Iterator[str]:
    """Each act holds the hash of the one before it, and the last is the anchor's."""
    acts = _acts(files)
    previous, expected = acts[0]["previous"], acts[0]["number"]
    for act in acts:
        if act["number"] != expected or hash_act(previous, act) != act["hash"]:
            yield f"act {act['number']} ({act['act']} {act['subject']}) is not what was recorded, or not in its place"
        previous, expected = act["hash"], expected + 1
    held = proof["anchor"]["hash"] if proof["anchor"] else ""
    if (held and previous != held) or (given and previous != given):
        yield f"the last act, {acts[-1]['number']}, is not the one of the anchor"
