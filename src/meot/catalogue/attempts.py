"""How often something was tried, counted in the database, so that all workers and machines share the counts."""

from __future__ import annotations

import time

from sqlalchemy import Connection, delete, insert, select, update

from meot.catalogue.tables import attempts

_DAY_S = 86_400.0


def count(connection: Connection, bucket: str, *, most: int, window_s: float) -> bool:
    """Count one in a writer's transaction; False when it is one too many for the window, which begins with the first.

    bucket: up to 255 signs that say who tries what, no secret. window_s: up to a day.
    """
    now, this = time.time(), attempts.c.bucket == bucket
    connection.execute(delete(attempts).where(attempts.c.since < now - _DAY_S))
    row = connection.execute(select(attempts).where(this)).mappings().first()
    if row is None or row["since"] <= now - window_s:
        connection.execute(delete(attempts).where(this))
        connection.execute(insert(attempts).values(bucket=bucket, since=now, count=1))
        return True
    connection.execute(update(attempts).where(this).values(count=attempts.c.count + 1))
    return int(row["count"]) < most
