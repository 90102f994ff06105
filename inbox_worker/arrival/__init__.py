"""How things come in: an e-mail's bytes or a file in a drop folder, before any form is read from them.

`message` reads a letter, `screening` tells letters that must not be answered or believed, `folder` finds
files that are wholly written. Nothing here knows forms, customers or the ledger.
"""
