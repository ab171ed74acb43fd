"""Alembic's entry: runs the steps on the connection it was given."""

from __future__ import annotations

from alembic import context

from relocdesk.records import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
