"""What people taught."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Text

from meot.catalogue.tables.columns import key, ref, table

# What a person taught. kind: category, style or component. question: of a component. names: JSON, language to name.
# region: of a category.
lessons = table(
    "lessons",
    key("number"),
    Column("taught_at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("question", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("names", Text, nullable=False),
    Column("region", String(64), nullable=False),
    sqlite_autoincrement=True,
)

# region: of the garment that the example shows, empty for a whole outfit. encoder: the model that made the features.
# features: F little-endian float16.
examples = table(
    "examples",
    key("key"),
    ref("lesson", "lessons.number"),
    Column("sha256", String(64), nullable=False),
    Column("region", String(64), nullable=False),
    Column("encoder", String(255), nullable=False),
    Column("features", LargeBinary, nullable=False),
)
