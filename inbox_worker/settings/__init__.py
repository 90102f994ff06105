"""The decisions of the office: config.yaml of a home, the rules, their mistakes, the calendar, the log."""
