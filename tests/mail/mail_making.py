"""Writes the odd letters: `python tests/mail/mail_making.py NAME...` (all that are missing without a name).

To add an oddity: write a function under `@oddity` in one of the `odd_*.py` files here, run this, and write
`<name>.yaml` beside the new `<name>.eml`: what the letter is, and what must become of it. Letters are made once and
then stay as they are: a changed byte would be another letter. Signed ones need the `openssl` program to be made.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]

import odd_files  # noqa: E402
import odd_machines  # noqa: E402
import odd_names  # noqa: E402
import odd_senders  # noqa: E402
import odd_signed  # noqa: E402
import odd_structure  # noqa: E402
from mail_letters import ODDITIES  # noqa: E402

MODULES = (odd_files, odd_machines, odd_names, odd_senders, odd_signed, odd_structure)


def main(names: list[str]) -> None:
    """Writes the named letters, or those that are not there yet."""
    for name, make in ODDITIES.items():
        path = HERE / f"{name}.eml"
        if name in names or (not names and not path.exists()):
            path.write_bytes(make())
            print(path.name)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
