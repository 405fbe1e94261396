"""A catalogue: its database, the files that belong to it, its index, its accounts and jobs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, text

from meot.catalogue.tables import jobs, owned_photos, people, photos, prices, products
from meot.service.checkup.finding import Finding, note, ok, wrong

if TYPE_CHECKING:
    from meot.catalogue.database import Database
    from meot.catalogue.store import Catalogue

_LITTLE_BYTES = 1 << 30
_LATE_S = 3600.0
_SHOWN = 3


def check_database(database: Database) -> Iterator[Finding]:
    """Its server's version; whether an SQLite file is whole."""
    place = database.place
    with database.reading() as connection:
        kind = connection.dialect.name
        if kind == "sqlite":
            found = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(3)
            if found != ["ok"] or broken:
                said = "; ".join(found) if found != ["ok"] else f"{broken[0][0]} holds rows that point nowhere"
                yield wrong("database", f"{place.name}: {said}", "restore a backup with `meot restore`")
                return
            version = sqlite3.sqlite_version
        else:
            version = str(connection.scalar(text("SELECT version()"))).partition(" on ")[0]
    yield ok("database", f"{place.name}: whole, {kind} {version}")


def check_files(database: Database) -> Iterator[Finding]:
    """Whether what the catalogue names is there, can be written, and has room."""
    place = database.place
    with database.reading() as connection:
        named = [Path(path) for path in connection.scalars(select(photos.c.path))]
        owned = [place.beside("closet") / path for path in connection.scalars(select(owned_photos.c.path))]
    yield _there("photos", named, "bring them back, or refresh the source that they came from")
    yield _there("closets", owned, "bring them back from a backup")
    data = _nearest(place.data)
    places = [data, *(place.beside(kind) for kind in ("photos", "closet", "drafts", "index"))]
    places += [Path(f"{place.file}{ending}") for ending in ("", "-wal", "-shm")] if place.file is not None else []
    closed = [str(path) for path in places if path.exists() and not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        yield wrong("rights", f"cannot be written: {', '.join(closed)}", "give them to the user that meot runs as")
    else:
        yield ok("rights", f"{data} can be written")
    yield _space(data)


def check_index(catalogue: Catalogue, models: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the index beside the catalogue is fresh and undamaged; one that is not is made anew at the next start."""
    from meot.answers.index_files import FEWEST
    from meot.catalogue import rows
    from meot.index.files import IndexFileError
    from meot.index.growing import GrowingIndex

    folder = catalogue.place.beside("index")
    garments = catalogue.counts()["garments"]
    if not folder.is_dir():
        said = f"{garments} garments; none is kept in files below {FEWEST}" if garments < FEWEST else "not made yet"
        yield ok("index", said)
        return
    try:
        known = f"{rows.models_key(rows.without_taught(models))} {catalogue.fingerprint()}"
        index = GrowingIndex.open(folder, models=known)
    except IndexFileError as error:
        yield note("index", str(error), "nothing: it is made anew when the service starts")
        return
    behind = catalogue.generation() - index.generation
    later = f", {behind} changes behind; it follows when the service starts" if behind else ""
    yield ok("index", f"{len(index)} vectors{later}")


def check_accounts(connection: Connection, *, accounts: bool) -> Iterator[Finding]:
    """Whether somebody can administer the service."""
    if not accounts:
        yield ok("accounts", "off: whoever sits at this machine is the only person")
        return
    admin = (people.c.role == "admin") & (people.c.password != "")
    count = int(connection.scalar(select(func.count()).select_from(people).where(admin)) or 0)
    if count:
        yield ok("accounts", f"on, {count} administer")
    else:
        yield wrong("accounts", "on, but nobody can administer", "run `meot people add SHOP NAME --role admin`")


def check_jobs(connection: Connection) -> Iterator[Finding]:
    """Whether jobs are worked on."""
    counts = {str(s): int(n) for s, n in connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))}
    oldest = connection.scalar(select(func.min(jobs.c.created_at)).where(jobs.c.state == "waiting"))
    said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "none"
    if oldest is not None and time.time() - oldest > _LATE_S and not counts.get("running"):
        yield wrong("jobs", f"{said}; one waits for more than an hour", "run `meot work SHOP`, or set MEOT_JOBS=1")
    elif counts.get("failed"):
        yield note("jobs", said, "see why in the list of jobs; start them again there")
    else:
        yield ok("jobs", said)


def newest_moment(connection: Connection) -> float:
    """The latest moment that is written in the catalogue, seconds since 1970; 0 for none."""
    columns = (products.c.seen, prices.c.at, jobs.c.created_at, people.c.created_at)
    return max(float(connection.scalar(select(func.max(column))) or 0.0) for column in columns)


def _there(name: str, paths: list[Path], mend: str) -> Finding:
    gone = [str(path) for path in paths if not path.is_file()]
    if not gone:
        return ok(name, f"{len(paths)} files, all there")
    shown = ", ".join(gone[:_SHOWN]) + (" ..." if len(gone) > _SHOWN else "")
    return wrong(name, f"{len(gone)} of {len(paths)} files are gone: {shown}", mend)


def _nearest(folder: Path) -> Path:
    """The folder, or where it will be made."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB free at {folder}"
    return ok("space", said) if free >= _LITTLE_BYTES else wrong("space", said, "free some, or move the catalogue")
