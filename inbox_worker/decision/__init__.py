"""The decision: named checks over a form's rows, then outcome and month by rules kept as data."""
