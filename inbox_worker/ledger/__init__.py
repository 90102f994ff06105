"""Everything that is known: the journal (every decision, the one queue), facts, the directory, the lines in force."""
