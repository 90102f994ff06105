"""A Customer's contract by date: the terms of both parties, the life of acts, one page of all that is known."""
