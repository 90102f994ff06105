"""Templates that an earlier version shipped into a home: unchanged they follow the program."""

from __future__ import annotations

from pathlib import Path

from inbox_worker.settings.home import load_home, shipped_path
from tests.support.office import make_bare_home

EARLIER = Path(__file__).parent / "earlier/bill.typ"


def test_an_earlier_template_that_nobody_changed_follows_the_program(tmp_path: Path) -> None:
    home = load_home(make_bare_home(tmp_path / "home"))
    own = home.path / "templates/documents/bill.typ"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(EARLIER.read_bytes())
    assert home.document_template("bill.typ") == shipped_path("templates") / "documents/bill.typ"
    own.write_bytes(EARLIER.read_bytes() + b"\n// our own words\n")
    assert home.document_template("bill.typ") == own
