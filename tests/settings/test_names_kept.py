"""A home keeps its own copy of the texts: names in braces that they had in a release are given for ever.

`names_in_texts.txt` has a line for each code with the names of its texts; `python -m tests.settings.test_names_kept`
adds those of today, at a release.
"""

from __future__ import annotations

from pathlib import Path

from inbox_worker.settings.mistakes import placeholders
from inbox_worker.settings.text_conflicts import EARLIER, EARLIER_NAMES
from tests.support.office import ROOT
from tests.support.slips import read

EVERY_FINDING_HAS = {"value", "sheet", "cell"}
KEPT = Path(__file__).with_name("names_in_texts.txt")


def names_of_today() -> dict[str, set[str]]:
    """Return code -> names, of findings and of every text; what stands for a Kazakh name is one with its own."""
    found: dict[str, set[str]] = {}
    for path in [ROOT / "rules" / "findings.yaml", *sorted((ROOT / "rules" / "texts").glob("*.yaml"))]:
        for code, texts in read(path).items():
            said = [text for text in texts.values() if isinstance(text, str)]
            found.setdefault(code, set()).update(
                name.removesuffix("_kk") for text in said for name in placeholders(text)
            )
    return found


def names_kept() -> dict[str, set[str]]:
    lines = (line.split() for line in KEPT.read_text("utf-8").splitlines())
    return {code: set(names) for code, *names in lines}


def test_no_text_loses_a_name_that_homes_have() -> None:
    """Every command of such a home would end with 2."""
    today = names_of_today()
    lost = {
        code: names - today.get(code, set()) - set(EARLIER_NAMES.get(code, ())) - EVERY_FINDING_HAS
        for code, names in names_kept().items()
        if code not in EARLIER
    }
    assert {code: names for code, names in lost.items() if names or code not in today} == {}


if __name__ == "__main__":
    every = names_kept() if KEPT.exists() else {}
    for code, names in names_of_today().items():
        every.setdefault(code, set()).update(names)
    KEPT.write_text("".join(f"{' '.join([code, *sorted(every[code])])}\n" for code in sorted(every)), "utf-8")
