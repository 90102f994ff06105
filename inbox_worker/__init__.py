"""inbox-worker: the service behind a billing centre's mailboxes."""

__version__ = "0.1.0"
