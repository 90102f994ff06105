"""A folder or file that we may not read or write stops nobody else's documents, and is told."""

from __future__ import annotations

import json

from inbox_worker.core.model import Language
from inbox_worker.outbox.round import deliver_all
from inbox_worker.settings.texts import Say
from tests.outbox.desk import ACT, MONTH, NOW, Desk
from tests.outbox.post import Counter, Post

# The tests may run as root, whom no rights bar: a folder where a file should be bars everybody.


def test_a_manifest_that_cannot_be_read_or_written(desk: Desk, post: Post, counter: Counter) -> None:
    for who in ("A", "B"):
        desk.render(who, names=[ACT])
        desk.move(ACT, "pending", "approved", who)
    barred = desk.folder("approved") / "manifest.json"
    barred.mkdir()
    (barred / "x").write_text("x")
    problems = {problem.code: problem for problem in deliver_all(desk.office, NOW)}
    assert problems.keys() == {"outbox.unreadable", "outbox.unwritable"}
    said: tuple[tuple[Language, str], ...] = (("ru", "запишет опись заново"), ("kk", "тізбені қайта жазады"))
    for language, words in said:
        assert words in problems["outbox.unreadable"].text(Say(desk.office.rules.texts.spoken, language))
    post.send_due(NOW)
    deliver_all(desk.office, NOW)
    assert (desk.state(), desk.state(who="B"), len(counter.letters)) == ("sent", "sent", 3)
    assert json.loads((desk.folder("sent", "B") / "manifest.json").read_text("utf-8"))["month"] == MONTH


def test_a_document_that_arrived_and_cannot_be_put_into_sent(desk: Desk, post: Post, counter: Counter) -> None:
    for who in ("A", "B"):
        desk.render(who, names=[ACT])
        desk.move(ACT, "pending", "approved", who)
    barred = desk.folder("sent")
    barred.parent.mkdir(parents=True)
    barred.write_text("a file where the folder should be")
    deliver_all(desk.office, NOW)
    post.send_due(NOW)
    problems = deliver_all(desk.office, NOW)
    letters = len(counter.letters)
    assert [p.code for p in problems if p.code != "outbox.not_ours"] == ["outbox.unwritable"]
    assert (desk.state(), desk.state(who="B")) == ("approved", "sent")
    barred.unlink()
    assert deliver_all(desk.office, NOW) == [] and desk.state() == "sent"
    post.send_due(NOW)
    assert len(counter.letters) == letters, "it went once"
