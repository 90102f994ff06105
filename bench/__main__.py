"""`python -m bench [name...] [--quick]`: every bench on throw-away homes; exit 1 when a target is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.banks import banks
from bench.bills import bills
from bench.close_later import close_later, close_penalty, close_years, country, scale
from bench.close_peers import peers
from bench.forms import form_100k, small_forms
from bench.ledger_verify import ledger_verify, ledger_years
from bench.mailboxes import mailboxes
from bench.measure import Result, machine
from bench.months import close, close_big, close_huge, documents
from bench.papers import papers
from bench.registers import registers
from inbox_worker.cli.support import collect_seldom

BENCHES: dict[str, Callable[[Path, bool], Result]] = {
    "form_100k": form_100k,
    "small_forms": small_forms,
    "mailboxes": mailboxes,
    "registers": registers,
    "banks": banks,
    "close": close,
    "close_later": close_later,
    "close_penalty": close_penalty,
    "peers": peers,
    "documents": documents,
    "bills": bills,
    "papers": papers,
}
BY_NAME = {
    "close_big": close_big,
    "close_huge": close_huge,
    "close_years": close_years,
    "scale": scale,
    "country": country,
    "ledger_verify": ledger_verify,
    "ledger_years": ledger_years,
}  # too long for every day


def main() -> int:
    """Runs the benches asked for, all without names. `--quick`: small sizes, to see that they work."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES | BY_NAME))
    parser.add_argument("--quick", action="store_true", help="small sizes; targets do not count")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in BENCHES | BY_NAME]:
        parser.error(f"there is no bench {unknown[0]!r}; there are {', '.join(BENCHES | BY_NAME)}")
    collect_seldom()  # as every command does
    _say("\n".join(machine()))
    missed = False
    for name in asked.names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="inbox-worker-bench-") as folder:
            result = (BENCHES | BY_NAME)[name](Path(folder), asked.quick)
        missed |= not (result.met or asked.quick)
        verdict = "" if result.met else "  TARGET MISSED"
        _say(f"\n{name}{verdict}\n" + "\n".join(f"  {line}" for line in result.lines))
    return int(missed)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
