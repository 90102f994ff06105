"""What the office decided: config.yaml of a home, the rules, their mistakes, the calendar, the log."""
