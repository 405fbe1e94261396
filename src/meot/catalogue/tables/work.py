"""What is being made: drafts of listings, and long work."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, String, Text

from meot.catalogue.tables.columns import LONG, key, ref, table, time

# Listings in the making. product: what a group of photos is called. photos, fields, corrected: JSON.
# state: sure, review or failed (reason).
drafts = table(
    "drafts",
    key("key"),
    ref("person", "people.key", optional=True),
    Column("product", String(500), nullable=False, index=True),
    Column("photos", LONG, nullable=False),
    Column("fields", LONG, nullable=False),
    Column("corrected", LONG, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("models", String(500), nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("updated_at", Float(53), nullable=False),
    sqlite_autoincrement=True,
)

# Long work. state: waiting, running, done, failed, cancelled. payload, result: JSON. beat_at: the worker's last sign.
jobs = table(
    "jobs",
    key("key"),
    ref("person", "people.key", optional=True),
    Column("kind", String(32), nullable=False),
    Column("payload", LONG, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("result", LONG, nullable=False),
    Column("reason", LONG, nullable=False),
    Column("created_at", Float(53), nullable=False),
    time("not_before"),
    time("started_at"),
    time("beat_at"),
    time("finished_at"),
    sqlite_autoincrement=True,
)
