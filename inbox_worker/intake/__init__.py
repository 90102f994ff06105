"""One arrival on its way: opened, its Customer named, decided, posted, recorded. `pipeline.py` joins these."""
