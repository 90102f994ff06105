"""`documents` names the folders in which the documents lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_worker.cli.outbox_screens import show_written
from inbox_worker.settings.delivery_rules import NOTICE_DOCUMENT
from inbox_worker.settings.texts import Say, shipped_texts


def test_a_notice_is_told_where_it_lies_and_not_where_the_asked_month_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is numbered in the month of the day on which it was made first."""
    asked, say = tmp_path / "2026-08", Say(shipped_texts().spoken, "en")
    paths = [tmp_path / "2026-11" / name / "notice.docx" for name in ("A", "B")] + [tmp_path / "2026-10/A/notice.docx"]
    show_written(
        paths, dict.fromkeys(paths, NOTICE_DOCUMENT), asked, verbose=False, say=Say(shipped_texts().spoken, "en")
    )
    told = capsys.readouterr().out
    assert f"Documents: 1, in {tmp_path / '2026-10'} " in told and f"Documents: 2, in {tmp_path / '2026-11'} " in told
    assert str(asked) not in told
    show_written([], {}, asked, verbose=False, say=say)
    assert f"Documents: 0, in {asked} " in capsys.readouterr().out
