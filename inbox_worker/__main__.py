"""`python -m inbox_worker` is the same command as `inbox-worker`."""

from inbox_worker.cli.main import main

if __name__ == "__main__":
    main()
