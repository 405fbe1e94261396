"""How a backup is laid out: a gzipped tar of plain files with names from a short list, checksums last.

``meot-backup.json`` tells what it is; ``tables/NAME/000001.jsonl`` hold columns in the first line and a row in each
other; ``photos/...``, ``closet/...`` and ``drafts/...`` are files; ``meot-checksums.json`` has the SHA-256 of all that
stand before it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import LargeBinary, Table

from meot.catalogue.tables import metadata
from meot.errors import CatalogueError

FORMAT = 1
HEAD, SUMS = "meot-backup.json", "meot-checksums.json"
FOLDERS = ("photos", "closet", "drafts")
"""Folders beside the catalogue that are copied; indexes are made anew."""
BLOCK_BYTES = 4 << 20
MOST_BLOCK_BYTES = 64 << 20
"""Of a table's member and of the two at the ends: those are held in memory."""
LONGEST_NAME = 4096


class BackupError(CatalogueError):
    """A backup cannot be made, is damaged, or holds what no backup holds."""


def tables() -> list[Table]:
    """The tables that are copied, those that others point at first."""
    return [table for table in metadata.sorted_tables if table.name != "attempts"]


def is_plain(path: str) -> bool:
    """Whether a path stays below the folder that it is of, and has names that every disk takes; none is hidden."""
    parts = path.split("/")
    return len(path.encode(errors="replace")) < LONGEST_NAME and all(map(_is_plain_part, parts))


def _is_plain_part(name: str) -> bool:
    shown = name.isprintable() and "\\" not in name and not name.startswith((".", " "))
    return shown and 0 < len(name.encode(errors="replace")) <= 255


def check_name(name: str) -> str:
    """The kind of a member by its name: "tables" or one of the folders. BackupError for any other name."""
    kind, _, rest = name.partition("/")
    if kind in FOLDERS and rest and is_plain(rest):
        return kind
    known = {table.name for table in tables()}
    if kind == "tables" and PurePosixPath(rest).parent.name in known and re.fullmatch(r"\w+/\d{6}\.jsonl", rest):
        return kind
    raise BackupError(f"the backup holds {name[:80]!r}, which no backup holds; restore another one")


def to_json(table: Table, row: Sequence[Any]) -> list[Any]:
    """A row's values as JSON knows them."""
    columns = zip(table.columns, row, strict=True)
    return [base64.b64encode(v).decode() if v is not None and _is_bytes(column) else v for column, v in columns]


def from_json(table: Table, columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Column -> value. BackupError when they do not fit."""
    if len(row) != len(columns):
        raise BackupError(f"the backup's table {table.name} is broken; restore another one")
    values = dict(zip(columns, row, strict=True))
    return {
        name: base64.b64decode(value, validate=True) if value is not None and _is_bytes(table.c[name]) else value
        for name, value in values.items()
    }


def check_columns(table: Table, columns: object) -> list[str]:
    """The names of a member's columns. BackupError when the table has others."""
    if not isinstance(columns, list) or set(columns) - set(table.c.keys()) or len(set(columns)) < len(columns):
        raise BackupError(
            f"the backup's table {table.name} has columns that are unknown here; use the meot that made it"
        )
    return columns


def describe(counts: Mapping[str, int], *, schema: int, version: str, made: float, keys: Mapping[str, int]) -> Any:
    """What stands in the first member. keys: table -> the number that its next row gets."""
    return {
        "format": FORMAT,
        "schema": schema,
        "meot": version,
        "made": made,
        "rows": dict(counts),
        "next": dict(keys),
    }


def _is_bytes(column: Any) -> bool:
    return isinstance(column.type, LargeBinary)
