"""What stands behind `cli.py`: groups of commands, and what they print."""
