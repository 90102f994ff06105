"""The ledger: the journal (what was decided), the facts (what was posted), the directory and the workbooks."""
