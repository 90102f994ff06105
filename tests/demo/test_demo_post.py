"""Each letter of the town is what its expected outcome says, by directory, rules and its own bytes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from demo_forms import Judge, Truth, files, message, read_form

from inbox_worker.core.files import sha256
from inbox_worker.core.model import Outcome
from inbox_worker.demo import Step, Story
from inbox_worker.settings.rules import Rules

FORMS = (".xlsx", ".csv")


def letters(story: Story) -> list[Step]:
    return [step for step in story.steps if step.kind == "letter"]


def path_of(step: Step) -> Path:
    assert step.path is not None
    return step.path


def named(story: Story, part: str) -> Step:
    (found,) = [step for step in letters(story) if path_of(step).stem.endswith(part)]
    return found


def forms(step: Step) -> list[tuple[str, bytes]]:
    return [(name, data) for name, data in files(message(path_of(step))) if name.endswith(FORMS)]


def test_enough_letters_of_every_outcome(story: Story) -> None:
    counts = Counter(step.expect for step in letters(story))
    assert sum(counts.values()) >= 66
    assert set(counts) == {outcome.value for outcome in Outcome if outcome is not Outcome.FAILED}  # that one is ours
    assert counts["rejected"] >= 12 and counts["held"] >= 5 and counts["duplicate"] >= 2


def test_steps_come_in_order_of_time_with_a_note(story: Story) -> None:
    moments = [step.at for step in story.steps]
    assert moments == sorted(moments)
    assert all(step.note_ru and step.at.utcoffset() == timedelta(hours=5) for step in story.steps)


@pytest.mark.slow
def test_topmost_received_is_the_receipt_time(story: Story) -> None:
    lying = 0
    for step in letters(story):
        letter = message(path_of(step))
        received = letter.get_all("Received", [])[0].rpartition(";")[2]
        assert parsedate_to_datetime(received.strip()) == step.at
        lying += parsedate_to_datetime(letter["Date"]) != step.at
    assert lying == 2


@pytest.mark.slow
def test_letters_are_sound_and_encoded(story: Story) -> None:
    ids = set()
    for step in letters(story):
        raw = path_of(step).read_bytes()
        letter = message(path_of(step))
        assert not letter.defects and not [d for part in letter.walk() for d in part.defects]
        assert b"Subject: " in raw and raw.partition(b"\r\n\r\n")[0].isascii()
        assert step.mailbox in letter["To"].lower()
        ids.add(letter["Message-ID"])
    assert len(ids) == len(letters(story))


def test_right_forms_are_right_and_wrong_ones_wrong(story: Story, demo_rules: Rules, truth: Truth) -> None:
    judge = Judge(demo_rules, truth, story.month.form_text)
    faults: dict[str, int] = {}
    for step in letters(story):
        sender = message(path_of(step))["From"].addresses[0].addr_spec
        unreadable = path_of(step).stem.endswith(("encrypted", "empty", "pdf-as-xlsx"))
        for name, data in [] if unreadable else forms(step):
            found = judge.faults(read_form(demo_rules, name, data), sender)
            if step.expect in ("accepted", "deferred", "held", "duplicate"):
                assert not found, (step.path, found)
            elif step.expect == "rejected" and not path_of(step).stem.endswith("oversized"):
                assert found, step.path
                faults[path_of(step).stem[4:]] = len(found)
    assert len(faults) >= 13


def test_each_wrong_form_has_one_kind_of_fault(story: Story, demo_rules: Rules, truth: Truth) -> None:
    judge = Judge(demo_rules, truth, story.month.form_text)
    expected = {
        "text-in-sum": {"amount"},
        "unknown-account": {"line"},
        "foreign-account": {"line"},
        "unknown-service": {"line"},
        "far-month": {"month"},
        "missing-column": {"missing amount", "amount"},
        "far-tariff": {"from"},
        "wrong-base": {"base"},
        "no-such-day": {"day"},
        "foreign-meter": {"meter"},
        "below-last": {"below"},
        "no-utilities": {"utilities", "line"},
        "days-mismatch": {"days"},
        "foreign-bin": {"sender"},
    }
    for part, kinds in expected.items():
        step = named(story, part)
        ((name, data),) = forms(step)
        sender = message(path_of(step))["From"].addresses[0].addr_spec
        assert set(judge.faults(read_form(demo_rules, name, data), sender)) == kinds, part


def test_4_3_2_around_the_deadline(story: Story, demo_rules: Rules) -> None:
    moments = {step.at.strftime("%d.%m %H:%M:%S"): step.expect for step in letters(story)}
    assert moments["25.08 23:59:59"] == "accepted"
    assert moments["26.08 00:00:00"] == moments["26.08 00:00:05"] == "deferred"
    months = {}
    for part in ("midnight", "late-readings", "late-for-next"):
        ((name, data),) = forms(named(story, part))
        months[part] = read_form(demo_rules, name, data).header.get("Месяц учёта", "")
    assert months == {"midnight": "09.2026", "late-readings": "", "late-for-next": "10.2026"}


def test_held_forms_lack_documents_and_accepted_ones_have_them(story: Story, demo_rules: Rules) -> None:
    for step in letters(story):
        letter = message(path_of(step))
        papers = [
            part
            for part in letter.walk()
            if (part.get_filename() or "").endswith((".pdf", ".jpg")) and part.get_content_disposition() == "attachment"
        ]
        codes = {read_form(demo_rules, *pair).code for pair in forms(step)} if step.expect == "accepted" else set()
        if step.expect == "held":
            assert not papers
        elif "tariffs" in codes:
            assert papers


def test_one_held_form_is_released_by_reply_and_one_by_staff(story: Story) -> None:
    by_name = {path_of(step).name: step for step in letters(story)}
    releasing = [step for step in story.steps if step.releases]
    assert sorted(step.kind for step in releasing) == ["letter", "release"]
    for step in releasing:
        held = by_name[step.releases]
        assert held.expect == "held" and held.at < step.at
        if step.kind == "letter":
            reply, first = message(path_of(step)), message(path_of(held))
            assert reply["In-Reply-To"] == reply["References"] == first["Message-ID"]
            assert [name[-4:] for name, _ in files(reply)] == [".pdf"]


@pytest.mark.slow
def test_4_3_2_the_oversized_letter_is_over_the_limit_only_by_its_sum(story: Story, demo_rules: Rules) -> None:
    sizes = [len(data) for _, data in files(message(path_of(named(story, "oversized"))))]
    assert max(sizes) < demo_rules.limits.attachments_total < sum(sizes)


@pytest.mark.slow
def test_duplicates_repeat_the_bytes_of_an_accepted_form_and_nothing_else_does(story: Story) -> None:
    seen: dict[str, str] = {}
    repeated = []
    for step in letters(story):
        for _, data in forms(step):
            if data and sha256(data) in seen:
                repeated.append((step.expect, seen[sha256(data)]))
            seen.setdefault(sha256(data), step.expect)
    assert repeated == [("duplicate", "accepted")] * 2


@pytest.mark.parametrize("part", ["correction-second", "readings-corrected"])
def test_corrections_repeat_keys_with_other_values(story: Story, demo_rules: Rules, part: str) -> None:
    first = {"correction-second": "-correction-first", "readings-corrected": "readings-mistaken"}[part]
    later = [step for step in letters(story) if path_of(step).stem.endswith(part)]
    earlier = [step for step in letters(story) if path_of(step).stem.endswith(first)]
    assert len(later) == len(earlier) > 0
    for old, new in zip(earlier, later, strict=True):
        before, after = (read_form(demo_rules, *forms(step)[0]) for step in (old, new))
        rule = demo_rules.forms[before.code]
        key = [name for name in rule.key if name in before.columns]
        assert [[row[k] for k in key] for row in before.rows] == [[row[k] for k in key] for row in after.rows]
        changed = rule.compares[-1]
        assert all(a[changed] != b[changed] for a, b in zip(before.rows, after.rows, strict=True))


@pytest.mark.slow
def test_odd_letters_are_odd(story: Story) -> None:
    assert len(message(path_of(named(story, "two-from")))["From"].addresses) == 2
    assert message(path_of(named(story, "auto-reply")))["Auto-Submitted"] == "auto-replied"
    bounce = message(path_of(named(story, "bounce")))
    assert bounce.get_content_type() == "multipart/report" and bounce["Return-Path"] == "<>"
    assert not list(files(message(path_of(named(story, "no-attachment")))))
    ((_, locked),) = forms(named(story, "encrypted"))
    assert locked.startswith(bytes.fromhex("D0CF11E0A1B11AE1")) and "EncryptedPackage".encode("utf-16-le") in locked
    assert [data for _, data in forms(named(story, "wrong-empty"))] == [b""]
    assert [data[:5] for _, data in forms(named(story, "pdf-as-xlsx"))] == [b"%PDF-"]
    forwarded = message(path_of(named(story, "forwarded")))
    assert "message/rfc822" in [part.get_content_type() for part in forwarded.walk()]
    inner = [name for step in letters(story) for name, _ in forms(step)]
    assert any(name.endswith(".csv") for name in inner) and "pokazaniya.xlsx" in inner


def test_strangers_are_strangers_and_a_wrong_mailbox_is_wrong(story: Story, truth: Truth) -> None:
    stranger = message(path_of(named(story, "stranger")))["From"].addresses[0].addr_spec
    assert stranger not in truth.emails
    shouting = message(path_of(named(story, "wrong-case")))["From"].addresses[0].addr_spec
    assert shouting not in truth.emails and shouting.lower() in truth.emails
    assert named(story, "wrong-mailbox").mailbox == "bigoperators"
