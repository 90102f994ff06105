"""`python -m tests.documents.golden`: writes tests/golden anew, after a page was changed on purpose and looked at."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from inbox_worker.config import load_home
from inbox_worker.publishing.preview import write_preview
from inbox_worker.rules import load_rules
from tests.documents.made import pdf_text
from tests.support.office import ROOT

GOLDEN = ROOT / "tests/golden"
PAGES = {"bills.txt": "bills-2026-09-sample.pdf", "act.txt": "act-2026-09.pdf"}


def pages() -> dict[str, str]:
    """The text of the made-up month's pages, by the golden file's name; without LibreOffice no act."""
    home = load_home(ROOT)
    with TemporaryDirectory() as folder:
        write_preview(home, load_rules(home.rules), Path(folder))
        made = {name: Path(folder) / file for name, file in PAGES.items()}
        return {name: pdf_text(path.read_bytes()) for name, path in made.items() if path.exists()}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, text in pages().items():
        (GOLDEN / name).write_text(text, "utf-8")
