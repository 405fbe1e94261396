"""Where a catalogue lies: in a file of its own, or in a database of a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from meot.errors import CatalogueError

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


@dataclass(frozen=True, slots=True)
class Place:
    """url: of the database, its driver named. file: of an SQLite catalogue, None for a server. name: without password.

    data: where folders of a server's catalogue lie; those of a file lie beside it.
    """

    url: URL
    file: Path | None
    name: str
    data: Path

    @classmethod
    def of(cls, where: Path | str, *, data: Path = Path()) -> Place:
        """The place that a path, ``sqlite:///shop.db``, ``postgresql://``, ``mysql://`` or ``mariadb://`` names.

        CatalogueError for another kind of address, or one that names no database.
        """
        text = str(where)
        if "://" not in text or text.startswith("sqlite:///"):
            file = Path(text.removeprefix("sqlite:///"))
            return cls(URL.create("sqlite", database=str(file)), file, str(file), file.parent)
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            raise CatalogueError("the catalogue's address cannot be read; write postgresql://USER@HOST/NAME") from None
        kind = url.drivername.partition("+")[0]
        name = url.render_as_string(hide_password=True)
        if kind not in _DRIVERS:
            raise CatalogueError(
                f"catalogue must be an SQLite file or a postgresql, mysql or mariadb address, got a {kind} address; "
                "give a path such as shop.db"
            )
        if not url.database:
            raise CatalogueError(f"{name}: expected an address with a database's name; add it, as in {name}/shop")
        if url.drivername == kind:
            url = url.set(drivername=_DRIVERS[kind])
        if kind in ("mysql", "mariadb") and "charset" not in url.query:
            url = url.update_query_dict({"charset": "utf8mb4"})
        return cls(url, None, name, data)

    def beside(self, what: str) -> Path:
        """A folder for what belongs to the catalogue but stands outside of it: ``shop.photos`` of ``shop.db``."""
        stem = self.file.stem if self.file is not None else str(self.url.database)
        return self.data / f"{stem}.{what}"
