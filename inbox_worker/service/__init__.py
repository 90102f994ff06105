"""What keeps the service alive: sources, passes, attempts, health, metrics, log. `worker.py` joins these."""
