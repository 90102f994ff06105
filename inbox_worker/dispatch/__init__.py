"""Documents on their way out: reviewed by moving files or by command, delivered with proof, settled."""
