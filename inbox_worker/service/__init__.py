"""What keeps the service alive: sources, rounds, health, metrics."""
