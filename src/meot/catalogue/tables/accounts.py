"""Who signs in, with what, and how often something was tried or asked."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String

from meot.catalogue.tables.columns import LONG, key, ref, short, table, time

# name: in lower case, by which people sign in. password: its argon2 hash, empty for who cannot sign in.
# role: shopper, seller or admin.
people = table(
    "people",
    key("key"),
    Column("name", String(255), nullable=False, unique=True),
    Column("created_at", Float(53), nullable=False),
    short("password", 255),
    Column("role", String(16), nullable=False, server_default="shopper"),
    sqlite_autoincrement=True,
)

# Secrets that stand for a person. kind: session, api or reset. sha256: of the secret, which is stored nowhere.
tokens = table(
    "tokens",
    key("key"),
    ref("person", "people.key"),
    Column("kind", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    short("name", 255),
    short("scopes", 255),
    Column("created_at", Float(53), nullable=False),
    time("expires_at"),
    time("used_at"),
    sqlite_autoincrement=True,
)

# How often something was tried, for limits that all workers share. bucket: who tries what. since: of the window.
attempts = table(
    "attempts",
    Column("bucket", String(255), primary_key=True),
    Column("since", Float(53), nullable=False),
    Column("count", Integer, nullable=False),
)

# Answers to writes that a program may send again. request: sha256 of what it sent.
replies = table(
    "replies",
    ref("person", "people.key", primary=True),
    Column("name", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LONG, nullable=False),
    Column("created_at", Float(53), nullable=False, index=True),
)
