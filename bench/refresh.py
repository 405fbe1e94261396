"""A refresh of a large source: seconds and memory when it says the same, and when a hundredth of it changed.

``python -m bench.refresh --rows 100000``. The catalogue is filled without its photos being read, all products show one;
each refresh runs in a process of its own, whose memory is what it took at most beyond what it began with.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image
from sqlalchemy import insert

from bench.table import arguments, show
from meot.catalogue import intake, rows
from meot.catalogue.feeds import Feeds
from meot.catalogue.files import look_at
from meot.catalogue.refresh import refresh
from meot.catalogue.sources.entry import Entry
from meot.catalogue.store import Catalogue
from meot.catalogue.tables import offers, photos, prices, product_photos, products
from meot.types import Look, Photo

_AT_ONCE = 10_000


class NoReader:
    """A reader that is never asked."""

    models: ClassVar = {"parser": "none"}

    def read(self, photo: Photo) -> Look:
        """Nothing in this bench is read."""
        raise AssertionError("a photo was read")


def write_feed(file: Path, count: int, *, changed: float = 0.0) -> Path:
    """A table of products; a share of them has another price, as many have gone and as many are new."""
    step = round(1 / changed) if changed else 0
    with file.open("w") as out:
        out.write("id,title,price,image,link,brand,description\n")
        for number in range(count):
            price = number % 900 + (1 if step and number % step == 0 else 0)
            id = number + count if step and number % step == 1 else number
            link = f"https://shop.example/{number}"
            out.write(f"p{id},Linen shirt {number},{price},photo.png,{link},Brand {number % 50},A shirt of linen\n")
    return file


def fill(catalogue: Catalogue, file: Path) -> None:
    """Bring in every product of a source as if it had been added."""
    feed = Feeds(database=catalogue.database).note(file)
    photo = look_at(file.parent / "photo.png")
    entries = (e for e in intake.entries_of(file, name=feed.name) if isinstance(e, Entry))
    number, now = 0, time.time() - 60
    with catalogue.database.writing() as connection:
        values = {"path": str(photo.path), "sha256": photo.sha256, "size": photo.size, "modified": photo.modified}
        connection.execute(insert(photos).values(**values, models=rows.models_key(NoReader.models)))
        while block := list(islice(entries, _AT_ONCE)):
            told = [asdict(entry.product) for entry in block]
            keys = range(number + 1, number + 1 + len(block))
            asked = [{name: p[name] for name in ("price", "currency", "availability")} for p in told]
            connection.execute(
                insert(products),
                [
                    p | {"number": k, "changed": 1, "first_seen": now, "seen": now}
                    for k, p in zip(keys, told, strict=True)
                ],
            )
            connection.execute(insert(product_photos), [{"product": k, "photo": 1, "place": 0} for k in keys])
            connection.execute(
                insert(offers),
                [
                    a | {"key": k, "product": k, "link": p["link"], "seller": "", "first_seen": now, "seen": now}
                    for k, a, p in zip(keys, asked, told, strict=True)
                ],
            )
            connection.execute(insert(prices), [a | {"offer": k, "at": now} for k, a in zip(keys, asked, strict=True)])
            number += len(block)


def measure(database: Path) -> dict[str, object]:
    """One refresh in this process."""
    with Catalogue.open(database, create=False) as catalogue:
        [feed] = Feeds(database=catalogue.database).all()
        generation, before = catalogue.generation(), _peak()
        began = time.perf_counter()
        done = refresh(catalogue, NoReader(), feed, fetcher=intake.build_fetcher(catalogue.place))  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        return done.as_json() | {
            "seconds": seconds,
            "mb": (_peak() - before) / 1024,
            "whole_mb": _peak() / 1024,
            "states": catalogue.generation() - generation,
        }


def _peak() -> float:
    """The most memory that this process ever had, in KB; what ``getrusage`` says counts the parent's on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(float(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def runs(folder: Path, count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """What each refresh is called, and what it measured."""
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "photo.png")
    file, database = write_feed(folder / "products.csv", count), folder / "shop.db"
    with Catalogue.open(database, create=True) as catalogue:
        fill(catalogue, file)
    for name, changed in (("the same", 0.0), ("a hundredth changed", 0.01), ("the same again", 0.01)):
        write_feed(file, count, changed=changed)
        told = subprocess.run(
            [sys.executable, "-m", "bench.refresh", "--measure", str(database)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        yield name, json.loads(told.stdout)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rows", type=int, default=100_000, help="products of the source")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure is not None:
        print(json.dumps(measure(chosen.measure)))
        return
    table: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, told in runs(Path(folder), chosen.rows):
            counts = {key: told[key] for key in ("updated", "added", "retired", "unchanged", "states")}
            seconds = float(str(told["seconds"]))
            figures = {"s": round(seconds, 1), "products a s": round(chosen.rows / seconds)}
            memory = {"MB more": round(float(str(told["mb"]))), "MB": round(float(str(told["whole_mb"])))}
            table.append({"the source says": name, **counts, **figures, **memory})
    show(f"a refresh of {chosen.rows:,} products", table, as_json=chosen.json)


if __name__ == "__main__":
    main()
