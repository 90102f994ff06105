"""Alembic's entry: runs on the connection that `journal.open_journal` hands over."""

from alembic import context

from inbox_worker.ledger.outbox_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
