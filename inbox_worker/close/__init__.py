"""The month's close: a pure function of facts, rules and the previous close, written as SQL steps."""
