"""What Alembic runs: the steps, on the connection that is handed in, inside its transaction."""

from __future__ import annotations

from alembic import context

from meot.catalogue.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
