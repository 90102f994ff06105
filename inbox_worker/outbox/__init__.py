"""The outbox: folders that people review, and what lies in them."""
