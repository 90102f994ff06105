"""The second process of `ahead.py`: reads one file after another until its pipe is closed.

On the pipe in: pickles of our own program: first the rules, then a `Lying` each; on the pipe out a `Foreseen` each, or
None for a file that is large or gone. Strangers' workbooks are opened by a confined child, here as everywhere.
"""

from __future__ import annotations

import pickle
import signal

from inbox_worker.core.files import sha256
from inbox_worker.deciding.ahead import MOST_BYTES, FilePlace, Foreseen, ReadForm
from inbox_worker.forms.read import read_form
from inbox_worker.receiving.opening import message_of, parts_of
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cells import CellReader
from inbox_worker.workbooks.jail_protocol import take_pipes
from inbox_worker.workbooks.preflight import TimeBudget


def foresee(lying: FilePlace, rules: Rules, reader: CellReader) -> Foreseen | None:
    """The parts and forms of a letter or file; None when it is large or gone."""
    try:
        if lying.path.stat().st_size > MOST_BYTES:
            return None
        raw = lying.path.read_bytes()
    except OSError:
        return None
    message = message_of(lying.source, raw)
    stranger = message.senders and not lying.known.intersection(message.senders)
    forms = {}
    for file in () if stranger else parts_of(message, rules).forms:
        watch = TimeBudget()
        result = read_form(file.data, file.name, rules, reader, watch)
        forms[sha256(file.data), file.name] = ReadForm(result, watch.spent)
    return Foreseen(sha256(raw), message, forms)


def main() -> None:
    """Answers until the pipe is closed; a Ctrl-C at the terminal is our parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = take_pipes()
    try:
        rules: Rules = pickle.load(source)  # noqa: S301 - written by our own program, not by a sender
        with CellReader(rules.limits) as reader:
            while True:
                foreseen = foresee(pickle.load(source), rules, reader)  # noqa: S301
                pickle.dump(foreseen, sink)
                sink.flush()
    except EOFError:
        return


if __name__ == "__main__":
    main()
