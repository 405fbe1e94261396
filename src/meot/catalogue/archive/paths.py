"""Paths in rows: a backup writes those below the catalogue's folders so that they can be read anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from meot.catalogue.archive import layout
from meot.catalogue.archive.layout import BackupError

_MARK = "meot:"
_TEXTS = {"photos": "path", "products": "image"}
_DOCUMENTS = {"drafts": "photos"}
"""Columns that hold JSON with paths in it."""


class Paths:
    """Where a catalogue's files lie here. folders: kind -> folder. elsewhere: path -> name in the folder of photos."""

    def __init__(self, *, folders: Mapping[str, Path], elsewhere: Mapping[str, str] | None = None) -> None:
        self._folders = {kind: folder.absolute() for kind, folder in folders.items()}
        self._elsewhere = dict(elsewhere or {})

    def mark(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        """A row as a backup holds it ("meot:photos/aa/1.jpg"); paths of what is not copied stay as they are."""
        return _changed(table, row, self._mark)

    def unmark(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        """A row of a backup as it is here. BackupError when a path leads out of the folders."""
        if table.name == "owned_photos":
            _check(str(row["path"]))
        return _changed(table, row, self._unmark)

    def _mark(self, path: str) -> str:
        if path in self._elsewhere:
            return f"{_MARK}photos/{self._elsewhere[path]}"
        if not path.startswith("/") and ":" in path:  # an address
            return path
        for kind, folder in self._folders.items():
            if Path(path).is_relative_to(folder):
                return f"{_MARK}{kind}/{Path(path).relative_to(folder).as_posix()}"
        return path

    def _unmark(self, path: str) -> str:
        kind, slash, rest = path.removeprefix(_MARK).partition("/")
        if not path.startswith(_MARK) or not slash or kind not in self._folders:
            return path
        _check(rest)
        return str(self._folders[kind] / rest)


def _check(path: str) -> None:
    if not layout.is_plain(path):
        raise BackupError(f"the backup names the file {path[:80]!r}, which lies outside of it; restore another one")


def _changed(table: Table, row: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    text, document = _TEXTS.get(table.name), _DOCUMENTS.get(table.name)
    if text is not None and row.get(text):
        row[text] = change(str(row[text]))
    if document is not None and row.get(document):
        row[document] = json.dumps(_walk(json.loads(row[document]), change), ensure_ascii=False)
    return row


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each text changed."""
    if isinstance(value, dict):
        return {key: _walk(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_walk(part, change) for part in value]
    return change(value) if isinstance(value, str) else value
