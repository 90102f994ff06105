"""Months and payments: open, draft, closed; a bank's register over the lines of its accounts (money.md)."""
