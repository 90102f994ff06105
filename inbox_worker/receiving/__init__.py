"""Arrivals: an e-mail's bytes or a file in a drop folder, its parts, its proof; no form is read here."""
