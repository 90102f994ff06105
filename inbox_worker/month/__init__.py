"""Facts -> a month: SQL steps, payments over lines, proofs, the frozen close; a pure function (money.md)."""
