"""The running service: sources, rounds, health, metrics."""
