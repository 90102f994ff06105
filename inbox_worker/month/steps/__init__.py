"""The SQL steps of a month, after those that say which lines stand: each `NN_name.sql` is one SELECT, in order.

Steps up to `asked_months` compute which earlier months are needed (ASKING), the steps after it read them (ANSWERING).
"""

from pathlib import Path

from inbox_worker.ledger.lines.steps import LINE_STEPS

FOLDER = Path(__file__).parent
STEPS = LINE_STEPS + sorted(FOLDER.glob("[0-9][0-9]_*.sql"))
_ASKED = STEPS.index(FOLDER / "41_asked_months.sql") + 1
ASKING, ANSWERING = STEPS[:_ASKED], STEPS[_ASKED:]
