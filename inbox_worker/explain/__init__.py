"""From a number, a document or a figure back to the cell, the bank's line or the rule with its clause."""
